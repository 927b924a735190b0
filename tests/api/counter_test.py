#!/usr/bin/env python3
"""The counter: shifts, people looked up with consent, any matter served, paper originals under two signatures, hand-over; delivery and
archive; ratings with redress and appeal, and their figures; a limited quantity; renewal with its predecessor; somebody who could not
get it done. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.training_delay_seconds": 3600})
nobody, chen, xiaoyun, zhao = (people(x) for x in ("nobody", "chen", "xiaoyun", "zhao"))
one, two, market, lead = (people(x) for x in ("gov_services1", "gov_services2", "market1", "sj_lead"))
PHONE = {"phone": "13800000000"}


def post(who, path, body=None):
    return who.request("POST", path, {} if body is None else body)[:2]


# --- who serves at a window
for client, code in ((nobody, 401), (chen, 403), (market, 403), (people("zs_lead"), 403)):
    check(client.request("GET", "/api/counter")[0] == code and post(client, "/api/counter/shifts", {"window": "A01"})[0] == code, f"who serves: {code}")
guest = {"name": "陈玉珍", "number": people.number("chen"), "consent": "出示身份证并口头同意"}
check(post(one, "/api/counter/visits", guest)[0] == 409, "nobody is served without a shift")
status, shift = post(one, "/api/counter/shifts", {"window": "A01"})
check(status == 201 and shift["mine"] and post(one, "/api/counter/shifts", {"window": "A02"})[0] == 409, f"one shift at a time: {shift}")

# --- a person is looked up with consent, by card and name; and sees it
check(post(one, "/api/counter/visits", {**guest, "consent": ""})[0] == 400 and post(one, "/api/counter/visits", {**guest, "name": "陈某"})[0] == 404, "consent, and the name on the card")
status, visit = post(one, "/api/counter/visits", guest)
check(status == 201 and visit["name"] == "陈**" and "*" in visit["number_masked"], f"masked at the window too: {visit}")
check("窗口办事：出示身份证并口头同意" in [a["purpose"] for a in chen.request("GET", "/api/accesses")[1]["items"]], "the person sees who looked him up")
here = f"/api/counter/visits/{visit['subject']}/{visit['visit']}"
check(one.request("GET", here)[0] == 200 and two.request("GET", here)[0] in (404, 409), "a visit is at one window")
told, _, _ = chen.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": "海棠街 8 号门前的垃圾三天没有收了", "phone": "13800000000", "confidential": True}})
seen = one.request("GET", here)[1]["cases"]
check(told == 201 and all(c["type"] not in ("service_request", "cannot_get_done") for c in seen), f"what somebody complains of is not for a window: {seen}")

# --- any matter: prefill, scans, application in the person's name, with who served him
status, filled, _ = one.request("GET", here + "/prefill?matter=food_licence_new")
check(status == 200, f"prefill at the window: {status} {filled}")
scan = people.upload(one)
food = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": [scan], "safety_rules": [scan], "equipment": [scan], **PHONE}
status, made, _ = one.command("POST", here + "/applications", {"matter": "food_licence_new", "form": {**food, "layout": ["0" * 64]}})
check(status == 422, f"only what this clerk has scanned: {status} {made}")
status, made, _ = one.command("POST", here + "/applications", {"matter": "food_licence_new", "form": food, "answers": {"trade": "catering"}}, "counter1")
check(status == 201 and made["step"] == "accept", f"applied at the window: {status} {made}")
case = made["case_id"]
check(one.command("POST", here + "/applications", {"matter": "food_licence_new", "form": food, "answers": {"trade": "catering"}}, "counter1")[1]["case_id"] == case, "the same key once")
check(chen.request("GET", f"/api/cases/{case}")[0] == 200, "it is the person's case")
detail = one.request("GET", here)[1]
check(detail["visit"]["case_id"] == case and detail["visit"]["visits"] == 1 and not detail["visit"]["above_promise"], f"the visit is counted: {detail['visit']}")
check(one.request("GET", f"/api/cases/{case}/papers/receipt")[0] == 200 and two.request("GET", f"/api/cases/{case}/papers/receipt")[0] == 404, "the receipt is printed where the person stands, and nowhere else")
check(chen.request("GET", f"/api/cases/{case}/papers/receipt")[0] == 200, "the receipt is the person's")

# --- joint applicants: nothing begins for one of them alone; who is at the window confirms there, heard by a clerk by name
tenant = people("zhao")
second = post(one, "/api/counter/visits", guest)[1]
again = f"/api/counter/visits/{second['subject']}/{second['visit']}"
form = people.filled(chen, "lease_filing", {"address": "葵滨大道 18 号", "area": 60, "persons": 3, "title": "yes", "landlord": "@fact", "tenant": "赵立新", "tenant_number": "@number:zhao", "rent": 2600, "until": "@today+365", "both_sign": True, **PHONE})
lease = {"matter": "lease_filing", "form": {**form, "contract": [scan]}, "answers": {"title": "yes"}}
forged = {**lease, "form": lease["form"], "at_window": {"x": 1}}
check(one.command("POST", again + "/applications", forged)[0] == 400, "nobody says from outside what a window has said")
status, waits, _ = one.command("POST", again + "/applications", lease, "counter-lease")
check(status == 202 and waits["waiting"] == ["赵立新"] and not waits["case_id"], f"waits for the tenant: {status} {waits}")
check(one.command("POST", again + "/applications", lease, "counter-lease")[1]["joint"] == waits["joint"], "the same key is the same application")
status, theirs = post(one, "/api/counter/visits", {"name": "赵立新", "number": people.number("zhao"), "consent": "出示身份证并口头同意"})
there = f"/api/counter/visits/{theirs['subject']}/{theirs['visit']}/joint-applications"
listed = one.request("GET", there)[1]["items"]
check([j["id"] for j in listed] == [waits["joint"]] and any(line["value"] == "葵滨大道 18 号" for line in listed[0]["lines"]) and people.number("zhao") not in str(listed), f"what he is to confirm: {listed}")
check(one.request("GET", again + "/joint-applications")[1]["items"] == [], "who applies is not asked to confirm")
yes = {"agrees": True}
for client, code in ((nobody, 401), (tenant, 403), (market, 403), (two, 409), (people("zs_lead"), 403), (people("leader"), 403)):
    check(client.request("GET", there)[0] == code and post(client, f"{there}/{waits['joint']}", yes)[0] == code, f"who hears it: {code}")
check(post(one, here + f"/joint-applications/{waits['joint']}", yes)[0] == 409 and post(one, f"{there}/{'0' * 32}", yes)[0] == 404, "not for another, not for nothing")
status, done = post(one, f"{there}/{waits['joint']}", yes)
check(status == 200 and done["state"] == "submitted", f"confirmed in person: {status} {done}")
check(post(one, f"{there}/{waits['joint']}", yes)[0] == 409, "once")
mine = next(j for j in chen.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == waits["joint"])
told = chen.request("GET", f"/api/cases/{mine['case_id']}/matter")[1]
check(told["by_rules"] and len(told["certificates"]) == 1, f"and decided: {told}")
check(any("窗口确认共同申请" in a["purpose"] for a in tenant.request("GET", "/api/accesses")[1]["items"]), "he sees who has heard it")
check(one.request("GET", again)[1]["visit"]["case_id"] == mine["case_id"], "what came of her visit stands with the visit")
status, waits, _ = one.command("POST", again + "/applications", lease)
status, done = post(one, f"{there}/{waits['joint']}", {"agrees": False, "why": "租金写错了"})
check(status == 200 and done["state"] == "declined", f"declined in person: {status} {done}")
status, waits, _ = one.command("POST", again + "/applications", lease)
check(tenant.request("POST", f"/api/joint-applications/{waits['joint']}/answer", yes)[1]["state"] == "submitted", "or confirmed on his own phone")
post(one, again + "/end", {"outcome": "租赁备案办好了"})
post(one, there.removesuffix("/joint-applications") + "/end", {"outcome": "已确认"})
check(one.request("GET", there)[0] == 404, "not after the visit")

# --- a paper original: shown, kept or returned; two signatures, never of one person
status, after = post(one, f"/api/cases/{case}/originals", {"name": "营业执照正本", "handling": "return", "pages": 1, "given_by": "陈玉珍"})
check(status == 201 and "signed_at" not in after["originals"][0], f"taken, one signature is missing: {status} {after}")
paper = after["originals"][0]
base = f"/api/cases/{case}/originals/{paper['id']}"
check(post(one, f"/api/cases/{case}/originals", {"name": "x", "handling": "burn", "pages": 1, "given_by": "y"})[0] == 422, "show, keep or return")
check(post(one, base + "/return", {"to": "陈玉珍"})[0] == 409, "not given back before the second signature")
check(post(one, base + "/sign")[0] == 403, "not both signatures by one person")
check(post(xiaoyun, base + "/sign")[0] == 404 and post(nobody, base + "/sign")[0] == 401, "a stranger signs nothing")
status, after = post(chen, base + "/sign")
check(status == 200 and after["originals"][0]["signed_at"], f"the person signs on his own device: {status} {after}")
check(post(chen, base + "/sign")[0] == 409, "once")
check(post(chen, base + "/return", {"to": "陈玉珍"})[0] == 403, "the person cannot give it back to himself")

# --- the shift is handed over: people and originals go with it, under the taker's name
check(post(one, f"/api/counter/shifts/{shift['id']}/close", {})[0] == 422, "somebody must take over what is open")
desk = one.request("GET", "/api/counter")[1]
check(len(desk["visits"]) == 1 and desk["originals"][0]["name"] == "营业执照正本", f"the desk: {desk}")
to = next(c["id"] for c in desk["colleagues"] if c["name"] == two.request("GET", "/api/session")[1]["name"])
status, closed = post(one, f"/api/counter/shifts/{shift['id']}/close", {"to": to, "note": "下午三点还要来"})
check(status == 200 and "未办完 1 人；陈** food_licence_new" in closed["sheet"] and "原件 1 份；营业执照正本" in closed["sheet"], f"the sheet says what is open: {closed}")
check(post(one, f"/api/counter/shifts/{shift['id']}/close", {"to": to})[0] == 404, "once")
check(post(two, f"/api/counter/shifts/{shift['id']}/take")[0] == 409, "take over needs an open shift of one's own")
post(two, "/api/counter/shifts", {"window": "A02"})
check(post(people("gov_services3"), "/api/counter/shifts", {"window": "A03"})[0] == 201 and post(people("gov_services3"), f"/api/counter/shifts/{shift['id']}/take")[0] == 404, "only who was named")
waiting = two.request("GET", "/api/counter")[1]["waiting"]
check([w["id"] for w in waiting] == [shift["id"]] and post(two, f"/api/counter/shifts/{shift['id']}/take")[0] == 200 and post(two, f"/api/counter/shifts/{shift['id']}/take")[0] == 409, f"taken over once: {waiting}")
desk = two.request("GET", "/api/counter")[1]
check(len(desk["visits"]) == 1 and len(desk["originals"]) == 1, f"and everything is there: {desk}")
check(post(two, base + "/return", {"to": "陈玉珍"})[0] == 200, "who holds it gives it back")
check(post(two, base + "/sign")[0] == 403 and post(chen, base + "/sign")[0] == 200, "with a second signature again")
status, ended = post(two, here + "/end", {"outcome": "已受件，等审查"})
check(status == 200 and post(two, here + "/end", {"outcome": "再次"})[0] == 404, f"the visit ends once: {status} {ended}")
status, again = post(two, "/api/counter/visits", guest)
status, ended = post(two, f"/api/counter/visits/{again['subject']}/{again['visit']}/end", {"outcome": "来问进度", "matter": "food_licence_new"})
check(status == 200 and ended["visits"] == 2 and ended["above_promise"], f"a second time for the same matter is more than promised: {ended}")

# --- decision, delivery, archive
for who, action, given in ((market, "accept", {}), (market, "reviewed", {"view": "grant", "grounds": "两人核查，符合条件", "inspectors": "甲、乙"})):
    check(who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[0] == 200, action)
check(post(market, f"/api/cases/{case}/delivery", {"way": "window"})[0] == 409 and post(market, f"/api/cases/{case}/archive")[0] == 409, "nothing is delivered or archived before the decision")
check(lead.command("POST", f"/api/cases/{case}/actions/grant", {"input": {}})[0] == 200, "granted")
check(post(market, f"/api/cases/{case}/delivery", {"way": "pigeon"})[0] == 422 and post(market, f"/api/cases/{case}/delivery", {"way": "post"})[0] == 422, "window or post, the post with its number")
for client, code in ((nobody, 401), (xiaoyun, 404), (chen, 403), (people("police1"), 404)):
    check(post(client, f"/api/cases/{case}/delivery", {"way": "window"})[0] == code, f"who delivers: {code}")
check(post(market, f"/api/cases/{case}/delivery/received", {"receiver": "陈玉珍"})[0] == 409, "not received before it was sent")
status, after = post(market, f"/api/cases/{case}/delivery", {"way": "post", "number": "EMS1234567890", "address": "海棠街 8 号"})
check(status == 201 and after["delivery"]["number"] == "EMS1234567890" and not after["delivery"]["late"], f"posted, within ten working days: {after}")
status, after = post(market, f"/api/cases/{case}/archive")
check(status == 200 and after["archive"]["state"] == "faults" and any("送达" in f for f in after["archive"]["faults"]), f"an incomplete file is not archived, and says why: {after['archive']}")
check(post(market, f"/api/cases/{case}/delivery/received", {"receiver": "陈玉珍"})[0] == 200, "received")
for attempt in range(30):
    status, after = post(market, f"/api/cases/{case}/archive")
    if after["archive"]["state"] == "archived":
        break
    threading.Event().wait(0.2)  # a root is signed each second
check(after["archive"]["state"] == "archived" and after["archive"]["faults"] == [] and post(market, f"/api/cases/{case}/archive")[0] == 409, f"archived once: {after['archive']}")
check(chen.request("GET", f"/api/cases/{case}/afterwards")[1]["may"] == [], "the person sees it and does nothing to it")

# --- renewal: the new licence names the one that it takes the place of
old = next(c for c in chen.request("GET", "/api/certificates")[1]["items"] if c["type"] == "food_licence")
status, made = people.apply(chen, "food_licence_renewal", {"licence_no": "JY1990", "expires": "@today+60", "place": "海棠街 8 号", "unchanged": True, **PHONE})
check(status == 201 and made["step"] == "granted", f"renewed: {status} {made}")
held = {c["identifier"]: c for c in chen.request("GET", "/api/certificates")[1]["items"]}
new = next(c for c in held.values() if c["case_id"] == made["case_id"])
check(new["predecessor"] == old["identifier"] and held[old["identifier"]]["state"] == "expired" and "已延续" in held[old["identifier"]]["why"], f"the predecessor is named and has run out: {new.get('predecessor')} {held[old['identifier']]['state']}")
check(not nobody.request("GET", "/api/certificate-check?identifier=" + old["identifier"])[1]["in_force"], "and everybody sees it")
firm = people("zhao", "云海鹭禾餐饮有限公司")
for _ in range(2):
    status, made = people.apply(firm, "company_change", {"what": "scope", "new_value": "增加零售", **PHONE})
    check(status == 201 and made["step"] == "granted", f"changed: {made}")
licences = [c for c in firm.request("GET", "/api/certificates")[1]["items"] if c["type"] == "business_licence"]
check(licences[0]["predecessor"] == licences[1]["identifier"] and licences[1]["state"] == "expired" and "已变更" in licences[1]["why"], "a change too")

# --- ratings: a bad one is answered by name, may be appealed, and another looks; figures follow from rows
def rate(who, matter, form, grade):  # noqa: E302
    case = people.apply(who, matter, form)[1]["case_id"]
    status, answer, _ = who.command("POST", f"/api/cases/{case}/actions/rate", {"input": {"grade": grade, "comment": "等得久"}})
    check(status == 200, f"rated {grade}: {status} {answer}")
    return case


SIGN = {"shop": "立新小店", "height": 1.5, "floor": "ground", "listed": False, **PHONE}
zs, zs2 = people("zs_lead"), people("gov_services_lead")
good = rate(zhao, "shop_sign_filing", SIGN, 1)
check(zhao.command("POST", f"/api/cases/{good}/actions/rate", {"input": {"grade": 5}})[0] == 409, "one rating a case, and nobody changes it")
bad = rate(zhao, "shop_sign_filing", SIGN, 5)
FIX = {"found": "窗口排队确实久", "done": "增开一个窗口并道歉", "called": "当天电话回访，表示满意"}
for client, code in ((nobody, (401,)), (zhao, (403, 409)), (people("city_mgmt1"), (403, 404, 409)), (market, (404,))):
    check(client.command("POST", f"/api/cases/{bad}/actions/redressed", {"input": FIX})[0] in code, f"who answers a bad rating: {code}")
check(zs.command("POST", f"/api/cases/{bad}/actions/redressed", {"input": {**FIX, "called": ""}})[0] == 422, "with a call back")
check(zs.command("POST", f"/api/cases/{bad}/actions/redressed", {"input": FIX})[0] == 200, "put right and called back")
wrong = rate(xiaoyun, "shop_sign_filing", SIGN, 4)
status, answer, _ = zs.command("POST", f"/api/cases/{wrong}/actions/not_upheld", {"input": {"why": "经核实当天没有等候，系统时间可以证明"}})
check(status == 200 and answer["step"] == "explained", f"explained with reasons: {answer}")
status, answer, _ = xiaoyun.command("POST", f"/api/cases/{wrong}/actions/appeal_rating", {"input": {"why": "我等了两个小时，有叫号单"}})
check(status == 200 and answer["step"] == "appeal", f"the person appeals: {answer}")
UPHELD = {"done": "核对叫号记录属实，已道歉整改", "called": "电话回访，接受"}
check(zs.command("POST", f"/api/cases/{wrong}/actions/redressed", {"input": UPHELD})[0] in (403, 409), "another than the first looks at an appeal")
status, answer, _ = zs2.command("POST", f"/api/cases/{wrong}/actions/redressed", {"input": UPHELD})
check(status == 200 and answer["step"] == "redressed", f"upheld by another: {status} {answer}")
for client, code in ((nobody, 401), (zhao, 403), (people("engineer"), 403)):
    check(client.request("GET", "/api/matter-measures")[0] == code, f"who reads figures: {code}")
figures = {f["id"]: f for f in people("leader").request("GET", "/api/matter-measures")[1]["items"]}
check((figures["good_rate"]["count"], figures["good_rate"]["of"]) == (1, 3), f"no answer is never good: {figures['good_rate']}")
check(figures["bad"]["count"] == 2 and (figures["answer_rate"]["count"], figures["answer_rate"]["of"]) == (2, 2) and figures["appeals"]["count"] == 1, f"bad ratings: {figures['answer_rate']}")
check(figures["reach"]["count"] == 3 and figures["reach"]["of"] == figures["rateable"]["count"] >= 7 and figures["unrated"]["count"] == figures["rateable"]["count"] - 3, f"reach: {figures['reach']}")
check((figures["coverage"]["count"], figures["coverage"]["of"]) == (1, 5) and figures["unit_coverage"]["count"] == 1, f"coverage by matter: {figures['coverage']}")
check((figures["redress_rate"]["count"], figures["redress_rate"]["of"]) == (2, 2) and all(f["definition"]["zh-CN"] and f["count_condition"] for f in figures.values()), "every figure with its definition")
city = {f["id"]: f for f in people("city_mgmt1").request("GET", "/api/matter-measures?unit=market")[1]["items"]}
check(city["rateable"]["count"] == 3, f"a clerk sees the unit's: {city['rateable']}")
early = {f["id"]: f for f in people("leader").request("GET", "/api/matter-measures?from=2026-01-01&until=2026-01-31")[1]["items"]}
check(early["rateable"]["count"] == 0, "as they stood on another day")

# --- somebody who could not get it done: no case is needed, a named officer answers
types = {t["id"]: t for t in nobody.request("GET", "/api/case-types")[1]["items"]}
check("cannot_get_done" in types, "the entry is there for everybody")
named = [m["name"] for m in nobody.request("GET", "/api/matters?online=1")[1]["items"]]
doubled = [t["title"]["zh-CN"] for t in types.values() if t["title"]["zh-CN"] in named]
check(named and not doubled, f"nothing stands beside the matter that does it: {doubled}")
stuck = {"matter": "给老人办津贴", "what": "跑了三趟窗口，都说材料不齐，没说缺什么", **PHONE}
check(nobody.command("POST", "/api/cases", {"case_type": "cannot_get_done", "form": stuck})[0] == 401, "one signs in, nothing else is needed")
for client in (chen, firm):
    status, made, _ = client.command("POST", "/api/cases", {"case_type": "cannot_get_done", "form": stuck})
    check(status == 201, f"anybody, without a case: {status} {made}")
case = made["case_id"]
due = firm.request("GET", f"/api/cases/{case}")[1]["deadline"]
check(due and due["state"] == "running", f"answered within a limit: {due}")
ANSWER = {"found": "窗口没有一次告知", "outcome": "done", "officer": "政数局 苏静 0990-8880001"}
check(people("civil_affairs1").command("POST", f"/api/cases/{case}/actions/answer", {"input": ANSWER})[0] == 404, "not by the unit that is spoken of")
check(one.command("POST", f"/api/cases/{case}/actions/answer", {"input": {**ANSWER, "officer": ""}})[0] == 422, "not without a name")
status, answer, _ = one.command("POST", f"/api/cases/{case}/actions/answer", {"input": ANSWER})
check(status == 200 and answer["step"] == "answered", f"answered by name: {answer}")
line = next(e for e in firm.request("GET", f"/api/cases/{case}")[1]["timeline"] if e.get("action") == "answer")
check(line["by"] == one.request("GET", "/api/session")[1]["name"], f"and the name stands there: {line}")
checks.finish_with(server, postgres)
