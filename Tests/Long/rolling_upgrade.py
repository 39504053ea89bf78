#!/usr/bin/env python3
"""Replaces two instances on PostgreSQL one after the other while clients chat, write and read streams through HAProxy. Exits
non-zero if a request fails, a chat turn is stored twice, a stream breaks or a write is missing.
MYNAH_OLD_BIN names the program that is replaced, of an earlier release without SHUTDOWN_DELAY, whose clients may have to repeat
a request; without it, the same program is restarted.

    rolling_upgrade.py [--writers 4] [--rounds 3]"""

import argparse
import collections
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests", "Long/availability")]

from balanced import Balancer, Reader, Writer  # noqa: E402
from client import User  # noqa: E402
from mynah_process import BINARY, Server, environment  # noqa: E402
from postgres_server import SECRETS, Postgres  # noqa: E402
from vendor import Vendor  # noqa: E402

OLD = Path(os.environ.get("MYNAH_OLD_BIN", BINARY)).resolve()


class Site:
    def __init__(self, folder, vendor):
        (folder / "postgres").mkdir()
        self.postgres = Postgres(folder / "postgres")
        self.settings = vendor.settings | SECRETS | {
            "DATABASE_URL": self.postgres.url, "RATE_LIMIT": "1000000/minute",
            "SHUTDOWN_DELAY": "3",
        }
        self.servers = []
        for number in (1, 2):
            (folder / f"server-{number}").mkdir()
            self.servers.append(Server(folder / f"server-{number}", **self.settings))
        self.balancer = None
        self.turns = 0
        self.folder = folder

    def start(self):
        for server in self.servers:
            server.binary = OLD
            server.start()
        self.balancer = Balancer(self.folder, self.servers, "haproxy")
        self.url, self.port = self.balancer.url, self.balancer.port
        self.user = User(self, "writer")

    def migrations(self):
        return int(self.postgres.query("SELECT MAX(number) FROM schema_migrations"))

    def close(self):
        if self.balancer:
            self.balancer.close()
        for server in self.servers:
            if server.process and server.process.poll() is None:
                server.kill()
        self.postgres.run("stop")


def roll(site, count):
    """Returns the problems found."""
    writers = [Writer(site, chats=True) for _ in range(count)]
    readers = [Reader(site) for _ in range(4)]
    for thread in writers + readers:
        thread.start()
    time.sleep(2)
    before = site.migrations()
    for server in site.servers:
        assert server.stop() == 0, "a stopped server exits with 0"
        server.binary = BINARY
        server.start()
        time.sleep(2)
    for writer in writers:
        writer.ended.set()
    for thread in writers + readers:
        thread.join(120)
    counts = collections.Counter(status for writer in writers for _, _, status, _ in writer.answers)
    slowest = max(end - begin for writer in writers for begin, end, _, _ in writer.answers)
    ends = collections.Counter(reader.problem or reader.last for reader in readers)
    acknowledged = {one for writer in writers for one in writer.acknowledged}
    missing = acknowledged - set(site.postgres.query("SELECT id FROM conversations").split())
    repeated = collections.Counter(status for writer in writers for status in writer.repeated)
    print(f"migration {before} to {site.migrations()}: answers {dict(counts)}, repeated {dict(repeated)}, the slowest after {slowest:.1f} s; streams {dict(ends)}; "
          f"{len(missing)} writes missing; load {os.getloadavg()[0]:.0f}", flush=True)
    problems = []
    if set(counts) != {200, 201}:
        problems.append(f"requests failed: {dict(counts)}")
    if repeated and OLD == BINARY:
        problems.append(f"requests had to be repeated: {dict(repeated)}")
    if not set(ends) <= {"done", "reconnect"}:
        problems.append(f"streams broke: {dict(ends)}")
    turns = int(site.postgres.query("SELECT count(*) FROM messages WHERE sender = 'user' AND content = 'কেমন চলছে?'"))
    site.turns += counts[200]
    if turns != site.turns:
        problems.append(f"{turns} chat turns are stored, and {site.turns} were answered")
    if missing:
        problems.append(f"{len(missing)} writes are missing")
    return problems


def older_refuses(site):
    """The program that was replaced does not start on the newer database, and says why."""
    folder = site.servers[0].folder
    done = subprocess.run(
        [OLD, "migrate"], env=environment(folder, **site.settings), cwd=folder, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    print(f"the older program says: {said[-300:]}")
    return [] if done.returncode != 0 and "which this release does not know" in said else [f"it did not refuse: {said}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    vendor = Vendor()
    vendor.answer("দীর্ঘ উত্তর", *[step for _ in range(30) for step in ("ধীরে ", 0.2)])
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name), vendor)
        try:
            site.start()
            old = site.migrations()
            problems = [problem for _ in range(options.rounds) for problem in roll(site, options.writers)]
            if site.migrations() > old:
                problems += older_refuses(site)
        finally:
            site.close()
            vendor.close()
    print("\n".join(problems) or "rolling_upgrade: passed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
