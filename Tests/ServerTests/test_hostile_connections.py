"""Many, slow or silent connections. Those to be cut off are opened first and checked last."""

import os
import resource
import socket
import threading
import time

import pytest
from client import User, eventually
from hostile import connect, is_alive, request, resident_megabytes
from mynah_process import Server

REQUEST_SECONDS = 60
IDLE_SECONDS = 75
SILENT = 10_000


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


@pytest.fixture(scope="module")
def roomy(tmp_path_factory, running_vendor):
    """A server with enough connections for these tests, used by no others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    server = Server(tmp_path_factory.mktemp("roomy"), **running_vendor.settings).start()
    yield server
    assert server.stop() == 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Dripping:
    """A peer that sends a byte each second and measures how long the server reads."""

    def __init__(self, server, head, drip):
        self.socket, self.drip, self.seconds, self.received = connect(server), drip, None, b""
        self.socket.sendall(head)
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        self.socket.settimeout(1)
        while time.monotonic() - self.began < 2 * IDLE_SECONDS:
            try:
                received = self.socket.recv(4096)
                if not received:
                    break
                self.received += received
            except TimeoutError:
                pass
            except OSError:
                break
            try:
                self.socket.sendall(self.drip)
            except OSError:
                break
        self.seconds = time.monotonic() - self.began
        self.socket.close()


@pytest.fixture(scope="module", autouse=True)
def slow(roomy):
    """Slow senders, while the other tests of this file run."""
    user = User(roomy)
    post = request(user, "POST", "/conversations", Content_Length=1000)
    chunked = request(user, "POST", "/conversations", Content_Length=None, Transfer_Encoding="chunked")
    return {
        "nothing": Dripping(roomy, b"", b""),
        "a request line": Dripping(roomy, b"GET /", b"a"),
        "headers": Dripping(roomy, b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n"),
        "empty lines": Dripping(roomy, b"", b"\r\n"),
        "a body": Dripping(roomy, post, b" "),
        "chunks": Dripping(roomy, chunked, b"1\r\n \r\n"),
        "a chunk's extension": Dripping(roomy, chunked + b"1;", b"a"),
        "trailers": Dripping(roomy, chunked + b"2\r\n{}\r\n0\r\n", b"X: y\r\n"),
        "nothing after an answer": Dripping(roomy, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", b""),
    }


def test_ten_thousand_silent_connections_hold_up_nobody_and_leave_no_memory_behind(roomy):
    user = User(roomy)
    before, sizes = descriptors(roomy), []
    # What is left behind is left by each round; an allocator that keeps more for itself settles.
    while len(sizes) < 2 or sizes[-1] >= 1.05 * sizes[-2]:
        assert len(sizes) < 6, f"resident megabytes after each round: {[int(size) for size in sizes]}"
        silent = []
        try:
            for number in range(SILENT):
                silent.append(connect(roomy))
                if number % 2:
                    silent[-1].sendall(b"POST /auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
            assert eventually(lambda: descriptors(roomy) >= before + SILENT - 100, 60)
            began = time.monotonic()
            assert is_alive(roomy) and user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"
            # Not a measure of speed: any of the silent connections would hold it for more than a minute.
            assert time.monotonic() - began < 20
        finally:
            for connection in silent:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()
        assert eventually(lambda: descriptors(roomy) < before + 100, 60)
        sizes.append(resident_megabytes(roomy))


def test_out_of_descriptors_the_server_refuses_newcomers_and_comes_back(start):
    server = start()
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (256, 256))
    user = User(server)
    many = [connect(server) for _ in range(400)]
    time.sleep(1)
    # Connected clients are still served.
    assert user.get("/users/me")["username"] == user.name
    for connection in many:
        connection.close()
    assert eventually(lambda: is_alive(server), 30)
    assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"


def test_an_answer_that_nobody_reads_holds_up_nobody(roomy):
    user = User(roomy)
    before = resident_megabytes(roomy)
    deaf = []
    for _ in range(30):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", roomy.port))
        connection.setblocking(False)
        data = request(user, "GET", "/openapi.json") * 100
        try:
            connection.send(data)
        except BlockingIOError:
            pass
        deaf.append(connection)
    assert is_alive(roomy) and user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"
    # All requested data would be 300 megabytes.
    assert resident_megabytes(roomy) - before < 60
    for connection in deaf:
        connection.close()


LIMITS = {
    "nothing": IDLE_SECONDS, "a request line": IDLE_SECONDS, "headers": IDLE_SECONDS, "empty lines": IDLE_SECONDS,
    "a body": REQUEST_SECONDS, "chunks": REQUEST_SECONDS, "a chunk's extension": REQUEST_SECONDS,
    "trailers": REQUEST_SECONDS, "nothing after an answer": IDLE_SECONDS,
}


@pytest.mark.parametrize("sender", LIMITS)
def test_a_slow_sender_is_cut_off(roomy, slow, sender):
    peer = slow[sender]
    peer.thread.join(2 * IDLE_SECONDS)
    assert peer.seconds is not None, "it was listened to all the time"
    # Neither early nor much too late.
    assert LIMITS[sender] - 5 <= peer.seconds <= LIMITS[sender] + 30
    assert (b" 200 " in peer.received) == (sender == "nothing after an answer")
    assert b" 500 " not in peer.received
