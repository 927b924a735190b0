#!/usr/bin/env python3
"""Matters over HTTP against a real server: prefill, applications, instant approval and every way of handing over, people's
decisions with papers, certificates with proof, copies and states, registers that fail. With 'postgres' on PostgreSQL."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, PROGRAM, ROOT, begin, picture  # noqa: E402

checks, check, postgres, server, _ = begin()
port = server.port
VERIFY = os.environ.get("YW_VERIFY", str(pathlib.Path(PROGRAM).parent / "yiwang-verify"))


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def person(login):
    return Client(port).sign_in(login)


def apply(who, matter, form, **more):
    return who.request("POST", f"/api/matters/{matter}/applications", {"form": form, **more}, key())[:2]


def why(who, case):
    return who.request("GET", f"/api/cases/{case}/matter")[1]


nobody, xiaoyun, chen = Client(port), person("xiaoyun"), person("chen")
engineer, police, mz = (Client(port).sign_in(x, True) for x in ("engineer", "police1", "mz_clerk"))
PHONE = {"phone": "13800000000"}


def endorsement(who, **changes):
    filled = who.request("GET", "/api/matters/residence_permit_endorsement/prefill")[1]
    address = next((i["value"] for i in filled.get("items", []) if i["field"] == "address"), "葵滨大道 1 号")
    return {"address": address, "basis": "work", "unchanged": True, **PHONE, **changes}


# --- prefill: values with source and date, only one's own, not for strangers
status, filled, _ = xiaoyun.request("GET", "/api/matters/residence_permit_endorsement/prefill")
check(status == 200 and filled["items"][0]["register_title"] == "居住登记" and filled["items"][0]["updated"] == "2026-11-12", f"prefill: {filled}")
check(nobody.request("GET", "/api/matters/residence_permit_endorsement/prefill")[0] == 401 and police.request("GET", "/api/matters/residence_permit_endorsement/prefill")[0] == 403, "prefill is for applicants")
check(xiaoyun.request("GET", "/api/matters/tax_007/prefill")[0] == 404, "a matter without a form")

# --- instant approval: decided in the same request, with certificate
status, made = apply(xiaoyun, "residence_permit_endorsement", endorsement(xiaoyun))
check(status == 201 and made["step"] == "granted" and made["status"] == "concluded", f"decided at once: {status} {made}")
case = made["case_id"]
told = why(xiaoyun, case)
check(told["by_rules"] and told["outcome"] == "granted" and [r["outcome"] for r in told["rules"]] == ["pass", "approve"], f"why: {told}")
check(all(r["article"] for r in told["rules"]) and any(f["label"] == "登记日期" and f["source"] == "居住登记" for f in told["facts"]), f"articles and sources: {told}")
check(len(told["certificates"]) == 1, "one certificate")
identifier = told["certificates"][0]
check(chen.request("GET", f"/api/cases/{case}/matter")[0] == 404 and nobody.request("GET", f"/api/cases/{case}/matter")[0] == 401 and mz.request("GET", f"/api/cases/{case}/matter")[0] == 404, "why is not for strangers")
seen = police.request("GET", f"/api/cases/{case}/matter")[1]
check(all(f["value"] == "***" for f in seen["facts"] if f["label"] in ("出生日期", "登记住址")), f"personal facts are masked for staff: {seen['facts']}")
check(any("核对情况" in a["purpose"] for a in xiaoyun.request("GET", "/api/accesses")[1]["items"]), "the look is recorded")

# --- the same without its matter is refused; unknown fields too
check(xiaoyun.request("POST", "/api/cases", {"case_type": "residence_permit_endorsement", "form": endorsement(xiaoyun)}, key())[0] == 422, "not past the matter")
check(apply(xiaoyun, "residence_permit_endorsement", {**endorsement(xiaoyun), "facts": {}})[0] == 422, "facts cannot be sent")
check(apply(nobody, "residence_permit_endorsement", {})[0] == 401 and apply(police, "residence_permit_endorsement", {})[0] == 403, "who may apply")

# --- each way of handing over; the machine never refuses
ways = [
    ("p03", {}, "U4", "在严重失信名单"), ("p10", {}, "U6", "被死亡"), ("p13", {}, "U1", "未实名核验"), ("p09", {}, "U7", "七岁"), ("p23", {}, "U8", "居住登记不满六个月"),
    ("chen", {"address": "别的地方 1 号"}, "U3", "更正了登记的住址"), ("p06", {"basis": "school", "unchanged": False}, "U8", "没有声明"),
]
for login, change, code, note in ways:
    who = person(login)
    status, made = apply(who, "residence_permit_endorsement", endorsement(who, **change))
    check(status == 201 and made["status"] == "in_progress" and made["step"] == "accept", f"{login} {note}: handed to people: {status} {made}")
    rules = why(who, made["case_id"])["rules"]
    manual = [r for r in rules if r["outcome"] == "manual"]
    check(manual and manual[0]["code"] == code and manual[0]["reason"], f"{login}: {code}: {rules}")
papers_of = {}
rare = person("p06")
status, made = apply(rare, "individual_business_new", {"shop_name": "㛃𠮷小店", "scope": "clothes", "place": "鹭洲路 9 号", "place_kind": "shop", **PHONE}, answers={"place": "shop"}, promises=["premises"])
check(status == 201 and made["step"] == "granted", f"a rare character in a name: {status} {made}")
rare_case = made["case_id"]
time.sleep(2.5)
pdf = rare.request("GET", "/api/certificates/pdf?identifier=" + urllib.parse.quote(why(rare, made["case_id"])["certificates"][0]))
check(pdf[0] == 200, f"its certificate as PDF: {pdf[0]}")
# Each kind of document that people prove themselves with: its number is theirs everywhere, and stands on the certificate under its name.
for login, kind, number in [("p04", "港澳居民来往内地通行证", "H10000012"), ("p05", "护照", "X90020301"), ("p20", "台湾居民来往大陆通行证", "01234567"),
                            ("p21", "港澳台居民居住证", "830000199006150014"), ("p22", "外国人永久居留身份证", "911840198504120038")]:
    who = person(login)
    profile = who.request("GET", "/api/profile?full=1")[1]
    check(profile["id_number"] == number and number[3:-4] not in profile["id_number_masked"], f"{login}: {profile}")
    status, made = apply(who, "individual_business_new", {"shop_name": "海边小店", "scope": "service", "place": "鹭洲路 10 号", "place_kind": "shop", **PHONE}, promises=["premises"])
    check(status == 201 and made["status"] in ("in_progress", "concluded"), f"{login}: another identity kind may apply: {status} {made}")
    told = why(who, made["case_id"])
    check(any(f["value"] == kind for f in told["facts"]), f"{login}: the register says the kind: {told['facts']}")
    if told["certificates"]:
        papers_of[login] = (who, made["case_id"], kind, number)

# --- an open case of the same matter is shown, and the person goes on
again = person("p23")
status, made = apply(again, "residence_permit_endorsement", endorsement(again))
told = why(again, made["case_id"])
check(status == 201 and told["rules"][0]["code"] == "U5" and told.get("open_case"), f"U5 links the open one: {told['rules']}")

# --- registers: down, slow and wrong go to people
registers = engineer.request("GET", "/api/registers")[1]["items"]
check(len(registers) == len(list((ROOT / "packs/yunhai/registers").glob("*.yaml"))) and all(r["mode"] == "up" for r in registers), f"{len(registers)} registers")
for client, code in ((nobody, 401), (xiaoyun, 403), (police, 403)):
    check(client.request("PUT", "/api/registers/insurance/mode", {"mode": "down"})[0] == code, "who may switch a register")
check(engineer.request("PUT", "/api/registers/insurance/mode", {"mode": "odd"})[0] == 400 and engineer.request("PUT", "/api/registers/none/mode", {"mode": "down"})[0] == 404, "modes and registers that there are not")
buyer = person("f03")
for mode in ("down", "slow"):
    check(engineer.request("PUT", "/api/registers/insurance/mode", {"mode": mode})[0] == 200, mode)
    begin = time.time()
    status, made = apply(buyer, "talent_settlement", {"degree": "bachelor", "who": "working", "address": "云岭北街 2 号", **PHONE}, answers={"who": "graduate"}, promises=["archive"])
    check(status == 201 and made["step"] == "accept", f"{mode}: people decide: {status} {made}")
    check(time.time() - begin < 5, "and nobody waits for ever")
    told = why(buyer, made["case_id"])
    check(told["rules"][0]["code"] == "U2" and any(s["state"] == "unavailable" for s in told["sources"]), f"{mode}: {told['sources']}")
    status, _, _ = buyer.request("POST", f"/api/cases/{made['case_id']}/actions/withdraw", {"input": {}}, key())
    check(status == 200, "the applicant withdraws")
server.kill()
server.start()
port = server.port
for client in (engineer, xiaoyun, chen, police, mz, buyer, nobody):
    client.port = port
check({r["id"]: r["mode"] for r in engineer.request("GET", "/api/registers")[1]["items"]}["insurance"] == "slow", "the switch survives a crash")
engineer.request("PUT", "/api/registers/insurance/mode", {"mode": "up"})
engineer.request("PUT", "/api/registers/person/mode", {"mode": "wrong"})
status, made = apply(buyer, "talent_settlement", {"degree": "bachelor", "who": "working", "address": "云岭北街 2 号", **PHONE}, answers={"who": "graduate"}, promises=["archive"])
check(made["step"] == "accept" and why(buyer, made["case_id"])["rules"][0]["code"] == "U6", "a wrong register never turns anybody down")
engineer.request("PUT", "/api/registers/person/mode", {"mode": "up"})

# --- people decide: accept, one correction, review, four eyes, refusal with reasons and remedies, papers with numbers
status, made = apply(chen, "food_licence_new", {"trade": "catering", "place": "海棠街 8 号", "area": 60, **PHONE}, answers={"trade": "catering"}, promises=["equipment"])
check(status == 422 and {"/form/layout", "/form/safety_rules"} <= {e["pointer"] for e in made["errors"]}, f"main materials must be there: {status} {made}")
png = picture()
file = chen.request("POST", "/api/files", None, {"Content-Type": "application/octet-stream"}, png)[1]["hash"]
form = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": [file], "safety_rules": [file], **PHONE}
check(apply(chen, "food_licence_new", form, answers={"trade": "catering"})[0] == 422, "a secondary material needs a promise")
status, made = apply(chen, "food_licence_new", form, answers={"trade": "catering"}, promises=["equipment"])
check(status == 201 and made["step"] == "accept", f"never automatic: {made}")
case = made["case_id"]
check(why(chen, case)["promises"][0]["name"] == "设备清单", "the promise stands with its day")
market, market2 = Client(port).sign_in("market1", True), Client(port).sign_in("market2", True)
check(police.request("POST", f"/api/cases/{case}/actions/accept", {"input": {}}, key())[0] == 404, "another unit does not see it")
ask = lambda: market.request("POST", f"/api/cases/{case}/operations/request_correction", {"reason": "缺设备清单和健康证明"}, key())  # noqa: E731
check(ask()[0] == 200 and chen.request("POST", f"/api/cases/{case}/operations/submit_correction", {"input": {"note": "已补"}}, key())[0] == 200, "one correction notice")
status, refused, _ = ask()
check(status in (409, 422) and "补正" in refused["errors"][0]["message"], f"许可法 32: told once: {status} {refused}")
status, answer, _ = market.request("POST", f"/api/cases/{case}/actions/accept", {"input": {}}, key())
check(status == 200, f"accepted: {answer}")
check(market.request("POST", f"/api/cases/{case}/actions/reviewed", {"input": {"view": "grant", "grounds": "两人现场核查，符合条件", "inspectors": "甲、乙"}}, key())[0] == 200, "reviewed")
view = market.request("GET", f"/api/cases/{case}")[1]
check(view["head"]["step"] == "approve", "waits for the decision")
check(market2.request("POST", f"/api/cases/{case}/actions/grant", {"input": {}}, key())[0] in (403, 409), "a clerk does not decide")
papers = {p["kind"]: p for p in why(chen, case)["papers"]}
check({"receipt", "acceptance", "correction"} <= set(papers) and "字〔2026〕1 号" in papers["acceptance"]["number"], f"papers: {papers}")
for kind in ("receipt", "acceptance", "correction"):
    status, body, headers = chen.request("GET", f"/api/cases/{case}/papers/{kind}")
    check(status == 200, f"{kind}: {status}")
chen.request("GET", f"/api/cases/{case}/papers/acceptance")
check({p["kind"]: p["prints"] for p in why(chen, case)["papers"]}["acceptance"] == 2, "prints are counted")
check(person("p03").request("GET", f"/api/cases/{case}/papers/receipt")[0] == 404 and nobody.request("GET", f"/api/cases/{case}/papers/receipt")[0] == 401, "papers are not for strangers")

# --- certificates: list, proof checked offline, PDF, copies, states
status, mine, _ = xiaoyun.request("GET", "/api/certificates")
check(status == 200 and mine["items"][0]["identifier"] == identifier and mine["items"][0]["proof_ready"], f"certificates survive the restart, signed: {mine}")
query = "identifier=" + urllib.parse.quote(identifier)
proof = xiaoyun.request("GET", f"/api/certificates/proof?{query}")[1]
with tempfile.TemporaryDirectory() as folder:
    def verify(value):
        path = pathlib.Path(folder) / "c.json"
        path.write_text(json.dumps(value, ensure_ascii=False))
        return subprocess.run([VERIFY, str(path)], capture_output=True, text=True).returncode
    check(verify(proof) == 0, "yiwang-verify agrees")
    changed = dict(proof, certificate=proof["certificate"].replace("周晓芸", "周小芸"))
    check(changed["certificate"] != proof["certificate"] and verify(changed) == 1, "and finds one changed character")
    # What is printed on paper is enough: the QR code of the PDF is read as a scanner does, checked without any network, and asked about.
    def scanned(who, query):
        paper = pathlib.Path(folder) / "paper.pdf"
        paper.write_bytes(who.request("GET", f"/api/certificates/pdf?{query}")[1])
        subprocess.run(["pdftoppm", "-r", "150", "-png", paper, paper.with_suffix("")], check=True)
        return [line for page in sorted(pathlib.Path(folder).glob("paper*.png")) for line in subprocess.run(["zbarimg", "--raw", "-q", page], capture_output=True, text=True).stdout.split()]
    codes = scanned(xiaoyun, query)
    check(len(codes) == 1 and codes[0].startswith("YWC1:"), f"one QR code: {codes}")
    qr, key_file = pathlib.Path(folder) / "qr.txt", pathlib.Path(folder) / "key.pem"
    qr.write_text(codes[0] + "\n")
    key_file.write_text(proof["public_key"])
    offline = subprocess.run([VERIFY, qr, "--key", key_file], capture_output=True, text=True)
    check(offline.returncode == 0 and identifier in offline.stdout, f"offline from the QR code: {offline.stdout} {offline.stderr}")
    check(subprocess.run([VERIFY, qr], capture_output=True).returncode == 2, "without the key nothing can be said")
    # The file is made and signed at the first download: the same bytes afterwards, and one changed byte is found.
    signed = xiaoyun.request("GET", f"/api/certificates/pdf?{query}")[1]
    paper = pathlib.Path(folder) / "signed.pdf"

    def agrees(content):
        paper.write_bytes(content)
        return subprocess.run([VERIFY, paper, "--key", key_file], capture_output=True).returncode
    check(signed == xiaoyun.request("GET", f"/api/certificates/pdf?{query}")[1], "the same bytes each time")
    check(agrees(signed) == 0 and agrees(signed[:200] + bytes([signed[200] ^ 1]) + signed[201:]) == 1, "signed as a whole")
    check(subprocess.run([VERIFY, paper], capture_output=True).returncode == 2, "without the key nothing can be said of it either")
    # Names: a rare character is drawn and leaves no code point behind; forty-nine letters of a passport stand there in full.
    for login, (who, case, kind, number) in {**papers_of, "p06": (rare, rare_case, "公民身份号码", "")}.items():
        who.port = port  # the server has been started again
        mine = why(who, case)["certificates"][0]
        bundle = who.request("GET", f"/api/certificates/proof?identifier={urllib.parse.quote(mine)}")[1]
        holder = json.loads(bundle["certificate"])["holder"]
        check(kind in holder["code_kind"] and (not number or holder["code"] == number), f"{login}: the holder: {holder}")
        paper = pathlib.Path(folder) / f"{login}.pdf"
        paper.write_bytes(who.request("GET", f"/api/certificates/pdf?identifier={urllib.parse.quote(mine)}")[1])
        # The font's Latin letters are half as wide and come out as full-width ones.
        text = unicodedata.normalize("NFKC", subprocess.run(["pdftotext", "-raw", paper, "-"], capture_output=True, text=True).stdout)
        written = holder["name"].encode("gbk", "ignore").decode("gbk").replace(" ", "")  # the rest is drawn
        check("演示印章" in text and "无效力" in text, f"never.md 9: the seal says that it is a demo: {text[:300]}")
        check("[U+" not in text and written in text.replace(" ", "").replace("\n", ""), f"{login}: the name on paper: {text[:300]}")
    by_code = nobody.request("POST", "/api/certificate-check", {"code": codes[0]})
    check(by_code[0] == 200 and by_code[1]["identifier"] == identifier and by_code[1]["in_force"], f"anybody may ask about what was scanned: {by_code[:2]}")
    forged = codes[0][:-9] + ("A" if codes[0][-9] != "A" else "B") + codes[0][-8:]
    check(nobody.request("POST", "/api/certificate-check", {"code": forged})[0] == 404 and nobody.request("POST", "/api/certificate-check", {"code": "YWC1:" + "A" * 200})[0] == 404, "a changed code is nobody's certificate")
for client, code in ((chen, 404), (nobody, 401), (police, 403)):
    check(client.request("GET", f"/api/certificates/proof?{query}")[0] == code and client.request("GET", f"/api/certificates/pdf?{query}")[0] == code, "proof and PDF are the holder's")
public = nobody.request("GET", f"/api/certificate-check?{query}")[1]
check(public["in_force"] and public["holder"] == "周**", f"anybody may check; the holder is masked: {public}")
check(nobody.request("GET", "/api/certificate-check?identifier=1.2.3")[0] == 404, "an unknown identifier")
status, copy, _ = xiaoyun.request("POST", f"/api/certificates/copies?{query}", {"purpose": "孩子入学", "recipient": "云海第一小学", "hours": 24}, key())
check(status == 201, f"copy: {copy}")
first, second = nobody.request("GET", f"/api/certificate-copies/{copy['code']}"), nobody.request("GET", f"/api/certificate-copies/{copy['code']}")
check(first[0] == 200 and first[1]["purpose"] == "孩子入学" and second[0] == 404, "a copy opens once")
uses = xiaoyun.request("GET", "/api/certificate-uses")[1]["items"]
check(uses[0]["who"] == "云海第一小学" and uses[0]["purpose"] == "孩子入学", f"who used it: {uses}")
check(chen.request("POST", f"/api/certificates/copies?{query}", {"purpose": "孩子入学", "recipient": "云海第一小学", "hours": 24}, key())[0] == 404, "only the holder makes copies")
lead = Client(port).sign_in("ga_lead", True)
order = {"identifier": identifier, "reason": "住址登记有误，正在核对"}
for client, code in ((nobody, 401), (xiaoyun, 403), (police, 403), (Client(port).sign_in("mz_lead", True), 403)):
    check(client.request("POST", "/api/certificate-operations/suspend", order, key())[0] == code, f"who may suspend: {code}")
status, suspended, _ = lead.request("POST", "/api/certificate-operations/suspend", order, key())
check(status == 200 and suspended["state"] == "suspended" and suspended["state_code"] == "02", f"suspended: {status} {suspended}")
check(not nobody.request("GET", f"/api/certificate-check?{query}")[1]["in_force"], "visible at once")
check(xiaoyun.request("GET", f"/api/certificates/pdf?{query}")[1] not in (signed, None), "and on paper: the file of another state is another file")
check(xiaoyun.request("POST", f"/api/certificates/copies?{query}", {"purpose": "孩子入学", "recipient": "云海第一小学", "hours": 24}, key())[0] == 409, "no copies of what is suspended")
check(lead.request("POST", "/api/certificate-operations/suspend", order, key())[0] == 409, "not twice")
check(lead.request("POST", "/api/certificate-operations/restore", order, key())[1]["state"] == "valid", "restored")
check(lead.request("POST", "/api/certificate-operations/revoke", order, key())[1]["state"] == "revoked" and lead.request("POST", "/api/certificate-operations/restore", order, key())[0] == 409, "revoked is the end")
check(any("撤销：" in u["purpose"] for u in xiaoyun.request("GET", "/api/certificate-uses")[1]["items"]), "the holder is told why")

# --- the applicant withdraws while it is decided: one wins, the other is told
winners = {"grant": 0, "withdraw": 0}
zs = Client(port).sign_in("sj_lead", True)
for n in range(6):
    owner = person("p07")
    mine_file = owner.request("POST", "/api/files", None, {"Content-Type": "application/octet-stream"}, png)[1]["hash"]
    made = apply(owner, "food_licence_new", {**form, "layout": [mine_file], "safety_rules": [mine_file], "place": f"碧溪街 {n} 号"}, answers={"trade": "catering"}, promises=["equipment"])[1]
    case = made["case_id"]
    check(market.request("POST", f"/api/cases/{case}/actions/accept", {"input": {}}, key())[0] == 200, "accept")
    check(market.request("POST", f"/api/cases/{case}/actions/reviewed", {"input": {"view": "grant", "grounds": "情况属实，符合条件", "inspectors": "甲、乙"}}, key())[0] == 200, "review")
    answers = {}
    def race(name, client, action):  # noqa: E306
        answers[name] = client.request("POST", f"/api/cases/{case}/actions/{action}", {"input": {}}, key())[0]
    threads = [threading.Thread(target=race, args=("grant", zs, "grant")), threading.Thread(target=race, args=("withdraw", owner, "withdraw"))]
    [t.start() for t in (threads if n % 2 else threads[::-1])]
    [t.join() for t in threads]
    check(sorted(answers.values())[0] == 200 and sorted(answers.values())[1] in (403, 404, 409, 422), f"one wins, the other is told: {answers}")
    won = "grant" if answers["grant"] == 200 else "withdraw"
    winners[won] += 1
    told = why(owner, case)
    check(told["outcome"] == {"grant": "granted", "withdraw": "withdrawn"}[won] and len(told["certificates"]) == (1 if won == "grant" else 0), f"and nothing is lost: {told['outcome']}")
print("races:", winners)

# --- what is stored agrees with the events, certificates' own events too
checks.finish_with(server, postgres)
