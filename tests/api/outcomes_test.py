#!/usr/bin/env python3
"""The table of spec/matters against a real server: every matter that can be applied for, approved, handed over, refused by a named
person, with joint applicants, agents and enterprises. With 'postgres' on PostgreSQL."""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, begin, until  # noqa: E402

checks, check, postgres, server, people = begin()
table = json.loads((ROOT / "spec/matters/outcomes.json").read_text())
table.sort(key=lambda row: row.get("then") == "publish")  # last: the clock goes on

# --- the table leaves nothing out
kinds = {}
for row in table:
    kinds.setdefault(row["matter"], set()).add(row["kind"])
cursor, online = "", []
while cursor is not None:
    page = people("nobody").request("GET", f"/api/matters?online=1&cursor={cursor}")[1]
    online += [m["id"] for m in page["items"]]
    cursor = page.get("next")
check(set(online) == set(kinds) and len(online) >= 17, f"matters without a row, or rows without a matter: {set(online) ^ set(kinds)}")
for matter, found in kinds.items():
    check("happy" in found and len(found) > 1, f"{matter}: only {found}")

# --- never.md 10: no file is asked for that the guide does not name as something to bring, and nothing twice that a register says
for matter in online:
    guide = people("nobody").request("GET", f"/api/matters/{matter}")[1]
    form = people("nobody").request("GET", f"/api/case-types/{guide['matter']['case_type']}")[1]
    named = {m["id"] for m in guide["materials"] if m["need"] in ("main", "later")}
    asked = {f["id"] for page in form["pages"] for f in page["fields"] if f["type"] == "files"}
    check(asked <= named, f"{matter}: asked without standing in the guide: {asked - named}")

ACTS = {"grant": [("1", "accept", {}), ("1", "reviewed", {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}), ("_lead", "grant", {})],
        "refuse": [("1", "accept", {}), ("1", "reviewed", {"view": "refuse", "grounds": "核查后不符合条件"}),
                   ("_lead", "refuse", {"why": "经核查不符合法定条件，理由如上", "basis": "行政许可法第三十八条", "remedy": "六十日内向管委会申请复议，六个月内向法院起诉"})],
        "grant_above": [("1", "accept", {}), ("1", "forward", {"view": "grant", "grounds": "街道现场核实，符合规划"}), ("civil_affairs1", "reviewed", {"view": "grant", "grounds": "街道审查意见属实，同意"}),
                        ("civil_affairs_lead", "grant", {})],
        "relieve": [("1", "relieve", {"amount": 1500, "how": "money", "seen": "家里失火，没有地方住"}),
                    ("1", "reviewed", {"view": "grant", "grounds": "两人入户，情况属实", "inspectors": "甲、乙"}), ("_lead", "grant", {})],
        "publish": [("1", "accept", {}), ("1", "reviewed", {"view": "grant", "grounds": "核对收入和住房，符合"}),
                    ("1", "put_up", {}), ("", "wait", "heard"), ("1", "published", {}), ("_lead", "grant", {})],
        "not_accept": [("1", "not_accept", {"why": "不属于本机关办理", "where": "市公安局出入境窗口"})]}
STEPS = {"grant": "granted", "grant_above": "granted", "relieve": "granted", "publish": "granted", "refuse": "refused", "not_accept": "not_accepted", "withdraw": "withdrawn"}
outcomes = {}
for row in table:
    where = f"{row['matter']}: {row['name']}"
    who, expect = people(row["as"], row.get("for")), row["expect"]
    status, made = people.apply(who, row["matter"], row["form"], answers=row.get("answers", {}), promises=row.get("promises", []))
    joint = made.get("joint")
    check(status == (202 if expect["step"] == "joint" else 201) and made.get("step") == expect["step"], f"{where}: {status} {str(made)[:300]}")
    if status >= 300:
        continue
    case = made["case_id"]
    answering = row.get("confirm", []) + row.get("decline", [])
    for login in answering:
        other = people(login)
        asked = [j for j in other.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == joint]
        check(asked and asked[0]["asked"] and asked[0]["lines"], f"{where}: {login} sees what is asked: {asked}")
        agrees = login in row.get("confirm", [])
        status, answer, _ = other.request("POST", f"/api/joint-applications/{joint}/answer", {"agrees": agrees, **({} if agrees else {"why": "租金不对"})})
        check(status == 200 and answer["state"] == (("submitted" if login == answering[-1] else "waiting") if agrees else "declined"), f"{where}: {login}: {status} {answer}")
    if joint:
        mine = next(j for j in who.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == joint)
        case = mine.get("case_id")
        if row.get("decline"):
            check(mine["state"] == "declined" and not case and mine["why"], f"{where}: {mine}")
            outcomes["declined"] = outcomes.get("declined", 0) + 1
            continue
        check(bool(case), f"{where}: became a case: {mine}")
        if not case:
            continue
        if row.get("after"):
            check(who.request("GET", f"/api/cases/{case}")[1]["head"]["step"] == row["after"], f"{where}: after the last yes")
    if row.get("tells"):  # who is acted for learns of it, and who has acted stands in the record
        heard = []
        for _ in range(50):  # it leaves after the commit
            heard = people(row["tells"]).request("GET", "/api/messages")[1]["items"]
            if any(m.get("case_id") == case for m in heard):
                break
            time.sleep(0.1)
        check(any(m.get("case_id") == case for m in heard), f"{where}: {row['tells']} is told: {heard[:2]}")
        begun = people(row["unit"] + "1").request("GET", f"/api/cases/{case}")[1]["timeline"][-1]
        check(begun["by"] != row["for"] or "agent" in str(begun), f"{where}: marked as done by an agent: {begun}")
    told = who.request("GET", f"/api/cases/{case}/matter")[1]
    if "by_rules" in expect:
        check(told["by_rules"] == expect["by_rules"], f"{where}: by rules {told['by_rules']}")
    handed = [r for r in told["rules"] if r["outcome"] == "manual"]
    check("code" not in expect or (handed and handed[0]["code"] == expect["code"] and handed[0]["reason"]), f"{where}: {told['rules']}")
    check(expect.get("reason", "") in (handed[0]["reason"] if handed else ""), f"{where}: reason {handed}")
    for decision, outcome in row.get("rules", {}).items():
        check([r["outcome"] for r in told["rules"] if r["decision"] == decision] == [outcome], f"{where}: {decision} says {outcome}: {told['rules']}")
    check(all(r["article"] for r in told["rules"]), f"{where}: every rule names its article")
    for field, value in row.get("form_is", {}).items():
        form = who.request("GET", f"/api/cases/{case}")[1]["form"]
        check(form.get(field) == value, f"{where}: computed {field}: {form.get(field)}")
    then = row.get("then")
    if then == "withdraw":
        status, answer, _ = who.command("POST", f"/api/cases/{case}/actions/withdraw", {"input": {}})
        check(status == 200 and answer["step"] == "withdrawn", f"{where}: {answer}")
    for suffix, action, given in row.get("acts", ACTS.get(then, [])):
        if action == "wait":  # what has to hang first hangs for five working days
            server.days_later(16)
            people.signed_in.clear()
            who = people(row["as"], row.get("for"))
            check(until(lambda: who.request("GET", f"/api/cases/{case}")[1]["head"]["step"] == given), f"{where}: {given} when its days are over")
            continue
        officer = row["unit"] + suffix if suffix in ("1", "_lead") else suffix  # of another unit, by the whole name
        more = row.get("review", {}) if action == "reviewed" else {}
        status, answer, _ = people(officer).command("POST", f"/api/cases/{case}/actions/{action}", {"input": given | more})
        check(status == 200, f"{where}: {action} by {officer}: {status} {str(answer)[:300]}")
    if row.get("pays"):  # the decision is there, the certificate is not before the fee
        told = who.request("GET", f"/api/cases/{case}/matter")[1]
        check(told["outcome"] == "granted" and told["certificates"] == [] and told["by_rules"] == expect["by_rules"] and "payment" in {p["kind"] for p in told["papers"]}, f"{where}: granted, to be paid: {told}")
        clerk, serial = people(row["unit"] + "1"), {"input": {"serial": "YH2026112300001"}}
        check(clerk.command("POST", f"/api/cases/{case}/actions/paid", {"input": {}})[0] == 409, f"{where}: nothing has been paid yet")
        check(who.command("POST", f"/api/cases/{case}/actions/pay", serial)[0] == 200, f"{where}: paid")
        check(clerk.command("POST", f"/api/cases/{case}/actions/not_found", {"input": {"why": "没有查到"}})[0] == 200, f"{where}: not found")
        check(who.request("GET", f"/api/cases/{case}/matter")[1]["certificates"] == [], f"{where}: still nothing")
        check(who.command("POST", f"/api/cases/{case}/actions/pay", serial)[0] == 200 and clerk.command("POST", f"/api/cases/{case}/actions/paid", {"input": {}})[0] == 200, f"{where}: it has come")
    head = who.request("GET", f"/api/cases/{case}")[1]["head"]
    check(then is None or head["step"] == STEPS[then], f"{where}: {head['step']}")
    told = who.request("GET", f"/api/cases/{case}/matter")[1]
    outcomes[told["outcome"]] = outcomes.get(told["outcome"], 0) + 1
    kinds_of_paper = {p["kind"] for p in told["papers"]}
    check(set(row.get("papers", [])) <= kinds_of_paper, f"{where}: papers {kinds_of_paper}")
    if row.get("certificate"):
        holder = people({"林秀珍": "p07"}.get(row.get("for"), row["as"]), None if row.get("for") == "林秀珍" else row.get("for"))
        held = {c["identifier"]: c for c in holder.request("GET", "/api/certificates")[1]["items"]}
        check(len(told["certificates"]) == 1 and row["certificate"] in held.get(told["certificates"][0], {}).get("title", ""), f"{where}: certificate {[held.get(i, {}).get('title') for i in told['certificates']]}")
    else:
        check(told["certificates"] == [], f"{where}: no certificate")
print(f"{len(table)} applications of {len(kinds)} matters: {outcomes}")
server.stop()
replayed = server.yiwang("verify", "decisions")
check(replayed.returncode == 0 and " 0 different, 0 whose rules are gone" in replayed.stdout, f"every decision is made again from its inputs: {replayed.stdout[-600:]} {replayed.stderr[-300:]}")
server.start()
checks.finish_with(server, postgres)
