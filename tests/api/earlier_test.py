#!/usr/bin/env python3
"""What somebody has told in an earlier application need not be typed again: from the same applicant's own cases only, with the day and the
matter, changed at will, and never a register's word. With 'postgres' on PostgreSQL."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_text  # noqa: E402
from server import PROGRAM, ROOT, People, begin  # noqa: E402

checks, check, postgres, server, people = begin()
PHONE = {"phone": "13800000000"}
p07, chen, xiaoyun, zhao = (people(x) for x in ("p07", "chen", "xiaoyun", "zhao"))


def prefill(who, matter):
    status, found, _ = who.request("GET", f"/api/matters/{matter}/prefill")
    check(status == 200, f"prefill of {matter}: {status} {found}")
    return {i["field"]: i for i in found["items"]}


# --- the account that p07 gave for a child's allowance is offered for her own, and for nobody else's
CHILD = {"child_name": "小乐", "child_birth": "@today-1500", "kindergarten": "云海第一幼儿园", "account": "6222020000007777777", **PHONE}
check("account" not in prefill(p07, "high_age_allowance"), "nothing is known yet")
status, made = people.apply(p07, "kindergarten_health_allowance", CHILD)
check(status == 201, f"an earlier application: {made}")
first = made["case_id"]
item = prefill(p07, "high_age_allowance").get("account")
check(item and item["value"] == "6222020000007777777" and item["case_id"] == first and item["fact"] == "" and item["register_title"] == "在园儿童健康成长补贴" and len(item["updated"]) == 10, f"the account, with day and matter: {item}")
check("bank" not in prefill(p07, "high_age_allowance"), "what was not given is not there")
for who in (chen, xiaoyun, people("p06")):
    check("account" not in prefill(who, "high_age_allowance"), "another person's never leaks")
agent = people("xiaoyun", "林秀珍")  # her authority: high_age_allowance, and nothing else
check("account" not in prefill(agent, "high_age_allowance"), "an agent sees nothing of matters that the authority does not cover")
people.signed_in.pop(("xiaoyun", "林秀珍"))

# --- it is hers to change: no dispute, and the rules decide; what she keeps says where it is from
status, made = people.apply(p07, "high_age_allowance", {"bank": "云海银行", "account": "6222020000001234567", **PHONE})
told = p07.request("GET", f"/api/cases/{made['case_id']}/matter")[1]
check(status == 201 and made["step"] == "granted" and told["disputes"] == [], f"changed freely, granted: {made} {told['disputes']}")
check("时填写" not in pdf_text(p07.request("GET", f"/api/cases/{made['case_id']}/papers/application")[1]), "a changed value is her own")
newest = prefill(p07, "kindergarten_health_allowance")["account"]
check(newest["value"] == "6222020000001234567" and newest["register_title"] == "高龄津贴", f"the newest is offered: {newest}")
status, made = people.apply(p07, "kindergarten_health_allowance", {**CHILD, "child_birth": "2015-05-01", "account": "6222020000001234567"})
kept = pdf_text(p07.request("GET", f"/api/cases/{made['case_id']}/papers/application")[1])
check("办理“高龄津贴”时填写" in kept, f"kept: the day and the matter stand at the value: {kept[:600]}")
unit = pdf_text(people("education1").request("GET", f"/api/cases/{made['case_id']}/papers/application")[1])
check("高龄津贴" not in unit, "the unit does not learn of other matters")
second = made["case_id"]

# --- withdrawn and erased ones are not used, free text and files never
check(p07.command("POST", f"/api/cases/{second}/actions/withdraw", {"input": {}})[0] == 200, "withdrawn")
check(prefill(p07, "kindergarten_health_allowance")["account"]["register_title"] == "高龄津贴", f"the last that stands: {prefill(p07, 'kindergarten_health_allowance')}")
granted = prefill(p07, "kindergarten_health_allowance")["account"]["case_id"]
check(people("data_admin").request("POST", f"/api/cases/{granted}/events/0/erase", {"ground": "个人信息保护法第四十七条"})[0] == 200, "erased by law")
check(prefill(p07, "kindergarten_health_allowance")["account"]["case_id"] == first, "what was erased is gone, the one before it stands")

# --- enterprises: the delegates of that firm, each within his scope; never the delegate's own
firm, food_only = people("zhao", "云海鹭禾餐饮有限公司"), people("xiaoyun", "云海鹭禾餐饮有限公司")
status, made = people.apply(food_only, "food_licence_new", {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": "@file", "safety_rules": "@file", **PHONE}, answers={"trade": "catering"}, promises=["equipment"])
check(status == 201, f"the firm's first: {made}")
status, made = people.apply(firm, "hygiene_licence_new", {"kind": "hair", "place": "碧溪街 3 号", "way": "promise", "promise": True, "layout": "@file", "rules": "@file", **PHONE}, answers={"way": "promise"})
check(status == 201, f"the firm's second: {made}")
check(prefill(firm, "food_licence_renewal")["place"]["value"] == "碧溪街 3 号", "who may do everything is offered the newest")
check(prefill(food_only, "food_licence_renewal")["place"]["value"] == "海棠街 8 号", "who may do food only, that of food")
check("place" not in prefill(people("zhao", "云海远帆商贸有限公司"), "food_licence_renewal"), "another firm of the same delegate")
check("place" not in prefill(people("chen"), "food_licence_new"), "nobody's own")

status, made = people.apply(people("p06"), "individual_business_new", {"shop_name": "吉小店", "scope": "clothes", "place": "鹭洲路 9 号", "place_kind": "shop", **PHONE}, answers={"place": "shop"}, promises=["premises"])
check(status == 201, f"a shop: {made}")

# --- rules trust registers only: an earlier value is never one of their facts
status, made = people.apply(firm, "food_licence_renewal", {"licence_no": "JY19900000000001", "expires": "@today+60", "place": "碧溪街 3 号", "unchanged": True, **PHONE})
facts = firm.request("GET", f"/api/cases/{made['case_id']}/matter")[1]["facts"]
check(status == 201 and all("碧溪街" not in f["value"] for f in facts), f"no fact of the rules: {facts}")

# --- at the window nothing personal is offered by itself
one = people("gov_services1")
one.request("POST", "/api/counter/shifts", {"window": "A01"})
visit = one.request("POST", "/api/counter/visits", {"number": people.number("p07"), "name": "林秀珍", "consent": "出示身份证并口头同意"})[1]
seen = {i["field"] for i in one.request("GET", f"/api/counter/visits/{visit['subject']}/{visit['visit']}/prefill?matter=high_age_allowance")[1]["items"]}
check("account" not in seen, f"not the account: {seen}")

# --- too old: the account for a year, the place for two
server.days_later(400)
people = People(server)
check("account" not in prefill(people("p07"), "kindergarten_health_allowance"), "not after its time")
check(prefill(people("p06"), "food_licence_renewal")["place"]["value"] == "鹭洲路 9 号", "the place still")

# --- the pack says it, and is refused where it says nonsense
with tempfile.TemporaryDirectory() as folder:
    for change, why in ((("prefill: earlier.bank_account", "prefill: earlier.nothing"), "data_elements.yaml"),
                        (("{id: bank, type: text", "{id: bank, type: long_text"), "长文本"),
                        (("prefill: earlier.bank}", "prefill: earlier.business_area}"), "类型"),
                        (("required: true, length_max: 40, prefill: earlier.bank}", "required: true, personal: true, length_max: 40, prefill: earlier.bank}"), "personal: true")):
        pack = pathlib.Path(folder) / "pack"
        shutil.copytree(ROOT / "packs/yunhai", pack)
        form = pack / "case_types/high_age_allowance/form.yaml"
        text = form.read_text()
        check(change[0] in text, f"the form has {change[0]}")
        form.write_text(text.replace(*change))
        told = subprocess.run([PROGRAM, "pack", "check", pack], capture_output=True, text=True)
        check(told.returncode != 0 and why in told.stdout + told.stderr and "high_age_allowance/form.yaml" in told.stdout + told.stderr, f"{change}: {told.stdout[-400:]}{told.stderr[-400:]}")
        shutil.rmtree(pack)
checks.finish_with(server, postgres)
