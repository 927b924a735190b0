#!/usr/bin/env python3
"""Races on a real server: whoever is second is told so with the right status, and nothing is lost: two officers decide one case, the
applicant withdraws while it is granted, twenty apply for the last place, an agent's authority ends while she applies, an officer's while he
decides; and five working days without a word. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, begin  # noqa: E402

checks, check, postgres, server, people = begin()
PHONE = "13800000000"
FOOD = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": "@file", "safety_rules": "@file", "equipment": "@file", "phone": PHONE}


def at_once(calls):
    """Runs the calls at the same moment; their (status, answer)."""
    answers, gate = [None] * len(calls), threading.Barrier(len(calls))

    def run(n):
        gate.wait()
        answers[n] = calls[n]()[:2]
    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return answers


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})


def told(answers, where, second=(403, 404, 409)):
    """One wins; everybody else is told with a word, none by a fault."""
    statuses = sorted(a[0] for a in answers)
    check(statuses[0] in (200, 201) and all(s in second for s in statuses[1:]), f"{where}: {statuses}")
    check(all(a[1].get("title") for a in answers if a[0] >= 400), f"{where}: the others are told why: {answers}")
    return statuses


GRANT = {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}
chen, market, market2, sj_lead = (people(x) for x in ("chen", "market1", "market2", "sj_lead"))
signed_in = time.monotonic()


def food(who=chen, place="海棠街 8 号", answers={"trade": "catering"}):  # noqa: B006
    status, made = people.apply(who, "food_licence_new", {**FOOD, "place": place}, answers=answers)
    check(status == 201, f"applied: {status} {made}")
    return made["case_id"]


# --- two officers at each step of one case: accept, review, and granted or refused by two windows of the supervisor
outcomes = set()
for n in range(4):
    case = food(place=f"海棠街 {n + 1} 号")
    told(at_once([lambda: act(market, case, "accept"), lambda: act(market2, case, "accept")]), "two accept")
    told(at_once([lambda: act(market, case, "reviewed", **GRANT), lambda: act(market2, case, "reviewed", **GRANT)]), "two review")
    refuse = {"why": "经核查不符合法定条件，理由如上", "basis": "行政许可法第三十八条", "remedy": "六十日内申请复议，六个月内起诉"}
    both = [lambda: act(sj_lead, case, "grant"), lambda: act(sj_lead, case, "refuse", **refuse)]
    told(at_once(both if n % 2 else both[::-1]), "granted and refused at once")
    shown = chen.request("GET", f"/api/cases/{case}/matter")[1]
    kinds = {p["kind"] for p in shown["papers"]}
    outcomes.add(shown["outcome"])
    check(shown["outcome"] in ("granted", "refused") and ("grant" in kinds) == (shown["outcome"] == "granted") == bool(shown["certificates"]) and ("refusal" in kinds) == (shown["outcome"] == "refused"), f"one decision, one paper: {shown['outcome']} {kinds}")
    timeline = chen.request("GET", f"/api/cases/{case}")[1]["timeline"]
    check([e.get("action") for e in timeline].count("accept") == 1 and len([e for e in timeline if e.get("action") in ("grant", "refuse")]) == 1, "each once in the way")

# --- withdrawn while it is granted
for n in range(4):
    case = food(place=f"鹭洲路 {n + 1} 号")
    act(market, case, "accept")
    act(market, case, "reviewed", **GRANT)
    both = [lambda: act(chen, case, "withdraw", why="不开了"), lambda: act(sj_lead, case, "grant")]
    told(at_once(both if n % 2 else both[::-1]), "withdrawn while granted")
    shown = chen.request("GET", f"/api/cases/{case}/matter")[1]
    check((shown["outcome"], bool(shown["certificates"])) in (("granted", True), ("withdrawn", False)), f"one outcome: {shown['outcome']} {shown['certificates']}")

# --- one place, twenty applicants at once: all are accepted in an order, one gets it, nobody is granted out of turn
firms = [people("zhao", name) for name in ("云海远帆商贸有限公司", "云海星汐科技有限公司", "云海安岭建筑工程有限公司", "云海青禾物流有限公司")]
AD = {"position": "b1", "content": "公益广告", "width": 6, "height": 4, "picture": "@file", "structure": "@file", "title": "@file", "insurance": "@file", "phone": PHONE}
forms = [(firms[n % len(firms)], people.filled(firms[n % len(firms)], "outdoor_advertising", AD)) for n in range(20)]
made = at_once([lambda w=w, f=f: w.command("POST", "/api/matters/outdoor_advertising/applications", {"form": f}) for w, f in forms])
cases = [a[1]["case_id"] for a in made if a[0] == 201]
check(len(cases) == 20 and len(set(cases)) == 20, f"all twenty are taken: {[a for a in made if a[0] != 201][:2]}")
clerks, lead = [people("city_mgmt1"), people("city_mgmt2")], people("city_mgmt_lead")
check(act(clerks[0], cases[0], "accept")[0] == 200, "one is accepted before all others")
accepted = at_once([lambda c=c, n=n: act(clerks[n % 2], c, "accept") for n, c in enumerate(cases[1:])])
check(all(a[0] == 200 for a in accepted), f"all accepted: {[a for a in accepted if a[0] != 200][:2]}")
reviewed = at_once([lambda c=c, n=n: act(clerks[n % 2], c, "reviewed", **GRANT) for n, c in enumerate(cases)])
check(all(a[0] == 200 for a in reviewed), f"all reviewed: {[a for a in reviewed if a[0] != 200][:2]}")
granted = at_once([lambda c=c: act(lead, c, "grant") for c in cases])
wins = [a for a in granted if a[0] == 200]
check(len(wins) == 1 and all(a[0] == 409 and a[1]["code"] == "spine.quota" for a in granted if a[0] != 200), f"one gets the place: {sorted(a[0] for a in granted)} {[a[1].get('code') for a in granted][:3]}")
again = at_once([lambda c=c: act(lead, c, "grant") for c in cases])
check(all(a[0] in (403, 409) for a in again), f"and nobody else afterwards: {sorted(a[0] for a in again)}")
first = cases[0]
check(lead.request("GET", f"/api/cases/{first}")[1]["head"]["step"] == "granted", "the one that was accepted first")

# --- one person renews forty times at once: a chain in which each certificate takes the place of one, and one is in force
xiaoyun = people("xiaoyun")
RENEWAL = people.filled(xiaoyun, "residence_permit_endorsement", {"address": "@fact", "basis": "work", "unchanged": True, "phone": PHONE})
renewed = at_once([lambda: xiaoyun.command("POST", "/api/matters/residence_permit_endorsement/applications", {"form": RENEWAL}) for _ in range(40)])
check(all(a[0] == 201 and a[1]["step"] == "granted" for a in renewed), f"all are granted: {[a for a in renewed if a[0] != 201][:2]}")
chain = xiaoyun.request("GET", "/api/certificates")[1]["items"]
before = [c["predecessor"] for c in chain if c.get("predecessor")]
valid = [c for c in chain if c["state"] == "valid"]
check(len(chain) == 40 and len(before) == 39 == len(set(before)) and set(before) <= {c["identifier"] for c in chain}, f"an unbroken chain: {len(chain)} {len(set(before))}")
check(len(valid) == 1 and valid[0]["identifier"] not in before and all(c["state"] == "expired" for c in chain if c["identifier"] in before), f"one in force: {[c['state'] for c in chain]}")

# --- an agent applies while her authority ends: with it or told that it has ended, never in somebody's name without it
zhao = people("zhao")
ends = {"with": 0, "without": 0}
for n in range(5):
    number = people.number("zhao")
    status, given, _ = chen.command("POST", "/api/authorities", {"name": "赵立新", "number": number, "matters": ["food_licence_new"], "days": 30})
    check(status in (200, 201), f"authority: {status} {given}")
    agent = Client(server.port).sign_in("zhao")
    delegation = next((d for d in agent.request("GET", "/api/session")[1]["delegations"] if d["name"] == "陈玉珍"), None)
    check(delegation and agent.request("POST", "/api/session/acting-for", {"subject": delegation["enterprise"]})[0] == 200, f"acts for her: {delegation}")
    form = people.filled(agent, "food_licence_new", {**FOOD, "place": f"松涧路 {n + 1} 号"})
    subject = given["subject"]
    both = [lambda: agent.command("POST", "/api/matters/food_licence_new/applications", {"form": form, "answers": {"trade": "catering"}}), lambda: chen.request("DELETE", f"/api/authorities/{subject}")]
    applied, ended = at_once(both if n % 2 else both[::-1])[:: 1 if n % 2 else -1]
    check(ended[0] in (200, 204), f"the authority ends: {ended}")
    check(applied[0] == 201 or (applied[0] in (403, 409) and "authority" in applied[1]["code"]), f"with authority, or told: {applied}")
    ends["with" if applied[0] == 201 else "without"] += 1
    mine = [c for c in zhao.request("GET", "/api/cases")[1]["items"] if c["title"] == f"松涧路 {n + 1} 号"]
    hers = [c for c in chen.request("GET", "/api/cases")[1]["items"] if c["title"] == f"松涧路 {n + 1} 号"]
    check(mine == [] and len(hers) == (1 if applied[0] == 201 else 0), f"in her name, or not at all: {applied[0]} {len(mine)} {len(hers)}")
    late, answer, _ = agent.command("POST", "/api/matters/food_licence_new/applications", {"form": form, "answers": {"trade": "catering"}})
    check(late in (403, 409) and "authority" in answer["code"], f"afterwards she is told: {late} {answer}")
print("agents:", ends)

# --- an officer who has claimed a case and is moved to another unit, or locked out, decides it no more
case = food(place="灯塔路 1 号")
check(market2.command("POST", f"/api/cases/{case}/claim")[0] == 200, "claimed")
moved = server.yiwang("user", "move", "market2", "--department", "health")
check(moved.returncode == 0, f"moved: {moved.stdout} {moved.stderr}")
check(act(market2, case, "accept")[0] == 401, "her sessions have ended")
time.sleep(max(0.0, signed_in + 31 - time.monotonic()))  # a one-time code works once, each for thirty seconds
fresh = Client(server.port).sign_in("market2", True)
status, answer, _ = act(fresh, case, "accept")
check(status in (403, 404), f"in another unit she cannot act on what she had claimed: {status} {answer}")
check(act(fresh, case, "not_accept", why="不属于本机关办理", where="别处")[0] in (403, 404), "nor turn it down")
check(chen.request("GET", f"/api/cases/{case}")[1]["head"]["step"] == "accept", "the case waits for her unit")
check(server.yiwang("user", "move", "market2", "--department", "no_such").returncode != 0 and server.yiwang("user", "move", "chen", "--department", "market").returncode != 0, "only staff, only to a unit that there is")
second = food(place="灯塔路 2 号")
check(market.command("POST", f"/api/cases/{second}/claim")[0] == 200 and server.yiwang("user", "lock", "market1").returncode == 0, "locked out")
check(act(market, second, "accept")[0] == 401, "who is locked out does nothing more")
check(server.yiwang("user", "unlock", "market1").returncode == 0, "unlocked")

# --- silence: five working days without a word, and it is accepted by law as of receipt; the unit is told, nobody is refused
silent = food(place="茶山路 1 号")
OLD = {"licence_no": "JY19900000000001", "place": "海棠街 8 号", "unchanged": False, "phone": PHONE}
status, renewal = people.apply(people("p07"), "food_licence_renewal", {**OLD, "licence_no": "@fact", "expires": "@fact"})
check(status == 201 and renewal["step"] == "accept", f"a renewal that people decide: {status} {renewal}")
status, claimed = people.apply(chen, "food_licence_renewal", {**OLD, "expires": "@today+60"})
check(status == 201 and claimed["step"] == "accept", f"and one of a licence that no register knows: {status} {claimed}")
server.days_later(8)
people.signed_in.clear()
chen, sj_lead = people("chen"), people("sj_lead")
for _ in range(100):
    view = chen.request("GET", f"/api/cases/{silent}")[1]
    if view["head"]["step"] != "accept":
        break
    time.sleep(0.1)
nodes = {t["node"] for t in sj_lead.request("GET", f"/api/cases/{silent}")[1]["tasks"]}
check(view["head"]["status"] == "in_progress" and "deemed" in nodes, f"accepted by law, the supervisor is told: {view['head']['step']} {nodes}")
check(any(e["type"] == "case.timer" for e in view["timeline"]), "by itself, in the way of the case")
check(sj_lead.command("POST", f"/api/cases/{silent}/operations/request_correction", {"reason": "缺材料"})[0] in (403, 409), "nothing is asked for afterwards")
check(act(sj_lead, silent, "known", note="已督促经办")[0] == 200, "the supervisor has seen it")
told_now = chen.request("GET", f"/api/cases/{silent}/matter")[1]
check(told_now["outcome"] == "open", "silence never decides")

# --- but a renewal that nobody has decided before the licence ends goes on by law (行政许可法 50): where the register knows its end
check(people("p07").request("GET", f"/api/cases/{renewal['case_id']}/matter")[1]["outcome"] == "open", "not before")
server.days_later(62)
people.signed_in.clear()
p07, chen = people("p07"), people("chen")
for _ in range(150):
    told_now = p07.request("GET", f"/api/cases/{renewal['case_id']}/matter")[1]
    if told_now["outcome"] != "open":
        break
    time.sleep(0.1)
view = p07.request("GET", f"/api/cases/{renewal['case_id']}")[1]
check(told_now["outcome"] == "granted" and not told_now["by_rules"] and view["head"]["step"] == "granted", f"deemed renewed: {told_now['outcome']} {view['head']['step']}")
check(len(told_now["certificates"]) == 1 and "deemed" in {p["kind"] for p in told_now["papers"]}, f"with its certificate, and a paper that says why: {told_now['papers']}")
check(view["deadline"]["state"] == "done_late", f"the unit was late, and that stays: {view['deadline']['state']}")
check(p07.request("GET", f"/api/cases/{renewal['case_id']}/papers/deemed")[0] == 200, "it prints")
check(people("sj_lead").command("POST", f"/api/cases/{renewal['case_id']}/actions/refuse", {"input": {"why": "太晚了，但还是不予", "basis": "行政许可法", "remedy": "六十日内申请复议，六个月内起诉"}})[0] in (403, 409), "nobody refuses it any more")
check(chen.request("GET", f"/api/cases/{claimed['case_id']}/matter")[1]["outcome"] == "open", "what is only claimed is not renewed by waiting")
checks.finish_with(server, postgres)
