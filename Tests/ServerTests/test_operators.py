"""The first admin, by the command and by the set-up link; operators across two servers."""

import json
import os
import pty
import re
import select
import sqlite3
import subprocess

import httpx
from client import eventually
from mynah_process import BINARY, PASSWORD, command, environment

LINK = re.compile(r"(http\S+)/setup\?token=([A-Za-z0-9_-]{43})$", re.MULTILINE)


def login(server, username, password=PASSWORD, role="admin"):
    return httpx.post(f"{server.url}/{role}/login", json={"username": username, "password": password}, timeout=30)


def make_admin(folder, username="root", *arguments, password=PASSWORD):
    return subprocess.run(
        [BINARY, "admin", "create", username, *arguments], env=environment(folder), cwd=folder, input=password + "\n",
        capture_output=True, text=True, timeout=60,
    )


def test_a_command_makes_the_first_admin_and_more(tmp_path, start):
    assert command(tmp_path, "migrate").returncode == 0
    made = make_admin(tmp_path, "root", "--name", "The Root")
    assert (made.returncode, made.stdout, made.stderr) == (0, "The admin root can sign in now.\n", "")
    server = start(tmp_path)
    assert "/setup" not in server.printed
    grant = login(server, "root").json()
    me = httpx.get(f"{server.url}/admin/me", headers={"Authorization": f"Bearer {grant['access_token']}"}).json()
    assert (me["name"], me["role"], me["permissions"]) == ("The Root", "admin", None)
    # Also while the server runs, with an audit entry.
    assert make_admin(tmp_path, "second").returncode == 0
    assert login(server, "second").status_code == 200
    entries = sqlite3.connect(tmp_path / "mynah.sqlite").execute("SELECT actor, action FROM audit_entries").fetchall()
    assert entries.count(("system", "mynah admin create")) == 2


def test_the_command_refuses_what_the_api_refuses(tmp_path):
    assert command(tmp_path, "migrate").returncode == 0
    assert make_admin(tmp_path).returncode == 0
    for arguments, word in [
        ({"username": "ROOT"}, "taken"), ({"username": "other", "password": "password"}, "common"),
        ({"username": "other", "password": "short"}, "8 to 256"), ({"username": "a b"}, "username"),
        ({"username": "other", "password": ""}, "8 to 256"),
    ]:
        done = make_admin(tmp_path, **arguments)
        assert done.returncode == 1 and done.stdout == "", arguments
        assert word in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    assert command(tmp_path, "admin", "create").returncode != 0
    said = command(tmp_path, "admin", "create", "other", "--password", PASSWORD)
    assert said.returncode != 0 and "--password" in said.stderr


def test_a_terminal_is_asked_for_the_password_and_shows_none(tmp_path):
    assert command(tmp_path, "migrate").returncode == 0

    def type_in(*lines):
        own, others = pty.openpty()
        process = subprocess.Popen(
            [BINARY, "admin", "create", "root"], env=environment(tmp_path), cwd=tmp_path, stdin=others, stdout=others,
            stderr=others, start_new_session=True,
        )
        os.close(others)
        shown = b""
        for question, line in zip([b"Password: ", b"Once more: "], lines):
            while not shown.endswith(question):
                assert select.select([own], [], [], 30)[0], shown
                shown += os.read(own, 1000)
            os.write(own, line.encode() + b"\n")
        while True:
            try:
                part = os.read(own, 1000)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(own)
        return process.wait(60), shown.decode()

    status, shown = type_in(PASSWORD, "another one")
    assert status == 1 and "differ" in shown and PASSWORD not in shown
    status, shown = type_in(PASSWORD, PASSWORD)
    assert status == 0 and "root can sign in" in shown and PASSWORD not in shown


def test_the_first_start_shows_a_link_that_works_once(tmp_path, start):
    server = start(tmp_path, LOG_FORMAT="json", PUBLIC_URL="https://chat.example.com")
    assert eventually(lambda: LINK.search(server.printed))
    address, old = LINK.findall(server.printed)[-1]
    assert address == "https://chat.example.com"
    server.restart()
    assert eventually(lambda: len(LINK.findall(server.printed)) == 2)
    token = LINK.findall(server.printed)[-1][1]
    assert token != old
    page = httpx.get(f"{server.url}/setup", params={"token": token})
    assert page.status_code == 200 and "/assets/setup.js" in page.text and token not in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]

    def create(token, name):
        body = {"token": token, "username": name, "password": PASSWORD}
        return httpx.post(f"{server.url}/setup", json=body, timeout=30)

    assert create(old, "root").json()["error"]["code"] == "invalid_link"
    assert create(token, "root").status_code == 201
    assert create(token, "other").json()["error"]["code"] == "invalid_link"
    assert login(server, "root").status_code == 200
    assert login(server, "other").status_code == 401
    server.restart()
    assert login(server, "root").status_code == 200
    assert len(LINK.findall(server.printed)) == 2
    for secret in (old, token, PASSWORD):
        assert secret not in server.said
    assert [json.loads(line) for line in server.said.splitlines()]


def test_no_account_and_no_password_is_there_by_default(tmp_path, start):
    server = start(tmp_path)
    for name in ("admin", "root", "mynah", "administrator", "staff"):
        for password in ("admin", "password", "mynah", "changeme", name):
            for path in ("/admin/login", "/staff/login", "/auth/login"):
                answer = httpx.post(f"{server.url}{path}", json={"username": name, "password": password}, timeout=60)
                assert answer.status_code in (401, 429), f"{path} {name}"
    count = sqlite3.connect(tmp_path / "mynah.sqlite").execute("SELECT count(*) FROM operators").fetchone()
    assert count == (0,)
