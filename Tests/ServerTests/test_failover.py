"""PostgreSQL failures: a standby takes over, and a disk fills up."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from client import User, eventually
from mynah_process import Server
from postgres_server import SECRETS, Postgres
from tcp_proxy import Proxy


@pytest.fixture
def postgres(tmp_path_factory):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    yield postgres
    postgres.run("stop")


def start(tmp_path_factory, running_vendor, url):
    settings = running_vendor.settings | SECRETS | {"DATABASE_URL": url}
    return Server(tmp_path_factory.mktemp("mynah"), **settings).start()


def test_a_standby_takes_over(tmp_path_factory, running_vendor, postgres):
    proxy = Proxy(postgres.port)
    mynah = start(tmp_path_factory, running_vendor, postgres.url.replace(f":{postgres.port}/", f":{proxy.port}/"))
    standby = None
    try:
        user = User(mynah)
        user.post("/conversations", {"title": "Before"}, 201)
        standby = Postgres(tmp_path_factory.mktemp("standby"), follows=postgres)
        user.post("/conversations", {"title": "Followed"}, 201)

        written = postgres.query("SELECT pg_current_wal_insert_lsn()").strip()
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        assert eventually(lambda: standby.query(replayed).strip() == "t", 60)
        postgres.run("halt")
        proxy.target = standby.port
        proxy.cut()

        # The standby is still read-only: reads succeed, and writes are refused as temporary.
        assert eventually(lambda: user.http.get("/conversations").status_code == 200, 20)
        refused = user.http.post("/conversations", json={"title": "Too early"})
        assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0, refused.text
        assert refused.json()["error"]["code"] == "database_unavailable"
        assert user.http.get("/health/ready").status_code == 503

        standby.run("promote")
        assert eventually(lambda: user.http.get("/health/ready").status_code == 200, 30)
        user.post("/conversations", {"title": "After"}, 201)
        titles = {entry["title"] for entry in user.get("/conversations")["data"]}
        assert titles == {"Before", "Followed", "After"}
    finally:
        assert mynah.stop() == 0
        proxy.close()
        if standby:
            standby.run("stop")


@pytest.fixture
def small_space(tmp_path_factory):
    """A file system of 24 MB, owned by PostgreSQL's user."""
    folder = tmp_path_factory.mktemp("space")
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for inner in (folder, *folder.parents):
        if inner == Path(tempfile.gettempdir()):
            break
        inner.chmod(0o755)
    owner = "postgres" if os.geteuid() == 0 else str(os.geteuid())
    subprocess.run([*root, "mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=True)
    subprocess.run([*root, "chown", owner, folder], check=True)
    yield folder
    subprocess.run([*root, "umount", "-l", folder], check=True)


def test_a_full_disk_refuses_writes_serves_reads_and_heals_by_itself(
    tmp_path_factory, running_vendor, small_space, postgres
):
    postgres.psql(f"CREATE TABLESPACE small LOCATION '{small_space}'")
    postgres.psql("ALTER DATABASE mynah SET TABLESPACE small")
    mynah = start(tmp_path_factory, running_vendor, postgres.url)
    try:
        user = User(mynah)
        chatbot = user.post("/chatbots", {"name": "Verbose"}, 201)["id"]
        prompts = f"/chatbots/{chatbot}/prompts"
        stored, answer = [], None
        for _ in range(2000):
            content = os.urandom(24_000).hex()
            answer = user.http.post(prompts, json={"content": content})
            if answer.status_code != 201:
                break
            stored.append(content)
        error = answer.json().get("error", {})
        assert (answer.status_code, error.get("code")) == (503, "database_full"), f"{len(stored)} stored; {error}"
        assert int(answer.headers["Retry-After"]) > 0
        assert user.get(f"{prompts}?limit=1")["data"][0]["content"] == stored[-1]

        subprocess.run(
            [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "mount", "-o", "remount,size=64m", small_space], check=True
        )
        user.post(prompts, {"content": "room again"}, 201)
        kept = [prompt["content"] for prompt in user.get(f"{prompts}?limit=20")["data"]]
        assert kept == ["room again", *reversed(stored[-19:])]
    finally:
        assert mynah.stop() == 0
        postgres.psql("ALTER DATABASE mynah SET TABLESPACE pg_default")
        postgres.psql("DROP TABLESPACE small")
