#!/usr/bin/env python3
"""Backups and acknowledged writes under faults: kill -9 of the server and of a running backup, a full disk, an S3 that is away, a
clock that jumps. After each fault every backup that is in the bucket must restore, and the server that is restored from
the last one must answer the same to a client that reads everything.

    fault_rounds.py [--rounds 20] [--faults kill,disk,s3,clock] [--away 600] [--writers 8]

Exits non-zero if a backup does not restore, an answer differs or an acknowledged write is missing. The report names the
writes a second that this machine could do."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests")]

import httpx  # noqa: E402
from client import User  # noqa: E402
from mynah_process import BINARY, ROOT, Server, environment, free_port  # noqa: E402
from postgres_server import SECRETS  # noqa: E402

KEYS = {"S3_ACCESS_KEY": "test", "S3_SECRET_KEY": "test-test"}
BUCKET = "backups"
# No local model starts with each server.
NO_MODEL = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "unused", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


class Writer(threading.Thread):
    """Makes conversations, and keeps the ids of those that were acknowledged."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site, self.acknowledged, self.others, self.wrong = site, [], 0, None
        self.ended = threading.Event()

    def run(self):
        with httpx.Client(base_url=self.site.server.url, headers=self.site.user.http.headers, timeout=30) as client:
            while not self.ended.is_set():
                try:
                    made = client.post("/conversations", json={"title": "নির্ভয়ে ঘুম نوم هادئ 安睡 🌙"})
                except httpx.TransportError:
                    self.others += 1
                    time.sleep(0.05)
                    continue
                if made.status_code == 201:
                    self.acknowledged.append(made.json()["id"])
                else:
                    self.others += 1
                    # A session ends early by a clock that is days ahead.
                    if made.status_code not in (401, 503, 507):
                        self.wrong = made.text
                    time.sleep(0.05)


class Site:
    def __init__(self, folder, writers, away):
        self.folder, self.count, self.away = folder, writers, away
        (folder / f"s3/{BUCKET}").mkdir(parents=True)
        self.s3_port, self.s3 = free_port(), None
        self.start_s3()
        self.disk = folder / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=0700", "tmpfs", self.disk], check=True)
        self.clock = folder / "clock"
        self.clock.write_text("+0", encoding="utf-8")
        self.settings = SECRETS | KEYS | NO_MODEL | {"S3_ENDPOINT": f"http://127.0.0.1:{self.s3_port}"}
        clock = {
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        self.server = Server(self.disk, **self.settings | (clock if Path(FAKETIME).exists() else {}))
        # The library changes the environment of the first program that it is loaded into, which then misses its arguments.
        self.server.binary = folder / "mynah"
        self.server.binary.write_text(f'#!/bin/sh\nexec "{BINARY}" "$@"\n', encoding="utf-8")
        self.server.binary.chmod(0o755)
        self.server.start()
        self.user = User(self.server, "sleeper")
        self.acknowledged = set()

    def start_s3(self):
        key = f"{KEYS['S3_ACCESS_KEY']},{KEYS['S3_SECRET_KEY']}"
        self.s3 = subprocess.Popen(
            [ROOT / ".venv-tests/bin/rclone", "serve", "s3", "--addr", f"127.0.0.1:{self.s3_port}", "--auth-key", key, self.folder / "s3"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop_s3(self):
        self.s3.kill()
        self.s3.wait()

    def backup(self):
        return subprocess.Popen(
            [BINARY, "backup", f"s3://{BUCKET}/points"], cwd=self.disk, env=environment(self.disk, **self.settings),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def points(self):
        """The backups that are complete."""
        return sorted(path.parent.name for path in (self.folder / f"s3/{BUCKET}/points").glob("*/index.json"))

    def restore(self, point, *options, folder):
        return subprocess.run(
            [BINARY, "restore", f"s3://{BUCKET}/points/{point}", *options], cwd=folder, env=environment(folder, **self.settings),
            capture_output=True, text=True, timeout=600, check=False)

    def close(self):
        for process in (self.server.process, self.s3):
            if process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run(["umount", "-l", self.disk], check=False)


def kill(site, chance):
    """Of the server and of a backup that runs."""
    running = site.backup()
    time.sleep(chance.uniform(0.05, 1.5))
    site.server.kill()
    running.kill()
    running.communicate()
    site.server.start()


def disk(site, chance):
    ballast = site.disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    running = site.backup()
    running.communicate(timeout=300)
    time.sleep(chance.uniform(0.5, 2))
    ballast.unlink()


def s3(site, chance):
    running = site.backup()
    time.sleep(chance.uniform(0.05, 1))
    site.stop_s3()
    time.sleep(site.away)
    site.start_s3()
    said = running.communicate(timeout=900)[0]
    # A backup that began waits; one that could not begin says so.
    assert running.returncode == 0 or "cannot be stored" in said, said[-500:]


def clock(site, chance):
    for _ in range(4):
        site.clock.write_text(chance.choice(["+1h", "-1h", "+2d", "-3d", "+0"]), encoding="utf-8")
        time.sleep(0.5)
    running = site.backup()
    running.communicate(timeout=300)
    site.clock.write_text("+0", encoding="utf-8")


FAULTS = {"kill": kill, "disk": disk, "s3": s3, "clock": clock}


def everything(server, user):
    """What a client gets that reads all it has."""
    client = httpx.Client(base_url=server.url, headers=user.http.headers, timeout=60)
    answers, cursor = [client.get("/users/me").json(), client.get("/chatbots").json(), client.get("/workspaces").json()], None
    while True:
        page = client.get("/conversations", params={"limit": 200} | ({"after": cursor} if cursor else {})).json()
        answers += page["data"]
        cursor = page["next"]
        if not cursor:
            return answers


def prove(site, checked):
    """Each new point restores, and the server on the last one answers as the first does."""
    made = site.backup()
    said = made.communicate(timeout=300)[0]
    assert made.returncode == 0, said
    points = site.points()
    for point in points:
        if point in checked:
            continue
        with tempfile.TemporaryDirectory() as name:
            done = site.restore(point, "--verify-only", folder=Path(name))
            assert done.returncode == 0, f"{point}: {done.stdout}{done.stderr}"
        checked.add(point)
    last = max((site.folder / f"s3/{BUCKET}/points").glob("*/index.json"), key=lambda path: path.stat().st_mtime).parent.name
    with tempfile.TemporaryDirectory() as name:
        done = site.restore(last, folder=Path(name))
        assert done.returncode == 0, done.stdout + done.stderr
        copy = Server(Path(name), **site.settings)
        try:
            copy.start()
            mine, theirs = everything(site.server, site.user), everything(copy, site.user)
        finally:
            if copy.process and copy.process.poll() is None:
                copy.kill()
    assert mine == theirs, "the restored server answers otherwise"
    return len(mine)


def run_round(site, fault, chance, checked):
    writers = [Writer(site) for _ in range(site.count)]
    began = time.monotonic()
    for writer in writers:
        writer.start()
    time.sleep(chance.uniform(0.5, 1.5))
    FAULTS[fault](site, chance)
    time.sleep(1)
    for writer in writers:
        writer.ended.set()
    for writer in writers:
        writer.join(60)
    seconds = time.monotonic() - began
    wrong = [writer.wrong for writer in writers if writer.wrong]
    assert not wrong, wrong
    written = [one for writer in writers for one in writer.acknowledged]
    site.acknowledged.update(written)
    site.user.sign_in()
    read = prove(site, checked)
    stored = {one["id"] for one in everything(site.server, site.user) if isinstance(one, dict) and "id" in one}
    missing = site.acknowledged - stored
    assert not missing, f"{len(missing)} acknowledged writes are missing"
    return len(written) / seconds, sum(writer.others for writer in writers), read


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--away", type=float, default=600)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}, {options.rounds} rounds of each fault\n| fault | round | writes/s | refused or broken | points restored | "
          "answers equal | load |\n| --- | --: | --: | --: | --: | --: | --: |", flush=True)
    for fault in options.faults.split(","):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            site, checked = Site(Path(name), options.writers, options.away), set()
            try:
                for number in range(1, options.rounds + 1):
                    rate, others, read = run_round(site, fault, chance, checked)
                    print(f"| {fault} | {number} | {rate:.0f} | {others} | {len(checked)} | {read} | {os.getloadavg()[0]:.0f} |", flush=True)
            except BaseException:
                print(site.server.said[-3000:], file=sys.stderr)
                raise
            finally:
                site.close()
    print("fault_rounds: passed")


if __name__ == "__main__":
    main()
