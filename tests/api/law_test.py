#!/usr/bin/env python3
"""The table of spec/law against a real server: every article has a case for and one against."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, begin  # noqa: E402

checks, check, postgres, server, people = begin()

clock = json.loads((ROOT / "spec/clock/licence.json").read_text())
table = json.loads((ROOT / "spec/law/licence.json").read_text())
sides = {}
for entry in table:
    sides.setdefault(entry["article"], set()).add(entry["side"])
for article, found in sides.items():
    check(found == {"for", "against"}, f"{article}: {found}")
for entry in table:
    name, case = f"{entry['article']} {entry['side']} {entry['name']}", None
    kept = {}
    for number, step in enumerate(entry["steps"]):
        if "remember" in step:
            kept[step["remember"]] = case
            continue
        if "recall" in step:
            case = kept[step["recall"]]
            continue
        if "clock" in step:
            # What only the clock can say stands as data there, and is run by the clock's own tests.
            found = [c for c in clock["cases"] if step["clock"] in c["title"] and any(k.get("state") == step["expect"]["state"] for k in c["expect"].get("clocks", {}).values())]
            check(len(found) >= step["expect"]["least"], f"{name}: {len(found)} cases of the clock")
            continue
        who, expect = people(step["as"], step.get("for")), step["expect"]
        where = f"{name}, step {number}"
        if "apply" in step:
            status, answer = people.apply(who, step["apply"], step["form"], answers=step.get("answers", {}), promises=step.get("promises", []))
            case = answer.get("case_id", case)
        elif "act" in step:
            status, answer, _ = who.command("POST", f"/api/cases/{case}/actions/{step['act']}", {"input": step["input"]})
        elif "operate" in step:
            if "people" in step["body"]:
                colleagues = who.request("GET", "/api/organisations/market/staff")[1]["items"]
                step["body"]["people"] = [c["id"] for c in colleagues if c["role"] == "supervisor"][:1]
            status, answer, _ = who.command("POST", f"/api/cases/{case}/operations/{step['operate']}", step["body"])
        elif "post" in step:
            status, answer, _ = who.request("POST", f"/api/cases/{case}/{step['post']}", step["body"])
        elif "guide" in step:
            status, answer, _ = who.request("GET", f"/api/matters/{step['guide']}")
            check(len(answer["fees"]) == expect["fees"] and all(f["standard"] and f["basis"] for f in answer["fees"]), f"{where}: {answer['fees']}")
        elif "paper" in step:
            status, answer, _ = who.request("GET", f"/api/cases/{case}/papers/{step['paper']}")
        elif "certificate" in step:
            identifier = people("chen").request("GET", f"/api/cases/{case}/matter")[1]["certificates"][0]
            status, answer, _ = who.request("POST", f"/api/certificate-operations/{step['certificate']}", {"identifier": identifier, "reason": step["reason"]})
            check("state" not in expect or answer.get("state") == expect["state"], f"{where}: {answer}")
        elif "refused_by" in step:
            timeline = who.request("GET", f"/api/cases/{case}")[1]["timeline"]
            refusal = [e for e in timeline if e.get("action") == "refuse"]
            check(refusal and refusal[0]["by"] == step["refused_by"] and refusal[0]["by_role"] != "system", f"{where}: {refusal}")
            continue
        else:
            status, answer, _ = who.request("GET", f"/api/cases/{case}/matter")
            for field in ("outcome", "by_rules"):
                check(field not in expect or answer[field] == expect[field], f"{where}: {answer[field]}")
            kinds = {p["kind"] for p in answer["papers"]}
            check(set(expect.get("papers", [])) <= kinds and not set(expect.get("no_papers", [])) & kinds, f"{where}: papers {kinds}")
            said = [r for r in answer["rules"] if r["article"] and r["reason"]] if "articles" in expect else []
            check(len(said) >= expect.get("articles", 0), f"{where}: each rule says why, with its article: {answer['rules']}")
            check({p["name"] for p in answer["promises"]} >= set(expect.get("promises", [])) and all(p["due"] for p in answer["promises"]), f"{where}: {answer['promises']}")
            for field in ("review", "court"):
                check(field not in expect or expect[field] in answer[field], f"{where}: {answer[field]}")
            for kind in expect.get("papers", []):
                got = who.request("GET", f"/api/cases/{case}/papers/{kind}")[0]
                check(got == 200, f"{where}: paper {kind} {got}")
            continue
        wanted = expect.get("status", 200)
        check(status in (wanted if isinstance(wanted, list) else [wanted]), f"{where}: {status} {str(answer)[:300]}")
        if "step" in expect:
            check(isinstance(answer, dict) and answer.get("step") == expect["step"], f"{where}: {str(answer)[:300]}")
print(f"{len(table)} cases of {len(sides)} articles")
checks.finish_with(server, postgres)
