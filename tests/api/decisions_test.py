#!/usr/bin/env python3
"""Decisions over HTTP against a real server: list, evaluate, explain, analyse, check a draft, run it against what was
decided before; masks, the record of every look, limits. With the argument 'postgres' the same on PostgreSQL."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, begin  # noqa: E402

checks, check, postgres, server, _ = begin()
port = server.port
nobody, resident = Client(port), Client(port).sign_in("chen")
designer, engineer, clerk, leader = (Client(port).sign_in(x, True) for x in ("designer", "engineer", "mz_clerk", "leader"))
own_lead, other_lead = Client(port).sign_in("mz_lead", True), Client(port).sign_in("zs_lead", True)
BASE = "/api/decisions/elder_allowance/grade"
INPUTS = {"出生日期": "1941-03-02", "户籍日期": "1988-01-01", "护理程度": "partial", "独居": True, "申请日期": "2026-11-22"}

# --- list and view: versions with their days
status, listed, _ = designer.request("GET", "/api/decisions")
head = next(i for i in listed["items"] if i["case_type"] == "elder_allowance" and i["id"] == "grade")
check(status == 200 and head["case_type"] == "elder_allowance" and [v["from"] for v in head["versions"]] == ["2024-01-01", "2026-07-01"], f"list: {listed}")
check([v["in_force"] for v in head["versions"]] == [False, True], "the newest version is in force")
status, view, _ = designer.request("GET", BASE)
check(view["version"]["from"] == "2026-07-01" and view["text"].startswith("<?xml"), "the version of today")
check({i["name"]: i.get("choices") for i in view["inputs"]}["护理程度"] == ["none", "partial", "full"], f"choices: {view['inputs']}")
check({i["name"] for i in view["inputs"] if i["personal"]} == {"出生日期", "户籍日期"}, "personal inputs are marked")
status, old, _ = designer.request("GET", BASE + "?day=2025-05-05")
check(old["version"]["file"] == "grade-2024.dmn", "the version of an older day")
check(designer.request("GET", BASE + "?day=2020-01-01")[0] == 404 and designer.request("GET", BASE + "?day=tomorrow")[0] == 400, "days without a version, and days that are none")
check(designer.request("GET", "/api/decisions/elder_allowance/none")[0] == 404 and designer.request("GET", "/api/decisions/none/grade")[0] == 404, "decisions that do not exist")

# --- evaluate and explain
evaluate = lambda who, body: who.request("POST", BASE + "/evaluate", body)  # noqa: E731
status, reply, _ = evaluate(clerk, {"inputs": INPUTS})
check(status == 200 and reply["output"] == {"每月元": 320, "符合条件": True} and reply["from"] == "2026-07-01", f"evaluate: {reply}")
table = reply["explanation"]["tables"][0]
check(table["matched"][0]["rule"] == 4 and table["matched"][0]["annotations"] == ["第五条第二款"] and "missed" not in table, f"the rule and its article: {table}")
status, reply, _ = evaluate(clerk, {"inputs": INPUTS, "explain": "all"})
missed = {m["rule"]: m for m in reply["explanation"]["tables"][0]["missed"]}
check(set(missed) == {1, 2, 3, 5, 6, 7} and missed[6]["distance"] == "5 too small", f"why the others did not match: {missed}")
status, reply, _ = evaluate(clerk, {"inputs": INPUTS, "explain": "no", "day": "2026-06-30"})
check(reply["output"]["每月元"] == 250 and "explanation" not in reply and reply["from"] == "2024-01-01", f"the older version: {reply}")
status, reply, _ = evaluate(clerk, {"inputs": INPUTS, "decision": "年龄"})
check(reply["output"] == 85, "another decision of the model")
status, reply, _ = evaluate(clerk, {"inputs": {**INPUTS, "出生日期": "never"}, "decision": "年龄"})
check(status == 200 and "output" not in reply and "not of type date" in reply["null_reason"], f"null has its reason: {reply}")
for body, expected in [({}, 400), ({"inputs": []}, 400), ({"inputs": INPUTS, "explain": "maybe"}, 400), ({"inputs": INPUTS, "decision": "none"}, 400), ({"inputs": INPUTS, "x": 1}, 400)]:
    status, problem, _ = evaluate(clerk, body)
    check(status == expected and problem["code"], f"{body}: {status} {problem}")

# --- analysis and coverage
status, analysis, _ = designer.request("GET", BASE + "/analysis?coverage=1")
monthly = analysis["tables"][0]
check(monthly["gaps"] == [] and monthly["conflicts"] == [] and len(monthly["tests"]) >= 7, "the published table has no fault")
check({r for t in monthly["tests"] for r in t["rules"]} == set(range(1, 8)), "the covering inputs visit every rule")
stored = analysis["records"]
check(stored == 30 and sum(r["count"] for r in analysis["coverage"] if r["rule"].startswith("月标准")) == 30, f"coverage: {analysis['coverage']}")

# --- drafts: nothing is published; problems have line, column and cure
broken = view["text"].replace("[90..100)", "[90..hundred)")
status, reply, _ = designer.request("POST", "/api/decision-drafts/check", {"text": broken})
problem = reply["problems"][0]
line = next(n for n, text in enumerate(broken.splitlines(), 1) if "hundred" in text)
check(status == 200 and not reply["ok"] and problem["line"] == line and problem["column"] > 0 and problem["code"] == "feel.unknown_name" and problem["cure"], f"a broken draft: {reply['problems']}")
gap = view["text"].replace("[90..100)", "[90..95)")
status, reply, _ = engineer.request("POST", "/api/decision-drafts/check", {"text": gap})
check(reply["ok"] and reply["tables"][0]["gaps"] and len(reply["inputs"]) == 5, "a gap is found")
overlap = view["text"].replace("[90..100)", "[89..100)")
reply = designer.request("POST", "/api/decision-drafts/check", {"text": overlap})[1]
check(reply["tables"][0]["conflicts"] and reply["tables"][0]["overlaps"], "an overlap that UNIQUE forbids is found")
status, reply, _ = designer.request("POST", "/api/decision-drafts/check", {"text": "no xml"})
check(status == 200 and not reply["ok"] and reply["problems"][0]["line"] >= 1, f"no XML: {reply}")
status, reply, _ = designer.request("POST", "/api/decision-drafts/evaluate", {"text": view["text"].replace("<text>260</text>", "<text>280</text>"), "decision": "月标准", "inputs": INPUTS})
check(reply["output"] == 280, "a draft is evaluated")
status, problem, _ = designer.request("POST", "/api/decision-drafts/evaluate", {"text": broken, "decision": "月标准", "inputs": INPUTS})
check(status == 400 and problem["errors"][0]["line"] == line, f"a broken draft is refused with its line: {problem}")
check(evaluate(clerk, {"inputs": INPUTS})[1]["output"]["每月元"] == 320, "the rules in force are untouched")
endless = view["text"].replace("years and months duration(出生日期, 申请日期).years", "count(for a in 1..1000000, b in 1..1000000 return a * b)")
begin = time.time()
reply = designer.request("POST", "/api/decision-drafts/evaluate", {"text": endless, "decision": "年龄", "inputs": INPUTS})[1]
check("output" not in reply and time.time() - begin < 20, f"work is limited: {reply}")
check(designer.request("POST", "/api/decision-drafts/check", {"text": "x" * 1_100_000})[0] == 413, "a draft that is too large")
check(designer.request("POST", "/api/decision-drafts/check", {"text": "<a>" * 100_000})[0] == 200, "a deep draft is a problem, not a crash")

# --- a draft against what was decided
trial = lambda who, text, cursor=None: who.request("POST", BASE + "/trial", {"text": text, **({"cursor": cursor} if cursor else {})})  # noqa: E731
status, reply, _ = trial(designer, view["text"])
check(status == 200 and reply["counts"] == {"stored": 30, "same": 30, "changed": 0, "failed": 0, "complete": True} and reply["rows"] == [], f"the same rules: {reply}")
draft = view["text"].replace("<text>60</text>", "<text>75</text>").replace("<text>220</text>", "<text>230</text>").replace("<text>0</text></outputEntry><annotationEntry><text>第三条", "<text>5</text></outputEntry><annotationEntry><text>第三条")
status, reply, _ = trial(designer, draft)
rows, counts = list(reply["rows"]), reply["counts"]
check(counts["stored"] == 30 and counts["changed"] > 20 and counts["same"] + counts["changed"] == 30 and len(rows) == 20 and reply["next"], f"counts: {counts}")
status, second, _ = trial(designer, draft, reply["next"])
check("counts" not in second and len(rows) + len(second["rows"]) == counts["changed"] and "next" not in second, "the second page has the rest")
rows += second["rows"]
check(all(r["masked"] and r["inputs"]["出生日期"] == "***" and r["inputs"]["护理程度"] != "***" and "case_id" not in r for r in rows), f"personal inputs are masked for the designer: {rows[0]}")
check(all(r["stored"] != r["now"] and r["stored_rules"] and r["now_rules"] for r in rows), "every difference has both results and both sets of rules")
own = trial(own_lead, draft)[1]
check(own["counts"]["stored"] == 30 and not any(r["masked"] for r in own["rows"]) and all(r["case_id"] for r in own["rows"]), "the unit's own supervisor sees the inputs")
other = trial(other_lead, draft)[1]
check(all(r["masked"] for r in other["rows"]), "a supervisor of another unit does not")
null = view["text"].replace("[90..100)", "[99..100)").replace("<text>300</text>", "<text>1</text>")
reply = trial(designer, null)[1]
check(reply["counts"]["changed"] >= 1 and all("reason" in r for r in reply["rows"]), f"a draft that gives nothing says why: {reply['rows'][:1]}")
status, problem, _ = trial(designer, broken)
check(status == 400 and problem["errors"][0]["line"] == line, "a broken draft is not run")
check(trial(designer, view["text"].replace('name="津贴核定"', 'name="改名"'))[0] == 400, "a draft without the decision")
check(trial(designer, draft, "x")[0] == 400, "a bad cursor")

# --- the looks: 20 + rest by the designer, then both supervisors; nothing for runs that showed nobody
case = own["rows"][0]["case_id"]
status, seen, _ = clerk.request("GET", f"/api/cases/{case}")
decided = [t for t in seen["timeline"] if t["type"] == "case.decided"]
check(len(decided) == 1 and decided[0]["by_role"] == "system" and "每月元" in decided[0]["input"], f"the decision stands in the timeline: {decided}")

# --- an applicant is told at once, and sees who looked
status, made, _ = resident.command("POST", "/api/cases", {"case_type": "elder_allowance", "form": {"birth": "1938-02-02", "since": "1980-01-01", "care": "none", "alone": True, "phone": "13800000000"}})
check(status == 201 and made["revision"] == 2, f"submit: {made}")
timeline = resident.request("GET", f"/api/cases/{made['case_id']}")[1]["timeline"]
check(any(t["type"] == "case.decided" and t["input"] == {"每月元": 280, "符合条件": True} and t["says"]["zh-CN"] == "高龄津贴档次" for t in timeline), f"the applicant sees the decision: {timeline}")
cursor = None
for _ in range(5):
    reply = trial(designer, draft, cursor)[1]
    cursor = reply.get("next")
    if not cursor:
        break
looks = [x for x in resident.request("GET", "/api/accesses")[1]["items"] if "规则草稿" in x["purpose"] and x.get("case_id") == made["case_id"]]
check(len(looks) == 1 and looks[0]["who"] == "叶文静", f"the applicant sees who ran a draft over the case: {looks}")

# --- who may not
for who, name in ((nobody, "nobody"), (resident, "resident"), (leader, "leader")):
    for method, path, body in (("GET", "/api/decisions", None), ("GET", BASE, None), ("POST", BASE + "/evaluate", {"inputs": {}}), ("POST", BASE + "/trial", {"text": draft}), ("POST", "/api/decision-drafts/check", {"text": draft})):
        status = who.request(method, path, body)[0]
        check(status == (401 if name == "nobody" else 403), f"{name} {method} {path}: {status}")
check(clerk.request("POST", "/api/decision-drafts/check", {"text": draft})[0] == 403 and clerk.request("POST", BASE + "/trial", {"text": draft})[0] == 403, "a clerk does not try drafts")
check(engineer.request("POST", BASE + "/trial", {"text": draft})[0] == 403, "an engineer does not see stored decisions")
checks.finish_with(server, postgres)
