#!/usr/bin/env python3
"""What becomes of certificates: looked up by the unit that issued them, suspended, restored, revoked by name; the holder is told, with
remedies; copies taken back; the way to renew. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_text  # noqa: E402
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin()
chen, xiaoyun, police, lead, market, nobody, engineer = (people(x) for x in ("chen", "xiaoyun", "police1", "police_lead", "market_lead", "nobody", "engineer"))
status, made = people.apply(xiaoyun, "residence_permit_endorsement", {"address": "@fact", "basis": "work", "unchanged": True, "phone": "13800000000"})
check(status == 201 and made["step"] == "granted", f"granted: {status} {made}")
case, code = made["case_id"], made["query_code"]


def mine():
    return next(c for c in xiaoyun.request("GET", "/api/certificates")[1]["items"] if c["case_id"] == case)


for _ in range(60):
    if mine()["proof_ready"]:
        break
    time.sleep(0.1)
held = mine()
identifier = held["identifier"]
find = lambda who, what: who.request("GET", f"/api/unit-certificates?find={urllib.parse.quote(what)}")[:2]  # noqa: E731

# --- the unit that issued it finds it, by three names; nobody else does, and the holder sees each look
for what in (identifier, code, f"{code[:4]} {code[4:]}"):
    status, found = find(police, what)
    check(status == 200 and [c["identifier"] for c in found["items"]] == [identifier], f"by {what}: {status} {found}")
one = found["items"][0]
check(one["holder"] == "周**" or one["holder"].startswith("周*"), f"the holder is masked: {one}")
check("items" not in one and one["may"] == [] and one["deeds"] == [], f"a clerk looks and does nothing: {one}")
check(find(lead, identifier)[1]["items"][0]["may"] == ["suspend", "revoke", "cancel"], "what a supervisor may do")
for who in (market, xiaoyun, chen, nobody, engineer, people("leader"), people("designer")):
    check(find(who, identifier)[0] in (401, 403, 404), f"another unit, role or person: {find(who, identifier)}")
check(find(police, "1.2.156.3005.2.1")[0] == 404 and find(police, "YWC1:nonsense-nonsense-nonsense")[0] == 404 and find(police, "ZZZZZZZZ")[0] == 404, "what is not there")
check(sum("查看证照：居住证签注" in a["purpose"] for a in xiaoyun.request("GET", "/api/accesses")[1]["items"]) == 4, "each look stands with the holder")

# --- suspended, restored, revoked: in words, with who and why, told to the holder with the remedies; the paper says it in Chinese
operate = lambda who, operation, reason="核实登记信息": who.command("POST", f"/api/certificate-operations/{operation}", {"identifier": identifier, "reason": reason})[:2]  # noqa: E731
check(held.get("review") is None and held["renewals"] == [{"matter": "residence_permit_endorsement", "name": "居住证签注"}], f"in force it can be renewed: {held}")
check(operate(police, "suspend")[0] == 403 and operate(market, "suspend")[0] == 403, "only a supervisor of the unit")
check(operate(lead, "suspend")[0] == 200 and operate(lead, "suspend")[0] == 409, "once")
now = mine()
check(now["state"] == "suspended" and "60 日内" in now["review"] and "6 个月内" in now["court"] and now["renewals"] == [], f"with where to turn to: {now}")
paper = xiaoyun.request("GET", f"/api/certificates/pdf?identifier={identifier}")[1]
check("状态:暂扣" in pdf_text(paper) and "suspended" not in pdf_text(paper), f"the paper says it in words: {pdf_text(paper)[:300]}")
uses = [u["purpose"] for u in xiaoyun.request("GET", "/api/certificate-uses")[1]["items"]]
check("暂扣：核实登记信息" in uses and not any(u.startswith("suspend") for u in uses), f"so do the uses: {uses}")
english = xiaoyun.request("GET", "/api/certificate-uses", None, {"Accept-Language": "en"})[1]["items"]
check(any(u["purpose"] == "Suspended: 核实登记信息" for u in english), f"in English too: {english}")
check(find(lead, identifier)[1]["items"][0]["may"] == ["restore", "revoke", "cancel"], "what may follow")
check(operate(lead, "restore", "已核实")[0] == 200 and mine()["state"] == "valid" and mine().get("review") is None, "restored")
check(operate(lead, "revoke", "登记材料不实，依许可法第六十九条撤销")[0] == 200, "revoked")
last = find(police, identifier)[1]["items"][0]
check([d["what"].split("：")[0] for d in last["deeds"]] == ["撤销", "恢复有效", "暂扣"] and all(d["who"] for d in last["deeds"]), f"what was done to it, by whom: {last}")
for _ in range(60):
    told = [m["body"]["certificate"] for m in xiaoyun.request("GET", "/api/messages")[1]["items"] if "certificate" in m["body"]]
    if len(told) == 3:
        break
    time.sleep(0.1)
check([c["what"] for c in told] == ["revoke", "restore", "suspend"] and told[0]["reason"].startswith("登记材料不实") and told[0]["title"] == "居住证签注", f"the holder is told: {told}")
check(find(lead, identifier)[1]["items"][0]["may"] == [], "the end of it")

# --- copies: what was given away by mistake is taken back before it is opened
status, granted = people.apply(people("p06"), "residence_permit_endorsement", {"address": "@fact", "basis": "work", "unchanged": True, "phone": "13800000000"})
p06 = people("p06")
number = next(c for c in p06.request("GET", "/api/certificates")[1]["items"] if c["case_id"] == granted["case_id"])["identifier"]
copy = lambda purpose: p06.command("POST", f"/api/certificates/copies?identifier={number}", {"purpose": purpose, "recipient": "云海第一小学", "hours": 24})[1]["code"]  # noqa: E731
mistake, meant = copy("给错了"), copy("孩子入学")
rows = p06.request("GET", "/api/certificates/copies")[1]["items"]
check([(c["purpose"], c["state"], c["title"]) for c in rows] == [("孩子入学", "open", "居住证签注"), ("给错了", "open", "居住证签注")], f"what was given away: {rows}")
check(not any(mistake in str(c) or meant in str(c) for c in rows), "the list does not hold the keys")
for who in (xiaoyun, police, nobody):
    check(who.request("DELETE", f"/api/certificates/copies/{rows[1]['id']}")[0] in (401, 403, 404), "nobody else takes it back")
check(xiaoyun.request("GET", "/api/certificates/copies")[1]["items"] == [] and nobody.request("GET", "/api/certificates/copies")[0] == 401 and police.request("GET", "/api/certificates/copies")[0] == 403, "one's own")
check(p06.request("DELETE", f"/api/certificates/copies/{rows[1]['id']}")[0] == 204, "taken back")
check(nobody.request("GET", f"/api/certificate-copies/{mistake}")[0] == 404, "and opens no more")
status, opened, _ = nobody.request("GET", f"/api/certificate-copies/{meant}")
check(status == 200 and opened["until"] > opened["certificate"]["issued"], f"the other one does: {status} {opened}")
check(p06.request("DELETE", f"/api/certificates/copies/{rows[0]['id']}")[0] == 404, "what was opened cannot be taken back")
check(p06.request("DELETE", "/api/certificates/copies/nonsense")[0] == 404, "no such copy")
check({c["purpose"]: c["state"] for c in p06.request("GET", "/api/certificates/copies")[1]["items"]} == {"孩子入学": "used", "给错了": "over"}, "what became of them")
checks.finish_with(server, postgres)
