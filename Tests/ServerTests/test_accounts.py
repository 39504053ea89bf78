"""Users' accounts, as changed by commands and purged by the real server."""

import json
import sqlite3
import time
from contextlib import closing

import httpx
from client import PASSWORD, User, eventually
from mynah_process import command


def sql(server, statement, *arguments, many=None):
    with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=30)) as database, database:
        if many is not None:
            return database.executemany(statement, many)
        return database.execute(statement, arguments).fetchall()


def mynah(server, *arguments, status=0):
    done = command(server.folder, *arguments)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def sign_in(server, name):
    return httpx.post(f"{server.url}/auth/token", json={"username": name, "password": PASSWORD}).status_code


def status(user, path="/users/me"):
    return user.http.get(path).status_code


def test_commands_beside_a_running_server(start):
    server = start()
    alice, bob = User(server, "alice"), User(server, "bob")
    key = alice.post("/users/me/api-keys", {}, 201)["key"]
    conversation = alice.conversation()
    alice.post(f"/conversations/{conversation}/messages", {"content": "Remember the milk"})
    with_key = httpx.Client(base_url=server.url, headers={"X-API-Key": key})

    lines = [line.split("\t") for line in mynah(server, "user", "list").splitlines()]
    assert [line[1] for line in lines] == ["bob", "alice"] and lines[1][2:] == ["-", "free", "active"]
    assert [line.split("\t")[1] for line in mynah(server, "user", "list", "AL").splitlines()] == ["alice"]

    mynah(server, "user", "disable", "Alice")
    assert eventually(lambda: status(alice) == 401) and eventually(lambda: with_key.get("/users/me").status_code == 401)
    assert sign_in(server, "alice") == 401
    assert "disabled" in mynah(server, "user", "list", "alice")
    mynah(server, "user", "enable", "alice")
    assert sign_in(server, "alice") == 200 and eventually(lambda: with_key.get("/users/me").status_code == 200)

    export = json.loads(mynah(server, "user", "export", "alice"))
    personal = export["workspaces"][0]["conversations"][0]
    assert export["account"]["username"] == "alice" and personal["messages"][0]["content"] == "Remember the milk"

    mynah(server, "user", "delete", "alice", "--reason", "asked for by mail", "--export")
    assert eventually(lambda: with_key.get("/users/me").status_code == 401) and sign_in(server, "alice") == 401
    assert "alice" not in mynah(server, "user", "list")
    assert "no user" in mynah(server, "user", "delete", "alice", "--reason", "again", status=1)
    mynah(server, "user", "restore", "alice")
    assert sign_in(server, "alice") == 200 and eventually(lambda: with_key.get("/users/me").status_code == 200)
    assert "no deleted user" in mynah(server, "user", "restore", "alice", status=1)
    assert status(bob) == 200

    entries = sql(
        server, "SELECT action, actor, detail FROM audit_entries WHERE action LIKE 'mynah user %' ORDER BY id")
    assert [entry[0].split()[-1] for entry in entries] == ["disable", "enable", "export", "delete", "restore"]
    assert {entry[1] for entry in entries} == {"system"} and "asked for by mail" in entries[3][2]


def test_a_purge_survives_a_crash_and_makes_nobody_wait(start):
    server = start()
    alice, bob = User(server, "alice"), User(server, "bob")
    first = alice.conversation()
    (workspace, chatbot, user) = sql(server, "SELECT workspace_id, chatbot_id, user_id FROM conversations")[0]
    conversations, each = 400, 100
    sql(
        server, "INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, 1, 1)", many=[(f"c{n}", workspace, chatbot, user) for n in range(conversations)],
    )
    sql(
        server, "INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status,"
        " created_at) VALUES (?, ?, ?, ?, 'user', 'hello', 'complete', 1)",
        many=[(f"m{n}-{p}", workspace, f"c{n}", p) for n in range(conversations) for p in range(each)],
    )
    mynah(server, "user", "delete", "alice", "--reason", "asked for")
    sql(server, "UPDATE deleted_users SET deleted_at = 1")

    def left():
        return sql(server, "SELECT COUNT(*) FROM messages")[0][0]

    def begin():
        sql(server, "UPDATE jobs SET run_at = 0, leased_until = 0 WHERE kind = 'deleted_users.purge'")

    assert left() == conversations * each
    begin()
    assert eventually(lambda: left() < conversations * each)
    server.kill()
    assert 0 < left() < conversations * each
    assert "purged" in mynah(server, "user", "restore", "alice", status=1)
    server.start()
    begin()
    deadline = time.monotonic() + 120
    while sql(server, "SELECT 1 FROM users WHERE username = 'alice'"):
        # Other users write meanwhile.
        assert bob.http.patch("/users/me", json={"first_name": "Bob"}).status_code == 200
        assert time.monotonic() < deadline
    assert left() == 0 and not sql(server, "SELECT 1 FROM conversations WHERE user_id = ?", user)
    assert not sql(server, "SELECT 1 FROM workspaces WHERE id = ?", workspace)
    assert len(sql(server, "SELECT 1 FROM audit_entries WHERE action = 'purge user'")) == 1
    assert first and status(bob) == 200
    User(server, "alice")
