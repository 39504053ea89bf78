"""The result of each vendor fault: the response, the number of vendor calls, and the stored messages."""

import socket
import time

import pytest
from client import User, eventually, last_reply
from vendor import Close, Reset, Status


def status(code, **headers):
    return [Status(code, {"error": {"message": "no", "type": "test"}}, **headers)]


NO_ROOM = [Status(200, {"choices": [{"index": 0, "message": {"content": ""}, "finish_reason": "length"}]})]
GARBAGE = [Status(200, b"<html>what is this?</html>")]
LARGE = [Status(200, b'{"choices":[{"index":0,"message":{"content":"' + b"x" * 100_000_000 + b'"}}]}')]
# The replies in turn, the status and code of the response, and the number of calls.
FAULTS = {
    "429": ([status(429)] * 9, "failed", "provider_rate_limited", 3),
    "429 with a short Retry-After": ([status(429, Retry_After=1)] * 9, "failed", "provider_rate_limited", 3),
    "429 with a long Retry-After": ([status(429, Retry_After=60)] * 9, "failed", "provider_rate_limited", 1),
    "500": ([status(500)] * 9, "failed", "provider_unavailable", 3),
    "503 twice, then well": ([status(503), status(503), ["Well."]], "complete", None, 3),
    "401": ([status(401)] * 9, "failed", "provider_unavailable", 1),
    "refused": ([[Status(400, {"error": {"code": "content_filter"}})]] * 9, "failed", "provider_refused", 1),
    "empty": ([[]] * 9, "failed", "empty_reply", 2),
    "empty, then well": ([[], ["Well."]], "complete", None, 2),
    "no room": ([NO_ROOM] * 9, "failed", "reply_limit_reached", 1),
    "white space": ([[" ", "\n"]] * 9, "failed", "empty_reply", 1),
    "no reason and no text, then well": ([[b"data: [DONE]\n\n", Close], ["Well."]], "complete", None, 2),
    "reset before the first word": ([[Reset], ["Well."]], "complete", None, 2),
    "reset in the middle": ([["Half of", 0.1, Reset]] * 9, "partial", "provider_unavailable", 1),
    "silence before the first word": ([[30]] * 9, "failed", "provider_timeout", 1),
    "silence after it": ([["Half of", 30]] * 9, "partial", "provider_timeout", 1),
    "garbage": ([GARBAGE] * 9, "failed", "provider_unavailable", 3),
    "endless": ([["on "] + ["and on " * 1000] * 100_000] * 9, "partial", "provider_unavailable", 1),
    "100 MB": ([LARGE] * 9, "failed", "provider_unavailable", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_answer_its_number_of_calls_and_its_record(start, vendor, fault):
    replies, outcome, code, calls = FAULTS[fault]
    server = start(LLM_TIMEOUT="4")
    user = User(server)
    vendor.answer_in_turn(*replies)
    before = time.monotonic()
    message = user.post("/chat", {"message": "Hello"})["message"]
    assert (message["status"], message["error_code"]) == (outcome, code)
    assert len(vendor.requests) == calls
    assert time.monotonic() - before < 20
    stored = last_reply(user, message["conversation_id"])
    assert [stored[name] for name in ("id", "status", "error_code", "content")] == [
        message[name] for name in ("id", "status", "error_code", "content")
    ]
    if "Half" in str(replies[0]):
        assert message["content"] == "Half of"
    elif outcome == "complete":
        assert message["content"] == "Well."
    elif outcome == "partial":
        assert message["content"].startswith("on and on") and len(message["content"]) <= 1024 * 1024 + 7000
    else:
        assert message["content"].startswith(("Sorry", "The model"))
    # Nothing hangs: the conversation continues, and the server's memory has not grown by the vendor's data.
    vendor.turns, vendor.reply = [], ["Better."]
    path = f"/conversations/{message['conversation_id']}/messages"
    again = eventually(lambda: user.post(path, {"content": "And now?"}))
    assert again[1]["content"] == "Better."


def test_a_vendor_that_is_gone_is_asked_three_times_and_the_reply_fails(start):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = start(OPENAI_BASE_URL=f"http://127.0.0.1:{unused.getsockname()[1]}/v1", LOG_FORMAT="json")
        message = User(server).post("/chat", {"message": "Hello"})["message"]
    assert (message["status"], message["error_code"]) == ("failed", "provider_unavailable")
    attempts = [line for line in server.said.splitlines() if "model call failed" in line]
    assert len(attempts) == 3 and all("request_id" in line for line in attempts)


def test_a_chain_of_fallbacks_answers_where_the_first_model_cannot(start, vendor):
    server = start(LLM_FALLBACKS="openai/second,openai/third")
    user = User(server)
    vendor.answer_in_turn(status(401), status(429, Retry_After=60), ["Third time lucky."])
    message = user.post("/chat", {"message": "Hello"})["message"]
    assert (message["status"], message["content"]) == ("complete", "Third time lucky.")
    assert [request["model"] for request in vendor.requests] == ["scripted", "second", "third"]


def test_each_kind_of_failure_has_a_message_of_the_chatbots_own(start, vendor):
    user = User(start())
    messages = {"provider_refused": "Not that, please.", "provider_rate_limited": "Too many at once."}
    polite = {"name": "Polite", "fallback_message": "Sorry!", "fallback_messages": messages}
    chatbot = user.post("/chatbots", polite, 201)
    for steps, expected in (
        (FAULTS["refused"][0][0], "Not that, please."),
        (status(429, Retry_After=60), "Too many at once."),
        (status(401), "Sorry!"),
    ):
        vendor.answer_in_turn(steps)
        assert user.post("/chat", {"message": "Hello", "chatbot_id": chatbot["id"]})["message"]["content"] == expected


def test_a_provider_that_keeps_failing_is_left_alone_for_a_while(start, vendor):
    user = User(start())
    vendor.reply = status(500)
    for _ in range(2):
        user.post("/chat", {"message": "Hello"})
    asked = len(vendor.requests)
    assert asked < 6
    vendor.reply = ["Well."]
    message = user.post("/chat", {"message": "Hello"})["message"]
    assert message["error_code"] == "provider_unavailable" and len(vendor.requests) == asked
    assert eventually(lambda: user.post("/chat", {"message": "Hello"})["message"]["status"] == "complete", 20)
