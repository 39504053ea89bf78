"""Chat over a WebSocket: the events of the stream, opened by a ticket. No client action loses a reply."""

import json
import signal
import socket as sockets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from client import User, eventually, last_reply
from postgres_server import SECRETS, Postgres
from vendor import Hold
from websocket_client import (  # noqa: F401
    PING,
    TEXT,
    closed,
    frame,
    heard,
    opened,
    raw,
    refused,
    say,
    text,
    ticket,
    until_end,
    ws,
)


def test_a_whole_turn_has_the_events_of_the_stream(user, ws, vendor):
    say(ws, type="message", message="Hi", id="first")
    events = until_end(ws)
    names = [event["event"] for event in events]
    assert names[0] == "start" and names[-1] == "done" and set(names[1:-1]) == {"delta"}
    assert {event["reply_to"] for event in events} == {"first"}
    start, done = events[0], events[-1]
    assert text(events) == "Hello from the vendor." == done["data"]["message"]["content"]
    assert start["data"]["message_id"] == done["data"]["message"]["id"]
    assert [event["id"].split(":")[0] for event in events] == [start["data"]["message_id"]] * len(events)
    conversation = done["data"]["conversation_id"]
    assert user.messages(conversation)[-1] == done["data"]["message"]
    say(ws, type="message", message="And?", conversation_id=conversation)
    again = until_end(ws)
    assert again[-1]["data"]["conversation_id"] == conversation and "reply_to" not in again[-1]
    assert vendor.messages()[-3:] == [("user", "Hi"), ("assistant", "Hello from the vendor."), ("user", "And?")]


def test_a_reply_is_stopped_and_keeps_what_came(user, ws, vendor):
    vendor.answer("Tell me.", "before", Hold())
    say(ws, type="message", message="Tell me.")
    start, delta = heard(ws), heard(ws)
    conversation = start["data"]["conversation_id"]
    assert delta["data"]["content"] == "before"
    say(ws, type="stop", conversation_id=conversation)
    done = heard(ws)
    assert done["event"] == "done" and done["data"]["message"]["status"] == "partial"
    assert done["data"]["message"]["content"] == "before"
    assert eventually(lambda: vendor.cancelled) == 1
    # There is nothing left to stop, so there is no answer.
    say(ws, type="stop", conversation_id=conversation)
    say(ws, type="message", message="Go on.", conversation_id=conversation)
    assert until_end(ws)[-1]["data"]["message"]["status"] == "complete"


def test_a_cut_socket_loses_no_reply_and_another_one_continues_it(user, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    with opened(user) as ws:
        say(ws, type="message", message="Tell me.")
        conversation, last = heard(ws)["data"]["conversation_id"], heard(ws)["id"]
        ws.socket.shutdown(sockets.SHUT_RDWR)
    with opened(user) as ws:
        say(ws, type="resume", conversation_id=conversation, last_event_id=last, id="again")
        say(ws, type="resume", conversation_id=conversation, id="whole")
        whole = [heard(ws), heard(ws)]
        assert [(event["event"], event["reply_to"]) for event in whole] == [("start", "whole"), ("delta", "whole")]
        hold.release()
        rest = until_end(ws) + until_end(ws)
    assert text(event for event in rest if event["reply_to"] == "again") == " after"
    assert text(event for event in whole + rest if event["reply_to"] == "whole") == "before after"
    assert [event["event"] for event in rest].count("done") == 2
    assert user.messages(conversation)[-1]["content"] == "before after"
    with opened(user) as ws:
        say(ws, type="resume", conversation_id=conversation)
        assert heard(ws)["data"]["error"]["code"] == "not_found"
        say(ws, type="resume", conversation_id=conversation, last_event_id=last)
        assert text(until_end(ws)) == " after"


def test_a_reply_goes_on_without_its_socket(user, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    with opened(user) as ws:
        say(ws, type="message", message="Tell me.")
        conversation = heard(ws)["data"]["conversation_id"]
    hold.release()
    assert eventually(lambda: last_reply(user, conversation)["content"] == "before after")


def test_eight_replies_at_once_and_one_a_conversation(user, ws, vendor):
    hold = Hold()
    vendor.reply = ["begun", hold, " ended"]
    for number in range(8):
        say(ws, type="message", message=f"Number {number}", id=str(number))
    first = [heard(ws) for _ in range(16)]
    assert {event["reply_to"] for event in first} == set("01234567")
    say(ws, type="message", message="One too many", id="ninth")
    error = heard(ws)
    assert (error["reply_to"], error["data"]["error"]["code"]) == ("ninth", "rate_limited")
    with opened(user) as other:
        conversation = first[0]["data"]["conversation_id"]
        say(other, type="message", message="And?", conversation_id=conversation, id="busy")
        assert heard(other)["data"]["error"]["code"] == "conversation_busy"
    hold.release()
    ends = [event for _ in range(8) for event in until_end(ws)]
    assert sorted(event["reply_to"] for event in ends if event["event"] == "done") == list("01234567")
    assert all(event["data"]["message"]["content"] == "begun ended" for event in ends if event["event"] == "done")


@pytest.mark.parametrize(("message", "code"), [
    ("", "malformed_body"), ("{", "malformed_body"), ('{"type":"message","type":"message"}', "duplicate_key"),
    ("[]", "invalid_value"), ("null", "invalid_value"), ("{}", "missing_field"), ('{"type":"sing"}', "invalid_value"),
    ('{"type":"message"}', "missing_field"), ('{"type":"message","message":" "}', "invalid_value"),
    ('{"type":"message","message":1}', "invalid_value"), ('{"type":"message","message":"\\u0000"}', "invalid_value"),
    ('{"type":"message","message":"x","id":7}', "invalid_value"),
    ('{"type":"message","message":"x","conversation_id":"c1"}', "not_found"),
    ('{"type":"message","message":"x","chatbot_id":"c1"}', "not_found"), ('{"type":"stop"}', "missing_field"),
    ('{"type":"stop","conversation_id":"c1"}', "not_found"),
    ('{"type":"resume","conversation_id":"c1"}', "not_found"),
    ('{"type":"resume","conversation_id":"c1","last_event_id":"x"}', "invalid_value"),
    ("[" * 100_000, "malformed_body"),
])
def test_a_message_that_makes_no_sense_is_answered_and_the_socket_stays(ws, message, code):
    ws.send(message)
    event = heard(ws)
    assert (event["event"], event["data"]["error"]["code"]) == ("error", code)
    assert event["data"]["error"]["request_id"]
    say(ws, type="message", message="Hi")
    assert until_end(ws)[-1]["event"] == "done"


def test_others_conversations_do_not_exist_on_a_socket_either(mynah, user, ws):
    other = User(mynah)
    conversation = other.conversation()
    other.post(f"/conversations/{conversation}/messages", {"content": "Secret"})
    for message in ({"type": "message", "message": "x"}, {"type": "stop"}, {"type": "resume"}):
        say(ws, **message, conversation_id=conversation)
        assert heard(ws)["data"]["error"]["code"] == "not_found"
    assert len(other.messages(conversation)) == 2


def test_a_session_that_has_ended_is_dead_on_its_sockets_within_five_seconds(user, vendor):
    vendor.answer("Tell me.", "before", Hold())
    with opened(user) as ws, opened(user) as other:
        say(other, type="message", message="Tell me.")
        heard(other), heard(other)
        user.post("/auth/logout", status=204)
        ended = time.monotonic()
        assert closed(ws) == 1008 and closed(other) == 1008
        assert time.monotonic() - ended < 6


def test_other_sessions_are_left_alone(mynah, user):
    other = User(mynah)
    with opened(user) as ws, opened(other) as mine:
        user.post("/auth/logout", status=204)
        assert closed(ws) == 1008
        say(mine, type="message", message="Hi")
        assert until_end(mine)[-1]["event"] == "done"


def test_an_orderly_stop_sends_what_was_written_and_says_goodbye(start, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    server = start()
    user = User(server)
    with opened(user) as idle, opened(user) as ws:
        say(ws, type="message", message="Tell me.")
        conversation = heard(ws)["data"]["conversation_id"]
        heard(ws)
        unused = ticket(user)
        server.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: user.http.get("/health/ready").status_code == 503)
        refused(user, 503, "shutting_down", ticket=unused)
        hold.release()
        rest = until_end(ws)
        assert text(rest) == " after" and rest[-1]["event"] == "done"
        assert closed(ws) == 1001 and closed(idle) == 1001
    assert server.process.wait(15) == 0
    server.start()
    assert user.messages(conversation)[-1]["content"] == "before after"


def test_a_client_that_reads_nothing_holds_up_neither_others_nor_the_end(start, vendor):
    vendor.answer("Much.", *["word " * 10_000] * 20)
    server = start(SHUTDOWN_GRACE="1")
    user = User(server)
    with raw(user) as connection:
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        message = json.dumps({"type": "message", "message": "Much."}).encode()
        connection.sendall(frame(TEXT, message) + frame(PING, b"x") * 1000)
        conversations = eventually(lambda: user.get("/conversations")["data"])
        assert eventually(lambda: len(last_reply(user, conversations[0]["id"])["content"]) == 20 * 50_000)
        with opened(user) as ws:
            say(ws, type="message", message="Hi")
            assert until_end(ws)[-1]["event"] == "done"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0


def test_two_hundred_sockets_at_once_and_the_memory_is_given_back(start, vendor):
    server = start()
    user = User(server)

    def memory():
        with open(f"/proc/{server.process.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    def connections():
        """Returns the client connections that the server holds open."""
        with open(f"/proc/{server.process.pid}/net/tcp") as table:
            rows = [line.split() for line in list(table)[1:]]
        return sum(int(row[1].split(":")[1], 16) == server.port and row[3] == "01" for row in rows)

    def round_of_turns():
        with ExitStack() as stack, ThreadPoolExecutor(20) as pool:
            all_open = [stack.enter_context(ws) for ws in pool.map(lambda _: opened(user), range(200))]
            for ws in all_open:
                say(ws, type="message", message="Hi")
            assert all(until_end(ws)[-1]["event"] == "done" for ws in all_open)
            assert connections() >= 200
            list(pool.map(lambda ws: ws.close(), all_open))

    round_of_turns()
    warm = memory()
    for _ in range(3):
        round_of_turns()
    assert eventually(lambda: connections() < 20)
    # KiB: the memory of a few hundred leaked sockets, well above noise.
    assert memory() < warm + 24_000


def test_a_ticket_of_one_instance_opens_a_socket_on_another(tmp_path_factory, running_vendor, vendor, start):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    try:
        settings = running_vendor.settings | SECRETS | {"DATABASE_URL": postgres.url}
        first, second = (start(tmp_path_factory.mktemp("instance"), **settings) for _ in range(2))
        user = User(first)
        hold = Hold()
        vendor.answer("Tell me.", "before", hold, " after")
        one = ticket(user)
        with opened(user, ticket=one, port=second.port) as there, opened(user) as here:
            refused(user, 401, "invalid_ticket", ticket=one)
            say(there, type="message", message="Tell me.")
            conversation = heard(there)["data"]["conversation_id"]
            say(here, type="resume", conversation_id=conversation)
            assert heard(here)["event"] == "start"
            say(here, type="stop", conversation_id=conversation)
            assert until_end(there)[-1]["data"]["message"]["status"] == "partial"
            assert until_end(here)[-1]["event"] == "done"
            user.post("/auth/logout", status=204)
            assert closed(there) == 1008 and closed(here) == 1008
    finally:
        postgres.run("stop")
