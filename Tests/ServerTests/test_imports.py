"""Imports: kill -9 in the middle of a file, a neighbour's turns, and memory."""

import sqlite3
import time
from contextlib import closing

import httpx
from client import User
from exports import archive
from test_files import PART, begin, put

COUNT = 160


def send(user, content):
    upload = begin(user, content, "export.zip")
    for number in range(1, -(-len(content) // PART) + 1):
        assert put(user, upload, content, number).status_code == 200
    return user.post("/conversations/import", {"upload_id": upload}, 202)["id"]


def wait(user, number, condition):
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        found = user.get(f"/imports/{number}")
        counts = sum(entry["count"] for entry in found["skipped"] + found["failed"])
        assert found["found"] == found["imported"] + counts
        if condition(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"the import does not get on: {found}")


def is_over(found):
    return found["state"] not in ("queued", "running")


def rows(folder):
    with closing(sqlite3.connect(folder / "mynah.sqlite", timeout=10)) as database:
        return [
            database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            for table in ("conversations WHERE deleted_at IS NULL", "messages", "hidden_messages")
        ]


def test_kill_9_in_the_middle_loses_and_doubles_nothing(start, tmp_path):
    (tmp_path / "whole").mkdir()
    content = archive(COUNT)
    whole = start(tmp_path / "whole")
    known = wait(user := User(whole), send(user, content), is_over)
    assert known["state"] == "done" and known["imported"] == COUNT and known["format"] == "chatgpt", known
    assert known["failed"] == [{"reason": "invalid", "count": 2}]
    assert known["skipped"] == [{"reason": "not_a_conversation", "count": 2}]
    wanted = rows(tmp_path / "whole")
    assert wanted[0] == COUNT and wanted[1] > 10 * COUNT and wanted[2] > COUNT

    server = start()
    user = User(server)
    number = send(user, content)
    for least in (10, 50, 110):
        wait(user, number, lambda found: found["imported"] >= least or is_over(found))
        server.kill()
        server.start()
        user.http.close()
        user.http = httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {user.token}"})
    done = wait(user, number, is_over)
    for field in ("state", "format", "found", "imported", "skipped", "failed", "error_code"):
        assert done[field] == known[field], done
    with closing(sqlite3.connect(tmp_path / "mynah.sqlite", timeout=10)) as database:
        messages = database.execute(
            "SELECT COUNT(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.deleted_at IS NULL"
        ).fetchone()[0]
    assert (rows(tmp_path)[0], messages) == (wanted[0], wanted[1])

    again = wait(user, send(user, content), is_over)
    assert again["imported"] == 0 and again["found"] == done["found"], again
    assert rows(tmp_path)[0] == COUNT


def test_a_neighbour_is_answered_while_a_large_file_is_read_in_little_memory(start):
    server = start()
    user, neighbour = User(server), User(server)
    chat = neighbour.conversation()
    neighbour.post(f"/conversations/{chat}/messages", {"content": "ready?"})
    content = archive(40, messages=40, size=8000)

    def memory():
        status = open(f"/proc/{server.process.pid}/status").read()
        return int(status.split("VmRSS:")[1].split()[0]) >> 10

    before, most, turns = memory(), 0, 0
    number = send(user, content)
    while True:
        neighbour.post(f"/conversations/{chat}/messages", {"content": "এখনো আছ? 🦜"})
        turns += 1
        most = max(most, memory())
        found = user.get(f"/imports/{number}")
        if is_over(found):
            break
    assert found["state"] == "done" and found["imported"] == 40, found
    # The bytes of the upload and what others do come on top of what the import takes.
    assert most - before < 150, (before, most)
    assert len(neighbour.get(f"/conversations/{chat}/messages?limit=200")["data"]) == min(200, 2 * (turns + 1))
