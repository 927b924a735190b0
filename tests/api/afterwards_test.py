#!/usr/bin/env python3
"""What follows a decision, over HTTP against a real server: checks that somebody takes and a supervisor judges, materials that were
promised (sent, looked at, reminded of, late), results on their way, files on their way to the archive unit. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.watch_seconds": 1})
PHONE = "13800000000"
FOOD = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": "@file", "safety_rules": "@file", "phone": PHONE}
ANSWERS = {"trade": "catering"}
HAIR = {"kind": "hair", "place": "碧溪街 3 号", "way": "promise", "promise": True, "layout": "@file", "rules": "@file", "phone": PHONE}


def at_once(calls):
    """Runs the calls at the same time; their statuses."""
    answers = [None] * len(calls)

    def run(n):
        answers[n] = calls[n]()[0]
    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return answers


nobody, chen, xiaoyun, p06 = (people(x) for x in ("nobody", "chen", "xiaoyun", "p06"))
health, health2, wj_lead, market, market2, sj_lead, police = (people(x) for x in ("health1", "health2", "wj_lead", "market1", "market2", "sj_lead", "police1"))


def wait_for(found, seconds=10):
    """What happens on its own a moment later: the first answer that is something."""
    for _ in range(seconds * 10):
        if answer := found():
            return answer
        time.sleep(0.1)
    return found()


# --- checks afterwards: listed for the unit, taken by one, the result by name, a difference judged by another
granted = [people.apply(who, "hygiene_licence_new", HAIR, answers={"way": "promise"})[1] for who in (xiaoyun, chen)]
check(all(m["step"] == "granted" for m in granted), f"granted by promise: {granted}")
case = granted[0]["case_id"]
listed = [c for c in health.request("GET", "/api/matter-checks")[1]["items"] if c["kind"] == "pledge"]
check({c["case_id"] for c in listed} == {m["case_id"] for m in granted} and all(c["may"] == ["take", "finish"] and not c["late"] for c in listed), f"both wait: {listed}")
PLEDGE = f"/api/matter-checks/{case}/pledge"
for who, code in ((nobody, 401), (xiaoyun, 403), (people("leader"), 403), (people("designer"), 403), (police, 404)):
    check(who.request("POST", f"{PLEDGE}/take")[0] == code, f"who takes a check: {code}")
    check(who.request("POST", PLEDGE, {"result": "agrees", "note": "现场看过"})[0] == code, f"who finishes a check: {code}")
    check(who.request("POST", f"{PLEDGE}/verdict", {"verdict": "keep", "note": "现场看过，没有问题"})[0] == code, f"who judges a check: {code}")
check(sorted(at_once([lambda: health.request("POST", f"{PLEDGE}/take"), lambda: health2.request("POST", f"{PLEDGE}/take")])) == [200, 409], "two take it at once: one has it")
mine = health if any((c["case_id"], c["kind"]) == (case, "pledge") and "finish" in c["may"] for c in health.request("GET", "/api/matter-checks")[1]["items"]) else health2
other = health2 if mine is health else health
status, told, _ = other.request("POST", PLEDGE, {"result": "agrees", "note": "我也看过"})
check(status == 409 and "code" in told, f"what a colleague has taken is hers: {status} {told}")
check(mine.request("POST", PLEDGE, {"result": "maybe!", "note": "看过"})[0] == 422 and mine.request("POST", PLEDGE, {"result": "agrees", "note": ""})[0] == 400, "a result and what was found")
status, done, _ = mine.request("POST", PLEDGE, {"result": "differs", "note": "现场有三十五张床，与承诺不符"})
check(status == 200 and done["result"] == "differs" and done["by"] and done["may"] == [], f"recorded: {done}")
check(mine.request("POST", PLEDGE, {"result": "agrees", "note": "再来一次"})[0] == 409, "once")
held = xiaoyun.request("GET", "/api/certificates")[1]["items"]
licence = next(c for c in held if c["case_id"] == case)
check(licence["state"] == "valid", "a difference changes nothing by itself")
waiting = wj_lead.request("GET", "/api/matter-checks?state=differs")[1]["items"]
check([c["case_id"] for c in waiting] == [case] and waiting[0]["may"] == ["judge"], f"waits for a supervisor: {waiting}")
check(mine.request("POST", f"{PLEDGE}/verdict", {"verdict": "revoke", "note": "与承诺不符，依法撤销"})[0] == 403, "a clerk does not judge")
for bad in ({"verdict": "restore", "note": "与承诺不符，依法撤销"}, {"verdict": "cancel", "note": "与承诺不符，依法撤销"}, {"verdict": "revoke", "note": "x"}, {"verdict": "revoke"}):
    check(wj_lead.request("POST", f"{PLEDGE}/verdict", bad)[0] in (400, 422), f"refused: {bad}")
check(wj_lead.request("POST", f"/api/matter-checks/{granted[1]['case_id']}/pledge/verdict", {"verdict": "revoke", "note": "没有核查就撤销不行"})[0] == 409, "not before the check")
JUDGE = {"verdict": "revoke", "note": "床位与承诺不符，依行政许可法第六十九条撤销"}
check(sorted(at_once([lambda: wj_lead.request("POST", f"{PLEDGE}/verdict", JUDGE)] * 2)) == [200, 409], "judged once, also by two windows")
check(next(c for c in xiaoyun.request("GET", "/api/certificates")[1]["items"] if c["case_id"] == case)["state"] == "revoked", "revoked by name")
closed = health.request("GET", "/api/matter-checks?state=closed")[1]["items"]
check(closed[0]["verdict"] == "revoke" and closed[0]["verdict_by"] == "江慧敏" and closed[0]["matter_name"], f"closed: {closed[:1]}")
check(any("事后核查" in a["purpose"] for a in xiaoyun.request("GET", "/api/accesses")[1]["items"]), "the person sees the look")
check(any("撤销：" in u["purpose"] for u in xiaoyun.request("GET", "/api/certificate-uses")[1]["items"]), "and why")
check(health.request("GET", "/api/matter-checks?state=odd")[0] == 400, "an unknown state")

# --- promised materials: seen by the applicant, sent from the own device, looked at by the unit
status, made = people.apply(chen, "food_licence_new", FOOD, answers=ANSWERS, promises=["equipment"])
case = made["case_id"]
own = chen.request("GET", "/api/promises")[1]["items"]
check(status == 201 and [(p["material"], p["state"], p["may"], p["late"]) for p in own] == [("equipment", "awaited", ["send"], False)] and own[0]["matter_name"], f"mine: {own}")
check(xiaoyun.request("GET", "/api/promises")[1]["items"] == [] and nobody.request("GET", "/api/promises")[0] == 401 and market.request("GET", "/api/promises")[0] == 403, "only one's own")
PROMISE = f"/api/cases/{case}/promises/equipment"
mine_file = people.upload(chen)
for who, code in ((nobody, 401), (xiaoyun, 404), (police, 404), (market, 403)):
    check(who.request("POST", PROMISE, {"files": [mine_file]})[0] == code, f"who sends: {code}")
check(chen.request("POST", f"/api/cases/{case}/promises/layout", {"files": [mine_file]})[0] == 404, "only what was promised")
for bad in ({"files": []}, {"files": ["zz"]}, {}, {"files": [mine_file] * 7}):
    check(chen.request("POST", PROMISE, bad)[0] in (400, 422), f"refused: {bad}")
check(chen.request("POST", PROMISE, {"files": ["ab" * 32]})[0] == 422, "a file that nobody has uploaded")
check(market.request("POST", f"{PROMISE}/verdict", {"accepts": True})[0] == 409, "nothing to look at yet")
status, sent, _ = chen.request("POST", PROMISE, {"files": [mine_file]})
check(status == 200 and sent["state"] == "sent" and sent["files"] == [mine_file] and sent["may"] == [] and sent["rounds"] == 1, f"sent: {sent}")
check(chen.request("POST", PROMISE, {"files": [mine_file]})[0] == 409, "not twice while somebody looks at it")
for who, code in ((nobody, 401), (xiaoyun, 404), (police, 404), (chen, 200), (market, 200)):
    check(who.request("GET", f"{PROMISE}/files/{mine_file}")[0] == code, f"who sees the file: {code}")
check(chen.request("GET", f"{PROMISE}/files/{'cd' * 32}")[0] == 404, "another file")
check(any("补交的材料" in a["purpose"] for a in chen.request("GET", "/api/accesses")[1]["items"]), "the look at it is recorded")
for who, code in ((nobody, 401), (xiaoyun, 404), (chen, 403), (police, 404)):
    check(who.request("POST", f"{PROMISE}/verdict", {"accepts": True})[0] == code, f"who decides: {code}")
check(market.request("POST", f"{PROMISE}/verdict", {"accepts": False})[0] == 422, "not sent back without a reason")
status, again, _ = market.request("POST", f"{PROMISE}/verdict", {"accepts": False, "reason": "照片看不清型号"})
check(status == 200 and again["state"] == "again" and again["reason"] == "照片看不清型号" and again["decided_by"], f"sent back by name: {again}")
messages = wait_for(lambda: chen.request("GET", "/api/messages")[1]["items"])
check("照片看不清型号" in str(messages[:1]), f"the applicant is told why: {messages[:1]}")
check(chen.request("POST", PROMISE, {"files": [mine_file, people.upload(chen)]})[1].get("rounds") == 2, "sent again")
check(sorted(at_once([lambda: market.request("POST", f"{PROMISE}/verdict", {"accepts": True}), lambda: market2.request("POST", f"{PROMISE}/verdict", {"accepts": False, "reason": "还是看不清"})])) == [200, 409], "two officers at once: one wins, the other is told")
state = chen.request("GET", f"/api/cases/{case}/matter")[1]["promises"][0]
if state["state"] == "again":
    chen.request("POST", PROMISE, {"files": [mine_file]})
    check(market.request("POST", f"{PROMISE}/verdict", {"accepts": True})[0] == 200, "accepted in the end")
check(not any(c["case_id"] == case for c in market.request("GET", "/api/matter-checks")[1]["items"]), "accepted: the unit's check is closed")
check(any(c["case_id"] == case and c["result"] == "agrees" for c in market.request("GET", "/api/matter-checks?state=closed")[1]["items"]), "by name")

# --- one that does not come: reminded before, told when it is late, no further promise until it is made good
late_case = people.apply(p06, "food_licence_new", FOOD, answers=ANSWERS, promises=["equipment"])[1]["case_id"]
counter_case = people.apply(xiaoyun, "food_licence_new", FOOD, answers=ANSWERS, promises=["equipment"])[1]["case_id"]
status, received, _ = market.request("POST", f"/api/matter-checks/{counter_case}/later:equipment", {"result": "agrees", "note": "窗口收到设备清单"})
check(status == 200 and xiaoyun.request("GET", f"/api/cases/{counter_case}/matter")[1]["promises"][0]["state"] == "accepted", f"received at the window: {received}")


def later(days):
    server.days_later(days)
    people.signed_in.clear()


def what(who, case_id):
    return [m.get("body", m).get("promise", {}).get("what") for m in who.request("GET", "/api/messages")[1]["items"] if m.get("body", m).get("case_id", case_id) == case_id and "promise" in str(m)]


later(13)  # two working days before the tenth one, weekends between
p06 = people("p06")
wait_for(lambda: what(p06, late_case))
check(what(p06, late_case) == ["soon"], f"reminded once before: {p06.request('GET', '/api/messages')[1]['items'][:2]}")
later(6)
p06, market, xiaoyun = people("p06"), people("market1"), people("xiaoyun")
wait_for(lambda: len(what(p06, late_case)) > 1)
check(what(p06, late_case) == ["late", "soon"], f"told once when it is late: {what(p06, late_case)}")
own = p06.request("GET", "/api/promises")[1]["items"]
check(own[0]["late"] and own[0]["barred_until"] and own[0]["may"] == ["send"], f"late: {own}")
overdue = [c for c in market.request("GET", "/api/matter-checks")[1]["items"] if c["case_id"] == late_case]
check(overdue and overdue[0]["late"], f"the unit sees it: {overdue}")
status, refused = people.apply(p06, "food_licence_new", {**FOOD, "place": "海棠街 9 号"}, answers=ANSWERS, promises=["equipment"])
check(status == 422 and "没有按期补交" in str(refused), f"no further promise: {status} {refused}")
check(people.apply(p06, "food_licence_new", {**FOOD, "place": "海棠街 9 号", "equipment": "@file"}, answers=ANSWERS)[0] == 201, "the right to apply stays")
check(people.apply(xiaoyun, "food_licence_new", {**FOOD, "place": "海棠街 10 号"}, answers=ANSWERS, promises=["equipment"])[0] == 201, "nobody else is barred")
server.kill()
server.start()
for client in people.signed_in.values():
    client.port = server.port
time.sleep(2.5)
check(what(p06, late_case) == ["late", "soon"], "nothing is told twice after a crash")
LATE = f"/api/cases/{late_case}/promises/equipment"
check(p06.request("POST", LATE, {"files": [people.upload(p06)]})[0] == 200 and market.request("POST", f"{LATE}/verdict", {"accepts": True})[0] == 200, "made good")
check(people.apply(p06, "food_licence_new", {**FOOD, "place": "海棠街 11 号"}, answers=ANSWERS, promises=["equipment"])[0] == 201, "promises again")

# --- results on their way to people
sj_lead, chen, police, zs = people("sj_lead"), people("chen"), people("police1"), people("zs_lead")
check(market.request("GET", f"/api/cases/{case}")[1]["head"]["step"] == "deemed", "weeks without a word: accepted by law")
for action, who, given in (("reviewed", market, {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}), ("grant", sj_lead, {})):
    status, answer, _ = who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})
    check(status == 200, f"{action}: {status} {answer}")
row = next((d for d in market.request("GET", "/api/deliveries")[1]["items"] if d["case_id"] == case), None)
check(row and row["outcome"] == "granted" and row["way"] == "" and not row["late"] and row["case_number"], f"waits to be delivered: {row}")
for path in ("/api/deliveries", "/api/archive-files", "/api/archive-transfers"):
    for who, code in ((people("nobody"), 401), (chen, 403), (people("leader"), 403), (people("designer"), 403)):
        check(who.request("GET", path)[0] == code, f"{path}: {code}")
    check(all(r.get("case_id") != case for r in police.request("GET", path)[1]["items"]), f"{path}: not another unit's")
check(market.request("POST", f"/api/cases/{case}/delivery", {"way": "post"})[0] == 422 and market.request("POST", f"/api/cases/{case}/delivery", {"way": "post", "number": "EMS10001"})[0] == 201, "posted with its number")
row = next(d for d in market.request("GET", "/api/deliveries")[1]["items"] if d["case_id"] == case)
check(row["way"] == "post" and row["number"] == "EMS10001", f"on its way: {row}")

# --- the archive: due, checked, handed over with hashes, accepted by the keeper, who is another
due = next((f for f in market.request("GET", "/api/archive-files")[1]["items"] if f["case_id"] == case), None)
check(due and due["state"] == "due" and not due["faults"], f"due: {due}")
status, after, _ = market.request("POST", f"/api/cases/{case}/archive")
check(after["archive"]["state"] == "faults" and any("送达" in f for f in after["archive"]["faults"]), f"what is missing is named: {after['archive']}")
check(next(f for f in market.request("GET", "/api/archive-files")[1]["items"] if f["case_id"] == case)["faults"], "and listed")
check(market.request("POST", f"/api/cases/{case}/delivery/received", {"receiver": "陈玉珍"})[0] == 200, "received")
check(all(d["case_id"] != case for d in market.request("GET", "/api/deliveries")[1]["items"]), "delivered: no longer waiting")
time.sleep(1.5)  # the root of the last event is signed within a second
check(at_once([lambda: market.request("POST", f"/api/cases/{case}/archive")] * 2).count(200) >= 1, "archived")
ready = market.request("GET", "/api/archive-files?state=archived")[1]
check([f["case_id"] for f in ready["items"]] == [case] and ready["keeper"] == "gov_services", f"ready: {ready}")
for bad, code in (({"cases": []}, 422), ({"cases": [late_case]}, 404), ({"cases": [case, case]}, 404), ({"cases": ["x"]}, 400)):
    check(market.request("POST", "/api/archive-transfers", bad)[0] == code, f"{bad}: {code}")
check(police.request("POST", "/api/archive-transfers", {"cases": [case]})[0] == 404 and chen.request("POST", "/api/archive-transfers", {"cases": [case]})[0] == 403, "only the unit's own")
check(sorted(at_once([lambda: market.request("POST", "/api/archive-transfers", {"cases": [case]})] * 2))[0] == 201, "offered once")
lists = zs.request("GET", "/api/archive-transfers")[1]["items"]
check(len(lists) == 1 and lists[0]["state"] == "offered" and lists[0]["may"] == ["decide"] and lists[0]["count"] == 1, f"the keeper sees it: {lists}")
LIST = f"/api/archive-transfers/{lists[0]['id']}"
shown = zs.request("GET", LIST)[1]
item = shown["items"][0]
check(item["case_id"] == case and len(item["sm3"]) == 64 and item["events"] >= 4 and len(item["files"]) >= 2 and len(shown["sm3"]) == 64, f"with its hashes: {shown}")
check(police.request("GET", LIST)[0] == 404 and people("nobody").request("GET", LIST)[0] == 401, "not for others")
table = market.request("GET", f"{LIST}?format=csv")[1]
check(item["sm3"] in table.decode() and market.request("GET", f"{LIST}?format=xlsx")[1][:2] == b"PK" and market.request("GET", f"{LIST}?format=odt")[0] == 400, "as a table")
for who, code in ((people("nobody"), 401), (chen, 403), (police, 404), (market, 403)):
    check(who.request("POST", f"{LIST}/verdict", {"accepts": True})[0] == code, f"who accepts: {code}")
check(zs.request("POST", f"{LIST}/verdict", {"accepts": False})[0] == 422, "returned with a reason")
check(zs.request("POST", f"{LIST}/verdict", {"accepts": False, "note": "缺现场核查照片"})[1]["state"] == "returned", "returned by name")
check([f["case_id"] for f in market.request("GET", "/api/archive-files?state=archived")[1]["items"]] == [case], "what was returned can be offered again")
status, second, _ = market.request("POST", "/api/archive-transfers", {"cases": [case]})
check(status == 201 and second["items"][0]["sm3"] == item["sm3"], "the hash is the same")
keeper = people("gov_services1")
answers = at_once([lambda: zs.request("POST", f"/api/archive-transfers/{second['id']}/verdict", {"accepts": True}), lambda: keeper.request("POST", f"/api/archive-transfers/{second['id']}/verdict", {"accepts": False, "note": "再看看"})])
check(sorted(answers)[0] == 200 and sorted(answers)[1] in (409, 429), f"accepted or returned once: {answers}")
if answers[0] != 200:
    third = market.request("POST", "/api/archive-transfers", {"cases": [case]})[1]
    check(zs.request("POST", f"/api/archive-transfers/{third['id']}/verdict", {"accepts": True})[0] == 200, "accepted")
archive = market.request("GET", f"/api/cases/{case}/afterwards")[1]["archive"]
check(archive["state"] == "handed_over" and archive["keeper"] == "政务服务和数据管理局" and archive["handed_over"], f"recorded on the case: {archive}")
check(market.request("POST", f"/api/cases/{case}/archive")[0] in (409, 429), "not archived anew")
check(chen.command("POST", f"/api/cases/{case}/actions/rate", {"input": {"grade": 1}})[0] == 200, "rated afterwards: the hash covered what there was")

# --- figures as files
for who, code in ((people("nobody"), 401), (chen, 403), (market, 200), (people("leader"), 200)):
    check(who.request("GET", "/api/matter-measures?format=csv")[0] == code, f"figures: {code}")
text = sj_lead.request("GET", "/api/matter-measures?format=csv")[1].decode()
check(text.startswith("\ufeff") and "好评率" in text and "grade <= 3" in text, f"with their definitions: {text[:200]}")
check(sj_lead.request("GET", "/api/matter-measures?format=xlsx")[1][:2] == b"PK" and sj_lead.request("GET", "/api/matter-measures?format=pdf")[0] == 400, "as a workbook")
checks.finish_with(server, postgres)
