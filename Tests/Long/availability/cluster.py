"""Three PostgreSQL nodes under Patroni with etcd and HAProxy on loopback, configured as docs/operating/high-availability.md says."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import httpx  # noqa: E402
from mynah_process import ROOT, free_port  # noqa: E402

GUIDE = (ROOT / "docs/operating/high-availability.md").read_text(encoding="utf-8")
SUPERUSER, OWNER = "choose-one", "mynah"


def block(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0]


def replaced(text, values):
    for old, new in values.items():
        assert old in text, f"the guide no longer says {old}"
        text = text.replace(old, str(new))
    return text


class Node:
    """A PostgreSQL server and its Patroni."""

    def __init__(self, cluster, number):
        self.cluster, self.name = cluster, f"node{number}"
        self.port, self.rest = free_port(), free_port()
        self.data = cluster.folder / self.name
        self.config = cluster.folder / f"{self.name}.yml"
        self.process = None

    def configure(self):
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        text = replaced(block("yaml"), {
            "name: node1": f"name: {self.name}", "10.0.0.11:8008": f"127.0.0.1:{self.rest}",
            "10.0.0.11:5432": f"127.0.0.1:{self.port}", "10.0.0.21:2379": f"127.0.0.1:{self.cluster.etcd_port}",
            "/var/lib/postgresql/mynah": self.data, "/usr/lib/postgresql/15/bin": binaries,
            "/var/lib/postgresql/pgpass-mynah": f"{self.data}.pgpass", "/var/run/postgresql": self.cluster.folder,
            "10.0.0.0/24": "127.0.0.1/32"})
        self.config.write_text(text, encoding="utf-8")

    def start(self):
        with (self.cluster.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.cluster.as_owner, "/usr/bin/patroni", self.config], cwd=self.cluster.folder, stdout=log, stderr=log,
                start_new_session=True)

    def state(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.rest}/patroni", timeout=3).json()
        except (httpx.HTTPError, ValueError):
            return {}

    def kill(self):
        """As a power cut does: Patroni and PostgreSQL at once."""
        server = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.killpg(self.process.pid, signal.SIGKILL)
        os.kill(server, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Patroni stops its PostgreSQL too."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class Cluster:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mynah-ha-", dir="/var/tmp"))
        self.as_owner = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
        self.etcd_port, self.port = free_port(), free_port()
        self.nodes = [Node(self, number) for number in (1, 2, 3)]
        self.processes = []

    def run(self, name, *command, owned=True):
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes.append(subprocess.Popen(
                [*(self.as_owner if owned else []), *command], cwd=self.folder, stdout=log, stderr=log))

    def start(self):
        peer = f"http://127.0.0.1:{free_port()}"
        client = f"http://127.0.0.1:{self.etcd_port}"
        self.run(
            "etcd", "/usr/bin/etcd", "--name", "one", "--data-dir", self.folder / "etcd", "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"one={peer}")
        for node in self.nodes:
            node.configure()
            node.start()
        wait("a leader", 120, self.leader)
        values = {"10.0.0.31:5432": f"127.0.0.1:{self.port}"}
        for number, node in enumerate(self.nodes, 1):
            values[f"10.0.0.1{number}:5432 check port 8008"] = f"127.0.0.1:{node.port} check port {node.rest}"
        config = self.folder / "haproxy.cfg"
        config.write_text(replaced(block("haproxy"), values), encoding="utf-8")
        self.run("haproxy", "/usr/sbin/haproxy", "-db", "-f", config)
        self.psql(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{OWNER}'")
        self.psql(f"CREATE DATABASE mynah OWNER {OWNER}")
        self.settle()
        return self

    def settle(self):
        """Waits until two nodes follow the leader, one of them synchronously."""
        wait("a whole cluster", 180, self.is_whole)

    def is_whole(self):
        states = [node.state() for node in self.nodes]
        leads = [one for one in states if one.get("role") in ("master", "primary")]
        follow = [one for one in states if one.get("role") == "replica" and one.get("state") in ("running", "streaming")]
        if len(leads) != 1 or len(follow) != 2:
            return False
        replication = leads[0].get("replication", [])
        return len(replication) == 2 and any(one.get("sync_state") in ("sync", "quorum") for one in replication)

    def leader(self):
        for node in self.nodes:
            if node.state().get("role") in ("master", "primary") and node.state().get("state") == "running":
                return node
        return None

    def standby(self):
        """The synchronous one, which may become the leader."""
        followers = self.leader().state()["replication"]
        name = next(one["application_name"] for one in followers if one["sync_state"] in ("sync", "quorum"))
        return next(node for node in self.nodes if node.name == name)

    def switch_over(self):
        leader, standby = self.leader(), self.standby()
        answer = httpx.post(
            f"http://127.0.0.1:{leader.rest}/switchover", json={"leader": leader.name, "candidate": standby.name}, timeout=60)
        assert answer.status_code == 200, answer.text
        return f"{leader.name} to {standby.name}"

    def psql(self, sql, database="postgres", node=None):
        port = (node or self.leader()).port
        url = f"postgres://postgres:{SUPERUSER}@127.0.0.1:{port}/{database}"
        done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql, url], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def url(self):
        return f"postgres://{OWNER}:{OWNER}@127.0.0.1:{self.port}/mynah"

    def url_of_all(self):
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgres://{OWNER}:{OWNER}@{hosts}/mynah?target_session_attrs=read-write"

    def close(self):
        for node in self.nodes:
            node.stop()
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def wait(what, seconds, condition):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
        time.sleep(0.3)
    return found
