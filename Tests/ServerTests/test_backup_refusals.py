"""What is wrong with an archive or its place is said, and leaves nothing half done."""

import gzip
import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
import tarfile
import time
from contextlib import closing

import pytest
from backups import OTHER_KEY, everything, filled, members, places, postgres, spawn  # noqa: F401
from mynah_process import command
from postgres_server import SECRETS


def test_each_refusal_says_why_and_leaves_nothing(places, filled, tmp_path):
    place = filled
    archive = place.folder / "b.tar.gz"
    place("backup", archive)
    data = archive.read_bytes()
    assert f"{archive} exists already" in place.refused("backup", archive)
    assert archive.read_bytes() == data
    assert "cannot be made" in place.refused("backup", "/proc/nothing/here.tar.gz")
    assert "neither a path nor" in place.refused("backup", "ftp://example.com/x")
    assert "never replaces data" in place.refused("restore", archive)
    copy = places("second")
    bad = tmp_path / "bad.tar.gz"
    half = len(data) // 2
    changed = bytearray(data)
    changed[half] ^= 0x55
    text = gzip.decompress(data)
    with tarfile.open(archive) as tar:
        at = next(member.offset_data for member in tar if member.name.startswith("files/"))
    other = text[:at] + bytes([text[at] ^ 1]) + text[at + 1:]
    for content, words in (
        (data[:half], "cut off"), (data[:-4], "cut off"), (data[:100], "cut off"), (b"", "cut off"),
        (bytes(changed), "damaged"), (gzip.compress(other), "not what the database says"), (data + b"x", "damaged"),
        (b"PK\3\4 something else", "not a backup"), (gzip.compress(b"x" * 5000), "damaged"),
        ((place.folder / "mynah.log").read_bytes(), "not a backup"),
    ):
        bad.write_bytes(content)
        assert words in copy.refused("restore", bad), words
        assert words in copy.refused("restore", bad, "--verify-only")
        assert copy.leftovers == [], words
    # A tar of something else.
    subprocess.run(["tar", "czf", bad, "-C", place.folder, "mynah.log"], check=True)
    assert "not a backup of Mynah" in copy.refused("restore", bad)
    # Names that lead out of the archive.
    with tarfile.open(bad, "w:gz") as tar:
        for name in ("manifest.json", "../escaped"):
            info = tarfile.TarInfo(name)
            body = members(archive)["manifest.json"] if name == "manifest.json" else b"x"
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    assert "could lead out" in copy.refused("restore", bad)
    # A newer release made it: with a newer schema, or with a newer format.
    for change, words in (({"schema": 9999, "mynah": "9.9.9"}, "9.9.9"), ({"format": 2}, "newer release")):
        content = members(archive)
        manifest = json.loads(content["manifest.json"]) | change
        with tarfile.open(bad, "w:gz") as tar:
            info = tarfile.TarInfo("manifest.json")
            body = json.dumps(manifest).encode()
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        assert words in copy.refused("restore", bad)
    assert "no backup at" in copy.refused("restore", tmp_path / "nowhere")
    assert "is a folder" in copy.refused("restore", place.folder)
    # Keys that do not belong to it.
    manifest = json.loads(members(archive)["manifest.json"])
    said = copy.refused("restore", archive, ENCRYPTION_KEY=OTHER_KEY)
    assert manifest["encryption_keys"][0] in said and "ENCRYPTION_KEY lacks" in said
    assert "SECRET_KEY is not" in copy.refused("restore", archive, SECRET_KEY="0123456789 another secret key 987654")
    assert copy.leftovers == []
    # A store of files that is not empty.
    stored = copy.folder / "files" / "ab" / ("ab" * 16)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"x")
    assert "not empty" in copy.refused("restore", archive)
    shutil.rmtree(copy.folder / "files")
    # A new key before the old one is as good as the old one.
    both = f"{OTHER_KEY},{SECRETS['ENCRYPTION_KEY']}"
    copy("restore", archive, ENCRYPTION_KEY=both)
    assert everything(places.start(copy), place.names) == place.before
    third = places("third")
    assert "Restored" in third("restore", archive, "--without-keys", ENCRYPTION_KEY=OTHER_KEY)


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_the_rows_are_checked_and_not_only_the_bytes(places, filled, tmp_path):
    """Archives whose hashes fit and whose contents were changed. On PostgreSQL the same code checks the rows."""
    archive = filled.folder / "b.tar.gz"
    filled("backup", archive)
    copy = places("second")

    def rewritten(sql):
        content = members(archive)
        database = tmp_path / "changed.sqlite"
        database.write_bytes(content["database.sqlite"])
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(sql)
        content["database.sqlite"] = database.read_bytes()
        content["SHA256SUMS"] = "".join(
            f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in content.items() if name != "SHA256SUMS"
        ).encode()
        made = tmp_path / "changed.tar.gz"
        with tarfile.open(made, "w:gz") as tar:
            for name, body in content.items():
                info = tarfile.TarInfo(name)
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
        return made

    assert "Restored" in places("good")("restore", rewritten("SELECT 1"))
    for sql, words in (
        ("DELETE FROM messages WHERE id = (SELECT max(id) FROM messages)", "messages has"),
        ("DROP TABLE audit_seals", "audit_seals"),
        ("DROP TRIGGER audit_entries_no_update; UPDATE audit_entries SET action = 'x' WHERE id IN "
         "(SELECT entry_id FROM audit_seals WHERE sequence = 2)", "audit trail is not intact"),
        ("UPDATE schema_migrations SET number = number + 1000", "schema"),
        ("UPDATE users SET details = 'gAAAA' WHERE details IS NOT NULL", "encrypted values"),
        ("PRAGMA foreign_keys = OFF; UPDATE messages SET conversation_id = 'nowhere' WHERE id = "
         "(SELECT max(id) FROM messages)", "refer to rows"),
        ("UPDATE file_parts SET object = 'ffffffffffffffffffffffffffffffff' WHERE object = "
         "(SELECT max(object) FROM file_parts)", "not what the database says"),
    ):
        assert words in copy.refused("restore", rewritten(sql)), sql
        assert copy.leftovers == [], sql


def test_bytes_that_are_lost_already_do_not_stop_a_backup(places, filled):
    objects = sorted(path for path in (filled.folder / "files").rglob("*") if len(path.name) == 32)
    # One names the store's database.
    objects = [path for path in objects if path.name != "0" * 32]
    objects[0].unlink()
    objects[1].write_bytes(b"damaged")
    archive = filled.folder / "b.tar.gz"
    assert "warning: 2 objects" in filled("backup", archive)
    copy = places("second")
    said = copy("restore", archive)
    assert "warning: 2 objects" in said and objects[0].name in said
    restored = [path.name for path in (copy.folder / "files").rglob("*") if len(path.name) == 32]
    assert sorted(restored) == [path.name for path in objects[2:]]


def test_kill_9_leaves_nothing_half_done(places, filled):
    place = filled
    archive = place.folder / "b.tar.gz"
    place("backup", archive)
    chosen = random.Random(11)
    finished = 0
    for round in range(10):
        target = place.folder / f"killed{round}.tar.gz"
        process = spawn(place, "backup", target)
        time.sleep(chosen.uniform(0.05, 1.2))
        process.kill()
        process.communicate()
        if target.exists():
            finished += 1
            assert "good" in place("restore", target, "--verify-only")
            target.unlink()
    # What was left is removed by the next one.
    place("backup", place.folder / "last.tar.gz")
    assert [name for name in place.leftovers if ".mynah" in name] == []
    copy = places("second")
    for round in range(10):
        process = spawn(copy, "restore", archive)
        time.sleep(chosen.uniform(0.05, 1.5))
        process.kill()
        said, _ = process.communicate()
        if (copy.folder / "mynah.sqlite").exists() or "Restored" in said:
            break
        if places.engine == "postgres":
            # A server does not start on half of a database.
            started = command(copy.folder, "migrate", "--status", **copy.settings)
            if started.returncode == 0 and "applied" in started.stdout:
                break  # Killed when all was restored, before it said so.
            assert started.returncode == 0 or "broken off" in started.stderr, started.stdout + started.stderr
    else:
        copy("restore", archive)
    assert [name for name in copy.leftovers if ".mynah" in name or "f" * 32 in name] == []
    assert everything(places.start(copy), place.names) == place.before
    third = places("third")
    # What is left of a restore that is killed while it writes the first file, or its mark.
    drafts = third.folder / "files/unfinished"
    drafts.mkdir(parents=True)
    names = [path.name for path in (copy.folder / "files").glob("??/*")]
    assert len(names) >= 8
    for name in [*names, "f" * 32]:
        (drafts / name).write_bytes("অর্ধেক".encode())
    third("restore", archive)
    assert [name for name in third.leftovers if "unfinished/" in name] == []


@pytest.fixture
def small_disk(tmp_path):
    """A separate file system of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*root, "mount", "-t", "tmpfs", "-o", f"size=4m,uid={os.geteuid()}", "tmpfs", folder], check=True)
    yield folder
    subprocess.run([*root, "umount", "-l", folder], check=True)


def test_a_full_disk(places, filled, small_disk):
    said = filled.refused("backup", small_disk / "b.tar.gz")
    assert "no room is left" in said or "full" in said, said
    assert list(small_disk.iterdir()) == []
    archive = filled.folder / "b.tar.gz"
    filled("backup", archive)
    copy = places("second")
    copy.settings["FILES_URL"] = f"file://{small_disk}/files"
    if places.engine == "sqlite":
        copy.settings["DATABASE_URL"] = f"sqlite:///{small_disk}/mynah.sqlite"
    said = copy.refused("restore", archive)
    assert "no room is left" in said or "No space left" in said, said
    assert list(small_disk.iterdir()) == []
    if places.engine == "postgres":
        # The database is as empty as before.
        copy.settings["FILES_URL"] = f"file://{copy.folder}/files"
    else:
        copy = places("third")
    copy("restore", archive)
    assert everything(places.start(copy), filled.names) == filled.before
