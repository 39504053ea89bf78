"""PostgreSQL disappears, returns, is full or slow, or sends garbage: 503, no acknowledged data lost, and recovery."""

import socket
import struct
import threading

import pytest
from client import User, eventually
from mynah_process import Server
from postgres_server import SECRETS, Postgres
from tcp_proxy import Proxy
from vendor import Hold

MAX_CONNECTIONS = 500


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    yield postgres
    postgres.run("stop")


@pytest.fixture(scope="module")
def proxy(postgres):
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def mynah(tmp_path_factory, running_vendor, postgres, proxy):
    """Statements are not prepared, so that the proxy can read them."""
    url = postgres.url.replace(f":{postgres.port}/", f":{proxy.port}/") + "?prepared_statements=off"
    settings = running_vendor.settings | SECRETS | {"DATABASE_URL": url}
    server = Server(tmp_path_factory.mktemp("mynah"), **settings).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def user(mynah):
    return User(mynah)


def titles(user):
    return {entry["title"] for entry in user.get("/conversations?limit=200")["data"]}


def is_ready(user):
    return user.http.get("/health/ready").status_code == 200


def assert_unavailable(user):
    """Checks that every route responds promptly and as documented, and that the process is alive."""
    for method, path, body in (
        ("GET", "/users/me", None), ("GET", "/conversations", None), ("POST", "/conversations", {"title": "Lost"}),
        ("POST", "/chat", {"message": "Hi"}), ("GET", "/health/ready", None),
    ):
        answer = user.http.request(method, path, json=body)
        error = answer.json()["error"]
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True), f"{path}: {answer.text}"
        assert error["code"] in ("database_unavailable", "database_busy") and "postgres" not in error["message"].lower()
    assert user.http.get("/health/live").status_code == 200
    assert user.http.get("/health").status_code == 503


def test_a_database_that_is_stopped_and_started_again(user, postgres):
    user.post("/conversations", {"title": "Before"}, 201)
    postgres.run("halt")
    try:
        assert_unavailable(user)
    finally:
        postgres.run("restart")
    assert eventually(lambda: is_ready(user), 30)
    user.post("/conversations", {"title": "After"}, 201)
    assert titles(user) == {"Before", "After"}


def test_a_database_that_is_restarted_under_load_loses_nothing_acknowledged(user, postgres):
    acknowledged, odd, stop = set(), [], threading.Event()

    def write(name):
        number = 0
        while not stop.is_set():
            number += 1
            title = f"{name} {number}"
            answer = user.http.post("/conversations", json={"title": title})
            if answer.status_code == 201:
                acknowledged.add(title)
            elif answer.status_code != 503 or "Retry-After" not in answer.headers:
                odd.append(answer.text)

    writers = [threading.Thread(target=write, args=[name]) for name in "abc"]
    for writer in writers:
        writer.start()
    assert eventually(lambda: len(acknowledged) >= 10)
    postgres.run("restart")
    already = len(acknowledged)
    assert eventually(lambda: len(acknowledged) > already + 5, 30)
    stop.set()
    for writer in writers:
        writer.join()
    assert odd == []
    found, after = set(), ""
    while after is not None:
        page = user.get(f"/conversations?limit=200{after and '&after=' + after}")
        found |= {entry["title"] for entry in page["data"]}
        after = page["next"]
    assert acknowledged <= found


def test_a_network_that_is_cut_and_mended(user, proxy):
    proxy.refuse()
    try:
        assert_unavailable(user)
    finally:
        proxy.accept()
    assert eventually(lambda: is_ready(user), 30)
    assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"


def test_connections_that_break_between_requests_are_replaced(user, proxy):
    for number in range(5):
        proxy.cut()
        assert eventually(lambda: user.http.get("/users/me").status_code == 200, 30)
    # All broken connections have been replaced.
    assert [user.http.get("/users/me").status_code for _ in range(30)] == [200] * 30


@pytest.mark.parametrize("when", ["cut_before", "cut_after"])
def test_a_commit_whose_answer_is_lost_is_never_acknowledged_by_mistake(user, proxy, when):
    for number in range(5):
        setattr(proxy, when, b"COMMIT")
        answer = user.http.post("/conversations", json={"title": f"Number {number}"})
        assert answer.status_code in (201, 503), answer.text
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
        assert eventually(lambda: is_ready(user), 30)
        setattr(proxy, when, None)
        if answer.status_code == 201:
            assert f"Number {number}" in titles(user)
        # Each executed write is stored once, also if it was not acknowledged.
        found = [entry["title"] for entry in user.get("/conversations")["data"]]
        assert found.count(f"Number {number}") <= 1
    assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"


def test_what_is_not_the_databases_language_is_not_believed(user, proxy):
    for _ in range(5):
        proxy.corrupt_next = True
        answer = user.http.get("/users/me")
        assert answer.status_code in (200, 503), answer.text
        assert answer.status_code == 503 or answer.json()["username"] == user.name
        proxy.corrupt_next = False
        assert eventually(lambda: user.http.get("/users/me").status_code == 200, 30)


def test_a_slow_network_is_only_slow(user, proxy):
    proxy.seconds = 0.1
    try:
        assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"
    finally:
        proxy.seconds = 0.0


def test_a_database_without_a_connection_to_spare(user, postgres, proxy):
    words = b"user\0mynah\0database\0mynah\0\0"
    startup = struct.pack("!ii", 8 + len(words), 196608) + words
    proxy.refuse()
    taken = []
    try:
        # A client that has not yet sent a password also takes a place.
        for _ in range(MAX_CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", postgres.port), timeout=30)
            connection.sendall(startup)
            taken.append(connection)
        for connection in taken:
            connection.recv(1)
        proxy.accept()
        assert_unavailable(user)
    finally:
        proxy.accept()
        for connection in taken:
            connection.close()
    assert eventually(lambda: is_ready(user), 30)
    assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"


def test_a_reply_outlives_a_short_absence_of_the_database(user, vendor, proxy):
    hold = Hold()
    vendor.answer("Tell me.", "before", 1.5, hold, " after")
    conversation = user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        assert hold.reached.wait(15)
        proxy.refuse()
        threading.Timer(2, proxy.accept).start()
        hold.release()
        rest = [event for event in events if event.name != "comment"]
    assert eventually(lambda: is_ready(user), 30)
    # Readers may receive the failure; the text is stored anyway as soon as possible.
    assert rest[-1].name == "done" or rest[-1].data["error"]["code"].startswith("database_")
    assert eventually(lambda: user.messages(conversation)[-1]["content"] == "before after", 30)
    assert user.post(f"/conversations/{conversation}/messages", {"content": "And?"})[1]["status"] == "complete"
