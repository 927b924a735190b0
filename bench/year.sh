#!/usr/bin/env bash
# The demo year through the command path and what the signals about requests were worth over it, beside the wanted numbers; a
# wrong one ends with 1. Some minutes.
#   bench/year.sh [--data FOLDER]    FOLDER is filled once and kept; without it the year is made in a folder that is cleared away
set -euo pipefail
exec python3 bench/year/year.py "$@"
