#!/usr/bin/env bash
# The decision benchmark: ours beside the peers that npm can install. Needs ../shared/bench/dmn (generator and peer scripts).
set -euo pipefail
shared=${YW_SHARED:-../shared}/bench/dmn
[ -f "$shared/gen.mjs" ] || { echo "skipped: no benchmark generator at $shared"; exit 0; }
work=build/bench-dmn
mkdir -p "$work"
cp -n "$shared"/*.mjs "$shared"/package.json "$shared"/run_all.sh "$work/" 2>/dev/null || true
(cd "$work" && [ -f data/a.dmn ] || (cd "$work" && node gen.mjs data))
cmake --build build/release --target bench_decisions >/dev/null
build/release/bin/bench_decisions "$work/data" 1 200
if [ "${1:-}" = --peers ]; then
  (cd "$work" && npm install --no-audit --no-fund --loglevel=error && sh run_all.sh data 5 0.5)
fi
