#!/usr/bin/env bash
# The command path and HTTP beside their limits, in one run on the same cores: raw SQLite group commit of the six rows of one
# command and nginx with a static 200. wrk makes the closed-loop load, open_loop the load at a rate.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
seconds=${1:-8}
program=build/release/bin/yiwang
probe=build/release/bin/bench_spine
echo "== raw SQLite: six rows a command, 16-byte keys, uniform picks, synchronous=FULL"
"$probe" raw "$work/raw.db" 2
echo "== command path without HTTP, SQLite"
"$probe" commands "sqlite:$work/commands.db" "$seconds" 512
printf 'limits:\n  account_per_second: 0\n' > "$work/config.yaml"
"$program" serve --demo --quiet --config "$work/config.yaml" --data "$work/d" --port 0 --port-file "$work/port" &
server=$!
for _ in $(seq 200); do [ -s "$work/port" ] && break; sleep 0.05; done
port=$(cat "$work/port")
# What the server does for itself after start (it trains the classifier) is over when its processor time stands still.
ticks() { awk '{print $14 + $15}' "/proc/$server/stat"; }
for _ in $(seq 60); do before=$(ticks); sleep 2; [ $(($(ticks) - before)) -le 4 ] && break; done
echo "== idle memory: $(ps -o rss= -p $server | awk '{printf "%.1f MB", $1/1024}')"
curl -s -c "$work/cookies" -H 'Content-Type: application/json' -d '{"login":"xiaoyun","password":"yunhai-demo"}' "http://127.0.0.1:$port/api/session" >/dev/null
token=$(awk '$6=="yw_session"{print $7}' "$work/cookies")
cat > "$work/ask.lua" <<L
local n, id = 0, tostring({}):gsub("%W", "")
function setup(thread) thread:set("thread_id", math.random(1e9)) end
request = function()
  n = n + 1
  return wrk.format("POST", "/api/cases", {["Content-Type"]="application/json", ["Cookie"]="yw_session=$token", ["Idempotency-Key"]=id .. thread_id .. "-" .. n},
    '{"case_type":"consultation","form":{"topic":"pension","question":"压力测试的一个问题，请问怎么办？","phone":"13800000000"}}')
end
done = function(s, l) io.write(string.format("durable commands/s %.0f  p50 %.1f ms  p99 %.1f ms  not 2xx %d\n", s.requests / s.duration * 1e6, l:percentile(50)/1000, l:percentile(99)/1000, s.errors.status)) end
L
echo "== HTTP + durable command, 64 connections, fresh idempotency keys"
wrk -t2 -c64 -d"${seconds}s" -s "$work/ask.lua" "http://127.0.0.1:$port" | tail -n 1
echo "== the same at 1,000/s, open loop, 64 connections"
build/release/bin/open_loop "$port" "$token" 1000 "$seconds" 64 || true
cat > "$work/post.lua" <<'L'
wrk.method = "POST"; wrk.body = '{"subject":"x"}'; wrk.headers["Content-Type"] = "application/json"
done = function(s, l) io.write(string.format("requests/s %.0f  p99 %.1f ms\n", s.requests / s.duration * 1e6, l:percentile(99)/1000)) end
L
echo "== JSON POST that touches no database (refused before it: not signed in), 64 connections"
wrk -t2 -c64 -d"${seconds}s" -s "$work/post.lua" "http://127.0.0.1:$port/api/session/acting-for" | tail -n 1
cat > "$work/nginx.conf" <<N
worker_processes 2; error_log /dev/null; pid $work/nginx.pid; daemon off;
events { worker_connections 1024; }
http { access_log off; server { listen 127.0.0.1:18099; location / { return 200 "ok"; } } }
N
nginx -c "$work/nginx.conf" -p "$work" &
sleep 0.5
echo "== nginx, static 200"
wrk -t2 -c64 -d"${seconds}s" -s "$work/post.lua" http://127.0.0.1:18099/ | tail -n 1
