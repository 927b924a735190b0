#!/usr/bin/env python3
"""Persons under protection: where they live and work, and how they are reached, stands in no answer to any official but the head of the
unit that protects, who says why and whose look the person sees; on no paper, certificate or list. With 'postgres' on PostgreSQL."""
import json
import os
import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_text, squeezed  # noqa: E402
from server import ROOT, begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.watch_seconds": 1, "requests.training_delay_seconds": 3600})
OPENAPI = json.loads((ROOT / "web/packages/api/openapi.json").read_text())
p18, chen, xiaoyun, nobody = (people(x) for x in ("p18", "chen", "xiaoyun", "nobody"))
ga_lead, police, market, market_lead, sj_lead, zs_lead, window, engineer, designer, data_admin, leader = (people(x) for x in ("ga_lead", "police1", "market1", "market_lead", "sj_lead", "zs_lead", "gov_services1", "engineer", "designer", "data_admin", "leader"))
OFFICIALS = {"clerk of the unit": market, "head of the unit": sj_lead, "another head of the unit": market_lead, "head of the district's office": zs_lead, "window": window, "police clerk": police,
             "head of the police, who has not said why": ga_lead, "engineer": engineer, "designer": designer, "data administrator": data_admin, "leader": leader}
SHOWN = "（依法不公开）"
mine = p18.request("GET", "/api/profile?full=1")[1]
PLACE, PHONE = "茶山路 77 号 3 栋 502", "13911112222"
secrets = {mine["address"], mine["phone"], PLACE, PHONE, "云海演示单位", PHONE[:3] + "****" + PHONE[-4:]}
NAME = mine["name"]


def told(body):
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, default=str)
    return [s for s in secrets if s in text]


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[:2]


# --- three cases: one that people decide, one that the rules decide, a request; each names the secret place
food = {"trade": "catering", "place": PLACE, "area": 60, "layout": "@file", "safety_rules": "@file", "equipment": "@file", "phone": PHONE}
status, made = people.apply(p18, "food_licence_new", food, answers={"trade": "catering"})
check(status == 201, f"applied: {status} {made}")
licence = made["case_id"]
status, made = people.apply(p18, "individual_business_new", {"shop_name": "宁静小店", "scope": "clothes", "place": PLACE, "place_kind": "shop", "phone": PHONE}, promises=["premises"])
check(status == 201 and made["step"] == "granted", f"at once: {status} {made}")
granted = made["case_id"]
status, made, _ = p18.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": f"我住{PLACE}，楼上漏水三天了没人管，电话{PHONE}", "place": PLACE, "region": "wanghai", "phone": PHONE}})
check(status == 201, f"a request: {status} {made}")
request = made["case_id"]
check(PLACE in json.dumps(p18.request("GET", f"/api/cases/{licence}")[1], ensure_ascii=False), "her own she sees in full")

# --- every route that is read, for every official: the secrets stand in none of the answers
files = market.request("GET", f"/api/cases/{licence}")[1]["form"]["layout"]
looked = reached = 0
for path, methods in OPENAPI["paths"].items():
    if "get" not in methods or path.endswith("/protected") or path in ("/api/events",):
        continue
    for case in (licence, granted, request):
        filled = path.replace("{id}", case).replace("{kind}", "receipt").replace("{hash}", files[0]).replace("{staff}", "x").replace("{revision}", "0")
        filled = filled.replace("{subject}", p18.request("GET", "/api/session")[1]["self"]) if "{subject}" in filled else filled
        if "{" in filled:
            continue
        arguments = {"purpose": "核对", "scope": "department", "q": "漏水", "words": "漏水", "text": "漏水", "identifier": "x"}
        query = urllib.parse.urlencode({a["name"]: arguments[a["name"]] for a in methods["get"].get("parameters", []) if a["in"] == "query" and a["name"] in arguments})
        for name, who in OFFICIALS.items():
            status, body, _ = who.request("GET", filled + ("?" + query if query else ""))
            looked += 1
            reached += status == 200
            if isinstance(body, bytes) and body.startswith(b"%PDF"):
                text = pdf_text(body)
                check(not [s for s in secrets if squeezed(s) in text], f"{name}: GET {filled}: on paper: {[s for s in secrets if squeezed(s) in text]}")
            check(not told(body), f"{name}: GET {filled}: {status} tells {told(body)}")
        if "{id}" not in path:
            break
check(reached > 60, f"{reached} of {looked} answers had something to say")
print("answers looked through:", looked, "of which", reached, "with content")
seen = market.request("GET", f"/api/cases/{licence}")[1]
check(seen["form"]["place"] == SHOWN, f"it says that something is kept back: {seen['form']}")
contact = market.request("GET", f"/api/cases/{licence}/contact?purpose=" + urllib.parse.quote("核对"))
check(contact[0] == 200 and contact[1]["phone"] == SHOWN, f"not by the way that opens it of others: {contact[:2]}")
check(market.request("GET", f"/api/cases/{licence}/files/{files[0]}")[0] == 403, "nor the files, in which it may stand")

# --- on papers, also those that she prints herself; on certificates and what is checked of them
for who in (p18, market):
    for case in (licence, granted):
        for paper in who.request("GET", f"/api/cases/{case}/matter")[1]["papers"]:
            status, body, _ = who.request("GET", f"/api/cases/{case}/papers/{paper['kind']}")
            text = pdf_text(body) if status == 200 else ""
            check(status == 200 and not [s for s in secrets if squeezed(s) in text], f"{paper['kind']}: {status} {text[:300]}")
status, body, _ = p18.request("POST", "/api/matters/individual_business_new/printed-form", {"form": {"shop_name": "又一家", "scope": "clothes", "place": "另一处秘密 9 号", "place_kind": "shop", "phone": "13922223333"}})
check(status == 200 and squeezed("另一处秘密 9 号") not in pdf_text(body) and "13922223333" not in pdf_text(body), "nor on a form that is not sent")
identifier = p18.request("GET", f"/api/cases/{granted}/matter")[1]["certificates"][0]
query = "identifier=" + urllib.parse.quote(identifier)
for _ in range(30):
    status, body, _ = p18.request("GET", f"/api/certificates/pdf?{query}")
    if status == 200:
        break
    time.sleep(0.3)
check(status == 200 and not [s for s in secrets if squeezed(s) in pdf_text(body)] and squeezed(SHOWN).strip("()（）") in pdf_text(body), f"the certificate: {status} {pdf_text(body)[:300] if status == 200 else body}")
proof = p18.request("GET", f"/api/certificates/proof?{query}")
check(proof[0] == 200 and not told(proof[1]), f"what its code holds: {told(proof[1])}")
copy = p18.request("POST", f"/api/certificates/copies?{query}", {"purpose": "租摊位", "recipient": "市场管理方", "hours": 5})[1]
check(not told(nobody.request("GET", "/api/certificate-copies/" + copy["code"])[1]) and not told(nobody.request("GET", f"/api/certificate-check?{query}")[1]), "and whoever is shown it")

# --- the window: her registers are not shown there either
window.request("POST", "/api/counter/shifts", {"window": "3"})
status, visit, _ = window.request("POST", "/api/counter/visits", {"number": people.number("p18"), "name": NAME, "consent": "出示身份证并口头同意"})
check(status == 201, f"at the window: {status} {visit}")
where = f"/api/counter/visits/{visit['subject']}/{visit['visit']}"
for path in ("", "/prefill?matter=residence_permit_endorsement"):
    status, body, _ = window.request("GET", where + path)
    check(status == 200 and not told(body), f"{path}: {status} {told(body)}")
check(not told(window.request("GET", "/api/counter")[1]), "nor on the desk")

# --- delivered by way of the unit that protects, whatever somebody writes
act(market, licence, "accept")
act(market, licence, "reviewed", view="grant", grounds="两人核查，情况属实", inspectors="甲、乙")
status, body = act(sj_lead, licence, "grant")
check(status == 200, f"decided like anybody's: {status} {body}")
status, body, _ = market.request("POST", f"/api/cases/{licence}/delivery", {"way": "post", "number": "EM123456789CN", "address": PLACE})
check(status == 201 and not told(body), f"posted: {status} {body}")
paper = pdf_text(market.request("GET", f"/api/cases/{licence}/papers/delivery_receipt")[1]) if any(p["kind"] == "delivery_receipt" for p in market.request("GET", f"/api/cases/{licence}/matter")[1]["papers"]) else ""
kinds = [p["kind"] for p in market.request("GET", f"/api/cases/{licence}/matter")[1]["papers"]]
texts = "".join(pdf_text(market.request("GET", f"/api/cases/{licence}/papers/{k}")[1]) for k in kinds)
check("转交" in texts and squeezed(PLACE) not in texts, f"the proof of delivery names the unit that protects: {kinds}")

# --- opened by the head of the unit that protects only, with the reason, and she sees the look
path = f"/api/cases/{licence}/protected"
purpose = "?purpose=" + urllib.parse.quote("办案需要，核对住址")
for who, code in ((nobody, 401), (chen, 403), (p18, 403), (market, 403), (sj_lead, 403), (police, 403), (zs_lead, 403), (engineer, 403)):
    check(who.request("GET", path + purpose)[0] == code, f"who may open it: {code}")
check(ga_lead.request("GET", path)[0] == 400, "not without a reason")
status, opened, _ = ga_lead.request("GET", path + purpose)
check(status == 200 and {PLACE, PHONE, mine["address"]} <= {f["value"] for f in opened["facts"]}, f"opened: {status} {opened}")
check(any("受保护信息" in a["purpose"] and "核对住址" in a["purpose"] for a in p18.request("GET", "/api/accesses")[1]["items"]), "she sees who looked and why")
status, other = people.apply(chen, "shop_sign_filing", {"shop": "小店", "height": 9, "floor": "ground", "listed": False, "phone": "13800000000"})
check(ga_lead.request("GET", f"/api/cases/{other['case_id']}/protected{purpose}")[0] == 404, "it opens nothing of others")

# --- what is said of somebody else is not touched: the same street, another person's page
status, same = people.apply(chen, "food_licence_new", {**food, "phone": "13800000000"}, answers={"trade": "catering"})
check(market.request("GET", f"/api/cases/{same['case_id']}")[1]["form"]["place"] == PLACE, "a neighbour's page says where the neighbour's shop is")

prefilled = {i["field"]: i["value"] for i in people("zhao").request("GET", "/api/matters/kindergarten_health_allowance/prefill")[1]["items"]}
check(prefilled.get("kindergarten") == "云海第一幼儿园", f"what registers say of others is told to them, the same words or not: {prefilled}")

# --- searched for by her address: nobody learns by a hit that there is something of hers; other words find it, without the secret
def hits(who, words):
    return [i["id"] for i in who.request("GET", "/api/search?kind=request&words=" + urllib.parse.quote(words))[1]["items"]]


for _ in range(100):  # the index follows a moment later
    if request in hits(p18, PLACE):
        break
    time.sleep(0.1)
check(request in hits(p18, PLACE) and request in hits(p18, "楼上漏水"), "her own she finds by any of its words")
check(request in hits(window, "楼上漏水三天") and request in hits(zs_lead, "楼上漏水三天"), "who handles it finds it by what it is about")
for who in OFFICIALS.values():
    for words in (PLACE, "茶山路 77 号", "3 栋 502", "77 号 3 栋", mine["address"]):
        check(request not in hits(who, words), f"a hit for {words} would tell whose it is")
    check(request not in hits(chen, PLACE), "nor do others")
status, neighbour, _ = chen.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": "茶山路 77 号 3 栋 502 门口路灯不亮", "place": PLACE, "region": "wanghai", "phone": "13800000000"}})
for _ in range(100):
    if neighbour["case_id"] in hits(window, PLACE):
        break
    time.sleep(0.1)
check(hits(window, PLACE) == [neighbour["case_id"]], "what a neighbour has told of the same place is found as ever")


# --- an export rests on the disk as whoever asked may see it, for the owner of the file alone, for a day
def exported(who, key):
    job = who.request("POST", "/api/jobs", {"kind": "export_cases"}, {"Idempotency-Key": key})[1]["id"]
    for _ in range(200):
        if who.request("GET", f"/api/jobs/{job}")[1]["status"] not in ("waiting", "running"):
            break
        time.sleep(0.05)
    return job, server.folder / "d" / "exports" / f"{job}.csv"


job, file = exported(market, "list")
rests = file.read_bytes().decode()
check(seen["case_number"] in rests and SHOWN in rests and not told(rests), f"on the disk: {told(rests)}")
check(file.stat().st_mode & 0o777 == 0o600, f"for the program alone: {oct(file.stat().st_mode)}")
status, fetched, _ = market.request("GET", f"/api/jobs/{job}/result")
check(status == 200 and fetched.decode() == rests, "as it is handed out")
check(sj_lead.request("GET", f"/api/jobs/{job}/result")[0] == 404 and engineer.request("GET", f"/api/jobs/{job}/result")[0] == 404 and nobody.request("GET", f"/api/jobs/{job}/result")[0] == 401, "to its owner")
desk_job, desk_file = exported(window, "desk")
check(PHONE not in desk_file.read_text() and "13800000000" not in desk_file.read_text() and not told(desk_file.read_text()), "requests without numbers and names")
yesterday = time.time() - 25 * 3600
os.utime(file, (yesterday, yesterday))
check(market.request("GET", f"/api/jobs/{job}/result")[0] == 404 and not file.exists(), "it can be made again")
check(desk_file.exists(), "the other is not so old")

# --- put under protection and out of it again, by the unit that may
body = {"name": "陈玉珍", "number": people.number("chen"), "basis": "证人保护决定〔2026〕1 号", "days": 30}
for who, code in ((nobody, 401), (chen, 403), (police, 403), (sj_lead, 403)):
    check(who.request("POST", "/api/protected-persons", body)[0] == code and who.request("GET", "/api/protected-persons")[0] == code, f"who may: {code}")
check(ga_lead.request("POST", "/api/protected-persons", {**body, "number": people.number("xiaoyun")})[0] == 404, "name and number must agree")
status, row, _ = ga_lead.request("POST", "/api/protected-persons", body)
check(status == 201, f"from now on: {status} {row}")
check(not desk_file.exists(), "what was written down before somebody came under protection is gone")
check(market.request("GET", f"/api/cases/{same['case_id']}")[1]["form"]["place"] == SHOWN, "what was sent before is kept back too")
status, later = people.apply(chen, "food_licence_new", {**food, "place": "潮音巷 5 号后门", "phone": "13800000000"}, answers={"trade": "catering"})
check("潮音巷 5 号后门" not in json.dumps(market.request("GET", f"/api/cases/{later['case_id']}")[1], ensure_ascii=False), "and what is sent afterwards, at once")
server.kill()
server.start()
for client in people.signed_in.values():
    client.port = server.port
check("潮音巷 5 号后门" not in json.dumps(market.request("GET", f"/api/cases/{later['case_id']}")[1], ensure_ascii=False), "after a crash too")
check(len(ga_lead.request("GET", "/api/protected-persons")[1]["items"]) == 2, "the unit has its list")
check(ga_lead.request("DELETE", "/api/protected-persons/" + row["subject"])[0] == 204 and ga_lead.request("DELETE", "/api/protected-persons/" + row["subject"])[0] == 404, "ended, once")
check("潮音巷 5 号后门" in json.dumps(market.request("GET", f"/api/cases/{later['case_id']}")[1], ensure_ascii=False), "then it is as of others")

checks.finish_with(server, postgres)
