#!/usr/bin/env python3
"""Rulings into the responsibility list: proposed by the head of the desk, put in force by another, followed by dispatch from its day
on; refused when it would overlap, or when the wrong person asks. With 'postgres' on PostgreSQL."""
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin({"requests.training_delay_seconds": 3600})
LAMP = "碧澜花园门口的路灯不亮一周了，晚上看不见路，请修好。"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


def day(n):
    now = datetime.datetime.now(SHANGHAI) + datetime.timedelta(seconds=server.settings.get("demo.clock_ahead_seconds", 0))
    return (now + datetime.timedelta(days=n)).date().isoformat()


def told(text=LAMP):
    return people("xiaoyun").command("POST", "/api/cases", {"case_type": "service_request", "form": {"text": text, "phone": "13800000000"}})[1]["case_id"]


def act(who, case, action, **values):
    status, body, _ = people(who).command("POST", f"/api/cases/{case}/actions/{action}", {"input": values})
    check(status == 200, f"{who} {action}: {status} {body}")


def unit_of(case, category="0507", place="碧澜花园"):
    act("gov_services1", case, "dispatch", category=category, place=place)
    return people("gov_services1").request("GET", f"/api/requests/{case}")[1]


def ruled(unit, category="0507"):
    """Returned twice, and ruled on."""
    case = told()
    for n in range(2):
        act("gov_services1", case, "dispatch", category=category, place="碧澜花园")
        act("city_mgmt1", case, "return_order", reason="经核对，道路已移交，这一类不归本单位牵头。", should_go="交通")
    act("zs_lead", case, "rule", unit=unit, ruling="道路已移交交通局，路灯随道路由交通局管护，电话13812345678。")
    return case


def amendments(who="zs_lead"):
    return people(who).request("GET", "/api/duty-amendments")[:2]


def propose(who, case, area="", from_day=None):
    return people(who).request("POST", "/api/duty-amendments", {"request": case, "area": area, "from_day": from_day or day(1)})[:2]


def decide(who, item, agree=True, why=""):
    return people(who).request("POST", f"/api/duty-amendments/{item}/decision", {"agree": agree, "why": why})[:2]


def lead_in_list(category="0507"):
    return next(d for d in people("nobody").request("GET", "/api/duties")[1]["items"] if d["category"] == category)


case = ruled("交通运输局")
for who, code in (("nobody", 401), ("xiaoyun", 403), ("gov_services1", 403), ("city_mgmt1", 403), ("city_mgmt_lead", 403), ("designer", 403)):
    check(amendments(who)[0] == code and propose(who, case)[0] == code and decide(who, case)[0] == code, f"who sees and changes the list: {code} {who} {amendments(who)[0]}")
status, found = amendments()
check(status == 200 and found["items"] == [] and [r["case_id"] for r in found["rulings"]] == [case] and found["may_propose"] and found["earliest"] == day(1), f"a ruling that nothing was proposed from: {found}")
ruling = found["rulings"][0]
check(ruling["category"] == "0507" and "交通" in ruling["unit_name"] and "138" not in ruling["ruling"] and ruling["number"].endswith("1 号"), f"with its number, without others': {ruling}")
check(not amendments("leader")[1]["may_propose"] and propose("leader", case)[0] == 403, "the leader does not propose")
for wrong, code in (((told(),), 404), (("01a20631-43be-7000-b0e1-4dea22bf11d3",), 404), ((case, "moon"), 422), ((case, "", day(0)), 422), ((case, "", day(-3)), 422), ((case, "", "2026-13-01"), 422)):
    got = propose("zs_lead", *wrong)
    check(got[0] == code, f"{wrong}: {got}")
check(propose("zs_lead", case, "trunk_road")[0] == 422, "there the unit leads already")
before = unit_of(told())
check("城市管理" in before["lead_name"], f"until then: {before['lead_name']}")
status, made = propose("zs_lead", case)
item = made["items"][0]
check(status == 200 and item["state"] == "proposed" and item["from_day"] == day(1) and item["basis"] == ruling["number"] and not item["may_decide"] and made["rulings"] == [], f"proposed: {made}")
check(propose("zs_lead", case)[0] == 409, "once")
check("城市管理" in lead_in_list()["lead_name"], "a proposal changes nothing")
check(decide("zs_lead", item["id"])[0] == 403, "who proposed it does not put it in force")
check(decide("leader", item["id"], False)[0] == 400 and decide("leader", "01a20631-43be-7000-b0e1-4dea22bf11d3")[0] == 404, "a refusal says why; one that there is")
status, done = decide("leader", item["id"])
check(status == 200 and done["items"][0]["state"] == "in_force" and done["items"][0]["decided_by"] == "顾远" and done["items"][0].get("fault") is None, f"another does: {done}")
check(decide("leader", item["id"])[0] == 409, "once")
check("城市管理" in lead_in_list()["lead_name"] and "城市管理" in unit_of(told())["lead_name"], "today stays as it was")

# --- a second ruling: refused where it would overlap, and by the other person
again = ruled("水务局")
check(propose("zs_lead", again, "", day(1))[0] == 400 and "overlap" in str(propose("zs_lead", again, "", day(1))[1]), f"two on one day: {propose('zs_lead', again, '', day(1))}")
status, made = propose("zs_lead", again, "village", day(3))
second = next(i for i in made["items"] if i["state"] == "proposed")
check(status == 200 and second["area_name"], f"for one area: {second}")
status, done = decide("leader", second["id"], False, "村道还没有移交")
check(status == 200 and next(i for i in done["items"] if i["id"] == second["id"])["why"] == "村道还没有移交" and [r["case_id"] for r in done["rulings"]] == [again], "refused with a reason, and may be proposed anew")

# --- from its day on dispatch follows, after a restart too; what came before is what it was
old = told()
server.days_later(1)
people = type(people)(server)
after = unit_of(told())
check("交通" in after["lead_name"] and "裁决" in after["basis"] and any("城市管理" in h for h in after["helpers"]), f"dispatched to the new lead: {after['lead_name']} {after['basis']} {after['helpers']}")
check("交通" in lead_in_list()["lead_name"] and "裁决" in lead_in_list()["basis"], "the public list says so")
check("城市管理" in people("gov_services1").request("GET", f"/api/requests/{before['head']['case_id']}")[1]["lead_name"], "who got it before keeps it")
preview = people("gov_services1").request("GET", f"/api/requests/{old}")[1]
check(preview["head"]["stage"] == "dispatch", "what waits goes by the list of the day on which it is dispatched")
log = [i["decided_by"] for i in amendments()[1]["items"] if i.get("decided_by")]
check(log == ["顾远", "顾远"], f"who decided stands there: {log}")
checks.finish_with(server, postgres)
