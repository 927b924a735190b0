#!/usr/bin/env python3
"""Streets that are occupied (城市道路管理条例): small works by promise, the fee before the permit, the rest of it back for who finishes
early. With 'postgres' on PostgreSQL."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin()
FIRM = "云海安岭建筑工程有限公司"
builder, other_firm, xiaoyun, nobody = people("zhao", FIRM), people("zhao", "云海青禾物流有限公司"), people("xiaoyun"), people("nobody")
clerk, lead, police, leader = people("transport1"), people("transport_lead"), people("police1"), people("leader")
SMALL = {"what": "occupy", "place": "海棠街 28 号门前", "area": 8, "from": "@today-2", "until": "@today+2", "plan": "@file", "way": "promise", "promise": True, "phone": "13800000000"}


def apply(**more):
    status, made = people.apply(builder, "road_occupation", {**SMALL, **more})
    check(status == 201, f"sent: {status} {made}")
    return made


def handed(where, reason, **more):
    """Goes to people, who are told why; and is withdrawn, so that the next stands alone."""
    made = apply(**more)
    rules = matter(made["case_id"])["rules"]
    check(made["step"] == "accept" and any(reason in r["reason"] for r in rules if r["outcome"] == "manual"), f"{where}: {made} {rules}")
    form = builder.request("GET", f"/api/cases/{made['case_id']}")[1]["form"]
    check(act(builder, made["case_id"], "withdraw")[0] == 200, f"{where}: withdrawn")
    return form


def act(who, case, action, **given):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": given})[:2]


def matter(case, who=builder):
    return who.request("GET", f"/api/cases/{case}/matter")[1]


def pay(case):
    check(act(builder, case, "pay", serial="YH2026112300001")[0] == 200 and act(clerk, case, "paid")[0] == 200, "paid, and it has come")


# --- by promise: decided at once, paid, issued, looked at within three working days
made = apply()
case = made["case_id"]
told = matter(case)
check(made["step"] == "pay" and told["by_rules"] and told["outcome"] == "granted" and told["certificates"] == [], f"decided, to be paid: {made} {told}")
check({"payment", "pledge", "receipt"} <= {p["kind"] for p in told["papers"]} and next(p for p in told["papers"] if p["kind"] == "payment")["number"], f"its papers: {told['papers']}")
view = builder.request("GET", f"/api/cases/{case}")[1]
check(view["head"]["status"] == "awaiting_applicant" and view["deadline"]["state"] == "done", f"no limit of the office runs any more: {view.get('deadline')}")
check(not any(c["case_id"] == case for c in clerk.request("GET", "/api/matter-checks")[1]["items"]), "nothing to look at before the permit is issued")
check(act(clerk, case, "paid")[0] == 409, "nothing has been paid")
pay(case)
check(len(matter(case)["certificates"]) == 1, "issued")
waits = [c for c in clerk.request("GET", "/api/matter-checks")[1]["items"] if c["case_id"] == case]
check(any(c["kind"] == "pledge" for c in waits), f"to be looked at: {waits}")

# --- what the promise is not for
handed("not on a main road", "主干道", place="葵滨大道 28 号门前")
handed("not without the promise", "由人决定", promise=False)
handed("not where no register knows the road", "查不到这条路", place="没有这条路 1 号")
check("way" not in handed("not for more than ten square metres", "由人决定", area=11, traffic="@file"), "it is not even asked")
check("way" not in handed("nor for more than five days", "由人决定", until="@today+3", traffic="@file"), "it is not even asked")
status, said = people.apply(builder, "road_occupation", {**SMALL, "way": None})
check(status == 422 and said["errors"][0]["pointer"] == "/form/way", f"the way is chosen: {status} {said}")
engineer = people("engineer")
check(engineer.request("PUT", "/api/registers/roads/mode", {"mode": "down"})[0] == 200, "the register of roads is down")
down = apply()
check(down["step"] == "accept" and matter(down["case_id"])["rules"][0]["code"] == "U2", f"people look: {matter(down['case_id'])['rules']}")
check(act(builder, down["case_id"], "withdraw")[0] == 200, "withdrawn")
engineer.request("PUT", "/api/registers/roads/mode", {"mode": "up"})

# --- finished early: reported by the holder, looked at by one, approved by another, the amount worked out by nobody's hand
view = builder.request("GET", f"/api/cases/{case}")[1]
offered = [a for t in view["tasks"] for a in t["actions"]]
check("finished" in offered and "rate" in offered, f"both stand open: {offered}")
photo = people.filled(builder, "road_occupation", SMALL)["plan"]
check(act(builder, case, "finished")[0] == 422, "not without photos of the restored road")
for who, code in ((nobody, (401,)), (xiaoyun, (404,)), (other_firm, (404,)), (police, (403, 404)), (clerk, (403,)), (leader, (403, 404))):
    check(act(who, case, "finished", photos=photo)[0] in code, f"who reports it: {act(who, case, 'finished', photos=photo)}")
check(act(clerk, case, "restored", inspectors="甲、乙")[0] == 409, "nothing has been reported")
check(act(builder, case, "finished", photos=photo, note="提前两天完工")[0] == 200, "reported")
view = clerk.request("GET", f"/api/cases/{case}")[1]
task = next(t for t in view["tasks"] if t["node"] == "refund_check")
check(task["worked"] == {"days_left": 2, "refund": 8}, f"two days of eight square metres at half a yuan: {task.get('worked')}")
check(act(clerk, case, "not_restored", why="还有围挡没有拆走")[0] == 200, "not restored")
check(act(builder, case, "finished", photos=photo)[0] == 200, "reported again")
for who, code in ((nobody, (401,)), (builder, (403, 409)), (police, (404, 403)), (leader, (403, 404))):
    check(act(who, case, "restored", inspectors="甲、乙")[0] in code, f"who looks at the place: {code}")
check(act(clerk, case, "restored")[0] == 422, "by two, by name")
check(act(clerk, case, "restored", inspectors="甲、乙", refund=9999)[0] == 200, "restored; what is sent for the amount counts for nothing")
check(act(clerk, case, "refund")[0] in (403, 409), "who has looked does not approve")
check(act(lead, case, "check_again", why="照片看不清")[0] == 200 and act(clerk, case, "restored", inspectors="甲、乙")[0] == 200, "looked at again")
status, answer = act(lead, case, "refund")
check(status == 200, f"approved: {status} {answer}")
acted = next(e for e in builder.request("GET", f"/api/cases/{case}")[1]["timeline"] if e.get("action") == "refund")
check(acted["input"] == {"days_left": 2, "refund": 8}, f"recorded: {acted['input']}")
paper = next(p for p in matter(case)["papers"] if p["kind"] == "refund")
check("退字〔" in paper["number"], f"the notice of refund: {paper}")
status = builder.request("GET", f"/api/cases/{case}/papers/refund")[0]
check(status == 200, "and it prints")
check(act(builder, case, "finished", photos=photo)[0] == 409 and act(lead, case, "refund")[0] in (403, 409), f"once: {act(lead, case, 'refund')}")
check(act(builder, case, "rate", grade=1)[0] == 200, "rated all the same")
check(len(matter(case)["certificates"]) == 1 and matter(case)["outcome"] == "granted", "the permit stands")

# --- by people: the same fee, the same way back; nothing back for urgent repairs, which cost nothing
slow = apply(place="葵滨大道 40 号门前", way="check", promise=None)["case_id"]
check(builder.request("GET", f"/api/cases/{slow}")[1]["deadline"]["state"] == "running", "here the limit runs")
check(police.request("GET", f"/api/cases/{slow}")[0] == 404 and act(police, slow, "agree")[0] == 404, "the police see nothing of it before they are asked")
for who, action, given in ((clerk, "accept", {}), (clerk, "reviewed", {"view": "grant", "grounds": "两人核查，情况属实", "inspectors": "甲、乙"})):
    check(act(who, slow, action, **given)[0] == 200, action)
early = act(lead, slow, "grant")
check(early[0] in (403, 409), f"not before the traffic police have said what they think: {early}")
for who, code in ((nobody, (401,)), (builder, (403, 409)), (people("health1"), (404,)), (clerk, (403, 409)), (lead, (403, 409)), (leader, (403, 404))):
    check(act(who, slow, "agree")[0] in code, f"who speaks for the police: {act(who, slow, 'agree')}")
check(act(police, slow, "object")[0] == 422, "an objection has its reasons")
check(act(police, slow, "agree", conditions="夜间设警示灯")[0] == 200 and act(lead, slow, "grant")[0] == 200, "agreed, and granted")
check(any(e.get("action") == "agree" and e["input"]["conditions"] == "夜间设警示灯" for e in builder.request("GET", f"/api/cases/{slow}")[1]["timeline"]), "the firm reads the conditions")
check(not matter(slow)["by_rules"], "by people")
pay(slow)
check(not any(c["case_id"] == slow for c in clerk.request("GET", "/api/matter-checks")[1]["items"]), "what people have looked at before is not looked at again")
check(act(builder, slow, "finished", photos=photo)[0] == 200, "the way back is the same")
repair = apply(what="repair", way=None, promise=None, traffic=None, pipes="@file", **{"from": "@today+0", "until": "@today+1"})
check(repair["step"] == "granted" and "finished" not in [a for t in builder.request("GET", f"/api/cases/{repair['case_id']}")[1]["tasks"] for a in t["actions"]], f"no fee, nothing back: {repair}")
check(not any(c["case_id"] == repair["case_id"] and c["kind"] == "pledge" for c in clerk.request("GET", "/api/matter-checks")[1]["items"]), "no promise was made there")
checks.finish_with(server, postgres)
