#!/usr/bin/env python3
"""A year of the demo district: every row of spec/matters is applied for in each of four seasons, beside the allowances of the demo. All the
decisions that the database holds are made again by another process that is given the inputs only, on both backends of the rules, and
the year is lived again on the other database: the same bytes each time. A mutated rule gives a difference by name."""
import collections
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import PG_BIN, PROGRAM, ROOT, Checks, People, Postgres, Server  # noqa: E402

checks = Checks()
check = checks.check
table = json.loads((ROOT / "spec/matters/outcomes.json").read_text())
MODELS = {}
for path in (ROOT / "packs/yunhai").rglob("*.dmn"):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as nothing:
        nothing.write("{}\n")
        nothing.flush()
        name = re.findall(r'<decision [^>]*name="([^"]+)"', path.read_text())[-1]
        told = subprocess.run([PROGRAM, "decide", str(path), "--decision", name, "--input", nothing.name, "--explain"], capture_output=True, text=True).stdout
        MODELS[json.loads(told)["model_sha256"]] = path
SEASONS, SEASON_DAYS = 4, 91


def member(text, name):
    """The bytes of a member as they are stored, and its value."""
    begin = text.index(f'"{name}":') + len(name) + 3
    value, end = json.JSONDecoder().raw_decode(text, begin)
    return text[begin:end], value


def year(database=None, psql=None):
    """Lives a year; every stored decision as (sha256 of the rules, decision, inputs, record)."""
    server = Server(database)
    people = People(server)
    applied = 0
    for season in range(SEASONS):
        for row in table:
            status, made = people.apply(people(row["as"], row.get("for")), row["matter"], row["form"], answers=row.get("answers", {}), promises=row.get("promises", []))
            applied += status == 201
            for login in row.get("confirm", []) if status == 202 else []:
                people(login).request("POST", f"/api/joint-applications/{made['joint']}/answer", {"agrees": True})
            if made.get("status") == "in_progress":  # next season is another application, not a second one
                people(row["as"], row.get("for")).command("POST", f"/api/cases/{made['case_id']}/actions/withdraw", {"input": {}})
        if season + 1 < SEASONS:
            server.days_later(SEASON_DAYS)
            people.signed_in.clear()
    server.stop()
    if psql:
        bodies = psql("SELECT body FROM event WHERE type = 'case.decided'")
    else:
        with sqlite3.connect(server.folder / "d/yiwang.db") as db:
            bodies = [r[0] for r in db.execute("SELECT body FROM event WHERE type = 'case.decided'")]
    server.remove()
    check(applied >= SEASONS * 40, f"a year of applications: {applied}")
    out = []
    for body in bodies:
        record, value = member(body, "record")
        out.append((value["model_sha256"], value["decision"], member(record, "inputs")[0], record))
    return out


stored = year()
groups = collections.defaultdict(list)
for sha, decision, inputs, record in stored:
    groups[sha, decision].append((inputs, record))
check(len(stored) >= 340 and len(groups) >= 13, f"{len(stored)} decisions by {len(groups)} tables of rules")
outcomes = collections.Counter((json.loads(r).get("output") or {}).get("outcome", "other") for _, _, _, r in stored)
check(outcomes["approve"] >= 40 and outcomes["manual"] >= 50, f"approved and handed over: {outcomes}")

with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    same = 0
    for (sha, decision), rows in sorted(groups.items()):
        check(sha in MODELS, f"{decision}: the rules of that time are there")
        if sha not in MODELS:
            continue
        path = folder / "inputs.jsonl"
        path.write_text("".join(inputs + "\n" for inputs, _ in rows))  # what was decided is withheld
        done = subprocess.run([PROGRAM, "decide", str(MODELS[sha]), "--decision", decision, "--input", str(path), "--explain"], capture_output=True, text=True)
        made = [json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":")) for line in done.stdout.splitlines()]
        equal = sum(a == b for a, (_, b) in zip(made, rows))
        check(done.returncode == 0 and equal == len(rows) == len(made), f"{decision}: {equal} of {len(rows)} the same: {done.stderr[-300:]}\n{next(((a, b) for a, (_, b) in zip(made, rows) if a != b), '')}")
        same += equal
        path = folder / "stored.jsonl"
        path.write_text("".join(record + "\n" for _, record in rows))
        for backend in ("scalar", "columnar"):
            done = subprocess.run([PROGRAM, "decision", "replay", str(path), "--model", str(MODELS[sha]), "--backend", backend], capture_output=True, text=True)
            check(done.returncode == 0 and f"{len(rows)} the same to the byte, 0 different" in done.stdout, f"{decision} on {backend}: {done.stdout[-300:]} {done.stderr[-300:]}")

    # --- a mutated rule is found, by name
    MUTATIONS = {"通用核验": ("not(&quot;real_person_verified&quot;)", "not(&quot;account_only&quot;)"), "秒批": ("P6M", "P60Y")}
    for (sha, decision), rows in groups.items():
        if decision not in MUTATIONS or sha not in MODELS:
            continue
        text = MODELS[sha].read_text()
        before, after = MUTATIONS.pop(decision) if MUTATIONS[decision][0] in text else (None, None)
        if before is None:
            continue
        mutated, path = folder / "mutated.dmn", folder / "stored.jsonl"
        mutated.write_text(text.replace(before, after))
        path.write_text("".join(record + "\n" for _, record in rows))
        done = subprocess.run([PROGRAM, "decision", "replay", str(path), "--model", str(mutated)], capture_output=True, text=True)
        check(done.returncode == 1 and re.search(r"record \d+: .*outcome", done.stdout), f"{decision}: a mutated rule is found: {done.returncode} {done.stdout[-300:]}")
    check(not MUTATIONS, f"each mutation was tried: {MUTATIONS}")
print(f"{len(stored)} decisions by {len(groups)} tables of rules, {same} made again to the byte without what was decided; {dict(outcomes)}")

# --- the same year on the other database
if Postgres.available():
    postgres = Postgres()
    url = postgres.url()

    def psql(query):
        return subprocess.run([PG_BIN / "psql", "-At", "-d", url.removeprefix("postgres:"), "-c", query], capture_output=True, text=True, check=True).stdout.splitlines()
    other = year(url, psql)
    postgres.stop()
    here, there = collections.Counter(stored), collections.Counter(other)
    check(here == there, f"the same on PostgreSQL: {sum((here - there).values())} only on SQLite, {sum((there - here).values())} only there: {next(iter((here - there)), '')}")
    print(f"{len(other)} on PostgreSQL, the same")
sys.exit(checks.finish())
