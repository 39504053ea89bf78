"""The attacks of the hostile tenant, which `hostile_minute.py` runs in a process of their own."""

import contextlib
import http.client
import json
import socket
import threading
import time

ORIGIN = "https://shop.example"


class Caller:
    """A keep-alive connection, opened again after an error."""

    def __init__(self, port, token, **headers):
        self.port, self.connection = port, None
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"} | headers

    def call(self, method, path, body=None, timeout=120):
        """Returns the status and the body; status 0 if the connection broke."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        for attempt in range(2):
            fresh = self.connection is None
            self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            try:
                self.connection.request(method, path, data, self.headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if fresh or attempt:
                    return 0, b""


class Attack:
    """The attacks' knowledge: the server, and the hostile user's objects."""

    def __init__(self, state):
        self.__dict__.update(state)
        self.end = time.monotonic() + self.seconds
        self.statuses = {}
        self.lock = threading.Lock()

    def run(self):
        getattr(self, self.name)()
        print(json.dumps(self.statuses))

    def count(self, status):
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def isOn(self):
        return time.monotonic() < self.end

    def flood(self, threads, request, **headers):
        """Repeats calls; `request(number)` returns method, path and body."""

        def work(first):
            caller, number = Caller(self.port, self.token, **headers), first
            while self.isOn():
                self.count(caller.call(*request(number))[0])
                number += threads

        self.together(threads, work)

    def together(self, threads, work):
        running = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(max(0, self.end - time.monotonic()) + 5)

    def turns(self):
        self.flood(48, lambda n: ("POST", "/chat", {"message": f"আক্রমণ {n}"}))

    def slow_vendors(self):
        self.flood(64, lambda n: ("POST", "/chat", {"message": "slow"} | self.bot(n)))

    def bot(self, number):
        """Every second chatbot has its own endpoint."""
        return {"chatbot_id": self.slow_endpoint} if number % 2 else {}

    def failing_providers(self):
        self.flood(32, lambda n: ("POST", "/chat", {"message": "fail"} if n % 2 else
                                  {"message": "x", "chatbot_id": self.dead_endpoint}))

    def large_calls(self):
        body = json.dumps({"messages": [{"role": "user", "content": "lorem ipsum " * (19 * 2**20 // 12)}]}).encode()
        self.flood(8, lambda n: ("POST", "/v1/chat/completions", body))

    def long_prompts(self):
        huge = json.dumps({"model": self.local, "messages": [
            {"role": "user", "content": "lorem ipsum dolor " * 2**20}]}).encode()
        fits = {"chatbot_id": self.local, "message": "How now, brown cow? " * 300}
        self.flood(6, lambda n: ("POST", "/v1/chat/completions", huge) if n % 6 == 0 else ("POST", "/chat", fits))

    def slow_readers(self):
        path = f"/conversations/{self.large}/messages?limit=200"
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()

        def work(number):
            while self.isOn():
                with socket.socket() as reader:
                    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    reader.settimeout(5)
                    with contextlib.suppress(OSError):
                        reader.connect(("127.0.0.1", self.port))
                        reader.sendall(head)
                        while self.isOn() and reader.recv(16):
                            time.sleep(0.5)
                self.count("readers")

        self.together(110, work)

    def slow_names(self):
        self.flood(32, lambda n: ("POST", "/chat", {"message": "x", "chatbot_id": self.nameless[n % len(self.nameless)]}))

    def huge_lists(self):
        paths = [f"/conversations/{self.large}/messages?limit=200", "/conversations?limit=200", "/chatbots?limit=200",
                 "/users/me/usage", f"/chatbots/{self.slow_endpoint}/usage?by=day"]
        self.flood(32, lambda n: ("GET", paths[n % len(paths)]))

    def deletions(self):
        caller = Caller(self.port, self.token)
        self.count(caller.call("DELETE", f"/chatbots/{self.busy}")[0])
        self.count(caller.call("DELETE", f"/workspaces/{self.workspace}")[0])
        time.sleep(max(0, self.end - time.monotonic()))

    def visitors(self):
        own = {"X-API-Key": self.publishable, "Origin": ORIGIN}

        def work(number):
            while self.isOn():
                caller = Caller(self.port, "")
                caller.headers = own | {"Content-Type": "application/json"}
                self.count(caller.call("POST", "/widget/chat", {"message": f"مرحبا {number}"})[0])

        self.together(48, work)

    def web_sockets(self):
        from websockets.sync.client import connect

        def work(number):
            caller = Caller(self.port, self.token)
            while self.isOn():
                status, body = caller.call("POST", "/chat/ws-ticket", {})
                if status != 200:
                    self.count(status)
                    time.sleep(0.2)
                    continue
                url = f"ws://127.0.0.1:{self.port}/chat/ws?ticket={json.loads(body)['ticket']}"
                try:
                    with connect(url, open_timeout=30) as web:
                        for turn in range(20):
                            web.send(json.dumps({"type": "message", "message": f"嗨 {turn}"}))
                            # Every third socket writes and never reads.
                            while number % 3 and json.loads(web.recv(timeout=30))["event"] not in ("done", "error"):
                                pass
                            self.count("turns")
                            if not self.isOn():
                                return
                except Exception as error:
                    self.count(type(error).__name__)

        self.together(48, work)

    def exports(self):
        self.flood(16, lambda n: ("GET", "/users/me/export" if n % 2 else f"/conversations/{self.large}/export"))

    def kept_answers(self):
        def work(number):
            caller, index = Caller(self.port, self.token), 0
            while self.isOn():
                index += 1
                caller.headers["Idempotency-Key"] = f"{number} {index}"
                self.count(caller.call("POST", "/conversations", {"title": "同じ" * 50})[0])

        self.together(32, work)


ATTACKS = [name for name in vars(Attack) if not name.startswith("_") and name not in (
    "run", "count", "isOn", "flood", "together", "bot")]
