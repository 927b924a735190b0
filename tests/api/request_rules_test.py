#!/usr/bin/env python3
"""What is watched over citizens' requests, against a real server where people dispatch: alarms without an owner, supervision by rule,
what cannot be solved now, transfer of work, mass events, rows behind a figure, class projects. With 'postgres' on PostgreSQL."""
import datetime
import pathlib
import sys
import time
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Checks, Client, Server, wanted_postgres  # noqa: E402

checks = Checks()
check = checks.check
postgres = wanted_postgres()
# No text model: whatever happens here happens by people and by rule.
server = Server(postgres.url() if postgres else None, settings={"requests.watch_seconds": 1, "requests.training_delay_seconds": 3600})
nobody = Client(server.port)
xiaoyun, chen, zhao = (Client(server.port).sign_in(n) for n in ("xiaoyun", "chen", "zhao"))
LOGINS = ("gov_services1", "zs_lead", "city_mgmt1", "city_mgmt2", "city_mgmt_lead", "police1", "police_lead", "party_work1", "leader", "engineer")
staff = {n: Client(server.port).sign_in(n, True) for n in LOGINS}
desk, desk_lead, cg, cg2, cg_lead, police, police_lead, party, leader, engineer = (staff[n] for n in LOGINS)
GARBAGE = "碧澜花园北门的垃圾桶三天没人收了，苍蝇到处飞，请派人来清一下。"
REPLY = "经核查，碧澜花园北门垃圾桶因收运车辆故障三天没有清运。处理：今天上午已全部清运，改为每天两次收运，并由街道每周检查一次。"
STRANGERS = ((nobody, 401), (xiaoyun, 403))


def send(who, text=GARBAGE, **form):
    answer = who.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "phone": "13800000000", **form}})
    assert answer[0] == 201, answer
    return answer[1]["case_id"]


def act(who, case, action, values=None):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values or {}})


def one(who, case):
    return who.request("GET", f"/api/requests/{case}")


def stage(case, who=None):
    answer = one(who or desk_lead, case)
    return answer[1]["head"]["stage"] if answer[0] == 200 else answer[0]


def dispatched(case, category="0101", place="碧澜花园"):
    answer = act(desk, case, "dispatch", {"category": category, "place": place})
    assert answer[0] == 200, answer
    return case


def answered(case, outcome="solved", clerk=cg, lead=cg_lead):
    for who, action, values in ((clerk, "sign_in", None), (clerk, "reply", {"outcome": outcome, "reply": REPLY}), (lead, "sign", None)):
        result = act(who, case, action, values)
        if not (action == "sign_in" and result[0] == 409):
            assert result[0] == 200, (action, result[:2])
    return case


def supervised(who, status="open"):
    return who.request("GET", f"/api/request-supervision?status={status}")[1]["items"]


def rules_of(who, case, status="open"):
    return sorted(i["rule"] for i in supervised(who, status) if i["request"]["case_id"] == case)


def within(seconds, question):
    for _ in range(int(seconds * 10)):
        if question():
            return True
        time.sleep(0.1)
    return False


def close(who, case, rule, how="visited", finding="督办人员到场核查，情况属实，已经改正。", files=None):
    return who.request("POST", f"/api/requests/{case}/supervision", {"rule": rule, "how": how, "finding": finding, "files": [evidence] if files is None else files})


evidence = desk_lead.upload(1)


# --- nobody holds it: from paper, ten days ago, so that more than four office hours have passed
ago = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10)).isoformat(timespec="seconds")
form = {"text": GARBAGE, "phone": "13700000001", "place": "碧澜花园"}
old = desk.command("POST", "/api/requests", {"form": form, "channel": "paper", "received_at": ago})[1]["case_id"]
check(within(10, lambda: rules_of(desk, old) == ["no_owner"]), "an order that nobody has taken for four office hours alarms, with no page open")
check(rules_of(party, old) == ["no_owner"] and old not in str(supervised(cg)), "the desk's own alarm is told to another unit too, not to strangers")
fresh = send(xiaoyun)
time.sleep(2.5)
check(rules_of(desk, fresh) == [], "what has just come does not alarm")
dispatched(old)
check(within(10, lambda: "no_owner" in rules_of(desk, old, "closed")), "the alarm ends when it goes on")
check(within(10, lambda: rules_of(cg, old) == ["overdue"]), "and it is late: supervised for that")
check(act(cg, old, "sign_in")[0] == 200 and one(cg, old)[1]["owner_name"] and one(cg, old)[1]["head"]["held"], "who signs in holds it")
for who, expected in (*STRANGERS, (leader, 403), (engineer, 403)):
    check(who.request("GET", "/api/request-supervision")[0] == expected, f"who sees supervision: {expected}")
check(close(nobody, old, "overdue")[0] == 401 and close(xiaoyun, old, "overdue")[0] == 403 and close(desk, old, "overdue")[0] == 403, "a clerk closes nothing")
check(close(cg_lead, old, "overdue")[0] == 403, "the unit that handles it does not close its own")
check(close(police_lead, old, "overdue")[0] == 404, "another unit does not know of it")
check(close(desk_lead, old, "overdue", finding="短")[0] == 400 and close(desk_lead, old, "overdue", how="felt")[0] == 400, "a finding and how it was checked")
handled = cg.upload(2)
for files, why in (([], "nothing to prove it"), ([handled], "what the closer did not bring"), ([evidence, desk_lead.upload(2)], "what the handler had brought"), (["0" * 64], "what nobody brought"), (["x" * 64], "no hash"), ([evidence] * 7, "too many")):
    answer = close(desk_lead, old, "overdue", files=files)
    check(answer[0] == 400 and answer[1]["errors"][0]["pointer"] == "/files", f"evidence: {why}: {answer[:2]}")
check(close(desk_lead, old, "overdue")[0] == 200 and close(desk_lead, old, "overdue")[0] == 409, "closed once, by another than the handler")
seen = [i for i in supervised(cg, "closed") if i["request"]["case_id"] == old and i["rule"] == "overdue"]
check(seen and seen[0]["how"] == "visited" and seen[0]["closed_by"], f"and the unit reads by whom and how: {seen}")
check(seen[0]["files"] == [evidence] and "visited" in seen[0]["evidence_for"], f"what it was closed on: {seen}")
proof = f"/api/requests/{old}/supervision/files/{evidence}"
check(cg.request("GET", proof)[2].getheader("Content-Type") == "image/png" and desk.request("GET", proof)[0] == 200, "both sides see it")
for who, expected in (*STRANGERS, (leader, 403), (police, 404)):
    check(who.request("GET", proof)[0] == expected, f"nobody else: {expected}")
check(cg.request("GET", f"/api/requests/{old}/supervision/files/{handled}")[0] == 404, "and no other file by that way")
check("1370000" not in str(supervised(desk, "closed")), "no numbers of persons")

# --- the same person, the same kind of matter, for the third time
again = [dispatched(send(chen)) for _ in range(3)]
check([rules_of(cg, c) for c in again] == [[], [], ["repeated"]], f"the third time is supervised: {[rules_of(cg, c) for c in again]}")
check([i["why"] for i in supervised(desk) if i["request"]["case_id"] == again[2]] == ["3"], "and says which time it is")
check(rules_of(cg, dispatched(send(zhao))) == [], "another person's is not")

# --- said to be solved, and it is not; then again
case = answered(again[0])
check(act(chen, case, "rate", {"grade": 5, "solved": "solved_no"})[0] == 200 and rules_of(cg, case) == ["false_closure"], f"said to be solved and is not: {rules_of(cg, case)}")
answered(case)
check(act(chen, case, "reopen", {"why": "还是没有人来收"})[0] == 200, "reopened")
check(rules_of(desk, case) == ["false_closure", "false_closure", "unsatisfied_twice"] and stage(case) == "supervise", f"twice unsatisfied: {rules_of(desk, case)}")
check(act(desk_lead, case, "write_off", {"finding": "督办人员两次到场，垃圾已每天清运。"})[0] == 200, "checked and closed by another")
check(rules_of(desk, case) == [] and len(rules_of(desk, case, "closed")) == 3, "with what was open for it")

# --- cannot be solved now: reasons, and another unit looks again
case = answered(again[1], "cannot_now")
mine = [u for u in desk_lead.request("GET", "/api/requests-unsolved")[1]["items"] if u["request"]["case_id"] == case]
check(len(mine) == 1 and mine[0]["may_review"] and "每天两次收运" in mine[0]["reasons"] and not mine[0]["due"], f"on the list with its reasons: {mine}")
check(any(u["request"]["case_id"] == case and not u["may_review"] for u in cg_lead.request("GET", "/api/requests-unsolved")[1]["items"]), "the unit sees it and does not look at its own")
check(any(u["request"]["case_id"] == case for u in leader.request("GET", "/api/requests-unsolved")[1]["items"]), "the leader sees all")
check(case not in str(police.request("GET", "/api/requests-unsolved")[1]), "another unit does not")
for who, expected in STRANGERS:
    check(who.request("GET", "/api/requests-unsolved")[0] == expected, f"who sees the list: {expected}")
review = lambda who, outcome: who.request("POST", f"/api/requests/{case}/unsolved-review", {"outcome": outcome, "finding": "现场复看，仍缺转运场地，暂无条件。"})  # noqa: E731
check(review(nobody, "still")[0] == 401 and review(desk, "still")[0] == 403 and review(cg_lead, "still")[0] == 404 and review(desk_lead, "maybe")[0] == 400, "who looks again, and how it may end")
answer = review(desk_lead, "still")
check(answer[0] == 200 and answer[1]["next_at"] >= mine[0]["due_at"], f"and again in a quarter: {answer[1]}")
check(review(desk_lead, "solvable")[0] == 200 and rules_of(cg, case) == ["unsolved"] and review(desk_lead, "still")[0] == 409, "found solvable: supervised, and off the list")
check(close(desk_lead, case, "unsolved", "documents")[0] == 200, "until it is closed")

# --- work passes from one person to another in one recorded act
people = {p["name"]: p["id"] for p in cg_lead.request("GET", "/api/organisations/city_mgmt/staff")[1]["items"] if p["role"] == "clerk"}
name = {w: w.request("GET", "/api/session")[1]["name"] for w in (cg, cg2)}
first, second = people[name[cg]], people[name[cg2]]
held = [dispatched(send(zhao, place="海棠府"), place="海棠府") for _ in range(3)]
for c in held:
    act(cg, c, "sign_in")
check(cg.command("POST", f"/api/cases/{held[0]}/claim")[0] == 200 and act(cg2, held[0], "contact", {"result": "reached"})[0] == 409, "one of them is held by name")
order = {"from": first, "to": second, "reason": "调离岗位"}
for who, expected in (*STRANGERS, (cg, 403), (desk_lead, 400), (leader, 403)):
    check(who.command("POST", "/api/staff-transfers", order)[0] == expected, f"who moves work: {expected}")
check(cg_lead.command("POST", "/api/staff-transfers", {**order, "to": first})[0] == 400, "not to the same person")
key = uuid.uuid4().hex
moved = cg_lead.command("POST", "/api/staff-transfers", order, key)
check(moved[0] == 201 and moved[1]["requests"] >= 3, f"all open ones pass over: {moved[1]}")
check(cg_lead.command("POST", "/api/staff-transfers", order, key)[1]["id"] == moved[1]["id"] and len(cg_lead.request("GET", "/api/staff-transfers")[1]["items"]) == 1, "the same key is the same act")
check(all(one(cg_lead, c)[1]["owner_name"] == name[cg2] for c in held), "every one of them belongs to the other")
check(within(10, lambda: cg_lead.request("GET", "/api/staff-transfers")[1]["items"][0].get("done_at")), "and so do the tasks")
check(act(cg, held[0], "contact", {"result": "reached"})[0] == 409 and act(cg2, held[0], "contact", {"result": "reached"})[0] == 200, "who left cannot act there, who took over can")
for who, expected in (*STRANGERS, (cg, 403)):
    check(who.request("GET", "/api/staff-transfers")[0] == expected, f"who reads transfers: {expected}")
# an absence: the deputy takes over when it begins, and stands in for what comes back
begins = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
absent = {"from": second, "to": first, "reason": "年休假", "begins_at": begins.isoformat(timespec="seconds"), "ends_at": (begins + datetime.timedelta(days=5)).isoformat(timespec="seconds")}
check(cg_lead.command("POST", "/api/staff-transfers", {**absent, "ends_at": ago})[0] == 400, "it ends after it begins")
check(cg_lead.command("POST", "/api/staff-transfers", absent)[0] == 201 and one(cg_lead, held[1])[1]["owner_name"] == name[cg2], "not before its day")
check(within(15, lambda: one(cg_lead, held[1])[1].get("owner_name") == name[cg]), "when it begins, the deputy has it")

# --- told of by many: one master, one answer, each rates alone
PLACE = "松涧新村"
many = [dispatched(send(who, f"松涧新村垃圾房满出来了第{n}天没清运", place=PLACE), place=PLACE) for n, who in enumerate((xiaoyun, chen, zhao, xiaoyun, chen))]
groups = [g for g in cg.request("GET", "/api/request-mass")[1]["items"] if g["place"] == PLACE]
check(len(groups) == 1 and len(groups[0]["members"]) == 4 and groups[0]["master"]["case_id"] == many[0], f"seen as one matter: {groups}")
for who, expected in (*STRANGERS, (leader, 403)):
    check(who.request("GET", "/api/request-mass")[0] == expected, f"who sees it: {expected}")
join = lambda who, members, master=many[0]: who.command("POST", f"/api/requests/{master}/members", {"members": members})  # noqa: E731
for who, expected in (*STRANGERS, (police, 404), (cg_lead, 403)):
    check(join(who, many[1:2])[0] == expected, f"who lets them wait: {expected}")
check(join(cg, [])[0] == 400, "somebody must wait")
report = join(cg, many[1:])[1]
check(report["joined"] == 4, f"all four wait for the master: {report}")
report = join(cg, [many[0], again[2]], many[0])[1]
check([r["joined"] for r in report["rows"]] == [False, True] and report["rows"][0]["why"], f"not a master of itself: {report}")
check(act(desk, send(zhao, "另一件事，说不清楚，请看看"), "join", {"master": many[1]})[0] == 422, "a member is no master")
open_now = [i["case_id"] for i in cg.request("GET", "/api/requests?stage=liaison")[1]["items"]]
check(many[0] in open_now and not set(many[1:]) & set(open_now), "one line in the unit's list")
check(one(cg, many[0])[1]["members"] == 5 and one(xiaoyun, many[3])[1]["head"]["stage"] == "joined" and "master" not in one(xiaoyun, many[3])[1], "the person sees that it is handled together, not with whose")
listed = cg.request("GET", f"/api/requests/{many[0]}/members")
check(listed[0] == 200 and len(listed[1]["items"]) == 5 and police.request("GET", f"/api/requests/{many[0]}/members")[0] == 404, "its members")
check(act(cg, many[4], "split", {"why": "短"})[0] == 422 and act(cg, many[4], "split", {"why": "地点其实是另一个小区"})[0] == 200 and stage(many[4]) == "dispatch", "split off: to the desk again")
answered(many[0])
check(within(10, lambda: all(stage(c) == "answered" for c in many[1:4])), f"the answer reaches the members: {[stage(c) for c in many]}")
check("每天两次收运" in one(chen, many[1])[1]["answer"] and "answer" not in one(chen, many[4])[1], "each person reads it; who was split off does not")
check(stage(many[4]) == "dispatch", "nor is that one closed by it")
check(act(chen, many[1], "rate", {"grade": 5, "solved": "solved_no"})[0] == 200 and stage(many[1]) == "handle" and stage(many[2]) == "answered", "each rates alone; who is not satisfied is handled alone")
check(any(many[2] in str(m) for m in zhao.request("GET", "/api/messages")[1]["items"]), "and each is told")
pair = [dispatched(send(who, "松涧新村垃圾房又满了没有人管", place=PLACE), place=PLACE) for who in (xiaoyun, chen)]
check(join(cg, pair[1:], pair[0])[1]["joined"] == 1 and act(xiaoyun, pair[0], "withdraw")[0] == 200, "a master is withdrawn")
check(within(10, lambda: stage(pair[1]) == "dispatch"), f"its members are not forgotten: {stage(pair[1])}")

# --- an urgent matter outside office hours goes to whom the duty table names, and back to the lead
duty = desk.request("GET", "/api/duty-now")[1]
check(duty["from"] == "08:30" and any(r["unit"] == "ecology" for r in duty["items"]) and cg.request("GET", "/api/duty-now")[0] == 200, f"who is on duty: {duty}")
for who, expected in (*STRANGERS, (leader, 403)):
    check(who.request("GET", "/api/duty-now")[0] == expected, f"who asks that: {expected}")
case = dispatched(send(zhao, "云岭北街一棵大树倒了压住车，还冒火花", place="云岭北街"), "0106", "云岭北街")
view = one(desk_lead, case)[1]
check(view["head"]["urgent"] and ("duty" in view) == (not duty["open"]), f"urgent: by the hour: {view}")
if not duty["open"]:
    check(view["duty"]["phone"], f"with a telephone number: {view['duty']}")

# --- from a figure to its rows: masked, each look recorded
figures = {f["measure"]: f for f in leader.request("GET", "/api/request-measures?by=unit")[1]["rows"][0]["figures"]}
table = leader.request("GET", "/api/request-measures?by=unit")[1]
row = next(r for r in table["rows"] if r["key"] == "city_mgmt")
figure = {f["measure"]: f for f in row["figures"]}
path = "/api/request-measures/rows?by=unit&key=city_mgmt&measure="
behind = leader.request("GET", path + "received")
check(behind[0] == 200 and behind[1]["total"] == figure["received"]["count"] and behind[1]["items"], f"the rows behind a figure: {behind[1]['total']} {figure['received']}")
rest = leader.request("GET", path + "closing_rate&part=rest")[1]
check(rest["total"] == figure["closing_rate"]["of"] - figure["closing_rate"]["count"], "and those of a share that do not count")
collected, cursor = [], ""
while True:
    page = leader.request("GET", path + "received" + cursor)[1]
    collected += [i["case_id"] for i in page["items"]]
    if "next" not in page:
        break
    cursor = "&cursor=" + page["next"]
check(len(collected) == len(set(collected)) and len(collected) <= behind[1]["total"], "page by page, none twice")
check("138000" not in str(behind[1]) and "137000" not in str(behind[1]), "no numbers of persons")
check(any("指标明细" in a["purpose"] for a in xiaoyun.request("GET", "/api/accesses")[1]["items"]), "the person sees that look")
for who, expected in (*STRANGERS, (cg, 403)):
    check(who.request("GET", path + "received")[0] == expected, f"who looks behind a figure: {expected}")
check(leader.request("GET", path + "beauty")[0] == 400 and leader.request("GET", path + "received&part=some")[0] == 400, "no such measure, no such part")

# --- from a case to its class
project = {"title": "松涧新村垃圾清运专项", "category": "0101", "unit": "city_mgmt", "goal": "每周反映下降一半以上，不再满溢。", "measures": "增加一台收运车，清运改为每日两次，装满溢感应。",
           "fall_percent": 50, "due": (datetime.date.today() + datetime.timedelta(days=60)).isoformat(), "members": many[:3]}
begin = lambda who, body=project, key=None: who.command("POST", "/api/request-projects", body, key)  # noqa: E731
for who, expected in (*STRANGERS, (cg_lead, 403), (desk, 403), (leader, 403)):
    check(begin(who)[0] == expected, f"who begins a project: {expected}")
for wrong in ({"category": "9999"}, {"unit": "nowhere"}, {"due": "2020-01-01"}, {"members": [str(uuid.uuid4())]}, {"goal": "短"}, {"fall_percent": 0}):
    check(begin(desk_lead, {**project, **wrong})[0] == 400, f"not with {wrong}")
key = uuid.uuid4().hex
made = begin(desk_lead, key=key)
check(made[0] == 201 and len(made[1]["members"]) == 3 and len(made[1]["weeks"]) == 8 and made[1]["after_mean"] == "–", f"begun: {made[1]}")
check(begin(desk_lead, key=key)[1]["id"] == made[1]["id"] and len(leader.request("GET", "/api/request-projects")[1]["items"]) == 1, "once")
check(sum(w["reports"] for w in made[1]["weeks"]) > 0 and "138000" not in str(made[1]), "with the weeks before, without persons")
one_path = f"/api/request-projects/{made[1]['id']}"
check(leader.request("GET", one_path)[0] == 200 and cg.request("GET", one_path)[0] == 200 and police.request("GET", one_path)[0] == 404 and nobody.request("GET", one_path)[0] == 401 and xiaoyun.request("GET", one_path)[0] == 403, "who sees it")
end = {"finding": "增车后八周内反映下降，转入常态管理。"}
check(cg_lead.request("POST", one_path + "/closing", end)[0] == 403 and desk_lead.request("POST", one_path + "/closing", end)[0] == 200 and desk_lead.request("POST", one_path + "/closing", end)[0] == 409, "closed once, by the desk's supervisor")

# --- the map: counts by community, the same rows as behind a figure
board = leader.request("GET", "/api/request-map?days=30")[1]
area = {p["region"]: p for p in board["places"]}
check(area["songjian"]["requests"] >= 7 and board["lines"] and area["songjian"]["level"] == "community", f"where requests come from: {area['songjian']}")
behind = leader.request("GET", f"/api/request-measures/rows?measure=received&by=community&key=songjian&from={board['from']}")[1]
check(behind["total"] == area["songjian"]["requests"], f"the same rows: {behind['total']}")
for who, expected in (*STRANGERS, (cg, 403)):
    check(who.request("GET", "/api/request-map")[0] == expected, f"who sees the map: {expected}")
check(leader.request("GET", "/api/request-map?days=0")[0] == 400, "at least a day")

# --- search: only what one may open, by words, not by numbers
find = lambda who, words, more="": who.request("GET", "/api/search?words=" + urllib.parse.quote(words) + more)  # noqa: E731
unique = dispatched(send(zhao, "碧澜花园东门有个坏掉的旋转木马挡路，电话13912345678", place="碧澜花园"))
check(within(10, lambda: any(i["id"] == unique for i in find(cg, "旋转木马")[1]["items"])), "found by the unit that has it")
check(find(police, "旋转木马")[1]["items"] == [] and find(leader, "旋转木马")[1]["items"] == [] and find(nobody, "旋转木马")[1]["items"] == [], "not by others")
check(any(i["id"] == unique for i in find(zhao, "旋转木马")[1]["items"]) and find(chen, "旋转木马")[1]["items"] == [], "by the person, not by another")
check(find(cg, "13912345678")[1]["items"] == [] and "139" not in str(find(cg, "旋转木马")[1]), "nobody is found by number")
check(find(desk, "旋转木马 东门")[1]["items"] and find(desk, "旋转木马 西门")[1]["items"] == [], "all words must be there")
kinds = {i["kind"] for i in find(nobody, "高龄津贴")[1]["items"]}
check("matter" in kinds, f"matters too: {kinds}")
check(any(i["kind"] == "knowledge" and "12368" in i["detail"] for i in find(xiaoyun, "法院")[1]["items"]), "and where to turn to")
check(all(i["kind"] == "matter" for i in find(nobody, "高龄津贴", "&kind=matter")[1]["items"]), "of one kind")
check(find(cg, "水")[0] == 400 and find(cg, "")[0] == 400 and find(cg, "垃圾", "&kind=person")[0] == 400 and find(cg, "垃圾", "&cursor=x")[0] == 400, "what cannot be asked")
check(find(cg, '" OR 1=1 -- 垃圾')[0] == 200 and find(cg, "'垃圾' & !")[0] == 200, "words are words")
first = find(cg, "垃圾")[1]
check(len(first["items"]) == 20 and first.get("next"), "a page of twenty")
check(not {i["id"] for i in first["items"]} & {i["id"] for i in find(cg, "垃圾", "&cursor=" + first["next"])[1]["items"]}, "and the next one")

# --- all of it survives a kill, and the state follows from the events
server.kill()
server.start()
for client in (desk, cg, cg_lead, leader):
    client.port = server.port
check(one(cg_lead, held[2])[1]["owner_name"] == name[cg] and len(leader.request("GET", "/api/request-projects")[1]["items"]) == 1, "still there")
checks.finish_with(server, postgres)
