"""The real `mynah`, as a server with its own database and as a command."""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("MYNAH_BIN", ROOT / ".build/debug/mynah")).resolve()
START_SECONDS = 60
STOP_SECONDS = 30
# The password of every user in these tests.
PASSWORD = "a calm bird sings"


def free_port():
    """A port below those that the system gives to outgoing connections, which could take it before a server does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def environment(folder, **settings):
    """Returns a test server's environment: without the developer's keys, with its database in `folder`."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    # All tests come from one address.
    limits = {"RATE_LIMIT": "100000/second", "SIGN_IN_RATE_LIMIT": "100000/second"}
    database = {"DATABASE_URL": f"sqlite:///{folder}/mynah.sqlite", "RESOURCES_DIR": str(ROOT)}
    return inherited | limits | database | settings


def command(folder, *arguments, **settings):
    """Runs `mynah` to completion in `folder`, which may have a `.env`."""
    return subprocess.run(
        [BINARY, *arguments], env=environment(folder, **settings), cwd=folder, capture_output=True, text=True,
        timeout=60,
    )


class Server:
    """A running `mynah` on a free port; its database and log stay in `folder` across restarts."""

    lifted = (
        "requests_per_minute = 100000, conversations_per_day = 100000, messages_per_day = 100000, chatbots = NULL, "
        "workspaces = NULL, prompt_versions = NULL, end_users = NULL, stored_bytes = NULL"
    )

    def __init__(self, folder, **settings):
        self.folder = Path(folder)
        self.log = self.folder / "mynah.log"
        self.output = self.folder / "mynah.out"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.binary = BINARY
        self.process = None

    def start(self):
        self.spawn()
        return self.wait_until_ready()

    def spawn(self):
        settings = {"HOST": "127.0.0.1", "PORT": str(self.port)} | self.settings
        with self.log.open("ab") as log, self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [self.binary, "serve"], env=environment(self.folder, **settings), cwd=self.folder, stdout=output, stderr=log,
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(base_url=self.url, verify=False) as client:
            while time.monotonic() < deadline:
                if self.process.poll() is not None:
                    raise RuntimeError(f"mynah ended with status {self.process.returncode}:\n{self.said[-4000:]}")
                try:
                    if client.get("/health/ready").status_code == 200:
                        self._lift_plans()
                        return self
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"mynah was not ready in time:\n{self.said[-4000:]}")

    def _lift_plans(self):
        """Lifts limits of the free plan that tests exceed."""
        sql = f"UPDATE plans SET {self.lifted} WHERE id = 'free'"
        url = environment(self.folder, **self.settings)["DATABASE_URL"]
        if url.startswith("postgres"):
            subprocess.run(["psql", "-qc", sql, url.partition("?")[0]], capture_output=True, timeout=30)
        elif (path := Path(url.removeprefix("sqlite://"))).is_file():
            try:
                with closing(sqlite3.connect(path, timeout=10)) as database, database:
                    database.execute(sql)
            except sqlite3.OperationalError:
                pass  # A test's disk may be full.

    def stop(self, how=signal.SIGTERM):
        """Stops the process like a service manager; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        self.stop()
        return self.start()

    @property
    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    @property
    def printed(self):
        """Output for a person that is not part of the log."""
        return self.output.read_text() if self.output.exists() else ""


def make_admin(server):
    """Creates the admin `root` with the command, and signs in."""
    made = subprocess.run(
        [BINARY, "admin", "create", "root"], env=environment(server.folder, **server.settings), cwd=server.folder,
        input=PASSWORD + "\n", capture_output=True, text=True, timeout=60,
    )
    assert made.returncode == 0, made.stderr
    return admin(server)


def admin(server):
    """Signs in as `root`."""
    client = httpx.Client(base_url=server.url, timeout=60)
    signed_in = client.post("/admin/login", json={"username": "root", "password": PASSWORD})
    assert signed_in.status_code == 200, signed_in.text
    client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
    return client
