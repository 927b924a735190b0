#!/usr/bin/env python3
"""SIGKILL at random moments while processes run: people claim and finish tasks of parallel branches, messages arrive and come
again, timers fire by themselves. What was acknowledged is there once, no timer fires twice, no task is done twice, and every
case comes to its end afterwards. Arguments: [postgres] [ROUNDS]. The seed is printed."""
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, Checks, Client, Postgres, Server  # noqa: E402

checks = Checks()
postgres = None
if "postgres" in sys.argv:
    if not Postgres.available():
        print("PostgreSQL is not installed: skipped")
        sys.exit(0)
    postgres = Postgres()
rounds = next((int(a) for a in sys.argv[1:] if a.isdigit()), 60 if os.environ.get("YW_TEST_MODE") == "long" else 6)
seed = int(os.environ.get("YW_SEED", time.time_ns() % 1_000_000))
print(f"seed {seed}, {rounds} rounds", flush=True)
random.seed(seed)

# The simulated case type with timers of seconds and without the outside service, in a pack of this test's own.
folder = pathlib.Path(tempfile.mkdtemp(prefix="yw-crash-pack-"))
pack = folder / "yunhai"
shutil.copytree(ROOT / "packs/yunhai", pack)
shutil.copytree(ROOT / "tests/simulation/simulated", pack / "case_types/simulated")
drawn = pack / "case_types/simulated/process.bpmn"
text = drawn.read_text()
for old, new in ((">P1D<", ">PT2S<"), (">PT36H<", ">PT1S<"), ('<serviceTask id="notify" yw:topic="notify"/>', '<task id="notify"/>')):
    assert text.count(old) == 1, old
    text = text.replace(old, new)
drawn.write_text(text)
head = pack / "case_types/simulated/case_type.yaml"
head.write_text(head.read_text().replace("department: gov_services", "department: market"))

server = Server(postgres.url() if postgres else None, pack=pack)
resident = Client(server.port).sign_in("xiaoyun").cookie
clerks = [Client(server.port).sign_in(login, True).cookie for login in ("market1", "market2")]
lead = Client(server.port).sign_in("sj_lead", True).cookie
engineer = Client(server.port).sign_in("engineer", True).cookie
cases = []          # of acknowledged submissions
acknowledged = {}   # key -> (cookie, method, path, body, answer)
lock = threading.Lock()


def client(cookie):
    made = Client(server.port)
    made.cookie = cookie
    return made


def give(cookie, path, body, key=None):
    """A command under a fresh key; what is acknowledged is remembered."""
    key = key or str(uuid.uuid4())
    status, answer, _ = client(cookie).command("POST", path, body, key)
    if status < 300:
        with lock:
            acknowledged[key] = (cookie, path, body, answer)
    elif status >= 500 and status != 503:
        checks.check(False, f"{path} {body}: {status} {answer}")
    return status, answer


def submit():
    status, answer = give(resident, "/api/cases", {"case_type": "simulated", "form": {"what": "压力下的一件事"}})
    if status == 201:
        with lock:
            cases.append(answer["case_id"])


def message(case):
    # Twice under one number, as senders do that are not sure.
    body = {"message_id": f"papers-{case}", "name": "papers"}
    for _ in range(2):
        client(engineer).request("POST", f"/api/cases/{case}/messages", body)


def work(case):
    """One step of whoever may do something in it now."""
    for cookie in random.sample(clerks, 2) + [lead]:
        view = client(cookie).request("GET", f"/api/cases/{case}")[1]
        for task in view.get("tasks", []):
            if not task.get("actions"):
                continue
            action = "approve" if task["node"] == "sign" else "next"
            status, _ = give(cookie, f"/api/cases/{case}/actions/{action}", {"task": task["id"], "input": {}})
            if status < 300:
                return True
    return False


def load(n, stop):
    try:
        while not stop.is_set():
            what = random.random()
            if what < 0.3 or not cases:
                submit()
            elif what < 0.5:
                message(random.choice(cases))
            else:
                work(random.choice(cases))
    except Exception:
        return  # the server is gone


for round_number in range(rounds):
    stop = threading.Event()
    threads = [threading.Thread(target=load, args=(n, stop)) for n in range(6)]
    [t.start() for t in threads]
    time.sleep(random.uniform(0.3, 1.5))
    server.kill()
    stop.set()
    [t.join() for t in threads]
    server.start()
    for key in random.sample(sorted(acknowledged), min(40, len(acknowledged))):
        cookie, path, body, answer = acknowledged[key]
        status, again, _ = client(cookie).command("POST", path, body, key)
        checks.check(status < 300 and again == answer, f"round {round_number}: {key} is not as acknowledged: {status} {again}")

# Everything comes to its end: nothing was left half done.
for case in cases:
    message(case)
for _ in range(60):
    opened = [c for c in cases if client(resident).request("GET", f"/api/cases/{c}")[1]["head"]["status"] != "concluded"]
    if not opened:
        break
    if not any([work(c) for c in opened]):
        time.sleep(0.5)
checks.check(not opened, f"{len(opened)} of {len(cases)} cases do not come to their end: {opened[:3]}")
fired = 0
for case in cases:
    happened = [e["type"] for e in client(lead).request("GET", f"/api/cases/{case}")[1]["timeline"]]
    fired += happened.count("case.timer")
    checks.check(happened.count("case.message") == 1, f"{case}: the message counts {happened.count('case.message')} times")
    checks.check(happened.count("case.timer") <= 2, f"{case}: {happened.count('case.timer')} timers fired, there are two")
checks.check(fired > 0, "timers have fired")
server.stop()
verified = server.yiwang("verify", "state")
checks.check(verified.returncode == 0 and ", 0 differences" in verified.stdout, f"verify state: {verified.stdout} {verified.stderr}")
print(f"{len(acknowledged)} acknowledged commands in {len(cases)} cases over {rounds} kills, {fired} timers; {verified.stdout.strip()}", flush=True)
server.remove()
shutil.rmtree(folder)
if postgres:
    postgres.stop()
sys.exit(checks.finish())
