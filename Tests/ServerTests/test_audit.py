"""The audit trail of the real server: sealed while it runs, published, and verified by a command."""

import re
import sqlite3

import pytest
from client import User, eventually
from mynah_process import command
from postgres_server import SECRETS, Postgres


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    yield postgres
    postgres.run("stop")


class Sqlite:
    """Changes the file like an attacker without the key."""

    def __init__(self, folder):
        self.path = folder / "mynah.sqlite"
        self.settings = {}

    def run(self, sql):
        with sqlite3.connect(self.path, timeout=30) as database:
            for event in ("update", "delete"):
                database.execute(f"DROP TRIGGER IF EXISTS audit_entries_no_{event}")
            database.executescript(sql)


class Postgresql:
    def __init__(self, postgres):
        self.postgres = postgres
        self.settings = SECRETS | {"DATABASE_URL": postgres.url}

    def run(self, sql):
        self.postgres.psql(f"\\connect mynah\nALTER TABLE audit_entries DISABLE TRIGGER append_only; {sql};")


@pytest.fixture(params=["sqlite", "postgres"])
def attacker(request, tmp_path):
    return Sqlite(tmp_path) if request.param == "sqlite" else Postgresql(request.getfixturevalue("postgres"))


def heads(server):
    return re.findall(r"audit head.*?mac=([0-9a-f]{64}).*?sequence=(\d+)", server.said)


def verify(folder, attacker, *arguments):
    done = command(folder, "audit", "verify", *arguments, **attacker.settings)
    return done.returncode, done.stdout + done.stderr


def test_a_trail_is_sealed_published_and_whatever_is_done_to_it_is_found(start, tmp_path, attacker):
    file = tmp_path / "heads"
    settings = attacker.settings | {"AUDIT_HEAD_FILE": str(file)}
    server = start(**settings)
    user = User(server)
    for number in range(5):
        user.post("/workspaces", {"name": f"Team {number}"}, 201)
    eventually(lambda: heads(server))
    user.post("/workspaces", {"name": "The last"}, 201)
    assert server.stop() == 0

    status, said = verify(tmp_path, attacker, "--head-file", str(file))
    assert status == 0, said
    sealed = int(re.search(r"All (\d+) sealed entries", said)[1])
    assert sealed >= 8 and "warning" not in said
    mac, sequence = heads(server)[-1]
    assert int(sequence) == sealed and f"{sequence}:{mac}" in said
    assert file.read_text().splitlines()[-1].startswith(f"{sequence}:{mac} 20")
    assert verify(tmp_path, attacker, "--head", f"{sequence}:{mac}")[0] == 0
    assert verify(tmp_path, attacker, "--head", "what")[0] != 0
    status, said = verify(tmp_path, attacker, "--head-file", "/missing")
    assert status == 1 and "/missing cannot be read" in said and "intact" not in said

    attacker.run(f"UPDATE audit_entries SET outcome = 'forbidden' WHERE id = (SELECT entry_id FROM audit_seals"
                 f" WHERE sequence = {sealed})")
    status, said = verify(tmp_path, attacker)
    assert status == 1 and f"seal {sealed} does not fit" in said and len(said.splitlines()) == 1

    attacker.run(f"DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_seals"
                 f" WHERE sequence >= {sealed}); DELETE FROM audit_seals WHERE sequence >= {sealed}")
    assert verify(tmp_path, attacker)[0] == 0
    status, said = verify(tmp_path, attacker, "--head-file", str(file))
    assert status == 1 and f"the end is cut off: seal {sealed} was published" in said


def test_what_a_killed_server_left_is_sealed_by_the_next_one(start, tmp_path):
    server = start()
    user = User(server)
    user.post("/workspaces", {"name": "Team"}, 201)
    server.kill()
    assert command(tmp_path, "audit", "verify").returncode == 0
    assert start().stop() == 0
    done = command(tmp_path, "audit", "verify")
    assert done.returncode == 0 and int(re.search(r"All (\d+)", done.stdout)[1]) >= 3
    with sqlite3.connect(tmp_path / "mynah.sqlite") as database:
        unsealed = database.execute(
            "SELECT COUNT(*) FROM audit_entries WHERE id NOT IN (SELECT entry_id FROM audit_seals)").fetchone()
    assert unsealed == (0,)


def test_two_instances_make_one_chain(start, tmp_path, postgres):
    settings = SECRETS | {"DATABASE_URL": postgres.url}
    servers = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        servers.append(start(tmp_path / name, **settings))
    users = [User(server) for server in servers]
    for number in range(20):
        for user in users:
            user.post("/workspaces", {"name": f"Team {number}"}, 201)
    for server in servers:
        assert server.stop() == 0
    done = command(tmp_path, "audit", "verify", **settings)
    # The preceding tests have cut the same trail.
    assert done.returncode == 0 and int(re.search(r"All (\d+)", done.stdout)[1]) >= 44, done.stdout + done.stderr
