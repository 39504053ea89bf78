"""Backups in a bucket, and those that the server makes itself."""

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from backups import PASSPHRASE, everything, filled, places, postgres, spawn  # noqa: F401
from client import eventually
from mynah_process import command
from test_files import S3


@pytest.fixture
def s3(tmp_path):
    folder = tmp_path / "s3"
    folder.mkdir()
    service = S3(folder)
    service.backups = folder / "files"
    yield service
    service.stop()


def of_s3(s3):
    return {name: value for name, value in s3.settings.items() if name != "FILES_URL"}


def test_a_bucket(places, filled, s3):
    settings = of_s3(s3)
    assert "S3_ACCESS_KEY" in filled.refused("backup", "s3://files/backups")
    assert "cannot be stored" in filled.refused("backup", "s3://nowhere/backups", **settings)
    said = filled("backup", "s3://files/backups", "--encrypt", BACKUP_PASSPHRASE=PASSPHRASE, **settings)
    place = said.split(" backed up in ")[1].split(",")[0]
    assert place.startswith("s3://files/backups/mynah-2")
    folder = s3.backups / "backups" / place.rpartition("/")[2]
    assert {path.name for path in folder.iterdir()} == {"index.json", "00001"}
    copy = places("second")
    settings["BACKUP_PASSPHRASE"] = PASSPHRASE
    assert place.rpartition("/")[2] in copy.refused("restore", "s3://files/backups", **settings)
    assert "no backup at" in copy.refused("restore", "s3://files/other", **settings)
    # Files in the bucket too.
    copy.settings["FILES_URL"] = "s3://files/restored"
    part = (folder / "00001").read_bytes()
    for change, words in ((part[:-1], "damaged"), (None, "00001 is missing"), (part, "")):
        # rclone remembers what it has served.
        s3.stop()
        (folder / "00001").unlink(missing_ok=True)
        if change is not None:
            (folder / "00001").write_bytes(change)
        s3.start()
        if words:
            assert words in copy.refused("restore", place, **settings)
    assert not [path for path in (s3.backups / "restored").rglob("*") if path.is_file()]
    copy("restore", place, **settings)
    copy.settings |= settings
    assert everything(places.start(copy), filled.names) == filled.before


def test_a_bucket_that_goes_away(places, filled, s3):
    settings = of_s3(s3)
    s3.stop()
    started = time.monotonic()
    assert "cannot be stored" in filled.refused("backup", "s3://files/backups", **settings)
    assert time.monotonic() - started < 30
    # Away between the beginning and the end of a backup: it waits.
    s3.start()
    process = spawn(filled, "backup", "s3://files/backups", **settings)
    # The first request has been answered once the work has begun.
    assert eventually(lambda: list(filled.folder.glob(".mynah-backup-*")) or
                      list(Path(os.environ.get("TMPDIR", "/tmp")).glob(".mynah-backup-*")), 20)
    s3.stop()
    time.sleep(3)
    s3.start()
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    place = said.split(" backed up in ")[1].split(",")[0]
    assert "The backup is good" in places("second")("restore", place, "--verify-only", **settings)


def test_scheduled_backups_are_made_proven_and_pruned(places, filled):
    place = filled
    target = place.folder / "scheduled"
    target.mkdir()
    # Older ones and others: of these, only the oldest of its own names goes.
    for name in ("mynah-20200101T000000Z-000001.tar.gz", "mynah-20210101T000000Z-000001.tar.gz.enc", "mine.tar.gz",
                 "mynah-notes.txt", "mynah-20200101T000000Z-000001.tar.gz.bak"):
        (target / name).write_bytes(b"old")
    place.settings |= {
        "BACKUP_SCHEDULE": "* * * * *", "BACKUP_DEST": str(target), "BACKUP_KEEP": "2", "BACKUP_PASSPHRASE": PASSPHRASE,
    }
    server = place.server()
    server.start()
    try:
        def state():
            lines = httpx.get(f"{server.url}/metrics").text.splitlines()
            return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("mynah_backup")}

        assert state() == {}
        assert eventually(lambda: len(state()) == 2, 200), server.said[-3000:]
        assert eventually(lambda: len(list(target.glob("mynah-2*"))) == 3, 20)
        assert all(abs(seconds - time.time()) < 200 for seconds in state().values())
        names = {path.name for path in target.iterdir()}
        assert names >= {"mine.tar.gz", "mynah-notes.txt", "mynah-20200101T000000Z-000001.tar.gz.bak"}
        assert "mynah-20200101T000000Z-000001.tar.gz" not in names
        [made] = [name for name in names if name.startswith("mynah-202") and not name.startswith(("mynah-2020", "mynah-2021"))]
        assert made.endswith(".tar.gz.enc")
        if places.engine == "postgres":
            assert "no PostgreSQL server" not in server.said
        said = command(place.folder, "doctor", **place.settings).stdout
        assert "last proven by restoring at" in said
    finally:
        server.kill()
    copy = places("second")
    copy("restore", target / made, BACKUP_PASSPHRASE=PASSPHRASE)
    assert everything(places.start(copy), place.names) == place.before


def test_doctor_warns(places, filled):
    place = filled
    place.settings |= {"BACKUP_SCHEDULE": "0 3 * * *", "BACKUP_DEST": str(place.folder / "scheduled")}

    def said(**settings):
        return command(place.folder, "doctor", **place.settings | settings).stdout

    long_ago = int((time.time() - 8 * 86_400) * 1000)
    sql = f"UPDATE backup_state SET scheduled_since = {long_ago}, made_at = {long_ago}"
    if places.engine == "sqlite":
        with closing(sqlite3.connect(place.folder / "mynah.sqlite")) as database, database:
            database.execute(sql)
        assert "warn  secrets: kept only in files beside the database" in said(SECRET_KEY="", ENCRYPTION_KEY="")
    else:
        subprocess.run(["psql", "-qc", sql, place.settings["DATABASE_URL"]], check=True)
    assert "warn  backups: scheduled" in said() and "no proof for 7 days" in said()
    assert "ok    backups: not scheduled" in said(BACKUP_SCHEDULE="")
