#!/usr/bin/env python3
"""What is kept about citizens' requests beside where they stand now, against a real server: figures of a past day, who called before,
who is called back, rulings as precedents, what is published, and what many tell of. With 'postgres' on PostgreSQL."""
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Checks, People, Server, wanted_postgres  # noqa: E402

checks = Checks()
check = checks.check
postgres = wanted_postgres()
# No text model: whatever happens here happens by people and by rule.
server = Server(postgres.url() if postgres else None, settings={"requests.training_delay_seconds": 3600})
people = People(server)
DESK, UNIT = ("gov_services1", "zs_lead"), ("city_mgmt1", "city_mgmt_lead")
GARBAGE = "碧澜花园北门的垃圾桶三天没人收了，苍蝇到处飞，请派人来清一下。"
REPLY = "经核查，碧澜花园北门垃圾桶因收运车辆故障三天没有清运。处理：今天上午已全部清运，改为每天两次收运，并由街道每周检查一次。"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


def send(login, text=GARBAGE, **form):
    answer = people(login).command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "phone": "13800000000", **form}})
    assert answer[0] == 201, answer
    return answer[1]["case_id"]


def take(text=GARBAGE, **form):
    answer = people(DESK[0]).command("POST", "/api/requests", {"form": {"text": text, **form}, "channel": "hotline", "caller_name": "吴阿姨"})
    assert answer[0] == 201, answer
    return answer[1]["case_id"]


def act(login, case, action, **values):
    return people(login).command("POST", f"/api/cases/{case}/actions/{action}", {"input": values})[0]


def done(login, case, action, **values):
    status = act(login, case, action, **values)
    assert status == 200, (login, action, status)
    return case


def one(login, case):
    return people(login).request("GET", f"/api/requests/{case}")[1]


def dispatched(case, category="0101", place="碧澜花园"):
    return done(DESK[0], case, "dispatch", category=category, place=place)


def answered(case):
    done(UNIT[0], case, "sign_in")
    done(UNIT[0], case, "reply", outcome="solved", reply=REPLY)
    return done(UNIT[1], case, "sign")


def differs(was, now):
    return [(a["key"], x["measure"], x["text"], x["of"], y["text"], y["of"]) for a, b in zip(was, now) for x, y in zip(a["figures"], b["figures"]) if x != y] + [len(was), len(now)]


def table(until):
    """Every figure of the year until a day, as a whole, by unit and by category."""
    return [people("leader").request("GET", f"/api/request-measures?until={until}{by}")[1]["rows"] for by in ("", "&by=unit", "&by=category", "&by=region")]


# --- who calls: what was told under the number before, for the desk only, and each look is told to its subject
caller = lambda login, phone: people(login).request("POST", "/api/requests/caller", {"phone": phone})  # noqa: E731
check(caller(DESK[0], "13700000009")[1] == {"known": False, "open": 0, "items": []}, "a number that calls for the first time")
first, second = take(phone="13700000009"), take("碧澜花园南门路灯不亮", phone="13700000009")
take("碧澜花园有人往楼下扔东西", phone="13700000009", anonymous=True)
before = caller(DESK[0], "13700000009")[1]
check([i["case_id"] for i in before["items"]] == [second, first] and before["open"] == 2, f"the newest first, never what was told anonymously: {before}")
check("137000" not in str(before) and "吴" not in str(before), "without numbers and names")
for login, expected in (("nobody", 401), ("xiaoyun", 403), (UNIT[0], 403), ("leader", 403)):
    check(caller(login, "13700000009")[0] == expected, f"who asks that: {login} {expected}")
check(caller(DESK[0], "1")[0] == 400, "no number")
own, phone = send("xiaoyun"), people("xiaoyun").request("GET", "/api/profile?full=1")[1]["phone"]
check(own in str(caller(DESK[0], phone)[1]), "a registered person's as well")
check(any("来电" in a["purpose"] for a in people("xiaoyun").request("GET", "/api/accesses")[1]["items"]), "and the person sees that look")
about_desk = send("xiaoyun", "政数局窗口的人说话很凶，让我跑了三趟", about_unit="政数局")
check(about_desk not in str(caller(DESK[0], phone)[1]), "a complaint about the desk is not shown to the desk")

# --- a ruling is a precedent of its category from then on
street = "street_kuibin1"
argued = dispatched(send("chen", "沙湾埔村有人在自家院子里搭棚子"), "0202", "沙湾埔村")
done(street, argued, "return_order", reason="在建违法建筑归城管执法，不是存量", should_go="城管局")
dispatched(argued, "0202", "沙湾埔村")
done(street, argued, "return_order", reason="在建违法建筑归城管执法，不是存量", should_go="城管局")
done(DESK[1], argued, "rule", unit="城管", ruling="在建的棚子由城管执法先停工，再由街道拆除。电话13800138000")
like = dispatched(send("zhao", "沙湾埔村又有一家在搭棚子"), "0202", "沙湾埔村")
precedents = one(street, like)["help"]["precedents"]
check(any("在建的棚子由城管执法先停工" in p["ruling"] for p in precedents) and "13800138000" not in str(precedents), f"ruled once, shown with the next: {precedents}")

# --- what was said in confidence is not shown beside what is like it
dispatched(send("xiaoyun"))
secret = dispatched(send("chen", "碧澜花园北门的垃圾桶没人收，我是三栋的老张头", confidential=True))
beside = one(UNIT[0], dispatched(send("zhao", "碧澜花园北门的垃圾桶没人收，我是三栋的")))["help"]["similar"]
check(beside and "老张头" not in str(beside), f"similar requests: {beside}")

# --- the second one to call at night has a number as well
duty = people(DESK[0]).request("GET", "/api/duty-now")[1]["items"]
check(all(bool(r["then_phone"]) == bool(r["then_name"]) for r in duty) and any(r["then_phone"] for r in duty), f"whom to call next: {duty}")

# --- what many tell of: many people, and nothing about a unit
hot = lambda: {h["place"]: h["reports"] for h in people("leader").request("GET", "/api/request-hotspots")[1]["hotspots"]}  # noqa: E731
for n in range(12):
    take(f"云顶雅苑电梯又坏了，老人下不了楼，第{n}天", place="云顶雅苑", phone=f"137000001{n:02}")
    take(f"海棠府地下车库灯全灭了看不见路，第{n}天", place="海棠府地下车库", phone="13700000200")
    take(f"望海大道执法的人掀摊子还骂人，第{n}天", place="望海大道南段", phone=f"137000003{n:02}", about_unit="城管")
found = hot()
check(found.get("云顶雅苑") == 12, f"twelve people at one place: {found}")
check("海棠府地下车库" not in found, f"one person twelve times is not many: {found}")
check("望海大道南段" not in found, f"a complaint about a unit is no signal for everybody: {found}")

# --- a table: each wrong row by its own number
table_of = lambda text: people(DESK[1]).request("POST", "/api/request-imports?channel=letter", raw=text.encode(), headers={"Content-Type": "text/csv"})  # noqa: E731
report = table_of(f"number,text,place\n\nL1,{GARBAGE},碧澜花园\n\nL2,短,\nL3,\"两行\n写的路灯不亮了\",碧澜花园\nL4,,\n")
check([(r["row"], r["outcome"]) for r in report[1]["rows"]] == [(3, "taken"), (5, "refused"), (6, "taken"), (8, "refused")], f"by its line in the file: {report[:2]}")
refused = table_of(f'number,text\nL5,{GARBAGE}\nL6,"没有合上的引号\nL7,{GARBAGE}\n')
check(refused[0] == 422 and "3" in str(refused[1]["errors"]) and table_of(f"number,text\nL5,{GARBAGE}\n")[1]["taken"] == 1, f"a quote that is never closed, and nothing was taken: {refused[:2]}")

# --- figures of a past day stay, whatever comes after
day = datetime.datetime.now(SHANGHAI).date().isoformat()
redone, longer, later, quiet = answered(dispatched(send("xiaoyun"))), dispatched(send("chen")), send("zhao", "碧澜花园的事，说不清楚"), answered(dispatched(send("chen")))
done(UNIT[0], longer, "sign_in")
satisfied = answered(dispatched(send("zhao")))
done("zhao", satisfied, "rate", grade=1, solved="solved_yes")
anonymous = answered(dispatched(send("chen", anonymous=True)))
stood = table(day)
server.days_later(1)
people = People(server)
check(table(day) == stood, "the next day they say the same")
done("xiaoyun", redone, "rate", grade=5, solved="solved_no")
check(table(day) == stood, "closed then, although it was opened again")
done(UNIT[0], redone, "reply", outcome="explained", reply=REPLY)
done(UNIT[1], redone, "sign")
done("xiaoyun", redone, "rate", grade=2, solved="solved_yes")
done(UNIT[0], longer, "ask_extension", why="收运车辆需要更换配件，等待供货")
done(UNIT[1], longer, "approve_extension")
dispatched(later)
done(UNIT[0], longer, "pass_up", reason="签收错了，重新分。")
done(UNIT[0], longer, "return_order", reason="经核对职责清单，这一类不归本单位牵头。", should_go="住建")
dispatched(longer, "0301")
after = table(day)
for name, was, now in zip(("whole", "by unit", "by category", "by region"), stood, after):
    check(was == now, f"figures of a past day {name}: {differs(was, now)}")
whole = lambda until: {f["measure"]: f for f in people("leader").request("GET", f"/api/request-measures?until={until}")[1]["rows"][0]["figures"]}  # noqa: E731
today = datetime.date.fromisoformat(day) + datetime.timedelta(days=1)
check(whole(today)["redone"]["count"] == whole(day)["redone"]["count"] + 1 and whole(today)["returned"]["count"] == whole(day)["returned"]["count"] + 1, "and today's say what has come since")

# --- published: anybody reads the year until yesterday, with what was left out; no row behind it
published = people("nobody").request("GET", "/api/request-figures")
check(published[0] == 200 and published[1]["until"] == day and "excluded" in [f["measure"] for f in published[1]["rows"][0]["figures"]], f"published: {published[:2]}")
check({f["measure"]: f["count"] for f in published[1]["rows"][0]["figures"]}["received"] > 0 and len(published[1]["rows"]) == 1, "the whole district and no part of it")
check(people("nobody").request("GET", "/api/request-measures")[0] == 401 and people("nobody").request("GET", "/api/request-measures/rows?measure=received")[0] == 401, "and nothing else")

# --- calling back: a day after the answer, with what is asked; nobody there is no rating, and after three tries it is left
calls = lambda login=DESK[0]: people(login).request("GET", "/api/request-follow-ups")  # noqa: E731
answer = lambda case, **said: people(DESK[0]).command("POST", f"/api/requests/{case}/follow-up", said)  # noqa: E731
due = calls()[1]
ids = [i["request"]["case_id"] for i in due["items"]]
check(quiet in ids and satisfied not in ids and redone not in ids and anonymous not in ids, f"answered a day ago and not rated; nobody calls who is not known: {ids}")
check([q["id"] for q in due["script"]] == ["reached", "solved", "grade"] and due["after_hours"] == 24 and all(i["may_call"] for i in due["items"]), "with what is asked")
check("138000" not in str(due), "no number stands in the list: each look at one is recorded")
for login, expected in (("nobody", 401), ("xiaoyun", 403), (UNIT[0], 403), ("leader", 403)):
    check(calls(login)[0] == expected, f"who calls back: {login} {expected}")
for n in range(3):
    check([i["tries"] for i in calls()[1]["items"] if i["request"]["case_id"] == quiet] == [n], "calls in vain are counted")
    missed = answer(quiet, reached=False)
    check(missed[0] == 200 and one("chen", quiet)["head"]["stage"] == "answered", f"kept, and nothing is rated: {missed[:2]}")
check(quiet not in str(calls()[1]) and one("chen", quiet)["head"]["stage"] == "answered", "left after three, still to be rated by the person")
check(answer(quiet, reached=True)[0] == 400 and answer(quiet, reached=True, grade=2, solved="solved_yes")[0] == 200 and answer(quiet, reached=False)[0] in (400, 409), "what the person says when they call themselves")

# --- all of it after a kill
server.kill()
server.start()
for client in people.signed_in.values():
    client.port = server.port
check(table(day) == stood and one("chen", quiet)["head"]["stage"] == "closed", "after a kill the same")
checks.finish_with(server, postgres)
