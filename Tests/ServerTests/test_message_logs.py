"""Message logs of the real server: none is lost in a crash, and no text is stored in clear."""

import json
import random
import sqlite3
import threading
import time

import httpx
from client import User, eventually
from sdk import application
from vendor import Hold

ROUNDS = 4
CALLS = 200


def stored(folder):
    """Returns the logs that a stopped server left, by request id."""
    with sqlite3.connect(folder / "mynah.sqlite") as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT * FROM message_logs").fetchall()
    database.close()
    assert len({row["request_id"] for row in rows}) == len(rows)
    return {row["request_id"]: row for row in rows}


def unlimited(folder):
    """Lifts the plans' limits for users registered on a stopped server."""
    with sqlite3.connect(folder / "mynah.sqlite") as database:
        database.execute("UPDATE users SET plan_id = 'enterprise'")
    database.close()


def received_whole(server, key, number):
    """Returns the request's id if its response arrived whole."""
    streams, path = number % 2 == 1, ("/v1/chat/completions", "/v1/messages")[number // 2 % 2]
    body = {"messages": [{"role": "user", "content": f"canary-{number}"}], "max_tokens": 50, "stream": streams}
    with httpx.Client(base_url=server.url, headers={"X-API-Key": key}, timeout=30) as client:
        with client.stream("POST", path, json=body) as answer:
            text = "".join(answer.iter_text())
            assert answer.status_code == 200, text
            end = ("[DONE]", "message_stop")[number // 2 % 2] if streams else "usage"
            return answer.headers["X-Request-Id"] if end in text else None


def test_every_answer_that_was_received_whole_has_its_log_after_kill_9(start, vendor, tmp_path):
    chance = random.Random(5)
    vendor.reply = ["canary-", 0.01, "words ", "here"]
    server = start()
    key = application(User(server)).key
    assert server.stop() == 0
    unlimited(tmp_path)
    server.start()
    kept = set()
    for _ in range(ROUNDS):
        whole, numbers, lock = [], iter(range(CALLS)), threading.Lock()

        def call_on():
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                try:
                    if request := received_whole(server, key, number):
                        whole.append(request)
                except httpx.TransportError:
                    return

        callers = [threading.Thread(target=call_on, daemon=True) for _ in range(16)]
        for caller in callers:
            caller.start()
        # At a random point in the middle.
        some = chance.randrange(20, 120)
        assert eventually(lambda: len(whole) >= some, 60)
        server.kill()
        for caller in callers:
            caller.join(60)
        logs = stored(tmp_path)
        assert kept | set(whole) <= logs.keys()
        assert all(logs[request]["outcome"] == "complete" for request in whole)
        kept |= logs.keys()
        server.start()
    assert server.stop() == 0
    for file in tmp_path.iterdir():
        assert not file.is_file() or b"canary-" not in file.read_bytes(), file


def test_a_turn_that_was_cut_off_by_kill_9_has_a_partial_log_after_the_next_start(start, vendor, tmp_path):
    hold = Hold()
    vendor.answer("Tell me.", "kept", hold)
    server = start()
    user = User(server)
    conversation = user.conversation()
    with user.raw("POST", f"/conversations/{conversation}/messages", {"content": "Tell me."}):
        assert hold.reached.wait(30)
        server.kill()
    hold.release()
    assert stored(tmp_path) == {}
    server.start()
    assert server.stop() == 0
    (log,) = stored(tmp_path).values()
    assert (log["outcome"], log["error_code"], log["conversation_id"]) == ("partial", None, conversation)


def test_a_client_that_leaves_v1_has_a_partial_log(start, vendor, tmp_path):
    hold = Hold()
    vendor.reply = ["Some", hold]
    server = start()
    key = application(User(server)).key
    body = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}
    with httpx.Client(base_url=server.url, headers={"X-API-Key": key}, timeout=30) as client:
        with client.stream("POST", "/v1/chat/completions", json=body) as answer:
            next(answer.iter_text())
            request = answer.headers["X-Request-Id"]
    assert eventually(lambda: vendor.cancelled == 1)
    hold.release()
    assert server.stop() == 0
    log = stored(tmp_path)[request]
    assert (log["outcome"], log["error_code"]) == ("partial", None) and log["completion_tokens"] > 0


def test_without_content_only_the_figures_are_kept(start, vendor, tmp_path):
    server = start(MESSAGE_LOG_CONTENT="off", LOG_BATCH_INTERVAL="30")
    key = application(User(server)).key
    begin = time.monotonic()
    request = received_whole(server, key, 0)
    assert time.monotonic() - begin >= 0.03
    assert server.stop() == 0
    log = stored(tmp_path)[request]
    assert log["content"] is None and log["prompt_tokens"] == 7 and json.dumps(log["outcome"]) == '"complete"'
