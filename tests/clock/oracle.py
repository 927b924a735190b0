#!/usr/bin/env python3
"""An independent, slow reading of the clock model: every answer is computed from nothing, day by day.

Used as the other side of a comparison: oracle.py --cases N --seed S --program build/…/yiwang.
Deliberately shares no idea with the C++ code: each ask replays all events up to it, each due date is walked again.
"""
import argparse
import calendar
import datetime
import json
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPOCH = datetime.datetime(1970, 1, 1)
DAY = datetime.timedelta(days=1)
FAR = datetime.datetime(9000, 1, 1)


class Refuse(Exception):
    def __init__(self, code, **where):
        super().__init__(code)
        self.body = {"code": code, **{k: v for k, v in where.items() if v is not None}}


class Unknown(Exception):
    pass


def load_files():
    files = {}
    for path in (ROOT / "packs/common/calendars").glob("*.json"):
        data = json.loads(path.read_text())
        files[data["year"]] = data
    return files


FILES = load_files()


def instant(text):
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?", text)
    if not found:
        raise ValueError
    day = datetime.datetime.strptime(found[1], "%Y-%m-%d")
    if found[2] is None:
        return day
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
    value = day.replace(hour=hour, minute=minute, second=second)
    if found[5] == "Z":
        value += datetime.timedelta(hours=8)
    elif found[5]:
        sign = -1 if found[5][0] == "-" else 1
        value += datetime.timedelta(hours=8) - sign * datetime.timedelta(hours=int(found[5][1:3]), minutes=int(found[5][4:6]))
    return value


def show(value):
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def date_of(value):
    return value.replace(hour=0, minute=0, second=0)


def iso(day):
    return day.strftime("%Y-%m-%d")


class Book:
    """§3 for one clock: the calendar with the decrees that reach it."""

    def __init__(self, spec, decrees):
        self.spec, self.decrees, self.provisional = spec, decrees, False
        hours = spec.get("hours") or [["09:00", "12:00"], ["14:00", "18:00"]]
        self.hours = [tuple(datetime.timedelta(hours=int(x[:2]), minutes=int(x[3:])) for x in pair) for pair in hours]
        self.close = self.hours[-1][1]

    def kind(self, day):
        key, plain = iso(day), ("weekend" if day.weekday() >= 5 else "work")
        forced = None
        for name, table in [("override", self.spec.get("override") or {})] + [(d["id"], d.get("days") or {}) for d in self.decrees]:
            if key in table:
                forced = (name, table[key])
        if forced:
            if forced[1] == "rest":
                return "holiday", forced[0]
            return ("makeup" if day.weekday() >= 5 else "work"), None
        files = FILES if self.spec["base"] == "cn" else {}
        limit = self.spec.get("known_through")
        if day.year in files and (limit is None or key <= limit):
            if key in files[day.year]["holidays"]:
                return "holiday", files[day.year]["holidays"][key]
            if key in files[day.year]["makeup"]:
                return "makeup", None
            return plain, None
        if files and day.year >= min(files):
            for decree in self.decrees:
                if decree.get("known_through") and key <= decree["known_through"]:
                    return plain, None
        if self.spec.get("unknown") == "provisional":
            self.provisional = True
            return plain, None
        raise Unknown(key)

    def works(self, day):
        return self.kind(day)[0] in ("work", "makeup")


def month_later(day, months):
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.datetime(year, month + 1, min(day.day, last)), day.day > last


class Due:
    def __init__(self):
        self.at = self.nominal = self.day = None
        self.lines, self.counted, self.begun = [], set(), 0
        self.excluded, self.spans, self.first = (lambda d: []), [], None
        self.error, self.provisional, self.total = None, False, 0

    def mark(self, kind, day, step=1, name=None, reasons=None, total=None):
        last = self.lines[-1] if self.lines else None
        if last and last["kind"] == kind and last.get("name") == name and last.get("reasons") == reasons \
                and last.get("_next") == (day, step):
            last["to"], last["days"] = iso(day), last["days"] + 1
        else:
            last = {"kind": kind, "from": iso(day), "to": iso(day), "days": 1}
            if name:
                last["name"] = name
            if reasons:
                last["reasons"] = reasons
            self.lines.append(last)
        if total is not None:
            last["total"] = total
        last["_next"] = (day + step * DAY, step)


def due_of(clock, book, start, anchor, pauses, extensions):
    out = Due()
    try:
        fill_due(out, clock, book, start, anchor, pauses, extensions)
    except Unknown as unknown:
        out.error, out.at, out.lines = str(unknown), None, []
    for line in out.lines:
        line.pop("_next", None)
    out.provisional = book.provisional
    return out


def fill_due(out, clock, book, start, anchor, pauses, extensions):
    get = clock.get
    unit, before = clock["unit"], get("direction") == "before"
    roll = get("roll", "backward" if before else "forward")
    months = clock["amount"] * (12 if unit == "year" else 1)

    def end(day):
        out.day = day
        out.at = day + DAY - datetime.timedelta(seconds=1)
        if get("end_time", "close") == "close" and book.works(day):
            out.at = day + book.close
        out.lines.append({"kind": "due", "at": show(out.at)})

    if before:
        base = anchor or date_of(start)
        out.mark("anchor", base, -1)
        day, total = base, 0
        if unit in ("month", "year"):
            target, clamped = month_later(base, -months)
            out.lines.append({"kind": "months", "months": months, "from": iso(base), "to": iso(target), "clamped": clamped,
                              "days": (base - target).days})
            while day > target:
                day -= DAY
                total += 1
                out.mark("count", day, -1, total=total)
        else:
            want = clock["amount"] + (1 if get("clear") else 0)
            while total < want:
                day -= DAY
                kind, name = book.kind(day) if unit == "workday" else ("work", None)
                if kind in ("weekend", "holiday"):
                    out.mark(kind, day, -1, name)
                else:
                    total += 1
                    out.mark("makeup" if kind == "makeup" else "count", day, -1, total=total)
        nominal = day
        if unit != "workday" and roll != "none":
            step = 1 if roll == "forward" else -1
            while not book.works(day):
                out.mark("roll", day, step)
                day += step * DAY
        end(day)
        out.nominal = nominal
        return

    # Bounded pauses first (5.4), in the order of events.
    spans = []
    for pause in pauses:
        to = pause["to"]
        if pause["max"]:
            day, left = date_of(pause["from"]), pause["max"]["amount"]
            while left:
                day += DAY
                if pause["max"]["unit"] == "day" or book.works(day):
                    left -= 1
            to = min(to or FAR, day + DAY)
        spans.append((pause["from"], to, pause["reason"]))
    out.spans = spans
    setting = get("pause_days", "from_event_day")

    def excluded(day):
        found = []
        for begin, to, reason in spans:
            low = date_of(begin) + (DAY if setting in ("after_event_day", "neither") else 0 * DAY)
            high = None if to is None else date_of(to) - (0 * DAY if setting in ("after_event_day", "both") else DAY)
            if low <= day and (high is None or day <= high):
                found.append((reason, high is None))
        return found

    out.excluded = excluded

    effective = date_of(start)
    move = get("on_rest_day") == "next_workday" and not book.works(effective)
    if not move and get("after_close") == "next_workday" and start - effective > book.close:
        move = book.works(effective)
    while move:
        out.mark("deferred", effective)
        effective += DAY
        move = not book.works(effective)

    if unit in ("hour", "workhour"):
        begin = start if effective == date_of(start) else effective + book.hours[0][0]
        if get("hour_start") == "next_hour":
            begin = begin.replace(minute=0, second=0) + datetime.timedelta(hours=1)
        out.lines.append({"kind": "start", "at": show(begin)})
        out.first = begin
        amount = (clock["amount"] + sum(extensions)) * 3600
        out.total = amount
        open_from = [max(a, begin) for a, b, _ in spans if b is None]
        stop = min(open_from) if open_from else None
        used, day = 0, date_of(begin)
        while True:
            if stop is not None and day > stop:
                break
            pieces = [(0 * DAY, DAY)] if unit == "hour" else (book.hours if book.works(day) else [])
            for low, high in pieces:
                now, last = max(begin, day + low), day + high
                if stop is not None:
                    last = min(last, stop)
                while now < last:
                    cover = sorted({r for a, b, r in spans if a <= now and (b is None or now < b)})
                    edges = [x for a, b, _ in spans for x in (a, b) if x is not None and x > now and (b is None or a < b)]
                    to = min([last] + edges)
                    if not cover:
                        to = min(to, now + datetime.timedelta(seconds=amount - used))
                        used += int((to - now).total_seconds())
                    kind = "paused" if cover else "count"
                    line = out.lines[-1]
                    if line["kind"] == kind and line.get("to") == show(now) and line.get("reasons", []) == cover:
                        line["to"] = show(to)
                        line["seconds"] += int((to - now).total_seconds())
                    else:
                        line = {"kind": kind, "from": show(now), "to": show(to), "seconds": int((to - now).total_seconds())}
                        if cover:
                            line["reasons"] = cover
                        out.lines.append(line)
                    if not cover:
                        line["total"] = used
                        out.counted.add((now, to))
                        if used == amount:
                            out.at, out.day, out.nominal = to, date_of(to), date_of(to)
                            out.lines.append({"kind": "due", "at": show(to)})
                            return
                    now = to
            day += DAY
            if stop is not None and day >= stop:
                break
        reasons = sorted({r for a, b, r in spans if a <= stop and (b is None or stop < b)})
        out.lines.append({"kind": "open_pause", "from": show(stop), "to": None, "reasons": reasons})
        return

    rule = get("start_rule", "next_day")
    first = effective
    if rule != "same_day":
        out.mark("start", effective)
        first += DAY
    if rule == "next_workday":
        while not book.works(first):
            out.mark("wait", first)
            first += DAY
    out.first = first
    parts = [[unit, clock["amount"], False]]
    for amount in extensions:
        other = clock["extension"].get("unit", unit)
        if other == parts[-1][0] and get("extend_from", "nominal") == "nominal":
            parts[-1][1] += amount
        else:
            parts.append([other, amount, True])

    def guess(part):
        return {"year": 360, "month": 30}.get(part[0], 1) * part[1]

    out.total = sum(guess(p) for p in parts)

    class Stuck(Exception):
        pass

    def blocked(day):
        """True when the day is excluded (and its line written)."""
        found = excluded(day)
        if not found:
            return False
        reasons = sorted({r for r, _ in found})
        if any(o for _, o in found):
            out.lines.append({"kind": "open_pause", "from": iso(day), "to": None, "reasons": reasons})
            raise Stuck
        out.mark("paused", day, 1, None, reasons)
        return True

    def forward(day):
        while True:
            if not blocked(day):
                if book.works(day):
                    return day
                out.mark("roll", day)
            day += DAY

    try:
        last, total = first - DAY, 0
        for index, (kind, amount, extra) in enumerate(parts):
            if extra:
                if get("extend_from") == "rolled" and roll == "forward" and parts[index - 1][0] != "workday":
                    last = forward(last)
                out.lines.append({"kind": "extension", "amount": amount, "unit": kind, "after": iso(last)})
            want = amount
            if kind in ("month", "year"):
                n = amount * (12 if kind == "year" else 1)
                if index == 0 and rule == "same_day":
                    target, clamped = month_later(effective, n)
                    target -= DAY * (0 if clamped else 1)
                else:
                    target, clamped = month_later(last, n)
                want = (target - last).days
                out.lines.append({"kind": "months", "months": n, "from": iso(last), "to": iso(target), "clamped": clamped, "days": want})
                out.total += want - 30 * n
            day = last
            while want:
                day += DAY
                if blocked(day):
                    continue
                sort, name = book.kind(day) if kind == "workday" else ("work", None)
                if sort in ("weekend", "holiday"):
                    out.mark(sort, day, 1, name)
                    continue
                want -= 1
                total += 1
                out.counted.add(day)
                out.mark("makeup" if sort == "makeup" else "count", day, 1, total=total)
            last = day
        day = last
        if parts[-1][0] != "workday":
            if roll == "forward":
                day = forward(day)
            elif roll == "backward":
                while not book.works(day):
                    out.mark("roll", day, -1)
                    day -= DAY
        end(day)
        out.nominal = last
    except Stuck:
        pass


class Clock:
    def __init__(self, spec):
        self.id, self.spec, self.phase, self.round = spec["id"], spec, "not_started", 0
        self.start = self.stop = self.anchor = None
        self.derived = self.fired = self.late = False
        self.pauses, self.ext, self.holds, self.decrees, self.recalc = [], [], 0, [], []
        self.frozen = None

    def due(self, case):
        if self.frozen:
            return self.frozen
        return due_of(self.spec, Book(case["calendar"], self.decrees), self.start, self.anchor, self.pauses, self.ext)


class World:
    """All events up to T."""

    def __init__(self, case, events, until, version):
        self.case, self.until = case, until
        self.warnings, self.derived, self.open, self.decrees, self.over = [], [], [], [], False
        self.clocks = []
        self.by_start = case["rule"].get("select") == "clock_start" and "versions" in case["rule"]
        specs = version["clocks"] if not self.by_start else [c for v in case["rule"]["versions"] for c in v["clocks"]]
        for spec in specs:
            if spec["id"] not in [c.id for c in self.clocks]:
                self.clocks.append(Clock(spec))
        for index, event in enumerate(events):
            t = instant(event["at"])
            if t > until:
                break
            self.settle(t)
            self.event(event, t, index)
        self.settle(until)

    def settle(self, t):
        while True:
            late = [(c.due(self.case).at, i, c) for i, c in enumerate(self.clocks)
                    if c.phase == "running" and not c.fired and (c.spec.get("on_expiry") or {}).get("event")]
            late = sorted([x for x in late if x[0] is not None and x[0] < t], key=lambda x: x[:2])
            if not late:
                return
            at, _, clock = late[0]
            clock.fired = True
            rule = clock.spec["on_expiry"]
            effective = clock.start if rule.get("effective", "period_end") == "receipt" else at
            self.derived.append({"type": rule["event"], "at": show(effective), "known_at": show(at), "from_clock": clock.id})
            self.act(rule["event"], effective, None, None, clock)

    def spec_on(self, clock, t):
        if not self.by_start:
            return clock.spec
        version = in_force(self.case["rule"]["versions"], t)
        return next((c for c in (version or {"clocks": []})["clocks"] if c["id"] == clock.id), None)

    def warn(self, code, clock, index):
        self.warnings.append({"code": code, "clock": clock.id, **({} if index is None else {"event": index})})

    def act(self, kind, t, index, anchor, source):
        for clock in self.clocks:
            if clock is source:
                continue
            fresh = self.spec_on(clock, t)
            own = clock.spec if clock.round else fresh
            starts = bool(fresh) and kind in fresh.get("start_on", [])
            if own and kind in own.get("stop_on", []):
                if clock.phase in ("running", "held"):
                    if clock.phase == "running":
                        clock.frozen = clock.due(self.case)
                        clock.late = clock.frozen.at is not None and t > clock.frozen.at
                    clock.phase = "stopped" if clock.phase == "running" else "stopped_held"
                    clock.stop = t
                elif clock.phase == "not_started" and not starts:
                    raise Refuse("E_END_BEFORE_START", event=index, clock=clock.id)
            restarts = source is None and own and kind in own.get("restart_on", [])
            if clock.phase == "held" and restarts:
                self.begin(clock, own, t, anchor, False)
            elif starts:
                if clock.phase in ("running", "held"):
                    if source is None and not clock.derived:
                        raise Refuse("E_START_TWICE", event=index, clock=clock.id)
                    self.warn("W_ALREADY_STARTED", clock, index)
                else:
                    self.begin(clock, fresh, t, anchor, source is not None)
                    clock.holds = 0
            elif clock.phase == "running" and restarts:
                self.warn("W_RESTART_IGNORED", clock, index)
            elif clock.phase == "running" and source is None and kind in own.get("hold_on", []):
                self.hold(clock, t, index)

    def begin(self, clock, spec, t, anchor, derived):
        clock.spec, clock.phase, clock.round, clock.start = spec, "running", clock.round + 1, t
        clock.derived, clock.fired, clock.late, clock.anchor, clock.frozen = derived, False, False, anchor, None
        clock.ext, clock.recalc, clock.decrees = [], [], list(self.decrees)
        clock.pauses = [self.bound(clock, p) for p in self.open if self.touches(clock, p)]

    def hold(self, clock, t, index):
        if clock.holds >= clock.spec.get("hold_times", 1):
            return self.warn("W_HOLD_IGNORED", clock, index)
        within = clock.spec.get("hold_within")
        if within:
            spec = {"amount": within["amount"], "unit": within["unit"]}
            spec.update({k: clock.spec[k] for k in ("after_close", "on_rest_day", "end_time") if k in clock.spec})
            limit = due_of(spec, Book(self.case["calendar"], clock.decrees), clock.start, None, [], []).at
            if limit is not None and t > limit:
                return self.warn("W_HOLD_LATE", clock, index)
        clock.holds += 1
        clock.phase = "held"

    def touches(self, clock, pause):
        if clock.spec.get("direction") == "before":
            return False
        return pause["all"] or pause["reason"] in clock.spec.get("pause_reasons", {})

    def bound(self, clock, pause):
        max_ = None if pause["all"] else (clock.spec.get("pause_reasons", {}).get(pause["reason"]) or {}).get("max")
        return {**pause, "max": max_, "to": None}

    def event(self, event, t, index):
        if self.over:
            raise Refuse("E_AFTER_TERMINATE", event=index)
        kind = event["type"]
        if kind in ("pause", "suspend"):
            reason = "suspension" if kind == "suspend" else event.get("reason")
            key = reason if kind == "suspend" else event.get("key", reason)
            listed = [c.spec for c in self.clocks]
            if self.by_start:
                listed += [c for v in self.case["rule"]["versions"] for c in v["clocks"]]
            if kind == "pause" and not any(reason in s.get("pause_reasons", {}) for s in listed):
                raise Refuse("E_PAUSE_REASON", event=index)
            if any(p["key"] == key for p in self.open):
                raise Refuse("E_PAUSE_DUPLICATE", event=index)
            if self.open and self.case["rule"].get("overlap") == "error":
                raise Refuse("E_PAUSE_OVERLAP", event=index)
            pause = {"reason": reason, "key": key, "from": t, "all": kind == "suspend"}
            self.open.append(pause)
            for clock in self.clocks:
                if clock.phase == "running" and self.touches(clock, pause):
                    at = clock.due(self.case).at
                    if at is not None and t > at:
                        self.warn("W_PAUSE_AFTER_DUE", clock, index)
                    else:
                        clock.pauses.append(self.bound(clock, pause))
        elif kind in ("resume", "unsuspend"):
            key = "suspension" if kind == "unsuspend" else event.get("key", event.get("reason"))
            if not any(p["key"] == key for p in self.open):
                raise Refuse("E_RESUME_WITHOUT_PAUSE", event=index)
            self.open = [p for p in self.open if p["key"] != key]
            for clock in self.clocks:
                if clock.phase == "running":
                    for pause in clock.pauses:
                        if pause["key"] == key and pause["to"] is None:
                            pause["to"] = t
        elif kind == "extend":
            self.extend(event, t, index)
        elif kind == "calendar_change":
            if any(d < iso(date_of(t)) for d in event.get("days", {})):
                raise Refuse("E_CALENDAR_RETRO", event=index)
            before = {}
            for clock in self.clocks:
                if clock.phase == "running":
                    at = clock.due(self.case).at
                    if at is None or t <= at:
                        before[clock.id] = at
            self.decrees.append(event)
            for clock in self.clocks:
                if clock.phase == "held" or clock.id in before:
                    clock.decrees = list(self.decrees)
                if clock.id in before:
                    at = clock.due(self.case).at
                    if at != before[clock.id]:
                        clock.recalc.append({"event": index, "decree": event["id"], "old": show(before[clock.id]), "new": show(at)})
        elif kind == "terminate":
            self.over = True
            for clock in self.clocks:
                if clock.phase in ("running", "held"):
                    clock.phase, clock.stop = "terminated", t
        else:
            anchor = date_of(instant(event["date"])) if event.get("date") else None
            self.act(kind, t, index, anchor, None)

    def extend(self, event, t, index):
        name = event.get("clock")
        clock = next((c for c in self.clocks if c.id == name), None)

        def no(code):
            raise Refuse(code, event=index, clock=name)

        if clock is None or "extension" not in clock.spec:
            no("E_EXTEND_NOT_ALLOWED")
        if clock.phase != "running":
            no("E_EXTEND_STATE")
        at, rule = clock.due(self.case).at, clock.spec["extension"]
        if at is not None and t > at:
            no("E_EXTEND_LATE")
        if "by" in rule and event.get("by") not in rule["by"]:
            no("E_EXTEND_BY")
        if rule.get("reason_required", True) and not event.get("reason"):
            no("E_EXTEND_REASON")
        if len(clock.ext) >= rule.get("times", 1):
            no("E_EXTEND_TIMES")
        amount = event.get("amount", rule["max"])
        if amount < 1 or amount > rule["max"] or sum(clock.ext) + amount > rule.get("total", rule["max"] * rule.get("times", 1)):
            no("E_EXTEND_AMOUNT")
        clock.ext.append(amount)

    def status(self, clock):
        t, spec, case = self.until, clock.spec, self.case
        out = {"state": clock.phase, "due_at": None, "left": None, "over": None, "level": None}
        if clock.phase in ("not_started", "held", "terminated"):
            return out, None
        if clock.phase == "stopped_held":
            return {**out, "state": "done"}, None
        due = clock.due(case)
        if due.error:
            return {**out, "state": "error", "error": {"code": "E_CALENDAR_UNKNOWN", "date": due.error}}, due
        out["due_at"] = show(due.at)
        if clock.phase == "stopped":
            return {**out, "state": "done_late" if clock.late else "done"}, due
        book, unit, today = Book(case["calendar"], clock.decrees), spec["unit"], date_of(t)
        hours = unit in ("hour", "workhour")
        if due.at is not None and t > due.at:
            out.update(state="overdue", left=0, level="overdue")
            try:
                if hours:
                    out["over"] = self.seconds(unit, book, due.at, t, [])
                else:
                    days = days_between(due.day + DAY, today)
                    out["over"] = sum(1 for d in days if unit != "workday" or book.works(d))
            except Unknown:
                out["over"] = None
            if (spec.get("on_expiry") or {}).get("effect"):
                out["effect"] = spec["on_expiry"]["effect"]
            return out, due
        paused = any(a <= t and (b is None or b > t) for a, b, _ in due.spans)
        if due.at is None:
            if hours:
                left = due.total - sum(int((min(b, t) - a).total_seconds()) for a, b in due.counted if a < t)
            else:
                left = due.total - sum(1 for d in due.counted if d <= today)
        elif hours:
            left = self.seconds(unit, book, max(t, due.first), due.at, due.spans)
        else:
            left = 0
            try:
                for d in days_between(today + DAY, due.day):
                    if spec.get("direction") != "before" and (d < due.first or due.excluded(d)):
                        continue
                    left += 1 if unit != "workday" or book.works(d) else 0
            except Unknown:
                left = None
        out.update(state="paused" if paused else "running", left=left, over=0)
        if not paused:
            reached = [w for w in spec.get("warnings", []) if left is not None and left <= w["left"] * (3600 if hours else 1)]
            out["level"] = min(reached, key=lambda w: w["left"])["level"] if reached else "none"
        return out, due

    @staticmethod
    def seconds(unit, book, begin, to, spans):
        total, day = 0, date_of(begin)
        while day < to:
            for low, high in ([(0 * DAY, DAY)] if unit == "hour" else (book.hours if book.works(day) else [])):
                a, b = max(begin, day + low), min(to, day + high)
                if a >= b:
                    continue
                cuts = sorted({a, b} | {x for s in spans for x in s[:2] if x is not None and a < x < b})
                for x, y in zip(cuts, cuts[1:]):
                    if not any(s[0] <= x and (s[1] is None or x < s[1]) for s in spans):
                        total += int((y - x).total_seconds())
            day += DAY
        return total


def days_between(first, last):
    while first <= last:
        yield first
        first += DAY


def in_force(versions, t):
    day = iso(date_of(t))
    return next((v for v in versions if v.get("from", "") <= day and day <= v.get("to", "9999")), None)


UNITS = ("workday", "day", "month", "year", "hour", "workhour")
SETTINGS = {"kind": ("statutory", "promised"), "direction": ("after", "before"), "start_rule": ("next_day", "same_day", "next_workday"),
            "after_close": ("same_day", "next_workday"), "on_rest_day": ("same_day", "next_workday"), "end_time": ("close", "24:00"),
            "roll": ("forward", "backward", "none"), "pause_days": ("from_event_day", "after_event_day", "both", "neither"),
            "extend_from": ("nominal", "rolled"), "hour_start": ("moment", "next_hour"), "clear": (True, False)}


def check_rule(rule):
    for version in rule.get("versions", [rule]):
        for clock in version["clocks"]:
            unit, amount, extension = clock.get("unit"), clock.get("amount"), clock.get("extension")
            bad = unit not in UNITS or isinstance(amount, bool) or not isinstance(amount, int) or amount < 1
            bad = bad or any(k in clock and clock[k] not in v for k, v in SETTINGS.items())
            if not bad and clock.get("direction") == "before":
                bad = unit in ("hour", "workhour") or extension is not None
            if not bad and extension:
                other = extension.get("unit", unit)
                bad = other != unit and ("hour" in unit or "hour" in other)
            if bad:
                raise Refuse("E_RULE", clock=clock["id"])


def evaluate(case):
    result = {"id": case.get("id")}
    try:
        check_rule(case["rule"])
        times = []
        for index, event in enumerate(case["events"]):
            try:
                times.append(instant(event["at"]))
            except ValueError:
                raise Refuse("E_TIME", event=index)
            if index and times[-1] < times[-2]:
                raise Refuse("E_EVENT_ORDER", event=index)
        if not times:
            raise Refuse("E_EVENTS")
        try:
            asks = [instant(a) for a in case["asks"]]
        except ValueError:
            raise Refuse("E_TIME")
        rule = case["rule"]
        version, name = {"clocks": rule.get("clocks", [])}, "1"
        if "versions" in rule:
            name = None
            if rule.get("select", "first_event") == "first_event":
                version = in_force(rule["versions"], times[0])
                if version is None:
                    raise Refuse("E_NO_RULE_VERSION", event=0)
                name = version["version"]
        world = World(case, case["events"], max([times[-1]] + asks), version)
        answers = []
        for ask in asks:
            then = World(case, case["events"], ask, version)
            answers.append({"at": show(ask), "clocks": {c.id: then.status(c)[0] for c in then.clocks}})
    except Refuse as refused:
        return {**result, "ok": False, "error": refused.body}
    clocks, first, promised, statutory = {}, None, [], []
    for clock in world.clocks:
        out, due = world.status(clock)
        good = due is not None and due.error is None
        out.update(round=clock.round, start_at=show(clock.start), stop_at=None, due_date=None, nominal=None,
                   explain=due.lines if good else [], recalc=clock.recalc)
        if clock.phase in ("stopped", "stopped_held", "terminated"):
            out["stop_at"] = show(clock.stop)
        if good and due.at is not None:
            out["due_date"], out["nominal"] = iso(due.day), iso(due.nominal)
            (promised if clock.spec["kind"] == "promised" else statutory).append(due.at)
            if clock.phase == "running" and (first is None or due.at < first[1]):
                first = (clock.id, due.at)
        if due is not None and due.provisional:
            out["provisional"] = True
        clocks[clock.id] = out
    if promised and statutory and max(promised) > min(statutory):
        world.warnings.append({"code": "W_PROMISE_LATER"})
    result.update(ok=True, version=name, derived=world.derived, clocks=clocks, warnings=world.warnings, asks=answers,
                  first_due={"clock": first[0], "due_at": show(first[1])} if first else None)
    return result


# ---- random cases ----

def random_case(rng, number):
    def maybe(p):
        return rng.random() < p

    def clock(name, starts, stops):
        unit = rng.choice(["workday", "workday", "workday", "day", "day", "month", "year", "hour", "workhour"])
        amount = {"workday": 20, "day": 30, "month": 4, "year": 1, "hour": 72, "workhour": 30}[unit]
        out = {"id": name, "kind": rng.choice(["statutory", "statutory", "promised"]), "amount": rng.randint(1, amount),
               "unit": unit, "start_on": starts, "stop_on": stops}
        hours = "hour" in unit
        for key, values in SETTINGS.items():
            if key not in ("kind", "direction") and maybe(0.25):
                out[key] = rng.choice(values)
        if not hours and maybe(0.1):
            out["direction"] = "before"
        if maybe(0.7):
            bound = {"max": {"amount": rng.randint(1, 8), "unit": rng.choice(["day", "workday"])}}
            out["pause_reasons"] = {r: (bound if maybe(0.4) else {}) for r in rng.sample(["hearing", "test", "expert"], rng.randint(1, 3))}
        if out.get("direction") != "before" and maybe(0.5):
            out["extension"] = {"max": rng.randint(1, 10), "times": rng.randint(1, 2)}
            if not hours and maybe(0.4):
                out["extension"]["unit"] = rng.choice(["workday", "day", "month"])
                if out["extension"]["unit"] == "month":
                    out["extension"]["max"] = 2
            if maybe(0.2):
                out["extension"]["by"] = ["head"]
            if maybe(0.2):
                out["extension"]["total"] = rng.randint(1, 15)
            if maybe(0.2):
                out["extension"]["reason_required"] = False
        if maybe(0.5):
            out["warnings"] = [{"level": "yellow", "left": 5}, {"level": "red", "left": rng.randint(0, 3)}]
        if maybe(0.3):
            out["on_expiry"] = {"event": rng.choice(["deemed", "accept", "grant"]), "effective": rng.choice(["receipt", "period_end"])}
        elif maybe(0.2):
            out["on_expiry"] = {"effect": "deemed_consent"}
        if maybe(0.2):
            out["hold_on"], out["restart_on"] = ["notice"], ["corrected"]
            if maybe(0.5):
                out["hold_within"] = {"amount": rng.randint(1, 7), "unit": rng.choice(["workday", "day"])}
            if maybe(0.3):
                out["hold_times"] = rng.randint(1, 2)
        return out

    def clocks():
        found = [clock("a", ["submit", "corrected"] if maybe(0.5) else ["submit"], rng.choice([["accept"], ["accept", "notice"], ["grant"]]))]
        if maybe(0.7):
            found.append(clock("b", ["accept"] + (["deemed"] if maybe(0.4) else []), ["grant"]))
        if maybe(0.3):
            found.append(clock("c", ["grant", "accept"] if maybe(0.3) else ["submit"], ["deliver"]))
        return found

    rule = {"id": "R", "clocks": clocks()}
    if maybe(0.1):
        rule = {"id": "R", "versions": [{"version": "1", "to": "2023-06-30", "clocks": clocks()}, {"version": "2", "from": "2023-07-01", "clocks": clocks()}]}
        if maybe(0.5):
            rule["select"] = "clock_start"
    if maybe(0.1):
        rule["overlap"] = "error"
    year = rng.choice([2019, 2020, 2021, 2022, 2023, 2023, 2024, 2025, 2026, 2026, rng.choice([2018, 2026])])
    t = datetime.datetime(year, rng.choice([rng.randint(1, 12), rng.choice([1, 2, 9, 12])]), rng.randint(1, 28), rng.randint(0, 23), rng.choice([0, 0, 30, 59]), rng.choice([0, 0, 1, 59]))
    if year == 2023 and maybe(0.5):
        t = datetime.datetime(2023, 6, rng.randint(15, 30), 10)
    events, opened = [], []
    story = ["submit"] + [x for x in ("notice", "corrected") if maybe(0.3)] + [x for x in ("accept", "grant", "deliver") if maybe(0.6)]
    extra = []
    for _ in range(rng.choice([0, 0, 1, 2, 3, 5])):
        extra.append(rng.choice(["pause", "resume", "pause", "resume", "suspend", "unsuspend", "extend", "extend", "calendar_change"]))
    if maybe(0.03):
        extra.append("terminate")
    slots = sorted([(i, 0, s) for i, s in enumerate(story)] + [(rng.uniform(0.1, len(story)), 1, x) for x in extra])
    for _, _, kind in slots:
        event = {"at": t.strftime(rng.choice(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S+08:00"])), "type": kind}
        if kind == "submit" and maybe(0.2):
            event["date"] = iso(t + DAY * rng.randint(-30, 200))
        if kind == "pause":
            event["reason"] = rng.choice(["hearing", "test", "expert"])
            if maybe(0.3):
                event["key"] = rng.choice(["k1", "k2"])
            opened.append(event.get("key", event["reason"]))
        if kind == "resume":
            event["key"] = rng.choice(opened) if opened and maybe(0.9) else "hearing"
        if kind == "extend":
            event.update(clock=rng.choice(["a", "b", "a"]), by=rng.choice(["head", "head", "clerk"]), reason="x")
            if maybe(0.6):
                event["amount"] = rng.randint(1, 10)
            if maybe(0.1):
                del event["reason"]
        if kind == "calendar_change":
            event["id"] = f"decree{len(events)}"
            event["days"] = {iso(t + DAY * rng.randint(0 if maybe(0.95) else -2, 30)): rng.choice(["rest", "rest", "work"]) for _ in range(rng.randint(0, 4))}
            if maybe(0.4):
                event["known_through"] = f"{year + 1}-12-31"
        events.append(event)
        t += datetime.timedelta(seconds=rng.choice([0, 1, 3600, 36000, 86400, rng.randint(0, 86400 * 12), rng.randint(0, 86400 * 40)]))
    if len(events) > 1 and maybe(0.02):
        events[-1]["at"] = events[0]["at"]
    base = instant(events[0]["at"])
    asks = sorted(base + datetime.timedelta(seconds=rng.choice([0, 1, rng.randint(0, 86400 * 60), 86400 * rng.randint(0, 60) + 3600])) for _ in range(rng.randint(0, 4)))
    spec = {"base": "cn" if maybe(0.97) else "none"}
    if maybe(0.2):
        spec["unknown"] = "provisional"
    if maybe(0.15):
        spec["known_through"] = f"{year}-12-31" if maybe(0.5) else iso(base + DAY * rng.randint(5, 60))
    if maybe(0.15):
        spec["override"] = {iso(base + DAY * rng.randint(0, 40)): rng.choice(["rest", "work"]) for _ in range(3)}
    if maybe(0.15):
        spec["hours"] = rng.choice([[["08:30", "11:30"], ["13:30", "17:00"]], [["09:00", "17:30"]], [["00:00", "24:00"]], [["09:00", "12:00"], ["12:00", "20:00"]]])
    return {"id": f"r{number}", "calendar": spec, "rule": rule, "events": events, "asks": [a.strftime("%Y-%m-%dT%H:%M:%S") for a in asks]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--golden", action="store_true", help="hold the oracle itself against the golden cases")
    args = parser.parse_args()
    if args.golden:
        faults = total = 0
        for path in sorted((ROOT / "spec/clock").glob("*.json")):
            for case in json.loads(path.read_text())["cases"]:
                total += 1
                if evaluate(case) != case["expect"]:
                    faults += 1
                    print("golden differs:", case["id"])
        print(f"oracle against golden: {total - faults} passed, {faults} failed")
        if faults:
            return 1
    rng = random.Random(args.seed)
    cases = [random_case(rng, n) for n in range(args.cases)]
    text = "".join(json.dumps(c, ensure_ascii=False) + "\n" for c in cases)
    done = subprocess.run([args.program, "clock", "eval"], input=text, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    faults = 0 if len(lines) == len(cases) else 1
    kinds = {}
    for case, line in zip(cases, lines):
        got, want = json.loads(line), evaluate(case)
        outcome = "ok" if want["ok"] else want["error"]["code"]
        kinds[outcome] = kinds.get(outcome, 0) + 1
        if got != want:
            faults += 1
            if faults <= 3:
                print("case", json.dumps(case, ensure_ascii=False))
                print("oracle ", json.dumps(want, ensure_ascii=False, sort_keys=True))
                print("program", json.dumps(got, ensure_ascii=False, sort_keys=True))
    print(f"seed {args.seed}: {len(cases) - faults} passed, {faults} failed; {kinds}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
