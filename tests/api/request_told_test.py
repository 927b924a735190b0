#!/usr/bin/env python3
"""Who is told what about a citizen's request, and when: urgent ones at once, late steps, the questions after the answer, the city's
hotline; a place on the map; what nobody can tell anonymously; who looked at it. With 'postgres' on PostgreSQL."""
import http.server
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Checks, Client, Server, wanted_postgres  # noqa: E402

checks = Checks()
check = checks.check
postgres = wanted_postgres()


class City(http.server.BaseHTTPRequestHandler):
    """The city's side: fails each receipt's first try."""

    def do_POST(self):
        body, key = json.loads(self.rfile.read(int(self.headers["Content-Length"]))), self.headers["Idempotency-Key"]
        fresh = key not in city.tried
        city.tried.add(key)
        if not fresh:
            city.received.append(body)
        self.send_response(503 if fresh else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


city = http.server.ThreadingHTTPServer(("127.0.0.1", 0), City)
city.received, city.tried = [], set()
threading.Thread(target=city.serve_forever, daemon=True).start()
# No text model: whatever happens here happens by people and by rule.
server = Server(postgres.url() if postgres else None,
                settings={"requests.watch_seconds": 1, "requests.training_delay_seconds": 3600, "city.url": f"http://127.0.0.1:{city.server_port}/receipts", "outbox.first_wait_ms": 50})
LOGINS = ("gov_services1", "zs_lead", "city_mgmt1", "city_mgmt_lead", "housing1", "police1", "party_work1", "leader", "engineer")
ahead = 0


def enter():
    global nobody, xiaoyun, chen, staff, desk, desk_lead, cg, cg_lead
    nobody = Client(server.port)
    xiaoyun, chen = (Client(server.port).sign_in(n, False, ahead) for n in ("xiaoyun", "chen"))
    staff = {n: Client(server.port).sign_in(n, True, ahead) for n in LOGINS}
    desk, desk_lead, cg, cg_lead = (staff[n] for n in LOGINS[:4])


enter()
GARBAGE = "北门的垃圾桶三天没人收了，苍蝇到处飞，请派人来清一下。"
REPLY = "经核查，北门垃圾桶因收运车辆故障三天没有清运。处理：今天上午已全部清运，改为每天两次收运，并由街道每周检查一次。"
WHY = "经核对职责清单，这一类由街道牵头，不归本单位。"


def send(who, text=GARBAGE, **form):
    return who.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "phone": "13800000000", **form}})


def sent(who, text=GARBAGE, **form):
    answer = send(who, text, **form)
    assert answer[0] == 201, answer
    return answer[1]["case_id"]


def act(who, case, action, values=None):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values or {}})


def done(who, case, *steps):
    for action, values in steps:
        answer = act(who, case, action, values)
        assert answer[0] == 200, (action, answer[:2])


def one(who, case):
    return who.request("GET", f"/api/requests/{case}")


def head(who, case):
    return one(who, case)[1]["head"]


def until(what, seconds=15):
    for _ in range(seconds * 10):
        if what():
            return True
        time.sleep(0.1)
    return False


def answered(case, place="碧澜花园"):
    done(desk, case, ("dispatch", {"category": "0101", "place": place}))
    done(cg, case, ("sign_in", None), ("reply", {"outcome": "solved", "reply": REPLY}))
    done(cg_lead, case, ("sign", None))
    return case


# --- a place on the map
status, drawing, _ = xiaoyun.request("GET", "/api/district-map")
spot = next(p for p in drawing["places"] if p["region"] == "bilan")
check(status == 200 and drawing["lines"] and "requests" not in spot, f"the drawing alone, without requests: {spot}")
check(nobody.request("GET", "/api/district-map")[0] == 200, "as open as the form itself")
marked = sent(xiaoyun, "就是这里，一楼业主把公共绿地围起来了。", spot=f"{spot['x'] + 6},{spot['y'] - 5}")
check(head(desk, marked)["place"] == "碧澜社区（地图上标的）", f"the mark names the community next to it: {head(desk, marked)}")
done(desk, marked, ("dispatch", {"category": "0202"}))
check(head(desk_lead, marked)["unit_name"] == "望海街道办事处", "and with it the street office that leads")
named = sent(xiaoyun, "碧澜花园一楼业主把公共绿地围起来了。", spot=f"{spot['x']},{spot['y']}")
check(head(desk, named)["place"].startswith("碧澜花园"), "a place that the words name stays the name")
for wrong in ("9999,1", "1,9999", "-1,5", "abc", "5", "5,6,7"):
    status, refused, _ = send(xiaoyun, spot=wrong)
    check(status == 422 and "/form/spot" in str(refused), f"no point of the map: {wrong} {status}")

# --- urgent: at the head of every page of the unit until somebody works on it
urgent = lambda who: {i["case_id"]: i for i in who.request("GET", "/api/requests-urgent")[1]["items"]}  # noqa: E731
check(nobody.request("GET", "/api/requests-urgent")[0] == 401 and xiaoyun.request("GET", "/api/requests-urgent")[0] == 403 and staff["leader"].request("GET", "/api/requests-urgent")[0] == 403, "of one's own unit alone")
calm, gas = sent(chen), sent(chen, "海棠府三栋楼道有很浓的煤气味，请马上派人。")
check(gas in urgent(desk) and calm not in urgent(desk) and gas not in urgent(cg), f"the desk sees it, others do not: {urgent(desk)}")
done(desk, gas, ("dispatch", {"category": "0903", "place": "海棠府"}))
check(gas in urgent(staff["housing1"]) and gas not in urgent(desk), "and then the unit that got it")
done(staff["housing1"], gas, ("sign_in", None))
check(gas not in urgent(staff["housing1"]), "somebody works on it")
jump = sent(chen, "再不解决我就从楼上跳下去，一起死！")
check(urgent(staff["police1"]).get(jump, {}).get("emergency") is True and jump not in urgent(desk), "danger to life: to those alone who may see it")

# --- what nobody can tell anonymously
unknown = sent(xiaoyun, "我奶奶八十三岁了，这个月高龄补贴没到账。", anonymous=True)
status, refused, _ = act(desk, unknown, "dispatch", {"category": "1302", "place": "碧澜花园"})
check(status == 422 and "匿名" in str(refused), f"this category needs a name: {status} {refused}")
check(act(desk, unknown, "dispatch", {"category": "0101", "place": "碧澜花园"})[0] == 200, "others do not")
check(act(desk, sent(xiaoyun, "我奶奶八十三岁了，这个月高龄补贴没到账。"), "dispatch", {"category": "1302", "place": "碧澜花园"})[0] == 200, "and with a name it goes")

# --- told twice: the unit is shown the one that came first, and joins the later one to it
first, again, elsewhere = sent(xiaoyun), sent(xiaoyun, "北门那边垃圾桶好几天没人收，苍蝇到处飞，快派人清"), sent(chen, "北门的垃圾桶三天没人收了，臭得很")
quiet = sent(chen, GARBAGE, anonymous=True)
for case, place in ((first, "碧澜花园"), (again, "碧澜花园"), (elsewhere, "碧澜花园"), (quiet, "碧澜花园")):
    done(desk, case, ("dispatch", {"category": "0101", "place": place}))
same = lambda who, case: {d["case_id"]: d["same_person"] for d in one(who, case)[1]["help"]["duplicates"]}  # noqa: E731
check(same(cg, again).get(first) is True, f"the same person told it before: {same(cg, again)}")
check(same(cg, elsewhere).get(first) is False and same(cg, quiet).get(first) is False, "another did; who is unknown is nobody's same")
check(again not in same(cg, first), "the one that came first waits for none that came later")
check(same(desk, again) == {}, "whoever does not have it is shown none")
done(cg, again, ("join", {"master": first}))
check(head(cg, again)["stage"] == "joined" and same(cg, again) == {} and same(cg, first) == {}, "joined: it is over for both")
check(again not in same(cg, elsewhere) and first in same(cg, elsewhere), "others wait for the master, not for its member")

# --- limits of steps: shown where it waits, supervised once they have passed, until it goes on
disputed = sent(xiaoyun)
check(head(desk, disputed)["step_due_at"] > head(desk, disputed)["received_at"] and not head(desk, disputed)["step_late"], f"until when it may wait for the desk: {head(desk, disputed)}")
for _ in range(2):
    done(desk, disputed, ("dispatch", {"category": "0101", "place": "碧澜花园"}))
    check(head(cg, disputed)["step_due_at"], "until when it is signed in or returned")
    done(cg, disputed, ("return_order", {"reason": WHY, "should_go": "街道"}))
ruling = head(desk_lead, disputed)
check(ruling["stage"] == "adjudicate" and ruling["step_due_at"] and not ruling["step_late"], f"until when it is ruled: {ruling}")
stretched = sent(xiaoyun)
done(desk, stretched, ("dispatch", {"category": "0101", "place": "碧澜花园"}))
done(cg, stretched, ("sign_in", None), ("ask_extension", {"why": "收运车辆需要更换配件，等待供货"}))

# --- the city's hotline hears of every turn, after a first try that failed, and once
def ordered(number):
    moment = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600))
    answer = staff["engineer"].request("POST", "/api/city-orders", {"number": number, "text": GARBAGE, "phone": "13600000001", "received_at": moment})
    assert answer[0] == 201, answer
    return answer[1]["case_id"]


def heard(number):
    return {r["what"]: r for r in city.received if r["number"] == number}


turns = ordered("C1")
done(desk, turns, ("dispatch", {"category": "0101", "place": "碧澜花园"}))
done(cg, turns, ("sign_in", None), ("ask_extension", {"why": "收运车辆需要更换配件，等待供货"}))
done(cg_lead, turns, ("deny_extension", {"why": "有备用车辆，不需要等"}))
check(until(lambda: "extension_denied" in heard("C1")) and heard("C1")["extension_denied"]["why"] == "有备用车辆，不需要等", f"more time was not granted: {heard('C1')}")
done(cg, turns, ("reply", {"outcome": "solved", "reply": REPLY}))
done(cg_lead, turns, ("sign", None))
call = {"reached": True, "grade": 5, "contacted": "contacted_yes", "solved": "solved_no"}
check(desk.command("POST", f"/api/requests/{turns}/follow-up", call)[0] == 200, "called back")
check(until(lambda: "rated" in heard("C1")) and heard("C1")["rated"]["grade"] == 5 and heard("C1")["rated"]["solved"] == "solved_no", f"rated, and why: {heard('C1')}")
master, member = sent(xiaoyun), ordered("C2")
done(desk, master, ("dispatch", {"category": "0101", "place": "碧澜花园"}))
done(desk, member, ("join", {"master": master}))
done(cg, master, ("sign_in", None), ("reply", {"outcome": "solved", "reply": REPLY}))
done(cg_lead, master, ("sign", None))
check(until(lambda: "answered" in heard("C2")) and heard("C2")["answered"]["reply"] == REPLY and heard("C2")["answered"]["outcome"] == "solved", f"answered with the master it was joined to: {heard('C2')}")
check(len([r for r in city.received if r["number"] == "C2" and r["what"] == "answered"]) == 1, "once")

# --- what the person says about having been called is held against what the unit noted
denied = sent(xiaoyun)
done(desk, denied, ("dispatch", {"category": "0101", "place": "碧澜花园"}))
done(cg, denied, ("sign_in", None), ("contact", {"result": "reached", "note": "已联系"}), ("reply", {"outcome": "solved", "reply": REPLY}))
done(cg_lead, denied, ("sign", None))
done(xiaoyun, denied, ("rate", {"grade": 2, "contacted": "contacted_no", "solved": "solved_yes"}))
supervised = lambda who, state="open": {(i["request"]["case_id"], i["rule"]): i for i in who.request("GET", f"/api/request-supervision?status={state}")[1]["items"]}  # noqa: E731
check((denied, "false_contact") in supervised(desk_lead), "a contact that the person denies is supervised")
check(not [k for k in supervised(desk_lead) if k[0] == turns and k[1] == "false_contact"], "one that was none is not")

# --- without an account: by the code and the number together, and whatever does not fit is answered alike
status, taken, _ = desk.command("POST", "/api/requests", {"form": {"text": GARBAGE, "phone": "13700000099"}, "channel": "hotline", "caller_name": "来电人"})
code = taken["query_code"]
way = lambda c=code, phone="13700000099": nobody.request("POST", "/api/requests/way", {"code": c, "phone": phone})  # noqa: E731
seen = way()
check(status == 201 and seen[0] == 200 and seen[1]["stage"] == "dispatch" and "answer" not in seen[1], f"where it stands: {seen[:2]}")
check(GARBAGE[:6] not in str(seen[1]) and "13700000099" not in str(seen[1]), "neither the words nor the number")
check(way(f" {code[:4].lower()} {code[4:]}".strip())[0] == 200, "as people write it")
wrong = [way(phone="13700000098"), way("ZZZZZZZZ"), way(taken["case_id"][:8]), way(one(desk, unknown)[1]["head"]["case_id"][:8])]
check(all(w[0] == 404 for w in wrong) and len({w[1]["title"] for w in wrong}) == 1, f"alike: {[w[:2] for w in wrong]}")
anonymous_code = xiaoyun.request("GET", f"/api/cases/{unknown}")[1]["head"]["query_code"]
check(way(anonymous_code, "13800000000")[0] == 404, "of what was told anonymously nobody tries out whose it was")
for form in ({"confidential": True}, {"about_unit": "城管"}):
    secret = sent(xiaoyun, **form)
    secret_code = xiaoyun.request("GET", f"/api/cases/{secret}")[1]["head"]["query_code"]
    check(way(secret_code, "13800000000")[0] == 404, f"nor of what was told in confidence or about a unit: {form}")
check(way("短", "1")[0] in (400, 422), "too short")
done(desk, taken["case_id"], ("dispatch", {"category": "0101", "place": "碧澜花园"}))
done(cg, taken["case_id"], ("sign_in", None), ("reply", {"outcome": "solved", "reply": REPLY}))
check("answer" not in way()[1] and way()[1]["unit_name"] == "城市管理和综合执法局", "a reply that nobody has signed is not seen")
done(cg_lead, taken["case_id"], ("sign", None))
check(way()[1]["answer"] == REPLY and way()[1]["stage"] == "answered", "once it is signed it is")
own_code = xiaoyun.request("GET", f"/api/cases/{stretched}")[1]["head"]["query_code"]
check(way(own_code, "13800000000")[0] == 200 and any("查询码" in a["purpose"] for a in xiaoyun.request("GET", f"/api/accesses?case={stretched}")[1]["items"]), "the person sees that look, too")

# --- who looked at this one
check(cg.request("GET", f"/api/cases/{master}/contact?purpose=%E5%9B%9E%E8%AE%BF%E6%A0%B8%E5%AF%B9")[0] == 200, "a look at another case of the same person")
check(cg.request("GET", f"/api/cases/{stretched}/contact?purpose=%E7%BA%A6%E4%B8%8A%E9%97%A8")[0] == 200, "the unit looks, and says why")
looks = xiaoyun.request("GET", f"/api/accesses?case={stretched}")[1]["items"]
every = xiaoyun.request("GET", "/api/accesses")[1]["items"]
check(looks and all(a["case_id"] == stretched for a in looks) and any("约上门" in a["purpose"] for a in looks) and len(every) > len(looks), f"only those at this case: {looks}")
check(chen.request("GET", f"/api/accesses?case={stretched}")[1]["items"] == [], "one's own alone")

# --- days later: asked once how it was; steps are late; nobody is asked about what was rated
unrated = answered(sent(xiaoyun))
weekday = time.gmtime(time.time() + 8 * 3600).tm_wday
server.days_later(7 + (5 - weekday) % 7)  # a Saturday, whenever it can be: people on duty go first
ahead = server.settings["demo.clock_ahead_seconds"]
enter()
asked = lambda who: [m["case_id"] for m in who.request("GET", "/api/messages")[1]["items"] if m["body"].get("questionnaire")]  # noqa: E731
check(until(lambda: unrated in asked(xiaoyun)), "whoever has not rated is asked by a message")
time.sleep(2.5)  # two rounds more
check(asked(xiaoyun).count(unrated) == 1 and denied not in asked(xiaoyun), f"once, and not about what was rated: {asked(xiaoyun)}")
done(xiaoyun, unrated, ("rate", {"grade": 1, "contacted": "contacted_yes", "solved": "solved_yes"}))
check(head(desk_lead, disputed)["step_late"], "the ruling is late")
late = supervised(staff["party_work1"])
check((disputed, "step_late") in late and (disputed, "step_late") not in supervised(cg), f"who is late does not supervise itself: {list(late)}")
check((stretched, "step_late") in supervised(desk_lead) and (marked, "step_late") not in supervised(desk_lead), "steps without that rule are shown and not supervised")
crisis, leak = sent(chen, "我撑不住了，没有人可以说话，活不下去了"), sent(chen, "海棠府电梯又停半空里，里头困人了")
done(staff["police1"], crisis, ("dispatch", {"category": "1107", "place": "海棠府"}))
done(desk, leak, ("dispatch", {"category": "0604", "place": "海棠府"}))
on_duty = head(desk_lead, leak)["unit_name"] == "政务服务和数据管理局" if one(desk_lead, leak)[0] == 200 else None
check(on_duty or desk.request("GET", "/api/duty-now")[1]["open"], "an urgent matter goes to whom the duty table names")
check(one(desk, crisis)[0] == 404 and crisis not in urgent(desk), "what is sealed does not: it goes where it was sent")
done(desk_lead, disputed, ("rule", {"unit": "城管", "ruling": "垃圾清运由城管执法牵头，街道协助"}))
check(until(lambda: (disputed, "step_late") not in supervised(staff["party_work1"])), "ruled: it is over by itself")
check(supervised(staff["party_work1"], "closed")[(disputed, "step_late")]["how"] == "taken", "and says so")
city.shutdown()
checks.finish_with(server, postgres)
