"""Shared by the tests of hostile peers: requests as bytes, and lenient reading of responses."""

import json
import socket
from collections import namedtuple

from test_http import Connection

Answer = namedtuple("Answer", "status headers body")


def request(user, method, path, body=b"", **headers):
    """Returns the bytes of a request. A header that is None is omitted; `_` in a name is `-`; paths may be bytes."""
    if isinstance(path, str):
        path = path.encode()
    lines = {
        "Host": "x", "Authorization": f"Bearer {user.token}", "Content_Type": "application/json",
        "Content_Length": len(body),
    } | headers
    head = b"%s %s HTTP/1.1\r\n" % (method.encode(), path)
    for name, value in lines.items():
        if value is not None:
            head += name.replace("_", "-").encode() + b": "
            head += (value if isinstance(value, bytes) else str(value).encode()) + b"\r\n"
    return head + b"\r\n" + body


def exchange(server, data, seconds=5):
    """Returns the response to these bytes on a new connection; None if the server closes it without one."""
    with Connection(server) as connection:
        connection.socket.settimeout(seconds)
        try:
            connection.socket.sendall(data)
        except (ConnectionError, TimeoutError):
            pass  # The server stopped reading and says so in its response.
        try:
            answer = connection.answer()
        except (ConnectionResetError, BrokenPipeError):
            return None
        return answer and Answer(*answer)


def code(answer):
    """Returns the response's status and error code, after checking the rest of its error body."""
    if answer.status < 400:
        return answer.status, None
    error = json.loads(answer.body)["error"]
    assert error["message"] and error["request_id"] == answer.headers["x-request-id"]
    return answer.status, error["code"]


def is_alive(server):
    return exchange(server, b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n", 30).status == 200


def resident_megabytes(server):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def assert_memory_settles(server, run, most=16):
    """Repeats `run` until the server's memory stops growing, which must be soon: allocators keep freed memory, but they
    do not ask for it again."""
    sizes = []
    for _ in range(6):
        run()
        sizes.append(resident_megabytes(server))
        if len(sizes) > 1 and sizes[-1] - sizes[-2] < 1:
            return
    assert sizes[-1] - sizes[-3] < most, f"resident megabytes after each round: {[int(size) for size in sizes]}"
