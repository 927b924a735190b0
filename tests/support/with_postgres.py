#!/usr/bin/env python3
"""Runs a program with YW_TEST_POSTGRES pointing at an empty database of a private cluster."""
import os
import subprocess
import sys

from server import Postgres

if not Postgres.available():
    print("PostgreSQL is not installed: skipped")
    sys.exit(0)
postgres = Postgres()
try:
    sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "YW_TEST_POSTGRES": postgres.url()}).returncode)
finally:
    postgres.stop()
