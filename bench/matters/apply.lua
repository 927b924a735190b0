-- wrk script: one application for an instantly decided matter per request, each with a key of its own.
local thread_counter = 0
function setup(thread)
  thread:set("id", thread_counter)
  thread_counter = thread_counter + 1
end
function init(args)
  n = 0
  cookie, body = args[1], args[2]
  run_id = args[3]
end
function request()
  n = n + 1
  return wrk.format("POST", "/api/matters/residence_permit_endorsement/applications",
    { ["Content-Type"] = "application/json", ["Cookie"] = cookie, ["Idempotency-Key"] = run_id .. "-" .. id .. "-" .. n }, body)
end
local bad = 0
function response(status, headers, body)
  if status ~= 201 or not body:find('"granted"', 1, true) then bad = bad + 1; if bad < 3 then print(status, body:sub(1, 200)) end end
end
