"""Conversations, messages and errors by curl, as documented."""

import json
import os
import subprocess

import pytest


class Curl:
    """curl with one token; returns the status and the body."""

    def __init__(self, url):
        self.url, self.token = url, None

    def __call__(self, method, path, body=None, form=None):
        command = ["curl", "-s", "-X", method, self.url + path, "-w", "\n%{http_code}"]
        if self.token:
            command += ["-H", f"Authorization: Bearer {self.token}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        if form:
            command += ["-d", form]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        text, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(text) if text else None


def sign_up(mynah):
    curl = Curl(mynah.url)
    name = f"e{os.urandom(6).hex()}"
    status, user = curl("POST", "/auth/register", {"username": name, "password": "testpass123"})
    assert (status, user["username"]) == (201, name)
    status, grant = curl("POST", "/auth/token", form=f"username={name}&password=testpass123")
    assert status == 200 and grant["token_type"] == "bearer"
    curl.token = grant["access_token"]
    return curl


@pytest.fixture
def curl(mynah):
    return sign_up(mynah)


def test_short_passwords_and_bad_tokens_are_refused(mynah):
    curl = Curl(mynah.url)
    status, body = curl("POST", "/auth/register", {"username": "e1-short", "password": "1234567"})
    assert (status, body["error"]["param"]) == (422, "password")
    status, body = curl("POST", "/auth/token", form="username=nobody&password=testpass123")
    assert (status, body["error"], body["mynah"]["code"]) == (400, "invalid_grant", "invalid_credentials")
    assert curl("GET", "/conversations/")[0] == 401
    refused = {"nonsense": "invalid_api_key", "a.b.c": "invalid_token", "x" * 4000: "invalid_token"}
    for token, code in refused.items():
        curl.token = token
        status, body = curl("GET", "/conversations/")
        assert (status, body["error"]["code"]) == (401, code)


def test_conversations_are_the_callers_own_and_a_trailing_slash_is_no_error(mynah, curl):
    status, created = curl("POST", "/conversations/")
    assert status == 201
    for path in ("/conversations/", "/conversations"):
        status, listed = curl("GET", path)
        assert status == 200 and [entry["id"] for entry in listed["data"]] == [created["id"]]
    stranger = sign_up(mynah)
    assert stranger("GET", "/conversations/")[1]["data"] == []
    for method in ("GET", "DELETE"):
        assert stranger(method, f"/conversations/{created['id']}")[0] == 404
    assert stranger("POST", f"/conversations/{created['id']}/messages", {"content": "Hi"})[0] == 404
    assert curl("DELETE", f"/conversations/{created['id']}/") == (204, None)
    assert curl("DELETE", f"/conversations/{created['id']}")[0] == 404
    assert curl("GET", "/conversations/")[1]["data"] == []


def test_a_message_gets_a_bare_array_of_both(curl, vendor):
    _, conversation = curl("POST", "/conversations/")
    path = f"/conversations/{conversation['id']}/messages"
    status, answer = curl("POST", path, {"content": "কেমন আছেন?"})
    assert status == 200 and isinstance(answer, list)
    assert [(entry["sender"], entry["content"]) for entry in answer] == [
        ("user", "কেমন আছেন?"), ("ai", "Hello from the vendor."),
    ]
    _, stored = curl("GET", path + "/")
    assert [entry["id"] for entry in stored["data"]] == [entry["id"] for entry in answer]
    assert vendor.messages()[-1] == ("user", "কেমন আছেন?")


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n\t"}, {"content": "a\0b"}, {"content": 5}])
def test_an_empty_message_is_refused_and_nothing_is_stored(curl, vendor, body):
    _, conversation = curl("POST", "/conversations/")
    path = f"/conversations/{conversation['id']}/messages"
    status, answer = curl("POST", path, body)
    assert (status, answer["error"]["param"]) == (422, "content")
    assert curl("GET", path)[1]["data"] == [] and vendor.requests == []


def test_health_names_the_service(mynah):
    status, health = Curl(mynah.url)("GET", "/health")
    assert (status, health["status"], health["service"]) == (200, "ok", "mynah")
    assert health["version"] and health["database"] == "ok" and health["model"] == "ready"
    assert Curl(mynah.url)("GET", "/health/live") == (200, {"status": "ok"})
    assert Curl(mynah.url)("GET", "/health/ready")[0] == 200


def test_db_status_counts_the_rows_of_each_table(mynah, curl):
    status, before = Curl(mynah.url)("GET", "/db-status")
    assert status == 200 and before["status"] == "ok" and before["engine"] == "sqlite"
    curl("POST", "/conversations/")
    _, after = Curl(mynah.url)("GET", "/db-status")
    assert after["tables"]["conversations"] == before["tables"]["conversations"] + 1
