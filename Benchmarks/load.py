"""Load from wrk, and the server's cost of each request."""

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "Tests"))
import texts

# Prints wrk's latency histogram as one line of JSON; `request` cycles through the requests.
SCRIPT = """
local paths, bodies, token, at, made = %s, %s, %s, 0, {}
function init(args)
    local headers = {["Content-Type"] = "application/json"}
    if token ~= "" then headers["Authorization"] = "Bearer " .. token end
    for i, path in ipairs(paths) do
        local body = bodies[i]
        made[i] = wrk.format(body and "POST" or "GET", path, headers, body)
    end
end
function request()
    at = at %% #made + 1
    return made[at]
end
function done(summary, latency, requests)
    local e = summary.errors
    print(string.format('RESULT {"requests": %%d, "microseconds": %%d, "p50": %%d, "p99": %%d, "errors": %%d}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def lua(values):
    return "{" + ",".join(json.dumps(value, ensure_ascii=False) for value in values) + "}"


class Work:
    """The requests: paths, and bodies if they are posted."""

    def __init__(self, name, paths, bodies=(), token="", pool=None):
        self.name = name
        self.script = SCRIPT % (lua(paths), lua(bodies), json.dumps(token))
        self.pool = pool

    @classmethod
    def chat(cls, candidate, pool, name="chat turn"):
        # A customer's question in each of many languages, as UTF-8.
        bodies = [
            json.dumps({"conversation_id": each, "message": texts.short(number)}, ensure_ascii=False)
            for number, each in enumerate(pool.ids)
        ]
        return cls(name, ["/chat"] * len(bodies), bodies, candidate.client.token, pool)


def wrk(port, work, connections, seconds, folder):
    script = folder / "work.lua"
    script.write_text(work.script, encoding="utf-8")
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", script,
         f"http://127.0.0.1:{port}"],
        capture_output=True, text=True,
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if not line:
        raise RuntimeError(f"wrk: {done.stdout} {done.stderr}")
    return json.loads(line.removeprefix("RESULT "))


def quiet(process, longest=20.0):
    """Waits until a server has finished all of its requests."""
    last, began = process.cpu(), time.monotonic()
    while time.monotonic() - began < longest:
        time.sleep(0.15)
        now = process.cpu()
        if now - last < 0.015:
            return
        last = now


def measure(candidate, work, connections, seconds, folder):
    """One run: CPU time, rate and latency of a request, and failures.

    When time is up, wrk drops one request for each of its connections, and the server finishes those too: they
    count as requests for the CPU time, but not for the rate."""
    if work.pool:
        work.pool.reset()
        kept = work.pool.count()
    quiet(candidate.process)
    server, database = candidate.cpu()
    seen = wrk(candidate.process.port, work, connections, seconds, folder)
    quiet(candidate.process)
    server, database = candidate.cpu()[0] - server, candidate.cpu()[1] - database
    answered = seen["requests"]
    errors = seen["errors"]
    if work.pool:
        errors += unkept(candidate, work.pool, kept, answered, connections)
    finished = answered + connections
    return {
        "cpu_us": server / finished * 1e6,
        "database_cpu_us": database / finished * 1e6,
        "rate": answered / seen["microseconds"] * 1e6,
        "p50_ms": seen["p50"] / 1000,
        "p99_ms": seen["p99"] / 1000,
        "errors": errors,
        "requests": answered,
        "rss_mb": candidate.process.rss() / 1e6,
    }


def unkept(candidate, pool, kept, answered, connections):
    """Returns the turns that were answered and do not have two complete messages in the database."""
    added = pool.count() - kept
    missing = max(0, 2 * answered - added) + max(0, added - 2 * (answered + connections))
    if candidate.kind == "mynah":
        missing += pool.count("status <> 'complete'")
    return missing
