"""Memory that one account can occupy: large calls, and very slow readers."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from client import User, eventually
from vendor import Hold

MEGABYTE = 1 << 20


@pytest.fixture
def server(start):
    return start(MEMORY_WARNING_MB="0", SLOWEST_READ_RATE="1000000")


def rss(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) // 1024


def metric(server, name):
    for line in httpx.get(f"{server.url}/metrics").text.splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            yield line.rsplit(" ", 1)[0], float(line.rsplit(" ", 1)[1])


def held(server):
    return sum(value for _, value in metric(server, "mynah_in_flight_bytes"))


def test_large_calls_of_one_account_are_bounded_and_others_go_on(server, vendor):
    mallory, alice = User(server), User(server)
    large = {"messages": [{"role": "user", "content": "নমস্কার " * (15 * MEGABYTE // 22)}]}
    body = json.dumps(large, ensure_ascii=False).encode()
    hold = Hold()
    vendor.reply = [hold, "ok"]
    vendor.answer("Small", "quick")
    before = rss(server)

    def ask(user, data, **headers):
        headers |= {"Authorization": f"Bearer {user.token}", "Content-Type": "application/json"}
        return httpx.post(f"{server.url}/v1/chat/completions", content=data, headers=headers, timeout=120)

    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(ask, mallory, body) for _ in range(20)]
        assert hold.reached.wait(120)
        assert eventually(lambda: sum(call.done() for call in calls) >= 16, 60)
        refused = [call.result() for call in calls if call.done()]
        assert {answer.status_code for answer in refused} == {429}
        assert all(answer.headers["retry-after"] and "too_much_at_once" in answer.text for answer in refused)
        assert 0 < held(server) <= 128 * MEGABYTE
        small = {"messages": [{"role": "user", "content": "Small"}]}
        for user in (alice, mallory):
            assert ask(user, json.dumps(small).encode()).status_code == 200
        # Without credentials, the body is not read at all.
        assert httpx.post(f"{server.url}/v1/chat/completions", content=body, timeout=60).status_code == 401
        assert rss(server) - before < 400
        hold.release()
        assert {call.result().status_code for call in calls} == {200, 429}
    assert eventually(lambda: held(server) == 0)
    assert ask(mallory, body).status_code == 200


def test_a_client_that_leaves_gives_back_what_its_call_held(server, vendor):
    user, hold = User(server), Hold()
    vendor.reply = [hold, "Too late."]
    content = {"messages": [{"role": "user", "content": "x" * (4 * MEGABYTE)}]}
    connection = user.raw("POST", "/v1/chat/completions", content)
    assert hold.reached.wait(30) and held(server) > 4 * MEGABYTE
    connection.close()
    assert eventually(lambda: held(server) == 0)


def test_a_body_that_is_not_sent_to_its_end_is_given_up(server):
    user = User(server)
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {10 * MEGABYTE}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + b"{")
        assert eventually(lambda: held(server) >= 30 * MEGABYTE)
    assert eventually(lambda: held(server) == 0)


def test_slow_readers_hold_little_and_are_cut_off(server, vendor):
    user = User(server)
    vendor.reply = ["ok"]
    conversation = user.conversation()
    path = f"/conversations/{conversation}/messages"
    for _ in range(80):
        user.post(path, {"content": "ক" * 32_000})
    base = rss(server)
    page = user.get(f"{path}?limit=200")
    assert page["next"] and len(json.dumps(page, ensure_ascii=False).encode()) < 1.5 * MEGABYTE

    def reader(path):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n\r\n"
        connection.sendall(head.encode())
        return connection

    pages = [reader(f"{path}?limit=200") for _ in range(60)]
    exports = [reader(f"/conversations/{conversation}/export") for _ in range(20)]
    time.sleep(5)
    assert rss(server) - base < 200
    assert User(server).get("/users/me")["id"]
    # An export exceeds the kernel's buffer for its reader, so the reader is cut off.
    assert eventually(lambda: held(server) == 0, 60)
    export = exports[0]
    export.settimeout(30)
    size = 0
    try:
        while data := export.recv(65536):
            size += len(data)
    except ConnectionError:
        pass
    assert size < 80 * 96_000
    whole = httpx.get(
        f"{server.url}/conversations/{conversation}/export", headers={"Authorization": f"Bearer {user.token}"})
    assert len(whole.json()["messages"]) == 160
    for connection in pages + exports:
        connection.close()
