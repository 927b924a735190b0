#!/usr/bin/env python3
"""Runs the external BPMN suites when they are beside the source, and holds each set to what it has reached."""
import argparse
import os
import pathlib
import re
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True)
parser.add_argument("--source", required=True)
args = parser.parse_args()
shared = pathlib.Path(os.environ.get("YW_SHARED", pathlib.Path(args.source).parent / "shared"))
cases = shared / "bpmn-cases"
if not cases.is_dir():
    print(f"skipped: {cases} is not there")
    sys.exit(0)
done = subprocess.run([args.program, "bpmn", "cases", str(cases), "-v"], capture_output=True, text=True)
print(done.stdout)
# Two betsy files (ad-hoc, parallel and sequential) contradict their own expectation: the third task logs task1, and
# task3 is expected. They stay failures. Everything else passes.
least = {"betsy-exec": (0, 2), "betsy-constraints": (0, 0), "miwg": (0, 0), "operaton": (0, 0)}
faults = 0
for name, (_, failed_at_most) in least.items():
    found = re.search(rf"^{name}: (\d+) passed, (\d+) failed$", done.stdout, re.M)
    if not found or int(found[1]) == 0 or int(found[2]) > failed_at_most:
        print(f"{name}: worse than reached")
        faults += 1
sys.exit(1 if faults else 0)
