"""Orderly shutdown: running replies finish or keep their text, every stream ends, and no process remains."""

import signal
import time

import pytest
from client import User, eventually, text
from vendor import Hold


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_running_reply_finishes_while_new_ones_are_refused(start, vendor, how):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    server = start()
    user = User(server)
    conversation, other = user.conversation(), user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        server.process.send_signal(how)
        assert eventually(lambda: user.http.get("/health/ready").status_code == 503)
        refused = user.http.post(f"/conversations/{other}/messages", json={"content": "Now?"})
        hold.release()
        rest = list(events)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "shutting_down")
    assert int(refused.headers["Retry-After"]) > 0
    assert text(rest) == " after" and rest[-1].name == "done"
    assert server.process.wait(15) == 0
    assert len(vendor.requests) == 1
    server.start()
    assert [(entry["content"], entry["status"]) for entry in user.messages(conversation)] == [
        ("Tell me.", "complete"), ("before after", "complete"),
    ]
    assert user.messages(other) == []


def test_a_reply_that_is_stuck_is_kept_as_partial_and_its_stream_ends(start, vendor):
    vendor.answer("Tell me.", "came", 120)
    server = start(SHUTDOWN_GRACE="1")
    user = User(server)
    conversation = user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        server.process.send_signal(signal.SIGTERM)
        rest = list(events)
    assert rest[-1].name in ("done", "error")
    assert server.process.wait(15) == 0
    assert eventually(lambda: vendor.cancelled) == 1
    server.start()
    asked, reply = user.messages(conversation)
    assert (reply["content"], reply["status"]) == ("came", "partial")
    assert user.post(f"/conversations/{conversation}/messages", {"content": "Go on."})[1]["status"] == "complete"


@pytest.mark.parametrize("habit", ["idle", "half a request", "reads nothing"])
def test_no_client_holds_up_the_end(start, vendor, habit):
    vendor.reply = ["word " * 10_000] * 20
    server = start(SHUTDOWN_GRACE="1")
    user = User(server)
    if habit == "idle":
        connection = user.raw("GET", "/users/me")
        connection.recv(10)
    elif habit == "half a request":
        connection = user.raw("POST", "/chat", **{"Transfer-Encoding": "chunked"})
    else:
        connection = user.raw("POST", "/chat", {"message": "Hi", "stream": True})
        assert eventually(lambda: vendor.requests)
        time.sleep(1)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    connection.close()


def test_a_stopping_server_serves_on_until_load_balancers_have_noticed(start, vendor):
    server = start(SHUTDOWN_DELAY="600")
    user = User(server)
    conversation = user.conversation()
    assert "close" not in user.http.get("/health/ready").headers.get("Connection", "")
    server.process.send_signal(signal.SIGTERM)
    assert eventually(lambda: user.http.get("/health/ready").status_code == 503)
    answer = user.http.post(f"/conversations/{conversation}/messages", json={"content": "এখনও?"})
    assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
    assert user.http.get("/health/live").status_code == 200
    server.kill()
    server.settings["SHUTDOWN_DELAY"] = "1"
    server.start()
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began >= 1


def test_a_stop_while_starting_and_a_second_signal_do_no_harm(start, vendor):
    server = start()
    server.stop()
    server.spawn()
    time.sleep(0.1)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(15) in (0, -signal.SIGTERM)
    server.start()
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(15) in (0, -signal.SIGTERM)
    assert server.start().stop() == 0


def test_a_stopped_server_leaves_one_complete_file(start, tmp_path):
    server = start()
    User(server)
    assert server.stop() == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"mynah.sqlite", "mynah.log", "mynah.out", "secret.key", "encryption.key", "server.lock", "files"}
