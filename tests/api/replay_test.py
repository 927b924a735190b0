#!/usr/bin/env python3
"""Stored decisions of matters, taken from the proofs of cases, are evaluated again in another process on both backends: the same
bytes. A mutated rule gives a difference by name."""
import json
import pathlib
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import PROGRAM, ROOT, Checks, Client, Server  # noqa: E402

checks = Checks()
check = checks.check
server = Server()
stored = {"universal": [], "instant": []}
for login in ("xiaoyun", "p03", "p10", "p13", "p18", "p06", "p09"):
    who = Client(server.port).sign_in(login)
    address = next((i["value"] for i in who.request("GET", "/api/matters/residence_permit_endorsement/prefill")[1]["items"] if i["field"] == "address"), "别处 1 号")
    for basis in ("work", "lease", "own", "school"):
        form = {"address": address, "basis": basis, "unchanged": basis != "school", "phone": "13800000000"}
        status, made, _ = who.request("POST", "/api/matters/residence_permit_endorsement/applications", {"form": form}, {"Idempotency-Key": uuid.uuid4().hex})
        check(status == 201, f"{login} {basis}: {made}")
        proof = who.request("GET", f"/api/cases/{made['case_id']}/proof")[1]
        for event in proof["events"]:
            body = json.loads(event["event"])
            if body["type"] == "case.decided":
                stored[body["data"]["decision"]].append(json.dumps(body["data"]["record"], ensure_ascii=False, sort_keys=True, separators=(",", ":")))
server.stop()
server.remove()
folder = ROOT / "packs/yunhai/case_types/residence_permit_endorsement"
models = {"universal": ROOT / "packs/yunhai/templates/licence/universal-2026.dmn", "instant": folder / "instant-2026.dmn"}
with tempfile.TemporaryDirectory() as temporary:
    for name, records in stored.items():
        check(len(records) == 28, f"{name}: {len(records)} stored")
        path = pathlib.Path(temporary) / f"{name}.jsonl"
        path.write_text("\n".join(records) + "\n")
        for backend in ("scalar", "columnar"):
            done = subprocess.run([PROGRAM, "decision", "replay", str(path), "--model", str(models[name]), "--backend", backend], capture_output=True, text=True)
            check(done.returncode == 0, f"{name} on {backend}: {done.stdout[-300:]} {done.stderr[-300:]}")
        mutated = pathlib.Path(temporary) / f"{name}.dmn"
        text = models[name].read_text()
        changed = text.replace('not("real_person_verified")', 'not("account_only")').replace("not(&quot;real_person_verified&quot;)", "not(&quot;account_only&quot;)") if name == "universal" else text.replace("P6M", "P60Y")
        check(changed != text, f"{name}: the mutation changes something")
        mutated.write_text(changed)
        done = subprocess.run([PROGRAM, "decision", "replay", str(path), "--model", str(mutated)], capture_output=True, text=True)
        check(done.returncode == 1 and "outcome" in done.stdout + done.stderr, f"{name}: a mutated rule is found: {done.returncode} {done.stdout[-300:]}")
sys.exit(checks.finish())
