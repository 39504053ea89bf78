"""A client of `/chat/ws`, and one that writes frames by hand."""

import base64
import json
import os
import socket as sockets
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


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
