#!/usr/bin/env bash
# 秒批 over HTTP: applications that the rules decide in the same request, durable, each with a certificate. Beside it, in the same run
# and on the same server, the spine's own ceiling: a consultation, which has no rules, no registers and no certificate.
#   bench/matters.sh [SECONDS [RATE]]
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
seconds=${1:-8}
rate=${2:-500}
matter=residence_permit_endorsement
program=${YW_PROGRAM:-build/release/bin/yiwang}
open_loop=${YW_OPEN_LOOP:-build/release/bin/open_loop}
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
printf 'limits:\n  account_per_second: 0\n' > "$work/config.yaml"
"$program" serve --demo --quiet --config "$work/config.yaml" --data "$work/d" --port 0 --port-file "$work/port" 2> "$work/log" &
server=$!
for _ in $(seq 600); do [ -s "$work/port" ] && break; sleep 0.05; done
at=http://127.0.0.1:$(cat "$work/port")
ticks() { awk '{print $14 + $15}' "/proc/$server/stat"; }
# What the server does for itself after start (it trains the classifier) is over when its processor time stands still.
for _ in $(seq 60); do before=$(ticks); sleep 1; [ $(($(ticks) - before)) -le 2 ] && break; done
# Everybody of the demo whom the rules let through, each with the address that the register has.
: > "$work/bodies"
for login in xiaoyun zhao p06 f03 p07 chen; do
  curl -s -c "$work/cookies" -H 'Content-Type: application/json' -d "{\"login\":\"$login\",\"password\":\"yunhai-demo\"}" "$at/api/session" >/dev/null
  session=$(awk '$6=="yw_session"{print $7}' "$work/cookies")
  address=$(curl -s -H "Cookie: yw_session=$session" "$at/api/matters/$matter/prefill" | python3 -c 'import json,sys; print(next((i["value"] for i in json.load(sys.stdin)["items"] if i["field"] == "address"), ""))')
  body="{\"form\":{\"address\":\"$address\",\"basis\":\"work\",\"unchanged\":true,\"phone\":\"13800000000\"}}"
  answer=$(curl -s -H "Cookie: yw_session=$session" -H 'Content-Type: application/json' -H "Idempotency-Key: first-$login" -d "$body" "$at/api/matters/$matter/applications")
  case "$answer" in *'"granted"'*) printf '%s\t%s\n' "$session" "$body" >> "$work/bodies" ;; esac
done
token=$(cut -f1 "$work/bodies" | head -n 1)
lua() { # PATH [BODIES]: a wrk script, each request with a key of its own
  cat <<L
local sent = {}
for line in io.lines("${2:-/dev/null}") do sent[#sent + 1] = { line:match("^(.-)\t(.*)$") } end
if #sent == 0 then sent[1] = { "$token", '{"case_type":"consultation","form":{"topic":"pension","question":"压力测试的一个问题，请问怎么办？","phone":"13800000000"}}' } end
local n, id = 0, tostring({}):gsub("%W", "")
function setup(thread) thread:set("thread_id", math.random(1e9)) end
request = function()
  n = n + 1
  local one = sent[n % #sent + 1]
  return wrk.format("POST", "$1", {["Content-Type"]="application/json", ["Cookie"]="yw_session=" .. one[1], ["Idempotency-Key"]=id .. thread_id .. "-" .. n}, one[2])
end
done = function(s, l) io.write(string.format("durable %.0f/s  p50 %.1f ms  p99 %.1f ms  not 2xx %d\n", s.requests / s.duration * 1e6, l:percentile(50)/1000, l:percentile(99)/1000, s.errors.status)) end
L
}
lua /api/cases > "$work/ask.lua"
lua "/api/matters/$matter/applications" "$work/bodies" > "$work/apply.lua"
# Of a route, between two looks at the histogram of the server: how many, and below what time the given part of them lies.
buckets() { curl -s "$at/metrics" | grep '^yiwang_http_request_seconds_bucket' | grep -F "route=\"$1\"" | sed -E 's/.*le="([^"]+)"} (.*)/\1 \2/'; }
server_time() { # FILE_BEFORE FILE_AFTER
  paste -d' ' "$1" "$2" | awk '{ le[NR] = $1; n[NR] = $4 - $2 }
    function at(part,  i, from, low) { for (i = 1; i <= NR; i++) if (n[i] >= part * n[NR]) { from = i > 1 ? n[i-1] : 0; low = i > 1 ? le[i-1] : 0
      return le[i] == "+Inf" ? "> " low * 1000 : sprintf("%.1f", (low + (le[i] - low) * (part * n[NR] - from) / (n[i] - from)) * 1000) } }
    END { printf "   server time of %d: p50 %s ms, p99 %s ms, p99.9 %s ms\n", n[NR], at(.5), at(.99), at(.999) }'
}
saturate() { # SCRIPT CONNECTIONS NAME
  local before wall
  before=$(ticks)
  wall=$(wrk -t2 -c"$2" -d"${seconds}s" -s "$1" "$at" | tail -n 1)
  echo "== $3, closed loop, $2 connections: $wall"
  echo "$wall" | awk -v ticks=$(($(ticks) - before)) -v s="$seconds" '{ sub("/s", "", $2); printf "   processor: %.0f µs each, %.2f cores\n", ticks * 10000 / ($2 * s), ticks / 100 / s }'
}
echo "== $(wc -l < "$work/bodies") applicants"
route='/api/matters/{id}/applications'
buckets "$route" > "$work/before"
echo "== applications, open loop, $rate/s, 64 connections"
"$open_loop" "${at##*:}" "$token" "$rate" "$seconds" 64 "$work/bodies" "/api/matters/$matter/applications" || true
buckets "$route" > "$work/after"
server_time "$work/before" "$work/after"
saturate "$work/ask.lua" 64 "consultations (the spine's ceiling)"
if [ -n "${YW_PERF:-}" ]; then (sleep 1; exec perf record -q -g -F 499 -p "$server" -o "$YW_PERF" -- sleep 5) 2>/dev/null & fi
saturate "$work/apply.lua" 64 "applications"
saturate "$work/apply.lua" 128 "applications"
sleep 3
waiting=$(curl -s -H "Cookie: yw_session=$token" "$at/api/certificates" | python3 -c 'import json,sys; print(sum(not c["proof_ready"] for c in json.load(sys.stdin)["items"]))')
echo "== newest certificates still unsigned after 3 s: $waiting; load after: $(cut -d' ' -f1-3 /proc/loadavg)"
