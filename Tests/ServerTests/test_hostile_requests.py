"""Paths, request lines and headers that no honest client sends."""

import pytest
from client import User, eventually
from hostile import Connection, assert_memory_settles, code, exchange, is_alive, request

FOUND_NOWHERE = [
    "/..", "/../", "/%2e%2e", "/%2e%2e/etc/passwd", "/%00", "/health%00", "/%", "/%zz", "/%ff", "/users/%", "/health;x",
    "/health#x", "/h\\..", "/conversations/..%2f..", "/" + "a" * 70_000, "/" + "/".join("a" * 2000),
]
NO_FILES = [
    "..", "../index.html", "%2e%2e/index.html", "..%2f..%2fetc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "....//etc/passwd",
    "%00", "app.js%00.txt", "app.js%00", "/etc/passwd", "", "vendor", "vendor/", "vendor/../index.html", "chat", "chat/",
    "pages", "%ff", "%", "%zz", "..;/x", "app.js/x", "..\\x", "a" * 5000, "~root", "%2fetc%2fpasswd",
    "vendor/%2e%2e%2f..%2fREADME.md", "vendor%00", "/../../README.md",
]


@pytest.fixture(scope="module")
def hostile(mynah):
    return User(mynah)


@pytest.fixture(autouse=True)
def no_failure(mynah):
    """No client input is a failure of the server, so its log must have no error."""
    before = len(mynah.said)
    yield
    assert is_alive(mynah)
    assert "request failed" not in mynah.said[before:]


@pytest.mark.parametrize("path", FOUND_NOWHERE, ids=lambda path: path[:30])
def test_a_tricky_path_leads_nowhere(mynah, hostile, path):
    assert code(exchange(mynah, request(hostile, "GET", path))) == (404, "not_found")


@pytest.mark.parametrize("path", NO_FILES, ids=lambda path: path[:30])
def test_a_tricky_path_leads_to_no_file_and_to_no_folder(mynah, hostile, path):
    assert code(exchange(mynah, request(hostile, "GET", "/assets/" + path))) == (404, "not_found")


def test_the_files_themselves_are_there(mynah, hostile):
    for path in ("/assets/app.js", "/assets/chat.css"):
        assert exchange(mynah, request(hostile, "GET", path)).status == 200


def test_an_address_may_be_absolute_and_its_host_decides_nothing(mynah, hostile):
    data = request(hostile, "GET", "http://elsewhere.example/users/me")
    assert hostile.name.encode() in exchange(mynah, data).body


@pytest.mark.parametrize("query", ["limit=%", "after=%ff", "limit=%zz", "a" * 300 + "=1"])
def test_a_query_that_is_not_properly_escaped_is_malformed(mynah, hostile, query):
    assert code(exchange(mynah, request(hostile, "GET", f"/conversations?{query}"))) == (400, "not_utf8")


NOT_HTTP = {
    "no path": b"GET HTTP/1.1\r\nHost: x\r\n\r\n",
    "no slash": b"GET health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab in the path": b"GET /he\talth HTTP/1.1\r\nHost: x\r\n\r\n",
    "a byte in the path": b"GET /h\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "small letters": b"get /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "no method": b" /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long method": b"A" * 1_000_000,
    "no version": b"GET /health\r\nHost: x\r\n\r\n",
    "an unknown version": b"GET /health HTTP/3.0\r\nHost: x\r\n\r\n",
    "another protocol": b"GET /health ICE/1.0\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500,
    "nothing but NUL": b"\0" * 1000,
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "lines that end in LF": b"GET /health HTTP/1.1\nHost: x\n\n",
    "a folded line": b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "CR in a header": b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
    "NUL in a header": b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "a header without a name": b"GET /health HTTP/1.1\r\nHost: x\r\n: v\r\n\r\n",
    "a header with a name of its own": "GET /health HTTP/1.1\r\nHost: x\r\nÜ: v\r\n\r\n".encode(),
    "many headers": b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100_000,
    "a long header": b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4_000_000,
    "a long name": b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"a" * 4_000_000,
    "a long path": b"GET /" + b"a" * 4_000_000,
}


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_not_http_is_refused_and_the_connection_closed(mynah, name):
    with Connection(mynah) as connection:
        try:
            connection.socket.settimeout(2)
            connection.socket.sendall(NOT_HTTP[name])
        except (ConnectionError, TimeoutError):
            pass
        try:
            answer = connection.answer()
            assert answer is None or answer[0] == 400
            assert answer is None or connection.answer() is None
        except ConnectionResetError:
            pass


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"CONNECT /health HTTP/1.1\r\nHost: x\r\n\r\n", (404, 405)), (b"PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n", (404, 405)),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", (404,)), (b"\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n", (200,)),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", (200,)),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nX: \xff\xfe\r\n\r\n", (200,)),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_only_unusual_is_answered(mynah, data, status):
    assert exchange(mynah, data).status in status


def test_a_thousand_pipelined_requests_are_all_answered(mynah):
    with Connection(mynah) as connection:
        connection.socket.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        assert [connection.answer()[0] for _ in range(1000)] == [200] * 1000


def test_memory_does_not_grow_with_what_is_not_http(mynah, hostile):
    def all_of_it():
        for data in NOT_HTTP.values():
            exchange(mynah, data)

    all_of_it()
    assert_memory_settles(mynah, all_of_it)


def test_clients_that_leave_in_the_middle_are_no_failure(mynah, hostile):
    head = request(hostile, "POST", "/conversations", Content_Length=1000)
    chunked = request(hostile, "POST", "/conversations", Content_Length=None, Transfer_Encoding="chunked")
    for half in (b"GET /he", b"GET /health HTTP/1.1\r\nHos", head, head + b"{", chunked + b"5\r\n{", chunked + b"2\r\n{}\r\n"):
        for _ in range(5):
            with Connection(mynah) as connection:
                connection.socket.sendall(half)
    assert eventually(lambda: is_alive(mynah))
