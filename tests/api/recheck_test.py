#!/usr/bin/env python3
"""A register says something else at the decision than when it was applied for: noticed by itself, named, decided by nobody on old facts.
A death, a company struck off, a register that does not answer. With 'postgres' on PostgreSQL."""
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from paper import pdf_text  # noqa: E402
from server import ROOT, Checks, People, Server, wanted_postgres  # noqa: E402

checks = Checks()
check = checks.check
postgres = wanted_postgres()
folder = tempfile.TemporaryDirectory()
pack = pathlib.Path(folder.name) / "yunhai"
shutil.copytree(ROOT / "packs/yunhai", pack)
server = Server(postgres.url() if postgres else None, pack=pack)
people = People(server)
PHONE = {"phone": "13800000000"}
REVIEWED = {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}
REFUSAL = {"why": "经核查不符合法定条件，理由如上", "basis": "行政许可法第三十八条", "remedy": "六十日内向管委会申请复议，六个月内向法院起诉"}


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[:2]


def until_decision(login, matter, form, unit, firm=None, **more):
    who = people(login, firm)
    status, made = people.apply(who, matter, form, **more)
    check(status == 201 and made["step"] == "accept", f"{matter} with people: {status} {made}")
    case = made["case_id"]
    check(act(people(unit + "1"), case, "accept")[0] == 200 and act(people(unit + "1"), case, "reviewed", **REVIEWED)[0] == 200, f"{matter}: reviewed")
    return case


def changes(who, case):
    return [(c["register_title"], c["label"], c["state"]) for c in who.request("GET", f"/api/cases/{case}/matter")[1]["changes"]]


def entered(register, record):
    """A new record in a register, in the place of the one there was: what another authority has entered while the server runs on."""
    server.stop()
    path = pack / f"registers/{register}.yaml"
    whom = record[: record.index(",")]
    kept = [line for line in path.read_text().rstrip().splitlines() if not line.startswith(f"- {whom},")]
    path.write_text("\n".join(kept) + f"\n- {record}\n")
    server.start()
    for client in people.signed_in.values():
        client.port = server.port


RELIEF = {"situation": "房屋进水，家具损坏，暂住亲戚家", "urgent": "yes", "bills": "@file", **PHONE}
ALLOWANCE = {"bank": "云海银行", "account": "6222020000001234567", **PHONE}
RENEWAL = {"licence_no": "JY19900000000001", "expires": "@today+300", "place": "海棠街 8 号", "unchanged": True, **PHONE}
dies = until_decision("p07", "temporary_relief", RELIEF, "street", promises=["income"])
error = until_decision("chen", "high_age_allowance", ALLOWANCE, "civil_affairs")
struck = until_decision("zhao", "food_licence_renewal", RENEWAL, "market", "云海鹭禾餐饮有限公司")
same = until_decision("zhao", "food_licence_renewal", RENEWAL, "market", "云海星汐科技有限公司")
street, civil, market, engineer = (people(x) for x in ("jd_lead", "mz_lead", "sj_lead", "engineer"))
check([changes(*x) for x in ((street, dies), (civil, error), (market, struck))] == [[], [], []], "nothing has changed yet")

# --- a death entered midway: shown, and neither granted nor refused on the old facts
entered("person", '{subject: 林秀珍/1944-05-06, id_type: 居民身份证, id_no: "@id_number", name: "@name", birth: "@birth", household_area: true, death_date: "2026-11-20", level: real_person_verified}')
found = changes(street, dies)
check(("人口信息", "死亡日期", "changed") in found and len(found) == 1, f"the officer sees what has changed: {found}")
check(people("p07").request("GET", f"/api/cases/{dies}/matter")[1]["changes"] == [], "the office's to find out, not told to the account of the dead")
for action, given in (("grant", {}), ("refuse", REFUSAL)):
    status, refused = act(street, dies, action, **given)
    check(status == 422 and refused["errors"][0]["pointer"] == "/input/changes" and "死亡日期" in refused["errors"][0]["message"], f"{action} on old facts: {status} {refused}")
check(street.request("GET", f"/api/cases/{dies}")[1]["head"]["step"] == "approve", "it still waits for the decision")
status, ended = street.command("POST", f"/api/cases/{dies}/operations/terminate", {"reason": "申请人已经死亡，依法终止办理"})[:2]
told = street.request("GET", f"/api/cases/{dies}/matter")[1]
check(status == 200 and told["outcome"] == "ended" and told["changes"] == [], f"ended by the officer's act: {status} {ended} {told['outcome']}")

# --- a register that is wrong: the officer telephones, says so, and decides; both stand in the record and on the paper
entered("person", '{subject: 陈玉珍/1948-03-02, id_type: 居民身份证, id_no: "@id_number", name: "@name", birth: "@birth", household_area: true, death_date: "2026-11-20", level: real_person_verified}')
check(act(civil, error, "grant", changes="　")[0] == 422 and act(civil, error, "grant")[0] == 422, "not without a word")
status, made = act(civil, error, "grant", changes="已电话联系本人并上门见面，登记有误，已请公安更正")
check(status == 200 and made["step"] == "granted", f"granted after it was verified: {status} {made}")
line = next(e for e in civil.request("GET", f"/api/cases/{error}")[1]["timeline"] if e.get("action") == "grant")
check("死亡日期" in line["input"]["changes"] and "上门见面" in line["input"]["changes"], f"the event has both: {line['input']}")
check("上门见面" in pdf_text(people("chen").request("GET", f"/api/cases/{error}/papers/grant")[1]), "and so has the decision on paper")

# --- a company struck off midway; the other firm's case goes on as before
entered("company", '{subject: 云海鹭禾餐饮有限公司, uscc: "@id_number", status: 注销, address: "@address", legal_rep: 演示法人, abnormal: 0, reports_filed: true}')
check(("市场主体", "登记状态", "changed") in changes(market, struck), f"struck off: {changes(market, struck)}")
status, refused = act(market, struck, "grant")
check(status == 422 and "登记状态" in refused["errors"][0]["message"], f"no licence for a company that is no more: {status} {refused}")
check(market.command("POST", f"/api/cases/{struck}/operations/terminate", {"reason": "企业已经注销，依法终止办理"})[0] == 200, "ended")
firm = people("zhao", "云海鹭禾餐饮有限公司")
status, made = people.apply(firm, "food_licence_renewal", {**RENEWAL, "expires": "@today+60"})
told = firm.request("GET", f"/api/cases/{made['case_id']}/matter")[1]
check(made["step"] == "accept" and told["rules"][0]["code"] == "U6", f"and what it asks for now goes to people: {made} {told['rules'][:1]}")

# --- a register that does not answer at that moment: named, not decided; when it answers again, as usual
check(engineer.request("PUT", "/api/registers/company/mode", {"mode": "down"})[0] == 200, "down")
check(changes(market, same) == [("市场主体", "", "unavailable")], f"no answer: {changes(market, same)}")
for action, given in (("grant", {}), ("refuse", REFUSAL)):
    status, refused = act(market, same, action, **given)
    check(status == 422 and "现在查不到" in refused["errors"][0]["message"], f"{action} without the register: {status} {refused}")
check(engineer.request("PUT", "/api/registers/company/mode", {"mode": "up"})[0] == 200 and changes(market, same) == [], "up again")
check(act(market, same, "grant")[0] == 200, "nothing has changed: granted without a word")

# --- one intention, sent twice: the same answer, though registers have changed since
key = "a" * 32
case = until_decision("chen", "temporary_relief", RELIEF, "street", promises=["income"])
body = {"input": {}}
one = street.command("POST", f"/api/cases/{case}/actions/grant", body, key)[:2]
check(one[0] == 200 and one[1]["step"] == "granted", f"granted: {one}")
engineer.request("PUT", "/api/registers/person/mode", {"mode": "wrong"})
check(street.command("POST", f"/api/cases/{case}/actions/grant", body, key)[:2] == one, "the same answer")
engineer.request("PUT", "/api/registers/person/mode", {"mode": "up"})
checks.finish_with(server, postgres)
