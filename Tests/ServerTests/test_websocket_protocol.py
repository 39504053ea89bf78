"""Tickets, handshakes and frames of WebSockets: protocol errors close the socket."""

import json
import socket as sockets
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from client import User
from vendor import Hold
from websocket_client import (  # noqa: F401
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    frame,
    heard,
    opened,
    raw,
    refused,
    say,
    ticket,
    until_end,
    ws,
)
from websockets.exceptions import InvalidStatus

LIMIT = 256 * 1024


def close_code(connection):
    """Returns the close code, if one arrives before the end."""
    data = b""
    while received := connection.recv(4096):
        data += received
    return int.from_bytes(data[2:4], "big") if data[:1] == b"\x88" else None


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
