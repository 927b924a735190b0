#!/usr/bin/env python3
"""Who keeps out of a case (回避): an official's own, a close relative's, one that she files for another; asked for by the applicant or
by the official, decided by the head of the unit; somebody else goes on, or the head is alarmed. With 'postgres' on PostgreSQL."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import PROGRAM, ROOT, Client, begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.training_delay_seconds": 3600})
OPENAPI = json.loads((ROOT / "web/packages/api/openapi.json").read_text())
p17, p14, chen, xiaoyun, nobody = (people(x) for x in ("p17", "p14", "chen", "xiaoyun", "nobody"))
yao, city1, city2, city3, lead, zs_lead, police, sj_lead = (people(x) for x in ("cg_yao", "city_mgmt1", "city_mgmt2", "city_mgmt3", "city_mgmt_lead", "zs_lead", "police1", "sj_lead"))
SIGN = {"shop": "小店，海棠街 5 号", "height": 9, "floor": "ground", "listed": False, "phone": "13800000000"}
GRANT = {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}


def sign(who):
    status, made = people.apply(who, "shop_sign_filing", SIGN)
    check(status == 201 and made["step"] == "accept", f"goes to people: {status} {made}")
    return made["case_id"]


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[:2]


def ask(who, case, staff, reason="他是我的邻居，有过纠纷"):
    return who.command("POST", f"/api/cases/{case}/recusals", {"staff": staff, "reason": reason})[:2]


def decide(who, case, staff, recuse=True, reason="经核实，可能影响公正"):
    return who.command("POST", f"/api/cases/{case}/recusals/{staff}", {"recuse": recuse, "reason": reason})[:2]


def refused(answer, where):
    check(answer[0] == 403 and answer[1]["code"] == "spine.recused" and "公务员法" in answer[1]["title"], f"{where}: {answer}")


def row(who, case, scope="inbox"):
    found, cursor = None, ""
    while cursor is not None and found is None:
        page = who.request("GET", f"/api/cases?scope={scope}" + (f"&cursor={cursor}" if cursor else ""))[1]
        found, cursor = next((c for c in page["items"] if c["case_id"] == case), None), page.get("next")
    return found


def staff_id(login, case):
    """As a supervisor reads it from the list of the unit."""
    names = {p["name"]: p["id"] for p in lead.request("GET", "/api/organisations/city_mgmt/staff")[1]["items"]}
    return names[people(login).request("GET", "/api/session")[1]["name"]]


# --- her own application: not hers to see, take, accept, hand on, print, urge; a colleague's
case = sign(p17)
mine = row(yao, case)
check(mine and mine["recused"] == "self" and mine["title"] == "回避：本人办件" and "小店" not in json.dumps(mine, ensure_ascii=False), f"her list says so and tells nothing: {mine}")
check(row(city1, case).get("recused") is None and row(yao, case, "department")["recused"] == "self", "the colleagues' list offers it")
got = [path for path, methods in OPENAPI["paths"].items() if path.startswith("/api/cases/{id}") and "get" in methods]
check(len(got) >= 10, f"routes of a case: {got}")
for path in got:
    filled = path.replace("{id}", case).replace("{kind}", "receipt").replace("{hash}", "0" * 64).replace("{staff}", "x").replace("{revision}", "0")
    answer = yao.request("GET", filled + "?purpose=%E6%A0%B8%E5%AF%B9")
    check(answer[0] in (403, 404) and "小店" not in json.dumps(answer[1], ensure_ascii=False, default=str), f"GET {path}: {answer[0]} {answer[1]}")
refused(yao.request("GET", f"/api/cases/{case}"), "opens it")
refused(yao.command("POST", f"/api/cases/{case}/claim"), "takes it")
refused(act(yao, case, "accept"), "accepts it")
refused(yao.command("POST", f"/api/cases/{case}/operations/urge", {}), "urges it")
refused(yao.request("POST", f"/api/cases/{case}/archive", {}), "archives it")
check(p17.request("GET", f"/api/cases/{case}")[0] == 200, "as a citizen she sees it like everybody")
handed = city1.command("POST", f"/api/cases/{case}/operations/hand_over", {"people": [staff_id("cg_yao", case)], "reason": "请接办"})
check(handed[0] == 422 and "回避" in handed[1]["errors"][0]["message"], f"nobody hands it to her: {handed[:2]}")
check(act(city1, case, "accept")[0] == 200 and act(city1, case, "reviewed", **GRANT)[0] == 200 and act(lead, case, "grant")[0] == 200, "somebody else of the unit decides it")
check(p17.request("GET", f"/api/cases/{case}/matter")[1]["outcome"] == "granted", "granted")

# --- her husband's, whom the register names; while the register does not answer what it said is not forgotten
theirs = sign(p14)
check(row(yao, theirs)["recused"] == "relative", f"a relative's: {row(yao, theirs)}")
refused(act(yao, theirs, "accept"), "a relative's application")
engineer = people("engineer")
engineer.request("PUT", "/api/registers/marriage/mode", {"mode": "down"})
linked = server.yiwang("user", "link", "police1", "--name", "周晓芸", "--number", people.number("xiaoyun"))
check(linked.returncode == 0, f"linking asks the registers again: {linked.stderr}")
refused(act(yao, theirs, "accept"), "also while the register is down")
engineer.request("PUT", "/api/registers/marriage/mode", {"mode": "up"})
check(server.yiwang("user", "unlink", "police1").returncode == 0, "and is undone")

# --- what she files for somebody else
xiaoyun.request("POST", "/api/authorities", {"name": "姚佳怡", "number": people.number("p17"), "matters": ["shop_sign_filing"], "days": 5})
agent = Client(server.port).sign_in("p17")
session = agent.request("GET", "/api/session")[1]
agent.request("POST", "/api/session/acting-for", {"subject": next(d["enterprise"] for d in session["delegations"] if d["name"] == "周晓芸")})
filed = sign(agent)
refused(act(yao, filed, "accept"), "what she filed as an agent")
check(act(city1, filed, "accept")[0] == 200, "a colleague accepts it")

# --- the link is an identity fact: entered by who keeps the accounts, name and number must agree
check(server.yiwang("user", "link", "city_mgmt3", "--name", "陈玉珍", "--number", people.number("xiaoyun")).returncode == 1, "a wrong number links nobody")
check(server.yiwang("user", "link", "chen", "--name", "陈玉珍", "--number", people.number("chen")).returncode == 1, "a resident's account is not linked")
check(server.yiwang("user", "link", "city_mgmt3", "--name", "陈玉珍", "--number", people.number("chen")).returncode == 0, "linked while the server runs")
hers = sign(chen)
refused(act(city3, hers, "accept"), "from the same moment")
check(server.yiwang("user", "unlink", "city_mgmt3").returncode == 0 and act(city3, hers, "accept")[0] == 200, "and not after it was taken back")

# --- certificates, checks and the window are covered too
SHOP = {"shop_name": "姚记小店", "scope": "clothes", "place": "鹭洲路 19 号", "place_kind": "shop", "phone": "13800000000"}
status, made = people.apply(p17, "individual_business_new", SHOP, promises=["premises"])
check(status == 201 and made["step"] == "granted", f"granted by rules: {status} {made}")
check(server.yiwang("user", "link", "market1", "--name", "姚佳怡", "--number", people.number("p17")).returncode == 0, "linked")
market = people("market1")
refused(market.request("POST", f"/api/matter-checks/{made['case_id']}/later:premises/take", {}), "takes the check of her own promise")
listed = next(c for c in market.request("GET", "/api/matter-checks")[1]["items"] if c["case_id"] == made["case_id"])
check(listed["may"] == [], f"nothing is offered: {listed}")
server.yiwang("user", "unlink", "market1")
check(server.yiwang("user", "link", "sj_lead", "--name", "姚佳怡", "--number", people.number("p17")).returncode == 0, "linked")
identifier = p17.request("GET", f"/api/cases/{made['case_id']}/matter")[1]["certificates"][0]
refused(sj_lead.request("POST", "/api/certificate-operations/suspend", {"identifier": identifier, "reason": "测试"}), "operates on her own certificate")
server.yiwang("user", "unlink", "sj_lead")
window = people("gov_services1")
check(window.request("POST", "/api/counter/shifts", {"window": "3"})[0] == 201, "a shift")
check(server.yiwang("user", "link", "gov_services1", "--name", "陈玉珍", "--number", people.number("chen")).returncode == 0, "linked")
refused(window.request("POST", "/api/counter/visits", {"number": people.number("chen"), "name": "陈玉珍", "consent": "本人"}), "serves herself at the window")
server.yiwang("user", "unlink", "gov_services1")

# --- requests and consultations by the same guard
check(server.yiwang("user", "link", "ss_clerk", "--name", "陈玉珍", "--number", people.number("chen")).returncode == 0, "linked")
status, asked, _ = chen.ask()
refused(act(people("ss_clerk"), asked["case_id"], "answer", reply="可以补缴，请放心"), "answers her own question")
server.yiwang("user", "unlink", "ss_clerk")
status, told, _ = chen.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": "海棠街 5 号门口的路灯不亮已经一周了", "region": "wanghai", "phone": "13800000000"}})
desk = people("gov_services2")
before = desk.request("GET", f"/api/requests/{told['case_id']}")
check(before[0] == 200, f"the desk sees the request: {before[:2]}")
server.yiwang("user", "link", "gov_services2", "--name", "陈玉珍", "--number", people.number("chen"))
refused(desk.request("GET", f"/api/requests/{told['case_id']}"), "looks at her own request")
refused(desk.request("GET", f"/api/cases/{told['case_id']}"), "and its case")
server.yiwang("user", "unlink", "gov_services2")

# --- asked for by the applicant, decided by the head of the unit
case = sign(chen)
check(act(city1, case, "accept")[0] == 200, "city1 has accepted it")
one = staff_id("city_mgmt1", case)
shown = chen.request("GET", f"/api/cases/{case}/recusals")[1]
check([p["staff"] for p in shown["people"]] == [one] and not shown["items"] and not shown["may_decide"], f"of whom she may ask it: {shown}")
for who, code in ((nobody, 401), (xiaoyun, 404), (police, 404)):
    check(who.request("GET", f"/api/cases/{case}/recusals")[0] == code and ask(who, case, one)[0] == code and decide(who, case, one)[0] == code, f"others: {code}")
check(ask(chen, case, one, "")[0] in (400, 422) and ask(chen, case, staff_id("city_mgmt2", case), "与本案无关的人")[0] in (200, 404), "with a reason")
check(ask(chen, case, "00000000-0000-7000-8000-000000000000")[0] == 404, "somebody that there is")
check(ask(city2, case, one)[0] == 403, "nobody asks for a colleague")
check(ask(chen, case, one)[0] == 200, "asked")
again = ask(chen, case, one)
check(again[0] == 409 and "等单位负责人决定" in again[1]["title"], f"once: {again}")
check(act(city1, case, "reviewed", **GRANT)[0] == 200, "until it is decided the official goes on")
check(decide(city2, case, one)[0] == 403 and decide(chen, case, one)[0] == 403 and decide(sj_lead, case, one)[0] == 403, "only the head of the unit decides")
check(decide(lead, case, one, reason="")[0] in (400, 422), "with a reason")
check(decide(lead, case, one)[0] == 200, "decided")
refused(city1.request("GET", f"/api/cases/{case}"), "who keeps out sees it no more")
check(row(city1, case, "department")["recused"] == "decided", "the list says why")
check(decide(lead, case, one)[0] == 409 and ask(chen, case, one)[0] == 409, "decided once")
shown = chen.request("GET", f"/api/cases/{case}/recusals")[1]["items"]
item = next(i for i in shown if i["staff"] == one)
check(item["stands"] == "recused" and item["reason"] and item["decision"] == "经核实，可能影响公正" and item["decided_by"], f"she is told why: {item}")
timeline = [e for e in chen.request("GET", f"/api/cases/{case}")[1]["timeline"] if e["type"] == "case.recusal"]
check([e["action"] for e in timeline][:2] == ["recuse", "ask"], f"in the way of the case: {timeline}")
with tempfile.TemporaryDirectory() as folder:
    proof = pathlib.Path(folder) / "proof.json"
    proof.write_text(json.dumps(chen.request("GET", f"/api/cases/{case}/proof")[1], ensure_ascii=False))
    verified = subprocess.run([pathlib.Path(PROGRAM).parent / "yiwang-verify", proof], capture_output=True, text=True)
    check(verified.returncode == 0, f"and in the evidence: {verified.stdout[-300:]} {verified.stderr[-300:]}")

# --- who holds it gives it back by that: the unit has it again
case = sign(chen)
check(city1.command("POST", f"/api/cases/{case}/claim")[0] == 200, "taken")
check(decide(lead, case, one)[0] == 200, "the head decides without having been asked")
check(row(city2, case).get("assignee_name") is None and act(city2, case, "accept")[0] == 200, "a colleague goes on")

# --- asked by the official, declined: goes on; the applicant learns nothing private
two = staff_id("city_mgmt2", case)
check(ask(city2, case, two, "申请人是我以前的同学")[0] == 200, "asked for oneself")
check(decide(lead, case, two, False, "同学关系不属于应当回避的情形")[0] == 200, "declined")
told = next(i for i in chen.request("GET", f"/api/cases/{case}/recusals")[1]["items"] if i["staff"] == two)
check(told["stands"] == "kept" and told["own"] and told.get("reason") is None and "同学" not in json.dumps(chen.request("GET", f"/api/cases/{case}")[1]["timeline"], ensure_ascii=False), f"her reason stays in the office: {told}")
check(ask(chen, case, two)[0] == 409 and act(city2, case, "reviewed", **GRANT)[0] == 200, "and she goes on")

# --- nobody is left: the head is alarmed; when the head keeps out too, the one above
case = sign(chen)
check(not [a for a in lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == case], "no alarm yet")
clerks = [p["id"] for p in lead.request("GET", "/api/organisations/city_mgmt/staff")[1]["items"] if p["role"] == "clerk"]
for n, clerk in enumerate(clerks):
    check(decide(lead, case, clerk)[0] == 200, "recused")
    there = [a for a in lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == case]
    check(bool(there) == (n == len(clerks) - 1), f"alarmed with the last, not before: {n} {there}")
check(there[0]["kind"] == "nobody_left" and there[0]["why"], f"{there}")
check(not [a for a in sj_lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == case], "not another unit")
for who, code in ((nobody, 401), (chen, 403), (city1, 403)):
    check(who.request("GET", "/api/case-alarms")[0] == code, f"alarms are for heads of units: {code}")
server.kill()
server.start()
for client in people.signed_in.values():
    client.port = server.port
refused(act(city1, case, "accept"), "after a crash too")
check([a for a in lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == case], "and the alarm is there")
moved = lead.command("POST", f"/api/cases/{case}/reassign", {"department": "housing", "reason": "本单位人员均须回避，请代办"})
check(moved[0] == 200 and not [a for a in lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == case], f"with another unit there is somebody: {moved[:2]}")
check(act(people("housing1"), case, "accept")[0] == 200, "who accepts it")

case = sign(chen)
act(city1, case, "accept")
act(city1, case, "reviewed", **GRANT)
head = next(p["id"] for p in zs_lead.request("GET", "/api/organisations/city_mgmt/staff")[1]["items"] if p["role"] == "supervisor")
check(decide(lead, case, head)[0] == 403, "nobody decides about oneself")
check(ask(lead, case, head, "申请人是我的房东")[0] == 200 and decide(sj_lead, case, head)[0] == 403, "not the head of some other unit")
check(decide(zs_lead, case, head)[0] == 200, "the head above decides about the head")
above = [a for a in zs_lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == case]
check(len(above) == 1, f"nobody of the unit may decide it: the one above is alarmed: {above}")
refused(act(lead, case, "grant"), "and the head does not")

# --- at the very same moment: either the step stands and then she keeps out, or she is told
won = {"act": 0, "recusal": 0}
for n in range(10):
    case = sign(chen)
    answers, gate = {}, threading.Barrier(2)

    def run(name, call):
        gate.wait()
        answers[name] = call()
    both = [threading.Thread(target=run, args=("act", lambda: act(city2, case, "accept"))), threading.Thread(target=run, args=("recusal", lambda: decide(lead, case, two)))]
    [t.start() for t in (both if n % 2 else both[::-1])]
    [t.join() for t in both]
    check(answers["recusal"][0] == 200, f"the recusal is recorded: {answers}")
    timeline = [e.get("action") for e in chen.request("GET", f"/api/cases/{case}")[1]["timeline"]]
    if answers["act"][0] == 200:
        check(timeline.index("accept") > timeline.index("recuse"), f"the step came first: {timeline}")  # newest first
    else:
        refused(answers["act"], "the recusal came first")
        check("accept" not in timeline, f"nothing of hers stands: {timeline}")
    won["act" if answers["act"][0] == 200 else "recusal"] += 1
    refused(act(city2, case, "reviewed", **GRANT), "afterwards she keeps out either way")
print("recusal races:", won)
check(not re.search(r"小店", json.dumps(row(yao, sign(p17)), ensure_ascii=False)), "still nothing of her own case in her list")

checks.finish_with(server, postgres)
