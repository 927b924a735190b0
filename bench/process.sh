#!/usr/bin/env bash
# Durable processes beside their limits, in one run: five-task cases at 10^3, 10^5 and 10^6 running cases on SQLite and beside the raw rows
# with equal bytes; the same on PostgreSQL; a million timers due at once; start-up with a million running cases.
#   bench/process.sh [SECONDS [CASES…]]      bench/process.sh 5 1000 100000 1000000
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seconds=${1:-8}; [ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 1000 100000 1000000
bench=build/release/bin/bench_process
last=
for running in "$@"; do
  echo "== SQLite, $running running cases"
  rm -f "$work"/*
  "$bench" run "sqlite:$work/run.db" "$running" "$seconds" 512 | tee "$work/out"
  read -r state event reply < <(sed -n 's/^bytes: state \([0-9]*\) event \([0-9]*\) reply \([0-9]*\)$/\1 \2 \3/p' "$work/out")
  "$bench" limit "$work/limit.db" "$running" "$seconds" "$state" "$event" "$reply"
  last=$running
done
echo "== start-up with $last running cases, SQLite"
for _ in 1 2 3; do "$bench" start "sqlite:$work/run.db"; done
rm -f "$work"/*
echo "== $last timers due at once, SQLite"
"$bench" timers "sqlite:$work/timers.db" "$last" "$seconds"
rm -f "$work"/*
echo "== PostgreSQL, $1 running cases"
export bench seconds work running=$1
python3 tests/support/with_postgres.py bash -euo pipefail -c '
  "$bench" run "$YW_TEST_POSTGRES" "$running" "$seconds" 512 | tee "$work/out"
  read -r state event reply < <(sed -n "s/^bytes: state \([0-9]*\) event \([0-9]*\) reply \([0-9]*\)$/\1 \2 \3/p" "$work/out")
  "$bench" limit "$YW_TEST_POSTGRES" "$running" "$seconds" "$state" "$event" "$reply"'
