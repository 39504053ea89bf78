"""Programs that let Mynah authenticate their callers (proxies and applications), and credentials for them."""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
from client import eventually
from mynah_process import ROOT, free_port

EXAMPLES = ROOT / "Examples"


class Echo:
    """An application that trusts its proxy and returns the headers that it received."""

    def __init__(self):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps([[name, value] for name, value in self.headers.items()]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.port = self.listener.server_port
        Thread(target=self.listener.serve_forever, daemon=True).start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


class Program:
    """A program on a free port; started as soon as it responds."""

    def __init__(self, folder, arguments, port=None, cwd=None, **environment):
        self.port = port or free_port()
        self.log = folder / "program.log"
        inherited = {"PATH": os.environ["PATH"], "HOME": str(folder), "PORT": str(self.port)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(argument).replace("PORT", str(self.port)) for argument in arguments], cwd=cwd or folder,
                env=inherited | environment, stdout=log, stderr=subprocess.STDOUT,
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)
        assert eventually(self.answers, 30), self.log.read_text()

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.http.get("/orders")
        except httpx.TransportError:
            return None

    def get(self, credential=None, **headers):
        """Sends a credential as Authorization and, if it is a key, also as X-API-Key, with the same result."""
        bearer = {"Authorization": f"Bearer {credential}"} if credential else {}
        answer = self.http.get("/orders", headers=bearer | headers)
        if credential and credential.count(".") != 2:
            by_header = self.http.get("/orders", headers={"X-API-Key": credential} | headers)
            assert by_header.status_code == answer.status_code, by_header.text
        return answer

    def stop(self):
        self.http.close()
        self.process.terminate()
        self.process.wait(20)


class Credentials:
    """The credentials of a user."""

    def __init__(self, user):
        self.user = user
        self.user_id = user.get("/users/me")["id"]
        self.token = user.token
        self.chatbot = user.get("/chatbots")["data"][0]["id"]

    def key(self, **fields):
        return self.user.post(f"/chatbots/{self.chatbot}/api-keys", fields, 201)["key"]

    def own_key(self, **fields):
        return self.user.post("/users/me/api-keys", fields, 201)["key"]

    def spent_key(self):
        """Returns a key beyond its own rate limit."""
        key = self.key(rate_limit="1/day")
        statuses = [self.verify(key).status_code for _ in range(2)]
        assert statuses == [204, 429]
        return key

    def verify(self, credential, **options):
        return httpx.get(
            f"{self.user.http.base_url}/auth/verify", headers={"Authorization": f"Bearer {credential}"}, **options)


PYTHON = sys.executable
