"""Logs: JSON on request, linked to responses by request id, and without secrets."""

import json
import signal
import stat
import subprocess

import pytest
from client import User, eventually
from mynah_process import BINARY, command, environment
from vendor import Status

CANARY = "canary7f3a"


def lines(server):
    return [json.loads(line) for line in server.said.splitlines()]


def test_every_line_is_json_and_carries_the_request_id_of_its_answer(start):
    server = start(LOG_FORMAT="json")
    user = User(server)
    answer = user.http.get("/conversations/nothing")
    failure = user.http.post("/chat", content=b"{", headers={"Content-Type": "application/json"})
    assert server.stop() == 0
    entries = lines(server)
    assert all({"time", "level", "message", "logger"} <= set(entry) for entry in entries)
    for response, status in ((answer, 404), (failure, 400)):
        mine = [entry for entry in entries if entry.get("request_id") == response.headers["X-Request-Id"]]
        assert [entry["status"] for entry in mine if entry["message"] == "request"] in ([status], [str(status)])
        assert response.json()["error"]["request_id"] == response.headers["X-Request-Id"]


def test_a_failed_model_call_is_logged_under_the_id_that_its_stream_showed(start, vendor):
    server = start(LOG_FORMAT="json")
    user = User(server)
    vendor.reply = [Status(500, b"")]
    with user.stream("/chat", {"message": "Hi"}) as events:
        error = list(events)[-1].data["error"]
    assert "provider_unavailable" in [
        entry.get("code") for entry in lines(server) if entry.get("request_id") == error["request_id"]
    ]


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_log_holds_a_secret_at_the_most_talkative_level(start, vendor, tmp_path, log_format):
    """Makes every call with private data, successful and failing."""
    server = start(LOG_LEVEL="trace", LOG_FORMAT=log_format)
    user = User(server, f"{CANARY}-name")
    secret = f"{CANARY} password"
    new = {"current_password": "a calm bird sings", "new_password": secret}
    user.post("/auth/password", new, 204)
    user.post("/auth/password", {"current_password": f"{CANARY} wrong", "new_password": secret}, 403)
    for path, form in (("/auth/token", "data"), ("/auth/login", "json")):
        for password, status in ((secret, 200), (f"{CANARY} wrong", 400 if path == "/auth/token" else 401)):
            answer = user.http.post(path, **{form: {"username": user.name, "password": password}})
            assert answer.status_code == status
            if status == 200:
                grant = answer.json()
    refreshed = user.post("/auth/refresh", {"refresh_token": grant["refresh_token"]})
    body = {"username": user.name, "password": secret}
    session = user.http.post("/auth/session", json=body, headers={"Origin": server.url})
    assert session.status_code == 200
    user.post("/auth/register", {"username": f"{CANARY}-2", "email": f"{CANARY}@example.com", "password": secret}, 201)
    user.http.patch("/users/me", json={"first_name": f"{CANARY} first"})
    chatbot = user.post("/chatbots", {"name": f"{CANARY} bot", "config": {"key": CANARY}}, 201)
    user.post(f"/chatbots/{chatbot['id']}/prompts", {"content": f"{CANARY} prompt"}, 201)
    vendor.reply = [f"{CANARY} reply"]
    said = user.post("/chat", {"chatbot_id": chatbot["id"], "message": f"{CANARY} message"})
    with user.stream("/chat", {"session_id": said["session_id"], "message": f"{CANARY} stream"}) as events:
        list(events)
    body = {"error": {"message": f"{CANARY} quoted by the vendor", "code": "invalid_api_key"}}
    for fault in ([Status(401, body)], [f"{CANARY} half", b"data: {" + CANARY.encode() + b"\n\n"]):
        vendor.reply = fault
        user.post("/chat", {"message": f"{CANARY} fails"})
    for content in (b'{"message":"' + CANARY.encode(), b'{"message":5,"x":"' + CANARY.encode() + b'"}'):
        user.http.post("/chat", content=content, headers={"Content-Type": "application/json"})
    user.http.get(f"/conversations/{CANARY}?after={CANARY}", headers={"Cookie": f"x={CANARY}", "X-Api-Key": CANARY})
    user.post("/conversations", {"title": f"{CANARY} title"}, 201, headers={"Idempotency-Key": CANARY})
    server.restart()
    log = server.said
    assert "request_id" in log and "/chat" in log
    keys = [(tmp_path / name).read_text().strip() for name in ("secret.key", "encryption.key")]
    tokens = [user.token, grant["access_token"], grant["refresh_token"], refreshed["refresh_token"]]
    cookie = session.headers["set-cookie"].split("=", 1)[1].split(";")[0]
    found = [line for line in log.splitlines() if "canary" in line]
    assert not found, found[:5]
    for private in [*keys, *tokens, cookie, "vendor-key-canary", "a calm bird sings"]:
        assert private not in log


def test_the_log_goes_to_standard_error_and_its_reader_may_leave(start, tmp_path, vendor):
    server = start()
    server.stop()
    settings = {"PORT": str(server.port)} | vendor.settings
    with subprocess.Popen(
        [BINARY, "serve"], env=environment(tmp_path, **settings), cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        server.process = process
        try:
            server.wait_until_ready()
            process.stderr.close()
            user = User(server)
            assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"
            assert process.poll() is None
            process.terminate()
            assert process.wait(15) == 0
            # Output for the operator that is not part of the log: how to create the first admin.
            said = process.stdout.read().splitlines()
            assert len(said) == 1 and b"/setup?token=" in said[0]
        finally:
            process.kill()


def test_a_log_file_is_appended_to_and_reopened_on_sighup(start, tmp_path):
    file = tmp_path / "পাখি.log"
    file.write_text("before\n")
    server = start(LOG_FILE=str(file), LOG_FORMAT="json")
    assert file.read_text().startswith("before\n") and "is ready" in file.read_text() and server.said == ""
    assert stat.S_IMODE(file.stat().st_mode) & 0o007 == 0o004  # It keeps the mode that it had.
    old = file.rename(tmp_path / "old.log")
    User(server)
    assert "/auth/register" in old.read_text() and not file.exists()
    server.process.send_signal(signal.SIGHUP)
    assert eventually(file.exists)
    assert stat.S_IMODE(file.stat().st_mode) & 0o037 == 0
    User(server)
    assert "/auth/register" in file.read_text()
    assert server.stop() == 0
    assert "has stopped" in file.read_text() and "has stopped" not in old.read_text()


def test_a_log_file_that_cannot_be_reopened_is_kept(start, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    server = start(LOG_FILE=str(folder / "mynah.log"))
    old = folder.rename(tmp_path / "moved") / "mynah.log"
    server.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: "log file not reopened" in old.read_text())
    User(server)
    assert "/auth/register" in old.read_text() and server.stop() == 0


def test_a_log_file_that_cannot_be_written_is_named(tmp_path):
    done = command(tmp_path, "serve", LOG_FILE="/nowhere/mynah.log")
    assert done.returncode == 1 and "LOG_FILE: '/nowhere/mynah.log'" in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1
