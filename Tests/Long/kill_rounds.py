#!/usr/bin/env python3
"""kill -9 during concurrent paid turns: acknowledged data is kept, credits add up, and conversations are free again at
once. On PostgreSQL two servers share the database; one is killed, and the other frees its conversations.

    kill_rounds.py [--sqlite 20] [--postgres 10]

Exits non-zero at the first error. MYNAH_BIN names the server, as in the other tests."""

import argparse
import contextlib
import random
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests")]

import httpx  # noqa: E402
from client import User  # noqa: E402
from mynah_process import Server, make_admin  # noqa: E402
from postgres_server import SECRETS, Postgres  # noqa: E402
from vendor import Vendor  # noqa: E402

TALKERS = 8
FREE_SECONDS = 5
CREDITS = 1_000_000
WORDS = ["জীবিত ", 0.05, "باقٍ ", 0.05, "活着 ", 0.05, "🌱"]


class Talker(threading.Thread):
    """Sends turns in its own conversation until the server is gone; records acknowledged turns."""

    def __init__(self, user, conversation, server, name):
        super().__init__(daemon=True)
        self.conversation, self.name = conversation, name
        self.http = httpx.Client(base_url=server.url, timeout=60, headers=user.http.headers)
        self.sent, self.replies = [], []

    def run(self):
        with contextlib.suppress(httpx.TransportError, OSError):
            for index in range(10_000):
                text = f"{self.name} {index}"
                answer = self.http.post(f"/conversations/{self.conversation}/messages", json={"content": text})
                assert answer.status_code == 200, answer.text
                self.sent.append(text)
                self.replies.append(answer.json()[1])


class Site:
    def __init__(self, folder, engine, vendor):
        self.folder, self.postgres = Path(folder), None
        settings = vendor.settings | {"DEFAULT_PRICE": "0/1000000", "RATE_LIMIT": "1000000/minute"}
        if engine == "postgres":
            (self.folder / "postgres").mkdir()
            self.postgres = Postgres(self.folder / "postgres")
            settings |= SECRETS | {"DATABASE_URL": self.postgres.url}
        self.servers = []
        for number in range(2 if self.postgres else 1):
            own = self.folder / f"server-{number}"
            own.mkdir()
            self.servers.append(Server(own, **settings).start())
        self.admin = make_admin(self.servers[0])
        self.user = User(self.servers[0], "payer")
        self.id = self.user.get("/users/me")["id"]
        limits = {"plan": "pro", "limits": {"requests_per_minute": 1_000_000}}
        assert self.admin.patch(f"/admin/users/{self.id}", json=limits).status_code == 200
        credits = {"balance": CREDITS, "reason": "Rounds."}
        assert self.admin.post(f"/admin/users/{self.id}/credits", json=credits).status_code == 200
        self.talkers = []

    def close(self):
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()
        if self.postgres:
            self.postgres.run("stop")

    def number(self, sql):
        if self.postgres:
            return int(self.postgres.query(f"{sql};"))
        with contextlib.closing(sqlite3.connect(self.folder / "server-0/mynah.sqlite", timeout=30)) as database:
            return int(database.execute(sql).fetchone()[0])

    def at(self, server):
        self.user.http.base_url, self.user.port = server.url, server.port

    def round(self, index, chance):
        killed = self.servers[index % len(self.servers)]
        self.at(killed)
        self.user.sign_in()
        talkers = [
            Talker(self.user, self.user.conversation(), killed, f"{index}-{number}") for number in range(TALKERS)]
        for talker in talkers:
            talker.start()
        time.sleep(chance.uniform(0.3, 2))
        killed.kill()
        dead = time.monotonic()
        for talker in talkers:
            talker.join(30)
            assert not talker.is_alive()
        if self.postgres:
            self.at(self.servers[1 - index % 2])
        else:
            killed.start()
            started = time.monotonic()
            dead = started
        slowest = max(self.free(talker, dead) for talker in talkers)
        if self.postgres:
            killed.start()
        self.talkers += talkers
        for talker in talkers:
            self.check(talker)
        return slowest, sum(len(talker.sent) for talker in talkers)

    def free(self, talker, dead):
        """Returns the seconds from the kill until the conversation accepted a turn."""
        path = f"/conversations/{talker.conversation}/messages"
        while True:
            asked = time.monotonic()
            answer = self.user.http.post(path, json={"content": "চলো"})
            if answer.status_code == 200:
                return asked - dead
            assert answer.json()["error"]["code"] == "conversation_busy", answer.text
            assert time.monotonic() - dead < 40, "the conversation stays busy"
            time.sleep(0.1)

    def check(self, talker):
        found = self.user.get(f"/conversations/{talker.conversation}/messages?limit=200")["data"]
        asked = [one["content"] for one in found if one["sender"] == "user"]
        assert asked[: len(talker.sent)] == talker.sent, (talker.sent, asked)
        # An unacknowledged message may be stored, and the later one is.
        assert len(asked) <= len(talker.sent) + 2, asked
        stored = {one["id"]: one for one in found}
        for reply in talker.replies:
            assert (stored[reply["id"]]["content"], stored[reply["id"]]["status"]) == (reply["content"], "complete")
        assert all(one["status"] in ("complete", "partial") for one in found), found

    def settle(self):
        """Reservations are refunded, and the spent amount is the sum of the logs."""
        deadline = time.monotonic() + 120
        for server in self.servers:
            server.stop()
        # Makes the dead server's reservations expire and the refunding job due.
        change = "UPDATE reservations SET expires_at = 1; UPDATE jobs SET run_at = 0 WHERE kind = 'reservations.release'"
        if self.postgres:
            self.postgres.psql(f"\\connect mynah\n{change};")
        else:
            with contextlib.closing(sqlite3.connect(self.folder / "server-0/mynah.sqlite", timeout=30)) as database:
                database.executescript(change)
        for server in self.servers:
            server.start()
        while self.number("SELECT COUNT(*) FROM reservations"):
            assert time.monotonic() < deadline, "reservations stay"
            time.sleep(0.2)
        self.at(self.servers[0])
        self.user.sign_in()
        credits = self.user.get("/users/me/usage")["credits"]
        assert credits["reserved"] == 0, credits
        spent = CREDITS - credits["balance"]
        logged = self.number(f"SELECT COALESCE(SUM(cost), 0) FROM message_logs WHERE payer_id = '{self.id}'")
        return spent, logged


def run(engine, rounds, seed):
    chance = random.Random(seed)
    vendor = Vendor()
    vendor.reply = WORDS
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder, engine, vendor)
        try:
            for index in range(rounds):
                slowest, sent = site.round(index, chance)
                print(f"{engine} round {index + 1}: {sent} turns acknowledged, all there; conversations free after "
                      f"{slowest:.2f} s", flush=True)
                assert slowest <= FREE_SECONDS, slowest
            spent, logged = site.settle()
            for talker in site.talkers:
                site.check(talker)
            calls = site.number("SELECT COUNT(*) FROM message_logs")
            print(f"{engine}: {calls} calls, {spent} credits spent, {logged} in the logs, nothing reserved", flush=True)
            assert spent == logged > 0, (spent, logged)
        except BaseException:
            for server in site.servers:
                print(server.said[-3000:], file=sys.stderr)
            raise
        finally:
            site.close()
            vendor.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sqlite", type=int, default=20, metavar="ROUNDS")
    parser.add_argument("--postgres", type=int, default=10, metavar="ROUNDS")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    for engine, rounds in (("sqlite", options.sqlite), ("postgres", options.postgres)):
        if rounds:
            run(engine, rounds, options.seed)


if __name__ == "__main__":
    main()
