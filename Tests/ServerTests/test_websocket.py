"""Chat over a WebSocket: the events of the stream, opened by a ticket; protocol errors close the socket, and no client
action loses a reply."""

import base64
import json
import os
import signal
import socket as sockets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from client import User, eventually, last_reply
from postgres_server import SECRETS, Postgres
from vendor import Hold
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

LIMIT = 256 * 1024


def ticket(user):
    issued = user.post("/chat/ws-ticket")
    assert issued["expires_in"] == 60
    return issued["ticket"]


def opened(user, **options):
    options = {"ticket": None, "port": user.port, "open_timeout": 30} | options
    one = options.pop("ticket") or ticket(user)
    return connect(f"ws://127.0.0.1:{options.pop('port')}/chat/ws?ticket={one}", **options)


@pytest.fixture
def ws(user):
    with opened(user) as connection:
        yield connection


def say(ws, **message):
    ws.send(json.dumps(message))


def heard(ws):
    return json.loads(ws.recv(timeout=30))


def until_end(ws):
    """Returns the events up to one that ends a reply or reports that there is none."""
    events = [heard(ws)]
    while events[-1]["event"] not in ("done", "error"):
        events.append(heard(ws))
    return events


def text(events):
    return "".join(event["data"]["content"] for event in events if event["event"] == "delta")


def closed(ws):
    """Returns the server's close code."""
    with pytest.raises(ConnectionClosed) as raised:
        while True:
            ws.recv(timeout=30)
    return raised.value.rcvd.code


def refused(user, status, code=None, **options):
    with pytest.raises(InvalidStatus) as raised:
        opened(user, **options)
    answer = raised.value.response
    error = json.loads(answer.body)["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    return answer


@contextmanager
def raw(user):
    """Returns a socket after its handshake, for hand-made frames, and the bytes read beyond that."""
    connection = sockets.create_connection(("127.0.0.1", user.port), timeout=30)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /chat/ws?ticket={ticket(user)} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"
        f"Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    assert head.startswith(b"HTTP/1.1 101 ")
    with connection:
        yield connection


TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9


def frame(opcode, data=b"", fin=True, rsv=0, masked=True):
    """Builds a frame of RFC 6455; the mask is all zeros."""
    size = len(data)
    length, more = (size, b"") if size < 126 else (126, size.to_bytes(2)) if size < 65_536 else (127, size.to_bytes(8))
    length = bytes([length | (0x80 if masked else 0)]) + more
    return bytes([(0x80 if fin else 0) | rsv | opcode]) + length + (b"\0" * 4 if masked else b"") + data


def close_code(connection):
    """Returns the close code, if one arrives before the end."""
    data = b""
    while received := connection.recv(4096):
        data += received
    return int.from_bytes(data[2:4], "big") if data[:1] == b"\x88" else None


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


def test_a_ticket_opens_one_socket(user):
    one = ticket(user)
    with opened(user, ticket=one):
        refused(user, 401, "invalid_ticket", ticket=one)
    refused(user, 401, "invalid_ticket", ticket=one)
    refused(user, 401, "invalid_ticket", ticket=user.token)
    contended = ticket(user)

    def attempt(_):
        try:
            with opened(user, ticket=contended):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(attempt, range(16))) == [101] + [401] * 15


def test_a_ticket_is_for_those_who_signed_in(mynah, user):
    assert httpx.post(f"{mynah.url}/chat/ws-ticket").status_code == 401
    key = user.post("/users/me/api-keys", {}, 201)["key"]
    by_key = httpx.post(f"{mynah.url}/chat/ws-ticket", headers={"X-API-Key": key})
    assert (by_key.status_code, by_key.json()["error"]["code"]) == (403, "key_not_allowed")
    unused = ticket(user)
    user.post("/auth/logout", status=204)
    with pytest.raises(InvalidStatus) as raised:
        opened(user, ticket=unused)
    assert raised.value.response.status_code == 401


def test_pages_of_other_sites_open_no_socket(start):
    server = start(CORS_ORIGINS="https://app.example.com")
    user = User(server)
    own = f"http://127.0.0.1:{server.port}"
    for origin in ("https://evil.example", "null", f"{own}.evil.example", "https://app.example.com:444"):
        refused(user, 403, "origin_refused", origin=origin)
    for origin in ("https://app.example.com", server.url, None):
        with opened(user, origin=origin) as ws:
            say(ws, type="message", message="Hi")
            assert until_end(ws)[-1]["event"] == "done"
    # A refusal before the ticket is checked leaves it valid.
    one = ticket(user)
    refused(user, 403, "origin_refused", ticket=one, origin="https://evil.example")
    with opened(user, ticket=one):
        pass


HANDSHAKE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(("change", "status", "code"), [
    ({"Upgrade": None, "Connection": None}, 426, "upgrade_required"), ({"Upgrade": "h2c"}, 426, "upgrade_required"),
    ({"Connection": "keep-alive"}, 426, "upgrade_required"), ({"Sec-WebSocket-Version": "8"}, 426, "upgrade_required"),
    ({"Sec-WebSocket-Version": None}, 426, "upgrade_required"),
    ({"Sec-WebSocket-Key": None}, 400, "invalid_handshake"), ({"Sec-WebSocket-Key": "short"}, 400, "invalid_handshake"),
])
def test_a_handshake_that_is_none_is_explained_and_leaves_the_ticket(user, change, status, code):
    one = ticket(user)
    headers = {name: value for name, value in (HANDSHAKE | change).items() if value}
    answer = user.http.get(f"/chat/ws?ticket={one}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert status != 426 or (answer.headers["Upgrade"], answer.headers["Sec-WebSocket-Version"]) == ("websocket", "13")
    with opened(user, ticket=one):
        pass


def test_the_answer_to_a_handshake(user):
    with sockets.create_connection(("127.0.0.1", user.port), timeout=30) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items())
        lines += "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        connection.sendall(f"GET /chat/ws/?ticket={ticket(user)} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
        head = connection.recv(4096).decode().lower()
    assert head.startswith("http/1.1 101 switching protocols\r\n")
    # RFC 6455's own example.
    assert "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n" in head
    assert "sec-websocket-extensions" not in head and "transfer-encoding" not in head and "content-length" not in head


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
@pytest.mark.parametrize("path", ["/health/live", "/chat/ws?ticket=x", "/nope"])
def test_a_connection_whose_wish_was_not_granted_ends_after_the_answer(mynah, path, upgrade):
    with sockets.create_connection(("127.0.0.1", mynah.port), timeout=30) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in (HANDSHAKE | {"Upgrade": upgrade}).items())
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
        answer = b""
        while received := connection.recv(4096):
            answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 101 " not in head.splitlines()[0] and b"connection: close" in head.lower()
    assert json.loads(body)


@pytest.mark.parametrize(("frames", "code"), [
    ([frame(BINARY, b"x")], 1003), ([frame(TEXT, b"\xff\xfe")], 1007),
    ([frame(TEXT, b"\xe2\x82", fin=False), frame(CONTINUATION, b"x")], 1007),
    ([frame(TEXT, b"{}", masked=False)], 1002), ([frame(TEXT, b"{}", rsv=0x40)], 1002),
    ([frame(CONTINUATION, b"{}")], 1002), ([frame(TEXT, b"{", fin=False), frame(TEXT, b"}")], 1002),
    ([frame(PING, b"x", fin=False)], 1002), ([frame(3)], 1002), ([frame(11)], 1002),
    ([frame(PING, b"x" * 126)], 1002), ([frame(CLOSE, b"\x03")], 1002),
    ([frame(CLOSE, b"\x03\xed")], 1002), ([frame(CLOSE, b"\x03\xe8\xff")], 1007),
    ([frame(CLOSE)], 1000), ([frame(CLOSE, b"\x0f\xa0bye")], 4000),
    ([frame(TEXT, b" " * (LIMIT + 1))], 1009), ([b"\x81\xff" + b"\x7f" * 8], 1009),
    ([b"\x81\xff" + b"\xff" * 8], 1009),
    ([frame(TEXT, b" " * 200_000, fin=False), frame(CONTINUATION, b" " * 100_000)], 1009),
    ([frame(TEXT, b" ", fin=False)] + [frame(CONTINUATION, b" " * 1000, fin=False)] * 300, 1009),
])
def test_what_breaks_the_protocol_is_closed_with_its_code(user, frames, code):
    with raw(user) as connection:
        connection.sendall(b"".join(frames))
        assert close_code(connection) == code


def test_a_message_may_come_in_pieces_and_as_large_as_the_limit(user, ws):
    message = json.dumps({"type": "message", "message": "Grüße"}, ensure_ascii=False)
    ws.send([piece for piece in message + " " * 4000])
    assert until_end(ws)[-1]["event"] == "done"
    ws.send(message + " " * (LIMIT - len(message.encode())))
    assert until_end(ws)[-1]["event"] == "done"
    user.http.get("/users/me").raise_for_status()


def test_pings_are_answered_between_all_else(user, ws, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold)
    assert ws.ping(b"before").wait(15)
    say(ws, type="message", message="Tell me.")
    heard(ws), heard(ws)
    assert ws.ping(b"amid").wait(15)
    hold.release()
    assert until_end(ws)[-1]["event"] == "done"


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
