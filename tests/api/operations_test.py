#!/usr/bin/env python3
"""What an operator does: settings, limits, accounts and packs through the running server, notices to a receiver that fails,
and what a killed server leaves behind."""
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Checks, Client, PROGRAM, ROOT, Server  # noqa: E402

checks = Checks()
check = checks.check
run = lambda *a, text=None, env=None: subprocess.run([PROGRAM, *a], capture_output=True, text=True, cwd=ROOT, input=text, env={**os.environ, **(env or {})})  # noqa: E731


class Receiver:
    """Notes every try; refuses each key twice before it takes it."""

    def __init__(self):
        self.tries, self.taken, self.lock = {}, {}, threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                key, body = self.headers["Idempotency-Key"], self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.tries[key] = receiver.tries.get(key, 0) + 1
                    good = receiver.tries[key] > 2
                    if good:
                        receiver.taken.setdefault(key, []).append(json.loads(body))
                self.send_response(200 if good else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/notices"


def wait_for(what, seconds=20):
    for _ in range(int(seconds * 20)):
        if what():
            return True
        time.sleep(0.05)
    return False


# --- settings
explained = run("config", "explain", env={"YIWANG_SERVER_THREADS": "3"}).stdout
check("server.threads = 3" in explained and "YIWANG_SERVER_THREADS" in explained and "limits.address_per_second" in explained, "explain names value and origin")
receiver = Receiver()
server = Server(settings={"outbox.webhook": receiver.url, "outbox.first_wait_ms": 50, "limits.account_per_second": 20, "limits.account_burst": 60, "limits.address_per_second": 5, "limits.address_burst": 10})
config = server.folder / "bad.yaml"
for text, place, words in [("server:\n  prot: 80\n", ":2:", ["server.prot", "server.port"]), ("server:\n  port: many\n", ":2:", ["server.port", "65535"]), ("server: 8080\n", ":1:", ["server"]),
                           ("server:\n  port: 1\n  port: 2\n", ":3:", ["port"]), ("a: [", ":1:", ["YAML"])]:
    config.write_text(text)
    out = run("config", "explain", "--config", str(config))
    check(out.returncode == 2 and f"bad.yaml{place}" in out.stderr and all(w in out.stderr for w in words), f"bad settings {text!r}: {out.stderr}")
    started = run("serve", "--config", str(config), "--data", str(server.folder / "other"), "--port", "0")
    check(started.returncode == 2 and f"bad.yaml{place}" in started.stderr, f"a server does not start with {text!r}")

# --- a clock that is ahead: a demo pack on this machine only; anybody else does not start
real = server.folder / "real"
shutil.copytree(ROOT / "packs/yunhai", real)
(real / "pack.yaml").write_text((real / "pack.yaml").read_text().replace("demo: true", "demo: false"))
config.write_text("demo:\n  clock_ahead_seconds: 86400\n")
for who, arguments in [("a pack that is no demo", ["--pack", str(real)]), ("a demo that others can reach", ["--address", "0.0.0.0"])]:
    out = run("serve", "--config", str(config), "--data", str(server.folder / "ahead"), "--port", "0", *arguments)
    check(out.returncode == 2 and len(out.stderr.strip().splitlines()) == 1 and "demo.clock_ahead_seconds" in out.stderr, f"{who} with another clock: {out.returncode} {out.stderr}")
ahead = subprocess.Popen([PROGRAM, "serve", "--config", str(config), "--data", str(server.folder / "ahead2"), "--port", "0", "--quiet"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
said = ahead.stderr.readline()
ahead.terminate()
check(ahead.wait(30) == 0 and "演示时钟" in said and "not the real time" in said, f"a demo says that its time is not the real one: {said}")

# --- limits: an account, and an address behind the proxy of this machine
resident = Client(server.port).sign_in("xiaoyun")
answers = [resident.request("GET", "/api/session") for _ in range(90)]
refused = [a for a in answers if a[0] == 429]
check(refused and refused[0][1]["code"] == "http.rate" and int(refused[0][2].getheader("Retry-After")) >= 1, f"an account is slowed down: {len(refused)}")
check(Client(server.port).sign_in("chen").request("GET", "/api/session")[0] == 200, "another account is not")
far = [Client(server.port).request("GET", "/api/pack", headers={"X-Forwarded-For": "203.0.113.7"})[0] for _ in range(30)]
check(far.count(200) >= 10 and 429 in far, f"an address is slowed down: {far}")
check(Client(server.port).request("GET", "/api/pack", headers={"X-Forwarded-For": "203.0.113.8"})[0] == 200, "another address is not")
time.sleep(4)

# --- accounts through the running server, which stays the one writer
data = str(server.folder / "d")
added = run("user", "add", "new_clerk", "--name", "新同事", "--department", "social_ins", "--data", data, text="a-long-password\n")
check(added.returncode == 0 and "totp_secret" in added.stdout, f"add an account: {added.stdout} {added.stderr}")
check(run("user", "add", "new_clerk", "--name", "又一个", "--department", "social_ins", "--data", data, text="a-long-password\n").returncode == 1, "a login belongs to one person")
check(run("user", "add", "x", "--name", "短", "--department", "social_ins", "--data", data, text="short\n").returncode == 1, "a short password")
check("new_clerk" in run("user", "list", "--data", data).stdout, "list accounts")
check(run("user", "lock", "chen", "--data", data).returncode == 0 and Client(server.port).request("POST", "/api/session", {"login": "chen", "password": "yunhai-demo"})[0] == 429, "a locked account")
check(run("user", "unlock", "chen", "--data", data).returncode == 0 and Client(server.port).sign_in("chen"), "unlocked")
check((server.folder / "d/admin.sock").stat().st_mode & 0o077 == 0, "the socket is the owner's")
check(Client(server.port).request("POST", "/admin", {"do": "user.list"})[0] in (404, 405), "administration is not on the network")
server.stop()
check(not (server.folder / "d/admin.sock").exists() and "new_clerk" in run("user", "list", "--data", data).stdout, "without a server the command opens the installation itself")

# --- packs: swapped under load; a bad one is refused and the old one stays
pack = server.folder / "pack"
shutil.copytree(ROOT / "packs/yunhai", pack)
server.settings = {"pack.folder": str(pack), "outbox.webhook": receiver.url, "outbox.first_wait_ms": 50, "limits.account_per_second": 0}
server.start()
resident, clerk = Client(server.port).sign_in("xiaoyun"), Client(server.port).sign_in("ss_clerk", True)
stop, seen = threading.Event(), []


def ask():
    who = Client(server.port)
    who.cookie = resident.cookie
    while not stop.is_set():
        seen.append(who.ask("换包的时候也能提问吗")[0])


threads = [threading.Thread(target=ask) for _ in range(4)]
[t.start() for t in threads]
form = pack / "case_types/consultation/case_type.yaml"
good = form.read_text()
before = Client(server.port).request("GET", "/api/pack")[1]["hash"]
hashes = set()
for n in range(6):
    form.write_text(good.replace("version: 1.0.0", f"version: 1.0.{n + 1}"))
    if n % 2:
        server.process.send_signal(signal.SIGHUP)
        check(wait_for(lambda: Client(server.port).request("GET", "/api/pack")[1]["hash"] not in hashes | {before}), "a pack by signal")
    else:
        check(run("pack", "reload", "--data", data).returncode == 0, "a pack by command")
    hashes.add(Client(server.port).request("GET", "/api/pack")[1]["hash"])
check(len(hashes) == 6 and before not in hashes, "each reload is another release")
form.write_text(good.replace("department: gov_services", "department: no_such_unit"))
bad = run("pack", "reload", "--data", data)
check(bad.returncode == 1 and "no_such_unit" in bad.stderr and "case_type.yaml:" in bad.stderr, f"a bad pack is refused with its place: {bad.stderr}")
check(Client(server.port).request("GET", "/api/pack")[1]["hash"] in hashes, "the old pack stays")
form.write_text(good)
time.sleep(0.3)
stop.set()
[t.join() for t in threads]
check(len(seen) > 20 and set(seen) == {201}, f"nobody noticed: {len(seen)} {set(seen)}")

# --- notices: each is taken once, though the receiver refuses it twice and the server is killed in between
cases = [resident.ask(f"第{n}个要通知的问题")[1]["case_id"] for n in range(30)]
for n, case in enumerate(cases):
    check(clerk.command("POST", f"/api/cases/{case}/actions/answer", {"input": {"reply": f"这是第{n}个答复。"}})[0] == 200, "answer")
    if n in (9, 19, 29):
        server.kill()
        server.start()
        resident.port = clerk.port = server.port
told = lambda: {m["case_id"] for m in resident.request("GET", "/api/messages")[1]["items"]}  # noqa: E731
resident.port = clerk.port = server.port
check(wait_for(lambda: len(receiver.taken) == 30 and told() >= set(cases), 90), f"all were delivered: {len(receiver.taken)} of 30")
items = [m["case_id"] for m in resident.request("GET", "/api/messages")[1]["items"]]
check(sorted(items) == sorted(cases), f"in-app, each exactly once: {len(items)}")
check({v[0]["case_id"] for v in receiver.taken.values()} == set(cases), "a key for each, and each case under its own")
check(all(t >= 3 for t in receiver.tries.values()), "each was refused twice first")
print(f"{len(receiver.taken)} notices, {sum(receiver.tries.values())} tries, {sum(len(v) for v in receiver.taken.values()) - len(receiver.taken)} taken again under the same key")
server.stop()
check(", 0 differences" in server.yiwang("verify", "state").stdout, "verify state")
server.remove()
sys.exit(checks.finish())
