"""Clients of a load balancer, and what they saw."""

import os
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import httpx  # noqa: E402
from mynah_process import ROOT, free_port  # noqa: E402

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream mynah {{
        {servers}
        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://mynah;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_connect_timeout 2s;
            proxy_read_timeout 600s;
        }}
    }}
}}
"""


HAPROXY = """
defaults
    mode http
    timeout connect 2s
    timeout client 1h

frontend clients
    bind 127.0.0.1:{port}
    default_backend mynah

"""


class Writer(threading.Thread):
    """Makes conversations through the load balancer, one after the other, and remembers every answer. With `chats`, every third
    request is a chat turn instead, and what fails is repeated with its Idempotency-Key, as clients are told to."""

    def __init__(self, site, chats=False):
        super().__init__(daemon=True)
        self.chats, self.repeated = chats, []
        self.site, self.answers, self.acknowledged, self.ended = site, [], [], threading.Event()

    def run(self):
        with httpx.Client(base_url=self.site.url, headers=self.site.user.http.headers, timeout=90) as client:
            while not self.ended.is_set():
                began = time.monotonic()
                is_chat = self.chats and len(self.answers) % 3 == 2
                try:
                    made = self.request(client, is_chat)
                except httpx.TransportError as error:
                    self.answers.append((began, time.monotonic(), type(error).__name__, None))
                    time.sleep(0.05)
                    continue
                retry = made.headers.get("Retry-After")
                self.answers.append((began, time.monotonic(), made.status_code, retry))
                if made.is_success:
                    self.acknowledged.append(made.json()["conversation_id" if is_chat else "id"])
                else:
                    time.sleep(0.05)

    def request(self, client, is_chat):
        path, body = ("/chat", {"message": "কেমন চলছে?"}) if is_chat else ("/conversations", {"title": "প্রাপ্যতা توفر 可用性 🌱"})
        key = str(uuid.uuid4())
        for _ in range(20 if self.chats else 1):
            made = client.post(path, json=body, headers={"Idempotency-Key": key})
            if made.is_success:
                break
            self.repeated.append(made.status_code)
            time.sleep(0.2)
        return made


class Reader(threading.Thread):
    """Reads one stream to its end."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site, self.last, self.texts, self.problem = site, None, 0, None

    def run(self):
        try:
            conversation = self.site.user.conversation()
            path = f"/conversations/{conversation}/messages"
            with self.site.user.stream(path, {"content": "দীর্ঘ উত্তর", "stream": True}) as events:
                for event in events:
                    self.last = event.name
                    self.texts += 1
        except (httpx.HTTPError, AssertionError) as error:
            self.problem = f"{type(error).__name__}: {error}"[:300]


class Balancer:
    """nginx in front of servers, or HAProxy, which asks for their readiness."""

    def __init__(self, folder, servers, program="nginx"):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = folder / f"{program}.conf"
        config.write_text(getattr(self, program)(folder, servers), encoding="utf-8")
        command = (
            ["/usr/sbin/nginx", "-c", config, "-p", folder] if program == "nginx" else ["/usr/sbin/haproxy", "-db", "-f", config])
        with (folder / f"{program}.log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self.answers():
            assert time.monotonic() < deadline, f"{program} does not answer"
            time.sleep(0.1)

    def nginx(self, folder, servers):
        lines = "\n        ".join(f"server 127.0.0.1:{server.port} max_fails=0;" for server in servers)
        text = NGINX.format(folder=folder, port=self.port, servers=lines)
        return ("user root;\n" if os.geteuid() == 0 else "") + text

    def haproxy(self, folder, servers):
        page = (ROOT / "docs/deployment/load-balancers.md").read_text(encoding="utf-8")
        backend = "backend mynah\n" + page.split("\nbackend mynah\n", 1)[1].split("```", 1)[0]
        for address, server in zip(("127.0.0.1:8000", "127.0.0.1:8001"), servers, strict=True):
            assert address in backend
            backend = backend.replace(address, f"127.0.0.1:{server.port}")
        return HAPROXY.format(port=self.port) + backend

    def answers(self):
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait()
