"""A full disk: writes are refused clearly, reads continue, and the server recovers by itself."""

import os
import subprocess

import pytest
from client import PASSWORD, User, eventually
from vendor import Hold


@pytest.fixture
def small_disk(tmp_path):
    """A separate file system of 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size=16m,mode=0700,uid={os.geteuid()}"
    subprocess.run([*root, "mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    yield folder
    subprocess.run([*root, "umount", "-l", folder], check=True)


def fill(folder):
    """Fills the disk; returns the file that takes the space."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    return ballast


@pytest.fixture
def server(start, small_disk):
    return start(DATABASE_URL=f"sqlite:///{small_disk}/mynah.sqlite")


def write_until_full(user, conversation):
    """Writes until a refusal; returns the stored messages and the refusal. Reused log pages take some first."""
    titles = []
    for number in range(5000):
        title = f"{number} " + "x" * 150
        response = user.http.patch(f"/conversations/{conversation}", json={"title": title})
        if response.status_code != 200:
            return titles, response
        titles.append(title)
        created = user.http.post("/chatbots", json={"name": f"bot {number}", "description": "d" * 1900})
        if created.status_code != 201:
            return titles, created
    raise AssertionError("the disk never was full")


def test_a_full_disk_refuses_writes_serves_reads_and_heals_by_itself(server, small_disk, vendor):
    user = User(server)
    conversation = user.post("/chat", {"message": "Before"})["session_id"]
    ballast = fill(small_disk)
    titles, refused = write_until_full(user, conversation)
    assert refused.status_code == 503 and refused.json()["error"]["code"] == "database_full"
    assert int(refused.headers["Retry-After"]) > 0
    calls = len(vendor.requests)
    for path, body in (
        ("/chat", {"message": "Now?"}), (f"/conversations/{conversation}/messages", {"content": "Now?"}),
        ("/auth/register", {"username": "too-late", "password": PASSWORD}), ("/conversations", {}),
    ):
        error = user.post(path, body, 503)["error"]
        assert error["code"] == "database_full", path
        assert "SQL" not in error["message"]
    assert len(vendor.requests) == calls
    # Stored data is readable with the current credentials.
    assert [entry["content"] for entry in user.messages(conversation)] == ["Before", "Hello from the vendor."]
    assert user.get("/users/me")["username"] == user.name
    assert user.get("/health/live")["status"] == "ok"
    assert user.get("/health")["status"] == "ok"
    ballast.unlink()
    after = user.post("/chat", {"message": "After", "session_id": conversation})
    assert after["message"]["status"] == "complete"
    again = User(server, "in-time")
    assert again.get("/users/me")["username"] == "in-time"
    if titles:
        assert user.get(f"/conversations/{conversation}")["title"] == titles[-1]
    asked = [entry["content"] for entry in user.messages(conversation) if entry["sender"] == "user"]
    assert asked == ["Before", "After"]
    server.restart()
    assert [entry["content"] for entry in user.messages(conversation) if entry["sender"] == "user"] == asked


def test_a_reply_that_ends_while_the_disk_is_full_is_stored_when_there_is_space(server, small_disk, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    user = User(server)
    conversation, other = user.conversation(), user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        ballast = fill(small_disk)
        write_until_full(user, other)
        hold.release()
        rest = list(events)
    assert rest[-1].name == "error" and rest[-1].data["error"]["code"] == "database_full"
    ballast.unlink()

    def stored():
        replies = [entry for entry in user.messages(conversation) if entry["sender"] == "ai"]
        return replies and replies[0]["content"] == "before after" and replies[0]

    reply = eventually(stored, 40)
    assert reply and reply["status"] == "complete", user.messages(conversation)
    assert user.post(f"/conversations/{conversation}/messages", {"content": "Go on."})[1]["status"] == "complete"


def test_a_server_whose_log_is_on_the_full_disk_goes_on(start, small_disk):
    server = start(small_disk)
    user = User(server)
    fill(small_disk)
    logged = len(server.said)
    for _ in range(100):
        assert user.get("/users/me")["username"] == user.name
    assert len(server.said) - logged < 4096, "the disk was not full"


def test_a_restart_on_a_full_disk_serves_reads_and_loses_nothing(server, small_disk):
    user = User(server)
    ballast = fill(small_disk)
    server.restart()
    assert user.get("/users/me")["username"] == user.name
    ballast.unlink()
    assert user.conversation()


def test_a_killed_server_starts_on_a_full_disk_and_closes_its_turns_later(server, small_disk, vendor):
    hold = Hold()
    vendor.answer("একটি গল্প বলো।", "before", hold)
    user = User(server)
    conversation, other = user.conversation(), user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "একটি গল্প বলো।"}) as events:
        next(events), next(events)
        ballast = fill(small_disk)
        write_until_full(user, other)
        server.kill()
        hold.release()
    server.start()
    assert user.get("/users/me")["username"] == user.name
    assert user.messages(conversation)[0]["content"] == "একটি গল্প বলো।"
    ballast.unlink()
    assert user.conversation()
    server.restart()
    assert [entry["status"] for entry in user.messages(conversation)] == ["complete", "partial"]
