#!/usr/bin/env python3
"""SIGKILL at random moments under load: every acknowledged command is there exactly once, nothing is half done, the log
verifies. Arguments: [postgres] [ROUNDS]. The seed is printed."""
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Checks, Client, Postgres, Server  # noqa: E402

checks = Checks()
postgres = None
if "postgres" in sys.argv:
    if not Postgres.available():
        print("PostgreSQL is not installed: skipped")
        sys.exit(0)
    postgres = Postgres()
rounds = next((int(a) for a in sys.argv[1:] if a.isdigit()), 200 if os.environ.get("YW_TEST_MODE") == "long" else 8)
seed = int(os.environ.get("YW_SEED", time.time_ns() % 1_000_000))
print(f"seed {seed}, {rounds} rounds", flush=True)
random.seed(seed)
server = Server(postgres.url() if postgres else None)
cookies = [Client(server.port).sign_in(login).cookie for login in ("xiaoyun", "chen", "zhao")]
acknowledged = {}  # key -> (cookie, answer)
unsure = {}        # key -> cookie: sent, but the answer never came


def load(n, stop):
    client = Client(server.port)
    client.cookie = cookies[n % len(cookies)]
    k = 0
    while not stop.is_set():
        key = f"r{server.round}-{n}-{k}"
        k += 1
        try:
            unsure[key] = client.cookie
            status, answer, _ = client.ask(f"压力测试第{key}个问题", key=key)
            if status == 201:
                acknowledged[key] = (client.cookie, answer)
            unsure.pop(key, None)
        except Exception:
            return  # the server is gone: what was asked last stays unsure


for round_number in range(rounds):
    server.round = round_number
    stop = threading.Event()
    threads = [threading.Thread(target=load, args=(n, stop)) for n in range(6)]
    [t.start() for t in threads]
    time.sleep(random.uniform(0.05, 0.5))
    server.kill()
    stop.set()
    [t.join() for t in threads]
    server.start()
    # Everything acknowledged is there, once: asking again under the same key gives the same answer and makes nothing new.
    sample = random.sample(sorted(acknowledged), min(30, len(acknowledged)))
    for key in sample:
        cookie, answer = acknowledged[key]
        client = Client(server.port)
        client.cookie = cookie
        status, again, _ = client.ask(f"压力测试第{key}个问题", key=key)
        checks.check(status == 201 and again == answer, f"round {round_number}: {key} is not as acknowledged: {status} {again}")
        checks.check(client.request("GET", f"/api/cases/{answer['case_id']}")[0] == 200, f"round {round_number}: case of {key} is missing")
    # What was unsure may be there or not; sent again it is there once.
    for key, cookie in list(unsure.items())[:12]:
        client = Client(server.port)
        client.cookie = cookie
        status, answer, _ = client.ask(f"压力测试第{key}个问题", key=key)
        checks.check(status == 201, f"round {round_number}: {key} cannot be repeated: {status} {answer}")
        if status == 201:
            acknowledged[key] = (cookie, answer)
            unsure.pop(key)
server.stop()
codes = [a["query_code"] for _, a in acknowledged.values()]
numbers = [a["case_number"] for _, a in acknowledged.values()]
checks.check(len(set(codes)) == len(codes) and len(set(numbers)) == len(numbers), "query codes and case numbers are unique")
verified = server.yiwang("verify", "state")
checks.check(verified.returncode == 0 and ", 0 differences" in verified.stdout, f"verify state: {verified.stdout} {verified.stderr}")
print(f"{len(acknowledged)} acknowledged commands over {rounds} kills; {verified.stdout.strip()}", flush=True)
server.remove()
if postgres:
    postgres.stop()
sys.exit(checks.finish())
