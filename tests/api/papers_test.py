#!/usr/bin/env python3
"""Statutory papers from the pack's templates, with numbers, reprint marks and the log of prints; and that no operation of the office
ends a case, or moves it past its decision, without the act that writes reasons, basis and remedies. An applicant who dies midway.
With 'postgres' on PostgreSQL."""
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_text  # noqa: E402
from server import ROOT, begin  # noqa: E402

checks, check, postgres, server, people = begin()
PHONE = "13800000000"
nobody, chen, xiaoyun, market, market2, sj_lead, police = (people(x) for x in ("nobody", "chen", "xiaoyun", "market1", "market2", "sj_lead", "police1"))
FOOD = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": "@file", "safety_rules": "@file", "phone": PHONE}


def food(who=chen, place="海棠街 8 号", **more):
    status, made = people.apply(who, "food_licence_new", {**FOOD, "place": place}, answers={"trade": "catering"}, promises=["equipment"], **more)
    check(status == 201 and made["step"] == "accept", f"handed to people: {status} {made}")
    return made["case_id"]


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[:2]


def operate(who, case, operation, **body):
    return who.command("POST", f"/api/cases/{case}/operations/{operation}", {"reason": "依法办理，理由在此", **body})[:2]


def papers(who, case):
    return {p["kind"]: p for p in who.request("GET", f"/api/cases/{case}/matter")[1]["papers"]}


def text(who, case, kind):
    """What a reader of the printed PDF sees, without spaces."""
    status, body, headers = who.request("GET", f"/api/cases/{case}/papers/{kind}")
    check(status == 200, f"paper {kind}: {status} {str(body)[:200]}")
    if status != 200:
        return ""
    return pdf_text(body, "-layout")


# --- no way past the decision: what would end or skip it is refused, to clerks and supervisors alike, and is not offered
case = food()
for who, name in ((market, "a clerk"), (sj_lead, "a supervisor")):
    status, refused = operate(who, case, "reject")
    check(status == 409 and "救济途径" in refused["title"], f"{name} does not reject: {status} {refused}")
    for node in ("granted", "refused", "not_accepted", "approve", "s_stop", "s_done", "withdrawn"):
        for way in ("jump", "send_back"):
            status, refused = operate(who, case, way, node=node)
            check(status in (400, 403, 404, 409, 422), f"{name}: {way} to {node}: {status} {refused}")
seen = market.request("GET", f"/api/cases/{case}")[1]
check(all("reject" not in t["operations"] for t in seen["tasks"]) and seen["head"]["step"] == "accept", f"not offered, nothing moved: {seen['head']['step']}")
targets = {t["node"] for t in sj_lead.request("GET", f"/api/cases/{case}/process")[1]["targets"]}
check(targets == {"accept", "review"}, f"where it may be moved: {targets}")
check(operate(sj_lead, case, "time_out", name="decide")[0] in (400, 403, 404, 409, 422), "a time-out rule decides nothing here")

# --- papers: what the pack's template says, each with its own number; reprints are marked, every print has its name
check(act(market, case, "accept")[0] == 200 and act(market, case, "reviewed", view="grant", grounds="两人核查，情况属实", inspectors="甲、乙")[0] == 200, "reviewed")
found = papers(chen, case)
check(list(found)[:3] == ["application", "receipt", "promise"] and {"acceptance"} <= set(found) and "pledge" not in found, f"papers so far: {list(found)}")
check(found["receipt"]["number"] == "" and "受字〔" in found["acceptance"]["number"], f"numbered with the act, or when first printed: {found}")
first = text(chen, case, "receipt")
check("收件凭证" in first and "收到的材料" in first and "经营场所布局图" in first and "办理时限" in first and "重印" not in first, f"the receipt: {first[:300]}")
again = text(market, case, "receipt")
check("重印第1次" in again and "2026年" in again and "+08:00" not in again, f"a reprint says so: {again[:200]}")
numbered = papers(chen, case)["receipt"]
check("收字〔" in numbered["number"] and numbered["prints"] == 2, f"its number and prints: {numbered}")
log = market.request("GET", f"/api/cases/{case}/papers/receipt/prints")[1]["items"]
name = market.request("GET", "/api/session")[1]["name"]
check([p["by"] for p in log][1:] == [name] and len(log) == 2 and all(p["at"] for p in log), f"the log of prints: {log}")
check(chen.request("GET", f"/api/cases/{case}/papers/receipt/prints")[0] == 200, "the applicant reads it too")
for who, code in ((nobody, 401), (xiaoyun, 404), (police, 404)):
    check(who.request("GET", f"/api/cases/{case}/papers/receipt/prints")[0] == code and who.request("GET", f"/api/cases/{case}/papers/receipt")[0] == code, f"not for others: {code}")
promise = text(chen, case, "promise")
check("容缺承诺书" in promise and "设备清单" in promise and "不影响申请的权利" in promise, f"the promise: {promise[:300]}")
check(chen.request("GET", f"/api/cases/{case}/papers/pledge")[0] == 404 and chen.request("GET", f"/api/cases/{case}/papers/nothing")[0] == 404, "a paper that this case does not have")
other = food(place="海棠街 9 号")
text(chen, other, "receipt")
serial = lambda p: int(re.search(r"(\d+) 号$", p["number"]).group(1))  # noqa: E731
check(serial(papers(chen, other)["receipt"]) == serial(numbered) + 1, "the series counts on")

# --- granted: the decision on paper; nothing undoes it but what the law has for certificates
check(act(sj_lead, case, "grant")[0] == 200, "granted")
check("准予决定书" in text(chen, case, "grant") and "payment" not in papers(chen, case), "no fee, no notice of fees")
held = chen.request("GET", "/api/certificates")[1]["items"]
check(any(c["case_id"] == case and c["state"] == "valid" for c in held), "with its certificate")
for operation, body in (("withdraw", {}), ("jump", {"node": "review"}), ("send_back", {"node": "review"}), ("terminate", {}), ("reject", {})):
    for who in (sj_lead, market):
        status, refused = operate(who, case, operation, **body)
        check(status in (403, 404, 409), f"after the decision, {operation}: {status} {refused}")
told = chen.request("GET", f"/api/cases/{case}/matter")[1]
check(told["outcome"] == "granted" and any(c["case_id"] == case and c["state"] == "valid" for c in chen.request("GET", "/api/certificates")[1]["items"]), "it stands")
offered = sj_lead.request("GET", f"/api/cases/{case}")[1]
check(not {"jump", "withdraw", "terminate"} & set(offered["operations"]), f"and undoing it is not offered: {offered['operations']}")

# --- delivery: proof of delivery, then the receipt of the result
check("delivery_receipt" not in papers(chen, case), "not before it was sent")
check(market.request("POST", f"/api/cases/{case}/delivery", {"way": "post", "number": "EMS77", "address": "海棠街 8 号"})[0] == 201, "posted")
check("尚未签收" in text(market, case, "delivery_receipt") and "collected" not in papers(chen, case), "sent, not received")
check(market.request("POST", f"/api/cases/{case}/delivery/received", {"receiver": "陈玉珍"})[0] == 200, "received")
slip = text(market, case, "collected")
check("出件签收单" in slip and "EMS77" in slip and "已经收到" in slip, f"signed for: {slip[:200]}")

# --- paper originals: the slip names who gave and took, and the missing signature
check("handover" not in papers(chen, other), "no originals, no slip")
status, after, _ = market.request("POST", f"/api/cases/{other}/originals", {"name": "营业执照正本", "handling": "return", "pages": 1, "given_by": "陈玉珍"})
check(status == 201 and "缺第二个签名" in text(market, other, "handover"), "one signature is missing, and the slip says so")
check(chen.request("POST", f"/api/cases/{other}/originals/{after['originals'][0]['id']}/sign")[0] == 200, "the second signature")
slip = text(chen, other, "handover")
check("材料交接单" in slip and "营业执照正本" in slip and "双方签名" in slip and "重印第1次" in slip, f"the slip: {slip[:300]}")

# --- a promise in place of proof
HAIR = {"kind": "hair", "place": "碧溪街 3 号", "way": "promise", "promise": True, "layout": "@file", "rules": "@file", "phone": PHONE}
status, made = people.apply(xiaoyun, "hygiene_licence_new", HAIR, answers={"way": "promise"})
pledge = text(xiaoyun, made["case_id"], "pledge")
check("告知承诺书" in pledge and "依法撤销决定并记入信用记录" in pledge and "周晓芸" in pledge, f"the promise in place of proof: {pledge[:300]}")

# --- a matter with fees: the notice comes with the decision
builder = people("zhao", "云海安岭建筑工程有限公司")
road = {"what": "occupy", "place": "葵滨大道 18 号门前", "area": 8, "from": "@today+12", "until": "@today+13", "plan": "@file", "way": "check", "phone": PHONE}
status, made = people.apply(builder, "road_occupation", road)
case = made["case_id"]
head = builder.request("GET", f"/api/cases/{case}")[1]["head"]
transport = head["department"]
REVIEW = {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}
for who, action, given in ((people(transport + "1"), "accept", {}), (people("police1"), "agree", {}), (people(transport + "1"), "reviewed", REVIEW), (people(transport + "_lead"), "grant", {})):
    status, answer = act(who, case, action, **given)
    check(status == 200, f"{action}: {status} {answer}")
notice = text(builder, case, "payment")
check("缴费通知单" in notice and "依据" in notice and re.search(r"费", notice), f"the notice of fees: {notice[:400]}")

# --- the applicant dies while the case is open: ended by a supervisor, by name, with reason, paper and remedies; no refusal
late = food(xiaoyun, "灯塔路 3 号")
for who, code in ((nobody, (401,)), (xiaoyun, (403, 404, 409)), (police, (404,)), (market, (403,))):
    check(operate(who, late, "terminate")[0] in code, f"who ends a case: {code}")
status, refused, _ = sj_lead.command("POST", f"/api/cases/{late}/operations/terminate", {"reason": ""})
check(status in (400, 409, 422), f"not without a reason: {status} {refused}")
status, answer = operate(sj_lead, late, "terminate", reason="申请人去世，家属已电话核实，没有人承受该项权利")
check(status == 200, f"ended: {status} {answer}")
told = xiaoyun.request("GET", f"/api/cases/{late}/matter")[1]
check(told["outcome"] == "ended" and "ended" in {p["kind"] for p in told["papers"]}, f"how it ended: {told['outcome']}")
ended = text(sj_lead, late, "ended")
check("终止办理告知书" in ended and "申请人去世" in ended and "行政复议" in ended and "不是不予" in ended, f"the paper: {ended[:300]}")
line = next(e for e in xiaoyun.request("GET", f"/api/cases/{late}")[1]["timeline"] if e.get("action") == "terminate")
check(line["by"] == sj_lead.request("GET", "/api/session")[1]["name"], f"by name: {line}")
check(act(market, late, "accept")[0] in (403, 404, 409), "nobody goes on with it")
status, made = people.apply(xiaoyun, "food_licence_new", {**FOOD, "place": "灯塔路 3 号"}, answers={"trade": "catering"}, promises=["equipment"])
again = xiaoyun.request("GET", f"/api/cases/{made['case_id']}/matter")[1]
check(status == 201 and not again.get("open_case") and again["rules"][0]["code"] != "U5", f"applied again, and no case is open: {again['rules'][:1]}")

# --- a disputed value: the person says so, the clerk sees which, it never counts against anybody
status, made = people.apply(chen, "residence_permit_endorsement", {"address": "别的地方 1 号", "basis": "work", "unchanged": True, "phone": PHONE})
told = people("police1").request("GET", f"/api/cases/{made['case_id']}/matter")[1]
check(told["disputes"] == ["居住登记：登记住址"] and told["outcome"] == "open", f"the officer sees what is disputed, in words: {told['disputes']}")
check(chen.request("GET", f"/api/cases/{made['case_id']}/matter")[1]["disputes"] == told["disputes"], "so does the person")

# To find out who is right, the officer sees both values: with a purpose, and the person is told.
LOOK = f"/api/cases/{made['case_id']}/contact"
check(people("police1").request("GET", f"/api/cases/{made['case_id']}")[1]["form"]["address"] == "***", "masked until somebody says what for")
check(people("police1").request("GET", LOOK)[0] == 400, "not without a purpose")
for who, code in ((nobody, 401), (chen, 404), (market, 404), (people("leader"), 404)):
    check(who.request("GET", LOOK + "?purpose=" + urllib.parse.quote("核对住址"))[0] == code, f"who looks: {code}")
status, seen, _ = people("police1").request("GET", LOOK + "?purpose=" + urllib.parse.quote("核对住址"))
registered = {f["label"]: f["value"] for f in seen["facts"]}
check(status == 200 and seen["form"]["address"] == "别的地方 1 号" and registered.get("登记住址", "") not in ("", "***", "别的地方 1 号"), f"both values: {seen}")
check(any("核对住址" in a["purpose"] for a in chen.request("GET", "/api/accesses")[1]["items"]), "and the person sees that look")

# --- the wording is the pack's: a template that names what there is not is refused with its place
with tempfile.TemporaryDirectory() as folder:
    pack = pathlib.Path(folder) / "pack"
    subprocess.run(["cp", "-r", ROOT / "packs/yunhai", pack], check=True)
    file = pack / "matters/papers.yaml"
    whole = file.read_text()
    for before, after, word in (("{applicant}承诺：", "{applicnt}承诺：", "applicnt"), ("- id: collected", "- id: receipt", "receipt"), ("word: 签", "wrod: 签", "wrod")):
        check(before in whole, f"the template has {before}")
        file.write_text(whole.replace(before, after))
        done = subprocess.run([server.process.args[0], "pack", "check", str(pack)], capture_output=True, text=True)
        said = done.stdout + done.stderr
        check(done.returncode != 0 and word in said and "papers.yaml:" in said, f"{word}: {done.returncode} {said[-300:]}")
checks.finish_with(server, postgres)
