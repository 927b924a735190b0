#!/usr/bin/env python3
"""Public notices (公示): masked, for their working days, down on their date; objections for the unit alone. With 'postgres' on PostgreSQL."""
import json
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin, until  # noqa: E402

checks, check, postgres, server, people = begin()
RENT = {"income": 3000, "assets": 50000, "area": 30, "rent": "@fact", "consent": True, "lease": "@file", "phone": "13800000000"}


def act(login, case, action, **given):
    status, answer, _ = people(login).command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})
    return status, answer


def reviewed(login, correct=None):
    status, made = people.apply(people(login), "rental_subsidy", {**RENT, "family": "one"})
    check(status == 201, f"{login}: {status} {str(made)[:300]}")
    case = made["case_id"]
    for field, value in (correct or {}).items():
        asked = {"input": {"items": [{"field": field, "what": "和租赁合同不一致"}]}}
        check(people("housing1").command("POST", f"/api/cases/{case}/operations/request_correction", asked)[0] == 200, "a correction is asked for")
        check(people(login).command("POST", f"/api/cases/{case}/operations/submit_correction", {"input": {"form": {field: value}}})[0] == 200, "and comes")
    check(act("housing1", case, "accept")[0] == 200 and act("housing1", case, "reviewed", view="grant", grounds="核对收入和住房，符合")[0] == 200, "reviewed")
    return case


def hanging(client=None):
    return (client or people("nobody")).request("GET", "/api/public-notices")[1]["items"]


def of(login, case):
    return people(login).request("GET", f"/api/cases/{case}/notice")[:2]


def object_to(login, notice, words="他家在临江区有一套房子，请查一查"):
    status, answer, _ = people(login).request("POST", f"/api/public-notices/{notice}/objections", {"words": words})
    return status, answer


before = hanging()
case = reviewed("chen", {"area": 10})
name = people("chen").request("GET", "/api/profile?full=1")[1]["name"]
number = people.number("chen")

# --- before: the clerk sees what would hang; nobody else does, and nothing hangs
status, preview = of("housing1", case)
check(status == 200 and preview["state"] == "preview" and preview["notice"]["id"] == "", f"what would hang: {status} {preview}")
would = preview["notice"]["lines"]
check(of("chen", case)[0] == 404 and of("xiaoyun", case)[0] == 404 and of("market1", case)[0] == 404 and of("nobody", case)[0] == 401, "for nobody but the unit")
check(hanging() == before, "nothing hangs yet")
check(act("housing1", case, "published")[0] in (403, 409), "and nothing has hung")

# --- it hangs: masked, in both languages, for everybody
check(act("housing1", case, "put_up")[0] == 200, "put up")
notice = hanging()[0]
lines = {line["label"]["zh-CN"]: line["value"]["zh-CN"] for line in notice["lines"]}
check(lines["申请人"] == name[0] + "*" * (len(name) - 1) and lines["拟每月补贴（元）"] == "220" and lines["租住面积（平方米）"] == "10" and lines["几个人一起住"] == "一个人", f"what it says: {lines}")
check(notice["lines"] == would, f"as it was corrected, and as the clerk saw it before: {would}")
whole = json.dumps(notice, ensure_ascii=False)
check(not any(secret in whole for secret in (name, number, number[-4:], "13800000000", case)), f"nothing that tells who it is: {whole}")
check({line["label"].get("en") for line in notice["lines"]} >= {"Applicant"} and notice["title"]["en"], "in English as well")
check(people("nobody").request("GET", f"/api/public-notices/{notice['id']}")[1] == notice, "the same alone")
check(of("chen", case)[1]["state"] == "hangs" and of("chen", case)[1]["objections"] == 0, "the applicant sees it hang")
check(people("nobody").request("GET", "/api/public-notices?cursor=x")[0] == 400, "a cursor that is none")
check(people("nobody").request("GET", "/api/public-notices/00000000-0000-0000-0000-000000000000")[0] == 404 and people("nobody").request("GET", "/api/public-notices/x")[0] == 404, "none of that id")

# --- objections: signed in, not one's own, once, in words; for the unit alone
check(object_to("nobody", notice["id"])[0] == 401 and object_to("housing1", notice["id"])[0] == 403, "whoever has signed in as a citizen")
check(object_to("chen", notice["id"])[0] == 403, "not to one's own")
check(object_to("xiaoyun", notice["id"], "不行")[0] == 400 and object_to("xiaoyun", notice["id"], "行" * 1001)[0] == 400, "in words, and not without end")
answers = []
people("xiaoyun"), people("p07")
threads = [threading.Thread(target=lambda: answers.append(object_to("xiaoyun", notice["id"])[0])) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
check(sorted(answers) == [201, 409, 409, 409], f"once, however often it is sent at the same moment: {answers}")
check(object_to("p07", notice["id"], "听说他去年买了车位")[0] == 201, "another person as well")
status, seen = of("housing1", case)
check(seen["objections"] == 2 and len(seen["said"]) == 2 and "临江区" in seen["said"][0]["words"] and "*" in seen["said"][0]["name_masked"], f"the unit reads them: {seen}")
mine = json.dumps([of("chen", case)[1], people("chen").request("GET", f"/api/cases/{case}")[1]], ensure_ascii=False)
check("临江区" not in mine and "车位" not in mine, "the applicant reads none of it")
check(of("chen", case)[1]["objections"] == 0, "nor that there are any")
check([of(other, case)[0] for other in ("market1", "leader", "designer")] == [404] * 3, "another unit neither")
seen = of("sj_lead", case)[1]
check(seen["objections"] == 0 and seen["said"] == [], f"nor whoever supervises the place, who sees the case: {seen}")
check(act("housing1", case, "published", found="已核实，没有房产")[0] in (403, 409) and act("housing_lead", case, "grant")[0] != 200, "nobody decides before it has hung")

# --- wrong, taken down at once; put up again, a new one; withdrawn by the applicant: down
check(act("housing1", case, "take_down", why="面积写错了")[0] == 200 and hanging() == before, "taken down")
check(people("nobody").request("GET", f"/api/public-notices/{notice['id']}")[0] == 404 and object_to("p11", notice["id"])[0] == 404, "and gone for everybody")
check(act("housing1", case, "put_up")[0] == 200, "put up again")
check([n["id"] for n in hanging()][0] != notice["id"], "a notice of its own")
second = reviewed("zhao") if people("zhao").request("GET", "/api/session")[0] == 200 else None
check(act("housing1", second, "put_up")[0] == 200 and len(hanging()) == len(before) + 2, "two hang")
check(people("zhao").command("POST", f"/api/cases/{second}/actions/withdraw", {"input": {}})[0] == 200 and len(hanging()) == len(before) + 1, "withdrawn, and down with it")

# --- a restart in the middle: it still hangs; on its date it is down, and only then it goes on
server.kill()
server.start()
people.signed_in.clear()
check(len(hanging()) == len(before) + 1, "it hangs after kill -9")
last = hanging()[0]["id"]
server.days_later(16)
people.signed_in.clear()
check(hanging() == [] and people("nobody").request("GET", f"/api/public-notices/{last}")[0] == 404, "down by itself on its date")
check(object_to("p11", last)[0] == 404, "too late to object")
check(until(lambda: people("housing1").request("GET", f"/api/cases/{case}")[1]["head"]["step"] == "heard"), "and the unit goes on")
check(of("chen", case)[1]["state"] == "over", "over for the applicant")
status, refused = act("housing1", case, "published")
check(status == 422 and "/input/found" in json.dumps(refused), f"what was objected is answered for: {status} {refused}")
check(act("housing1", case, "published", found="已核实：没有房产，异议不成立")[0] == 200, "with what was found")
check(act("housing1", case, "grant")[0] in (403, 409) and act("housing_lead", case, "grant")[0] == 200, "then somebody else decides")
for login in ("xiaoyun", "p07"):
    heard = until(lambda: [m for m in people(login).request("GET", "/api/messages")[1]["items"] if "notice" in m["body"]])
    check(len(heard or []) == 1 and "核实" not in json.dumps(heard, ensure_ascii=False), f"{login} is told that it was looked into, not what was found: {heard}")

# --- granted: looked at again each year; a purchase stops it at once
found = [c for c in people("housing1").request("GET", "/api/matter-checks?state=ahead")[1]["items"] if c["case_id"] == case]
check(len(found) == 1 and "买房" in found[0]["name"], f"looked at again: {found}")
where = f"/api/matter-checks/{case}/{found[0]['kind']}"
check(people("housing1").request("POST", where, {"result": "differs", "note": "不动产登记：上月买了房"})[0] == 200, "a purchase, before the year is over")
check(people("housing_lead").request("POST", where + "/verdict", {"verdict": "revoke", "note": "已购房，自购房当月停发"})[0] == 200, "stopped")
server.stop()
replayed = server.yiwang("verify", "decisions")
check(replayed.returncode == 0 and " 0 different" in replayed.stdout, f"replayed: {replayed.stdout[-400:]} {replayed.stderr[-300:]}")
server.start()
checks.finish_with(server, postgres)
