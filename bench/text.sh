#!/usr/bin/env bash
# The text engine beside fastText on the same texts in the same run. fastText is taken when it is installed.
set -euo pipefail
work=build/bench-text
cmake --build build/release --target bench_text bench_search >/dev/null
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
build/release/bin/bench_text packs/yunhai "$work" | tee "$work.txt"
if command -v fasttext >/dev/null; then
  begin=$(date +%s.%N)
  fasttext supervised -input "$work/train.txt" -output "$work/peer" -epoch 25 -wordNgrams 2 -lr 0.5 -thread 1 >/dev/null 2>&1
  middle=$(date +%s.%N)
  fasttext test "$work/peer.bin" "$work/test.txt" | tr '\n' ' '
  begin_test=$(date +%s.%N)
  fasttext predict "$work/peer.bin" "$work/test.txt" >/dev/null
  end=$(date +%s.%N)
  awk -v a="$begin" -v b="$middle" -v c="$begin_test" -v d="$end" -v n="$(wc -l < "$work/test.txt")" \
    'BEGIN { printf "fastText: train %.2f s, %.0f classifications/s with loading its model\n", b - a, n / (d - c) }'
else
  echo "fastText is not installed: the peer is left out"
fi
echo "== search, the first twenty of ${1:-1000000} requests, SQLite"
rm -rf "$work/search"
build/release/bin/bench_search packs/yunhai sqlite:unused "$work/search" "${1:-1000000}" | tee -a "$work.txt"
du -h "$work/search/search.db" | cut -f1 | sed 's/^/index on disk: /'
rm -rf "$work/search"
# One row after the other over a socket: a fifth of them, so that the whole run ends in minutes.
echo "== the same on PostgreSQL, the first twenty of $((${1:-1000000} / 5))"
python3 tests/support/with_postgres.py bash -c 'build/release/bin/bench_search packs/yunhai "$YW_TEST_POSTGRES" '"$work/search $((${1:-1000000} / 5))" | tee -a "$work.txt" || echo "PostgreSQL is not installed: left out"
