#!/usr/bin/env python3
"""Citizens' requests against a real server: automatic dispatch and its limits, people's dispatch with reasons, return, ruling,
handling, reply checks, rating, redo and supervision; who is refused; secrecy. With 'postgres' on PostgreSQL."""
import datetime
import http.server
import io
import json
import pathlib
import sys
import threading
import time
import uuid
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Checks, Client, Server, wanted_postgres  # noqa: E402

checks = Checks()
check = checks.check
postgres = wanted_postgres()


class City(http.server.BaseHTTPRequestHandler):
    """The city's side: fails at first, then takes each receipt once."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if city.refused < 1:
            city.refused += 1
            self.send_response(503)
        else:
            city.received.append(body)
            city.keys.append(self.headers["Idempotency-Key"])
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


city = http.server.HTTPServer(("127.0.0.1", 0), City)
city.received, city.keys, city.refused = [], [], 0
threading.Thread(target=city.serve_forever, daemon=True).start()
server = Server(postgres.url() if postgres else None, settings={"city.url": f"http://127.0.0.1:{city.server_port}/receipts", "outbox.first_wait_ms": 50})
nobody = Client(server.port)
xiaoyun, chen = (Client(server.port).sign_in(n) for n in ("xiaoyun", "chen"))
LOGINS = ("gov_services1", "gov_services2", "zs_lead", "city_mgmt1", "city_mgmt2", "city_mgmt_lead", "police1", "police_lead", "justice1", "party_work1",
          "street_kuibin1", "street_kuibin_lead", "mz_lead", "engineer", "leader", "housing1")
staff = {n: Client(server.port).sign_in(n, True) for n in LOGINS}
desk, desk2, desk_lead, cg, cg2, cg_lead = (staff[n] for n in LOGINS[:6])
GARBAGE = "碧澜花园北门的垃圾桶三天没人收了，苍蝇到处飞，请派人来清一下。"
REPLY = "经核查，碧澜花园北门垃圾桶因收运车辆故障三天没有清运。处理：今天上午已全部清运，改为每天两次收运，并由街道每周检查一次。"

for _ in range(1200):  # trained at the lowest priority: a busy machine takes its time
    if engineer_sees := staff["engineer"].request("GET", "/api/requests-model")[1]:
        if engineer_sees["ready"]:
            break
    time.sleep(0.1)
check(engineer_sees["ready"] and engineer_sees["texts"] > 1000, f"the model trains beside the server: {engineer_sees}")
check(engineer_sees["covered_accuracy"] >= 900, f"automatic dispatch is right on sentences never seen: {engineer_sees}")


def send(who, text, **form):
    return who.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "phone": "13800000000", **form}})


def act(who, case, action, values=None):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values or {}})


def one(who, case):
    return who.request("GET", f"/api/requests/{case}")


def view(who, case):
    return who.request("GET", f"/api/cases/{case}")[1]


def listed(who, stage):
    return [i["case_id"] for i in who.request("GET", f"/api/requests?stage={stage}")[1]["items"]]


# --- before it is sent
status, before, _ = xiaoyun.request("POST", "/api/requests/preview", {"text": GARBAGE})
check(status == 200 and before["suggestions"][0]["category"] == "0101" and before["place"] == "碧澜花园" and before["reasons"], f"preview: {before}")
check(nobody.request("POST", "/api/requests/preview", {"text": GARBAGE})[0] == 401, "nobody previews")
check(cg.request("POST", "/api/requests/preview", {"text": ""})[0] in (400, 422), "empty text")
elsewhere = xiaoyun.request("POST", "/api/requests/preview", {"text": "法院判了我不服，你们给我改过来。"})[1]
check(elsewhere["elsewhere"]["id"] == "x2" and "12368" in elsewhere["elsewhere"]["where"]["zh-CN"], f"where to turn to: {elsewhere}")

# --- automatic, through the list, to the unit's liaison
status, made, _ = send(xiaoyun, GARBAGE)
check(status == 201 and made["step"] == "liaison", f"dispatched without a person: {status} {made}")
case = made["case_id"]
status, mine, _ = one(xiaoyun, case)
check(status == 200 and mine["head"]["stage"] == "liaison" and mine["head"]["unit_name"] == "城市管理和综合执法局" and mine["head"]["due_at"] and "help" not in mine, f"the way of it: {mine}")
check(case in listed(cg, "liaison") and case not in listed(desk, "dispatch"), "in the unit's list, not at the desk")
check(one(staff["police1"], case)[0] == 404 and one(nobody, case)[0] == 401 and one(chen, case)[0] == 404, "not for others")
check(staff["leader"].request("GET", "/api/requests")[0] == 403 and xiaoyun.request("GET", "/api/requests")[0] == 403 and nobody.request("GET", "/api/requests")[0] == 401, "lists are the unit's")
status, unit_view, _ = one(cg, case)
check(status == 200 and unit_view["help"]["reasons"] and unit_view["lead_name"] == "城市管理和综合执法局", f"what the unit sees: {unit_view}")

# --- the same again: follow instead of repeating
near = chen.request("POST", "/api/requests/preview", {"text": "碧澜花园北门垃圾桶好几天没人收，很臭"})[1]["nearby"]
check(any(n["case_id"] == case for n in near), f"already reported nearby: {near}")
check("13800000000" not in str(near) and "周" not in str(near), "nothing tells who reported it")
first = chen.request("POST", f"/api/requests/{case}/follow")
again = chen.request("POST", f"/api/requests/{case}/follow")
check(first[0] == 200 and first[1]["followers"] == 1 and again[1]["followers"] == 1, f"followed once: {first[1]} {again[1]}")
check(xiaoyun.request("POST", f"/api/requests/{case}/follow")[0] == 422, "not one's own")
check(nobody.request("POST", f"/api/requests/{case}/follow")[0] == 401 and cg.request("POST", f"/api/requests/{case}/follow")[0] == 403, "only people follow")

# --- handling: sign in, contact, progress, more time, reply with its checks, review by another role
check(act(staff["police1"], case, "sign_in")[0] == 404 and act(xiaoyun, case, "sign_in")[0] in (403, 409), "only the unit signs in")
check(act(cg, case, "sign_in")[0] == 200, "signed in")
check(act(cg, case, "contact", {"result": "reached", "note": "已联系，下午到场"})[0] == 200 and one(xiaoyun, case)[1]["contacted_at"], "contact noted")
check(act(cg, case, "interim", {"progress": "环卫车辆下午三点到场清运。"})[0] == 200, "interim reply")
due = one(xiaoyun, case)[1]["head"]["due_at"]
for n in range(2):
    check(act(cg, case, "ask_extension", {"why": "收运车辆需要更换配件，等待供货"})[0] == 200, "more time asked")
    check(act(cg, case, "approve_extension")[0] in (403, 409), "not approved by oneself")
    check(act(cg_lead, case, "approve_extension")[0] == 200, "approved by the unit's supervisor")
check(one(xiaoyun, case)[1]["head"]["due_at"] > due and one(xiaoyun, case)[1]["extensions"] == 2, "the limit moves, twice")
check(act(cg, case, "ask_extension", {"why": "收运车辆需要更换配件，等待供货"})[0] in (409, 422), "and not a third time")
status, refused, _ = act(cg, case, "reply", {"outcome": "solved", "reply": "已转有关部门处理。"})
check(status == 422 and "request.reply" in str(refused), f"a reply that answers nothing: {status} {refused}")
status, refused, _ = act(cg, case, "reply", {"outcome": "solved", "reply": REPLY + "投诉人邻居电话13900000000。"})
check(status == 422, "a reply with somebody's number")
check(act(cg, case, "reply", {"outcome": "solved", "reply": REPLY})[0] == 200, "a reply that says it")
check("每天两次收运" not in str(view(xiaoyun, case)["timeline"]), "a reply that nobody has signed is not seen")
check(case in listed(cg_lead, "review") and one(xiaoyun, case)[1]["head"]["stage"] == "review", "with the reviewer")
check(act(cg2, case, "sign")[0] in (403, 409), "a colleague does not sign")
check(act(cg_lead, case, "revise", {"why": "写明检查的时间"})[0] == 200 and act(cg, case, "reply", {"outcome": "solved", "reply": REPLY})[0] == 200, "revised")
check(act(cg_lead, case, "sign")[0] == 200 and one(xiaoyun, case)[1]["replied_at"], "signed and answered")

told = str(view(xiaoyun, case)["timeline"])
check("每天两次收运" in told and "写明检查的时间" not in told, "the signed reply is seen, what the reviewer noted is not")

# --- rating, redo once, then supervision by somebody else
check(one(xiaoyun, case)[1].get("grade") is None and "rating" not in view(xiaoyun, case)["head"], "no rating is filled in for anybody")
check(act(cg, case, "rate", {"grade": 1})[0] in (403, 404, 409), "the unit does not rate itself")
check(act(xiaoyun, case, "rate", {"grade": 5, "solved": "solved_no", "comment": "下午又满了"})[0] == 200, "not satisfied")
check(one(xiaoyun, case)[1]["head"]["stage"] == "handle", "done again")
check(act(cg, case, "reply", {"outcome": "solved", "reply": REPLY})[0] == 200 and act(cg_lead, case, "sign")[0] == 200, "answered again")
check(act(xiaoyun, case, "reopen", {"why": "还是没有人来收"})[0] == 200, "still not")
check(one(desk_lead, case)[1]["head"]["stage"] == "supervise", "under supervision")
check(act(cg, case, "write_off", {"finding": "我们自己看过了，没有问题。"})[0] in (403, 409), "not closed by the handler")
check(act(desk_lead, case, "write_off", {"finding": "督办人员两次到场，垃圾已每天清运。"})[0] == 200, "closed with evidence by another")
check(one(xiaoyun, case)[1]["head"]["stage"] == "closed", "over")

# --- people dispatch what is not clear: suggestion with reasons, and only through the list
status, made, _ = send(xiaoyun, "嗯，就是那个，你们懂的，一直没人管")
case = made["case_id"]
check(made["step"] == "dispatch" and case in listed(desk, "dispatch"), f"unclear: to people: {made}")
shown = one(desk, case)[1]
check(len(shown["help"]["suggestions"]) == 3 and shown["help"]["why_not"] == "unsure", f"suggestions for the dispatcher: {shown}")
check(act(desk, case, "dispatch", {"category": "9999"})[0] == 422, "no category outside the list")
check(act(desk, case, "dispatch", {"category": "0202"})[0] == 422, "the street leads: where is it?")
check(act(cg, case, "dispatch", {"category": "0101"})[0] == 404, "another unit does not dispatch")
check(act(desk, case, "dispatch", {"category": "0202", "place": "沙湾埔村"})[0] == 200, "dispatched to the street of the place")
check(one(staff["street_kuibin1"], case)[1]["head"]["unit_name"] == "葵滨街道办事处", "the street has it")

# --- returned twice, then ruled, then no more
street, street_lead = staff["street_kuibin1"], staff["street_kuibin_lead"]
check(act(street, case, "return_order", {"reason": "短", "should_go": "城管"})[0] == 422, "a return needs reasons")
check(act(street, case, "return_order", {"reason": "在建违法建筑归城管执法，不是存量", "should_go": "城管局"})[0] == 200 and case in listed(desk, "dispatch"), "returned to the desk")
check(act(desk, case, "dispatch", {"category": "0202", "place": "沙湾埔村"})[0] == 200, "sent again")
check(act(street, case, "return_order", {"reason": "在建违法建筑归城管执法，不是存量", "should_go": "城管局"})[0] == 200, "returned again")
check(one(desk_lead, case)[1]["head"]["stage"] == "adjudicate" and case in listed(desk_lead, "adjudicate"), "whose it is must be ruled")
check(act(desk, case, "rule", {"unit": "城管", "ruling": "在建部分由城管执法牵头"})[0] in (403, 409), "a clerk does not rule")
check(act(desk_lead, case, "rule", {"unit": "没有这个单位", "ruling": "在建部分由城管执法牵头"})[0] == 422, "no such unit")
check(act(desk_lead, case, "rule", {"unit": "城管", "ruling": "在建部分由城管执法牵头，街道协助"})[0] == 200, "ruled")
check(act(cg, case, "return_order", {"reason": "还是想退回去，不归我们管", "should_go": "街道"})[0] in (409, 422), "no return after a ruling")
check(act(cg, case, "forward", {"street": "street_kuibin"})[0] == 200 and case in listed(street, "handle"), "second dispatch inside: to the street")

# --- not accepted: by a named human, with reasons and where to turn to
status, made, _ = send(xiaoyun, "法院判了我不服，你们给我改过来。")
check(made["step"] == "dispatch", "a hint refuses nobody")
check(act(desk, made["case_id"], "not_accept", {"why": "短"})[0] == 422, "reasons and remedies are wanted")
check(act(desk, made["case_id"], "not_accept", {"why": "法院已经判决的事项，行政机关不能改变", "where": "不服可以向上一级法院上诉，12368"})[0] == 200, "not accepted, with reasons")
check(one(xiaoyun, made["case_id"])[1]["head"]["stage"] == "not_accepted", "told")

# --- never.md 4: the party complained of, and confidential requests
status, made, _ = send(xiaoyun, "我叫周晓芸，小区门口垃圾桶三天没人收了，电话13912345678，城管局的人说话难听", about_unit="城管局", confidential=True)
case = made["case_id"]
check(status == 201, f"complaint: {made}")
holder = one(desk_lead, case)[1]["head"]["unit_name"] if one(desk_lead, case)[0] == 200 else "?"
check(one(cg, case)[0] == 404 and one(cg_lead, case)[0] == 404, "the unit complained of sees nothing, its supervisor neither")
check(act(cg, case, "sign_in")[0] == 404 and cg_lead.command("POST", f"/api/cases/{case}/operations/urge", {})[0] == 404, "and does nothing")
for name in ("justice1", "gov_services1"):
    seen = staff[name].request("GET", f"/api/cases/{case}")
    if seen[0] == 200 and name != "gov_services1":
        check("周" not in str(seen[1]) and "13912345678" not in str(seen[1]) and "13800000000" not in str(seen[1]), f"{name} learns who it was: {seen[1]}")
        check(staff[name].request("GET", f"/api/cases/{case}/contact?purpose=%E8%81%94%E7%B3%BB")[0] == 403, "nor by asking")
check(holder not in ("城市管理和综合执法局",), f"handled by another: {holder}")
status, made, _ = send(xiaoyun, "窗口工作人员态度差，让我跑好几趟，昨天在政务大厅", about_unit="政数局")
check(one(desk, made["case_id"])[0] == 404, "a complaint about the desk is not the desk's")
check(one(staff["mz_lead"], made["case_id"])[0] in (200, 404), "others as the table says")

# --- anonymous: nobody is told
status, made, _ = xiaoyun.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": GARBAGE + "我叫周晓芸", "anonymous": True}})
check(status == 201, "anonymous needs no number")
seen = view(cg, made["case_id"])
check("周" not in str({k: v for k, v in seen.items() if k != "definition"}) and seen["applicant_name"] == "（不公开）", f"anonymous stays so: {seen['applicant_name']}")
check(cg.request("GET", f"/api/cases/{made['case_id']}/contact?purpose=%E8%81%94%E7%B3%BB")[0] == 403, "no contact either")
check(xiaoyun.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": GARBAGE}})[0] == 422, "otherwise a number is needed")

# --- a threat to life: sealed to one unit, outside the lists
status, made, _ = send(xiaoyun, "再不解决我就从楼上跳下去，一起死！")
case = made["case_id"]
check(one(desk, case)[0] == 404 and one(desk_lead, case)[0] == 404 and one(staff["police1"], case)[0] == 200, "sealed to the police")
check(case in listed(staff["police1"], "dispatch"), "in the police's list at once")

# --- the operator: in the name of the person, from paper with the true time, once
form = {"text": "葵滨路路灯坏了一片黑，晚上接孩子看不见路", "phone": "13700000001"}
check(desk.request("POST", "/api/requests", {"form": form, "channel": "hotline"})[0] in (400, 422), "a key is needed")
key = uuid.uuid4().hex
first = desk.command("POST", "/api/requests", {"form": form, "channel": "hotline", "caller_name": "王先生"}, key)
again = desk.command("POST", "/api/requests", {"form": form, "channel": "hotline", "caller_name": "王先生"}, key)
check(first[0] == 201 and first[1] == again[1] or again[0] in (200, 201), f"taken once: {first[:2]} {again[:2]}")
for who, expected in ((nobody, 401), (xiaoyun, 403), (cg, 403), (staff["leader"], 403)):
    check(who.command("POST", "/api/requests", {"form": form, "channel": "hotline"})[0] == expected, f"who takes requests: {expected}")
paper = desk.command("POST", "/api/requests", {"form": form, "channel": "paper", "paper_number": "A-0017", "received_at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 7200))})
check(paper[0] == 201, f"from paper: {paper[:2]}")
check(desk.command("POST", "/api/requests", {"form": form, "channel": "paper", "received_at": "2031-01-01T00:00:00+08:00"})[0] in (400, 422), "not from the future")
check(desk.command("POST", "/api/requests", {"form": form, "channel": "carrier_pigeon"})[0] in (400, 422), "no such channel")

# --- call-back: by the desk, not by the handler; no answer is no rating
status, made, _ = send(xiaoyun, GARBAGE)
case = made["case_id"]
act(cg, case, "sign_in"), act(cg, case, "reply", {"outcome": "solved", "reply": REPLY}), act(cg_lead, case, "sign")
call = lambda who, body: who.command("POST", f"/api/requests/{case}/follow-up", body)  # noqa: E731
check(call(cg, {"reached": True, "grade": 1})[0] == 403 and call(nobody, {"reached": True, "grade": 1})[0] == 401 and call(xiaoyun, {"reached": True, "grade": 1})[0] == 403, "who calls back")
check(call(desk, {"reached": False})[0] == 200 and one(xiaoyun, case)[1]["head"]["stage"] == "answered", "nobody took the call: kept, and no rating")
check(call(desk, {"reached": True, "grade": 2, "solved": "solved_yes"})[0] == 200, "what the person said")
check(one(xiaoyun, case)[1]["head"]["stage"] == "closed", "satisfied: closed")

# --- adding and withdrawing, at any time
status, made, _ = send(chen, GARBAGE)
check(act(chen, made["case_id"], "add", {"more": "今天又多了一堆"})[0] == 200 and act(xiaoyun, made["case_id"], "add", {"more": "不是我的"})[0] == 404, "more is said by the one who said it")
check(act(chen, made["case_id"], "withdraw", {"why": "物业叫我撤"})[0] == 200 and one(chen, made["case_id"])[1]["head"]["stage"] == "withdrawn", "withdrawn")

# --- measures: from stored definitions, as of any day; nobody edits one
leader = staff["leader"]
status, table, _ = leader.request("GET", "/api/request-measures")
figures = {f["measure"]: f for f in table["rows"][0]["figures"]}
check(status == 200 and figures["received"]["count"] > 0 and figures["closing_rate"]["of"] == figures["received"]["count"], f"measures: {figures}")
check(figures["satisfaction_rate"]["of"] + figures["unrated"]["count"] <= figures["received"]["count"], "who did not answer is counted apart")
yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 - 86400))
before = leader.request("GET", f"/api/request-measures?until={yesterday}")[1]
again = leader.request("GET", f"/api/request-measures?until={yesterday}")[1]
check(before == again and before["rows"][0]["figures"][0]["count"] < figures["received"]["count"], "a past day stays as it was")
by_unit = leader.request("GET", "/api/request-measures?by=unit&second=month")[1]
check(sum(r["figures"][0]["count"] for r in by_unit["rows"]) == figures["received"]["count"], "two dimensions add up to the whole")
for who, expected in ((nobody, 401), (xiaoyun, 403), (cg, 403)):
    check(who.request("GET", "/api/request-measures")[0] == expected and who.request("GET", "/api/request-hotspots")[0] == expected, f"who sees measures: {expected}")
check(leader.request("GET", "/api/request-measures?by=name")[0] == 400 and leader.request("GET", "/api/request-measures?from=2026-02-02&until=2026-01-01")[0] == 400, "wrong dimension, wrong days")
status, sheet, answer = leader.request("GET", "/api/request-measures?by=unit&format=csv")
check(status == 200 and "满意率" in (sheet.decode() if isinstance(sheet, bytes) else str(sheet)), "as CSV")
status, sheet, _ = leader.request("GET", "/api/request-measures?by=unit&format=xlsx")
check(status == 200 and sheet[:2] == b"PK", "as XLSX")
status, hot, _ = leader.request("GET", "/api/request-hotspots")
check(status == 200 and any(h["reports"] >= 5 for h in hot["hotspots"]), f"the planted event of yesterday is found: {[(h['title'], h['reports']) for h in hot['hotspots']]}")
check("周" not in str(hot) and "138000" not in str(hot), "a hotspot names nobody")
for method in ("PUT", "PATCH", "POST", "DELETE"):
    check(leader.request(method, "/api/request-measures", {})[0] in (404, 405), f"{method} on a figure")

# --- left out of the figures: reason, another's agreement, counted
path = f"/api/requests/{case}/exclusion"
why = {"reason": "test_entry", "why": "这是测试时录入的诉求"}
check(desk.request("POST", path, why)[0] == 403 and cg_lead.request("POST", path, why)[0] == 404 and nobody.request("POST", path, why)[0] == 401, "who may ask")
check(desk_lead.request("POST", path, {"reason": "inconvenient", "why": "影响了我们的排名"})[0] == 400, "only the pack's reasons")
check(desk_lead.request("POST", path, why)[0] == 200 and desk_lead.request("POST", path, why)[0] == 409, "asked once")
check(desk_lead.request("POST", path + "/approval")[0] == 403, "who asks does not agree")
check(leader.request("POST", path + "/approval")[0] == 200 and leader.request("POST", path + "/approval")[0] == 409, "another agrees, once")
after = {f["measure"]: f for f in leader.request("GET", "/api/request-measures")[1]["rows"][0]["figures"]}
check(after["excluded"]["count"] == 1 and after["received"]["count"] == figures["received"]["count"] - 1, f"counted apart: {after['excluded']}")
check({f["measure"]: f for f in leader.request("GET", f"/api/request-measures?until={yesterday}")[1]["rows"][0]["figures"]}["received"] == {f["measure"]: f for f in before["rows"][0]["figures"]}["received"], "the past is not rewritten")

# --- the city's hotline: its number, its clock, no doubles; receipts go back up with retries
order = {"number": "CITY-2026-000123", "text": GARBAGE, "phone": "13600000001", "received_at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600)), "due_at": "2027-01-05T18:00:00+08:00"}
gate = staff["engineer"]
first, again = gate.request("POST", "/api/city-orders", order), gate.request("POST", "/api/city-orders", order)
check(first[0] == 201 and again[0] == 200 and again[1]["known"] and first[1]["case_id"] == again[1]["case_id"], f"the same number again: {first[:2]} {again[:2]}")
for who, expected in ((nobody, 401), (xiaoyun, 403), (cg, 403), (cg_lead, 403)):
    check(who.request("POST", "/api/city-orders", order)[0] == expected, f"who brings orders: {expected}")
city_case = first[1]["case_id"]
seen = one(cg, city_case)[1]
check(seen["city_number"] == "CITY-2026-000123" and seen["city_due_at"].startswith("2027-01-05"), f"two numbers, two clocks: {seen}")
act(cg, city_case, "sign_in"), act(cg, city_case, "reply", {"outcome": "solved", "reply": REPLY}), act(cg_lead, city_case, "sign")
for _ in range(150):
    if {"signed_in", "answered"} <= {r["what"] for r in city.received}:
        break
    time.sleep(0.1)
check(sorted(r["what"] for r in city.received) == ["answered", "signed_in"] and all(r["number"] == "CITY-2026-000123" for r in city.received), f"receipts: {city.received}")
result = next(r for r in city.received if r["what"] == "answered")
check(result["reply"] == REPLY and result["outcome"] == "solved" and "grade" not in result, f"with the result: {result}")
check(city.refused >= 1 and len(city.keys) == len(set(city.keys)), "the first try failed, and nothing came twice")
longer = gate.request("POST", "/api/city-orders", {**order, "number": "CITY-2026-000124"})[1]["case_id"]
act(cg, longer, "sign_in"), act(cg, longer, "ask_extension", {"why": "收运车辆需要更换配件，等待供货"}), act(cg_lead, longer, "approve_extension")
second = lambda: {r["what"]: r for r in city.received if r["number"] == "CITY-2026-000124"}  # noqa: E731
for _ in range(150):
    if "extended" in second():
        break
    time.sleep(0.1)
check(second()["extension_asked"]["why"].startswith("收运车辆") and second()["extended"]["due_at"] > second()["extension_asked"]["due_at"], f"more time is asked for and granted: {second()}")

# whom it concerns may be somebody else, by the same rules as everywhere
for wrong in ({"relation": "cousin"}, {"relation": "agent"}, {"concerned_phone": "13600000002"}):
    refused = gate.request("POST", "/api/city-orders", {**order, "number": "CITY-2026-000130", **wrong})
    check(400 <= refused[0] < 500 and refused[1]["title"], f"refused with the reason: {wrong} {refused[:2]}")
child = gate.request("POST", "/api/city-orders", {**order, "number": "CITY-2026-000131", "relation": "guardian", "person_concerned": "周小朵", "concerned_minor": True})
check(child[0] == 201, f"for a child: {child[:2]}")
seen = one(cg, child[1]["case_id"])
check(seen[0] == 200 and "周小朵" not in str(seen[1]) and seen[1]["concerned"] | {"title": None} == {"relation": "guardian", "title": None, "minor": True, "named": True, "reachable": False, "speak_to": "teller"}, f"masked: {seen[1].get('concerned')}")
# an order that goes back: the city is told that, and why
back = gate.request("POST", "/api/city-orders", {**order, "number": "CITY-2026-000125"})[1]["case_id"]
WHY = "经核对职责清单，这一类由街道牵头，不归本单位。"
check(act(cg, back, "return_order", {"reason": WHY, "should_go": "葵滨街道"})[0] == 200, "returned")
third = lambda: {r["what"]: r for r in city.received if r["number"] == "CITY-2026-000125"}  # noqa: E731
for _ in range(150):
    if "returned" in third():
        break
    time.sleep(0.1)
check(third().get("returned", {}).get("why") == WHY and "葵滨街道" not in str(third()["returned"]), f"with the reason, without what is said inside: {third()}")

# --- a table of another channel: rows that are wrong are named, rows that came are not doubled
table = "number,text,place,phone,received_at\n" + f'A1,"{GARBAGE}",碧澜花园,13500000001,\nA2,短,,13500000002,\nA3,"他说""没人管"",三天了，垃圾桶满了",碧澜花园,13500000003,\nA4,路灯坏了一片黑,,13500000004,2031-01-01T00:00:00+08:00\n'
headers = {"Content-Type": "text/csv"}
status, report, _ = gate.request("POST", "/api/request-imports?channel=app", raw=table.encode(), headers=headers)
check(status == 200 and report["taken"] == 2 and report["refused"] == 2 and [r["outcome"] for r in report["rows"]] == ["taken", "refused", "taken", "refused"], f"import: {report}")
status, report, _ = gate.request("POST", "/api/request-imports?channel=app", raw=table.encode(), headers=headers)
check(report["known"] == 2 and report["taken"] == 0, "imported once")
check(gate.request("POST", "/api/request-imports?channel=app", raw=b"a,b\n1,2\n", headers=headers)[0] == 422 and gate.request("POST", "/api/request-imports?channel=moon", raw=table.encode(), headers=headers)[0] == 400, "a wrong header, a wrong channel")
# the same as an Excel workbook, with shared and inline texts and a day as a number; what is no workbook is refused
def workbook(sheet, **parts):
    files = {"xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId7"/></sheets></workbook>',
             "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Target="worksheets/list.xml"/></Relationships>',
             "xl/sharedStrings.xml": "<sst><si><t>number</t></si><si><t>text</t></si><si><r><t>received</t></r><r><t>_at</t></r></si></sst>", "xl/worksheets/list.xml": sheet, **parts}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name, text)
    return out.getvalue()


serial = (time.time() + 8 * 3600) / 86400 + 25569 - 0.5
rows = ('<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="D1" t="s"><v>2</v></c></row>'
        f'<row r="2"><c r="A2"><v>71</v></c><c r="B2" t="inlineStr"><is><t>{GARBAGE}</t></is></c><c r="D2"><v>{serial:.6f}</v></c></row>'
        '<row r="4"><c r="A4"><v>72</v></c><c r="B4" t="inlineStr"><is><t>短</t></is></c></row></sheetData></worksheet>')
excel = lambda raw: gate.request("POST", "/api/request-imports?channel=letter", raw=raw, headers={"Content-Type": "application/octet-stream"})  # noqa: E731
status, report, _ = excel(workbook(rows))
check(status == 200 and report["taken"] == 1 and report["refused"] == 1 and report["rows"][0]["number"] == "71" and [r["row"] for r in report["rows"]] == [2, 4], f"import from a workbook: {status} {report}")
arrived = one(desk_lead, report["rows"][0]["case_id"])
check(arrived[0] != 200 or abs(time.time() - 43200 - datetime.datetime.fromisoformat(arrived[1]["head"]["received_at"]).timestamp()) < 120, f"with the day as a moment: {arrived[1]['head']['received_at']}")
check(excel(workbook(rows))[1]["known"] == 1, "and once")
for bad in (b"PK\x03\x04 nothing", workbook("<worksheet><sheetData>"), workbook('<worksheet><sheetData><row><c t="s"><v>99</v></c></row></sheetData></worksheet>'),
            workbook('<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'), workbook('<worksheet><sheetData><row r="99999999"/></sheetData></worksheet>')):
    check(400 <= excel(bad)[0] < 500, f"what is no such workbook: {excel(bad)[:2]}")
check(xiaoyun.request("POST", "/api/request-imports?channel=app", raw=table.encode(), headers=headers)[0] == 403 and cg.request("POST", "/api/request-imports?channel=app", raw=table.encode(), headers=headers)[0] == 403, "who imports")

# --- never.md 6: every look at the contact is told to its subject
case = send(xiaoyun, GARBAGE)[1]["case_id"]
check(cg.request("GET", f"/api/cases/{case}/contact?purpose=%E7%BA%A6%E4%B8%8A%E9%97%A8%E6%97%B6%E9%97%B4")[0] == 200, "the unit may call, and says why")
check(any("约上门时间" in a["purpose"] for a in xiaoyun.request("GET", "/api/accesses")[1]["items"]), "the person sees that look and its purpose")
# --- never.md 2: the rated see no words of the one who rated
act(cg, case, "sign_in"), act(cg, case, "reply", {"outcome": "solved", "reply": REPLY}), act(cg_lead, case, "sign")
act(xiaoyun, case, "rate", {"grade": 2, "comment": "这句话不给承办人看"})
check("这句话不给承办人看" not in str(view(cg, case)), "the comment stays from the one who was rated")
# --- never.md 5: no number is blocked, however often it calls
check(all(send(xiaoyun, "碧澜花园水管漏水又漏了第%d次" % n)[0] == 201 for n in range(12)), "twelve calls on one leak are twelve requests")

# --- followers are told
messages = chen.request("GET", "/api/messages")[1]["items"]
check(any(m["body"].get("followed") for m in messages), "who follows is told")

# --- all of it follows from the events, also after a kill
server.kill()
server.start()
xiaoyun.port = server.port
check(one(xiaoyun, case)[1]["head"]["stage"] == "closed", "still there")
checks.finish_with(server, postgres)
