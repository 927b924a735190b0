#!/usr/bin/env python3
"""kill -9 in the middle of work of the matters: what belongs together is there together or not at all. The application at a window and what
came of the visit; a certificate's state, its use and its event. On SQLite, whose file is read afterwards."""
import json
import pathlib
import random
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin()
ROUNDS, AT_ONCE = 6, 4
rng = random.Random(20261123)
SITE = {"site": "鹭洲公园东门", "listed": True, "activity": "dance", "from_hour": 8, "to_hour": 10, "persons": 20, "quiet": True, "phone": "13900000000"}
clerk = people("gov_services1")
clerk.request("POST", "/api/counter/shifts", {"window": "A01"})
number = people.number("zhao")


def rows(query):
    with sqlite3.connect(f"file:{server.folder / 'd/yiwang.db'}?mode=ro", uri=True) as db:
        return db.execute(query).fetchall()


def killed(work):
    """Runs work(n) in threads, kills the server somewhere in the middle, and starts it again."""
    def one(n):
        try:
            work(n)
        except (OSError, ValueError, KeyError, TypeError):
            pass  # the answer that never came
    threads = [threading.Thread(target=one, args=(n,)) for n in range(AT_ONCE)]
    for t in threads:
        t.start()
    time.sleep(rng.uniform(0.01, 0.25))
    server.kill()
    for t in threads:
        t.join()
    server.start()
    for client in people.signed_in.values():
        client.port = server.port


# --- at the window
for _ in range(ROUNDS):
    visits = []
    for _ in range(AT_ONCE * 3):
        status, visit, _ = clerk.request("POST", "/api/counter/visits", {"number": number, "name": "赵立新", "consent": "出示身份证并口头同意"})
        check(status == 201, f"a visit: {visit}")
        visits.append(visit)

    def apply(n):
        for visit in visits[n::AT_ONCE]:
            clerk.command("POST", f"/api/counter/visits/{visit['subject']}/{visit['visit']}/applications", {"matter": "fitness_site_filing", "form": SITE})
    killed(apply)
of_visit = {v.hex(): c for v, c in rows("SELECT visit_id, case_id FROM counter_visit")}
made = {}
for case, body in rows("SELECT aggregate, body FROM event WHERE revision = 0 AND type = 'case.submitted'"):
    counter = json.loads(body)["data"].get("facts", {}).get("counter")
    if counter:
        made[counter["visit"].replace("-", "")] = case
named = {v: c for v, c in of_visit.items() if c is not None}
check(len(made) >= ROUNDS, f"some came through: {len(made)} of {len(of_visit)}")
check(named == made, f"each application with its visit, each visit with its application: {len(named)} and {len(made)}")
whole = len(made)

# --- certificates
people.apply(people("zhao"), "shop_sign_filing", {"shop": "立新小店", "height": 1.5, "floor": "ground", "listed": False, "phone": "13900000000"})
lead = people("market_lead") if "market_lead" in people.staff else people("sj_lead")
zhao = people("zhao")
for n in range(AT_ONCE):
    status, answer = people.apply(zhao, "individual_business_new", {"shop_name": f"立新小店{n}", "scope": "clothes", "place": "鹭洲路 9 号", "place_kind": "shop", "phone": "13900000000"}, promises=["premises"])
    check(status == 201, f"a licence: {answer}")
    if answer["step"] != "granted":
        zhao.command("POST", f"/api/cases/{answer['case_id']}/actions/withdraw", {"input": {}})
held = [c["identifier"] for c in zhao.request("GET", "/api/certificates")[1]["items"] if c["type"] == "business_licence"]
check(len(held) >= 2, f"licences to work on: {held}")
for _ in range(ROUNDS):
    def change(n):
        for step in range(30):
            for operation in ("suspend", "restore"):
                lead.command("POST", f"/api/certificate-operations/{operation}", {"identifier": held[n % len(held)], "reason": f"核查第 {step} 次"})
    killed(change)
changed = 0
for certificate, state, revision in rows("SELECT certificate_id, state, revision FROM certificate WHERE type = 'business_licence'"):
    with sqlite3.connect(f"file:{server.folder / 'd/yiwang.db'}?mode=ro", uri=True) as db:
        uses = db.execute("SELECT COUNT(*) FROM certificate_use WHERE certificate_id = ? AND (purpose LIKE 'suspend%' OR purpose LIKE 'restore%')", (certificate,)).fetchone()[0]
        events = [json.loads(b)["data"]["state"] for (b,) in db.execute("SELECT body FROM event WHERE aggregate = ? ORDER BY revision", (certificate,)).fetchall()]
    check(uses == len(events) == revision and (not events or int(events[-1]) == state), f"state, uses and events of one certificate: {state} {revision} {uses} {len(events)}")
    changed += revision
check(changed >= ROUNDS, f"changes came through: {changed}")
print(f"{whole} applications at the window and {changed} changes of certificates around {2 * ROUNDS} kills")
checks.finish_with(server)
