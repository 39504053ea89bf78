"""Servers as child processes: start them, and read their cost from /proc."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answer(port, path="/health", timeout=2.0):
    """Returns the status of one GET, or None without a response."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
            head = connection.recv(64)
            return int(head.split()[1]) if head.startswith(b"HTTP/") else None
    except (OSError, ValueError, IndexError):
        return None


def fields(pid):
    """Returns the fields of /proc/PID/stat after the command's name, which may contain any character."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def tree(root):
    """Returns a process and its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := fields(entry)):
            parents.setdefault(int(stat[1]), []).append(int(entry))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def cpu_seconds(root):
    """Returns user and system time of a process tree, including its children that have ended."""
    total = 0
    for pid in tree(root):
        if stat := fields(pid):
            total += sum(int(ticks) for ticks in stat[11:15])
    return total / TICK


def rss_bytes(root):
    total = 0
    for pid in tree(root):
        if stat := fields(pid):
            total += int(stat[21]) * PAGE
    return total


class Failed(Exception):
    """A server that could not be started; the text gives the reason."""


class Process:
    """One server on its own port; its log stays in `folder`."""

    def __init__(self, name, command, folder, port=None, environment=None, ready="/health", user=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.folder = Path(folder)
        self.port = port
        self.environment = environment or {}
        self.ready = ready
        self.user = user
        self.child = None

    def start(self, timeout=60):
        """Returns the seconds from its start to its first response with status 200."""
        self.folder.mkdir(parents=True, exist_ok=True)
        inherited = {k: v for k, v in os.environ.items() if not k.endswith(("_API_KEY", "_BASE_URL", "DATABASE_URL"))}
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command, cwd=self.folder, env=inherited | self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, user=self.user, extra_groups=[] if self.user else None,
            )
        while self.ready and answer(self.port, self.ready) != 200:
            if self.child.poll() is not None or time.monotonic() - began > timeout:
                self.stop(signal.SIGKILL)
                last = self.log.read_text(errors="replace").strip().splitlines()[-1:] or ["no word"]
                raise Failed(f"{self.name} did not start: {last[0][:200]}")
            time.sleep(0.001)
        return time.monotonic() - began

    def stop(self, how=signal.SIGTERM):
        if self.child and self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    @property
    def log(self):
        return self.folder / f"{self.name.replace(' ', '-').lower()}.log"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def cpu(self):
        return cpu_seconds(self.child.pid)

    def rss(self):
        return rss_bytes(self.child.pid)
