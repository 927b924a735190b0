#!/usr/bin/env python3
"""Drafting a version of a matter: everything that is wrong is said at once, another reviews it, it comes into force on its day, what was
in force stays, a case keeps its version, and the server knows it after a restart. With 'postgres' on PostgreSQL."""
import datetime
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import begin  # noqa: E402

checks, check, postgres, server, people = begin()
nobody, designer, lead, other, chen, market = (people(x) for x in ("nobody", "designer", "sj_lead", "wj_lead", "chen", "market1"))
DAY = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
M = "/api/matters/food_licence_new"


def draft(who, body, day=DAY):
    return who.request("POST", f"{M}/drafts", {"first_day": day, "body": body})[:2]


def review(who, made, verdict, **more):
    return who.request("POST", f"{M}/drafts/{made['draft']}/review", {"verdict": verdict, "revision": made["revision"], **more})[:2]


for client, code in ((nobody, 401), (chen, 403), (market, 403), (lead, 403)):
    check(client.request("GET", f"{M}/entry")[0] == code and draft(client, {})[0] == code, f"who drafts: {code}")
status, entry, _ = designer.request("GET", f"{M}/entry")
check(status == 200 and entry["unit"] == "market" and entry["body"]["promise"]["amount"] == 5, f"begun from what is in force: {str(entry)[:200]}")
body = entry["body"]
new = {**body, "promise": {"amount": 3, "unit": "workday"}, "summary": "开饭店、奶茶店、食堂先办许可，三个工作日办好。"}

# --- everything that is wrong with it is said, with what to do
for wrong, word in (({**new, "promise": {"amount": 30, "unit": "workday"}}, "法定"), ({**new, "materials": [{"id": "layout"}]}, "name"), ({**new, "id": "other"}, "id"),
                    ({**new, "case_type": "no_such"}, "case_type"), ({**new, "visits": 1}, "原因"), ({k: v for k, v in new.items() if k != "statutory"}, "statutory")):
    status, refused = draft(designer, wrong)
    check(400 <= status < 500 and any(word in e["message"] + e.get("pointer", "") for e in refused["errors"]), f"{word}: {status} {str(refused)[:300]}")
for day in ("2026-01-01", datetime.date.today().isoformat(), "yesterday!"):
    check(400 <= draft(designer, new, day)[0] < 500, f"not for {day}")
status, made = draft(designer, new)
check(status == 201 and {c["field"] for c in made["changes"]} == {"promise", "summary"}, f"drafted, with its differences: {status} {str(made)[:300]}")
check(nobody.request("GET", M)[1]["promise"]["amount"] == 5 and nobody.request("GET", f"{M}?day={DAY}")[1]["promise"]["amount"] == 5, "a draft is in force nowhere")

# --- two designers at once; submitted; returned with reasons; changed; published by the unit
status, changed, _ = designer.request("PUT", f"{M}/drafts/{made['draft']}", {"first_day": DAY, "body": {**new, "promise": {"amount": 4, "unit": "workday"}}, "revision": made["revision"]})
check(status == 200, f"changed: {changed}")
check(designer.request("PUT", f"{M}/drafts/{made['draft']}", {"first_day": DAY, "body": new, "revision": made["revision"]})[0] == 409, "not over what somebody else has changed")
check(review(lead, changed, "publish")[0] == 409 and review(designer, changed, "publish")[0] == 403, "published only after a review, by the unit")
status, submitted = review(designer, changed, "submit")
check(status == 200 and submitted["state"] == "review", f"submitted: {submitted}")
check(designer.request("PUT", f"{M}/drafts/{made['draft']}", {"first_day": DAY, "body": new, "revision": submitted["revision"]})[0] == 409, "not changed while it is reviewed")
check(review(other, submitted, "publish")[0] == 404 and review(chen, submitted, "publish")[0] == 403 and review(nobody, submitted, "publish")[0] == 401, "another unit does not see it")
check(review(lead, submitted, "return")[0] == 422, "returned with reasons")
status, returned = review(lead, submitted, "return", note="承诺改成三个工作日")
check(status == 200 and returned["state"] == "returned" and returned["reviewer"], f"returned by name: {returned}")
status, changed, _ = designer.request("PUT", f"{M}/drafts/{made['draft']}", {"first_day": DAY, "body": new, "revision": returned["revision"]})
submitted = review(designer, changed, "submit")[1]
food = {"trade": "catering", "place": "海棠街 8 号", "area": 60, "layout": "@file", "safety_rules": "@file", "equipment": "@file", "phone": "13800000000"}
case = people.apply(chen, "food_licence_new", food, answers={"trade": "catering"})[1]["case_id"]
answers = []
threads = [threading.Thread(target=lambda: answers.append(review(lead, submitted, "publish")[0])) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
check(sorted(answers) == [200, 409, 409], f"published once: {answers}")

# --- in force from its day; what was in force stays; a case keeps its version; the server knows it after a crash
def after():  # noqa: E302
    check(nobody.request("GET", M)[1]["promise"]["amount"] == 5, "today as it was")
    check(nobody.request("GET", f"{M}?day={DAY}")[1]["promise"]["amount"] == 3, "from its day as published")
    versions = nobody.request("GET", f"{M}/versions")[1]["items"]
    check(len(versions) == 2 and versions[0]["to"] < versions[1]["from"] == DAY and any(c["field"] == "promise" for c in versions[1]["changes"]), f"versions with their differences: {versions}")
    check(chen.request("GET", f"/api/cases/{case}/matter")[1]["name"] == "食品经营许可（新办）" and people.apply(chen, "food_licence_new", food, answers={"trade": "catering"})[0] == 201, "cases go on")


after()
server.kill()
server.start()
for client in people.signed_in.values():
    client.port = server.port
after()
check(draft(designer, new)[0] == 422, "two versions do not begin on one day")
later = (datetime.date.today() + datetime.timedelta(days=60)).isoformat()
status, second = draft(designer, {**new, "promise": {"amount": 2, "unit": "workday"}}, later)
check(status == 201 and [c["field"] for c in second["changes"]] == ["promise"], f"the next one follows the published one: {status} {str(second)[:300]}")
check(review(lead, review(designer, second, "submit")[1], "publish")[0] == 200, "published too")
check(nobody.request("GET", f"{M}?day={later}")[1]["promise"]["amount"] == 2, "in force from its day")
listed = designer.request("GET", "/api/matter-drafts")[1]["items"]
check([d["state"] for d in listed].count("published") == 2 and all("body" not in d for d in listed), f"the list: {listed}")
check(other.request("GET", "/api/matter-drafts")[1]["items"] == [], "another unit's are not shown")
# --- English texts come from the catalogue; what has none stays Chinese
english = nobody.request("GET", M, None, {"Accept-Language": "en"})[1]
check(english["matter"]["name"] == "Food licence" and english["materials"][0]["name"] == "Layout of the premises" and english["questions"][0]["answers"][0]["label"].startswith("Cooked"), f"in English: {english['matter']}")

checks.finish_with(server, postgres)
