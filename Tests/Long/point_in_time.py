#!/usr/bin/env python3
"""Runs the commands of docs/operating/point-in-time.md with real programs under load: kills Mynah and Litestream, loses the
database, restores it; restores both engines to a moment. Exits non-zero if more is missing than the page says.

    point_in_time.py [--rounds 3] [--seconds 8]"""

import argparse
import datetime
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests")]

import httpx  # noqa: E402
from client import User  # noqa: E402
from mynah_process import BINARY, ROOT, Server, environment, free_port  # noqa: E402
from postgres_server import SECRETS, Postgres  # noqa: E402

GUIDE = (ROOT / "docs/operating/point-in-time.md").read_text(encoding="utf-8")
TOOLS = ROOT / ".venv-operations/bin"
MOST_MISSING = 1.0
WRITERS = 4
# No local model starts beside the load.
SECRETS = SECRETS | {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "unused", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
S3_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-test", "AWS_REGION": "us-east-1"}


def blocks(heading, language):
    """The code blocks of a section, up to the next heading of its level."""
    section = GUIDE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def replaced(text, values):
    for old, new in values.items():
        assert old in text or old.startswith("?"), f"the guide no longer says {old}"
        text = text.replace(old.lstrip("?"), str(new))
    return text


class Load:
    """Threads that make conversations and remember when each was acknowledged."""

    def __init__(self, server, user):
        self.acknowledged = []
        self.ended = threading.Event()
        self.threads = [
            threading.Thread(target=self.write, args=(server.url, user.http.headers), daemon=True) for _ in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def write(self, url, headers):
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
            while not self.ended.is_set():
                try:
                    made = client.post("/conversations", json={"title": "জরুরি নথি 🌱 وثيقة 文件"})
                except httpx.TransportError:
                    return
                if made.status_code == 201:
                    self.acknowledged.append((time.time(), made.json()["id"]))

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)
        return self.acknowledged


@contextmanager
def bucket(folder):
    port = free_port()
    (folder / "s3/mynah-history").mkdir(parents=True)
    key = f"{S3_KEYS['AWS_ACCESS_KEY_ID']},{S3_KEYS['AWS_SECRET_ACCESS_KEY']}"
    process = subprocess.Popen(
        [ROOT / ".venv-tests/bin/rclone", "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", key, folder / "s3"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def run(script, folder, values, settings, **more):
    prelude = f'set -euo pipefail\nmynah() {{ "{BINARY}" "$@"; }}\n'
    inherited = environment(folder, **settings) | {"PATH": f"{TOOLS}:{os.environ['PATH']}"}
    inherited.pop("AWS_CA_BUNDLE", None)
    done = subprocess.run(
        ["bash", "-c", prelude + replaced(script, values)], env=inherited, cwd=folder, capture_output=True, text=True,
        timeout=300, check=False, **more)
    assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def judge(acknowledged, found, start, most, what):
    """All that was acknowledged until `most` seconds before `start`, the moment of the loss, is there."""
    missing = [at for at, one in acknowledged if one not in found and at <= start]
    oldest = start - min(missing, default=start)
    print(f"{what}: {len(acknowledged)} writes acknowledged, {len(missing)} missing, of the last {oldest:.2f} s", flush=True)
    return [] if oldest <= most else [f"{what}: {oldest:.2f} s are missing"]


class LitestreamSite:
    def __init__(self, folder, endpoint):
        self.folder = folder
        self.server = Server(folder, **SECRETS)
        self.file = folder / "mynah.sqlite"
        self.endpoint = endpoint
        self.process = None
        self.configure("mynah")

    def configure(self, path):
        text = blocks("SQLite, with Litestream", "yaml")[0]
        values = {"/var/lib/mynah": self.folder, "https://s3.example.com": self.endpoint, "path: mynah\n": f"path: {path}\n"}
        (self.folder / "litestream.yml").write_text(replaced(text, values), encoding="utf-8")

    def values(self, **more):
        return {
            "AWS_ACCESS_KEY_ID=…": f"AWS_ACCESS_KEY_ID={S3_KEYS['AWS_ACCESS_KEY_ID']}",
            "AWS_SECRET_ACCESS_KEY=…": f"AWS_SECRET_ACCESS_KEY={S3_KEYS['AWS_SECRET_ACCESS_KEY']}",
            "/etc/litestream.yml": self.folder / "litestream.yml", "?/var/lib/mynah": self.folder,
        } | more

    def replicate(self):
        script = replaced(blocks("SQLite, with Litestream", "sh")[0], self.values())
        inherited = dict(os.environ, PATH=f"{TOOLS}:{os.environ['PATH']}")
        inherited.pop("AWS_CA_BUNDLE", None)
        with (self.folder / "litestream.log").open("ab") as log:
            # The program takes the shell's place, so that killing it is killing that.
            self.process = subprocess.Popen(
                ["bash", "-c", script.replace("\nlitestream", "\nexec litestream")], env=inherited, stdout=log, stderr=log)

    def restore(self, moment=None):
        script = blocks("SQLite, with Litestream", "sh")[1]
        if moment is None:
            values = self.values(**{" -timestamp 2026-11-29T12:00:00Z": ""})
        else:
            values = self.values(**{"2026-11-29T12:00:00Z": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
        return run(script, self.folder, values, SECRETS)

    def ids(self):
        with closing(sqlite3.connect(self.file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return {row[0] for row in database.execute("SELECT id FROM conversations")}

    def lose(self):
        """The machine is gone: both programs at once, and all their files but the configuration."""
        for process in (self.server.process, self.process):
            process.kill()
        lost = time.time()
        for process in (self.server.process, self.process):
            process.wait()
        for path in self.folder.glob("*mynah.sqlite*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in self.folder.glob(".mynah.sqlite*"):
            shutil.rmtree(path)
        return lost


def sqlite_rounds(folder, rounds, seconds):
    """Returns the problems found."""
    problems = []
    with bucket(folder) as endpoint:
        (folder / "server").mkdir()
        site = LitestreamSite(folder / "server", endpoint)
        try:
            site.server.start()
            user = User(site.server, "writer")
            for number in range(1, rounds + 1):
                site.replicate()
                load = Load(site.server, user)
                time.sleep(seconds / 2)
                if number % 2 == 0:
                    # A time without Litestream, in which Mynah copies the log into the file itself.
                    site.process.kill()
                    site.process.wait()
                    time.sleep(seconds)
                    site.replicate()
                    time.sleep(seconds / 2)
                moment = time.time()
                time.sleep(seconds / 2)
                lost = site.lose()
                written = load.stop()
                if number == rounds:
                    problems += to_a_moment(site, written, moment)
                site.restore()
                problems += judge(written, site.ids(), lost, MOST_MISSING, f"sqlite round {number}")
                site.configure(f"mynah-{number}")
                site.server.start()
                user.http.base_url = site.server.url
        finally:
            for process in (site.server.process, site.process):
                if process and process.poll() is None:
                    process.kill()
                    process.wait()
    return problems


def to_a_moment(site, written, moment):
    site.restore(datetime.datetime.fromtimestamp(moment, datetime.timezone.utc))
    found = site.ids()
    late = [at for at, one in written if one in found and at > moment + MOST_MISSING]
    site.file.unlink()
    problems = judge(written, found, moment, MOST_MISSING, "sqlite, to a moment")
    return problems + ([f"sqlite: {len(late)} writes are later than the moment"] if late else [])


class BackRestSite:
    def __init__(self, folder):
        self.folder = folder
        (folder / "postgres").mkdir()
        self.postgres = Postgres(folder / "postgres")
        said = self.postgres_query("SHOW data_directory")
        self.data = Path(said)
        self.repository = self.data.parent / f"{self.data.name}-backups"
        self.config = self.data.parent / f"{self.data.name}-pgbackrest.conf"
        self.settings = SECRETS | {"DATABASE_URL": self.postgres.url}

    def postgres_query(self, sql):
        script = [ROOT / "scripts/postgres-for-tests", "psql", self.folder / "postgres/data"]
        return subprocess.run(script, input=f"\\t\\a\n{sql};", capture_output=True, text=True, check=True).stdout.strip().splitlines()[-1]

    def as_postgres(self, script):
        script = f"export PGBACKREST_CONFIG={self.config} PGBACKREST_PG1_SOCKET_PATH={self.data} " \
            f"PGBACKREST_PG1_PORT={self.postgres.port} PGBACKREST_LOG_LEVEL_FILE=off PGBACKREST_LOCK_PATH={self.repository}/lock\n{script}"
        done = subprocess.run(
            ["runuser", "-u", "postgres", "--", "bash", "-euc", script], cwd="/", capture_output=True, text=True, timeout=300,
            check=False)
        assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def set_up(self):
        config, settings = blocks("PostgreSQL, with pgBackRest", "ini")
        values = {"/var/lib/pgbackrest": self.repository, "/var/lib/postgresql/15/main": self.data}
        self.config.write_text(replaced(config, values), encoding="utf-8")
        subprocess.run(["install", "-d", "-o", "postgres", "-m", "700", self.repository, f"{self.repository}/lock"], check=True)
        environment = f"PGBACKREST_CONFIG={self.config} PGBACKREST_LOG_LEVEL_FILE=off PGBACKREST_LOCK_PATH={self.repository}/lock"
        settings = settings.replace("'pgbackrest", f"'env {environment} pgbackrest")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)
        self.postgres.run("restart")
        print(self.as_postgres(blocks("PostgreSQL, with pgBackRest", "sh")[0]).strip(), flush=True)

    def restore(self, moment):
        self.postgres.run("halt")
        script = blocks("PostgreSQL, with pgBackRest", "sh")[1]
        self.as_postgres(replaced(script, {"2026-11-29 12:00:00+00": moment.strftime("%Y-%m-%d %H:%M:%S.%f+00")}))
        # A restore removes what a restart would read.
        self.as_postgres(f"$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)/pg_ctl -D {self.data} -w -l {self.data}/log start")
        deadline = time.monotonic() + 120
        while self.postgres_query("SELECT pg_is_in_recovery()") != "f":
            assert time.monotonic() < deadline, "PostgreSQL stays in recovery"
            time.sleep(0.2)
        return run(blocks("PostgreSQL, with pgBackRest", "sh")[2], self.folder, {}, self.settings)

    def remove(self):
        self.postgres.run("stop")
        shutil.rmtree(self.repository, ignore_errors=True)
        self.config.unlink(missing_ok=True)


def postgres_moment(folder, seconds):
    """Returns the problems found."""
    (folder / "server").mkdir()
    site = BackRestSite(folder / "server")
    server = Server(site.folder, **site.settings)
    try:
        server.start()
        user = User(server, "writer")
        load = Load(server, user)
        site.set_up()
        time.sleep(seconds)
        moment = time.time()
        time.sleep(seconds)
        written = load.stop()
        server.stop()
        site.restore(datetime.datetime.fromtimestamp(moment, datetime.timezone.utc))
        found = set(site.postgres.query("SELECT id FROM conversations").split())
        late = [at for at, one in written if one in found and at > moment + MOST_MISSING]
        problems = judge(written, found, moment, 0, "postgres, to a moment")
        server.start()
        user.sign_in()
        assert user.get("/conversations")["data"]
        return problems + ([f"postgres: {len(late)} writes are later than the moment"] if late else [])
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
        site.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    problems = []
    for part in (lambda folder: sqlite_rounds(folder, options.rounds, options.seconds),
                 lambda folder: postgres_moment(folder, options.seconds)):
        with tempfile.TemporaryDirectory() as name:
            problems += part(Path(name))
    print("\n".join(problems) or "point_in_time: passed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
