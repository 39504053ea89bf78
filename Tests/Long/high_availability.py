#!/usr/bin/env python3
"""Takes away the PostgreSQL leader and an instance of Mynah while clients write and read streams, and prints what the clients saw.
Everything runs on this machine, configured as docs/operating/high-availability.md says. Exits non-zero if a client saw a
500 or a broken connection that it should not, if an acknowledged write is missing, or if a pause was too long.

    high_availability.py [--writers 4] [--rounds 1]"""

import argparse
import collections
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests", "Long/availability")]

from balanced import Balancer, Reader, Writer  # noqa: E402
from client import User  # noqa: E402
from cluster import Cluster, wait  # noqa: E402
from mynah_process import Server  # noqa: E402
from postgres_server import SECRETS  # noqa: E402
from vendor import Vendor  # noqa: E402

SWITCHOVER_SECONDS = 3
KILLED_SECONDS = 30
TERMINAL = {"done", "error", "stopped"}

class Site:
    """nginx, two instances of Mynah and the cluster."""

    def __init__(self, folder, cluster, vendor):
        self.folder, self.cluster = folder, cluster
        settings = vendor.settings | SECRETS | {"RATE_LIMIT": "1000000/minute"}
        self.servers = []
        for name, url in (("by-haproxy", cluster.url()), ("by-libpq", cluster.url_of_all())):
            (folder / name).mkdir()
            self.servers.append(Server(folder / name, **settings | {"DATABASE_URL": url}))
        for server in self.servers:
            server.start()
        cluster.psql(f"UPDATE plans SET {Server.lifted} WHERE id = 'free'", "mynah")
        self.balancer = Balancer(folder, self.servers)
        self.url, self.port = self.balancer.url, self.balancer.port
        self.user = User(self, "writer")

    def close(self):
        self.balancer.close()
        for server in self.servers:
            if server.process and server.process.poll() is None:
                server.kill()


def pause(answers, begin):
    """The longest time without a 201 from `begin` on."""
    times = sorted(end for _, end, status, _ in answers if status == 201)
    return max((b - a for a, b in zip(times, times[1:]) if b > begin), default=float("inf"))


class Trial:
    """One fault under load, and what is judged of it."""

    def __init__(self, site, writers):
        self.site, self.count = site, writers
        self.problems = []

    def run(self, what, fault, most, allows_breaks=False, streams=4):
        site = self.site
        writers = [Writer(site) for _ in range(self.count)]
        readers = [Reader(site) for _ in range(streams)]
        for thread in writers + readers:
            thread.start()
        time.sleep(3)
        began = time.monotonic()
        detail = fault() or ""
        wait(f"writes after {what}", 120, lambda: self.flows(writers, began))
        time.sleep(3)
        for writer in writers:
            writer.ended.set()
        for thread in writers + readers:
            thread.join(120)
        self.judge(what, detail, most, writers, readers, began, allows_breaks)

    def flows(self, writers, began):
        """Each writer has had an answer that was asked for after the fault, and then a 201 for a second."""
        now = time.monotonic()
        recent = [one for writer in writers for one in writer.answers[-40:] if one[1] > now - 1.5]
        return now > began + 2 and len(recent) > 3 and all(one[2] == 201 for one in recent)

    def judge(self, what, detail, most, writers, readers, began, allows_breaks):
        answers = [one for writer in writers for one in writer.answers]
        counts = collections.Counter(status for _, _, status, _ in answers)
        longest = pause(answers, began)
        acknowledged = [one for writer in writers for one in writer.acknowledged]
        stored = set(self.site.cluster.psql("SELECT id FROM conversations", "mynah").split())
        missing = [one for one in acknowledged if one not in stored]
        ends = collections.Counter(reader.problem or reader.last for reader in readers)
        load = os.getloadavg()[0]
        print(f"| {what} {detail} | {longest:.1f} s (≤ {most}) | {dict(counts)} | {len(acknowledged)}, {len(missing)} missing | "
              f"{dict(ends)} | {load:.0f} |", flush=True)
        self.require(longest <= most, f"{what}: a pause of {longest:.1f} s")
        self.require(not missing, f"{what}: {len(missing)} acknowledged writes are missing")
        allowed = {201, 503} | ({502, "RemoteProtocolError", "ReadError"} if allows_breaks else set())
        self.require(set(counts) <= allowed, f"{what}: answers {dict(counts)}")
        without = [one for one in answers if one[2] == 503 and not (one[3] or "").isdigit()]
        self.require(not without, f"{what}: {len(without)} answers 503 without Retry-After")
        if not allows_breaks:
            self.require(set(ends) <= TERMINAL, f"{what}: streams ended with {dict(ends)}")

    def require(self, holds, problem):
        if not holds:
            self.problems.append(problem)


def trials(site, cluster, writers, rounds):
    trial = Trial(site, writers)
    print("| fault | longest pause | answers | acknowledged writes | ends of streams | load |\n| --- | --- | --- | --- | --- | --- |")
    for _ in range(rounds):
        trial.run("switchover", cluster.switch_over, SWITCHOVER_SECONDS)
        cluster.settle()
        killed = cluster.leader()
        trial.run("leader killed", lambda: killed.kill() or killed.name, KILLED_SECONDS)
        killed.start()
        cluster.settle()
        follower = cluster.standby()
        trial.run("synchronous standby killed", lambda: follower.kill() or follower.name, KILLED_SECONDS)
        follower.start()
        cluster.settle()
        trial.run("mynah restarted", lambda: site.servers[0].restart() and "(SIGTERM)", SWITCHOVER_SECONDS)
        trial.run("mynah killed", lambda: site.servers[1].kill(), SWITCHOVER_SECONDS, allows_breaks=True)
        site.servers[1].start()
    counts = {node.name: cluster.psql("SELECT count(*) FROM conversations", "mynah", node) for node in cluster.nodes}
    wait("equal nodes", 30, lambda: len({
        cluster.psql("SELECT count(*) FROM conversations", "mynah", node) for node in cluster.nodes}) == 1)
    print(f"\nconversations on the nodes: {counts}")
    return trial.problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    vendor = Vendor()
    vendor.reply = [step for _ in range(40) for step in ("ধীরে ", 0.2)]
    with tempfile.TemporaryDirectory() as name:
        cluster, site = Cluster(), None
        try:
            cluster.start()
            site = Site(Path(name), cluster, vendor)
            problems = trials(site, cluster, options.writers, options.rounds)
        except BaseException:
            for log in sorted(cluster.folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2500:]}", file=sys.stderr)
            for server in site.servers if site else []:
                print(server.said[-3000:], file=sys.stderr)
            raise
        finally:
            if site:
                site.close()
            cluster.close()
            vendor.close()
    print("\n".join(problems) or "high_availability: passed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
