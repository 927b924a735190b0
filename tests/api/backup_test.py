#!/usr/bin/env python3
"""A backup taken while people are asking is a whole installation: it restores, verifies, serves, and holds what was
acknowledged before it began. Nothing is ever overwritten."""
import pathlib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import PROGRAM, Checks, Client, Server  # noqa: E402

checks = Checks()
server = Server()
client = Client(server.port).sign_in("xiaoyun")
before = [client.ask(f"备份之前的第{n}个问题", key=f"b{n}")[1] for n in range(20)]
stop = threading.Event()


def load():
    other, n = Client(server.port), 0
    other.cookie = client.cookie
    while not stop.is_set():
        other.ask(f"备份当中的第{n}个问题", key=f"d{n}")
        n += 1


thread = threading.Thread(target=load)
thread.start()
place = pathlib.Path(tempfile.mkdtemp(prefix="yw-backup-"))
run = lambda *a: subprocess.run([PROGRAM, *map(str, a)], capture_output=True, text=True)  # noqa: E731
made = run("backup", "--data", server.folder / "d", place / "copy")
checks.check(made.returncode == 0, f"backup: {made.stderr}")
stop.set()
thread.join()
checks.check(run("backup", "--data", server.folder / "d", place / "copy").returncode == 2, "a backup overwrites nothing")
server.stop()
restored = run("restore", place / "copy", "--data", place / "d")
checks.check(restored.returncode == 0, f"restore: {restored.stderr}")
checks.check(run("restore", place / "copy", "--data", place / "d").returncode == 2, "restore overwrites nothing")
verified = run("verify", "state", "--data", place / "d")
checks.check(verified.returncode == 0 and ", 0 differences" in verified.stdout, f"verify: {verified.stdout} {verified.stderr}")
again = Server(data=place)
client = Client(again.port).sign_in("xiaoyun")
for answer in before:
    status, view, _ = client.request("GET", f"/api/cases/{answer['case_id']}")
    checks.check(status == 200 and view["case_number"] == answer["case_number"], f"{answer['case_id']} is not in the backup")
again.stop()
# A changed byte in a stored state is found and named.
import sqlite3  # noqa: E402

with sqlite3.connect(place / "d/yiwang.db") as db:
    db.execute("UPDATE casefile SET state = replace(state, 'handling', 'answered') WHERE query_code = ?", (before[0]["query_code"],))
db.close()
verified = run("verify", "state", "--data", place / "d")
checks.check(verified.returncode == 1 and before[0]["case_id"] in verified.stdout and "step" in verified.stdout, f"a changed state is named: {verified.stdout}")
server.remove()
sys.exit(checks.finish())
