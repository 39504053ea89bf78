"""Search in conversations: what is indexed after kill -9 at any moment."""

import random
import sqlite3
import threading
import time
from urllib.parse import quote

import httpx
from client import User

ROUNDS = 8
# The job of a server that was killed is taken up when its lease is over.
PATIENCE = 180


def search(user, query, **more):
    """Returns everything that is found, page by page."""
    found, after = [], ""
    while after is not None:
        options = "".join(f"&{name}={value}" for name, value in more.items()) + (f"&after={after}" if after else "")
        page = user.get(f"/conversations/search?q={quote(query)}&limit=50{options}")
        found, after = found + page["data"], page["next"]
    return found


def send(user, conversations, sent):
    """Sends until the server is gone or has had enough."""
    try:
        for number in range(60):
            text = f"শিউলি {number} 大学 🦜"
            user.post(f"/conversations/{conversations[number % len(conversations)]}/messages", {"content": text})
            sent.append(text)
    except httpx.TransportError:
        pass


def test_after_kill_9_every_message_is_found_once(start, vendor, tmp_path):
    chance = random.Random(4)
    vendor.reply = ["উত্তর ", 0.01, "there"]
    server = start()
    user = User(server)
    conversations = [user.conversation() for _ in range(5)]
    total = 0
    for _ in range(ROUNDS):
        sent = []
        sender = threading.Thread(target=send, args=(user, conversations, sent), daemon=True)
        sender.start()
        time.sleep(chance.uniform(0.5, 7))
        server.kill()
        sender.join(30)
        total += len(sent)
        server.start()
        user.sign_in()
    messages = {entry["id"] for each in conversations
                for entry in user.get(f"/conversations/{each}/messages?limit=200")["data"] if entry["sender"] == "user"}
    assert len(messages) >= total > ROUNDS
    until = time.monotonic() + PATIENCE
    found = []
    while len(found) < len(messages) and time.monotonic() < until:
        time.sleep(1)
        found = [entry["message_id"] for entry in search(user, "শিউলি 大学", sender="user")]
    assert sorted(found) == sorted(messages)
    with sqlite3.connect(tmp_path / "mynah.sqlite") as database:
        assert database.execute("SELECT COUNT(*) FROM search_entries").fetchone() == database.execute(
            "SELECT COUNT(*) FROM search_words").fetchone()
        database.execute("INSERT INTO search_words_index (search_words_index) VALUES ('integrity-check')")
    database.close()
