#!/usr/bin/env python3
"""信用核查 against a real server and a test's own platform of public credit: who is on the list applies all the same and is decided by
people, the keeper of the register sees whom it has kept from the instant way, results go to the platform once each, and whoever is
taken off the list is decided at once again. With 'postgres' on PostgreSQL."""
import http.server
import json
import pathlib
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, Checks, Client, People, Server, wanted_postgres  # noqa: E402


class Platform(http.server.BaseHTTPRequestHandler):
    """Fails at first, then takes each result once."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        platform.refused += 1
        if platform.refused == 1:
            self.send_response(503)
        else:
            platform.received.append((self.headers["Idempotency-Key"], body))
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


checks = Checks()
check = checks.check
postgres = wanted_postgres()
platform = http.server.HTTPServer(("127.0.0.1", 0), Platform)
platform.received, platform.refused = [], 0
threading.Thread(target=platform.serve_forever, daemon=True).start()
folder = tempfile.TemporaryDirectory()
pack = pathlib.Path(folder.name) / "yunhai"
shutil.copytree(ROOT / "packs/yunhai", pack)
settings = {"credit.url": f"http://127.0.0.1:{platform.server_port}/results", "outbox.first_wait_ms": 50}
server = Server(postgres.url() if postgres else None, settings=settings, pack=pack)
people = People(server)
SIGN = {"shop": "立群小店，鹭洲路 9 号", "height": 1.5, "floor": "ground", "listed": False, "phone": "13800000000"}


def results(of, wanted):
    for _ in range(100):
        found = [b["result"] for _, b in platform.received if b["case_id"] == of]
        if found == wanted:
            break
        time.sleep(0.1)
    return found


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})


# --- listed: the right to apply stays, people decide, and the reason is plain
listed = people("p03")
status, made = people.apply(listed, "shop_sign_filing", SIGN)
check(status == 201 and made["step"] == "accept", f"applied: {status} {made}")
case = made["case_id"]
told = listed.request("GET", f"/api/cases/{case}/matter")[1]
check([r["code"] for r in told["rules"] if r["outcome"] == "manual"] == ["U4"] and "严重失信" in str(told["rules"]), f"why: {told['rules']}")
check(results(case, ["intercepted"]) == ["intercepted"], f"the platform learns of it, though it failed first: {platform.received}")
body = platform.received[0][1]
check(set(body) == {"case_id", "id_number", "matter", "result", "at"} and body["id_number"] == people.number("p03"), f"no more than it needs: {body}")

# --- who is not listed: nothing is reported of an ordinary approval
status, made = people.apply(people("chen"), "shop_sign_filing", SIGN)
check(status == 201 and made["step"] == "granted", f"others at once: {made}")
plain = made["case_id"]

# --- the keeper of the register sees whom it has kept; nobody else does
keeper = people("dev_reform1")
check("credit" in keeper.request("GET", "/api/session")[1]["registers"], "the unit keeps the register")
page = keeper.request("GET", "/api/credit-interceptions")[1]
check([i["case_id"] for i in page["items"]] == [case] and "next" not in page, f"one held back: {page}")
item = page["items"][0]
check(item["now"] == "listed" and item["outcome"] == "open" and "严重失信" in item["list"] and item["applicant"].startswith("沈*"), f"with the entry: {item}")
check(people.number("p03") not in str(page) and "沈立群" not in str(page), "masked")
check(any(look["purpose"] == "查看信用核查拦截" for look in listed.request("GET", "/api/accesses")[1]["items"]), "the person sees the look")
for who in ("city_mgmt1", "zs_lead", "leader", "engineer", "p03"):
    check(people(who).request("GET", "/api/credit-interceptions")[0] == 403, f"{who} does not")
check(Client(server.port).request("GET", "/api/credit-interceptions")[0] in (401, 403), "nobody does not")
check(keeper.request("GET", "/api/credit-interceptions?before=x")[0] == 400, "a page that does not exist")
check("next" not in keeper.request("GET", "/api/credit-interceptions?before=1")[1], "nothing before that")

# --- a register that is down says so
engineer = people("engineer")
check(engineer.request("PUT", "/api/registers/credit/mode", {"mode": "down"})[0] == 200, "down")
check(keeper.request("GET", "/api/credit-interceptions")[1]["items"][0]["now"] == "unavailable", "not known now")
engineer.request("PUT", "/api/registers/credit/mode", {"mode": "up"})

# --- a promise that turns out false goes to the platform when the licence is revoked for it, not before
upload = people("xiaoyun").upload()
status, made = people.apply(people("xiaoyun"), "hygiene_licence_new", {"kind": "hair", "place": "碧溪街 3 号", "way": "promise", "promise": True, "layout": [upload], "rules": [upload], "phone": "13800000000"}, answers={"way": "promise"})
check(status == 201 and made["step"] == "granted", f"by promise: {made}")
promised = made["case_id"]
check(results(promised, ["promised"]) == ["promised"], "the promise is reported")
health, lead = people("health1"), people("health_lead")
check(health.request("POST", f"/api/matter-checks/{promised}/pledge/take", {})[0] == 200, "taken")
check(health.request("POST", f"/api/matter-checks/{promised}/pledge", {"result": "differs", "note": "没有消毒柜"})[0] == 200, "differs")
check(results(promised, ["promised"]) == ["promised"], "a difference alone is no verdict")
check(lead.request("POST", f"/api/matter-checks/{promised}/pledge/verdict", {"verdict": "revoke", "note": "承诺不实，撤销许可"})[0] == 200, "revoked")
check(results(promised, ["promised", "false_promise"]) == ["promised", "false_promise"], f"reported: {platform.received}")
check(results(plain, []) == [], "an ordinary approval is nobody's business")
check(len({key for key, _ in platform.received}) == len(platform.received), "nothing twice")

# --- people decide, and the list shows what they did
check(act(people("city_mgmt1"), case, "accept")[0] == 200 and act(people("city_mgmt1"), case, "reviewed", view="grant", grounds="现场看过，符合指引")[0] == 200, "reviewed")
check(act(people("city_mgmt_lead"), case, "grant")[0] == 200, "granted by people")
check(keeper.request("GET", "/api/credit-interceptions")[1]["items"][0]["outcome"] == "granted", "and the list says so")

# --- taken off the list: the next application goes the usual way at once
server.stop()
path = pack / "registers/credit.yaml"
path.write_text(path.read_text().replace("{subject: 沈立群/1980-08-08, level: D, severe_list: true", "{subject: 沈立群/1980-08-08, level: B, severe_list: false"))
server.start()
for client in people.signed_in.values():
    client.port = server.port
status, made = people.apply(listed, "shop_sign_filing", {**SIGN, "shop": "立群二店，海棠街 2 号"})
check(status == 201 and made["step"] == "granted", f"at once: {status} {made}")
check(keeper.request("GET", "/api/credit-interceptions")[1]["items"][0]["now"] == "unlisted", "the old entry says that he is off the list")
platform.shutdown()
checks.finish_with(server, postgres)
