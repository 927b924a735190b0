#!/usr/bin/env python3
"""Who applies: agents with scope and end, guardians, joint applicants on their own devices; forms that follow what is filled in;
checks afterwards. With 'postgres' on PostgreSQL."""
import hashlib
import pathlib
import sys
import threading
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, begin  # noqa: E402

checks, check, postgres, server, people = begin()
chen, xiaoyun, zhao, p06, nobody = (people(x) for x in ("chen", "xiaoyun", "zhao", "p06", "nobody"))
PHONE = {"phone": "13800000000"}
OLD = {"bank": "云海农商银行", "account": "6222020000007654321", **PHONE}
SIGN = {"shop": "立新小店", "height": 1.5, "floor": "ground", "listed": False, **PHONE}


def grant(who, **body):
    return who.request("POST", "/api/authorities", {"name": "周晓芸", "number": people.number("xiaoyun"), "matters": ["high_age_allowance"], "days": 30, **body})


def act_for(who, name=None):
    session = who.request("GET", "/api/session")[1]
    subject = session["self"] if name is None else next(d["enterprise"] for d in session["delegations"] if d["name"] == name)
    return who.request("POST", "/api/session/acting-for", {"subject": subject})


# --- an authority: named matters, named days, the right person
check(grant(nobody)[0] == 401 and grant(people("police1"))[0] == 403, "who may give authority")
check(grant(chen, name="别人")[0] == 404 and grant(chen, number="990000199105120000")[0] == 404, "name and number must agree")
check(grant(chen, matters=["no_such_matter"])[0] == 404 and grant(chen, days=400)[0] == 400, "matters that there are, at most a year")
check(grant(chen, name="陈玉珍", number=people.number("chen"))[0] == 422, "not to oneself")
status, given, _ = grant(chen)
check(status == 201 and given["scope"] == ["high_age_allowance"] and given["name"] == "周**", f"given: {status} {given}")
listed = chen.request("GET", "/api/authorities")[1]
check([a["scope"] for a in listed["given"]] == [["high_age_allowance"]], f"chen sees whom she has authorised, and nothing that has ended: {listed}")
agent = Client(server.port).sign_in("xiaoyun")
check(act_for(agent, "陈玉珍")[0] == 200, "xiaoyun acts for chen")
status, made = people.apply(agent, "high_age_allowance", OLD)
check(status == 201 and made["step"] == "accept", f"in her name: {status} {made}")
case = made["case_id"]
check(chen.request("GET", f"/api/cases/{case}")[0] == 200, "it is chen's case")
status, refused = people.apply(agent, "shop_sign_filing", SIGN)
check(status == 403 and refused["code"] == "spine.scope", f"outside the scope: {status} {refused}")
status, own = people.apply(chen, "shop_sign_filing", SIGN)
check(status == 201, f"chen's own: {own}")
check(agent.request("GET", f"/api/cases/{own['case_id']}")[0] == 404 and agent.request("GET", f"/api/cases/{case}")[0] == 200, "an agent sees what the authority covers, nothing else")
check({c["case_id"] for c in agent.request("GET", "/api/cases")[1]["items"]} == {case}, "in lists too")
for path in ("/api/certificates", "/api/accesses", "/api/certificate-uses"):
    check(agent.request("GET", path)[0] == 403, f"{path} is not for an agent of one matter")
check(agent.request("GET", "/api/profile?full=1")[1].get("id_number") is None, "nor the whole number")
check(agent.request("POST", "/api/authorities", {"name": "赵立新", "number": people.number("zhao"), "matters": [], "days": 5})[0] == 403, "authority in part is not passed on")
check(people("p06").request("GET", "/api/session")[1]["delegations"] == [] or all(d["name"] != "陈玉珍" for d in p06.request("GET", "/api/session")[1]["delegations"]), "an authority that has run out is none")

# --- it ends while the agent applies: told clearly, and nothing is sent in anybody's name
check(chen.request("DELETE", "/api/authorities/" + given["subject"])[0] == 204, "taken back")
before = len(chen.request("GET", "/api/cases")[1]["items"]), len(xiaoyun.request("GET", "/api/cases")[1]["items"])
status, refused = people.apply(agent, "high_age_allowance", OLD)
check(status == 403 and refused["code"] == "spine.authority_ended" and "陈玉珍" in refused["errors"][0]["message"], f"told whose authority has ended: {status} {refused}")
check(agent.request("GET", "/api/matters/high_age_allowance/prefill")[0] == 403, "and nothing of hers is shown")
check(agent.request("GET", "/api/session")[1].get("lapsed") == "陈玉珍", "the session says so")
check((len(chen.request("GET", "/api/cases")[1]["items"]), len(xiaoyun.request("GET", "/api/cases")[1]["items"])) == before, "nothing was sent, for her or for himself")
check(act_for(agent)[0] == 200 and agent.request("GET", "/api/session")[1].get("lapsed") is None, "for oneself again")
check(chen.request("DELETE", "/api/authorities/" + given["subject"])[0] == 404, "not twice")

# --- at the very same moment: one wins, the other is told
won = {"applied": 0, "ended": 0}
for n in range(8):
    grant(chen)
    act_for(agent, "陈玉珍")
    answers = {}
    def race(name, call):  # noqa: E306
        answers[name] = call()
    threads = [threading.Thread(target=race, args=("apply", lambda: people.apply(agent, "high_age_allowance", OLD))),
               threading.Thread(target=race, args=("end", lambda: chen.request("DELETE", "/api/authorities/" + given["subject"])))]
    [t.start() for t in (threads if n % 2 else threads[::-1])]
    [t.join() for t in threads]
    status, said = answers["apply"]
    check(answers["end"][0] == 204 and (status == 201 or said.get("code") == "spine.authority_ended"), f"race: {status} {said}")
    won["applied" if status == 201 else "ended"] += 1
    if status == 201:
        check(chen.command("POST", f"/api/cases/{said['case_id']}/actions/withdraw", {"input": {}})[0] == 200, "it is a case of hers")
    act_for(agent)
print("authority races:", won)

# --- an enterprise's delegates: each in his scope; one whose time is over
firm = "云海鹭禾餐饮有限公司"
status, refused = people.apply(people("xiaoyun", firm), "company_change", {"what": "scope", "new_value": "增加零售", **PHONE})
check(status == 403 and refused["code"] == "spine.scope", f"a delegate for food licences: {status} {refused}")
check(people.apply(people("zhao", firm), "company_change", {"what": "scope", "new_value": "增加零售", **PHONE})[0] == 201, "a delegate for all")
check(all(d["name"] != firm for d in p06.request("GET", "/api/session")[1]["delegations"]), "a delegate whose time is over")

# --- guardians: who the register names; under fourteen with a separate consent
child = {"name": "小乐", "number": people.number("p09")}
status, refused, _ = chen.request("POST", "/api/guardianships", child)
check(status == 422 and "窗口" in refused["errors"][0]["message"], f"whom the register does not name goes to the counter: {status} {refused}")
engineer = people("engineer")
engineer.request("PUT", "/api/registers/household/mode", {"mode": "down"})
check(xiaoyun.request("POST", "/api/guardianships", child)[0] == 422, "a register that is down makes nobody a guardian")
engineer.request("PUT", "/api/registers/household/mode", {"mode": "up"})
status, guarded, _ = xiaoyun.request("POST", "/api/guardianships", child)
check(status == 201 and guarded["scope"] == ["guardian"] and guarded["until"].startswith("2037-05-01"), f"until the child is of age: {status} {guarded}")
mother = Client(server.port).sign_in("xiaoyun")
act_for(mother, "小乐")
form = {"address": "@fact", "basis": "school", "unchanged": True, **PHONE}
status, refused = people.apply(mother, "residence_permit_endorsement", form)
check(status == 422 and refused["errors"][0]["pointer"] == "/guardian_consent", f"under fourteen: the separate consent: {status} {refused}")
status, made = people.apply(mother, "residence_permit_endorsement", form, guardian_consent=True)
check(status == 201 and made["step"] == "granted", f"a guardian's application is decided by rules: {status} {made}")
check(mother.request("GET", "/api/certificates")[0] == 200, "a guardian sees the child's certificates")

# --- joint applicants
lease = {"address": "葵滨大道 18 号", "area": 60, "persons": 3, "title": "yes", "landlord": "@fact", "tenant": "赵立新", "tenant_number": "@number:zhao", "rent": 2600, "until": "@today+365", "contract": "@file", "both_sign": True, **PHONE}
body = {"form": people.filled(chen, "lease_filing", lease), "answers": {"title": "yes"}}
for wrong in ({"tenant_number": people.number("xiaoyun")}, {"tenant": "没有的人"}, {"tenant": "陈玉珍", "tenant_number": people.number("chen")}):
    status, refused, _ = chen.command("POST", "/api/matters/lease_filing/applications", {**body, "form": {**body["form"], **wrong}})
    check(status == 422 and refused["errors"][0]["pointer"] == "/form/tenant_number", f"a joint applicant that there is, another person: {status} {refused}")
key = uuid.uuid4().hex
status, waits, _ = chen.command("POST", "/api/matters/lease_filing/applications", body, key)
check(status == 202 and waits["waiting"] == ["赵立新"] and not waits["case_id"], f"waits: {status} {waits}")
again = chen.command("POST", "/api/matters/lease_filing/applications", body, key)[1]
check(again["joint"] == waits["joint"], "the same key is the same application")
joint = waits["joint"]
seen = next(j for j in zhao.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == joint)
check(seen["asked"] and seen["applicant"] == "陈**" and any(line["value"] == "葵滨大道 18 号" for line in seen["lines"]), f"who is asked sees what for, and the other's name masked: {seen}")
check(all(line["value"] != "13800000000" for line in seen["lines"]), "not the telephone number")
path = f"/api/joint-applications/{joint}/answer"
check(nobody.request("POST", path, {"agrees": True})[0] == 401 and xiaoyun.request("POST", path, {"agrees": True})[0] == 404 and people("police1").request("POST", path, {"agrees": True})[0] == 403, "nobody else confirms")
check(all(j["id"] != joint for j in xiaoyun.request("GET", "/api/joint-applications")[1]["items"]), "nobody else sees it")
check(chen.request("POST", path, {"agrees": True})[0] == 409, "the applicant does not confirm for the other")
zhao.request("POST", "/api/authorities", {"name": "周晓芸", "number": people.number("xiaoyun"), "matters": [], "days": 5})
deputy = Client(server.port).sign_in("xiaoyun")
act_for(deputy, "赵立新")
check(deputy.request("POST", path, {"agrees": True})[0] == 404, "an agent does not confirm: it is personal")
server.kill()
server.start()
for client in people.signed_in.values():
    client.port = server.port
status, done, _ = zhao.request("POST", path, {"agrees": True})
check(status == 200 and done["state"] == "submitted", f"confirmed on his own device, after a crash too: {status} {done}")
mine = next(j for j in chen.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == joint)
head = chen.request("GET", f"/api/cases/{mine['case_id']}")[1]["head"]
check(head["step"] == "granted", f"with the last yes it is decided: {head}")
check(zhao.request("POST", path, {"agrees": True})[0] == 409, "once")
joint2 = chen.command("POST", "/api/matters/lease_filing/applications", body)[1]["joint"]
check(chen.request("POST", f"/api/joint-applications/{joint2}/answer", {"agrees": False})[1]["state"] == "withdrawn", "the applicant withdraws")
check(zhao.request("POST", f"/api/joint-applications/{joint2}/answer", {"agrees": True})[0] == 409, "then nobody confirms it")

# --- shareholders: the new one and those of the register confirm, whoever sends it has by that; files are opened, numbers masked
DINER = "云海鹭禾餐饮有限公司"
diner = people("zhao", DINER)
deputy.port = server.port
shares = {"what": "shareholder", "new_value": "周晓芸入股百分之十", "resolution": "@file", "holder": "周晓芸", "holder_number": "@number:xiaoyun", **PHONE}
status, waits = people.apply(diner, "company_change", shares)
check(status == 202 and sorted(waits["waiting"]) == ["周晓芸", "陈玉珍"], f"the new and the old wait: {status} {waits}")
joint = waits["joint"]
seen = {who: next(j for j in people(who).request("GET", "/api/joint-applications")[1]["items"] if j["id"] == joint) for who in ("chen", "xiaoyun")}
whole = people.number("xiaoyun")
check(seen["chen"]["applicant"] == DINER, f"the firm is named: {seen['chen']['applicant']}")
check(whole not in str(seen["chen"]) and any(line["value"] == whole[:3] + "*" * 11 + whole[-4:] for line in seen["chen"]["lines"]), "another's number is masked")
check(any(line["value"] == whole for line in seen["xiaoyun"]["lines"]), "one's own is not")
file = next(line["files"][0] for line in seen["chen"]["lines"] if line.get("files"))
for who, code in ((chen, 200), (xiaoyun, 200), (diner, 200), (nobody, 401), (people("p06"), 404), (people("police1"), 403), (deputy, 404)):
    check(who.request("GET", f"/api/joint-applications/{joint}/files/{file}")[0] == code, f"who opens what is to be confirmed: {code}")
check(chen.request("GET", f"/api/joint-applications/{joint}/files/{'0' * 64}")[0] == 404 and chen.request("GET", f"/api/joint-applications/{'0' * 32}/files/{file}")[0] == 404, "a file of that application")
for who, state in ((xiaoyun, "waiting"), (chen, "submitted")):
    status, done, _ = who.request("POST", f"/api/joint-applications/{joint}/answer", {"agrees": True})
    check(status == 200 and done["state"] == state, f"{state}: {done}")
market = people("market1").request("GET", f"/api/cases/{next(j for j in diner.request('GET', '/api/joint-applications')[1]['items'] if j['id'] == joint)['case_id']}")[1]
check(market["head"]["step"] == "accept", "then people look at it")
status, waits = people.apply(diner, "company_change", {**shares, "holder": "陈玉珍", "holder_number": "@number:chen"})
check(status == 202 and waits["waiting"] == ["陈玉珍"], f"who is both is asked once: {waits}")
status, done, _ = chen.request("POST", f"/api/joint-applications/{waits['joint']}/answer", {"agrees": False, "why": "没有开过股东会"})
check(status == 200 and done["state"] == "declined", "one objects: nothing begins")
mine = next(j for j in diner.request("GET", "/api/joint-applications")[1]["items"] if j["id"] == waits["joint"])
check(mine["why"] == "没有开过股东会" and "case_id" not in mine, f"and the firm is told why: {mine}")
status, refused = people.apply(people("zhao", "云海远帆商贸有限公司"), "company_change", shares)
check(status == 422 and "骆远帆" in refused["errors"][0]["message"] and "窗口" in refused["errors"][0]["message"], f"a shareholder who is not here: {status} {refused}")
engineer = people("engineer")
engineer.request("PUT", "/api/registers/company/mode", {"mode": "down"})
status, waits = people.apply(diner, "company_change", shares)
check(status == 202 and waits["waiting"] == ["周晓芸"], f"a register that does not answer turns nobody down: {status} {waits}")
engineer.request("PUT", "/api/registers/company/mode", {"mode": "up"})
check(people.apply(diner, "company_change", {"what": "phone", "new_value": "0990-8880099", **PHONE})[0] == 201, "what does not touch the shares asks nobody")

# --- forms: fields that are not asked, values that are worked out, checks; the server's answer is the only one
ask = lambda t, f, who=nobody: who.request("POST", f"/api/case-types/{t}/form", {"form": f})[1]  # noqa: E731
view = ask("birth_household_entry", {"parents": "single"})
check({"other_parent", "other_number"} <= set(view["hidden"]), f"not asked: {view}")
check("other_parent" not in ask("birth_household_entry", {"parents": "married"})["hidden"], "asked")
view = ask("road_permit", {"what": "occupy", "area": 20, "from": "2026-12-01", "until": "2026-12-03"})
check(view["computed"] == {"days": 3, "fee": 30} or view["computed"] == {"days": 3, "fee": 30.00}, f"worked out: {view}")
view = ask("road_permit", {"what": "occupy", "area": 20, "from": "2026-12-03", "until": "2026-12-01"})
check(view["faults"] and view["faults"][0]["field"] == "until", f"a check over two fields: {view}")
check(ask("road_permit", {"area": "many", "from": 7})["computed"]["days"] is None, "nonsense gives nothing, not an error")
builder = people("zhao", "云海安岭建筑工程有限公司")
road = {"what": "occupy", "place": "葵滨大道 18 号门前", "area": 8, "from": "@today+12", "until": "@today+10", "plan": "@file", "way": "check", **PHONE}
status, refused = people.apply(builder, "road_occupation", road)
check(status == 422 and refused["errors"][0]["pointer"] == "/form/until", f"the same check when it is sent: {status} {refused}")
status, made = people.apply(builder, "road_occupation", {**road, "until": "@today+13", "fee": 0, "new_road": True})
check(status == 201, f"{status} {made}")
kept = builder.request("GET", f"/api/cases/{made['case_id']}")[1]["form"]
check(kept["fee"] == 8 and "new_road" not in kept, f"what is computed cannot be sent, what is not asked is not kept: {kept}")

# --- afterwards: one in fifty is checked (U10), without delay; what was promised is waited for
city = people("city_mgmt1")
if "sm3" in hashlib.algorithms_available:
    expected = set()
    for _ in range(150):
        status, made = people.apply(p06, "shop_sign_filing", SIGN)
        check(status == 201 and made["step"] == "granted", f"granted at once: {made}")
        drawn = hashlib.new("sm3", made["case_id"].encode()).digest()
        if int.from_bytes(drawn[:2], "big") % 50 == 0:
            expected.add(made["case_id"])
    listed = {c["case_id"] for c in city.request("GET", "/api/matter-checks")[1]["items"] if c["kind"] == "sample"}
    check(expected <= listed, f"the sample is drawn by the id of the case: {expected} {listed}")
    for sampled in sorted(expected)[:1]:
        check(people("market1").request("POST", f"/api/matter-checks/{sampled}/sample", {"result": "agrees", "note": "核对无误"})[0] == 404, "another unit does not check it")
        check(city.request("POST", f"/api/matter-checks/{sampled}/sample", {"result": "agrees", "note": "核对无误"})[0] == 200, "checked by name")
        check(city.request("POST", f"/api/matter-checks/{sampled}/sample", {"result": "agrees", "note": "核对无误"})[0] == 409, "once")
        check(any("事后核查" in a["purpose"] for a in p06.request("GET", "/api/accesses")[1]["items"]), "and the person sees it")
    print("sampled", len(expected), "of 150")
shop = {"shop_name": "承诺小店", "scope": "clothes", "place": "鹭洲路 19 号", "place_kind": "shop", **PHONE}
status, made = people.apply(zhao, "individual_business_new", shop, promises=["premises"])
listed = people("market1").request("GET", "/api/matter-checks")[1]["items"]
check(any(c["case_id"] == made["case_id"] and c["kind"] == "later:premises" and c["name"] == "住所使用证明" for c in listed), f"what follows by promise is waited for: {listed[:3]}")
status, made = people.apply(xiaoyun, "hygiene_licence_new", {"kind": "hair", "place": "碧溪街 3 号", "way": "promise", "promise": True, "layout": "@file", "rules": "@file", **PHONE})
listed = people("health1").request("GET", "/api/matter-checks")[1]["items"]
check(any(c["case_id"] == made["case_id"] and c["kind"] == "pledge" for c in listed), f"what was promised in place of proof is checked: {listed[:3]}")
check(nobody.request("GET", "/api/matter-checks")[0] == 401 and chen.request("GET", "/api/matter-checks")[0] == 403, "checks are the unit's")

checks.finish_with(server, postgres)
