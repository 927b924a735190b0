#!/usr/bin/env python3
"""The second dispatch of citizens' requests, inside a unit: liaison, section or community, person, and back; what each of them sees, and
what the others do not. With 'postgres' on PostgreSQL."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, begin  # noqa: E402

checks, check, postgres, server, _ = begin({"requests.training_delay_seconds": 3600})
nobody, xiaoyun = Client(server.port), Client(server.port).sign_in("xiaoyun")
LOGINS = ("gov_services1", "city_mgmt1", "city_mgmt2", "city_mgmt3", "city_mgmt_lead", "police1", "police_lead", "street_kuibin1", "street_kuibin2", "street_kuibin3", "leader")
staff = {n: Client(server.port).sign_in(n, True) for n in LOGINS}
desk, liaison, head, person, cg_lead, police, police_lead, street, community, worker, leader = (staff[n] for n in LOGINS)
WORDS = "碧澜花园北门的垃圾桶三天没人收了，苍蝇到处飞，请派人来清一下。"
REPLY = "经核查，碧澜花园北门垃圾桶因收运车辆故障三天没有清运。处理：今天上午已全部清运，改为每天两次收运。"
ids = {}
for unit, lead in (("city_mgmt", cg_lead), ("street_kuibin", street)):
    for p in lead.request("GET", f"/api/organisations/{unit}/staff")[1]["items"]:
        ids[p["name"], unit] = p["id"]
me = {n: ids[c.request("GET", "/api/session")[1]["name"], n.rstrip("123")] for n, c in staff.items() if n.rstrip("123") in ("city_mgmt", "street_kuibin")}


def act(who, case, action, **values):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values})


def one(who, case):
    return who.request("GET", f"/api/requests/{case}")


def listed(who, stage):
    return {i["case_id"] for i in who.request("GET", f"/api/requests?stage={stage}")[1]["items"]}


def boxes(who):
    """Every list of cases that a member of staff has."""
    return {i["case_id"] for scope in ("inbox", "department", "mine") for i in who.request("GET", f"/api/cases?scope={scope}")[1]["items"]}


def made(category="0101", place="碧澜花园", words=WORDS):
    answer = xiaoyun.command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": words, "phone": "13800000000"}})
    case = answer[1]["case_id"]
    assert act(desk, case, "dispatch", category=category, place=place)[0] == 200
    return case


def placed(who, login, section, head=None):
    body = {"person": me[login], "section": section}
    return who.request("POST", "/api/unit-sections/members", {**body, "head": head} if head is not None else body)


# --- who says where somebody stands
for who, expected in ((nobody, 401), (xiaoyun, 403), (liaison, 403), (leader, 403)):
    check(placed(who, "city_mgmt2", "cg_sanitation")[0] == expected, f"who may place people: {expected}")
check(placed(police_lead, "city_mgmt2", "cg_sanitation")[0] == 400, "another unit's supervisor places nobody here")
check(placed(cg_lead, "city_mgmt2", "c_bixi")[0] == 400, "not into another unit's section")
check(placed(cg_lead, "city_mgmt2", "cg_sanitation", True)[0] == 200 and placed(cg_lead, "city_mgmt3", "cg_sanitation")[0] == 200, "the unit's supervisor does")
view = head.request("GET", "/api/unit-sections")[1]
sanitation = next(s for s in view["items"] if s["id"] == "cg_sanitation")
check([p["head"] for p in sanitation["people"]] == [True, False] and view["mine"] == "cg_sanitation" and view["head"] and not view["may_change"], f"heads first: {view}")
liaison_ids = {p["id"] for p in view["liaison"]}
check(me["city_mgmt1"] in liaison_ids and not liaison_ids & {me["city_mgmt2"], me["city_mgmt3"]}, "who stands in none passes orders down")
for who, expected in ((nobody, 401), (xiaoyun, 403), (leader, 403)):
    check(who.request("GET", "/api/unit-sections")[0] == expected, f"who reads it: {expected}")
check(police.request("GET", "/api/unit-sections")[1]["items"] == [], "a unit that is not divided says so")

# --- down: liaison, section, person
case, other = made(), made("0106")
check(one(liaison, case)[1]["likely_section"] == "cg_sanitation" and one(liaison, other)[1]["likely_section"] == "cg_greening", "the list says where such orders go")
check({case, other} <= listed(liaison, "liaison") and not listed(head, "liaison") and not listed(person, "liaison"), "what is not passed down is the liaison's")
check(one(head, case)[0] == 404 and head.request("GET", f"/api/cases/{case}")[0] == 404 and not {case, other} & boxes(head), "and nobody else's, on no list")
check(act(head, case, "sign_in")[0] == 404, "nor can a section take it by itself")
check(act(liaison, case, "assign", section="c_bixi")[0] == 422 and act(liaison, case, "assign", section="没有这个科")[0] == 422, "only to a section of the unit")
check(act(police, case, "assign", section="cg_sanitation")[0] == 404, "another unit passes nothing down here")
check(act(liaison, case, "assign", section="环卫科", note="今天去看")[0] == 200, "by name or by id")
check(one(liaison, case)[1]["head"]["stage"] == "section" and one(head, case)[1]["section_name"] == "环卫科", "the section has it")
check(case in listed(head, "section") and case in boxes(head) and case in listed(liaison, "section"), "its head sees it, and so does who passed it down")
check(one(person, case)[0] == 404 and case not in boxes(person), "a member does not until it is given")
check(next(s for s in liaison.request("GET", "/api/unit-sections")[1]["items"] if s["id"] == "cg_sanitation")["open"] == 1, "and it is counted there")
check(act(head, case, "give", person=me["city_mgmt1"])[0] == 422 and act(head, case, "give", person=me["street_kuibin1"])[0] == 422, "given to a person of the section only")
check(act(person, case, "take")[0] == 404, "who cannot see it cannot take it")
check(act(head, case, "give", person=me["city_mgmt3"])[0] == 200, "given to a person")
check(one(person, case)[1]["owner_name"] and case in listed(person, "handle") and case in boxes(person), "who has it now")
told = str(liaison.request("GET", f"/api/cases/{case}")[1]["timeline"])
check(me["city_mgmt3"] not in told and "环卫科" in told, "the way is told in names")
check("环卫科" not in str(xiaoyun.request("GET", f"/api/cases/{case}")[1]["timeline"]), "the person is told that it goes on, not to whom inside")
check(one(head, case)[0] == 200 and one(cg_lead, case)[0] == 200 and one(liaison, case)[0] == 200, "those above still see it")
check(one(police, case)[0] == 404 and one(community, case)[0] == 404 and police.request("GET", f"/api/cases/{case}")[0] == 404, "nobody outside the unit does")
found = person.request("GET", "/api/search?words=" + "%E5%9E%83%E5%9C%BE%E6%A1%B6")[1]["items"]
check(other not in {i["id"] for i in found}, "and a search does not find what is others'")

# --- up again, one step at a time, with a reason
check(act(person, case, "pass_up")[0] == 422, "not without a reason")
check(act(person, case, "pass_up", reason="不是我的路段，请另派。")[0] == 200 and one(head, case)[1]["head"]["stage"] == "section", "back to the section")
check(one(person, case)[0] == 404, "and no more the person's")
check(act(head, case, "pass_up", reason="归园林科，请改分。")[0] == 200 and one(liaison, case)[1]["head"]["stage"] == "liaison", "back to the liaison")
check(one(head, case)[0] == 404 and "section_name" not in one(liaison, case)[1], "and no more the section's")
check(act(liaison, case, "assign", section="cg_sanitation")[0] == 200 and act(head, case, "take")[0] == 200, "down again; the head takes it")
check(act(head, case, "reply", outcome="solved", reply=REPLY)[0] == 200 and act(cg_lead, case, "sign")[0] == 200, "answered as any other")
check(act(xiaoyun, case, "reopen", why="没有清运，还是满的")[0] == 200 and one(head, case)[1]["head"]["stage"] == "handle", "asked to go on, it comes back to who had it")
check("环卫科" not in str(xiaoyun.request("GET", f"/api/requests/{case}")[1]), "the person is not shown how a unit divides its work")

# --- without a section: back to the liaison; a unit that is not divided
check(act(liaison, other, "sign_in")[0] == 200 and act(liaison, other, "pass_up", reason="签收错了，重新分。")[0] == 200, "who signed in gives it back")
check(one(liaison, other)[1]["head"]["stage"] == "liaison", "to the liaison")

# --- a community of a street, as the demo has placed its people
below = made("0601", "碧溪河", "碧溪河边的楼道里堆满杂物，物业一直没有人管。")
check(one(street, below)[1].get("likely_section") == "c_bixi" and one(community, below)[0] == 404, f"the community of the place: {one(street, below)[1].get('likely_section')}")
check(act(street, below, "assign", section="c_bixi")[0] == 200 and act(community, below, "give", person=me["street_kuibin3"])[0] == 200, "street, community, person")
check(one(worker, below)[1]["head"]["stage"] == "handle", "who goes there with a telephone")

# --- handed over to the lead by who has it for a time: while it is handled, before it is signed in, and never by the lead itself
NOTE = "已到场看过，垃圾已临时遮盖，请牵头单位清运。"
sent = made()
check(act(liaison, sent, "hand_back", note=NOTE)[0] == 422, "the lead has nobody to hand it over to: before it signs in")
check(act(liaison, sent, "forward", street="street_kuibin")[0] == 200 and one(street, sent)[1]["head"]["stage"] == "handle", "the street has it, the bureau leads")
for who, expected in ((nobody, 401), (xiaoyun, 403), (police, 404), (liaison, 403)):
    check(act(who, sent, "hand_back", note=NOTE)[0] == expected, f"who hands it over: {expected}: {act(who, sent, 'hand_back', note=NOTE)[0]}")
check(act(street, sent, "hand_back", note="短")[0] == 422, "with what was done and what is left")
check(act(street, sent, "hand_back", note=NOTE)[0] == 200, "while it is handled")
view = one(liaison, sent)[1]
check(view["head"]["stage"] == "liaison" and view["head"]["unit_name"] == view["lead_name"] and "owner_name" not in view and sent not in listed(street, "liaison") | listed(street, "handle") and act(street, sent, "sign_in")[0] in (403, 404), f"the lead is to sign in, the street no longer has it: {view['head']}")
check(act(liaison, sent, "sign_in")[0] == 200 and act(liaison, sent, "hand_back", note=NOTE)[0] == 422, "nor while it handles it")
again = made()
check(act(liaison, again, "forward", street="street_kuibin")[0] == 200 and act(street, again, "pass_up", reason="还没有人去，先收回来。")[0] == 200, "the street's liaison takes it back")
check(one(street, again)[1]["head"]["stage"] == "liaison" and act(street, again, "hand_back", note=NOTE)[0] == 200, "before it is signed in")
check(one(liaison, again)[1]["head"]["stage"] == "liaison" and one(liaison, again)[1]["head"]["unit_name"] == view["lead_name"], "to the lead again")
section = made()
check(act(liaison, section, "forward", street="street_kuibin")[0] == 200 and act(street, section, "pass_up", reason="先分到社区去看。")[0] == 200 and act(street, section, "assign", section="c_bixi")[0] == 200, "a community has it")
check(act(community, section, "take")[0] == 200 and act(community, section, "hand_back", note=NOTE)[0] == 200, "from inside the unit, too")
check("section_name" not in one(liaison, section)[1] and section not in listed(community, "section") | listed(community, "handle"), "the section of one unit is not the next one's")

# --- all of it survives a kill
server.kill()
server.start()
for client in staff.values():
    client.port = server.port
check(one(worker, below)[0] == 200 and one(person, case)[0] == 404 and one(head, case)[0] == 200, "after a restart each sees the same")
check(placed(cg_lead, "city_mgmt2", "")[0] == 200 and one(head, other)[0] == 200, "who stands in no section any more sees all of the unit")
checks.finish_with(server, postgres)
