#!/usr/bin/env python3
"""Processes of cases against a real server: a permit through parallel tasks of two units, office operations and who may give
them, messages that are kept, timers that fire by themselves, what happens after a kill. With 'postgres' on PostgreSQL."""
import datetime
import json
import pathlib
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, ROOT, begin  # noqa: E402

checks, check, postgres, server, _ = begin()
FORM = {"place": "葵滨大道 18 号门前人行道", "kind": "stage", "area": 20, "from": "2026-12-01", "until": "2026-12-03", "phone": "13800000000"}


def people():
    port = server.port
    firm = Client(port).sign_in("zhao")
    enterprise = firm.request("GET", "/api/session")[1]["delegations"][0]["enterprise"]
    assert firm.request("POST", "/api/session/acting-for", {"subject": enterprise})[0] == 200
    staff = {n: Client(port).sign_in(n, True) for n in ("transport1", "transport2", "police1", "market1", "zs_lead", "engineer", "leader")}
    return firm, staff


firm, staff = people()
nobody, other = Client(server.port), Client(server.port).sign_in("chen")
window, surveyor, police, stranger, lead, engineer = (staff[n] for n in ("transport1", "transport2", "police1", "market1", "zs_lead", "engineer"))


def operate(who, case, operation, body=None, key=None):
    return who.command("POST", f"/api/cases/{case}/operations/{operation}", body or {}, key)


def act(who, case, action, values=None):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values or {}})


def view(who, case):
    return who.request("GET", f"/api/cases/{case}")[1]


def asked():
    status, reply, _ = firm.command("POST", "/api/cases", {"case_type": "road_occupation", "form": FORM})
    check(status == 201, f"apply: {status} {reply}")
    return reply["case_id"], reply["query_code"]


def names(who, case):
    return sorted(t["node"] + ("/" + t["kind"] if t["kind"] else "") for t in view(who, case)["tasks"])


# --- the straight way, in parallel, with four eyes
case, code = asked()
check(act(surveyor, case, "grant")[0] == 409, "not the turn of a decision")
check(act(window, case, "accept")[0] == 200, "accepted")
check(names(window, case) == ["police_view", "survey"], "two units work at once")
inbox = [i["case_id"] for i in police.request("GET", "/api/cases")[1]["items"]]
check(case in inbox, "the police see it in their inbox")
check(stranger.request("GET", f"/api/cases/{case}")[0] == 404, "a third unit does not")
check(act(window, case, "agree")[0] == 403, "the transport office cannot speak for the police")
offered = [t for t in view(police, case)["tasks"] if t["offered"]]
check([t["node"] for t in offered] == ["police_view"] and set(offered[0]["actions"]) == {"agree", "object"}, f"what the police may do: {offered}")
check(act(police, case, "agree", {"conditions": "夜间设灯"})[0] == 200, "the police agree")
check(view(police, case)["head"]["case_id"] == case, "who took part can still read it")
check(act(surveyor, case, "surveyed", {"record": "人行道宽六米，适宜"})[0] == 200, "surveyed")
check(case in [i["case_id"] for i in lead.request("GET", "/api/cases")[1]["items"]], "the supervisor's inbox has the decision")
check(act(lead, case, "grant", {"terms": "三日内恢复原状"})[0] == 200, "granted")
check(view(firm, case)["head"]["status"] == "concluded" and view(firm, case)["head"]["step"] == "granted", "the firm sees the end")

# --- the process in view, and in words on the command line
status, process, _ = window.request("GET", f"/api/cases/{case}/process")
check(status == 200 and process["status"] == "completed" and "to_granted" in process["taken"] and "BPMNDiagram" in process["diagram"], "the way it has taken")
check(firm.request("GET", f"/api/cases/{case}/process")[0] == 403 and nobody.request("GET", f"/api/cases/{case}/process")[0] == 401, "the office's view is the office's")
shown = server.yiwang("process", "show", code)
check(shown.returncode == 0 and "准予许可" in shown.stdout, f"process show: {shown.stdout}{shown.stderr}")
check(server.yiwang("process", "show", "ZZZZ9999").returncode == 1, "process show of a case that does not exist")

# --- a correction stops the clock; the applicant answers; the same key again is the same answer
case, _ = asked()
check(operate(window, case, "request_correction")[0] in (400, 422), "what is missing must be said")
key = str(uuid.uuid4())
first = operate(window, case, "request_correction", {"reason": "缺交通疏导方案"}, key)
again = operate(window, case, "request_correction", {"reason": "缺交通疏导方案"}, key)
check(first[0] == 200 and again[0] == 200 and first[1] == again[1], f"asked once: {first[1]} {again[1]}")
seen = view(firm, case)
check(seen["head"]["status"] == "awaiting_applicant" and seen["deadline"]["state"] == "paused", f"the clock stands still: {seen['deadline']}")
check(operate(other, case, "submit_correction")[0] == 404, "another resident")
check(operate(firm, case, "submit_correction", {"input": {"plan": "见附件"}})[0] == 200 and view(firm, case)["deadline"]["state"] == "running", "and goes on")

# --- who may give which operation
table = [("suspend", window, 403), ("jump", window, 403), ("terminate", police, 404), ("hand_over", stranger, 404), ("retry", window, 403), ("no_such_thing", window, 404),
         ("urge", firm, 200), ("urge", nobody, 401), ("send_back", firm, 403), ("substitute", police, 404)]
for operation, who, expected in table:
    status, reply, _ = operate(who, case, operation, {"reason": "测试一下"})
    check(status == expected, f"{operation}: {status} {reply}, expected {expected}")
colleagues = window.request("GET", "/api/organisations/transport/staff")[1]["items"]
other_clerk = next(c["id"] for c in colleagues if c["name"] != view(window, case)["head"].get("assignee_name") and c["role"] == "clerk")
check(firm.request("GET", "/api/organisations/transport/staff")[0] == 403, "the staff list is for staff")
act(window, case, "accept")
survey = next(t for t in view(window, case)["tasks"] if t["node"] == "survey")
check("hand_over" in survey["operations"] and "send_back" in survey["operations"], f"offered operations: {survey['operations']}")
check(operate(window, case, "hand_over", {"task": survey["id"], "people": [str(uuid.uuid4())]})[0] == 404, "to nobody")
check(operate(window, case, "hand_over", {"task": survey["id"], "people": [other_clerk]})[0] == 200, "handed over")
check(any(t["assignee_name"] for t in view(window, case)["tasks"] if t["node"] == "survey"), "to a named colleague")
stale = operate(window, case, "urge", {"task": survey["id"], "revision": 1})
check(stale[0] == 409, f"an old screen: {stale[0]}")
status, reply, _ = operate(lead, case, "jump", {"task": survey["id"], "node": "accept", "reason": "重新受理"})
check(status == 404 or status == 200, "only a supervisor of the region or unit")

# --- messages: refused to strangers, kept once under the sender's number
path = f"/api/cases/{case}/messages"
for who, expected in ((nobody, 401), (firm, 403), (window, 403)):
    check(who.request("POST", path, {"message_id": "1", "name": "paid"})[0] == expected, f"messages by others: {expected}")
check(engineer.request("POST", path, {"message_id": "1", "name": "paid", "payload": {"amount": "12.50"}})[0] == 202, "kept until somebody waits")
check(engineer.request("POST", path, {"message_id": "1", "name": "paid"})[1]["message"] == "known", "the same number again changes nothing")
# --- a message that begins a case: for somebody else, once under the sender's number, into that person's hands
path = "/api/case-types/register_correction/messages"
enterprise = firm.request("GET", "/api/session")[1]["delegations"][0]["enterprise"]
begun = {"message_id": "reg-1", "name": "register_differs", "applicant": enterprise, "payload": {"what": "经营地址", "recorded": "葵滨大道 8 号"}}
for who, expected in ((nobody, 401), (firm, 403), (window, 403), (lead, 403)):
    check(who.request("POST", path, begun)[0] == expected, f"begun by others: {expected}")
status, reply, _ = engineer.request("POST", path, begun)
check(status == 201 and reply["step"] == "confirm", f"begun: {status} {reply}")
asked = reply["case_id"]
check(engineer.request("POST", path, begun)[1] == reply, "the same number again is the same case")
check(engineer.request("POST", path, begun | {"payload": {"what": "电话"}})[0] == 422, "and with other words it is refused")
for wrong, expected in (({"name": "nobody_waits"}, 404), ({"applicant": str(uuid.uuid4())}, 404), ({"payload": {"nothing": 1}}, 422)):
    check(engineer.request("POST", path, begun | {"message_id": str(uuid.uuid4())} | wrong)[0] == expected, f"{wrong}: {expected}")
check(engineer.request("POST", "/api/case-types/consultation/messages", begun | {"message_id": "reg-2"})[0] == 404, "a process that waits for no message")
mine = view(firm, asked)
check(mine["head"]["step"] == "confirm" and other.request("GET", f"/api/cases/{asked}")[0] == 404, "it is theirs, and nobody else's")
check(mine["head"].get("due_at") is None, "waiting for them is not counted")
check(act(firm, asked, "differs", {"right": "葵滨大道 18 号"})[0] == 200, "they answer")
mine = view(firm, asked)
check(mine["head"]["step"] == "check" and mine["head"].get("due_at"), "now the office is asked, and its clock runs")
status, own, _ = firm.command("POST", "/api/cases", {"case_type": "register_correction", "form": {"what": "联系电话", "right": "13900000000"}})
check(status == 201 and own["step"] == "check", f"the same case type begun by the person: {status} {own}")

check(engineer.request("GET", "/api/incidents")[0] == 200 and window.request("GET", "/api/incidents")[0] == 403, "what has stopped is the engineers'")

# --- a decree that makes the next days holidays: running cases have another due date after the next start
today = datetime.date.today()
free = [today + datetime.timedelta(days=n) for n in range(1, 8)]
calendars = server.folder / "calendars"
calendars.mkdir()
for year in {day.year for day in free}:
    known = ROOT / f"packs/common/calendars/cn-{year}.json"
    text = json.loads(known.read_text()) if known.exists() else {"id": f"cn-{year}", "year": year, "time_zone": "Asia/Shanghai", "known_from": f"{year}-01-01", "known_through": f"{year}-12-31", "weekend": ["Saturday", "Sunday"], "holidays": {}, "makeup": {}}
    text["holidays"].update({day.isoformat(): "临时放假" for day in free if day.year == year})
    text["makeup"] = {day: why for day, why in text["makeup"].items() if day not in text["holidays"]}
    (calendars / f"cn-{year}.json").write_text(json.dumps(text))
due_before = view(firm, own["case_id"])["head"]["due_at"]
server.settings["calendar.folder"] = str(calendars)
server.stop()
server.start()
firm.port = window.port = server.port  # their sessions have survived
for _ in range(100):
    if view(firm, own["case_id"])["head"]["due_at"] > due_before:
        break
    time.sleep(0.1)
check(view(firm, own["case_id"])["head"]["due_at"] > due_before, f"the due date has moved from {due_before}")
check(view(firm, own["case_id"])["deadline"]["due_at"] == view(firm, own["case_id"])["head"]["due_at"], "list and explanation agree")

# --- all of it is still there after a kill, and follows from the events
before = view(window, case)["revision"]
server.kill()
server.start()
window.port = server.port  # the session has survived as well
check(view(window, case)["revision"] == before, "nothing is lost")
checks.finish_with(server, postgres)
