"""A user of the API, and the reading of event streams."""

import json
import socket
import time
from collections import namedtuple
from contextlib import contextmanager
from itertools import count

import httpx
from mynah_process import PASSWORD

Event = namedtuple("Event", "id name data")
numbers = count(1)


class User:
    """A registered user with a session."""

    def __init__(self, server, name=None):
        self.http = httpx.Client(base_url=server.url, timeout=60, verify=False)
        self.port = server.port
        self.name = name or f"user{next(numbers)}"
        registered = self.http.post("/auth/register", json={"username": self.name, "password": PASSWORD})
        assert registered.status_code == 201, registered.text
        self.sign_in()

    def sign_in(self):
        signed_in = self.http.post("/auth/token", data={"username": self.name, "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        self.token = signed_in.json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def get(self, path, status=200, **options):
        return self._call("GET", path, status, **options)

    def post(self, path, body=None, status=200, **options):
        return self._call("POST", path, status, json=body, **options)

    def delete(self, path, status=204):
        return self._call("DELETE", path, status)

    def _call(self, method, path, status, **options):
        response = self.http.request(method, path, **options)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def conversation(self):
        return self.post("/conversations", {}, 201)["id"]

    def messages(self, conversation):
        return self.get(f"/conversations/{conversation}/messages")["data"]

    @contextmanager
    def stream(self, path, body=None, last_event_id=None, comments=False):
        """Yields the events of a new turn or, without a body, of a running reply. Comments, which may come at any time,
        are included only if `comments` is set."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        # A separate connection, so that closing it is a disconnect.
        with httpx.Client(base_url=self.http.base_url, headers=self.http.headers, timeout=60, verify=False) as own:
            with own.stream("GET" if body is None else "POST", path, json=body, headers=headers) as response:
                if response.status_code != 200:
                    response.read()
                    raise AssertionError(f"{path}: {response.status_code} {response.text}")
                assert response.headers["Content-Type"].startswith("text/event-stream")
                yield (event for event in events(response.iter_lines()) if comments or event.name != "comment")

    def raw(self, method, path, body=None, **headers):
        """Returns a socket on which the request was sent and nothing was read, for custom readers."""
        data = b"" if body is None else json.dumps(body).encode()
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        lines = {"Host": "x", "Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.sendall(f"{method} {path} HTTP/1.1\r\n{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        return connection


def events(lines):
    """Yields events and, under the name `comment`, comments."""
    fields = {}
    for line in lines:
        if line.startswith(":"):
            yield Event(None, "comment", line[1:].strip())
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(fields.get("id"), fields["event"], json.loads(fields["data"]))
            fields = {}


def text(events):
    return "".join(event.data["content"] for event in events if event.name == "delta")


def eventually(check, seconds=15):
    """Waits for an effect in the background."""
    deadline = time.monotonic() + seconds
    while not (result := check()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return result


def last_reply(user, conversation):
    """Returns the reply after it is stored."""
    found = eventually(lambda: [entry for entry in user.messages(conversation) if entry["sender"] == "ai"])
    assert found, "the reply was not stored"
    return found[-1]
