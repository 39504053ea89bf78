"""`mynah backup` and `mynah restore` on the real binary, on both engines."""

import base64
import gzip
import json
import os
import random
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from backups import PASSPHRASE, TEXTS, Reader, everything, fill, filled, members, mynah, places, postgres, spawn  # noqa: F401
from client import User, eventually
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from postgres_server import SECRETS
from test_files import make_file


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
