#!/usr/bin/env python3
"""One request about several matters taken apart, and units that are asked to help the one that leads: what each of them sees, who is
refused, and that nothing is made twice. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.training_delay_seconds": 3600})
nobody, xiaoyun, chen = (people(x) for x in ("nobody", "xiaoyun", "chen"))
desk, cg, cg_lead, police, water, leader = (people(x) for x in ("gov_services1", "city_mgmt1", "city_mgmt_lead", "police1", "water1", "leader"))
WHOLE = "碧澜花园北门的垃圾桶三天没人收了。还有，海棠街的路灯全坏了，我的电话 13812345678。"
LAMP, NOISE = "海棠街的路灯坏了半个月，晚上看不见路，请修好。", "碧澜花园旁边的工地半夜还在打桩，请管一管。"


def told(who=xiaoyun, text=WHOLE, **more):
    return who.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "place": "碧澜花园", "phone": "13800000000", **more}})[1]["case_id"]


def act(who, case, action, **values):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values})[0]


def one(who, case):
    return who.request("GET", f"/api/requests/{case}")


def apart(who, case, parts, stays="垃圾桶没人收", key=None, **more):
    return who.request("POST", f"/api/requests/{case}/parts", {"parts": [p if isinstance(p, dict) else {"text": p} for p in parts], "stays": stays, **more}, {"Idempotency-Key": key or uuid.uuid4().hex})[:2]


def ask(who, case, unit, question="垃圾是不是占用了河道管理范围？"):
    return who.request("POST", f"/api/requests/{case}/helps", {"unit": unit, "question": question})[:2]


def opinion(who, case, text="经现场查看，不在河道管理范围内。"):
    return who.request("POST", f"/api/requests/{case}/opinion", {"opinion": text})[:2]


# --- taken apart by the desk, before it is dispatched
case = told()
for who, code in ((nobody, 401), (xiaoyun, 403), (cg, 403), (leader, 403)):
    check(apart(who, case, [LAMP])[0] == code, f"who takes apart: {code}")
check(apart(desk, case, [])[0] == 400 and apart(desk, case, [LAMP] * 5)[0] == 400, "one to four parts")
check(apart(desk, case, ["短"])[0] == 400 and apart(desk, case, [LAMP], stays="")[0] == 400, "with words, and what stays")
check(apart(desk, "01a20631-43be-7000-b0e1-4dea22bf11d3", [LAMP])[0] == 404 and apart(desk, "x", [LAMP])[0] == 404, "a request that there is")
key = uuid.uuid4().hex
status, made = apart(desk, case, [LAMP, NOISE], key=key)
check(status == 200 and len(made["parts"]) == 2 and case not in made["parts"], f"two requests more: {status} {made}")
check(apart(desk, case, [LAMP, NOISE], key=key)[1] == made, "the same key again makes nothing")
lamp, noise = made["parts"]
view = one(desk, case)[1]
check([p["case_id"] for p in view["parts"]] == [lamp, noise] and view["stays"] == "垃圾桶没人收", f"the whole names them: {view['parts']}")
check("13812345678" not in str(view["parts"]) + str(one(desk, lamp)[1].get("part_of")), "without numbers")
part = one(desk, lamp)[1]
check(part["part_of"]["case_id"] == case and part["head"]["received_at"] == view["head"]["received_at"] and part["channel"] == view["channel"], "received when the whole was: its clock has run since then")
check(one(xiaoyun, lamp)[0] == 200 and one(xiaoyun, case)[1]["parts"][0]["case_id"] == lamp, "the person sees both")
check(one(chen, lamp)[0] == 404 and one(nobody, lamp)[0] == 401, "nobody else does")
mine = [c["case_id"] for c in xiaoyun.request("GET", "/api/cases")[1]["items"]]
check({case, lamp, noise} <= set(mine), "they are among the person's own")
check(one(desk, lamp)[1]["head"]["title"] == "海棠街路灯坏了" and one(desk, noise)[1]["head"]["title"] == "碧澜花园工地施工扰民", f"each with its own words: {one(desk, lamp)[1]['head']['title']} {one(desk, noise)[1]['head']['title']}")
check(act(desk, case, "dispatch", category="0101", place="碧澜花园") == 200 and act(desk, lamp, "dispatch", category="0507", place="海棠街") == 200, "each goes its own way")
check(one(desk, case)[1]["head"]["category"] == "0101" and one(desk, lamp)[1]["head"]["category"] == "0507", "under its own category")
other = apart(desk, case, [NOISE], key=key)
check(other[0] == 422 and len(one(desk, case)[1]["parts"]) == 2, f"the same key with other words makes nothing: {other}")
again = told(text="又有一件：" + LAMP)
check(act(desk, again, "dispatch", category="0101", place="碧澜花园") == 200 and apart(desk, again, [LAMP])[0] == 409, "not once it is dispatched")

# --- parts of one telling are no repeats of each other; what is told again is
both = told(chen, text="北门垃圾没人收，南门垃圾也没人收，请派人。")
status, made = apart(desk, both, ["碧澜花园南门的垃圾也没有人收，请派人来清。"], stays="北门的垃圾")
south = made["parts"][0]
for c in (both, south):
    check(act(desk, c, "dispatch", category="0101", place="碧澜花园") == 200, "of one kind")


def repeats():
    page = leader.request("GET", "/api/request-measures/rows?measure=repeats")
    check(page[0] == 200, f"the rows behind a figure: {page[:2]}")
    return {r["case_id"] for r in page[1]["items"]}


check(not {both, south} & repeats(), "told once")
later = told(chen, text="北门垃圾又没人收，请再派人来一次。")
check(act(desk, later, "dispatch", category="0101", place="碧澜花园") == 200 and later in repeats() and south not in repeats(), "what is told again is a repeat")

# --- a part about a unit is not shown to that unit
secret = told(text="垃圾没人收。城管的人还收了商户的烟。")
status, made = apart(desk, secret, [{"text": "城管局的人收了商户的烟，请查一查这件事。", "about_unit": "城市管理和综合执法局"}], stays="垃圾没人收")
check(status == 200 and act(desk, secret, "dispatch", category="0101", place="碧澜花园") == 200, "the rest goes to the unit")
about = made["parts"][0]
for who in (cg, cg_lead):
    check(one(who, about)[0] == 404 and one(who, secret)[1]["parts"] == [] and "烟" not in str(one(who, secret)[1]["parts"]), "which does not see that there is another part")
check([p["case_id"] for p in one(desk, secret)[1]["parts"]] == [about] and one(xiaoyun, about)[0] == 200, "desk and person do")

# --- anonymous stays anonymous
hidden = told(text="工地太吵，另外楼道里堆满了杂物。", anonymous=True, phone="")
status, made = apart(desk, hidden, ["碧澜花园三栋楼道里堆满了杂物，请清走。"], stays="工地太吵")
check(status == 200 and one(desk, made["parts"][0])[1]["anonymous"], f"as it was told: {status} {made}")

# --- units that help
check(one(cg, case)[1]["opinions"] == [], "nobody was asked")
for who, code in ((nobody, 401), (xiaoyun, 403), (leader, 403), (police, 404)):
    check(ask(who, case, "水务局")[0] == code, f"who asks for help: {code}")
check(ask(cg, case, "没有这个局")[0] == 400 and ask(cg, case, "city_mgmt")[0] == 400 and ask(cg, case, "water", "?")[0] == 400, "another unit that there is, with a question")
answers = [None] * 4


def at_once(n):
    answers[n] = ask(cg, case, "water")[0]


threads = [threading.Thread(target=at_once, args=(n,)) for n in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
check(sorted(answers) == [200, 409, 409, 409], f"asked once: {answers}")
for who, code in ((nobody, 401), (xiaoyun, 403), (leader, 403)):
    check(who.request("GET", "/api/request-helps")[0] == code and opinion(who, case)[0] == code, f"who helps: {code}")
check(police.request("GET", "/api/request-helps")[1]["items"] == [] and opinion(police, case)[0] == 404, "a unit that was not asked sees nothing and answers nothing")
listed = water.request("GET", "/api/request-helps")[1]["items"]
check([i["case_id"] for i in listed] == [case] and not listed[0]["overdue"] and "13812345678" not in str(listed) and "垃圾桶" in listed[0]["words"], f"the question and the words without numbers: {listed}")
check(one(water, case)[0] == 404 and water.request("GET", f"/api/cases/{case}")[0] == 404, "but not the case")
check(opinion(water, case, "?")[0] == 400 and opinion(water, case)[0] == 200 and opinion(water, case)[0] == 404, "answered once")
check(water.request("GET", "/api/request-helps")[1]["items"] == [], "and is off the list")
got = one(cg, case)[1]["opinions"]
check(len(got) == 1 and "不在河道" in got[0]["opinion"] and got[0]["answered_by"] and got[0]["unit_name"], f"the unit that leads reads it: {got}")
check("河道" not in str(one(xiaoyun, case)[1]), "the person does not: it is not the answer")
check(ask(cg, case, "police")[0] == 200 and len(police.request("GET", "/api/request-helps")[1]["items"]) == 1, "another one")
check(act(desk, about, "dispatch", category="0207", place="碧澜花园") == 200, "a complaint goes to another unit")
holder = people({"justice": "justice1", "party_work": "party_work1"}[next(u for u in ("justice", "party_work") if one(people(u + "1"), about)[0] == 200)])
check(ask(holder, about, "city_mgmt")[0] == 400 and ask(holder, about, "party_work" if one(people("justice1"), about)[0] == 200 else "justice")[0] == 200, "which may ask others to help, not the one that it is about")
check(about not in str(cg.request("GET", "/api/request-helps")[1]), "and that one sees nothing of it")

# --- two of the desk at the same moment, and one in two windows: one goes on, the others are told who it was
second = people("gov_services2")
ROUNDS = 15
for n in range(ROUNDS):
    race = told(text=f"第{n}件：" + WHOLE)
    tried, start = [None] * 4, threading.Barrier(4)

    def run(k):
        start.wait()
        tried[k] = apart((desk, second, desk, second)[k], race, [LAMP, NOISE])

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    won, lost = [r for r in tried if r[0] == 200], [r for r in tried if r[0] != 200]
    check(len(won) == 1 and all(r[0] == 409 for r in lost), f"round {n}: one goes on: {[r[0] for r in tried]}")
    who = one(desk, race)[1]
    check(len(who["parts"]) == 2 and {p["case_id"] for p in who["parts"]} == set(won[0][1]["parts"]), f"round {n}: the parts of one: {who['parts']}")
    check(all(r[1]["code"] == "request.taken_apart" and "+08:00" in r[1]["title"] for r in lost), f"round {n}: who it was and when: {lost}")
check(apart(second, race, [NOISE])[0] == 409 and len(one(desk, race)[1]["parts"]) == 2, "not without having read the parts there are")
check(apart(second, race, ["海棠街的垃圾也没人收，请一起派人来看。"], seen=2)[0] == 200 and len(one(desk, race)[1]["parts"]) == 3, "having read them, once more")
check(apart(second, race, [NOISE], seen=2)[0] == 409, "nor with an older look")

# --- the server is killed while it makes the parts: nothing is lost and nothing is made twice under the same key
FOUR = ["海棠街的路灯坏了半个月，请修好。", "碧澜花园的工地半夜还在打桩。", "鹭洲公园的公厕没有水。", "葵滨路的井盖塌了一个，危险。"]
broken, left = 0, None
for n in range(12):
    whole = told(text=f"第{n}次：" + WHOLE)
    key = uuid.uuid4().hex

    def cut():
        try:
            apart(desk, whole, FOUR, key=key)
        except OSError:
            pass
        except Exception as e:  # the connection went away in the middle of an answer
            if "Incomplete" not in type(e).__name__ and "Remote" not in type(e).__name__ and "BadStatus" not in type(e).__name__:
                raise

    thread = threading.Thread(target=cut)
    thread.start()
    time.sleep(0.002 + 0.004 * n)
    server.kill()
    thread.join()
    server.start()
    for client in (desk, second, xiaoyun, cg, cg_lead, police, water, leader, chen, nobody):
        client.port = server.port
    made = one(desk, whole)[1]
    broken += 0 < len(made["parts"]) < 4
    if 0 < len(made["parts"]) < 4 and left is None:
        # Its claim stands: another of the desk is told whose it is, and does not make the rest.
        refused = apart(second, whole, FOUR, seen=len(made["parts"]))
        check(refused[0] == 409 and refused[1]["code"] == "request.taken_apart", f"begun by another: {refused}")
        left = (whole, key, len(made["parts"]))
        continue
    got = apart(desk, whole, FOUR, key=key)
    made = one(desk, whole)[1]
    check(got[0] == 200 and len(set(got[1]["parts"])) == 4 and [p["case_id"] for p in made["parts"]] and {p["case_id"] for p in made["parts"]} == set(got[1]["parts"]), f"killed {n}: the same key goes on: {got} {made['parts']}")
    check(made["stays"] == "垃圾桶没人收", f"killed {n}: and ends it")
print(f"killed 12 times, {broken} of them between the first part and the last")
if left:
    # Left lying for long enough, another goes on with what is there; then nothing more is made under the old key.
    server.days_later(1)
    people = type(people)(server)
    desk, second, xiaoyun, cg, cg_lead, police, water = (people(x) for x in ("gov_services1", "gov_services2", "xiaoyun", "city_mgmt1", "city_mgmt_lead", "police1", "water1"))
    whole, key, parts = left
    check(apart(second, whole, FOUR[parts:])[0] == 409, "only having read what is there")
    check(apart(second, whole, FOUR[parts:], seen=parts)[0] == 200 and len(one(desk, whole)[1]["parts"]) == 4, "what was left lying is gone on with")
    check(apart(desk, whole, FOUR, key=key)[0] == 409 and len(one(desk, whole)[1]["parts"]) == 4, "and the old key makes nothing more")

# --- after a restart, and once it is answered nothing is asked any more
server.kill()
server.start()
for client in (cg, cg_lead, police, xiaoyun):
    client.port = server.port
check(len(one(cg, case)[1]["opinions"]) == 2 and one(xiaoyun, case)[1]["parts"][0]["case_id"] == lamp, "still there")
REPLY = "经核查，碧澜花园北门垃圾桶因收运车辆故障三天没有清运。处理：今天上午已全部清运，改为每天两次收运。"
check(act(cg, case, "sign_in") == 200 and act(cg, case, "reply", outcome="solved", reply=REPLY) == 200 and act(cg_lead, case, "sign") == 200, "answered")
check(police.request("GET", "/api/request-helps")[1]["items"] == [] and ask(cg, case, "health")[0] in (404, 409), "nothing is asked about what is answered")
checks.finish_with(server, postgres)
