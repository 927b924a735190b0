#!/usr/bin/env python3
"""秒批 over HTTP: applications that the rules decide in the same request, durable and with a certificate. An open loop at a fixed
rate (latency from the moment it was due), and saturation with wrk. Prints one JSON line; the load of the machine is part of it."""
import asyncio
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/support"))
from server import Client, Server  # noqa: E402

RATE, SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 500, int(sys.argv[2]) if len(sys.argv) > 2 else 10
load_before = os.getloadavg()[0]
server = Server(settings={"limits.address_per_second": 0})
client = Client(server.port).sign_in("xiaoyun")
address = next(i["value"] for i in client.request("GET", "/api/matters/residence_permit_endorsement/prefill")[1]["items"] if i["field"] == "address")
body = json.dumps({"form": {"address": address, "basis": "work", "unchanged": True, "phone": "13800000000"}}, ensure_ascii=False)
head = f"POST /api/matters/residence_permit_endorsement/applications HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nCookie: {client.cookie}\r\nContent-Length: {len(body.encode())}\r\n"


async def open_loop():
    free, latencies, bad = asyncio.Queue(), [], 0
    connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(64)]
    for c in connections:
        free.put_nowait(c)

    async def one(due):
        nonlocal bad
        reader, writer = await free.get()
        writer.write((head + f"Idempotency-Key: {uuid.uuid4().hex}\r\n\r\n" + body).encode())
        top = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", top).group(1)))
        free.put_nowait((reader, writer))
        latencies.append((time.perf_counter() - due) * 1000)
        bad += b'"granted"' not in answer
    begin, tasks = time.perf_counter() + 0.1, []
    for n in range(RATE * SECONDS):
        due = begin + n / RATE
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    latencies.sort()
    return {"rate": RATE, "seconds": SECONDS, "n": len(latencies), "not_granted": bad, **{f"p{p}_ms": round(latencies[min(len(latencies) - 1, int(len(latencies) * p / 100))], 2) for p in (50, 95, 99)}}


result = {"load_before": round(load_before, 2), "open_loop": asyncio.run(open_loop())}
wrk = subprocess.run(["wrk", "-t2", "-c64", f"-d{SECONDS}s", "-s", str(pathlib.Path(__file__).with_name("apply.lua")), f"http://127.0.0.1:{server.port}", "--", client.cookie, body, uuid.uuid4().hex], capture_output=True, text=True)
rate = re.search(r"Requests/sec:\s+([\d.]+)", wrk.stdout)
result["saturation_per_second"] = float(rate.group(1)) if rate else None
result["wrk"] = [line.strip() for line in wrk.stdout.splitlines() if "Latency" in line or "Non-2xx" in line or line[:1].isdigit()]
result["load_after"] = round(os.getloadavg()[0], 2)
time.sleep(3)
certificates = client.request("GET", "/api/certificates")[1]["items"]
result["newest_certificates_signed"] = all(c["proof_ready"] for c in certificates)
print(json.dumps(result, ensure_ascii=False))
server.stop()
server.remove()
