"""A real server on a fresh installation, a small HTTP client, and a private PostgreSQL cluster, for tests."""
import atexit
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("YW_PROGRAM", str(ROOT / "build/release/bin/yiwang"))
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
PG_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


class Postgres:
    """A cluster of its own in a folder that its user can enter; never the machine's."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="yw-pg-", dir="/tmp"))
        with socket.socket() as free:  # the system names a port that nobody has
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.prefix = ["runuser", "-u", "postgres", "--"]
        data = self.folder / "data"
        run = dict(check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder)
        subprocess.run([*self.prefix, PG_BIN / "initdb", "-D", data, "-A", "trust", "-U", "yw", "--no-locale", "-E", "UTF8"], **run)
        subprocess.run([*self.prefix, PG_BIN / "pg_ctl", "-D", data, "-w", "-l", self.folder / "log",
                        "-o", f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1", "start"], **run)
        self.data = data

    def url(self):
        name = "yw" + uuid.uuid4().hex[:8]
        subprocess.run([*self.prefix, PG_BIN / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "yw", name], check=True, cwd=self.folder)
        return f"postgres:host=127.0.0.1 port={self.port} user=yw dbname={name}"

    def stop(self):
        subprocess.run([*self.prefix, PG_BIN / "pg_ctl", "-D", self.data, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd=self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def available():
        return (PG_BIN / "initdb").exists()


def wanted_postgres():
    """A cluster when the test was called with 'postgres', or none; the test is skipped where PostgreSQL is not installed."""
    if "postgres" not in sys.argv:
        return None
    if not Postgres.available():
        print("PostgreSQL is not installed: skipped")
        sys.exit(0)
    return Postgres()


class Server:
    def __init__(self, database=None, data=None, settings=None, pack=None):
        # One address and three accounts make all the load of a test: limits are off unless the test is about them.
        self.settings = {"limits.account_per_second": 0, **(settings or {})}
        self.folder = pathlib.Path(data or tempfile.mkdtemp(prefix="yw-test-"))
        self.database = database
        self.pack = pack
        self.process = None
        self.port = None
        # A test that dies leaves no server behind that holds its output open.
        atexit.register(lambda: self.process.poll() is None and self.kill())
        self.start()

    def start(self):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        command = [PROGRAM, "serve", "--demo", "--quiet", "--data", str(self.folder / "d"), "--port", "0", "--port-file", str(port_file)]
        config = self.folder / "config.yaml"
        groups = {}
        for name, value in self.settings.items():
            groups.setdefault(name.split(".")[0], {})[name.split(".")[1]] = value
        config.write_text("".join(f"{g}:\n" + "".join(f"  {k}: {json.dumps(v)}\n" for k, v in s.items()) for g, s in groups.items()))
        command += ["--config", str(config)]
        if self.database:
            command += ["--database", self.database]
        if self.pack:
            command += ["--pack", str(self.pack)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        for _ in range(2400):  # a machine that builds at the same time starts slowly
            if port_file.exists() and port_file.read_text().strip():
                self.port = int(port_file.read_text())
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            time.sleep(0.05)
        raise RuntimeError("the server did not become ready in 120 s")

    def days_later(self, days):
        """Stops, and goes on with a clock that is so many days ahead: only a demo pack allows it, and the server says so."""
        self.stop()
        self.settings["demo.clock_ahead_seconds"] = self.settings.get("demo.clock_ahead_seconds", 0) + days * 86400
        self.start()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        assert code == 0, f"the server stopped with {code}"

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def yiwang(self, *arguments):
        extra = ["--database", self.database] if self.database else []
        return subprocess.run([PROGRAM, *arguments, "--data", str(self.folder / "d"), *extra], capture_output=True, text=True, cwd=ROOT)


def one_time_code(login, ahead=0):
    return subprocess.run([PROGRAM, "demo", "code", login, "--ahead", str(ahead)], capture_output=True, text=True, check=True).stdout.strip()


def picture(shade=0x80):
    """A valid PNG of one grey pixel; another shade is another file."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes((0, shade)))) + chunk(b"IEND", b"")


class Client:
    def __init__(self, port):
        self.port = port
        self.cookie = None

    def request(self, method, path, body=None, headers=None, raw=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = dict(headers or {})
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, path, body=data, headers=sent)
        answer = connection.getresponse()
        content = answer.read()
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
        connection.close()
        try:
            parsed = json.loads(content) if content else None
        except ValueError:
            parsed = content
        return answer.status, parsed, answer

    def sign_in(self, login, staff=False, ahead=0):
        body = {"login": login, "password": "yunhai-demo"}
        if staff:
            body["code"] = one_time_code(login, ahead)
        status, answer, _ = self.request("POST", "/api/session", body)
        assert status == 200, (login, status, answer)
        return self

    def command(self, method, path, body=None, key=None):
        return self.request(method, path, body, {"Idempotency-Key": key or uuid.uuid4().hex})

    def upload(self, shade=0x80):
        return self.request("POST", "/api/files", None, {"Content-Type": "application/octet-stream"}, picture(shade))[1]["hash"]

    def ask(self, text="这是一个测试问题，请问怎么办？", topic="pension", key=None):
        return self.command("POST", "/api/cases", {"case_type": "consultation", "form": {"topic": topic, "question": text, "phone": "13800000000"}}, key)


STAFF = ("_clerk", "_lead")


class People:
    """Everybody of the demo district by login, signed in once; and what the tables under spec/ say in short."""

    def __init__(self, server):
        self.server = server
        self.signed_in = {}
        units = (ROOT / "packs/yunhai/organisations/organisations.yaml").read_text()
        self.staff = {f"{unit}{n}" for unit in re.findall(r"- {id: (\w+)", units) for n in (1, 2, 3)} | {"leader", "designer", "engineer", "data_admin", "cg_yao"}

    def __call__(self, login, firm=None):
        """A client of this person; acting for the enterprise or person of that name."""
        client = self.signed_in.get((login, firm))
        if client is None:
            client = Client(self.server.port)
            if login != "nobody":
                client.sign_in(login, login in self.staff or login.endswith(STAFF), self.server.settings.get("demo.clock_ahead_seconds", 0))
            if firm:
                for d in client.request("GET", "/api/session")[1]["delegations"]:
                    if d["name"] == firm:
                        assert client.request("POST", "/api/session/acting-for", {"subject": d["enterprise"]})[0] == 200
                        break
                else:
                    raise AssertionError(f"{login} may not act for {firm}")
            self.signed_in[login, firm] = client
        return client

    def number(self, login):
        return self(login).request("GET", "/api/profile?full=1")[1]["id_number"]

    def upload(self, who):
        return who.upload()

    def filled(self, who, matter, form):
        """@file: a picture that is uploaded; @fact: what the register has filled in; @number:login; @today+60."""
        out = {}
        for name, value in form.items():
            if value == "@file":
                value = [self.upload(who)]
            elif value in ("@address", "@fact"):
                items = who.request("GET", f"/api/matters/{matter}/prefill")[1]["items"]
                value = next(i["value"] for i in items if i["field"] == name)
            elif isinstance(value, str) and value.startswith("@number:"):
                value = self.number(value[8:])
            elif isinstance(value, str) and value.startswith("@today"):
                value = (datetime.datetime.now(SHANGHAI).date() + datetime.timedelta(days=int(value[6:]))).isoformat()
            out[name] = value
        return out

    def apply(self, who, matter, form, **more):
        body = {"form": self.filled(who, matter, form), **more}
        return who.command("POST", f"/api/matters/{matter}/applications", body)[:2]


def until(what, seconds=20):
    """What follows from a command without being part of it: asked for again until it is there. Returns what came last."""
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, ok, what):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL", what, flush=True)

    def finish_with(self, server, postgres=None):
        """The end of a test of a server: the state follows from the events; then everything is cleared away."""
        server.stop()
        verified = server.yiwang("verify", "state")
        self.check(verified.returncode == 0 and ", 0 differences" in verified.stdout, f"verify state: {verified.stdout[-400:]} {verified.stderr}")
        server.remove()
        if postgres:
            postgres.stop()
        sys.exit(self.finish())

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def begin(settings=None):
    """What the test of an interface begins with: its checks, the database it was called for, a server with the demo district, its people."""
    checks, postgres = Checks(), wanted_postgres()
    server = Server(postgres.url() if postgres else None, settings=settings)
    return checks, checks.check, postgres, server, People(server)
