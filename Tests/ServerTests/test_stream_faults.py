"""Streams with a failing, silent or flooding vendor, with slow readers, and in large numbers."""

import resource
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import User, events, eventually, last_reply, text
from vendor import Close, Hold, Reset, Status

HEARTBEAT_SECONDS = 15


@pytest.fixture(scope="module", autouse=True)
def long_silence(mynah, running_vendor):
    """Waits for a heartbeat while the other tests of this file run."""
    user, hold, seen = User(mynah), Hold(), []

    def listen():
        with user.stream("/chat", {"message": "Think for long."}, comments=True) as events:
            for event in events:
                seen.append(event)
                if event.name == "comment":
                    hold.release()

    running_vendor.answer("Think for long.", hold, "Done thinking.")
    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert hold.reached.wait(15)
    yield listener, seen
    hold.release()


FAULTS = {
    "reset": ([Reset], "provider_unavailable"),
    "closed": ([Close], ("provider_unavailable", "empty_reply")),
    "garbage": ([b"\xff\xfe\x00 what is this\n\n", Close], "provider_unavailable"),
    "json that is no chunk": ([b"data: [1,2,3]\n\n", b"data: {nope\n\n"], "provider_unavailable"),
    "nothing said": ([], "empty_reply"),
    "an error in the stream": ([b'data: {"error":{"message":"x","type":"server_error"}}\n\n'], "provider_unavailable"),
    "wrong key": ([Status(401, {"error": {"code": "invalid_api_key"}})], "provider_unavailable"),
    "too many requests": ([Status(429, {"error": {"type": "rate_limit"}}, Retry_After=1)], "provider_rate_limited"),
    "server error": ([Status(500, b"<html>oops</html>")], "provider_unavailable"),
    "refused": ([Status(400, {"error": {"code": "content_filter"}})], "provider_refused"),
    "redirect": ([Status(302, b"", Location="http://127.0.0.1:1/")], "provider_unavailable"),
    "an endless event": ([b"data: " + b"x" * 300_000], "provider_unavailable"),
}


@pytest.fixture(autouse=True)
def a_good_reply_after_each(user, vendor):
    """So that the failures of several tests do not open the provider's breaker."""
    yield
    vendor.reply = ["All is well."]
    assert user.post("/chat", {"message": "How are you?"})["message"]["status"] == "complete"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_reply_is_stored_and_its_stream_ends_in_error(user, vendor, fault):
    steps, codes = FAULTS[fault]
    vendor.reply = steps
    with user.stream("/chat", {"message": "Hi"}) as stream:
        stream = list(stream)
    assert [event.name for event in stream] == ["start", "error"]
    error = stream[-1].data["error"]
    assert error["code"] in codes and error["message"] and error["request_id"]
    reply = last_reply(user, stream[0].data["conversation_id"])
    assert (reply["status"], reply["error_code"], reply["content"]) == ("failed", error["code"], error["message"])
    vendor.reply = ["Better."]
    body = user.post("/chat", {"message": "Again", "session_id": reply["conversation_id"]})
    assert body["message"]["content"] == "Better."
    assert error["message"] not in [content for _, content in vendor.messages()]


def test_without_streaming_a_failed_reply_is_an_answer_with_the_chatbots_own_fallback(user, vendor):
    chatbot = user.post("/chatbots", {"name": "Bot", "fallback_message": "আবার চেষ্টা করুন।"}, 201)
    vendor.reply = [Status(500, b"")]
    reply = user.post("/chat", {"message": "Hi", "chatbot_id": chatbot["id"]})["message"]
    assert (reply["status"], reply["error_code"]) == ("failed", "provider_unavailable")
    assert reply["content"] == "আবার চেষ্টা করুন।"


@pytest.mark.parametrize("end", [Reset, Close, b"data: {nope\n\n"])
def test_a_reply_that_breaks_off_keeps_what_came(user, vendor, end):
    vendor.reply = ["Half of", 0.1, end]
    with user.stream("/chat", {"message": "Hi"}) as stream:
        stream = list(stream)
    assert text(stream) == "Half of" and stream[-1].name == "error"
    reply = last_reply(user, stream[0].data["conversation_id"])
    assert (reply["content"], reply["status"], reply["error_code"]) == ("Half of", "partial", "provider_unavailable")


def test_a_silent_vendor_times_out_before_and_within_a_reply(start, vendor):
    server = start(LLM_TIMEOUT="2")
    user = User(server)
    vendor.answer("Say nothing.", 60)
    vendor.answer("Stop halfway.", "Half", 60)
    vendor.answer("Never end.", *[step for _ in range(100) for step in ("on ", 0.1)])
    for message, came in (("Say nothing.", ""), ("Stop halfway.", "Half"), ("Never end.", "on ")):
        with user.stream("/chat", {"message": message}) as stream:
            stream = list(stream)
        assert stream[-1].name == "error" and stream[-1].data["error"]["code"] == "provider_timeout"
        assert text(stream).startswith(came)
    assert eventually(lambda: vendor.cancelled == 3)


def test_a_vendor_that_is_not_there_is_no_failure_of_the_server(start):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = start(OPENAI_BASE_URL=f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
        user = User(server)
        reply = user.post("/chat", {"message": "Hi"})["message"]
        assert (reply["status"], reply["error_code"]) == ("failed", "provider_unavailable")
        assert user.get("/health")["status"] == "ok"


def test_a_vendor_that_floods_is_cut_off(user, vendor, mynah):
    vendor.reply = ["x" * 60_000] * 500
    with user.stream("/chat", {"message": "Flood me."}) as stream:
        stream = list(stream)
    assert stream[-1].name == "error" and len(text(stream)) <= 1024 * 1024 + 60_000
    assert eventually(lambda: vendor.cancelled) == 1


def resident_megabytes(server):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def test_a_slow_reader_holds_up_neither_the_reply_nor_anyone_else(user, vendor, mynah):
    vendor.reply = ["word " * 200] * 800
    conversations = [user.conversation() for _ in range(10)]
    before = resident_megabytes(mynah)
    slow = []
    for conversation in conversations:
        body, path = {"content": "Write a book.", "stream": True}, f"/conversations/{conversation}/messages"
        slow.append(user.raw("POST", path, body, Connection="close"))
    for conversation in conversations:
        reply = eventually(lambda: [entry for entry in user.messages(conversation) if entry["sender"] == "ai"], 60)
        assert reply[0]["status"] == "complete" and len(reply[0]["content"]) == 800_000
    for _ in range(2):
        for connection in slow:
            assert connection.recv(1)
        time.sleep(1)
    grown = resident_megabytes(mynah) - before
    assert grown < 80, f"{grown:.0f} MB for 10 readers of 0.8 MB each"
    vendor.reply = ["Quick."]
    assert user.post("/chat", {"message": "Hi"})["message"]["content"] == "Quick."
    # The slow reader still receives the whole text.
    received = slow[0].makefile("rb").read()
    slow[0].close()
    assert received.count(b"word ") >= 2 * 800 * 200 - 200
    for connection in slow[1:]:
        connection.close()


def test_two_hundred_streams_at_once_all_end(user, vendor):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    hold = Hold()
    vendor.reply = ["one ", hold, "two ", 0.2, "three"]
    connections = [user.raw("POST", "/chat", {"message": "Hi", "stream": True}) for _ in range(200)]

    def read(connection):
        with connection, connection.makefile("rb") as file:
            assert b" 200 " in file.readline()
            lines = (line.decode().rstrip() for line in file)
            found = []
            for event in events(line for line in lines if line.startswith(("id:", "event:", "data:", ":")) or not line):
                found.append(event)
                if event.name in ("done", "error"):
                    return found

    assert eventually(lambda: len(vendor.requests) == 200, 60), f"{len(vendor.requests)} calls run at once"
    hold.release()
    with ThreadPoolExecutor(200) as pool:
        results = list(pool.map(read, connections))
    assert [stream[-1].name for stream in results] == ["done"] * 200
    assert {text(stream) for stream in results} == {"one two three"}
    assert len({stream[0].data["message_id"] for stream in results}) == 200


def test_a_long_silence_is_filled_with_heartbeats(long_silence):
    listener, seen = long_silence
    listener.join(2 * HEARTBEAT_SECONDS + 10)
    assert [event.name for event in seen] == ["start", "comment", "delta", "done"]
