#!/usr/bin/env python3
"""Fills the large demo district, reads its figures as anybody may, and measures its signals against the planted events."""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from server import PROGRAM, Client  # noqa: E402

FROM, AS_OF, RECEIVED, CLOSED = "2026-01-01", "2026-11-13", 55361, 54641
WITHIN_HOURS, FALSE_A_WEEK, WITHIN_TERM = 6, 1, .5
failed = 0


def line(ok, what, measured, wanted):
    global failed
    failed += not ok
    print(f"{'ok  ' if ok else 'FAIL'}  {what:58} {measured:>24}   wanted {wanted}", flush=True)


def serve(data):
    """The running server, its port, and the seconds until it was ready."""
    port_file = data / "port"
    port_file.unlink(missing_ok=True)
    begin = time.monotonic()
    process = subprocess.Popen([PROGRAM, "serve", "--demo", "--full", "--quiet", "--data", data, "--port", "0", "--port-file", port_file], cwd=ROOT)
    while not (port_file.exists() and port_file.read_text().strip()):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        time.sleep(.2)
    return process, int(port_file.read_text()), time.monotonic() - begin


def figures(port):
    leader = Client(port).sign_in("leader", True)
    days = f"from={FROM}&until={AS_OF}"
    table = leader.request("GET", f"/api/request-measures?{days}")[1]
    of = {f["measure"]: f for f in table["rows"][0]["figures"]}
    line(of["received"]["count"] == RECEIVED, "received", of["received"]["text"], RECEIVED)
    line(of["closing_rate"]["count"] == CLOSED, f"closed as of {AS_OF}", f"{of['closing_rate']['count']} ({of['closing_rate']['text']})", CLOSED)
    for name in ("returned", "repeats", "redone", "supervised"):
        line(of[name]["count"] > 0, name, of[name]["text"], "some")
    months = leader.request("GET", f"/api/request-measures?{days}&by=month&second=group")[1]["rows"]
    count = lambda month, group: sum(r["figures"][0]["count"] for r in months if r["key"] == month and r["second_key"] == group)  # noqa: E731
    wages, usual = count("2026-01", "04"), count("2026-05", "04")
    line(wages > usual, "the rhythm of the year: of wages in January and in May", f"{wages} and {usual}", "more in January")
    # The open ones, page by page: whether their limit lies after the day of counting.
    due, cursor = [], ""
    while True:
        page = leader.request("GET", f"/api/request-measures/rows?{days}&measure=closing_rate&part=rest{cursor}")[1]
        due += [i.get("due_at", "") for i in page["items"]]
        if not page.get("next"):
            break
        cursor = "&cursor=" + page["next"]
    within = sum(not d or d[:10] > AS_OF for d in due)
    line(bool(due) and within > WITHIN_TERM * len(due), "open and within their term", f"{within} of {len(due)}", "most")


def signals(data):
    begin = time.monotonic()
    said = subprocess.run([PROGRAM, "requests", "signals", "--data", data, "--from", "2026-02-01", "--until", AS_OF, "--step-hours", "6"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    print(said.rstrip())
    events = [re.search(r"found ([\d.]+) h after", row) for row in said.splitlines() if row.startswith("event")]
    worst = max((float(e.group(1)) if e else float("inf") for e in events), default=float("inf"))
    line(len(events) >= 3 and worst <= WITHIN_HOURS, f"{len(events)} planted events, found after their tenth report", f"{worst:.1f} h at most", f"{WITHIN_HOURS} h")
    wrong = float(re.search(r"false \(([\d.]+) a week", said).group(1))
    line(wrong <= FALSE_A_WEEK, "false alarms a week", f"{wrong:.2f}", f"{FALSE_A_WEEK} at most")
    print(f"signals of {AS_OF[:4]} in {time.monotonic() - begin:.0f} s")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", help="folder that is filled once and kept")
    o = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="yw-year-") as folder:
        data = pathlib.Path(o.data or folder)
        data.mkdir(parents=True, exist_ok=True)
        filled = not (data / "yiwang.db").exists()
        print(f"load before: {os.getloadavg()[0]:.1f}")
        process, port, seconds = serve(data)
        try:
            print(f"{'the year made' if filled else 'a year that was there'}, ready after {seconds / 60:.1f} minutes")
            figures(port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)
        signals(data)
    return 1 if failed else 0


sys.exit(main())
