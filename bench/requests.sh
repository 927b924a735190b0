#!/usr/bin/env bash
# Citizens' requests over HTTP: taken, classified by the model, dispatched through the list, durable; a closed loop for what the
# machine can do and an open loop at 500/s for how long people wait. Texts are the demo district's, each with another beginning.
#   bench/requests.sh [SECONDS [RATE]]
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
seconds=${1:-8}
rate=${2:-500}
cmake --build build/release --target open_loop >/dev/null
program=build/release/bin/yiwang
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
printf 'limits:\n  account_per_second: 0\nrequests:\n  training_delay_seconds: 0\n' > "$work/config.yaml"
"$program" serve --demo --quiet --config "$work/config.yaml" --data "$work/d" --port 0 --port-file "$work/port" &
server=$!
for _ in $(seq 600); do [ -s "$work/port" ] && break; sleep 0.05; done
port=$(cat "$work/port")
sign_in() { # LOGIN [CODE]: the token of a session
  curl -s -c "$work/cookies" -H 'Content-Type: application/json' -d "{\"login\":\"$1\",\"password\":\"yunhai-demo\"${2:+,\"code\":\"$2\"}}" "http://127.0.0.1:$port/api/session" >/dev/null
  awk '$6=="yw_session"{print $7}' "$work/cookies"
}
engineer=$(sign_in engineer "$("$program" demo code engineer)")
for _ in $(seq 600); do
  curl -s -H "Cookie: yw_session=$engineer" "http://127.0.0.1:$port/api/requests-model" | grep -q '"ready":true' && break
  sleep 0.1
done
token=$(sign_in xiaoyun)
# A district has many callers: sixteen residents of the demo beside the one, whose own last cases each request is compared with.
for login in $(awk -F'[ ,]' '/role: resident/ { sub(/.*login: /, ""); print $1 }' packs/yunhai/demo/people.yaml); do
  one=$(sign_in "$login")
  [ -n "$one" ] && echo "$one"
  [ "$(wc -l < "$work/tokens")" -ge 16 ] && break
done > "$work/tokens"
# One body a line, from the corpus of the pack: what is written, where, and a telephone number.
awk -F '\t' 'NR > 1 && $2 != 0 { gsub(/["\\]/, "", $3); n++; printf "{\"case_type\":\"service_request\",\"form\":{\"text\":\"今天第%d次路过看到，%s\",\"place\":\"碧澜花园\",\"phone\":\"13800000000\"}}\n", n, $3 }' packs/yunhai/duties/corpus.tsv | shuf --random-source=<(yes) > "$work/bodies"
cat > "$work/send.lua" <<L
local bodies = {}
for line in io.lines("$work/bodies") do bodies[#bodies + 1] = line end
local tokens = {}
for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = line end
local n, id = 0, tostring({}):gsub("%W", "")
function setup(thread) thread:set("thread_id", math.random(1e9)) end
request = function()
  n = n + 1
  return wrk.format("POST", "/api/cases", {["Content-Type"]="application/json", ["Cookie"]="yw_session=" .. tokens[n % #tokens + 1], ["Idempotency-Key"]=id .. thread_id .. "-" .. n}, bodies[(n * 7919) % #bodies + 1])
end
done = function(s, l) io.write(string.format("durable requests/s %.0f  p50 %.1f ms  p99 %.1f ms  not 2xx %d\n", s.requests / s.duration * 1e6, l:percentile(50)/1000, l:percentile(99)/1000, s.errors.status)) end
L
used() { awk '{print $14 + $15}' "/proc/$server/stat"; } # in hundredths of a second
# The corrections that the demo year has left are learnt at the lowest priority: they are waited for, not measured.
for _ in $(seq 100); do
  before=$(used)
  sleep 0.5
  [ $(($(used) - before)) -lt 4 ] && break
done
echo "$token" > "$work/one"
for round in "64 $work/one" "128 $work/one" "128 $work/tokens"; do
  connections=${round% *}
  echo "== $(wc -l < "$work/bodies") texts; closed loop, $connections connections, $(wc -l < "${round#* }") accounts, ${seconds} s"
  before=$(used)
  TOKENS=${round#* } wrk -t2 -c"$connections" -d"${seconds}s" -s "$work/send.lua" "http://127.0.0.1:$port" | tail -n 1
  echo "   processor of the server: $((($(used) - before) * 10 / seconds)) ms a second"
done
echo "== open loop, $rate/s, 64 connections, ${seconds} s"
build/release/bin/open_loop "$port" "$token" "$rate" "$seconds" 64 "$work/bodies" || true
echo "== of the last requests: $(curl -s -H "Cookie: yw_session=$engineer" "http://127.0.0.1:$port/api/requests-model")"
