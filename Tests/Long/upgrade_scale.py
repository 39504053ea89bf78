#!/usr/bin/env python3
"""Measures how long `mynah migrate` takes on a database of 0.1.0 with a million messages, on both engines, and kills
one migration in its middle. Exits non-zero if a migration takes over a minute or a killed one leaves the database
unlike it was.

    upgrade_scale.py [--engine both] [--messages 1000000]"""

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests")]

from mynah_process import BINARY, ROOT, environment
from postgres_server import SECRETS, Postgres

RELEASES = ROOT / "Tests/Releases"
MOST_SECONDS = 60
PER_CONVERSATION = 100
NUMBERS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {conversations})"
PAIRS = NUMBERS + ", p(m) AS (SELECT 1 UNION ALL SELECT m + 1 FROM p WHERE m < {each})"
CONVERSATION = "'01a221cc-0000-7000-8000-0000' || CAST(10000000 + n AS TEXT)"
MESSAGE = "'01a221cc-0000-7000-8001-' || CAST(100000000000 + n * 1000 + m AS TEXT)"
FILL = f"""
INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, title, last_position, created_at, updated_at)
{NUMBERS} SELECT {CONVERSATION}, workspace_id, chatbot_id, user_id, title, {{each}}, created_at, updated_at
FROM c, (SELECT * FROM conversations WHERE user_id IS NOT NULL ORDER BY id LIMIT 1) AS t;
INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, model, prompt_tokens,
    completion_tokens, created_at)
{PAIRS} SELECT {MESSAGE}, workspace_id, {CONVERSATION}, m, CASE m % 2 WHEN 1 THEN 'user' ELSE 'ai' END, content, status,
    CASE m % 2 WHEN 0 THEN 'scripted' END, CASE m % 2 WHEN 0 THEN 7 END, CASE m % 2 WHEN 0 THEN 2 END, created_at
FROM c, p, (SELECT * FROM messages ORDER BY id LIMIT 1) AS t;
INSERT INTO message_logs (id, workspace_id, chatbot_id, payer_id, user_id, conversation_id, message_id, provider, model,
    prompt_tokens, completion_tokens, cost, first_token_ms, total_ms, outcome, created_at)
{PAIRS} SELECT {MESSAGE}, workspace_id, chatbot_id, payer_id, user_id, {CONVERSATION}, {MESSAGE}, provider, model,
    prompt_tokens, completion_tokens, cost, first_token_ms, total_ms, outcome, created_at + 1000 * n
FROM c, p, (SELECT * FROM message_logs WHERE user_id IS NOT NULL ORDER BY id LIMIT 1) AS t WHERE m % 2 = 0;
"""


class SQLite:
    def __init__(self, folder):
        self.file = folder / "mynah.sqlite"
        self.settings = SECRETS
        self.run((RELEASES / "0.1.0.sqlite.sql").read_text(encoding="utf-8"))

    def run(self, sql):
        with closing(sqlite3.connect(self.file)) as database:
            database.executescript(sql)

    def value(self, sql):
        with closing(sqlite3.connect(self.file)) as database:
            return database.execute(sql).fetchone()[0]

    def close(self):
        pass


class PostgreSQL:
    def __init__(self, folder):
        self.server = Postgres(folder / "postgres")
        self.settings = SECRETS | {"DATABASE_URL": self.server.url}
        self.run((RELEASES / "0.1.0.postgres.sql").read_text(encoding="utf-8"))

    def run(self, sql):
        done = subprocess.run(
            ["psql", "-q", "-v", "ON_ERROR_STOP=1", self.server.url], input=f"SET mynah.scope = 'system';\n{sql}", text=True,
            capture_output=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    def value(self, sql):
        return self.server.query(sql).strip()

    def close(self):
        self.server.run("stop")


ENGINES = {"sqlite": SQLite, "postgres": PostgreSQL}
STATE = "SELECT COUNT(*) || ' migrations, ' || (SELECT COUNT(*) FROM messages) || ' messages, ' || " \
        "(SELECT COUNT(*) FROM message_logs) || ' logs' FROM schema_migrations"


def start(database, folder):
    return subprocess.Popen(
        [BINARY, "migrate"], cwd=folder, env=environment(folder, **database.settings), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)


def kill_in_the_middle(database, folder, after):
    """Starts the migration and kills it; returns whether it was still running."""
    with start(database, folder) as running:
        time.sleep(after)
        was_running = running.poll() is None
        running.kill()
    return was_running


def measure(engine, messages):
    """Returns the problems found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "postgres").mkdir()
        database = ENGINES[engine](folder)
        try:
            database.run(FILL.format(conversations=messages // PER_CONVERSATION, each=PER_CONVERSATION))
            before = database.value(STATE)
            print(f"{engine}: {before}", flush=True)
            problems = []
            if kill_in_the_middle(database, folder, 1.5):
                # Steps that were complete stay; each one is whole or absent, and no row is lost.
                left = database.value(STATE)
                print(f"{engine}: killed after 1.5 s: {left}", flush=True)
                if left.split(", ")[1:] != before.split(", ")[1:]:
                    problems.append(f"{engine}: a killed migration lost rows: {left}")
            else:
                print(f"{engine}: it was done before it could be killed", flush=True)
            began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            with start(database, folder) as done:
                output = done.communicate(timeout=900)[0]
            seconds = time.monotonic() - began
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            print(f"{engine}: migrated in {seconds:.1f} s, {cpu:.1f} s of them on a processor, at a load of {os.getloadavg()[0]:.0f}: "
                  f"{database.value(STATE)}", flush=True)
            if done.returncode != 0:
                problems.append(f"{engine}: {output[-1000:]}")
            if seconds > MOST_SECONDS:
                problems.append(f"{engine}: {seconds:.1f} s, more than {MOST_SECONDS}")
            return problems
        finally:
            database.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else [options.engine]
    problems = [problem for engine in engines for problem in measure(engine, options.messages)]
    print("\n".join(problems) or "upgrade_scale: passed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
