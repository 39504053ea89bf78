"""Bodies, names and headers that no honest client sends: each gets its documented error and has no other effect."""

import base64
import json

import pytest
from client import User
from hostile import Answer, Connection, assert_memory_settles, code, exchange, is_alive, request

DEEP = 100_000


@pytest.fixture(scope="module")
def hostile(mynah):
    user = User(mynah)
    user.messages_path = f"/conversations/{user.conversation()}/messages"
    return user


@pytest.fixture(autouse=True)
def no_failure(mynah):
    """No client input is a failure of the server, so its log must have no error."""
    before = len(mynah.said)
    yield
    assert is_alive(mynah)
    assert "request failed" not in mynah.said[before:]


MESSAGES = {
    "nothing": (b"", 422, "missing_field"),
    "white space": (b" \n", 400, "malformed_body"),
    "null": (b"null", 422, "invalid_value"),
    "a text": (b'"x"', 422, "invalid_value"),
    "an array": (b"[]", 422, "invalid_value"),
    "an empty object": (b"{}", 422, "missing_field"),
    "half an object": (b'{"content":', 400, "malformed_body"),
    "two objects": (b'{"content":"a"} {"content":"b"}', 400, "malformed_body"),
    "a byte order mark": (b'\xef\xbb\xbf{"content":"a"}', 400, "malformed_body"),
    "a trailing comma": (b'{"content":"a",}', 400, "malformed_body"),
    "single quotes": (b"{'content':'a'}", 400, "malformed_body"),
    "not UTF-8": (b'{"content":"\xff"}', 400, "not_utf8"),
    "an overlong NUL": (b'{"content":"\xc0\x80"}', 400, "not_utf8"),
    "a surrogate as UTF-8": (b'{"content":"\xed\xa0\x80"}', 400, "not_utf8"),
    "half an escape": (rb'{"content":"\ud83d\ude"}', 400, "malformed_body"),
    "two keys of half a pair": (rb'{"content":"a","\ud800":1,"\udc00":2}', 400, "duplicate_key"),
    "NUL escaped": (rb'{"content":"a\u0000b"}', 422, "invalid_value"),
    "NUL as it is": (b'{"content":"a\x00b"}', 400, "malformed_body"),
    "NUL in another field": (rb'{"content":"a","model":"\u0000"}', 422, "invalid_value"),
    "the same key twice": (b'{"content":"a","content":"b"}', 400, "duplicate_key"),
    "the same key escaped": (rb'{"content":"a","\u0063ontent":"b"}', 400, "duplicate_key"),
    "the same key further in": (b'{"content":"a","x":{"a":1,"a":2}}', 400, "duplicate_key"),
    "arrays without end": (b"[" * 10 * DEEP, 400, "malformed_body"),
    "deep arrays": (b'{"content":"a","x":' + b"[" * DEEP + b"]" * DEEP + b"}", 400, "malformed_body"),
    "deep objects": (b'{"content":"a","x":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}", 400, "malformed_body"),
    "a number with too many digits": (b'{"content":' + b"9" * DEEP + b"}", 400, "malformed_body"),
    "a number out of range": (b'{"content":"a","x":1e999999}', 400, "malformed_body"),
    "not a number": (b'{"content":NaN}', 400, "malformed_body"),
    "a number for a text": (b'{"content":1}', 422, "invalid_value"),
    "an array for a text": (b'{"content":["a"]}', 422, "invalid_value"),
    "an object for a text": (b'{"content":{}}', 422, "invalid_value"),
    "null for a text": (b'{"content":null}', 422, "invalid_value"),
    "a text for true or false": (b'{"content":"a","stream":"true"}', 422, "invalid_value"),
    "white space for a text": (rb'{"content":" \n\u3000"}', 422, "invalid_value"),
    "a text that is too long": (b'{"content":"' + b"a" * 1_000_000 + b'"}', 422, "invalid_value"),
    "marks without end": (b'{"content":"' + "é".encode() * 300_000 + b'"}', 422, "invalid_value"),
    "a name that is too long": (b'{"content":"a","' + b"k" * 500_000 + b'":1}', 400, "malformed_body"),
    "a name of combining marks": (b'{"content":"a","' + "\u0301".encode() * 400_000 + b'":1}', 400, "malformed_body"),
    "a megabyte and a byte": (b" " * (1 << 20) + b"x", 413, "too_large"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_hostile_body_gets_its_documented_error_and_sends_no_message(mynah, hostile, vendor, name):
    body, status, expected = MESSAGES[name]
    assert code(exchange(mynah, request(hostile, "POST", hostile.messages_path, body))) == (status, expected)
    assert vendor.requests == [] and hostile.get(hostile.messages_path)["data"] == []


def test_a_hundred_thousand_fields_are_read_and_ignored(mynah, hostile):
    body = b'{"title":"many",' + b",".join(b'"%d":1' % number for number in range(80_000)) + b"}"
    answer = exchange(mynah, request(hostile, "POST", "/conversations", body))
    assert answer.status == 201 and json.loads(answer.body)["title"] == "many"


def test_a_hundred_megabytes_are_refused_declared_and_chunked_without_growing_memory(mynah, hostile):
    megabyte = b"x" * (1 << 20)

    def declared():
        with Connection(mynah) as connection:
            head = request(hostile, "POST", "/conversations", Content_Length=100 << 20)
            connection.socket.sendall(head)
            for _ in range(100):
                connection.socket.sendall(megabyte)
            assert code(Answer(*connection.answer())) == (413, "too_large")
            # The rest of the body was skipped, and the connection is usable.
            connection.socket.sendall(request(hostile, "GET", "/users/me"))
            assert connection.answer()[0] == 200

    def chunked():
        with Connection(mynah) as connection:
            head = request(hostile, "POST", "/conversations", Content_Length=None, Transfer_Encoding="chunked")
            connection.socket.sendall(head)
            for _ in range(100):
                connection.socket.sendall(b"100000\r\n" + megabyte + b"\r\n")
            connection.socket.sendall(b"0\r\n\r\n")
            assert code(Answer(*connection.answer())) == (413, "too_large")

    assert_memory_settles(mynah, lambda: (declared(), chunked()))


def test_memory_does_not_grow_with_hostile_bodies(mynah, hostile):
    def all_of_them():
        for body, status, _ in MESSAGES.values():
            assert exchange(mynah, request(hostile, "POST", hostile.messages_path, body)).status == status

    assert_memory_settles(mynah, all_of_them)


LENGTHS = {
    "two lengths": (["Content-Length: 2", "Content-Length: 40"], b"{}", 400),
    "two equal lengths": (["Content-Length: 2", "Content-Length: 2"], b"{}", 400),
    "a list": (["Content-Length: 2, 2"], b"{}", 400),
    "a sign": (["Content-Length: +2"], b"{}", 400),
    "negative": (["Content-Length: -2"], b"{}", 400),
    "hexadecimal": (["Content-Length: 0x2"], b"{}", 400),
    "empty": (["Content-Length: "], b"{}", 400),
    "a space before the colon": (["Content-Length : 2"], b"{}", 400),
    "more than 64 bits": (["Content-Length: 99999999999999999999999"], b"{}", 400),
    "all of 64 bits": (["Content-Length: 18446744073709551615"], b"{}", 413),
    "more than 63 bits": (["Content-Length: 9223372036854775808"], b"{}", 413),
    "both ways": (["Content-Length: 6", "Transfer-Encoding: chunked"], b"0\r\n\r\n", 400),
    "both ways, swapped": (["Transfer-Encoding: chunked", "Content-Length: 6"], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "chunked twice": (["Transfer-Encoding: chunked, chunked"], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "chunked, but not last": (["Transfer-Encoding: chunked, identity"], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "chunked, then not": (["Transfer-Encoding: chunked", "Transfer-Encoding: x"], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "a coding nobody knows": (["Transfer-Encoding: xchunked"], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "hidden by a control": (["Transfer-Encoding: \x0bchunked"], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "a negative chunk": (["Transfer-Encoding: chunked"], b"-2\r\n{}\r\n0\r\n\r\n", 400),
    "a chunk of more than 64 bits": (["Transfer-Encoding: chunked"], b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n", 400),
    "a chunk longer than it says": (["Transfer-Encoding: chunked"], b"2\r\n{}xx0\r\n\r\n", 400),
    "chunks that end in LF": (["Transfer-Encoding: chunked"], b"2\n{}\n0\n\n", 400),
    "trailers without end": (["Transfer-Encoding: chunked"], b"0\r\n" + b"X: y\r\n" * 200_000, 400),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_no_two_servers_can_disagree_where_a_request_ends(mynah, hostile, name):
    lines, body, status = LENGTHS[name]
    before = len(hostile.get("/conversations?limit=200")["data"])
    smuggled = request(hostile, "POST", "/conversations", b"{}")
    head = request(hostile, "POST", "/conversations", Content_Length=None)[:-2]
    with Connection(mynah) as connection:
        try:
            connection.socket.sendall(head + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body + smuggled)
        except ConnectionError:
            pass
        assert connection.answer()[0] == status
        if status == 400:
            try:
                assert connection.answer() is None, "what follows must not be taken for a request"
            except ConnectionResetError:
                pass
    assert len(hostile.get("/conversations?limit=200")["data"]) == before


CONFIGURATIONS = {
    "a number out of range": (b'{"name":"x","temperature":1e308}', 422),
    "half a token": (b'{"name":"x","max_tokens":1.5}', 422),
    "more tokens than 64 bits": (b'{"name":"x","max_tokens":99999999999999999999}', 422),
    "the least of 64 bits": (b'{"name":"x","max_tokens":-9223372036854775808}', 422),
    "an array for an object": (b'{"name":"x","config":[]}', 422),
    "NUL in a value": (rb'{"name":"x","config":{"a":{"b":"\u0000"}}}', 422),
    "NUL in a name": (rb'{"name":"x","config":{"a":{"\u0000":1}}}', 422),
    "deeper than is read": (b'{"name":"x","config":' + b'{"a":' * 600 + b"1" + b"}" * 600 + b"}", 400),
    "more items than are taken": (b'{"name":"x","models":[' + b",".join([b'"m"'] * 5000) + b"]}", 422),
    "an address for a slug": (b'{"name":"x","slug":"../x"}', 422),
    "a provider that is not there": (b'{"name":"x","provider":"nope"}', 422),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_chatbot_is_not_made_of_what_does_not_fit(mynah, hostile, name):
    body, status = CONFIGURATIONS[name]
    answer = exchange(mynah, request(hostile, "POST", "/chatbots", body))
    assert code(answer) == (status, {400: "malformed_body", 422: "invalid_value"}[status])


def test_numbers_at_the_edge_come_back_as_they_went_in(mynah, hostile):
    numbers = [1.7976931348623157e308, 5e-324, 9223372036854775807, -9223372036854775808, 0.1]
    body = json.dumps({"name": "Edges", "config": {"numbers": numbers}}).encode()
    answer = exchange(mynah, request(hostile, "POST", "/chatbots", body))
    assert answer.status == 201 and json.loads(answer.body)["config"] == {"numbers": numbers}


FORMS = {
    "not UTF-8": (b"username=%ff&password=x", 400, "not_utf8"),
    "not UTF-8 as it is": (b"username=\xff&password=x", 400, "not_utf8"),
    "half an escape": (b"username=%2&password=x", 400, "not_utf8"),
    "NUL": (b"username=%00&password=x", 422, "invalid_value"),
    "nothing but signs": (b"&&&===&&", 422, "missing_field"),
    "another field's name": (b"username[]=a&password=x", 422, "missing_field"),
    "a name that is too long": (b"a" * 1000 + b"=1", 400, "not_utf8"),
    "ninety thousand fields": (b"&".join(b"a%d=1" % number for number in range(90_000)), 422, "missing_field"),
    "a repeated field": (b"username=a&username=b&password=c", 401, "invalid_credentials"),
}


def send_form(mynah, hostile, path, body):
    return exchange(mynah, request(
        hostile, "POST", path, body, Authorization=None, Content_Type="application/x-www-form-urlencoded"))


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_gets_its_documented_error(mynah, hostile, name):
    body, status, expected = FORMS[name]
    assert code(send_form(mynah, hostile, "/auth/login", body)) == (status, expected)


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_oauth_request_gets_that_standards_error(mynah, hostile, name):
    body, _, expected = FORMS[name]
    answer = send_form(mynah, hostile, "/auth/token", body)
    error = json.loads(answer.body)
    assert (answer.status, error["error"]) == (400, "invalid_request")
    # There, a repeated field is an error of its own.
    assert error["mynah"]["code"] == ("invalid_value" if name == "a repeated field" else expected)


def cursor(text):
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "after",
    [
        "", "x", "%00", "a" * 5000, "%F0%9F%98%80", cursor(b"1"), cursor(b"1 "), cursor(b"+1 x"), cursor(b"1 \xff"),
        cursor(b"9223372036854775808 x"), cursor(b"1 ' OR 1=1"), cursor(b"1 x") + "=", cursor(b"1 " + b"x" * 65),
    ],
)
def test_a_made_up_cursor_is_refused(mynah, hostile, after):
    status, expected = code(exchange(mynah, request(hostile, "GET", f"/conversations?after={after}")))
    assert status == 422 and expected in ("invalid_cursor", "invalid_value")


@pytest.mark.parametrize("after", ["1 x", "-1 x", "9223372036854775807 x", "-9223372036854775808 " + "z" * 64])
def test_a_cursor_that_could_be_one_shows_nothing_of_others(mynah, hostile, after):
    mine = {entry["id"] for entry in hostile.get("/conversations?limit=200")["data"]}
    answer = exchange(mynah, request(hostile, "GET", f"/conversations?after={cursor(after.encode())}&limit=200"))
    assert answer.status == 200 and {entry["id"] for entry in json.loads(answer.body)["data"]} <= mine


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e2", "%00", "99999999999999999999999", "", "1.5", "%D9%A3"])
def test_a_limit_that_is_none_is_refused(mynah, hostile, limit):
    assert code(exchange(mynah, request(hostile, "GET", f"/conversations?limit={limit}"))) == (422, "invalid_value")


IDS = [
    "x", "0", "-1", "'%20OR%201=1", "%00", "%ff", "%F0%9F%98%80", "..", "%2e%2e", "a%2fb", "%2e%2e%2fusers%2fme",
    "x" * 3000, "null", "00000000-0000-7000-8000-000000000000", "%25", "{conversation_id}", "*",
]
PLACES = [
    ("GET", "/conversations/{}"), ("PATCH", "/conversations/{}"), ("DELETE", "/conversations/{}"),
    ("GET", "/conversations/{}/messages"), ("POST", "/conversations/{}/messages"), ("POST", "/conversations/{}/stop"),
    ("GET", "/conversations/{}/stream"), ("POST", "/conversations/{}/regenerate"), ("GET", "/chatbots/{}"),
    ("DELETE", "/projects/{}"), ("GET", "/chatbots/{}/prompts"), ("POST", "/chatbots/{}/prompts/{}/activate"),
    ("GET", "/workspaces/{}"), ("DELETE", "/workspaces/{}/members/{}"), ("DELETE", "/auth/sessions/{}"),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: " ".join(place))
def test_an_id_that_is_none_names_nothing(mynah, hostile, place):
    method, path = place
    bodies = {"PATCH": b'{"title":"x"}', "POST": b'{"content":"x"}'}
    for made_up in IDS:
        answer = exchange(mynah, request(hostile, method, path.replace("{}", made_up), bodies.get(method, b"")))
        # Dots may have led to the list's own address, which has other methods.
        assert code(answer) in ((404, "not_found"), (405, "method_not_allowed")), made_up
        if answer.status == 405:
            assert made_up == ".."


@pytest.mark.parametrize("field", ["chatbot_id", "conversation_id", "session_id", "project_id"])
def test_an_id_in_a_body_that_is_none_names_nothing(mynah, hostile, vendor, field):
    for made_up in ("x", "", "..", "' OR 1=1", "\U0001f600", "x" * 1000):
        body = json.dumps({"message": "Hi", field: made_up}).encode()
        assert code(exchange(mynah, request(hostile, "POST", "/chat", body))) == (404, "not_found"), made_up
    assert vendor.requests == []


HEADERS = [
    ("Authorization", b"Bearer", 401), ("Authorization", b"Bearer ....", 401), ("Authorization", b"Basic dTpw", 401),
    ("Authorization", b"Bearer \xff\xfe", 401), ("Authorization", b"Bearer " + b"a" * 70_000, 401),
    ("Authorization", b"Bearer eyJhbGciOiJub25lIn0.e30.", 401),
    ("Last_Event_ID", b"", 422), ("Last_Event_ID", b"x", 422), ("Last_Event_ID", b"x:-1", 422),
    ("Last_Event_ID", b"x:99999999999999999999", 422), ("Last_Event_ID", b"\xff", 422),
    ("Last_Event_ID", b"../x:1", 422), ("Last_Event_ID", b":" * 1000, 422), ("Last_Event_ID", b"a" * 70_000, 422),
    ("Last_Event_ID", b"00000000-0000-7000-8000-000000000000:1", 404),
    ("X_Workspace_Id", b"", 404), ("X_Workspace_Id", b"'; DROP TABLE users", 404), ("X_Workspace_Id", b"\xff", 404),
    ("X_Workspace_Id", b"a" * 70_000, 404),
    ("Idempotency_Key", b"", 422), ("Idempotency_Key", b"a" * 300, 422), ("Idempotency_Key", b"a" * 70_000, 422),
    ("Content_Type", b"text/plain", 415), ("Content_Type", b"\xff", 415), ("Content_Type", b"multipart/form-data", 415),
]


@pytest.mark.parametrize(("name", "value", "status"), HEADERS, ids=lambda value: str(value)[:20])
def test_a_hostile_header_gets_its_documented_error(mynah, hostile, name, value, status):
    if name == "Last_Event_ID":
        data = request(hostile, "GET", hostile.messages_path.replace("messages", "stream"), **{name: value})
    elif name in ("Idempotency_Key", "Content_Type"):
        data = request(hostile, "POST", "/conversations", b"{}", **{name: value})
    else:
        data = request(hostile, "GET", "/chatbots", **{name: value})
    assert code(exchange(mynah, data))[0] == status


@pytest.mark.parametrize(
    "cookie",
    [b"mynah_session", b"mynah_session=x", b"=;=;=", b";" * 5000, b"mynah_session=%00", b"mynah_session=\xff",
     b"mynah_session=" + b"a" * 70_000, b"; ".join([b"mynah_session=a"] * 3000)],
    ids=lambda cookie: str(cookie)[:20],
)
def test_a_made_up_cookie_signs_nobody_in(mynah, hostile, cookie):
    answer = exchange(mynah, request(hostile, "GET", "/users/me", Authorization=None, Cookie=cookie))
    assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer"
