"""kill -9 at any moment: acknowledged data is kept, and conversations continue."""

import random
import sqlite3
import threading
import time

import httpx
import pytest
from client import User
from mynah_process import Server
from vendor import Hold

ROUNDS = 20


class Writer(threading.Thread):
    """Registers, creates and sends until the server is gone; records acknowledged calls."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server, self.name = server, name
        self.users, self.chatbots, self.conversations = [], [], []
        # For each conversation: the sent messages, and their acknowledged replies.
        self.sent, self.replies = {}, {}

    def run(self):
        try:
            for number in range(10_000):
                self._round(f"{self.name}-{number}")
        except httpx.TransportError:
            pass

    def _round(self, name):
        user = User(self.server, name)
        self.users.append(user)
        self.chatbots.append((user, user.post("/chatbots", {"name": "Bot"}, 201)["id"]))
        conversation = user.conversation()
        self.conversations.append((user, conversation))
        for index in range(3):
            self._send(user, conversation, f"{name} {index}", streams=index != 1)

    def _send(self, user, conversation, text, streams):
        path = f"/conversations/{conversation}/messages"
        if streams:
            with user.stream(path, {"content": text}) as events:
                # The first event is the acknowledgement of the message.
                next(events)
                self.sent.setdefault((user, conversation), []).append(text)
                last = list(events)[-1:]
            if last and last[0].name == "done":
                self.replies.setdefault((user, conversation), []).append(last[0].data[1])
        else:
            asked, reply = user.post(path, {"content": text})
            self.sent.setdefault((user, conversation), []).append(text)
            self.replies.setdefault((user, conversation), []).append(reply)


def check(writer):
    """Checks that everything acknowledged to a writer is stored."""
    for user in writer.users:
        assert user.get("/users/me")["username"] == user.name
    for user, chatbot in writer.chatbots:
        user.get(f"/chatbots/{chatbot}")
    for user, conversation in writer.conversations:
        messages = user.messages(conversation)
        asked = [entry["content"] for entry in messages if entry["sender"] == "user"]
        sent = writer.sent.get((user, conversation), [])
        assert asked[: len(sent)] == sent and len(asked) <= len(sent) + 1
        stored = {entry["id"]: entry for entry in messages}
        for reply in writer.replies.get((user, conversation), []):
            assert stored[reply["id"]]["content"] == reply["content"] and stored[reply["id"]]["status"] == "complete"
        for entry in messages:
            assert entry["status"] in (("complete",) if entry["sender"] == "user" else ("complete", "partial"))


def acknowledged(writers):
    """Counts the messages that the server had taken."""
    return sum(len(sent) for writer in writers for sent in writer.sent.values())


def test_kill_9_at_any_moment_loses_nothing_acknowledged(start, vendor, tmp_path):
    chance = random.Random(20)
    vendor.reply = ["some ", 0.02, "words ", 0.02, "here"]
    server = start()
    writers = []
    longest = 1.5
    for round_number in range(ROUNDS):
        now = [Writer(server, f"w{round_number}-{index}") for index in range(4)]
        for writer in now:
            writer.start()
        time.sleep(chance.uniform(0.05, longest))
        server.kill()
        for writer in now:
            writer.join(30)
        writers += now
        if acknowledged(writers) <= 2 * (round_number + 1):
            # The machine is busy: give them more time.
            longest = min(longest * 1.3, 30)
        with sqlite3.connect(tmp_path / "mynah.sqlite") as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.close()
        server.start()
        for writer in now:
            check(writer)
    for writer in writers:
        check(writer)
    assert sum(len(writer.users) for writer in writers) > ROUNDS
    assert acknowledged(writers) > ROUNDS


def test_a_reply_that_ran_when_the_server_was_killed_is_partial_and_the_conversation_goes_on(start, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "kept words", hold, "lost words")
    server = start()
    user = User(server)
    conversation = user.conversation()
    path = f"/conversations/{conversation}/messages"
    with pytest.raises(httpx.TransportError), user.stream(path, {"content": "Tell me."}) as events:
        start_event, delta = next(events), next(events)
        time.sleep(2.5)
        server.kill()
        list(events)
    hold.release()
    server.start()
    user.sign_in()
    # A reconnecting reader receives the end as soon as the dead server's lease on the turn is over.
    with user.stream(f"/conversations/{conversation}/stream", last_event_id=start_event.id) as events:
        events = [event for event in events if event.name not in ("comment", "start")]
    assert [event.name for event in events] == ["delta", "done"]
    kept = events[-1].data["message"]
    assert (kept["id"], kept["content"], kept["status"]) == (start_event.data["message_id"], "kept words", "partial")
    answer = user.post(path, {"content": "Go on."})[1]
    assert answer["status"] == "complete" and ("assistant", "kept words") in vendor.messages()
    assert [(entry["content"], entry["status"]) for entry in user.messages(conversation)] == [
        ("Tell me.", "complete"), ("kept words", "partial"), ("Go on.", "complete"),
        ("Hello from the vendor.", "complete"),
    ]
    with user.stream(f"/conversations/{conversation}/stream", last_event_id=delta.id) as events:
        assert [event.name for event in events] == ["done"]


def test_tokens_and_key_files_outlive_a_crash(start):
    server = start()
    user = User(server)
    server.kill()
    server.start()
    assert user.get("/users/me")["username"] == user.name


def test_kill_9_while_starting_for_the_first_time_leaves_what_the_next_start_can_use(tmp_path, vendor):
    chance = random.Random(7)
    for number in range(12):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        server = Server(folder, **vendor.settings)
        server.spawn()
        time.sleep(chance.uniform(0.02, 0.4))
        server.kill()
        server.start()
        try:
            assert User(server, "first").get("/users/me")["username"] == "first"
        finally:
            server.kill()
