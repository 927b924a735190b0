#!/usr/bin/env python3
"""帮办代办 against a real server: a daughter, a neighbour and a firm ask; a helper is appointed, does not meet the person, comes
again, is called back about by another, and is sent once more. With 'postgres' on PostgreSQL."""
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Client, begin  # noqa: E402

checks, check, postgres, server, _ = begin()
PLACE = "云岭北街 9 号 3 栋 502"
FORM = {"whom": "family", "name": "陈玉珍", "agreed": True, "why": "old", "matter": "高龄津贴换一个银行账户", "way": "visit",
        "place": PLACE, "times": "上午都在家", "phone": "13800000000"}
daughter, neighbour, stranger = (Client(server.port).sign_in(n) for n in ("xiaoyun", "p06", "chen"))
lead, helper, caller, police = (Client(server.port).sign_in(n, True) for n in ("jd_lead", "street1", "street2", "police1"))


def ask(who, form):
    return who.command("POST", "/api/cases", {"case_type": "home_assistance", "form": form})


def act(who, case, action, **values):
    return who.command("POST", f"/api/cases/{case}/actions/{action}", {"input": values})


def view(who, case):
    return who.request("GET", f"/api/cases/{case}")[1]


def steps(who, case):
    return sorted(t["node"] for t in view(who, case)["tasks"])


# --- what is asked, and what is not
status, reply, _ = ask(daughter, {k: v for k, v in FORM.items() if k not in ("name", "agreed")})
fields = {e["pointer"].rsplit("/", 1)[-1] for e in reply.get("errors", [])}
check(status == 422 and "name" in fields, f"whose name: {status} {fields}")
status, reply, _ = ask(daughter, {**FORM, "agreed": False})
check(status == 422 and "征得本人同意" in str(reply), f"not behind the person's back: {status} {reply}")
status, reply, _ = ask(daughter, {**FORM, "whom": "self", "way": "video", "name": None, "agreed": None, "place": None})
check(status == 201, f"for oneself, by video, no address is asked: {status} {reply}")
own = reply["case_id"]

# --- a visit
status, reply, _ = ask(daughter, FORM)
check(status == 201, f"the daughter asks: {status} {reply}")
case = reply["case_id"]
check(steps(daughter, case) == ["appoint", "own"], "somebody is to be appointed, and it may be cancelled")
for who, what in ((stranger, "another resident"), (neighbour, "a neighbour"), (police, "another unit"), (Client(server.port), "nobody")):
    check(who.request("GET", f"/api/cases/{case}")[0] in (401, 403, 404), f"{what} does not see it")
    check(act(who, case, "appoint", helper="假冒的人", when="今天")[0] in (401, 403, 404), f"{what} appoints nobody")
said = str(view(helper, case))
check(PLACE not in said and "陈玉珍" not in said and "13800000000" not in said, "masked until somebody needs it")
check(PLACE in str(helper.request("GET", f"/api/cases/{case}/contact?purpose=" + urllib.parse.quote("上门帮办"))[1]), "the helper may look")
looks = daughter.request("GET", "/api/accesses")[1]["items"]
check(any(l["case_id"] == case for l in looks), "and the look is told")
check(act(helper, case, "appoint", helper="自己", when="今天")[0] in (403, 409), "a clerk does not appoint himself")
status, reply, _ = act(lead, case, "appoint", when="明天上午")
check(status == 422, f"whom: {status}")
check(act(lead, case, "appoint", helper="云岭社区 施帮办 0990-8880033", when="明天上午")[0] == 200, "appointed")
check("施帮办" in str(view(daughter, case)), "who comes is told, so that nobody opens to a stranger")
check(act(helper, case, "not_met", when="后天上午")[0] == 200, "nobody was at home")
check("help" in steps(helper, case), "and he goes again")
status, reply, _ = act(helper, case, "done", what="带着表格上门，本人确认后换好账户")
check(status == 422 and "authority" in str(reply), "on what authority is said")
check(act(helper, case, "done", what="带着表格上门，本人确认后换好账户", authority="present")[0] == 200, "done")
check(act(helper, case, "content", said="很满意")[0] in (403, 409), "whoever helped does not call back about himself")
check(act(caller, case, "again", said="账户号写错一位")[0] == 200, "it was not done")
check("appoint" in steps(lead, case), "somebody is sent again")
check(act(lead, case, "appoint", helper="云岭社区 施帮办 0990-8880033", when="今天下午")[0] == 200, "appointed again")
check(act(helper, case, "done", what="账户改正，本人看过", authority="present")[0] == 200, "done again")
check(act(caller, case, "content", said="这回对了")[0] == 200, "called back: done")
check(view(daughter, case)["head"]["status"] == "concluded", "concluded")
check(act(daughter, case, "withdraw")[0] in (403, 409), "nothing left to cancel")
check(act(stranger, case, "rate", grade=1)[0] in (403, 404), "another does not rate")
check(act(daughter, case, "rate", grade=1, comment="来得快")[0] == 200, "rated by the person")
check(act(daughter, case, "rate", grade=1)[0] in (403, 409), "once")

# --- cancelled, and what is not for us
check(act(daughter, own, "withdraw", why="自己弄好了")[0] == 200 and view(daughter, own)["head"]["status"] == "concluded", "cancelled")
check(act(lead, own, "appoint", helper="云岭社区 施帮办", when="明天")[0] in (403, 409), "nobody goes then")
status, reply, _ = ask(neighbour, {**FORM, "whom": "neighbour", "matter": "帮忙搬家", "why": "other"})
check(status == 201, f"a neighbour asks: {status}")
other = reply["case_id"]
check(act(lead, other, "unable", why="搬家不是政务服务")[0] == 422, "where to turn to must be said")
check(act(lead, other, "unable", why="搬家不是政务服务", where="社区志愿服务站 0990-8880040")[0] == 200, "told where to turn to")
check("志愿服务站" in str(view(neighbour, other)), "and the person reads it")
checks.finish_with(server, postgres)
