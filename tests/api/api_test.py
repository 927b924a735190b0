#!/usr/bin/env python3
"""The HTTP interface against a real server: every route for every kind of visitor, bad input of every kind, idempotency,
two people at once. With the argument 'postgres' the same on PostgreSQL."""
import hashlib
import json
import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, ROOT, begin  # noqa: E402

checks, check, postgres, server, _ = begin()
port = server.port
nobody = Client(port)
resident, other = Client(port).sign_in("xiaoyun"), Client(port).sign_in("chen")
firm = Client(port).sign_in("zhao")
enterprise = firm.request("GET", "/api/session")[1]["delegations"][0]["enterprise"]
clerk, stranger = Client(port).sign_in("ss_clerk", True), Client(port).sign_in("mz_clerk", True)
supervisor, leader, designer, engineer, data_admin = (Client(port).sign_in(x, True) for x in ("zs_lead", "leader", "designer", "engineer", "data_admin"))

# --- the description is what is committed, and every route says who may use it
status, openapi, _ = nobody.request("GET", "/api/openapi.json")
committed = json.loads((ROOT / "web/packages/api/openapi.json").read_text())
check(status == 200 and openapi == committed, "web/packages/api/openapi.json is not what the server says: run yiwang openapi")
check(all("x-authorisation" in o and o["x-authorisation"] for p in openapi["paths"].values() for o in p.values()), "a route without an authorisation rule")

# --- the happy path, through the interface
status, made, _ = resident.ask("社保断缴两个月可以补缴吗？", key="happy")
check(status == 201 and len(made["query_code"]) == 8 and len(made["case_number"]) == 31, f"submit: {status} {made}")
case = made["case_id"]
status, again, _ = resident.ask("社保断缴两个月可以补缴吗？", key="happy")
check(status == 201 and again == made, "the same key gives the same answer")
status, problem, _ = resident.ask("别的问题，别的问题", key="happy")
check(status == 422 and problem["code"] == "spine.idempotency", f"the same key with another body: {status} {problem}")

# --- every route x every kind of visitor
VISITORS = {"nobody": nobody, "owner": resident, "another resident": other, "clerk of the unit": clerk, "clerk of another unit": stranger,
            "supervisor": supervisor, "leader": leader, "designer": designer, "engineer": engineer, "data administrator": data_admin}
ALL = set(VISITORS)
STAFF = {"clerk of the unit", "clerk of another unit", "supervisor", "leader", "designer", "engineer", "data administrator"}
SUBJECTS = {"owner", "another resident"}
RULES = STAFF - {"leader", "data administrator"}
ALLOWED = {
    ("GET", "/api/session"): ALL - {"nobody"},
    ("GET", "/api/profile"): SUBJECTS, ("GET", "/api/accesses"): SUBJECTS,
    ("GET", "/api/case-types"): ALL, ("GET", "/api/case-types/{id}"): ALL,
    ("GET", "/api/matters"): ALL, ("GET", "/api/matters/search"): ALL, ("GET", "/api/matters/{id}"): ALL, ("GET", "/api/matters/{id}/versions"): ALL, ("GET", "/api/matter-catalogue"): ALL,
    ("GET", "/api/matters/{id}/prefill"): SUBJECTS, ("POST", "/api/matters/{id}/applications"): SUBJECTS, ("POST", "/api/matters/{id}/printed-form"): SUBJECTS,
    ("GET", "/api/registers"): {"engineer"}, ("PUT", "/api/registers/{id}/mode"): {"engineer"},
    ("GET", "/api/cases/{id}/matter"): {"owner", "clerk of the unit", "supervisor"}, ("GET", "/api/cases/{id}/papers/{kind}"): {"owner", "clerk of the unit", "supervisor"},
    ("GET", "/api/cases/{id}/papers/{kind}/prints"): {"owner", "clerk of the unit", "supervisor"},
    ("GET", "/api/certificates"): SUBJECTS, ("GET", "/api/certificates/pdf"): SUBJECTS, ("GET", "/api/certificates/proof"): SUBJECTS, ("POST", "/api/certificates/copies"): SUBJECTS,
    ("GET", "/api/certificates/copies"): SUBJECTS, ("DELETE", "/api/certificates/copies/{id}"): SUBJECTS, ("GET", "/api/unit-certificates"): set(),  # only the unit that issued it: certificates_test.py
    ("GET", "/api/certificate-uses"): SUBJECTS, ("GET", "/api/certificate-check"): ALL, ("POST", "/api/certificate-check"): ALL, ("GET", "/api/certificate-copies/{code}"): ALL,
    ("POST", "/api/certificate-operations/{operation}"): set(),  # walked by matters_test.py: only the issuing unit's supervisor
    ("GET", "/api/cases"): SUBJECTS | {"clerk of the unit", "clerk of another unit", "supervisor"},
    ("GET", "/api/cases/{id}"): {"owner", "clerk of the unit", "supervisor"},
    ("GET", "/api/cases/{id}/contact"): {"clerk of the unit"},
    ("GET", "/api/cases/{id}/proof"): {"owner"},
    ("GET", "/api/cases/{id}/files/{hash}"): {"owner", "clerk of the unit", "supervisor"},
    ("GET", "/api/statistics/cases"): {"clerk of the unit", "clerk of another unit", "supervisor", "leader", "data administrator"},
    ("GET", "/api/log/roots"): ALL, ("GET", "/api/log/latest"): ALL, ("GET", "/api/log/consistency"): ALL,
    ("GET", "/api/pack"): ALL, ("GET", "/api/organisations"): ALL, ("GET", "/api/openapi.json"): ALL,
    ("GET", "/healthz"): ALL, ("GET", "/readyz"): ALL, ("GET", "/metrics"): ALL,
    ("POST", "/api/cases"): SUBJECTS,
    ("POST", "/api/files"): SUBJECTS | {"clerk of the unit", "clerk of another unit", "supervisor"},
    ("POST", "/api/cases/{id}/actions/{action}"): {"owner", "clerk of the unit"},
    ("POST", "/api/cases/{id}/actions/grant"): {"owner", "clerk of the unit"}, ("POST", "/api/cases/{id}/actions/refuse"): {"owner", "clerk of the unit"},  # as any action; who decides: law_test.py
    ("POST", "/api/cases/{id}/claim"): {"clerk of the unit"}, ("DELETE", "/api/cases/{id}/claim"): {"clerk of the unit"},
    ("POST", "/api/cases/{id}/reassign"): {"supervisor"},
    ("GET", "/api/decisions"): RULES, ("GET", "/api/decisions/{case_type}/{id}"): RULES, ("GET", "/api/decisions/{case_type}/{id}/analysis"): RULES,
    ("POST", "/api/decisions/{case_type}/{id}/evaluate"): RULES,
    ("POST", "/api/decisions/{case_type}/{id}/trial"): {"supervisor", "designer"},
    ("POST", "/api/decision-drafts/check"): {"designer", "engineer"}, ("POST", "/api/decision-drafts/evaluate"): {"designer", "engineer"},
    ("GET", "/api/cases/{id}/process"): {"clerk of the unit", "supervisor"},
    ("POST", "/api/cases/{id}/operations/{operation}"): {"owner", "clerk of the unit", "supervisor"},  # urge; the others in process_test.py
    ("POST", "/api/cases/{id}/messages"): {"engineer"}, ("POST", "/api/case-types/{id}/messages"): {"engineer"}, ("GET", "/api/incidents"): {"engineer"},
    ("GET", "/api/organisations/{id}/staff"): {"clerk of the unit", "clerk of another unit", "supervisor"},
    ("GET", "/api/drafts"): SUBJECTS, ("GET", "/api/drafts/{case_type}"): SUBJECTS, ("PUT", "/api/drafts/{case_type}"): SUBJECTS, ("DELETE", "/api/drafts/{case_type}"): SUBJECTS,
    ("GET", "/api/messages"): SUBJECTS, ("POST", "/api/messages/read"): SUBJECTS,
    ("POST", "/api/jobs"): {"clerk of the unit", "clerk of another unit", "supervisor"}, ("GET", "/api/jobs"): ALL - {"nobody"},
    ("GET", "/api/outbox"): {"engineer"}, ("POST", "/api/outbox/{id}/{item}/retry"): {"engineer"},
    ("POST", "/api/cases/{id}/events/{revision}/erase"): {"data administrator"},
    ("POST", "/api/requests/preview"): SUBJECTS | {"clerk of the unit", "clerk of another unit", "supervisor"}, ("GET", "/api/requests"): {"clerk of the unit", "clerk of another unit", "supervisor"},
    ("POST", "/api/case-types/{id}/form"): ALL,
    ("GET", "/api/authorities"): SUBJECTS, ("POST", "/api/authorities"): SUBJECTS, ("DELETE", "/api/authorities/{subject}"): SUBJECTS, ("POST", "/api/guardianships"): SUBJECTS,
    ("GET", "/api/joint-applications"): SUBJECTS, ("GET", "/api/joint-applications/{id}/files/{hash}"): SUBJECTS, ("POST", "/api/joint-applications/{id}/answer"): SUBJECTS,
    # for clerks of a window unit: walked by counter_test.py
    ("GET", "/api/counter"): set(), ("POST", "/api/counter/shifts"): set(), ("POST", "/api/counter/shifts/{id}/close"): set(), ("POST", "/api/counter/shifts/{id}/take"): set(), ("POST", "/api/counter/visits"): set(),
    ("GET", "/api/counter/visits/{subject}/{visit}"): set(), ("GET", "/api/counter/visits/{subject}/{visit}/joint-applications"): set(), ("POST", "/api/counter/visits/{subject}/{visit}/joint-applications/{id}"): set(), ("GET", "/api/counter/visits/{subject}/{visit}/prefill"): set(), ("POST", "/api/counter/visits/{subject}/{visit}/applications"): set(), ("POST", "/api/counter/visits/{subject}/{visit}/printed-form"): set(),
    ("POST", "/api/counter/visits/{subject}/{visit}/end"): set(), ("GET", "/api/counter/visits/{subject}/{visit}/corrections/{id}"): set(), ("POST", "/api/counter/visits/{subject}/{visit}/corrections/{id}"): set(),  # corrections_test.py
    ("GET", "/api/cases/{id}/afterwards"): {"owner", "clerk of the unit", "supervisor"}, ("POST", "/api/cases/{id}/originals"): {"clerk of the unit", "supervisor"},
    ("POST", "/api/cases/{id}/originals/{original}/sign"): {"owner", "clerk of the unit", "supervisor"}, ("POST", "/api/cases/{id}/originals/{original}/return"): {"clerk of the unit", "supervisor"},
    ("POST", "/api/cases/{id}/delivery"): {"clerk of the unit", "supervisor"}, ("POST", "/api/cases/{id}/delivery/received"): {"clerk of the unit", "supervisor"},
    ("POST", "/api/cases/{id}/archive"): {"clerk of the unit", "supervisor"},
    ("GET", "/api/matter-drafts"): {"designer", "supervisor"}, ("GET", "/api/matters/{id}/entry"): {"designer"}, ("POST", "/api/matters/{id}/drafts"): {"designer"},
    ("GET", "/api/matters/{id}/drafts/{draft}"): {"designer", "supervisor"}, ("PUT", "/api/matters/{id}/drafts/{draft}"): {"designer"}, ("POST", "/api/matters/{id}/drafts/{draft}/review"): {"designer", "supervisor"},
    ("GET", "/api/cases/{id}/recusals"): {"owner", "clerk of the unit", "supervisor"}, ("GET", "/api/case-alarms"): {"supervisor"},
    ("GET", "/api/protected-persons"): set(), ("GET", "/api/cases/{id}/protected"): set(),  # the head of the police only: protection_test.py
    ("GET", "/api/matter-checks"): {"clerk of the unit", "clerk of another unit", "supervisor"}, ("POST", "/api/matter-checks/{id}/{kind}"): {"clerk of the unit", "clerk of another unit", "supervisor"},
    ("GET", "/api/matter-measures"): {"clerk of the unit", "clerk of another unit", "supervisor", "leader", "data administrator"},
    ("GET", "/api/duties"): ALL, ("GET", "/api/district-map"): ALL, ("POST", "/api/requests/way"): ALL, ("GET", "/api/requests-urgent"): {"clerk of the unit", "clerk of another unit", "supervisor"},
    ("GET", "/api/request-figures"): ALL, ("GET", "/api/matter-figures"): ALL,
    ("GET", "/api/public-notices"): ALL,
    ("GET", "/api/credit-interceptions"): set(),  # walked by credit_test.py: only the unit that keeps the register
    ("GET", "/api/requests-model"): STAFF,
    ("GET", "/api/request-measures"): {"supervisor", "leader", "data administrator"}, ("GET", "/api/request-hotspots"): {"supervisor", "leader", "data administrator"},
}
ELSEWHERE = {("GET", "/api/public-notices/{id}"), ("POST", "/api/public-notices/{id}/objections"), ("GET", "/api/cases/{id}/notice"),  # notices_test.py
             ("POST", "/api/session"), ("DELETE", "/api/session"), ("POST", "/api/session/acting-for"), ("GET", "/api/events"),
             # one's own job is walked below: a stranger's is answered as missing
             ("GET", "/api/jobs/{id}"), ("DELETE", "/api/jobs/{id}"), ("GET", "/api/jobs/{id}/result"),
             # the desk's, the unit's of a request, the one's who made it: each with every other refused in requests_test.py
             ("POST", "/api/requests"), ("GET", "/api/requests/{id}"), ("POST", "/api/requests/{id}/follow"), ("POST", "/api/requests/{id}/follow-up"),
             ("POST", "/api/requests/{id}/exclusion"), ("POST", "/api/requests/{id}/exclusion/approval"), ("POST", "/api/city-orders"), ("POST", "/api/request-imports"),
             # who keeps out, who is protected, agencies and representatives: each with others refused in recusal_, protection_ and persons_test.py
             ("POST", "/api/cases/{id}/recusals"), ("POST", "/api/cases/{id}/recusals/{staff}"), ("POST", "/api/case-alarms/{id}/{kind}"),
             ("POST", "/api/protected-persons"), ("DELETE", "/api/protected-persons/{subject}"), ("POST", "/api/cases/{id}/objection"), ("POST", "/api/representations"),
             # the same of checks, promised materials, results and files in afterwards_test.py
             ("POST", "/api/matter-checks/{id}/{kind}/take"), ("POST", "/api/matter-checks/{id}/{kind}/verdict"), ("GET", "/api/promises"),
             ("POST", "/api/cases/{id}/promises/{material}"), ("POST", "/api/cases/{id}/promises/{material}/verdict"),
             ("GET", "/api/cases/{id}/promises/{material}/files/{hash}"), ("GET", "/api/deliveries"), ("GET", "/api/archive-files"),
             ("GET", "/api/archive-transfers"), ("POST", "/api/archive-transfers"), ("GET", "/api/archive-transfers/{id}"),
             ("POST", "/api/archive-transfers/{id}/verdict"),
             # the same in request_rules_test.py: strangers, residents, other units and roles are refused there one by one
             ("GET", "/api/request-measures/rows"), ("GET", "/api/request-supervision"), ("POST", "/api/requests/{id}/supervision"),
             ("GET", "/api/requests-unsolved"), ("POST", "/api/requests/{id}/unsolved-review"), ("GET", "/api/duty-now"),
             ("POST", "/api/staff-transfers"), ("GET", "/api/staff-transfers"), ("GET", "/api/request-mass"),
             ("POST", "/api/requests/{id}/members"), ("GET", "/api/requests/{id}/members"), ("GET", "/api/request-projects"),
             ("POST", "/api/request-projects"), ("GET", "/api/request-projects/{id}"), ("POST", "/api/request-projects/{id}/closing"),
             ("GET", "/api/request-map"), ("GET", "/api/search"), ("GET", "/api/unit-sections"), ("POST", "/api/unit-sections/members"),
             ("GET", "/api/requests/{id}/supervision/files/{hash}"),
             # the same in request_history_test.py
             ("POST", "/api/requests/caller"), ("GET", "/api/request-follow-ups"),
             # the same in request_list_test.py
             ("GET", "/api/duty-amendments"), ("POST", "/api/duty-amendments"), ("POST", "/api/duty-amendments/{id}/decision"),
             # the same in request_parts_test.py
             ("POST", "/api/requests/{id}/parts"), ("POST", "/api/requests/{id}/helps"), ("GET", "/api/request-helps"), ("POST", "/api/requests/{id}/opinion")}
png = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082")
time.sleep(1.2)  # a root is signed each second
for path, operations in openapi["paths"].items():
    for method in operations:
        route = (method.upper(), path)
        if route in ELSEWHERE:
            continue
        if route not in ALLOWED:
            check(False, f"{route} has no line in the table of this test")
            continue
        for name, visitor in VISITORS.items():
            if route[0] == "POST" and path.endswith("claim") and name == "clerk of the unit":
                continue  # walked below, in order
            url = path.replace("/decisions/{case_type}/{id}", "/decisions/elder_allowance/grade").replace("{id}", case if "/cases/" in path else "consultation")
            url = url.replace("{kind}", "receipt").replace("{code}", "none")
            url = url.replace("/api/matters/consultation", "/api/matters/high_age_allowance")
            url = url.replace("{action}", "nothing").replace("{hash}", "0" * 64).replace("{operation}", "urge")
            url = url.replace("{case_type}", "consultation").replace("{item}", "0" * 36).replace("{revision}", "77")
            if path.endswith("/contact"):
                url += "?purpose=" + "%E6%A0%B8%E5%AF%B9%E6%83%85%E5%86%B5"
            if path.endswith("/consistency"):
                url += "?first=1&second=2"
            body, raw, headers = None, None, {"Idempotency-Key": hashlib.sha256(f"{name} {route}".encode()).hexdigest()}
            if path == "/api/cases" and route[0] == "POST":
                body = {"case_type": "consultation", "form": {"topic": "pension", "question": "矩阵测试的问题", "phone": "13800000000"}}
            elif path.endswith(("{action}", "/grant", "/refuse")):
                body = {}
            elif path.endswith("reassign"):
                body = {"department": "no_such_unit", "reason": "测试"}
            elif path.startswith("/api/decision") and route[0] == "POST":
                body = {"inputs": {}} if path.endswith("{id}/evaluate") else {"text": "<a/>", "decision": "x", "inputs": {}} if path.endswith("evaluate") else {"text": "<a/>"}
            elif path == "/api/drafts/{case_type}" and route[0] == "PUT":
                body = {"revision": 0, "form": {"question": "草稿"}}
            elif path == "/api/jobs" and route[0] == "POST":
                body = {"kind": "export_cases"}
            elif path == "/api/requests/preview":
                body = {"text": "葵滨路路灯不亮"}
            elif path.endswith("erase"):
                body = {"ground": "测试：没有这条记录"}
            elif path.startswith("/api/certificate-operations"):
                body = {"identifier": "1.2.156.3005.2.none.none", "reason": "测试"}
            elif path.endswith("{operation}"):
                body = {}
            elif path == "/api/case-types/{id}/messages":
                body = {"message_id": "m1", "name": "nobody_waits", "applicant": enterprise, "payload": {}}
            elif path == "/api/cases/{id}/messages":
                body = {"message_id": "m1", "name": "nobody_waits"}
            elif path.endswith(("/applications", "/printed-form")):
                body = {"form": {}}
            elif path.endswith("/mode"):
                body = {"mode": "up"}
            elif path == "/api/certificates/copies":
                body = {"purpose": "测试用途", "recipient": "测试单位", "hours": 1}
            elif path == "/api/files":
                raw, headers["Content-Type"] = png, "application/octet-stream"
            elif route[0] in ("POST", "PUT") and path.startswith(("/api/counter", "/api/authorities", "/api/guardianships", "/api/joint", "/api/matter-checks", "/api/case-types", "/api/cases/{id}/", "/api/matters/{id}/drafts")):
                body = {"form": {}} if path.endswith("/form") else {}
            status, answer, _ = visitor.request(route[0], url, body, headers, raw)
            may = name in ALLOWED[route]
            if may:
                # Allowed: the work is done, or refused for what it says, never for who says it.
                check(status not in (401, 403) and status < 500 and not (status == 404 and not any(x in path for x in ("case-types", "files", "reassign", "drafts", "retry", "erase", "certificate", "papers", "/matter", "registers", "joint", "originals", "delivery"))), f"{route} as {name}: {status} {answer}")
            else:
                check(status == (401 if name == "nobody" else status) and status in (401, 403, 404), f"{route} as {name} must be refused: {status} {answer}")
check({(m.upper(), p) for p, o in openapi["paths"].items() for m in o} >= set(ALLOWED), "this test names a route that does not exist")
for name, visitor in VISITORS.items():
    if name == "nobody":
        check(visitor.request("GET", "/api/events")[0] == 401, "the event stream of nobody")

# --- delegation: the firm's cases belong to the firm, and to nobody else
check(firm.request("POST", "/api/session/acting-for", {"subject": enterprise})[0] == 200, "act for the firm")
firm_case = firm.ask("公司可以代缴吗？请问流程", topic="business")[1]["case_id"]
check(firm.request("GET", f"/api/cases/{firm_case}")[0] == 200, "the firm sees its case")
check(resident.request("GET", f"/api/cases/{firm_case}")[0] == 404, "another person does not see the firm's case")
check(resident.request("POST", "/api/session/acting-for", {"subject": enterprise})[0] == 403, "without a delegation nobody acts for a firm")

# --- drafts: mine alone, guarded by a revision, gone when the form is sent
draft = "/api/drafts/consultation"
resident.request("DELETE", draft)
check(resident.request("GET", draft)[0] == 404, "no draft yet")
status, saved, _ = resident.request("PUT", draft, {"revision": 0, "form": {"question": "写了一半"}})
check(saved == {"revision": 1}, f"save a draft: {status} {saved}")
phone = Client(port).sign_in("xiaoyun")
check(phone.request("GET", draft)[1]["form"] == {"question": "写了一半"}, "resume on another device")
check(phone.request("PUT", draft, {"revision": 1, "form": {"question": "手机上接着写"}})[1] == {"revision": 2}, "go on there")
status, problem, _ = resident.request("PUT", draft, {"revision": 1, "form": {"question": "电脑上不知道"}})
check(status == 412 and problem["code"] == "http.precondition", f"the first device is told: {status} {problem}")
check(resident.request("PUT", draft, {"revision": 2, "form": {"no_such": 1}})[0] == 422 and resident.request("PUT", draft, {"revision": 2, "form": []})[0] == 400, "only fields of the form")
check(other.request("GET", draft)[0] == 404 or "手机" not in json.dumps(other.request("GET", draft)[1], ensure_ascii=False), "another resident has another draft")
check(firm.request("GET", draft)[0] == 404, "the firm's drafts are not the agent's own")
check([d["case_type"] for d in resident.request("GET", "/api/drafts")[1]["items"]] == ["consultation"], "the list of drafts")
check(resident.ask("草稿提交以后就没有了")[0] == 201 and resident.request("GET", draft)[0] == 404, "sending the form ends the draft")

# --- steps in order, and out of order
act = lambda who, action, body, key=None: who.command("POST", f"/api/cases/{case}/actions/{action}", body, key)  # noqa: E731
check(act(clerk, "rate", {"input": {"grade": 1}})[0] == 409, "rating before an answer")
check(clerk.command("POST", f"/api/cases/{case}/claim")[0] == 200, "claim")
colleague = Client(port).sign_in("social_ins1", True)
status, problem, _ = colleague.command("POST", f"/api/cases/{case}/claim")
check(status == 409 and problem["code"] == "spine.assigned", "a second clerk is told who has it")
check(act(colleague, "answer", {"input": {"reply": "我也来答复一下"}})[0] == 409, "a colleague cannot answer what another has taken")
status, view, _ = clerk.request("GET", f"/api/cases/{case}")
check(view["form"]["phone"] == "138****0000" and "周晓芸" not in json.dumps(view, ensure_ascii=False), "name and telephone are masked for staff")
old = view["revision"]
check(act(clerk, "ask_back", {"input": {"ask": "请补充断缴月份"}, "revision": old})[0] == 200, "ask back")
status, problem, _ = act(clerk, "answer", {"input": {"reply": "迟到的答复"}, "revision": old})
check(status == 409 and problem["code"] == "spine.changed", f"an old revision: {status} {problem}")
check(act(clerk, "answer", {"input": {"reply": "还在等补充"}})[0] == 409, "no answer while waiting")
check(act(other, "supplement", {"input": {"more": "不是我的事"}})[0] == 404, "another resident cannot supplement")
check(act(resident, "supplement", {"input": {"more": "三月和四月"}})[0] == 200, "supplement")
check(act(clerk, "ask_back", {"input": {"ask": "再问一次可以吗"}})[0] == 409, "asking back only once")
check(act(clerk, "answer", {"input": {"reply": ""}})[0] == 422, "an empty answer")
check(act(clerk, "answer", {"input": {"reply": "可以接着缴，累计计算。"}})[0] == 200, "answer")
check(act(resident, "rate", {"input": {"grade": 6}})[0] == 422, "a sixth grade does not exist")
check(act(resident, "rate", {"input": {"grade": 2}})[0] == 200, "rate")
check(act(resident, "rate", {"input": {"grade": 1}})[0] == 409, "rating once")
status, view, _ = resident.request("GET", f"/api/cases/{case}")
check(view["head"]["status"] == "concluded" and view["head"]["rating"] == 2 and len(view["timeline"]) >= 5, "the whole way is there")
looks = resident.request("GET", "/api/accesses")[1]["items"]
check(any("核对情况" in x["purpose"] for x in looks), "every look is shown to its subject")

# --- the applicant was told, once
for _ in range(100):
    told = [m for m in resident.request("GET", "/api/messages")[1]["items"] if m["case_id"] == case]
    if len(told) >= 2:
        break
    time.sleep(0.05)
check(len(told) == 2 and not any(m["read"] for m in told), f"asked back and answered: {told}")
check(resident.request("POST", "/api/messages/read")[0] == 204 and all(m["read"] for m in resident.request("GET", "/api/messages")[1]["items"]), "messages are read")
check(all(m["case_id"] != case for m in other.request("GET", "/api/messages")[1]["items"]), "messages are one's own")

# --- a job: progress, result for its owner alone
status, job, _ = clerk.request("POST", "/api/jobs", {"kind": "export_cases"}, {"Idempotency-Key": "export"})
check(status == 201 and clerk.request("POST", "/api/jobs", {"kind": "export_cases"}, {"Idempotency-Key": "export"})[1]["id"] == job["id"], "the same key is the same job")
for _ in range(200):
    seen = clerk.request("GET", f"/api/jobs/{job['id']}")[1]
    if seen["status"] not in ("waiting", "running"):
        break
    time.sleep(0.05)
check(seen["status"] == "done" and seen["done"] == seen["total"] > 0, f"export: {seen}")
status, csv, _ = clerk.request("GET", f"/api/jobs/{job['id']}/result")
check(status == 200 and made["case_number"] in csv.decode() and "13800000000" not in csv.decode(), "the export holds the unit's cases and no telephone")
check(stranger.request("GET", f"/api/jobs/{job['id']}")[0] == 404 and stranger.request("DELETE", f"/api/jobs/{job['id']}")[0] == 404 and nobody.request("GET", f"/api/jobs/{job['id']}")[0] == 401, "another's job does not exist")
check(engineer.request("GET", f"/api/jobs/{job['id']}")[0] == 200 and engineer.request("GET", f"/api/jobs/{job['id']}/result")[0] == 404, "an engineer sees the job, not its result")
check(clerk.request("POST", "/api/jobs", {"kind": "backup"}, {"Idempotency-Key": "b"})[0] == 403, "a clerk makes no backups")
status, job, _ = engineer.request("POST", "/api/jobs", {"kind": "backup"}, {"Idempotency-Key": "b"})
for _ in range(200):
    seen = engineer.request("GET", f"/api/jobs/{job['id']}")[1]
    if seen["status"] not in ("waiting", "running"):
        break
    time.sleep(0.05)
if postgres:
    check(seen["status"] == "failed" and "pg_basebackup" in seen["why"], f"backup on PostgreSQL says what to use: {seen}")
else:
    check(seen["status"] == "done" and (server.folder / "d" / json.loads(seen["result"])["folder"] / "yiwang.db").exists(), f"backup: {seen}")
check(engineer.request("DELETE", f"/api/jobs/{job['id']}")[0] == 404, "what has ended cannot be cancelled")

# --- erasure by law: gone, recorded, seen by its subject, and provable
gone = resident.ask("请删除我写在这里的身份证号")[1]["case_id"]
check(data_admin.request("POST", f"/api/cases/{gone}/events/0/erase", {"ground": ""})[0] == 400, "an erasure needs its ground")
status, erased, _ = data_admin.request("POST", f"/api/cases/{gone}/events/0/erase", {"ground": "个人信息保护法第四十七条"})
check(status == 200 and erased["recorded_by"], f"erase: {status} {erased}")
check(data_admin.request("POST", f"/api/cases/{gone}/events/0/erase", {"ground": "个人信息保护法第四十七条"})[0] == 400, "only once")
status, view, _ = resident.request("GET", f"/api/cases/{gone}")
view.pop("definition", None)  # whose hints speak of identity numbers
check(status == 200 and "身份证号" not in json.dumps(view, ensure_ascii=False), f"nothing of it is shown: {status}")
check(any("第四十七条" in x["purpose"] for x in resident.request("GET", "/api/accesses")[1]["items"]), "the erasure is among the looks at one's data")
status, proof, _ = resident.request("GET", f"/api/cases/{gone}/proof")
check(status == 200 and proof["events"][0]["erased_by"] == erased["recorded_by"] and "event" not in proof["events"][0], "the proof names the erasure")

# --- bad input: a clear problem, the right status, never a 5xx
FORM = {"topic": "pension", "question": "五个字以上的问题", "phone": "13800000000"}
BAD = [
    ({"case_type": "consultation"}, 400), ({"case_type": "consultation", "form": [], "x": 1}, 400), ({"case_type": 5, "form": {}}, 400), ([], 400),
    ({"case_type": "no_such", "form": {}}, 404), ({"case_type": "consultation", "form": {}}, 422), ({"case_type": "consultation", "form": "text"}, 422),
    ({"case_type": "consultation", "form": {**FORM, "unknown": 1}}, 422), ({"case_type": "consultation", "form": {**FORM, "phone": "123"}}, 422),
    ({"case_type": "consultation", "form": {**FORM, "topic": "none"}}, 422), ({"case_type": "consultation", "form": {**FORM, "question": "长" * 2001}}, 422),
    ({"case_type": "consultation", "form": {**FORM, "photos": ["0" * 64]}}, 422), ({"case_type": "consultation", "form": {**FORM, "photos": "x"}}, 422),
    ({"case_type": "consultation", "form": {**FORM, "question": 7}}, 422),
]
for body, expected in BAD:
    status, problem, _ = resident.command("POST", "/api/cases", body)
    check(status == expected and problem["code"] and problem["title"], f"{json.dumps(body, ensure_ascii=False)[:80]}: {status} {problem}")
for raw, expected in [(b"{", 400), (b"", 400), (b"\xff\xfe", 400), (b"[" * 5000, 400), (b'{"a":1,"a":2}', 400), (b'"' + b"x" * 300000 + b'"', 413)]:
    status, problem, _ = resident.request("POST", "/api/cases", headers={"Content-Type": "application/json", "Idempotency-Key": "raw"}, raw=raw)
    check(status == expected, f"raw {raw[:20]!r}: {status} {problem}")
check(resident.request("POST", "/api/cases", {"case_type": "x", "form": {}})[0] == 400, "no idempotency key")
check(resident.request("POST", "/api/cases", headers={"Content-Type": "text/plain", "Idempotency-Key": "k"}, raw=b"{}")[0] == 415, "media type")
check(resident.request("PATCH", "/api/cases")[0] == 405 and resident.request("GET", "/api/nothing")[0] == 404, "method and address")
check(resident.command("POST", "/api/cases/not-an-id/claim")[0] == 404, "an id that is none")
check(resident.request("GET", "/api/cases?cursor=%FF")[0] == 400 and resident.request("GET", "/api/cases?cursor=abc")[0] == 400, "bad cursors")
check(resident.request("POST", "/api/cases", {"case_type": "consultation", "form": FORM}, {"Idempotency-Key": "x", "Origin": "http://evil.example"})[0] == 403, "another site")
for upload in (b"", b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8\xff\x00broken", b"\x89PNG\r\n\x1a\n" + b"0" * 100):
    check(resident.request("POST", "/api/files", raw=upload, headers={"Content-Type": "application/octet-stream"})[0] == 422, f"upload {upload[:8]!r}")
stolen = Client(port)
stolen.cookie = "yw_session=" + "A" * 43
check(stolen.request("GET", "/api/session")[0] == 401, "an invented session")
left = Client(port).sign_in("chen")
token = left.cookie
check(left.request("DELETE", "/api/session")[0] == 204, "sign out")
left.cookie = token
check(left.request("GET", "/api/session")[0] == 401, "a session that was ended")
for junk in (b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"a" * 70000 + b" HTTP/1.1\r\n\r\n", b"POST /api/cases HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
             b"GET /%ZZ HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /api/cases HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        s.sendall(junk)
        s.settimeout(10)
        try:
            answer = s.recv(4096)
        except (ConnectionResetError, TimeoutError):
            answer = b""
    check(answer == b"" or answer.split(b" ")[1][:1] == b"4", f"junk {junk[:24]!r}: {answer[:60]!r}")

# --- passwords: five wrong ones lock the account, and the right one is then refused as well
for _ in range(5):
    status = nobody.request("POST", "/api/session", {"login": "zs_clerk", "password": "wrong", "code": "000000"})[0]
check(status == 401, "a wrong password")
status, problem, _ = nobody.request("POST", "/api/session", {"login": "zs_clerk", "password": "yunhai-demo", "code": "000000"})
check(status == 429 and problem["code"] == "spine.locked", f"locked: {status} {problem}")
check(nobody.request("POST", "/api/session", {"login": "mz_clerk", "password": "yunhai-demo"})[0] == 401, "staff without a second factor")
check(nobody.request("POST", "/api/session", {"login": "nobody-here", "password": "x"})[0] == 401, "an unknown account")

# --- two at once: of many that act on one revision, one wins and the others are told
race = resident.ask("两个人同时办理会怎样？", key="race")[1]["case_id"]
results = []


def answer_at_once(n):
    who = Client(port)
    who.cookie = clerk.cookie
    results.append(who.command("POST", f"/api/cases/{race}/actions/answer", {"input": {"reply": f"第{n}个答复内容"}, "revision": 1})[0])


threads = [threading.Thread(target=answer_at_once, args=(n,)) for n in range(12)]
[t.start() for t in threads]
[t.join() for t in threads]
check(sorted(results) == [200] + [409] * 11, f"twelve at once: {sorted(results)}")

# --- the log: a larger one extends a smaller one; state agrees with events
status, proof, _ = nobody.request("GET", "/api/log/consistency?first=1&second=5")
check(status == 200 and proof["path"], "a consistency proof")
check(nobody.request("GET", "/api/log/consistency?first=9&second=999999")[0] == 400, "a size that the log does not have")
metrics = nobody.request("GET", "/metrics")[2]
check(metrics.status == 200, "metrics")
checks.finish_with(server, postgres)
