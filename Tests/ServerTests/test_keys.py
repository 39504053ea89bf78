"""API keys against the real server: on disk, in logs, across restarts, crashes and instances, and over a raw socket."""

import json
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from client import User, eventually
from mynah_process import ROOT


def make(user, **rights):
    """Creates a user's key, or a key of `chatbot`, and returns the response."""
    path = f"/chatbots/{rights.pop('chatbot')}/api-keys" if "chatbot" in rights else "/users/me/api-keys"
    return user.post(path, rights, 201)


def call(server, key, path="/users/me", method="GET", **options):
    return httpx.request(method, server.url + path, headers={"X-API-Key": key}, timeout=60, **options)


def code(answer):
    return answer.json()["error"]["code"]


def test_no_key_is_on_disk_or_in_the_log(start, tmp_path):
    server = start(LOG_LEVEL="trace", LOG_FORMAT="json")
    user = User(server)
    bot = user.post("/chatbots", {"name": "Guide"}, 201)["id"]
    once = {"headers": {"Idempotency-Key": "once"}}
    first = user.post(f"/chatbots/{bot}/api-keys", {"name": "Shop"}, 201, **once)
    assert user.post(f"/chatbots/{bot}/api-keys", {"name": "Shop"}, 201, **once) == first
    rotated = user.post(f"/chatbots/{bot}/api-keys/{first['id']}/rotate", {})
    own = make(user)
    keys = [issued["key"] for issued in (first, rotated, own)]
    for key in keys:
        call(server, key), call(server, key + "x"), call(server, key, f"/users/me?key={key}")
    assert call(server, own["key"]).status_code == 200
    user.delete(f"/users/me/api-keys/{own['id']}")
    assert code(call(server, own["key"])) == "key_revoked"
    secrets = [key.rsplit("_", 1)[1].encode() for key in keys]

    def leaks():
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.name.startswith("mynah.sqlite") for path in files) and server.log in files
        contents = {path.name: path.read_bytes() for path in files}
        assert any(first["prefix"].encode() in content for content in contents.values())
        return [(name, secret) for name, content in contents.items() for secret in secrets if secret in content]

    assert leaks() == []
    assert server.stop() == 0
    assert leaks() == []


def test_keys_outlive_a_crash_and_so_does_their_end(start):
    server = start()
    user = User(server)
    kept, revoked = make(user), make(user)
    assert call(server, revoked["key"]).status_code == 200
    user.delete(f"/users/me/api-keys/{revoked['id']}")
    rotated = user.post(f"/users/me/api-keys/{kept['id']}/rotate", {})
    server.kill()
    server.start()
    assert [call(server, key).status_code for key in (kept["key"], rotated["key"])] == [200, 200]
    assert code(call(server, revoked["key"])) == "key_revoked"


def test_a_key_that_one_server_revokes_is_refused_by_another_within_5_seconds(start):
    first, second = start(), start()
    user = User(first)
    key = make(user)
    assert call(second, key["key"]).status_code == 200
    user.delete(f"/users/me/api-keys/{key['id']}")
    revoked = time.monotonic()
    assert code(call(first, key["key"])) == "key_revoked"
    while True:
        begun = time.monotonic()
        answer = call(second, key["key"])
        if answer.status_code == 401:
            break
        assert begun - revoked < 5, "a key that is no more was believed for too long"
    assert code(answer) == "key_revoked"


def test_a_limit_holds_against_many_connections(mynah, user):
    key = make(user, rate_limit="20/day")["key"]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: call(mynah, key), range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 20 + [429] * 80
    for answer in answers:
        assert answer.headers["RateLimit-Limit"] == "20"
        if answer.status_code == 429:
            assert code(answer) == "rate_limited" and answer.headers["RateLimit-Remaining"] == "0"
            assert 1 <= int(answer.headers["Retry-After"]) <= 4320


def test_whoever_waits_as_long_as_told_is_let_in(mynah, user):
    key = make(user, rate_limit="1/second")["key"]

    def refused():
        with ThreadPoolExecutor(8) as pool:
            return [answer for answer in pool.map(lambda _: call(mynah, key), range(8)) if answer.status_code == 429]

    answer = eventually(refused)[-1]
    time.sleep(int(answer.headers["Retry-After"]))
    assert call(mynah, key).status_code == 200


@pytest.mark.parametrize("head", [
    "X-API-Key: {key}\r\nX-API-Key: {key}", "X-API-Key: {key},{key}", "X-API-Key:", "X-API-Key: \t",
    "Authorization: Bearer {key}, Bearer {key}", "Authorization: Bearer", "Authorization: ApiKey {key}",
    "X-API-Key: {key}\u00e9", "X-API-Key: " + "a" * 7000, "Cookie: mynah_session={key}", "X-API-Key: {start}",
])
def test_what_is_almost_a_key_is_refused(mynah, user, head):
    key = make(user)["key"]
    lines = head.format(key=key, start=key[:60])
    with socket.create_connection(("127.0.0.1", mynah.port), timeout=30) as connection:
        request = f"GET /users/me HTTP/1.1\r\nHost: x\r\n{lines}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split(b" ")[1] in (b"401", b"400"), answer
    assert user.name.encode() not in answer and key.rsplit("_", 1)[1].encode() not in answer


def test_names_of_headers_and_schemes_may_be_written_in_any_case(mynah, user):
    key = make(user)["key"]
    for headers in ({"x-api-key": key}, {"X-Api-KEY": key}, {"authorization": f"bearer {key}"}):
        assert httpx.get(f"{mynah.url}/users/me", headers=headers).status_code == 200


def test_talk_by_a_key_of_ones_own(mynah, user, vendor):
    vendor.answer("Hi.", "Hello.")
    key = make(user, scopes=["chat"])["key"]
    answer = call(mynah, key, "/chat", "POST", json={"message": "Hi."})
    assert answer.status_code == 200 and answer.json()["message"]["content"] == "Hello."
    assert code(call(mynah, key, "/chatbots")) == "key_not_allowed"
    assert [entry["title"] for entry in user.get("/conversations")["data"]] == ["Hi."]


def test_the_commands_of_the_guide(mynah, tmp_path, vendor):
    """The commands of docs/guides/api-keys.md work as shown, for its user."""
    User(mynah, "ada")
    guide = (ROOT / "docs/guides/api-keys.md").read_text()
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", guide, re.MULTILINE | re.DOTALL))
    assert commands.count("curl") > 10 and "http://localhost:8000" in commands
    script = 'set -euo pipefail; curl() { command curl --fail-with-body "$@"; }\n' + commands.replace(
        "http://localhost:8000", mynah.url)
    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads((tmp_path / "key.json").read_text())["state"] == "active"
    assert '"revoked"' in ran.stdout
