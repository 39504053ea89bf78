"""Encryption compatible with Python's `cryptography`, and key rotation beside a real server."""

import os
import signal
import sqlite3
import stat
import subprocess

import pytest
from client import User, eventually
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from mynah_process import BINARY, command, environment

KEY = "X-API-Key"


def columns(folder):
    """Every Fernet token in the database, by table and column."""
    database = sqlite3.connect(folder / "mynah.sqlite")
    found = {}
    tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for _, column, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
            rows = database.execute(
                f"SELECT {column} FROM {table} WHERE CAST({column} AS TEXT) LIKE 'gAAAAA%'"
            ).fetchall()
            if rows:
                found[f"{table}.{column}"] = [token for (token,) in rows]
    database.close()
    return found


def keys(folder):
    return (folder / "encryption.key").read_text().split()


def fill(server, users=1):
    """Fills every encrypted column that a client can fill."""
    user = User(server)
    user.post("/users/me/details", {"company": "Canary Corp", "profile_data": "größe 🦜\n"})
    chatbot = user.post("/chatbots", {"name": "Bot"}, 201)["id"]
    key = user.post(f"/chatbots/{chatbot}/api-keys", {"scopes": ["read", "chat", "write"]}, 201)["key"]
    for number in range(users):
        person = {"id": f"u{number}", "company": f"Looms {number}"}
        body = {"message": "Hi", "user": person, "session_data": {"n": number}}
        headers = {KEY: key, "Idempotency-Key": f"once {number}"}
        answer = user.http.post(f"/chatbot/{chatbot}/query", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
    return user, key


def check(server, user, key, users=1):
    user.http.base_url = server.url
    assert user.get("/users/me/details")["company"] == "Canary Corp"
    for number in range(users):
        context = user.http.get(f"/users/u{number}/context", headers={KEY: key}).json()
        assert context["user_profile"]["company"] == f"Looms {number}" and context["session_data"] == {"n": number}


def test_python_reads_what_mynah_wrote(start, tmp_path):
    server = start()
    fill(server)
    assert server.stop() == 0
    fernet = Fernet(keys(tmp_path)[0])
    found = columns(tmp_path)
    assert set(found) >= {
        "users.details", "end_users.profile", "conversations.session_data", "signing_keys.private_key",
        "idempotency_keys.answer",
    }
    plain = {name: [fernet.decrypt(token).decode() for token in tokens] for name, tokens in found.items()}
    assert "größe 🦜\\n" in "".join(plain["users.details"]) and "BEGIN" in plain["signing_keys.private_key"][0]
    assert any("Looms 0" in text for text in plain["end_users.profile"])


def test_mynah_reads_what_python_wrote_with_any_of_its_keys(start, tmp_path):
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    server = start(ENCRYPTION_KEY=f"{new},{old}")
    user = User(server)
    user.post("/users/me/details", {"company": "x"})
    for key in (new, old):
        token = Fernet(key).encrypt(b'{"company": "From Python", "role": "\\u00e9"}').decode()
        database = sqlite3.connect(tmp_path / "mynah.sqlite")
        database.execute("UPDATE users SET details = ?", (token,))
        database.commit()
        database.close()
        details = user.get("/users/me/details")
        assert (details["company"], details["role"]) == ("From Python", "é")
    user.post("/users/me/details", {"company": "y"})
    (token,) = columns(tmp_path)["users.details"]
    assert b'"y"' in Fernet(new).decrypt(token)
    with pytest.raises(InvalidToken):
        Fernet(old).decrypt(token)


def test_the_key_is_replaced_and_the_old_one_dropped(start, tmp_path):
    server = start()
    user, key = fill(server, users=3)
    (old,) = keys(tmp_path)
    refused = command(tmp_path, "key", "rotate")
    assert refused.returncode == 1 and "running" in refused.stderr and keys(tmp_path) == [old]
    assert server.stop() == 0
    count = sum(len(tokens) for tokens in columns(tmp_path).values())

    done = command(tmp_path, "key", "rotate")
    assert done.returncode == 0, done.stderr
    assert f"{count} values" in done.stdout and "--drop-old" in done.stdout
    new, kept = keys(tmp_path)
    assert kept == old and new != old
    for tokens in columns(tmp_path).values():
        for token in tokens:
            Fernet(new).decrypt(token)
    assert new not in done.stdout and old not in done.stdout
    server.start()
    check(server, user, key, users=3)
    assert server.stop() == 0

    done = command(tmp_path, "key", "rotate", "--drop-old")
    assert done.returncode == 0 and keys(tmp_path) == [new]
    assert stat.S_IMODE((tmp_path / "encryption.key").stat().st_mode) == 0o600
    server.start()
    check(server, user, key, users=3)


def test_killed_at_any_moment_nothing_is_lost_and_the_next_run_ends_it(start, tmp_path):
    server = start()
    user, key = fill(server)
    assert server.stop() == 0
    database = sqlite3.connect(tmp_path / "mynah.sqlite")
    # Enough rows that a run takes a while.
    fernet = Fernet(keys(tmp_path)[0])
    (workspace, chatbot) = database.execute("SELECT workspace_id, chatbot_id FROM end_users").fetchone()
    token = fernet.encrypt(b'{"company": "' + b"x" * 2000 + b'"}').decode()
    rows = [(f"many-{number:05}", workspace, chatbot, f"many-{number}", token) for number in range(6_000)]
    database.executemany(
        "INSERT INTO end_users (id, workspace_id, chatbot_id, external_id, profile, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, 0, 0)", rows,
    )
    database.commit()
    new = "SELECT COUNT(*) FROM end_users WHERE profile <> ?"
    for part in (1, 1_500, 3_000):
        process = subprocess.Popen(
            [BINARY, "key", "rotate"], env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.DEVNULL,
        )
        assert eventually(lambda: database.execute(new, (token,)).fetchone()[0] >= part, 60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        both = MultiFernet([Fernet(one) for one in keys(tmp_path)])
        for tokens in columns(tmp_path).values():
            for one in tokens[::200]:
                both.decrypt(one)
    assert len(keys(tmp_path)) == 2
    assert database.execute(new, (token,)).fetchone()[0] < 6_000
    database.close()
    assert command(tmp_path, "key", "rotate", "--drop-old").returncode == 0
    (left,) = keys(tmp_path)
    for tokens in columns(tmp_path).values():
        for one in tokens:
            Fernet(left).decrypt(one)
    server.start()
    check(server, user, key)


def test_a_key_of_the_environment_must_be_there_first(start, tmp_path):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    server = start(ENCRYPTION_KEY=old)
    user, key = fill(server)
    assert server.stop() == 0
    refused = command(tmp_path, "key", "rotate", ENCRYPTION_KEY=old)
    assert refused.returncode == 1 and "Put a new one" in refused.stderr
    foreign = command(tmp_path, "key", "rotate", ENCRYPTION_KEY=f"{new},{Fernet.generate_key().decode()}")
    assert foreign.returncode == 1 and "not here" in foreign.stderr
    done = command(tmp_path, "key", "rotate", ENCRYPTION_KEY=f"{new},{old}")
    assert done.returncode == 0 and "ENCRYPTION_KEY" in done.stdout
    server.settings["ENCRYPTION_KEY"] = new
    server.start()
    check(server, user, key)
    assert not os.path.exists(tmp_path / "encryption.key")
