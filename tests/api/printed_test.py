#!/usr/bin/env python3
"""The application on paper (申请表), from the same definition as on the screen: every complete matter prints before and after it is sent,
with what is filled in, its sources, the materials and lines to sign; masked for the office, in full for the applicant and the window where
he stands; nobody else gets it. With 'postgres' on PostgreSQL."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_ink, pdf_pages, pdf_text, squeezed  # noqa: E402
from server import ROOT, begin  # noqa: E402

checks, check, postgres, server, people = begin()
SIXTEEN = """residence_permit_endorsement birth_household_entry individual_business_new company_change food_licence_new food_licence_renewal
abnormal_list_removal hygiene_licence_new kindergarten_health_allowance high_age_allowance temporary_relief rental_subsidy lease_filing
talent_settlement hazchem_licence road_occupation""".split()
table = json.loads((ROOT / "spec/matters/outcomes.json").read_text())
nobody = people("nobody")


def drawn_apart(text):
    """What the fonts of every reader have; the rest is drawn."""
    return squeezed(text.encode("gbk", "ignore").decode("gbk"))


def draft(who, matter, form, **more):
    return who.request("POST", f"/api/matters/{matter}/printed-form", {"form": form, **more})[:2]


def spoken(field, value):
    if field["type"] == "files":
        return f"{len(value)}份"
    if isinstance(value, bool):
        return "是" if value else "否"
    for option in field.get("options", []):
        if option["id"] == value:
            return option["label"]["zh-CN"]
    return str(value)


# --- every complete matter, before and after it is sent
printed = {}
for matter in SIXTEEN:
    row = next(r for r in table if r["matter"] == matter and r["kind"] == "happy")
    who = people(row["as"], row.get("for"))
    form = people.filled(who, matter, row["form"])
    answers, promises = row.get("answers", {}), row.get("promises", [])
    guide = nobody.request("GET", f"/api/matters/{matter}?answers=" + ",".join(f"{q}:{a}" for q, a in answers.items()))[1]
    asked = {q["id"]: form[q["id"]] for q in guide["questions"] if form.get(q["id"]) in [a["id"] for a in q["answers"]]}  # a question of the situation that the form asks too
    guide = nobody.request("GET", f"/api/matters/{matter}?answers=" + ",".join(f"{q}:{a}" for q, a in {**answers, **asked}.items()))[1]
    pages = nobody.request("GET", f"/api/case-types/{guide['matter']['case_type']}")[1]["pages"]
    follow = nobody.request("POST", f"/api/case-types/{guide['matter']['case_type']}/form", {"form": form})[1]
    name = who.request("GET", "/api/profile?full=1")[1]["name"]
    status, body = draft(who, matter, form, answers=answers, promises=promises)
    check(status == 200 and isinstance(body, bytes) and body.startswith(b"%PDF"), f"{matter}: {status} {str(body)[:200]}")
    if status != 200:
        continue
    bodies = {"before": body}
    before = pdf_text(body)
    status, made = people.apply(who, matter, row["form"], answers=answers, promises=promises)
    for login in row.get("confirm", []):
        mine = next(j for j in people(login).request("GET", "/api/joint-applications")[1]["items"] if j["id"] == made["joint"])
        check(people(login).request("POST", f"/api/joint-applications/{mine['id']}/answer", {"agrees": True})[0] == 200, f"{matter}: {login} confirms")
    case = made.get("case_id") or next(j["case_id"] for j in who.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == made["joint"])
    status, body, _ = who.request("GET", f"/api/cases/{case}/papers/application")
    check(status == 200, f"{matter}: after it was sent: {status} {str(body)[:200]}")
    bodies["after"] = body
    after = pdf_text(body)
    printed[matter] = after
    for when, text in (("before", before), ("after", after)):
        check("申请表" in text and squeezed(guide["matter"]["name"]) in text and drawn_apart(name) in text, f"{matter} {when}: title, matter, applicant: {text[:200]}")
        pages_of = pdf_pages(bodies[when])
        signed = next(page for page in pages_of if "签名或盖章" in page)
        check("声明" in signed, f"{matter} {when}: who signs sees on the same page what for: {signed[:200]}")
        for field in (f for page in pages for f in page["fields"] if f["type"] == "files" and f["id"] in {m["id"] for m in guide["materials"]} and form.get(f["id"])):
            check(text.count(f"{len(form[field['id']])}份") <= sum(1 for v in form.values() if isinstance(v, list)), f"{matter} {when}: each file is listed once: {text}")
        check("申请人(签名或盖章)" in text and "声明" in text and "演示印章" not in text, f"{matter} {when}: a declaration to sign, and no seal of an office: {text[-400:]}")
        for field in (f for page in pages for f in page["fields"] if f["id"] not in follow["hidden"]):
            value = follow["computed"].get(field["id"]) if field.get("compute") else form.get(field["id"])
            if value in (None, "", []):
                continue
            check(squeezed(field["label"]["zh-CN"]) in text, f"{matter} {when}: the label {field['label']['zh-CN']}: {text}")
            check(squeezed(spoken(field, value)) in text, f"{matter} {when}: {field['id']} = {spoken(field, value)}: {text}")
        hidden = [f["label"]["zh-CN"] for page in pages for f in page["fields"] if f["id"] in follow["hidden"] and f["type"] != "files"]
        check(not any(squeezed(label) in text for label in hidden), f"{matter} {when}: not what is not asked: {hidden}")
        for material in guide["materials"]:
            check(squeezed(material["name"]) in text, f"{matter} {when}: the material {material['name']}: {text}")
    check("还没有提交" in before and "还没有提交" not in after, f"{matter}: which is which")
    head = who.request("GET", f"/api/cases/{case}")[1]
    check(head["case_number"] in after and head["head"]["query_code"].replace(" ", "") in after and "申字" in after, f"{matter}: its numbers: {head['case_number']} {head['head']['query_code']}: {after[:300]}")
check(len(printed) == 16, f"{len(printed)} of the sixteen")
check("1来源:" in printed["residence_permit_endorsement"] and "2026-11-12" in printed["residence_permit_endorsement"], "a value from a register says so, with its day")
check("承诺" in printed["individual_business_new"] and "前补交" in printed["individual_business_new"], "what follows by promise, with its day")

# --- what is empty can be filled in by hand; a long text goes on on further pages; rare characters are drawn
p06 = people("p06")
status, body = draft(p06, "shop_sign_filing", {})
blank = pdf_text(body)
check(status == 200 and "店名和地址____" in blank and "高度(米)____" in blank, f"an empty form: {blank[:400]}")
status, body = draft(p06, "temporary_relief", {"situation": "房屋进水，家具全部损坏，暂住亲戚家中。" * 90, "urgent": "no"})
long = pdf_text(body)
check(status == 200 and long.count("房屋进水") == 90 and long.index("签名或盖章") > long.rindex("房屋进水"), "a long text in full, and then the signature")
RARE = {"shop": "㛃𠮷小店，海棠街 3 号", "height": 1.2, "floor": "ground", "listed": False, "phone": "13800000000"}
status, rare = draft(p06, "shop_sign_filing", RARE)
text = pdf_text(rare)
check(status == 200 and "[U+" not in text and "小店" in text and text.count("王") >= 1, f"rare characters leave no code points behind: {text[:300]}")
check(pdf_ink(rare) != pdf_ink(draft(p06, "shop_sign_filing", {**RARE, "shop": "　　小店，海棠街 3 号"})[1]), "they are drawn")
status, body = draft(people("p05"), "residence_permit_endorsement", {"address": "葵滨大道 1 号", "basis": "work"})
check("Anastasia-WilhelminaFeatherstonehaughdelaCruz" in pdf_text(body) and "护照号码" in pdf_text(body), "a long name and a passport's number")

# --- what is sent by the browser is nobody's order: no such fields, no such files, other kinds of values
status, body = draft(p06, "shop_sign_filing", {"shop": {"a": [1]}, "height": [3], "nothing": "x", "phone": None})
check(status == 200 and "nothing" not in pdf_text(body), f"odd values print nothing: {status}")
check(draft(p06, "no_such_matter", {})[0] == 404 and p06.request("POST", "/api/matters/shop_sign_filing/printed-form", {})[0] == 400, "no such matter; no form")

# --- who gets it: the applicant; the unit masked; the window in full while the person stands there; nobody else
status, made = people.apply(p06, "shop_sign_filing", {**RARE, "height": 9})
case, number = made["case_id"], people.number("p06")
check(made["step"] == "accept", f"with the unit: {made}")
mine = pdf_text(p06.request("GET", f"/api/cases/{case}/papers/application")[1])
check("13800000000" in mine and number in mine, "the applicant's is in full")
unit = people("city_mgmt1")
status, body, _ = unit.request("GET", f"/api/cases/{case}/papers/application")
masked = pdf_text(body)
check(status == 200 and "13800000000" not in masked and number not in masked and number[-4:] in masked and "重印第1次" in masked, f"masked for the office: {masked[:400]}")
looks = p06.request("GET", "/api/accesses")[1]["items"]
check(any("打印申请表" in look["purpose"] for look in looks), f"and the person sees the look: {looks[:2]}")
for who, code in ((nobody, 401), (people("xiaoyun"), 404), (people("police1"), 404), (people("leader"), 404)):
    check(who.request("GET", f"/api/cases/{case}/papers/application")[0] == code, f"not for others: {code}")
for who, code in ((nobody, 401), (unit, 403), (people("engineer"), 403)):
    check(draft(who, "shop_sign_filing", RARE)[0] == code, f"who prints what is not sent yet: {code}")

# --- at the window: printed, signed, then sent
one, two = people("gov_services1"), people("gov_services2")
check(one.request("POST", "/api/counter/shifts", {"window": "A01"})[0] == 201 and two.request("POST", "/api/counter/shifts", {"window": "A02"})[0] == 201, "two windows")
status, visit, _ = one.request("POST", "/api/counter/visits", {"number": number, "name": "王㛃𠮷", "consent": "出示身份证并口头同意"})
check(status == 201, f"at the window: {visit}")
path = f"/api/counter/visits/{visit['subject']}/{visit['visit']}"
body = {"matter": "fitness_site_filing", "form": {"site": "鹭洲公园东门", "listed": True, "activity": "dance", "from_hour": 8, "to_hour": 10, "persons": 20, "quiet": True, "phone": "13900000000"}}
status, paper, _ = one.request("POST", path + "/printed-form", body)
text = pdf_text(paper) if status == 200 else ""
check(status == 200 and "13900000000" in text and number in text and "鹭洲公园东门" in text and "还没有提交" in text, f"to be signed at the window: {status} {text[:300]}")
check(any("窗口打印申请表" in look["purpose"] for look in p06.request("GET", "/api/accesses")[1]["items"]), "the person sees that it was printed")
for who, code in ((nobody, 401), (p06, 403), (unit, 403), (two, 404)):
    check(who.request("POST", path + "/printed-form", body)[0] == code, f"not at another window: {code}")
status, made, _ = one.command("POST", path + "/applications", body)
check(status == 201, f"sent: {made}")
status, paper, _ = one.request("GET", f"/api/cases/{made['case_id']}/papers/application")
check(status == 200 and "13900000000" in pdf_text(paper), "in full while the person stands there")
check(two.request("GET", f"/api/cases/{made['case_id']}/papers/application")[0] == 404, "nothing for the next window")
check(one.request("POST", path + "/end", {"outcome": "已办好"})[0] == 200 and one.request("GET", f"/api/cases/{made['case_id']}/papers/application")[0] == 404, "nothing when he has gone")
checks.finish_with(server, postgres)
