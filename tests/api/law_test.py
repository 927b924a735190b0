#!/usr/bin/env python3
"""The table of spec/law against a real server: every article has a case for and one against."""
import datetime
import json
import pathlib
import sys
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, Checks, Client, Postgres, Server, picture  # noqa: E402

checks = Checks()
check = checks.check
postgres = None
if "postgres" in sys.argv:
    if not Postgres.available():
        print("PostgreSQL is not installed: skipped")
        sys.exit(0)
    postgres = Postgres()
server = Server(postgres.url() if postgres else None)
people = {}
PNG = picture()


def person(login):
    if login not in people:
        people[login] = Client(server.port) if login == "nobody" else Client(server.port).sign_in(login, login not in ("chen", "xiaoyun", "zhao"))
    return people[login]


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def filled(who, matter, form):
    out = {}
    for name, value in form.items():
        if value == "@file":
            value = [who.request("POST", "/api/files", None, {"Content-Type": "application/octet-stream"}, PNG)[1]["hash"]]
        elif value == "@address":
            value = next(i["value"] for i in who.request("GET", f"/api/matters/{matter}/prefill")[1]["items"] if i["field"] == "address")
        elif isinstance(value, str) and value.startswith("@today+"):
            value = (datetime.date.today() + datetime.timedelta(days=int(value[7:]))).isoformat()
        out[name] = value
    return out


table = json.loads((ROOT / "spec/law/licence.json").read_text())
sides = {}
for entry in table:
    sides.setdefault(entry["article"], set()).add(entry["side"])
for article, found in sides.items():
    check(found == {"for", "against"}, f"{article}: {found}")
for entry in table:
    name, case = f"{entry['article']} {entry['side']} {entry['name']}", None
    for number, step in enumerate(entry["steps"]):
        who, expect = person(step["as"]), step["expect"]
        where = f"{name}, step {number}"
        if "apply" in step:
            body = {"form": filled(who, step["apply"], step["form"]), "answers": step.get("answers", {}), "promises": step.get("promises", [])}
            status, answer, _ = who.request("POST", f"/api/matters/{step['apply']}/applications", body, key())
            case = answer.get("case_id", case)
        elif "act" in step:
            status, answer, _ = who.request("POST", f"/api/cases/{case}/actions/{step['act']}", {"input": step["input"]}, key())
        elif "operate" in step:
            if "people" in step["body"]:
                colleagues = who.request("GET", "/api/organisations/market/staff")[1]["items"]
                step["body"]["people"] = [c["id"] for c in colleagues if c["role"] == "supervisor"][:1]
            status, answer, _ = who.request("POST", f"/api/cases/{case}/operations/{step['operate']}", step["body"], key())
        elif "paper" in step:
            status, answer, _ = who.request("GET", f"/api/cases/{case}/papers/{step['paper']}")
        elif "certificate" in step:
            identifier = person("chen").request("GET", f"/api/cases/{case}/matter")[1]["certificates"][0]
            status, answer, _ = who.request("POST", f"/api/certificate-operations/{step['certificate']}", {"identifier": identifier, "reason": step["reason"]}, key())
            check("state" not in expect or answer.get("state") == expect["state"], f"{where}: {answer}")
        elif "refused_by" in step:
            timeline = who.request("GET", f"/api/cases/{case}")[1]["timeline"]
            refusal = [e for e in timeline if e.get("action") == "refuse"]
            check(refusal and refusal[0]["by"] == step["refused_by"] and refusal[0]["by_role"] != "system", f"{where}: {refusal}")
            continue
        else:
            status, answer, _ = who.request("GET", f"/api/cases/{case}/matter")
            for field in ("outcome",):
                check(field not in expect or answer[field] == expect[field], f"{where}: {answer[field]}")
            kinds = {p["kind"] for p in answer["papers"]}
            check(set(expect.get("papers", [])) <= kinds, f"{where}: papers {kinds}")
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
server.stop()
server.remove()
if postgres:
    postgres.stop()
sys.exit(checks.finish())
