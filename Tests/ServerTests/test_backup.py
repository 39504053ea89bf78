"""`mynah backup` and `mynah restore` on the real binary, on both engines."""

import base64
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from client import User, eventually
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from mynah_process import BINARY, PASSWORD, Server, command, environment
from postgres_server import SECRETS, Postgres
from test_files import S3, make_file
from test_full_disk import fill as fill_disk

PASSPHRASE = "পাখি গান গায় 🐦 9"
OTHER_KEY = "QmFja3VwLXRlc3RzLW90aGVyLWtleS0wMTIzNDU2Nzg="
TEXTS = {"asha": "নমস্কার, কেমন আছেন?", "omar": "مرحبا، كيف الحال؟", "li": "你好,自行车 🚴", "emma": "Hello 👩🏽‍🚀"}


def mynah(folder, *arguments, **settings):
    """Runs a command; returns what it prints."""
    done = command(folder, *arguments, **settings)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def refused(folder, *arguments, **settings):
    """Runs a command that must fail with one line; returns that."""
    done = command(folder, *arguments, **settings)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("20")]
    assert done.returncode not in (0, -4, -5, -6, -11) and len(lines) == 1, done.stderr + done.stdout
    assert lines[0].startswith("Error: ")
    return lines[0]


class Place:
    """A server's folder, database and settings."""

    def __init__(self, folder, vendor, url=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = vendor.settings | SECRETS | ({"DATABASE_URL": url} if url else {})
        if url:
            self.settings["FILES_URL"] = f"file://{folder}/files"

    def server(self):
        return Server(self.folder, **self.settings)

    def __call__(self, *arguments, **settings):
        return mynah(self.folder, *arguments, **self.settings | settings)

    def refused(self, *arguments, **settings):
        return refused(self.folder, *arguments, **self.settings | settings)

    @property
    def leftovers(self):
        """What is there beside what the test made."""
        names = [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*")]
        return [name for name in names if not name.startswith(("mynah.log", "mynah.out", ".env"))]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    running = Postgres(tmp_path_factory.mktemp("postgres"))
    yield running
    running.run("stop")


@pytest.fixture(params=["sqlite", "postgres"])
def places(request, tmp_path, vendor):
    """Makes places, each with an empty database."""
    servers = []
    number = iter(range(100))

    def place(name):
        if request.param == "sqlite":
            return Place(tmp_path / name, vendor)
        postgres = request.getfixturevalue("postgres")
        database = f"{name}_{next(number)}_{random.randrange(10**9)}"
        postgres.psql(f"CREATE DATABASE {database} OWNER mynah;")
        return Place(tmp_path / name, vendor, postgres.url.rpartition("/")[0] + f"/{database}")

    def start(place):
        servers.append(place.server().start())
        return servers[-1]

    place.start = start
    place.engine = request.param
    yield place
    for server in servers:
        if server.process.poll() is None:
            server.kill()


def fill(server):
    """Users with chatbots, prompts, conversations, details and files in several scripts."""
    for number, (name, text) in enumerate(TEXTS.items()):
        user = User(server, name)
        me = user.get("/users/me")["id"]
        user.post(f"/users/{me}/details", {"company": f"{text} Ltd", "preferences": {"emoji": "👩🏽‍🚀"}})
        bot = user.post("/chatbots", {"name": f"{text[:6]} 🤖", "description": text}, 201)["id"]
        user.post(f"/chatbots/{bot}/prompts", {"content": f"{text} {{{{user.first_name}}}}"}, 201)
        user.post("/chat", {"message": text})
        user.post("/chat", {"message": text * 50})
        for length in (0, 1, 5_000_000 if number == 0 else 70_000):
            content = random.Random(length + number).randbytes(length)
            made = user.http.post(f"/chatbots/{bot}/files", files={"file": (f"{text[:8]} 📄.bin", content)})
            assert made.status_code == 202, made.text
        assert eventually(lambda: read_to_the_end(user, bot), 120), user.get(f"/chatbots/{bot}/files")
        yield user.name


def read_to_the_end(user, bot):
    """Tells whether no job will change a file's row any more."""
    return all(file["state"] in ("ready", "failed") for file in user.get(f"/chatbots/{bot}/files")["data"])


VOLATILE = {"last_used_at", "last_seen_at", "current", "expires_in", "request_id", "started_at"}


def stable(value):
    if isinstance(value, dict):
        return {name: stable(item) for name, item in value.items() if name not in VOLATILE}
    return [stable(item) for item in value] if isinstance(value, list) else value


class Reader(User):
    """A user that exists."""

    def __init__(self, server, name):
        self.http = httpx.Client(base_url=server.url, timeout=60)
        self.port, self.name = server.port, name
        self.sign_in()


def everything(server, names):
    """What the server answers to a script that reads all that these users have."""
    found = {}
    for name in names:
        user = Reader(server, name)
        me = user.get("/users/me")["id"]
        paths = ["/users/me", f"/users/{me}/details", "/workspaces", "/users/me/usage", "/auth/grants"]
        for chatbot in user.get("/chatbots")["data"]:
            base = f"/chatbots/{chatbot['id']}"
            paths += [base, f"{base}/prompts", f"{base}/files", f"{base}/api-keys"]
            for file in user.get(f"{base}/files")["data"]:
                content = user.http.get(f"{base}/files/{file['id']}/content")
                assert content.status_code == 200 and hashlib.sha256(content.content).hexdigest() == file["sha256"]
                found[f"{name} {file['id']}"] = file["sha256"]
        for conversation in user.get("/conversations")["data"]:
            paths += [f"/conversations/{conversation['id']}", f"/conversations/{conversation['id']}/messages"]
        for path in paths:
            answer = user.http.get(path)
            assert answer.status_code in (200, 404), f"{path}: {answer.text}"
            if answer.status_code == 200:
                found[f"{name} {path}"] = stable(answer.json())
    return found


def test_a_backup_while_turns_run_is_restored_elsewhere(places):
    """Everything that was there before the backup is there after it, and no more than was acknowledged."""
    place = places("first")
    server = places.start(place)
    names = list(fill(server))
    before = everything(server, names)
    assert len(before) > 50
    ended = threading.Event()
    sent = []

    def write(number):
        user = User(server, f"writer{number}-{random.randrange(10**9)}")
        while not ended.is_set():
            text = f"ব্যস্ত {len(sent)} مشغول 忙 🐝"
            path = make_file(user, os.urandom(100_000))
            conversation = user.conversation()
            user.post(f"/conversations/{conversation}/messages", {"content": text})
            # Deleted while the backup copies its bytes.
            user.delete(path)
            sent.append((user.name, conversation, text))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    assert eventually(lambda: len(sent) > 5, 60)
    known = list(sent)
    archive = place.folder / "backup.tar.gz"
    said = place("backup", archive)
    ended.set()
    for writer in writers:
        writer.join()
    assert str(archive) in said and "warning" not in said and archive.stat().st_mode & 0o777 == 0o600
    copy = places("second")
    assert "The backup is good" in copy("restore", archive, "--verify-only")
    assert copy.leftovers == []
    assert "Restored" in copy("restore", archive)
    restored = places.start(copy)
    assert everything(restored, names) == before
    readers = {name: Reader(restored, name) for name in {name for name, _, _ in known}}
    for name, conversation, text in known:
        assert readers[name].messages(conversation)[0]["content"] == text
    assert "All" in copy("audit", "verify")
    Reader(restored, names[0]).post("/chat", {"message": "আবার"})
    # The bytes of deleted files go once the backup is over.
    if places.engine == "sqlite":
        with closing(sqlite3.connect(place.folder / "mynah.sqlite", timeout=30)) as database:
            assert database.execute("SELECT count(*) FROM object_leases").fetchone() == (0,)
    assert [name for name in place.leftovers if ".mynah" in name] == []


@pytest.fixture
def filled(places):
    """A place with data, and its server stopped."""
    place = places("first")
    server = places.start(place)
    place.names = list(fill(server))
    place.before = everything(server, place.names)
    assert server.stop() == 0
    return place


def members(archive):
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def test_anyone_can_open_an_archive_and_it_holds_no_key(places, filled, tmp_path):
    folder = filled.folder / "বাকআপ 📦"
    folder.mkdir()
    filled("backup", folder)
    [archive] = folder.iterdir()
    assert archive.name.startswith("mynah-2") and archive.name.endswith(".tar.gz")
    content = members(archive)
    names = list(content)
    assert names[0] == "manifest.json" and names[-1] == "SHA256SUMS"
    assert names[1] == ("database.sqlite" if places.engine == "sqlite" else "database.dump")
    manifest = json.loads(content["manifest.json"])
    assert manifest["format"] == 1 and not manifest["has_keys"] and len(manifest["encryption_keys"]) == 1
    assert manifest["tables"]["messages"] >= 2 * 2 * len(TEXTS) and manifest["files"]["count"] == 3 * len(TEXTS)
    assert manifest["audit_head"].partition(":")[0].isdigit()
    # 5,000,000 bytes are two objects; an empty file has none.
    assert sum(name.startswith("files/") for name in names) == manifest["files"]["objects"] == 2 * len(TEXTS) + 1
    folder = tmp_path / "unpacked"
    folder.mkdir()
    subprocess.run(["tar", "xzf", archive, "-C", folder], check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    everything_in_it = gzip.decompress(archive.read_bytes())
    for secret in SECRETS.values():
        assert secret.encode() not in everything_in_it
        assert base64.urlsafe_b64decode(SECRETS["ENCRYPTION_KEY"]) not in everything_in_it
    if places.engine == "sqlite":
        with closing(sqlite3.connect(folder / "database.sqlite")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT count(*) FROM messages").fetchone() == (manifest["tables"]["messages"],)


def decrypted(archive, passphrase):
    """The documented format, read without Mynah."""
    data = archive.read_bytes()
    assert data[:8] == b"MYNAHBK1"
    memory, passes, lanes, chunk = (int.from_bytes(data[at:at + 4], "big") for at in (8, 12, 16, 20))
    assert memory >= 65_536 and passes >= 3
    keys = Argon2id(salt=data[24:40], length=64, iterations=passes, lanes=lanes, memory_cost=memory).derive(
        passphrase.encode()
    )
    check = hmac.HMAC(keys[32:], hashes.SHA256())
    check.update(data[:40])
    check.verify(data[40:72])
    text, at, number = b"", 72, 0
    while True:
        sealed = data[at:at + chunk + 16]
        at += len(sealed)
        is_last = at == len(data)
        nonce = number.to_bytes(11, "big") + bytes([is_last])
        text += AESGCM(keys[:32]).decrypt(nonce, sealed, data[:72])
        number += 1
        if is_last:
            return text


def test_an_encrypted_archive(places, filled, tmp_path):
    place = filled
    archive = place.folder / "b.enc"
    said = place.refused("backup", archive, "--encrypt")
    assert "BACKUP_PASSPHRASE" in said
    assert "--encrypt" in place.refused("backup", archive, "--with-keys", BACKUP_PASSPHRASE=PASSPHRASE)
    assert "at least 12" in place.refused("backup", archive, "--encrypt", BACKUP_PASSPHRASE="short")
    assert not archive.exists()
    place("backup", archive, "--encrypt", "--with-keys", BACKUP_PASSPHRASE=PASSPHRASE)
    data = archive.read_bytes()
    for word in ["manifest", "sqlite", "ustar", *SECRETS.values(), PASSPHRASE, *TEXTS.values()]:
        assert word.encode() not in data[72:]
    plain = tmp_path / "plain.tar.gz"
    plain.write_bytes(decrypted(archive, PASSPHRASE))
    content = members(plain)
    assert dict(line.split("=", 1) for line in content["keys.env"].decode().splitlines()) == SECRETS
    with pytest.raises(Exception):
        decrypted(archive, "another passphrase")
    copy = places("second")
    assert "BACKUP_PASSPHRASE" in copy.refused("restore", archive)
    assert "another passphrase" in copy.refused("restore", archive, BACKUP_PASSPHRASE="another passphrase")
    wrong = copy.folder.parent / "wrong.enc"
    for change, words in (
        (lambda data: data[:-1], "damaged"), (lambda data: data[:1 << 20], "damaged"), (lambda data: data[:40], "damaged"),
        (lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], "damaged"),
        (lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:], "another passphrase"),
    ):
        wrong.write_bytes(change(data))
        assert words in copy.refused("restore", wrong, BACKUP_PASSPHRASE=PASSPHRASE)
    assert copy.leftovers == []
    keys = tmp_path / "keys.env"
    mynah(tmp_path, "restore", archive, "--verify-only", "--keys-to", keys, BACKUP_PASSPHRASE=PASSPHRASE)
    assert dict(line.split("=", 1) for line in keys.read_text().splitlines()) == SECRETS
    assert keys.stat().st_mode & 0o777 == 0o600
    if places.engine == "sqlite":
        # The keys come with the backup, and lie beside the database afterwards.
        for name in SECRETS:
            del copy.settings[name]
    copy("restore", archive, BACKUP_PASSPHRASE=PASSPHRASE)
    assert everything(places.start(copy), place.names) == place.before


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


def spawn(place, *arguments, **settings):
    return subprocess.Popen(
        [BINARY, *map(str, arguments)], env=environment(place.folder, **place.settings | settings), cwd=place.folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )


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
            assert started.returncode == 0 and "applied" not in started.stdout or "broken off" in started.stderr, (
                started.stdout + started.stderr)
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


def test_an_older_release_refuses_a_newer_database(places, filled):
    sql = "INSERT INTO schema_migrations (number, name, applied_at) VALUES (9999, 'from-the-future', 1)"
    if places.engine == "sqlite":
        with closing(sqlite3.connect(filled.folder / "mynah.sqlite")) as database, database:
            database.execute(sql)
    else:
        subprocess.run(["psql", "-qc", sql, filled.settings["DATABASE_URL"]], check=True)
    for arguments in (["serve"], ["migrate"], ["backup", "b.tar.gz"], ["user", "list"]):
        said = filled.refused(*arguments)
        assert "from-the-future" in said and "does not know" in said, said


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_a_large_backup_takes_little_memory(places):
    place = places("first")
    server = places.start(place)
    user = User(server)
    content = random.Random(3).randbytes(96 << 20)
    make_file(user, content)
    archive = place.folder / "b.tar.gz"

    def most(*arguments):
        """The most memory of a command, in MiB."""
        process = spawn(place, *arguments, BACKUP_PASSPHRASE=PASSPHRASE)
        said, most = process.stdout, 0
        while process.poll() is None:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
                most = max(most, int(status.partition("VmHWM:")[2].split()[0]) >> 10)
            except (OSError, IndexError):
                pass
            time.sleep(0.01)
        assert process.returncode == 0, said.read()
        return most

    for encrypted in ([], ["--encrypt"]):
        assert most("backup", archive, *encrypted) < 250
        assert most("restore", archive, "--verify-only") < 250
        archive.unlink()
