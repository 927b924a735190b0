#!/usr/bin/env python3
"""What the words of a request say (object, time, place, who), and whom it concerns when somebody else tells it: what each reader
sees, who is refused, who is called, and that what cannot be known is kept back. With 'postgres' on PostgreSQL."""
import datetime
import pathlib
import re
import sqlite3
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import PG_BIN, begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.training_delay_seconds": 3600})
nobody, xiaoyun, chen = (people(x) for x in ("nobody", "xiaoyun", "chen"))
desk, desk_lead, cg, cg_lead, police, gate = (people(x) for x in ("gov_services1", "zs_lead", "city_mgmt1", "city_mgmt_lead", "police1", "engineer"))
TEXT = "昨晚十点半，碧澜花园旁边的工地还在打桩，王经理不管，粤A12345的泥头车也在，吵得睡不着。"
NAME, PHONE = "李桂英", "13911112222"
REPLY = "经核查，碧澜花园旁边的工地昨晚十点半确实在打桩。处理：已责令停工，今后二十二时以后不再施工，由街道每晚检查。"


def told(who=xiaoyun, text=TEXT, **more):
    return who.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "phone": "13800000000", **more}})[:2]


def act(who, case, action, **values):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values})[0]


def one(who, case):
    return who.request("GET", f"/api/requests/{case}")[:2]


def sql(statement):
    if postgres:
        named = dict(re.findall(r"(\w+)=(\S+)", server.database))
        subprocess.run([*postgres.prefix, PG_BIN / "psql", "-h", "127.0.0.1", "-p", named["port"], "-U", "yw", "-d", named["dbname"], "-v", "ON_ERROR_STOP=1", "-qc", statement], check=True, cwd=postgres.folder)
    else:
        with sqlite3.connect(server.folder / "d" / "yiwang.db", timeout=20) as db:
            db.execute(statement)
        db.close()


# --- read from the words: for who dispatches, and while it is typed
case = told()[1]["case_id"]
seen = one(desk, case)[1]
reading = seen["help"]["reading"]
facts = {f["kind"]: f for f in reversed(reading["facts"])}
yesterday = (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) - datetime.timedelta(days=1)).date().isoformat()
check(facts["object"]["value"] == "工地" and facts["place"]["value"] == "碧澜花园" and facts["time"]["from"].startswith(f"{yesterday}T22:30") and facts["time"]["exactness"] == "minute", f"what, where, when: {facts}")
check(TEXT[facts["time"]["begin"]:facts["time"]["end"]] == "昨晚十点半", "and where it stands in the words")
check(facts["person"]["value"] == "王*经理" and facts["vehicle"]["value"] == "粤A*****", f"persons and vehicles are masked: {facts}")
check(reading["title"] == "碧澜花园工地施工扰民" and seen["head"]["title"] == reading["title"] and 1 <= len(reading["keywords"]) <= 5 and "碧澜花园" in reading["keywords"], f"a title and keywords: {reading}")
check("王" not in reading["title"] + "".join(reading["keywords"]) and "12345" not in str(reading), "that name nobody")
check("help" not in one(xiaoyun, case)[1] or one(xiaoyun, case)[1]["help"] is None, "the person reads their own words")
typed = desk.request("POST", "/api/requests/preview", {"text": TEXT})[1]["reading"]
check({f["kind"] for f in typed["facts"]} >= {"object", "time", "place", "trouble"} and typed["title"] == reading["title"], f"the same while it is typed: {typed}")
check(nobody.request("POST", "/api/requests/preview", {"text": TEXT})[0] == 401, "not by nobody")
check(one(police, case)[0] == 404 and one(nobody, case)[0] == 401, "other units and nobody read nothing")

# --- a confidential one says less, and one about a unit nothing to that unit
hidden = told(text="我叫王小明，张记面馆旁边李村某某路的路灯坏了，粤A12345的车也停在那里。", confidential=True)[1]["case_id"]
check(act(desk, hidden, "dispatch", category="0507", place="碧澜花园") == 200, "sent to the unit")
got = one(cg, hidden)[1]
check(all(word not in str(got) for word in ("王小明", "小明", "12345", "张记", "李村")), f"nothing that tells who it was: {got['head']} {got['help']['reading']}")
check(got["head"]["title"] == "碧澜花园路灯坏了" and got["help"]["reading"]["keywords"], f"what it is about all the same: {got['head']}")
against = told(text="城管局的人把路灯拆了还骂人。", about_unit="城市管理和综合执法局")[1]["case_id"]
listed = str([cg.request("GET", f"/api/requests?stage={stage}")[1] for stage in ("dispatch", "liaison", "handle")]) + str(cg.request("GET", "/api/search?words=" + urllib.parse.quote("路灯"))[1])
check(one(cg, against)[0] == 404 and against not in listed, "the unit complained of sees neither title nor keyword")

# --- whom it concerns
for wrong, field in (({"relation": "cousin"}, "relation"), ({"concerned_phone": PHONE}, "relation"), ({"relation": "agent"}, "person_concerned"),
                     ({"relation": "guardian", "concerned_minor": True, "concerned_phone": PHONE}, "concerned_phone"),
                     ({"relation": "family", "person_concerned": NAME, "anonymous": True, "phone": ""}, "person_concerned"), ({"relation": "family", "concerned_phone": "12"}, "concerned_phone")):
    status, said = told(**wrong)
    check(status == 422 and field in str(said), f"{wrong}: {status} {said}")
case = told(text="碧澜花园的路灯坏了，我妈晚上摔了一跤。", relation="family", person_concerned=NAME, concerned_phone=PHONE)[1]["case_id"]
check(one(desk, case)[1]["concerned"] | {"title": None} == {"relation": "family", "title": None, "minor": False, "named": True, "reachable": True, "speak_to": "concerned"}, f"the desk sees that: {one(desk, case)[1]['concerned']}")
check(act(desk, case, "dispatch", category="0507", place="碧澜花园") == 200, "dispatched")
whole = cg.request("GET", f"/api/cases/{case}")[1]
check(NAME not in str(whole) and PHONE not in str(whole) and whole["form"]["person_concerned"] == "***" and whole["form"]["concerned_phone"].startswith("139") and "*" in whole["form"]["concerned_phone"], f"masked for who handles it: {whole['form']}")
check(NAME not in str(one(cg, case)) and PHONE not in str(one(cg, case)), "there too")
looks = len(xiaoyun.request("GET", "/api/accesses")[1]["items"])
contact = cg.request("GET", f"/api/cases/{case}/contact?purpose=%E8%81%94%E7%B3%BB%E5%BD%93%E4%BA%8B%E4%BA%BA")
check(contact[0] == 200 and contact[1]["form"]["person_concerned"] == NAME and contact[1]["form"]["concerned_phone"] == PHONE, f"with a purpose: {contact[:2]}")
check(len(xiaoyun.request("GET", "/api/accesses")[1]["items"]) == looks + 1, "and the look is recorded")
for who, code in ((nobody, 401), (chen, 404), (police, 404)):
    got = who.request("GET", f"/api/cases/{case}/contact?purpose=test")
    check(got[0] in (code, 404) and NAME not in str(got[:2]), f"who may not: {got[:2]}")
check(one(chen, case)[0] == 404, "another resident")
check(xiaoyun.request("GET", f"/api/cases/{case}")[1]["form"]["person_concerned"] == NAME, "who told it reads what they told")
child = told(text="葵滨路的护栏坏了，孩子差点掉下去。", relation="neighbour", concerned_minor=True, person_concerned="小宝")[1]["case_id"]
check(one(desk, child)[1]["concerned"]["speak_to"] == "teller" and one(desk, child)[1]["concerned"]["minor"], "a child is not called")
own = told(relation="self")[1]["case_id"]
check(one(desk, own)[1].get("concerned") is None, "for oneself there is nobody else")
kept = told(text="路灯坏了，邻居家的老人摔了。", relation="neighbour", person_concerned=NAME, concerned_phone=PHONE, confidential=True)[1]["case_id"]
check(act(desk, kept, "dispatch", category="0507", place="碧澜花园") == 200, "a confidential one")
body = str(cg.request("GET", f"/api/cases/{kept}")[1]) + str(one(cg, kept))
check(NAME not in body and PHONE not in body and "person_concerned" not in str(cg.request("GET", f"/api/cases/{kept}")[1]["form"]) and "concerned_phone" not in str(cg.request("GET", f"/api/cases/{kept}")[1]["form"]), "neither name nor number nor that there is one")
check(cg.request("GET", f"/api/cases/{kept}/contact?purpose=test")[0] == 403 and desk.request("GET", f"/api/cases/{kept}")[0] == 200, "nor for a purpose; the desk reads it")

# --- from a table
table = f"number,text,phone,relation,person_concerned,concerned_phone,concerned_minor\nR1,云岭北街路灯坏了一片黑,13500000001,family,{NAME},{PHONE},\nR2,云岭北街路灯坏了一片黑,13500000002,cousin,,,\nR3,云岭北街护栏坏了有孩子掉下去,13500000003,guardian,,,是\n"
report = gate.request("POST", "/api/request-imports?channel=app", raw=table.encode(), headers={"Content-Type": "text/csv"})[1]
check([r["outcome"] for r in report["rows"]] == ["taken", "refused", "taken"], f"import: {report}")
check(one(desk, report["rows"][0]["case_id"])[1]["concerned"]["speak_to"] == "concerned" and one(desk, report["rows"][2]["case_id"])[1]["concerned"]["minor"], "with whom it concerns")

# --- calling back: whom the rules say
check(act(cg, case, "sign_in") == 200 and act(cg, case, "reply", outcome="solved", reply=REPLY.replace("工地昨晚十点半确实在打桩", "路灯确实坏了")) == 200 and act(cg_lead, case, "sign") == 200, "answered")
check(cg.request("GET", "/api/request-follow-ups")[0] == 403, "the desk calls")

# --- what stands in the process card: an answer that is not there yet is not spoken of
running = told()[1]["case_id"]
titles = [t["title"]["zh-CN"] for t in desk.request("GET", f"/api/cases/{running}")[1]["tasks"]]
check(not any("已答复" in t for t in titles) and any("补充" in t for t in titles), f"while it is handled: {titles}")
check(all("Answered" not in t["title"].get("en", "") for t in desk.request("GET", f"/api/cases/{running}")[1]["tasks"]), "in English too")

# --- the row of a request is gone or cannot be read: nobody of the staff learns who it was
lost = told(text="海棠街的路灯坏了，我叫赵铁柱。", confidential=True, person_concerned="")[1]["case_id"]
check(act(desk, lost, "dispatch", category="0507", place="海棠街") == 200 and cg.request("GET", f"/api/cases/{lost}")[0] == 200, "the unit has it")
identifier = lost.replace("-", "")
sql(f"DELETE FROM request WHERE case_id = '\\x{identifier}'" if postgres else f"DELETE FROM request WHERE case_id = x'{identifier}'")
for path in (f"/api/cases/{lost}", f"/api/cases/{lost}/contact?purpose=test", f"/api/requests/{lost}"):
    got = cg.request("GET", path)
    check(got[0] == 404 and "赵铁柱" not in str(got[:2]) and "13800000000" not in str(got[:2]), f"without its row: {path} {got[:2]}")
check(xiaoyun.request("GET", f"/api/cases/{lost}")[0] == 200, "the person still reads their own")
sql("ALTER TABLE request RENAME TO request_away")
for path in (f"/api/cases/{kept}", f"/api/cases/{kept}/contact?purpose=test", f"/api/requests/{kept}"):
    got = cg.request("GET", path)
    check(got[0] >= 400 and NAME not in str(got[:2]) and PHONE not in str(got[:2]) and "13800000000" not in str(got[:2]), f"when it cannot be read: {path} {got[:2]}")
sql("ALTER TABLE request_away RENAME TO request")
check(cg.request("GET", f"/api/cases/{kept}")[0] == 200, "and it is there again")

# --- a day later: whom the desk calls
server.days_later(2)
people = type(people)(server)
calls = {i["request"]["case_id"]: i for i in people("gov_services1").request("GET", "/api/request-follow-ups")[1]["items"]}
check(case in calls and calls[case]["speak_to"] == "concerned" and NAME not in str(calls), f"the one concerned is called: {calls.get(case)}")
checks.finish_with(server, postgres)
