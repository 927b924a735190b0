#!/usr/bin/env python3
"""Persons of the demonstration whose standing changes while something runs: an agency that files for eighty clients (f06), a firm whose
representative changed (f04), somebody who dies in the middle (p15), somebody who withdraws while it is granted (p14). With 'postgres' on
PostgreSQL."""
import pathlib
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, Client, People, Server, begin  # noqa: E402

checks, check, postgres, server, people = begin()
PHONE = "13800000000"
SIGN = {"shop": "小店，海棠街 5 号", "height": 9, "floor": "ground", "listed": False, "phone": PHONE}
GRANT = {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"}


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[:2]


def act_for(who, subject):
    return who.request("POST", "/api/session/acting-for", {"subject": subject})[0]


# --- f06: an agency with more than eighty clients; each case marked, each client told, so many in an hour, wherever it sits
agent = people("f06")
held = agent.request("GET", "/api/authorities")[1]["held"]
clients = [{"enterprise": a["subject"], "name": a["name"]} for a in held if a["scope"] == ["all"] or "shop_sign_filing" in a["scope"]]
check(len(clients) >= 83, f"clients of the agency: {len(clients)}")
p08, city, lead = people("p08"), people("city_mgmt1"), people("city_mgmt_lead")
named = {d["name"]: d["enterprise"] for d in clients}
others = [d["enterprise"] for d in clients if d["name"] not in ("安明慧", "戴春梅", "孔浩然")]
filed, throttled = [], None
key = "agency-of-eighty"
for n, subject in enumerate([named["安明慧"], named["戴春梅"], *others]):
    check(act_for(agent, subject) == 200, "acts for the client")
    status, made, headers = agent.command("POST", "/api/matters/shop_sign_filing/applications", {"form": SIGN}, f"{key}-{n}")
    if status == 429:
        throttled = (n, subject, made, headers)
        break
    check(status == 201 and made["step"] == "accept", f"client {n}: {status} {made}")
    filed.append(made["case_id"])
check(throttled is not None and len(filed) == 60, f"sixty an hour, as the pack says: {len(filed)}")
n, subject, refused, headers = throttled
wait = int(headers.getheader("Retry-After"))
check(refused["code"] == "spine.throttled" and "60 分钟内最多提交 60 件" in refused["title"] and 0 < wait <= 3600 and str(wait) in refused["title"], f"told why and until when: {refused} {wait}")
check(Client(server.port).sign_in("f06").request("GET", "/api/session")[0] == 200, "the agency is not locked out")
elsewhere = Client(server.port).sign_in("f06")
act_for(elsewhere, subject)
status, said, _ = elsewhere.request("POST", "/api/matters/shop_sign_filing/applications", {"form": SIGN}, {"Idempotency-Key": "elsewhere", "X-Forwarded-For": "203.0.113.9"})
check(status == 429, f"counted for the agent, not for an address or a session: {status} {said}")
status, own = people.apply(p08, "shop_sign_filing", SIGN)
check(status == 201, f"a client who applies himself is not held up: {status} {own}")
xiaoyun = people("xiaoyun")
p07 = next(d["enterprise"] for d in xiaoyun.request("GET", "/api/session")[1]["delegations"] if d["name"] == "林秀珍")
daughter = Client(server.port).sign_in("xiaoyun")
act_for(daughter, p07)
old = {"bank": "云海农商银行", "account": "6222020000007654321", "phone": PHONE}
status, hers = people.apply(daughter, "high_age_allowance", old)
check(status == 201, f"who helps one person is no agency: {status} {hers}")
check(not daughter.request("GET", f"/api/cases/{hers['case_id']}/matter")[1]["agency"], "and is not marked as one")
shown = city.request("GET", f"/api/cases/{filed[0]}/matter")[1]
check(shown["agency"] and shown["agent"] == "程小帆", f"marked for the unit: {shown.get('agent')} {shown.get('agency')}")
check(p08.request("GET", f"/api/cases/{filed[0]}/matter")[1]["agency"], "and for the client")
heard = []
for _ in range(50):
    heard = p08.request("GET", "/api/messages")[1]["items"]
    if any(m.get("case_id") == filed[0] for m in heard):
        break
    time.sleep(0.1)
check(any(m.get("case_id") == filed[0] for m in heard), "the client is told at filing")

# --- the client says that it was filed without him: nothing goes on in his name, and people look into it
path = f"/api/cases/{filed[0]}/objection"
act_for(agent, named["安明慧"])
for who, code in ((people("nobody"), 401), (xiaoyun, 404), (agent, 403), (city, 404)):
    check(who.request("POST", path, {"why": "我没有让他办"})[0] in ((404, 403) if code == 404 else (code,)), f"whose it is to say: {code}")
check(p08.request("POST", f"/api/cases/{own['case_id']}/objection", {"why": "我没有让他办"})[0] == 404, "not of what one filed oneself")
status, said, _ = p08.request("POST", path, {"why": "我没有让他办这件事"})
check(status == 200 and said["authority_ended"] and said["withdrawn"] and said["agent"] == "程小帆", f"{status} {said}")
check(p08.request("GET", f"/api/cases/{filed[0]}/matter")[1]["outcome"] == "withdrawn", "withdrawn")
check(p08.request("POST", path, {"why": "再说一遍"})[0] == 409, "once")
status, said, _ = agent.command("POST", "/api/matters/shop_sign_filing/applications", {"form": SIGN})
check(status == 403 and said["code"] == "spine.authority_ended" and "安明慧" in said["title"], f"the agency may not act for him any more: {status} {said}")
alarms = [a for a in lead.request("GET", "/api/case-alarms")[1]["items"] if a["case_id"] == filed[0]]
check(len(alarms) == 1 and alarms[0]["kind"] == "objection" and alarms[0]["why"] == "我没有让他办这件事", f"the head of the unit has it: {alarms}")
close = f"/api/case-alarms/{filed[0]}/objection"
for who, code in ((people("nobody"), 401), (p08, 403), (city, 403), (people("sj_lead"), 404)):
    check(who.request("POST", close, {"note": "已核实"})[0] == code, f"who looks into it: {code}")
check(lead.request("POST", close, {"note": "已核实，系代办公司误报，已告诫"})[0] == 204 and lead.request("POST", close, {"note": "再来"})[0] == 404, "looked into, once")

# --- after the hour it goes on, for the rest of the eighty; the same key was not used up by the refusal
server.days_later(1)
for client in people.signed_in.values():
    client.port = server.port
agent = Client(server.port).sign_in("f06", ahead=86400)
act_for(agent, subject)
check(agent.command("POST", "/api/matters/shop_sign_filing/applications", {"form": SIGN}, f"{key}-{n}")[0] == 201, "the same key goes through")
for more in others[others.index(subject) + 1:]:
    act_for(agent, more)
    status, made, _ = agent.command("POST", "/api/matters/shop_sign_filing/applications", {"form": SIGN})
    check(status == 201, f"{status} {made}")
    filed.append(made["case_id"])
check(len(filed) + 1 >= 80, f"all eighty: {len(filed) + 1}")

# --- f05: four projects; an application names one, its place comes with it, and there is one at a time for each
builder = people("f05", "云海安岭建筑工程有限公司")
projects = builder.request("GET", "/api/matters/road_occupation/prefill")[1]["projects"]
check([p["name"][:10] for p in projects] == ["GC2026-001", "GC2026-002", "GC2026-003", "GC2026-004"] and projects[0]["place"] == "海棠街 18 号", f"his four: {projects}")
check(people("f04_new").request("GET", "/api/matters/road_occupation/prefill")[1]["projects"] == [], "a person has none")
check(people("zhao", "云海青禾物流有限公司").request("GET", "/api/matters/road_occupation/prefill")[1]["projects"] == [], "nor another firm")


def road(project, place, who=None, **more):
    form = {"what": "occupy", "project": project, "place": place, "area": 8, "from": "@today+12", "until": "@today+13", "plan": "@file", "way": "check", "phone": PHONE, **more}
    return people.apply(who or builder, "road_occupation", form)


open_cases = {}
for p in projects:
    status, made = road(p["name"], p["place"] + "门前")
    check(status == 201, f"one for each: {p} {status} {made}")
    open_cases[p["name"]] = made["case_id"]
    rules = [r["code"] for r in builder.request("GET", f"/api/cases/{made['case_id']}/matter")[1]["rules"]]
    check("U5" not in rules, f"another project is not the same application: {rules}")
first, second = projects[0], projects[1]
status, said = road(first["name"], first["place"])
check(status == 422 and said["errors"][0]["pointer"] == "/form/project" and first["name"] in said["title"], f"the same project again is refused clearly: {status} {said}")
status, said = road(first["name"], second["place"])
check(status == 422 and said["errors"][0]["pointer"] == "/form/place" and first["place"] in said["title"], f"no mixing of two: {status} {said}")
status, said = road("GC2099-001 没有的项目", first["place"])
check(status == 422 and said["errors"][0]["pointer"] == "/form/project", f"a project that is registered: {status} {said}")
check(road(first["name"], first["place"], people("zhao", "云海青禾物流有限公司"))[0] == 422, "another firm's project is not his")
check(act(builder, open_cases[first["name"]], "withdraw")[0] == 200 and road(first["name"], first["place"])[0] == 201, "withdrawn, and applied for again")
people("engineer").request("PUT", "/api/registers/project/mode", {"mode": "down"})
status, made = road("GC2099-001 没有的项目", "海棠街 18 号")
check(status == 201, f"a register that does not answer turns nobody down: {status} {made}")
people("engineer").request("PUT", "/api/registers/project/mode", {"mode": "up"})
made = [None] * 6


def at_once(n):
    made[n] = road(second["name"], second["place"])[0]
check(act(builder, open_cases[second["name"]], "withdraw")[0] == 200, "withdrawn")
threads = [threading.Thread(target=at_once, args=(n,)) for n in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
check(sorted(made) == [201, 422, 422, 422, 422, 422], f"six at once: one is taken: {made}")

# --- f04: who represented the firm until yesterday does so no more; the one whom the register names takes over
former, new = people("f04"), people("f04_new")
FIRM = "云海星汐科技有限公司"
check(all(d["name"] != FIRM for d in former.request("GET", "/api/session")[1]["delegations"]), "nothing is offered to the former representative")
profile = people("zhao", FIRM).request("GET", "/api/profile?full=1")[1]
body = {"name": FIRM, "number": profile["id_number"]}
for who, code in ((people("nobody"), 401), (people("police1"), 403), (former, 422), (people("p16"), 422)):
    check(who.request("POST", "/api/representations", body)[0] == code, f"who represents it by the register: {code}")
check(new.request("POST", "/api/representations", {**body, "name": "别的公司"})[0] == 404, "name and code must agree")
people("engineer").request("PUT", "/api/registers/company/mode", {"mode": "down"})
check(new.request("POST", "/api/representations", body)[0] == 422, "a register that is down names nobody")
people("engineer").request("PUT", "/api/registers/company/mode", {"mode": "up"})
check(new.request("POST", "/api/representations", body)[0] == 201, "the register names her")

# --- with the change while he is signed in, and an application of his that is open (a pack of its own, read again while the server runs)
folder = pathlib.Path(tempfile.mkdtemp(prefix="yw-pack-"))
pack = folder / "pack"
shutil.copytree(ROOT / "packs/yunhai", pack)
company, persons = pack / "registers/company.yaml", pack / "registers/person.yaml"
changed = company.read_text()
line = next(x for x in changed.splitlines() if FIRM in x)
company.write_text(changed.replace(line, f'- {{subject: {FIRM}, uscc: "@id_number", status: 存续, address: "@address", legal_rep: 万思远/1972-02-11, abnormal: 0, reports_filed: true}}'))
server2 = Server(postgres.url() if postgres else None, pack=pack)
there = People(server2)
former, new = there("f04", FIRM), there("f04_new")
status, made = there.apply(former, "shop_sign_filing", {**SIGN, "shop": "星汐科技招牌"})
check(status == 201, f"while he represents it: {status} {made}")
pending = made["case_id"]
company.write_text(changed)
check(server2.yiwang("pack", "reload").returncode == 0, "the register says otherwise now")
status, said = there.apply(former, "shop_sign_filing", SIGN)
check(status == 403 and said["code"] == "spine.authority_ended" and FIRM in said["title"], f"his power ended with the change, and he is told for whom: {status} {said}")
check(former.request("GET", "/api/session")[1].get("lapsed") == FIRM and former.request("GET", f"/api/cases/{pending}")[0] == 404, "the session says so, and the firm's case is not his")
check(act(former, pending, "withdraw")[0] in (403, 404), "he withdraws nothing of it")
check(act_for(former, former.request("GET", "/api/session")[1]["self"]) == 200, "for himself again")
check(new.request("POST", "/api/representations", {"name": FIRM, "number": there("zhao", FIRM).request("GET", "/api/profile?full=1")[1]["id_number"]})[0] == 201, "the new one")
acting = Client(server2.port).sign_in("f04_new")
act_for(acting, next(d["enterprise"] for d in acting.request("GET", "/api/session")[1]["delegations"] if d["name"] == FIRM))
check(any(c["case_id"] == pending for c in acting.request("GET", "/api/cases")[1]["items"]), "sees what is open")
check(act(acting, pending, "withdraw", why="新任法定代表人核对后撤回")[0] == 200, "and goes on with it")
check(there("zhao", FIRM).request("GET", "/api/cases")[0] == 200, "what the firm has given to others stays")

# --- p15: dies while it runs; the agent and the unit learn of it, it ends with its own paper, and no certificate is made
p15, helper, street, jd_lead = there("p15"), Client(server2.port).sign_in("xiaoyun"), there("street1"), there("jd_lead")
p15.request("POST", "/api/authorities", {"name": "周晓芸", "number": there.number("xiaoyun"), "matters": ["temporary_relief"], "days": 30})
act_for(helper, next(d["enterprise"] for d in helper.request("GET", "/api/session")[1]["delegations"] if d["name"] == "常秀英"))
relief = {"situation": "房屋进水，家具损坏", "urgent": "yes", "bills": "@file", "income": "@file", "phone": PHONE}
status, made = there.apply(helper, "temporary_relief", relief)
check(status == 201, f"applied through an agent: {status} {made}")
case = made["case_id"]
check(act(street, case, "accept")[0] == 200 and act(street, case, "reviewed", **GRANT)[0] == 200, "up to the decision")
text = persons.read_text()
persons.write_text(text + '- {subject: 常秀英/1941-04-17, id_type: 居民身份证, id_no: "@id_number", name: "@name", birth: "@birth", household_area: true, death_date: "2026-11-20", level: real_person_verified}\n')
check(server2.yiwang("pack", "reload").returncode == 0, "the register of persons says that she has died")
changes = jd_lead.request("GET", f"/api/cases/{case}/matter")[1]["changes"]
check(any(x["label"] == "死亡日期" for x in changes), f"it stands on the officer's page: {changes}")
status, said = act(jd_lead, case, "grant")
check(status == 422, f"it is not granted as if nothing had happened: {status} {said}")
status, said, _ = jd_lead.command("POST", f"/api/cases/{case}/operations/terminate", {"reason": "申请人已去世，依法终止办理"})
check(status == 200, f"ended: {status} {said}")
told = jd_lead.request("GET", f"/api/cases/{case}/matter")[1]
check(told["outcome"] == "ended" and not told["certificates"] and any(p["kind"] == "ended" or "终止" in p["title"] for p in told["papers"]), f"its own paper, no certificate: {told['outcome']} {told['papers']}")
heard = []
for _ in range(50):
    heard = there("xiaoyun").request("GET", "/api/messages")[1]["items"]
    if any(m.get("case_id") == case for m in heard):
        break
    time.sleep(0.1)
check(any(m.get("case_id") == case for m in heard), f"the agent is told: {heard[:2]}")
status, again = there.apply(helper, "temporary_relief", relief)
check(status == 201 and again["step"] == "accept", f"what is sent afterwards goes to people, who telephone first: {status} {again}")
rules = [r for r in jd_lead.request("GET", f"/api/cases/{again['case_id']}/matter")[1]["rules"] if r["outcome"] == "manual"]
check(rules and rules[0]["code"] == "U6", f"by the rule for it: {rules}")

# --- p14: withdraws while it is granted: one outcome, and it is told to the other
p14, market, sj_lead = there("p14"), there("market1"), there("sj_lead")
food = {"trade": "catering", "area": 60, "layout": "@file", "safety_rules": "@file", "equipment": "@file", "phone": PHONE}
won = {"granted": 0, "withdrawn": 0}
for n in range(6):
    status, made = there.apply(p14, "food_licence_new", {**food, "place": f"鹭洲路 {n + 1} 号"}, answers={"trade": "catering"})
    case = made["case_id"]
    check(act(market, case, "accept")[0] == 200 and act(market, case, "reviewed", **GRANT)[0] == 200, "up to the decision")
    answers, gate = {}, threading.Barrier(2)

    def run(name, call):
        gate.wait()
        answers[name] = call()
    both = [threading.Thread(target=run, args=("withdrawn", lambda: act(p14, case, "withdraw", why="不开了"))), threading.Thread(target=run, args=("granted", lambda: act(sj_lead, case, "grant")))]
    [t.start() for t in (both if n % 2 else both[::-1])]
    [t.join() for t in both]
    told = p14.request("GET", f"/api/cases/{case}/matter")[1]
    won[told["outcome"]] += 1
    check(sorted(a[0] for a in answers.values())[0] == 200 and answers[told["outcome"]][0] == 200 and sum(a[0] == 200 for a in answers.values()) == 1, f"one of them: {answers} {told['outcome']}")
    check(bool(told["certificates"]) == (told["outcome"] == "granted"), f"a certificate with the grant only: {told}")
    loser = next(a for name, a in answers.items() if name != told["outcome"])
    check(loser[0] in (403, 404, 409) and loser[1].get("title"), f"the other is told why: {loser}")
print("p14 races:", won)
server2.stop()
verified = server2.yiwang("verify", "state")
check(verified.returncode == 0 and ", 0 differences" in verified.stdout, f"verify state: {verified.stdout[-300:]} {verified.stderr}")
server2.remove()
shutil.rmtree(folder)
checks.finish_with(server, postgres)
