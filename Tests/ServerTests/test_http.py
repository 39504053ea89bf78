"""HTTP on raw sockets."""

import json
import socket
import time

import pytest


class Connection:
    """One connection; reads responses by their Content-Length."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        self.file = self.socket.makefile("rb")

    def send(self, text, body=b""):
        self.socket.sendall(text.replace("\n", "\r\n").encode() + body)

    def answer(self, has_body=True):
        """Returns the next response's status, headers (names in lower case) and body; None after a close."""
        line = self.file.readline()
        if not line:
            return None
        headers = {}
        while (field := self.file.readline().strip()) != b"":
            name, _, value = field.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = self.file.read(int(headers.get("content-length", 0))) if has_body else b""
        return int(line.split()[1]), headers, body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()


@pytest.fixture
def connection(mynah):
    with Connection(mynah) as connection:
        yield connection


def register(name, **headers):
    body = json.dumps({"username": name, "password": "testpass123"}).encode()
    lines = "".join(f"{key}: {value}\n" for key, value in headers.items())
    return f"POST /auth/register HTTP/1.1\nHost: x\nContent-Type: application/json\n{lines}", body


def test_a_connection_is_kept_and_pipelined_requests_are_answered_in_order(connection):
    paths = ("/health", "/nowhere", "/users/me", "/health/live")
    connection.send("".join(f"GET {path} HTTP/1.1\nHost: x\n\n" for path in paths))
    assert [connection.answer()[0] for _ in range(4)] == [200, 404, 401, 200]
    connection.send("GET /health/live HTTP/1.1\nHost: x\nConnection: close\n\n")
    assert connection.answer()[0] == 200
    assert connection.answer() is None


@pytest.mark.parametrize("ask", ["HTTP/1.0", "HTTP/1.1\nConnection: Close", "HTTP/1.1\nConnection: close, TE"])
def test_a_client_that_keeps_no_connection_is_answered_and_let_go(connection, ask):
    connection.send(f"GET /health/live {ask}\nHost: x\n\n")
    assert connection.answer()[2] == b'{"status":"ok"}'
    assert connection.answer() is None


def test_head_answers_as_get_without_the_body(connection):
    connection.send("GET /health/live HTTP/1.1\nHost: x\n\n")
    _, get, body = connection.answer()
    connection.send("HEAD /health/live HTTP/1.1\nHost: x\n\nGET /health/live HTTP/1.1\nHost: x\n\n")
    status, head, _ = connection.answer(has_body=False)
    assert status == 200 and head["content-length"] == get["content-length"] == str(len(body))
    assert connection.answer()[2] == body


@pytest.mark.parametrize("path", ["/users/me", "/nothing", "/auth/token", "/assets/nothing.js", "/chatbots/x", "/v1/models"])
def test_head_answers_an_error_without_its_body(connection, path):
    connection.send(f"HEAD {path} HTTP/1.1\nHost: x\nX-API-Key: mk_live_x_y\n\nGET /health/live HTTP/1.1\nHost: x\n\n")
    status, headers, _ = connection.answer(has_body=False)
    assert status in (401, 404, 405) and int(headers["content-length"]) > 0
    # What comes next is the next answer, not the body of this one.
    status, _, body = connection.answer()
    assert status == 200 and json.loads(body)["status"] == "ok"


def test_unknown_paths_and_methods_get_an_error_body_with_the_request_id(connection):
    for line, status, code in (
        ("GET /nowhere", 404, "not_found"), ("GET /conversations/nope/nope", 404, "not_found"),
        ("DELETE /health", 405, "method_not_allowed"), ("PATCH /auth/login", 405, "method_not_allowed"),
        ("OPTIONS /chatbots/x", 405, "method_not_allowed"), ("TRACE /users/me", 405, "method_not_allowed"),
    ):
        connection.send(f"{line} HTTP/1.1\nHost: x\n\n")
        answered, headers, body = connection.answer()
        error = json.loads(body)["error"]
        assert (answered, error["code"]) == (status, code), line
        assert error["request_id"] == headers["x-request-id"]
        if status == 405:
            assert "GET" in headers["allow"] or "POST" in headers["allow"]


@pytest.mark.parametrize(
    "path", ["/health", "/health/live", "/docs", "/redoc", "/openapi.json", "/.well-known/jwks.json"]
)
def test_a_trailing_slash_is_accepted(connection, path):
    for slash in ("", "/"):
        connection.send(f"GET {path}{slash} HTTP/1.1\nHost: x\n\n")
        assert connection.answer()[0] == 200


def test_100_continue_is_said_before_the_body_is_sent(connection):
    head, body = register("expects-continue")
    connection.send(f"{head}Content-Length: {len(body)}\nExpect: 100-continue\n\n")
    assert connection.file.readline().startswith(b"HTTP/1.1 100")
    assert connection.file.readline() == b"\r\n"
    connection.socket.sendall(body)
    assert connection.answer()[0] == 201


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(connection):
    head, _ = register("too-large")
    connection.send(f"{head}Content-Length: 1073741824\n\n")
    status, _, body = connection.answer()
    assert (status, json.loads(body)["error"]["code"]) == (413, "too_large")


def test_a_chunked_body_is_read_and_one_without_end_is_refused(mynah):
    head, body = register("chunked")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 5]), body[at : at + 5]) for at in range(0, len(body), 5))
    with Connection(mynah) as connection:
        connection.send(f"{head}Transfer-Encoding: chunked\n\n", chunks + b"0\r\n\r\n")
        assert connection.answer()[0] == 201
    with Connection(mynah) as connection:
        connection.send(f"{head}Transfer-Encoding: chunked\n\n")
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        try:
            for _ in range(17):
                connection.socket.sendall(chunk)
        except ConnectionError:
            pass
        status, _, body = connection.answer()
        assert (status, json.loads(body)["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"username":"x","username":"y"}', 400, "duplicate_key"),
        (b'{"username":"\xff\xfe"}', 400, "not_utf8"),
        (b'{"username":', 400, "malformed_body"),
        (b"[" * 100_000, 400, "malformed_body"),
        (b"[]", 422, "invalid_value"),
        (b'{"username":["x"],"password":"testpass123"}', 422, "invalid_value"),
        (b"", 422, "missing_field"),
    ],
)
def test_malformed_bodies_are_told_apart(connection, body, status, code):
    head, _ = register("malformed")
    connection.send(f"{head}Content-Length: {len(body)}\n\n", body)
    answered, _, answer = connection.answer()
    assert (answered, json.loads(answer)["error"]["code"]) == (status, code)


def test_a_media_type_that_is_not_accepted_is_refused(connection):
    connection.send("POST /auth/register HTTP/1.1\nHost: x\nContent-Type: text/xml\nContent-Length: 4\n\n", b"<a/>")
    assert connection.answer()[0] == 415


@pytest.mark.parametrize(
    "text",
    [
        "GET / HTTP/1.1\nbroken header\n\n", "NONSENSE\n\n", "GET / HTTP/1.1\nContent-Length: -1\n\n",
        "BREW / HTTP/1.1\n\n",
        "POST / HTTP/1.1\nContent-Length: 1\nTransfer-Encoding: chunked\n\n",
    ],
)
def test_what_is_not_http_is_refused_and_hurts_nobody(mynah, text):
    with Connection(mynah) as connection:
        connection.send(text)
        answer = connection.answer()
        assert answer is None or answer[0] == 400
    with Connection(mynah) as connection:
        connection.send("GET /health/live HTTP/1.1\nHost: x\n\n")
        assert connection.answer()[0] == 200


def test_a_connection_that_sends_half_a_request_holds_up_nobody(mynah):
    halves = [Connection(mynah) for _ in range(100)]
    for half in halves:
        half.send("POST /auth/register HTTP/1.1\nHost: x\nContent-Length: 100\n\n{")
    with Connection(mynah) as connection:
        start = time.monotonic()
        connection.send("GET /health/ready HTTP/1.1\nHost: x\n\n")
        assert connection.answer()[0] == 200
        # Not a measure of speed: the incomplete requests would hold it for more than a minute.
        assert time.monotonic() - start < 10
    for half in halves:
        half.__exit__()


def test_a_repeated_post_with_an_idempotency_key_gets_the_first_answer(connection):
    head, body = register("idempotent", **{"Idempotency-Key": "once"})
    connection.send(f"{head}Content-Length: {len(body)}\n\n", body)
    first = connection.answer()
    connection.send(f"{head}Content-Length: {len(body)}\n\n", body)
    again = connection.answer()
    assert first[0] == again[0] == 201 and first[2] == again[2]
    head, body = register("idempotent-other", **{"Idempotency-Key": "once"})
    connection.send(f"{head}Content-Length: {len(body)}\n\n", body)
    assert connection.answer()[0] == 422
