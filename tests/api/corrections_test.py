#!/usr/bin/env python3
"""Corrections (补正, 许可法 32): a notice names each thing once, the applicant puts right just these, files too, on the form that the decision
and the certificate go by; forms begun and taken up elsewhere; messages. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_text  # noqa: E402
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin()
chen, xiaoyun, market, market2, police, lead = (people(x) for x in ("chen", "xiaoyun", "market1", "market2", "police1", "market_lead"))
nobody = people("nobody")
FORM = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": "@file", "safety_rules": "@file", "phone": "13800000000"}


def pointers(answer):
    return {e["pointer"] for e in answer.get("errors", [])}


def begun():
    status, made = people.apply(chen, "food_licence_new", FORM, answers={"trade": "catering"}, promises=["equipment"])
    check(status == 201 and made["step"] == "accept", f"with people: {status} {made}")
    return made["case_id"]


case = begun()
ask = lambda body, who=market: who.command("POST", f"/api/cases/{case}/operations/request_correction", body)[:2]  # noqa: E731
give = lambda body, who=chen: who.command("POST", f"/api/cases/{case}/operations/submit_correction", body)[:2]  # noqa: E731

# --- the notice: which field, and what is wrong with it
for items, pointer in (([], "/input/items/0/what"), ([{"field": "layout", "what": ""}], "/input/items/0/what"), ([{"field": "nothing", "what": "没有这一项"}], "/input/items/0/field"),
                       ([{"field": "layout", "what": "字" * 501}], "/input/items/0/what"), ("layout", "/input/items/0/what")):
    status, answer = ask({"input": {"items": items}})
    check(status in (400, 422) and pointer in pointers(answer), f"a notice like {str(items)[:60]}: {status} {answer}")
ITEMS = [{"field": "layout", "what": "图上没有标出排烟口"}, {"field": "place", "what": "门牌号和产权登记不一致"}, {"field": "phone", "what": "打不通"}, {"what": "请说明什么时候开业"}]
for who in (police, chen, nobody):
    check(ask({"input": {"items": ITEMS}}, who)[0] in (401, 403, 404), "who may ask for corrections")
status, answer = ask({"input": {"items": ITEMS}})
check(status == 200, f"the notice: {status} {answer}")
told = chen.request("GET", f"/api/cases/{case}")[1]
notice = next(e for e in told["timeline"] if e["action"] == "request_correction")
check(notice["input"]["items"] == ITEMS and "1. 经营场所布局图：图上没有标出排烟口\n2. 经营场所：" in notice["input"]["reason"], f"what the applicant reads: {notice}")
paper = chen.request("GET", f"/api/cases/{case}/papers/correction")[1]
check("图上没有标出排烟口" in pdf_text(paper).replace("\n", ""), "the paper names it too")
for _ in range(60):
    messages = [m for m in chen.request("GET", "/api/messages")[1]["items"] if m["case_id"] == case]
    if messages:
        break
    time.sleep(0.1)
check([m["body"].get("says", {}).get("zh-CN") for m in messages] == ["请申请人补正"], f"and a message says so: {messages}")

# --- what answers it: all that is named, nothing else, as the form wants it, from the applicant alone
new = [chen.upload(0x30)]
GOOD = {"layout": new, "place": "海棠街 8 号之二", "phone": "13911112222"}
NOTE = {"note": "准备下月一号开业"}
for form, pointer in (({"layout": new, "place": GOOD["place"]}, "/input/form/phone"), ({**GOOD, "layout": []}, "/input/form/layout"), ({**GOOD, "area": 80}, "/input/form/area"),
                      ({**GOOD, "phone": "12"}, "/input/form/phone"), ({**GOOD, "place": "短"}, "/input/form/place"), ({**GOOD, "nothing": 1}, "/input/form/nothing"), ({}, "/input/form/layout")):
    status, answer = give({"input": {**NOTE, "form": form}})
    check(status == 422 and pointer in pointers(answer), f"an answer like {form}: {status} {answer}")
check(chen.request("GET", f"/api/cases/{case}")[1]["form"]["place"] == FORM["place"], "none of it was kept")
for who in (xiaoyun, market, nobody):
    check(give({"input": {**NOTE, "form": GOOD}}, who)[0] in (401, 403, 404), "who may answer it")
status, answer = give({"input": {**NOTE, "form": GOOD}})
check(status == 200, f"answered: {status} {answer}")
check(give({"input": NOTE})[0] in (409, 422), "once")

# --- a restart in the middle; then the officer sees what was sent, masked, opens the file, and reads the telephone for a purpose only
server.stop()
server.start()
for client in people.signed_in.values():
    client.port = server.port
seen = market.request("GET", f"/api/cases/{case}")[1]
sent = next(e for e in seen["timeline"] if e["action"] == "submit_correction")
check(sent["input"]["reason"] == NOTE["note"] and sent["input"]["form.layout"] == new and sent["input"]["form.phone"] == "139****2222", f"what was sent: {sent}")
check({f["id"] for f in sent["fields"]} == {"form.layout", "form.place", "form.phone"}, "with the labels of the form")
check(seen["form"]["place"] == GOOD["place"] and seen["form"]["layout"] == new and seen["form"]["phone"] == "139****2222", f"the form as it stands now: {seen['form']}")
first = next(e for e in seen["timeline"] if e["type"] == "case.submitted")
check(first["revision"] == 0 and len(seen["timeline"]) > 3, "the application itself stays as it was sent")
check(market.request("GET", f"/api/cases/{case}/files/{new[0]}")[0] == 200 and police.request("GET", f"/api/cases/{case}/files/{new[0]}")[0] == 404, "the new file is the case's")
contact = market.request("GET", f"/api/cases/{case}/contact?purpose=%E6%A0%B8%E5%AF%B9")[1]
check(contact["phone"] == GOOD["phone"] and contact["form"]["phone"] == GOOD["phone"], f"the telephone that was put right: {contact}")

# --- the decision and the certificate go by it
for who, action, filled in ((market, "accept", {}), (market, "reviewed", {"view": "grant", "grounds": "两人现场核查，符合条件", "inspectors": "甲、乙"}), (lead, "grant", {})):
    status, answer, _ = who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": filled})
    check(status == 200, f"{action}: {status} {answer}")
held = next(c for c in chen.request("GET", "/api/certificates")[1]["items"] if c["case_id"] == case)
check({i["label"]: i["value"] for i in held["items"]}["经营场所"] == GOOD["place"], f"the corrected place stands on the certificate: {held['items']}")

# --- a notice in words alone: the applicant may still send a paper again
case = begun()
check(ask({"reason": "布局图看不清"})[0] == 200 and give({"input": {"form": {"layout": [chen.upload(0x31)]}}})[0] == 200, "in words alone")
check(ask({"input": {"items": ITEMS}})[0] in (409, 422), "许可法 32: once")

# --- filed by an agent, put right by the person: what the agent has brought stays, a file of nobody is refused
status, given, _ = chen.request("POST", "/api/authorities", {"name": "周晓芸", "number": people.number("xiaoyun"), "matters": ["food_licence_new"], "days": 30})
check(status in (200, 201), f"authority: {status} {given}")
name = chen.request("GET", "/api/profile")[1]["name"]
agent = people("xiaoyun", name)
status, made = people.apply(agent, "food_licence_new", FORM, answers={"trade": "catering"}, promises=["equipment"])
check(status == 201, f"filed by the agent: {status} {made}")
case = made["case_id"]
old = chen.request("GET", f"/api/cases/{case}")[1]["form"]["layout"]
check(ask({"input": {"items": [{"field": "layout", "what": "再画一张后厨的"}]}})[0] == 200, "the notice")
status, answer = give({"input": {"form": {"layout": [*old, "ab" * 32]}}})
check(status in (404, 409, 422), f"a file that nobody has uploaded: {status} {answer}")
status, answer = give({"input": {"form": {"layout": [*old, chen.upload(0x32)]}}})
check(status == 200 and len(market.request("GET", f"/api/cases/{case}")[1]["form"]["layout"]) == 2, f"the agent's and her own: {status} {answer}")
people.signed_in.pop(("xiaoyun", name))

# --- at a window: somebody without a telephone brings the paper; the clerk who serves is named, and nobody names himself one
status, made = people.apply(chen, "food_licence_new", FORM, answers={"trade": "catering"}, promises=["equipment"])
case = made["case_id"]
check(ask({"input": {"items": ITEMS}})[0] == 200, "the notice")
window, window2 = people("gov_services1"), people("gov_services2")
for clerk, place in ((window, "A01"), (window2, "A02")):
    check(clerk.command("POST", "/api/counter/shifts", {"window": place})[0] in (200, 201), f"a shift at {place}")


def visit(clerk, login):
    status, v, _ = clerk.command("POST", "/api/counter/visits", {"number": people.number(login), "name": people(login).request("GET", "/api/profile")[1]["name"], "consent": "本人到场，出示身份证"})
    check(status in (200, 201), f"{login} at the window: {status} {v}")
    return f"/api/counter/visits/{v['subject']}/{v['visit']}"


here, elsewhere = visit(window, "chen"), visit(window2, "p06")
status, shown, _ = window.request("GET", f"{here}/corrections/{case}")
check(status == 200 and shown["items"] == ITEMS and [f["id"] for f in shown["fields"]] == ["place", "layout", "phone"] and shown["form"]["place"] == FORM["place"] and "area" not in shown["form"], f"what the clerk sees: {status} {shown}")
for who, path in ((window2, elsewhere), (window2, here), (market, here), (chen, here), (nobody, here)):
    check(who.request("GET", f"{path}/corrections/{case}")[0] in (401, 403, 404) and who.command("POST", f"{path}/corrections/{case}", {"input": NOTE})[0] in (401, 403, 404), "only where the person is")
check(any(a["purpose"].startswith("窗口补正") for a in chen.request("GET", "/api/accesses")[1]["items"]), "the person sees the look")
status, answer, _ = window.command("POST", f"{here}/corrections/{case}", {"input": {"form": {"place": GOOD["place"]}}})
check(status == 422 and "/input/form/layout" in pointers(answer), f"the same checks: {status} {answer}")
scan = window.upload(0x33)
status, answer, _ = window.command("POST", f"{here}/corrections/{case}", {"input": {**NOTE, "form": {**GOOD, "layout": [scan]}}})
check(status == 200, f"sent at the window: {status} {answer}")
sent = next(e for e in chen.request("GET", f"/api/cases/{case}")[1]["timeline"] if e["action"] == "submit_correction")
clerk_name = window.request("GET", "/api/session")[1]["name"]
check(sent["by"].endswith(f"（窗口 {clerk_name}）") and sent["input"]["form.layout"] == [scan], f"who served stands there: {sent}")
check(window.request("GET", f"{here}/corrections/{case}")[0] == 404, "nothing more to put right")
case = begun()
check(ask({"reason": "布局图看不清"})[0] == 200 and give({"input": {**NOTE, "counter": {"name": "冒名"}}})[0] == 200, "by himself")
sent = next(e for e in chen.request("GET", f"/api/cases/{case}")[1]["timeline"] if e["action"] == "submit_correction")
check("窗口" not in sent["by"], f"nobody names himself a clerk: {sent}")

# --- withdrawn, and nothing is awaited any more: no reminder, no sending, no bar
case = begun()
promise = next(p for p in chen.request("GET", "/api/promises")[1]["items"] if p["case_id"] == case)
check(promise["may"] == ["send"], f"awaited while it is open: {promise}")
check(chen.command("POST", f"/api/cases/{case}/actions/withdraw", {"input": {}})[0] == 200, "withdrawn")
check(all(p["case_id"] != case for p in chen.request("GET", "/api/promises")[1]["items"]), "not among what is to come")
check(chen.request("GET", f"/api/cases/{case}/matter")[1]["promises"] == [], "nothing is asked for any more")
check(chen.command("POST", f"/api/cases/{case}/promises/equipment", {"files": [chen.upload(0x34)]})[0] == 404, "nor can it be sent")
check(all(x["case_id"] != case for x in market.request("GET", "/api/matter-checks")[1]["items"]), "nor does the unit wait for it")

# --- what is begun: found again by its title, with the answers, promises and the page; each his own, and nothing else in it
DRAFT = {"answers": {"trade": "catering"}, "promises": ["equipment"], "page": "papers"}
status, saved, _ = chen.request("PUT", "/api/drafts/food_licence_new", {"revision": 0, "form": {"place": "海棠街 9 号"}, "more": DRAFT})
check(status == 200, f"saved: {saved}")
check(chen.request("GET", "/api/drafts/food_licence_new")[1]["more"] == DRAFT, "what is no field comes back")
listed = chen.request("GET", "/api/drafts")[1]["items"]
check([(d["matter"], d["title"]["zh-CN"]) for d in listed] == [("food_licence_new", "食品经营许可（新办）")] and listed[0]["title"]["en"], f"found by its matter: {listed}")
check(xiaoyun.request("GET", "/api/drafts")[1]["items"] == [], "one's own")
for more in ({"else": 1}, {"answers": {"a": 1}}, {"page": "x" * 101}, [], {"promises": ["x"] * 51}):
    status, answer, _ = chen.request("PUT", "/api/drafts/food_licence_new", {"revision": 1, "form": {}, "more": more})
    check(status in (400, 422), f"more like {str(more)[:40]}: {status} {answer}")

# --- an agent hears of the matters that the authority covers, and of no other
p07, agent = people("p07"), people("xiaoyun", "林秀珍")
status, other = people.apply(p07, "temporary_relief", {"situation": "房屋漏雨，家具损坏", "urgent": "no", "bills_later": "@file", "phone": "13800000000"}, answers={"urgent": "no"}, promises=["income"])
status, answer, _ = people("street1").command("POST", f"/api/cases/{other['case_id']}/actions/accept", {"input": {"note": "女儿家能住，先按一般情况办"}})
check(status == 200, f"the unit has acted: {status} {answer} {other}")
for _ in range(60):
    if any(m["case_id"] == other["case_id"] for m in p07.request("GET", "/api/messages")[1]["items"]):
        break
    time.sleep(0.1)
check(any(m["case_id"] == other["case_id"] for m in p07.request("GET", "/api/messages")[1]["items"]), "she is told")
status, heard, _ = agent.request("GET", "/api/messages")
check(status == 200 and all(m["case_id"] != other["case_id"] for m in heard["items"]), f"her agent for something else is not: {heard}")
people.signed_in.pop(("xiaoyun", "林秀珍"))
checks.finish_with(server, postgres)
