#!/usr/bin/env python3
"""One hostile tenant runs each attack for a minute, while another tenant's turns must all succeed and take at
most twice their usual time. Prints a table; exits non-zero if a turn failed or a median ratio exceeds 2.

    hostile_minute.py --seconds 60 --engine both [--only slow_readers,exports]

MYNAH_BIN names the server, as in the other tests; use a release build for meaningful times. The attacks run in a
separate process with a low priority, so that the load itself takes little of the machine."""

import argparse
import contextlib
import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests")]

from client import User, eventually  # noqa: E402
from hostile_attacks import ATTACKS, ORIGIN, Attack, Caller  # noqa: E402
from mynah_process import Server  # noqa: E402
from postgres_server import SECRETS, Postgres  # noqa: E402
from vendor import Status, Vendor  # noqa: E402

# The vendor's time for each turn, compared with which the server's own is small.
REPLY_SECONDS = 0.5
NEIGHBOURS = 4
MESSAGES = 300_000
RATIO = 2
# The ratio for turns on the packaged model, which reads two prompts on the same processors.
LOCAL_RATIO = 3


class Scene:
    """A server on one engine, a neighbour, and the hostile user's objects."""

    def __init__(self, folder, engine, vendor, **others):
        self.folder, self.postgres = Path(folder), None
        settings = vendor.settings | {
            "ALLOW_PRIVATE_ENDPOINTS": "on", "MEMORY_WARNING_MB": "0", "WIDGET_RATE_LIMIT": "100000/minute"} | others
        if engine == "postgres":
            (self.folder / "postgres").mkdir()
            self.postgres = Postgres(self.folder / "postgres")
            settings |= SECRETS | {"DATABASE_URL": self.postgres.url}
        self.server = Server(self.folder, **settings).start()
        self.neighbour, self.hostile = User(self.server, "neighbour"), User(self.server, "mallory")
        self.number = 0

    def close(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.stop()
        if self.postgres:
            self.postgres.run("stop")

    def sql(self, *statements):
        if self.postgres:
            self.postgres.query(";".join(statements) + ";", timeout=600)
            return
        with contextlib.closing(sqlite3.connect(self.folder / "mynah.sqlite", timeout=60)) as database, database:
            for statement in statements:
                database.execute(statement)

    def fill(self, chatbot, workspace, conversations, each, text):
        """Writes messages of the hostile user directly into the database; returns the last conversation."""
        self.number += 1
        mark, me = f"c{self.number}", self.hostile.get("/users/me")["id"]

        def numbers(count, name):
            if self.postgres:
                return f"generate_series(1, {count}) AS {name} (n)"
            return (f"(WITH RECURSIVE s (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s WHERE n < {count})"
                    f" SELECT n FROM s) AS {name}")

        self.sql(
            f"""INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, last_position, created_at, updated_at)
            SELECT '{mark}-' || a.n, '{workspace}', '{chatbot}', '{me}', {each}, a.n, a.n FROM {numbers(conversations, "a")}""",
            # PostgreSQL takes time that grows with the square of the rows if one transaction counts them in one row.
            *(f"""INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)
            SELECT '{mark}-{n}-' || b.n, '{workspace}', '{mark}-{n}', b.n, 'user', '{text}', 'complete', 1
            FROM {numbers(each, "b")}""" for n in range(1, conversations + 1)))
        return f"{mark}-{conversations}"

    def chatbot(self, **fields):
        return self.hostile.post("/chatbots", {"name": "বট"} | fields, 201)

    def prepare(self):
        """Prepares what the attacks need."""
        mine = self.chatbot()
        workspace = mine["workspace_id"]
        # The kernel accepts the connection, and no program reads it.
        self.silent = socket.create_server(("127.0.0.1", 0), backlog=1024)
        slow = f"http://127.0.0.1:{self.silent.getsockname()[1]}/"
        key = self.hostile.post(
            f"/chatbots/{mine['id']}/api-keys", {"kind": "publishable", "origins": [ORIGIN]}, 201)["key"]
        return {
            "port": self.server.port, "token": self.hostile.token,
            "slow_endpoint": self.chatbot(llm_endpoint_url=slow)["id"],
            "dead_endpoint": self.chatbot(llm_endpoint_url="http://127.0.0.1:9/")["id"],
            "nameless": [self.chatbot(llm_endpoint_url=f"http://slow{n}.example/")["id"] for n in range(8)],
            "large": self.fill(mine["id"], workspace, 1, 200, "লিখিত কথা " * 1500), "publishable": key,
            "local": mine["id"],
        }

    def count(self, sql):
        if self.postgres:
            return int(self.postgres.query(f"{sql};"))
        with contextlib.closing(sqlite3.connect(self.folder / "mynah.sqlite", timeout=30)) as database:
            return database.execute(sql).fetchone()[0]

    def prepare_deletion(self, messages=MESSAGES):
        team = self.hostile.post("/workspaces", {"name": "فريق"}, 201)["id"]
        busy = self.chatbot()
        self.hostile.http.headers["X-Workspace-ID"] = team
        other = self.chatbot()
        del self.hostile.http.headers["X-Workspace-ID"]
        for chatbot in (busy, other):
            self.fill(chatbot["id"], chatbot["workspace_id"], messages // 200, 200, "লিখিত কথা " * 20)
        return {"busy": busy["id"], "workspace": team}

    def turns(self, seconds, **fields):
        """Returns the times and failures of the neighbour's turns, in several concurrent conversations."""
        end, took, failed, lock = time.monotonic() + seconds, [], [], threading.Lock()

        def talk(number):
            caller = Caller(self.server.port, self.neighbour.token)
            while time.monotonic() < end:
                began = time.monotonic()
                status, body = caller.call("POST", "/chat", {"message": f"كيف الحال؟ {number}"} | fields)
                time_taken = time.monotonic() - began
                succeeded = status == 200 and json.loads(body)["message"]["status"] == "complete"
                with lock:
                    took.append(time_taken)
                    if not succeeded:
                        failed.append((status, body[:300]))

        talking = [threading.Thread(target=talk, args=(n,)) for n in range(NEIGHBOURS)]
        for thread in talking:
            thread.start()
        for thread in talking:
            thread.join()
        return took, failed

    def attacked(self, state, seconds, work):
        """The attack runs while `work` does."""
        path = self.folder / "attack.json"
        path.write_text(json.dumps(state | {"seconds": seconds + 2}))
        with (self.folder / "attack.log").open("ab") as log:
            attack = subprocess.Popen(
                ["nice", "-n", "10", sys.executable, __file__, "--attack", str(path)], stdout=subprocess.PIPE, stderr=log)
        try:
            time.sleep(1)
            result = work()
            said = attack.communicate(timeout=150)[0]
        finally:
            attack.kill()
        lines = said.decode().strip().splitlines()
        return result, json.loads(lines[-1]) if lines else {"none": 1}


@contextlib.contextmanager
def scene(engine, vendor, **settings):
    with tempfile.TemporaryDirectory() as folder:
        here = Scene(folder, engine, vendor, **settings)
        try:
            yield here, here.prepare()
        finally:
            here.close()


def quantile(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")


def measure(here, name, state, seconds, report, ratio=RATIO, **fields):
    for user in (here.neighbour, here.hostile):
        user.sign_in()
    state = state | {"token": here.hostile.token}
    alone, failed_alone = here.turns(max(5, seconds / 6), **fields)
    (times, failed), statuses = here.attacked(
        state | {"name": name}, seconds, lambda: here.turns(seconds, **fields))
    row = {
        "attack": name, "turns": len(times), "failures": len(failed) + len(failed_alone), "limit": ratio,
        "alone": statistics.median(alone), "alone_p95": quantile(alone, 0.95),
        "attacked": statistics.median(times), "attacked_p95": quantile(times, 0.95), "worst": max(times),
        "statuses": statuses, "said": [str(one) for one in (failed_alone + failed)[:3]],
    }
    row["ratio"] = row["attacked"] / row["alone"]
    report(row)
    # Ends what the attack left running before the next one.
    time.sleep(3)
    return row


def show(row):
    print(f"{row['attack']:<18}{row['turns']:>6}{row['failures']:>9}{row['alone']:>8.2f}{row['alone_p95']:>8.2f}"
          f"{row['attacked']:>10.2f}{row['attacked_p95']:>8.2f}{row['worst']:>8.2f}{row['ratio']:>7.2f}  "
          f"{json.dumps(row['statuses'])}" + (f"\n    failed: {row['said']}" if row["said"] else ""), flush=True)


def run(engine, seconds, names):
    vendor = Vendor()
    vendor.reply = [REPLY_SECONDS, "শুভ ", "সকাল"]
    vendor.answer("slow", 20, "at last")
    vendor.answer("fail", Status(500, {"error": {"message": "boom"}}))
    print(f"\n{engine}\n{'attack':<18}{'turns':>6}{'failures':>9}{'alone':>8}{'p95':>8}{'attacked':>10}{'p95':>8}{'worst':>8}"
          f"{'ratio':>7}  the attack's answers", flush=True)
    rows = []
    try:
        with scene(engine, vendor) as (here, state):
            for name in names:
                if name == "slow_names" and not NAMES:
                    print(f"{name:<18} skipped: needs root, for a name server that is silent")
                elif name != "long_prompts":
                    extra = here.prepare_deletion() if name == "deletions" else {}
                    rows.append(measure(here, name, state | extra, seconds, show))
        if "long_prompts" in names:
            with scene(engine, vendor, LLM_PROVIDER="local", LLM_MODEL="") as (here, state):
                remote = here.neighbour.post("/chatbots", {"name": "দূর", "provider": "openai", "model": "scripted"}, 201)
                rows.append(measure(here, "long_prompts", state, seconds, show, chatbot_id=remote["id"]))
                if eventually(lambda: not here.turns(1)[1], 90):
                    rows.append(measure(here, "long_prompts", state, seconds, show, LOCAL_RATIO))
                else:
                    print(f"{'':<18} the packaged model does not run here")
    finally:
        vendor.close()
    return [row | {"engine": engine} for row in rows]


NAMES = os.environ.get("MYNAH_SILENT_NAMES") == "1"


def with_silent_names():
    """Restarts this program with an unresponsive name server as its only one."""
    if NAMES or os.geteuid() != 0:
        return
    resolver = tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False)
    resolver.write("nameserver 127.0.0.1\n")
    resolver.close()
    script = f'mount --bind {resolver.name} /etc/resolv.conf && exec "$@"'
    os.environ["MYNAH_SILENT_NAMES"] = "1"
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", sys.executable, *sys.argv])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long each attack lasts")
    parser.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--only", default="", help="names of attacks, with commas between them")
    parser.add_argument("--attack", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        Attack(json.loads(Path(options.attack).read_text())).run()
        # Does not wait for threads that still wait for a response.
        sys.stdout.flush()
        os._exit(0)
    with_silent_names()
    if NAMES:
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.1", 53))
    names = [name for name in options.only.split(",") if name] or ATTACKS
    engines = ["sqlite", "postgres"] if options.engine == "both" else [options.engine]
    rows = [row for engine in engines for row in run(engine, options.seconds, names)]
    bad = [row for row in rows if row["failures"] or row["ratio"] > row["limit"]]
    for row in bad:
        print(f"FAILED {row['engine']} {row['attack']}: {row['failures']} failures, ratio {row['ratio']:.2f}")
    print("all turns succeeded, and no median ratio is over the limit" if not bad else "")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
