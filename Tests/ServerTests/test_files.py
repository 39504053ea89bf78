"""Files: kill -9 while parts arrive, an S3 service that is away, and two servers that share one."""

import hashlib
import os
import random
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from client import User
from mynah_process import ROOT, Server, free_port
from postgres_server import SECRETS, Postgres

PART = 4 << 20
BUCKET = "files"


def begin(user, content, name="প্রতিবেদন 📄.bin"):
    return user.post("/uploads", {"name": name, "bytes": len(content)}, 201)["id"]


def put(user, upload, content, number):
    part = content[(number - 1) * PART:number * PART]
    return user.http.put(f"/uploads/{upload}/{number}", content=part)


def make_file(user, content):
    """Uploads the content in parts and makes it a chatbot's; returns the file's path."""
    upload = begin(user, content)
    for number in range(1, -(-len(content) // PART) + 1):
        assert put(user, upload, content, number).status_code == 200
    chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    file = user.post(f"/chatbots/{chatbot}/files", {"upload_id": upload}, 202)
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    return f"/chatbots/{chatbot}/files/{file['id']}"


def read(user, path):
    response = user.http.get(f"{path}/content")
    assert response.status_code == 200, response.text
    return response.content


class S3:
    """rclone as an S3 service on a folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / BUCKET).mkdir(exist_ok=True)
        self.port = free_port()
        self.settings = {
            "FILES_URL": f"s3://{BUCKET}/mynah", "S3_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "secret",
        }
        self.start()

    def start(self):
        rclone = ROOT / ".venv-tests/bin/rclone"
        self.process = subprocess.Popen(
            [rclone, "serve", "s3", self.folder, "--addr", f"127.0.0.1:{self.port}", "--auth-key", "key,secret"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("rclone does not start")

    def stop(self):
        self.process.kill()
        self.process.wait()

    def objects(self):
        """The names of all objects except the one that names the database."""
        names = [path.name for path in (self.folder / BUCKET).rglob("*") if path.is_file()]
        return sorted(name for name in names if len(name) == 32 and name != "0" * 32)


@pytest.fixture
def s3(tmp_path):
    folder = tmp_path / "s3"
    folder.mkdir()
    service = S3(folder)
    yield service
    service.stop()


def test_kill_9_at_any_moment_loses_no_acknowledged_part(start, tmp_path):
    server = start()
    user = User(server)
    content = random.Random(7).randbytes(5 * PART + 321)
    upload = begin(user, content)
    acknowledged = set()
    for round in range(6):

        def send():
            numbers = [number for number in range(1, 7) if number not in acknowledged] or [1, 6]
            for number in numbers:
                try:
                    if put(user, upload, content, number).status_code == 200:
                        acknowledged.add(number)
                except httpx.TransportError:
                    return

        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(0.02 + 0.05 * round)
        server.kill()
        sender.join()
        server.start()
        user.http.close()
        user.http = httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {user.token}"})
        known = set(user.get(f"/uploads/{upload}")["parts"])
        assert acknowledged <= known
        acknowledged = known
    for number in range(1, 7):
        if number not in acknowledged:
            assert put(user, upload, content, number).status_code == 200
    chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    file = user.post(f"/chatbots/{chatbot}/files", {"upload_id": upload}, 202)
    assert read(user, f"/chatbots/{chatbot}/files/{file['id']}") == content
    # Every object that a row names is there, whole.
    with closing(sqlite3.connect(tmp_path / "mynah.sqlite", timeout=10)) as database:
        rows = database.execute("SELECT object, bytes, sha256 FROM file_parts").fetchall()
    assert len(rows) == 6
    for name, length, sha256 in rows:
        stored = (tmp_path / "files" / name[:2] / name).read_bytes()
        assert len(stored) == length and hashlib.sha256(stored).digest() == sha256


def test_an_s3_service_that_is_away_is_a_clear_503_and_heals(start, s3):
    user = User(start(**s3.settings))
    content = os.urandom(PART + 5)
    path = make_file(user, content)
    assert read(user, path) == content and len(s3.objects()) == 2
    upload = begin(user, content)
    chatbot = path.split("/")[2]
    s3.stop()
    for response in (
        put(user, upload, content, 1),
        user.http.post(f"/chatbots/{chatbot}/files", files={"file": ("a.txt", b"x")}),
    ):
        assert response.status_code == 503, response.text
        assert response.json()["error"]["code"] == "file_store_unavailable"
        assert int(response.headers["Retry-After"]) > 0 and str(s3.port) not in response.text
    assert user.get(path)["bytes"] == len(content)
    assert user.get("/health")["status"] == "ok"
    s3.start()
    assert put(user, upload, content, 1).status_code == 200
    assert read(user, path) == content
    user.delete(path)
    deadline = time.monotonic() + 60
    while len(s3.objects()) > 1 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(s3.objects()) == 1


def test_two_servers_share_files_in_s3(tmp_path, running_vendor, s3):
    postgres = Postgres(tmp_path)
    servers = []
    try:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            settings = running_vendor.settings | SECRETS | s3.settings | {"DATABASE_URL": postgres.url}
            servers.append(Server(tmp_path / name, **settings).start())
        user = User(servers[0])
        content = os.urandom(2 * PART + 17)
        upload = begin(user, content)
        # Parts go to whichever server is at hand.
        for number in (1, 2, 3):
            user.http.base_url = servers[number % 2].url
            assert put(user, upload, content, number).status_code == 200
        chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
        file = user.post(f"/chatbots/{chatbot}/files", {"upload_id": upload}, 202)
        path = f"/chatbots/{chatbot}/files/{file['id']}"
        for server in servers:
            user.http.base_url = server.url
            assert read(user, path) == content
    finally:
        for server in servers:
            server.kill()
        postgres.run("stop")


def test_a_download_takes_little_memory(start):
    server = start()
    user = User(server)
    path = make_file(user, random.Random(3).randbytes(64 << 20))

    def resident():
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) >> 10

    before = resident()
    most = before
    with user.http.stream("GET", f"{path}/content") as response:
        for number, _ in enumerate(response.iter_bytes(1 << 20)):
            if number % 8 == 0:
                time.sleep(0.05)
                most = max(most, resident())
    assert most - before < 48, f"from {before} to {most} MiB"
