#!/usr/bin/env python3
"""Runs the DMN compatibility suite and holds its last line and its groups against what we claim."""
import os
import pathlib
import re
import subprocess
import sys

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
shared = pathlib.Path(os.environ.get("YW_SHARED", source.parent / "shared"))
cases = shared / "dmn-tck" / "TestCases"
if not cases.is_dir():
    print(f"skipped: no DMN suite at {cases}")
    sys.exit(77)
run = subprocess.run([program, "dmn", "tck", str(cases)], capture_output=True, text=True)
print(run.stdout[-2000:], run.stderr)
last = run.stdout.strip().splitlines()[-1]
if run.returncode != 0 or not re.fullmatch(r"\d+ passed, \d+ failed", last):
    sys.exit(1)
for label in ("level 2", "level 3", "0076"):
    line = next((one for one in run.stdout.splitlines() if one.startswith(label)), "")
    if " 0 failed" not in line:
        print(f"{label}: expected no failed case, found: {line}")
        sys.exit(1)
# Every model of the suite is written back byte for byte.
models = sorted(cases.rglob("*.dmn"))
differ = [m.name for m in models if subprocess.run([program, "dmn", "write", str(m)], capture_output=True).stdout != m.read_bytes()]
print(f"written back: {len(models) - len(differ)} of {len(models)} models as they were {differ[:5]}")
sys.exit(1 if len(differ) > 0 else 0)
