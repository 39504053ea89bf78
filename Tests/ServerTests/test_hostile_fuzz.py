"""Valid requests with random damage never make the server fail. The seeds are fixed."""

import random

import pytest
from client import User
from hostile import Connection, is_alive, request

PIECES = [
    b"\0", b"\xff", b"\r", b"\n", b"\r\n", b" ", b"\t", b"%", b"%00", b"%ff", b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"=",
    b"&", b";", b",", b":", b"..", b"/", b'"', b"'", b"{", b"}", b"[", b"]", b"-", b"9" * 30, b"a" * 300, "\u0301".encode() * 50,
    "\U0001f600".encode(), b"null", b"NaN", b"1e999", b"Bearer ", b"chunked",
]


def damaged(source, data, times):
    data = bytearray(data)
    for _ in range(times):
        at = source.randrange(len(data) + 1)
        match source.randrange(4):
            case 0:
                data[at:at] = source.choice(PIECES)
            case 1:
                del data[at : at + source.randrange(1, 8)]
            case 2:
                data[at : at + 1] = bytes([source.randrange(256)])
            case 3:
                other = source.randrange(len(data) + 1)
                data[at:at] = data[other : other + source.randrange(1, 20)]
    return bytes(data)


@pytest.fixture(scope="module")
def user(mynah):
    user = User(mynah)
    for number in range(3):
        user.post("/conversations", {"title": f"Number {number}"}, 201)
    return user


def fields(user):
    """A place in a request to damage, and the request around it."""
    conversation = user.conversation()
    cursor = user.get("/conversations?limit=1")["next"].encode()
    reply = user.post("/chat", {"message": "Hi"})["message"]["id"].encode()
    stream = f"/conversations/{conversation}/stream"
    form = b"grant_type=password&username=" + user.name.encode() + b"&code=1"
    json = b'{"name":"x","temperature":0.5,"models":["a","b"],"config":{"a":[1,2.5,null,true,"\\u00e9"]},"slug":"%d"}'
    return {
        "cursor": (cursor, lambda data: request(user, "GET", b"/conversations?after=" + data)),
        "query": (b"limit=2&after=" + cursor, lambda data: request(user, "GET", b"/conversations?" + data)),
        "path": (stream.encode(), lambda data: request(user, "GET", b"/" + data)),
        "Last-Event-ID": (reply + b":12", lambda data: request(user, "GET", stream, Last_Event_ID=data)),
        "Authorization": (b"Bearer " + user.token.encode(), lambda data: request(user, "GET", "/users/me", Authorization=data)),
        "Cookie": (
            b"a=b; mynah_session=" + b"x" * 43,
            lambda data: request(user, "GET", "/users/me", Authorization=None, Cookie=data),
        ),
        "Content-Type": (
            b"application/json; charset=utf-8",
            lambda data: request(user, "PATCH", "/users/me", b'{"first_name":"x"}', Content_Type=data),
        ),
        "form": (
            form,
            lambda data: request(
                user, "POST", "/auth/token", data, Authorization=None, Content_Type="application/x-www-form-urlencoded"
            ),
        ),
        "JSON": (json, lambda data: request(user, "POST", "/chatbots", data)),
        "head": (request(user, "POST", "/conversations", b"{}"), lambda data: data),
    }


PLACES = [
    "cursor", "query", "path", "Last-Event-ID", "Authorization", "Cookie", "Content-Type", "form", "JSON", "head",
]


@pytest.mark.parametrize("place", PLACES)
def test_random_damage_is_no_failure_of_the_server(mynah, user, place):
    source, before = random.Random(place), len(mynah.said)
    whole, around = fields(user)[place]
    for _ in range(150):
        data = around(damaged(source, whole, source.randrange(1, 5)))
        with Connection(mynah) as connection:
            # The missing rest will never come: the connection is closed for writing.
            connection.socket.sendall(data)
            connection.socket.shutdown(1)
            try:
                answer = connection.answer()
            except (ConnectionError, ValueError, IndexError):
                answer = None
            assert answer is None or answer[0] < 500, data
    assert is_alive(mynah)
    assert "request failed" not in mynah.said[before:]
