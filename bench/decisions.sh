#!/usr/bin/env bash
# The decision benchmark: ours and, in the same run on the same data, the peers that npm can install; prints the ratios and
# rewrites the measured part of bench/reports/decisions.md with its plot. `--ours` leaves the peers out.
set -euo pipefail
peers=bench/decisions/peers
work=build/bench-dmn
mkdir -p "$work"
cmake --build build/release --target bench_decisions >/dev/null
cp "$peers"/*.mjs "$peers"/package.json "$peers"/numpy_d.py "$work/"
export PATH="$PWD/.dev/node/node_modules/.bin:$PATH"
[ -f "$work/data/a.dmn" ] || (cd "$work" && node gen.mjs data >/dev/null)
load() { cut -d' ' -f1 /proc/loadavg; }
before=$(load)
: > "$work/ours.txt"
# The machine may be busy: the best of three runs, each a median of five.
for _ in 1 2 3; do build/release/bin/bench_decisions "$work/data" 1 200 | tee -a "$work/ours.txt"; done
build/release/bin/bench_decisions --growth | tee "$work/growth.txt"
if [ "${1:-}" != --ours ]; then
  (cd "$work" && npm install --no-audit --no-fund --loglevel=error >/dev/null) || echo "some peers cannot be installed here: they are left out"
  : > "$work/peers.jsonl"
  for part in a b c d; do
    for engine in js jsonlogic zen zen2 jre feelin dmneval; do
      case $engine$part in jreb|dmnevalb) continue ;; esac
      case $engine in zen2) name=zen; extra=--zen=2.0.2 ;; *) name=$engine; extra= ;; esac
      (cd "$work" && timeout 300 node bench.mjs $name $part data --runs=3 --secs=0.5 $extra) | tee -a "$work/peers.jsonl" || echo "$engine does not run part $part here"
    done
  done
  # Debian packs NumPy for its own Python.
  (cd "$work" && /usr/bin/python3 numpy_d.py data) | tee -a "$work/peers.jsonl" || echo "NumPy is not here"
fi
python3 bench/decisions/report.py "$work" "$before" "$(load)"
