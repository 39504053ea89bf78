"""Databases of every release start on the current binary with all of their data. See Tests/Releases/make.py."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from mynah_process import ROOT, Server, command
from postgres_server import SECRETS, Postgres

sys.path.append(str(ROOT / "Tests/Releases"))
from fill import Caller, read, sign_in  # noqa: E402

RELEASES = sorted(path.stem for path in (ROOT / "Tests/Releases").glob("*.json"))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    running = Postgres(tmp_path_factory.mktemp("postgres"))
    yield running
    running.run("stop")


def load(release, engine, folder, request):
    """Returns the settings of a server on a copy of the release's database."""
    dump = ROOT / f"Tests/Releases/{release}.{engine}.sql"
    if engine == "sqlite":
        with closing(sqlite3.connect(folder / "mynah.sqlite")) as database:
            database.executescript(dump.read_text(encoding="utf-8"))
        return {}
    url = request.getfixturevalue("postgres").url
    loaded = subprocess.run(["psql", "-qv", "ON_ERROR_STOP=1", "-f", dump, url], capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    return {"DATABASE_URL": url}


def missing(before, after):
    """Returns what `before` has and `after` lacks, as paths; additional fields are accepted."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            f"{name}: {text}"
            for name, value in before.items()
            for text in (missing(value, after[name]) if name in after else ["gone"])
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [f"[{at}] {text}" for at, pair in enumerate(zip(before, after)) for text in missing(*pair)]
    return [] if before == after else [f"{before!r} became {after!r}"]


def test_there_is_a_release_to_upgrade_from():
    assert "0.1.0" in RELEASES


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@pytest.mark.parametrize("release", RELEASES)
def test_everything_is_there_after_an_upgrade(release, engine, tmp_path, vendor, request):
    made = json.loads((ROOT / f"Tests/Releases/{release}.json").read_text(encoding="utf-8"))[engine]
    settings = vendor.settings | SECRETS | load(release, engine, tmp_path, request)
    server = Server(tmp_path, **settings).start()
    try:
        assert missing(made["read"], read(server, made)) == []
        verified = command(tmp_path, "audit", "verify", **settings)
        assert verified.returncode == 0, verified.stderr + verified.stdout
        # The server works: the old keys call, the old conversation continues.
        app = Caller(server, **{"X-API-Key": made["keys"]["secret"]})
        answer = app(
            "POST", f"/chatbot/{made['chatbot']}/query", {"message": "আবার কথা বলি", "user": {"id": "customer-1"}}
        )
        assert answer["response"] == "Hello from the vendor."
        li = sign_in(server, "li")
        conversation = li("GET", "/conversations")["data"][0]["id"]
        assert (
            li("POST", "/chat", {"conversation_id": conversation, "message": "你好"})["message"]["status"] == "complete"
        )
        revoked = Caller(server, **{"X-API-Key": made["keys"]["revoked"]})
        assert revoked("GET", "/v1/models", status=(401,))["error"]["code"] == "key_revoked"
    finally:
        assert server.stop() == 0
