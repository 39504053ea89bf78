"""One tenant's load on the database does not slow another tenant's turns, on both engines."""

import sqlite3
import statistics
import threading
import time
from contextlib import closing

import httpx
import pytest
from client import User, eventually
from mynah_process import Server
from postgres_server import SECRETS, Postgres

# The vendor's time for the neighbour's replies, compared with which the server's own is small.
REPLY_SECONDS = 0.15
FLOOD_SECONDS = 6
MESSAGES = 100_000
LOGS = 40_000


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request, tmp_path_factory, running_vendor):
    folder = tmp_path_factory.mktemp(f"neighbours-{request.param}")
    settings = {}
    if request.param == "postgres":
        postgres = Postgres(tmp_path_factory.mktemp("postgres"))
        request.addfinalizer(lambda: postgres.run("stop"))
        settings = SECRETS | {"DATABASE_URL": postgres.url}
        server = Server(folder, **running_vendor.settings | settings)
        server.postgres = postgres
    else:
        server = Server(folder, **running_vendor.settings)
        server.postgres = None
    server.start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def neighbour(server, vendor):
    """A user whose turns must all succeed; `turn` returns the seconds that one took."""
    vendor.reply = [REPLY_SECONDS, "শুভ", " সকাল"]
    user = User(server)

    def turn():
        began = time.monotonic()
        assert user.post("/chat", {"message": "كيف الحال؟"})["message"]["status"] == "complete"
        return time.monotonic() - began

    user.turn = turn
    turn()
    return user


def times(neighbour, seconds):
    end, found = time.monotonic() + seconds, []
    while time.monotonic() < end:
        found.append(neighbour.turn())
    return found


def flood(server, user, calls, threads=12):
    """Repeats these calls from several connections until the returned function is called, which returns the statuses
    received."""
    stop, statuses = threading.Event(), []

    def run(number):
        with httpx.Client(base_url=server.url, headers=user.http.headers, timeout=120) as client:
            while not stop.is_set():
                for method, path, body in calls[number % len(calls):] + calls[:number % len(calls)]:
                    statuses.append(client.request(method, path, json=body).status_code)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()

    def end():
        stop.set()
        for thread in running:
            thread.join(60)
        return statuses

    return end


def check(calm, flooded):
    """Twice the time, plus a margin for a busy machine: a debug build shares two processors with the flood.
    After the whole flood, a turn would take seconds."""
    assert statistics.median(flooded) <= 2 * statistics.median(calm) + 0.4, (calm, flooded)


def test_a_flood_of_slow_reads(server, neighbour):
    """Sums over half a day with many logs: slow in the database, small on the wire."""
    hostile = User(server)
    bot = hostile.post("/chatbots", {"name": "x"}, 201)["id"]
    workspace = hostile.get("/users/me")["workspace_id"]
    day = 86_400_000
    noon = (int(time.time() * 1000) // day - 2) * day + day // 2
    columns = ("id, workspace_id, chatbot_id, model, prompt_tokens, completion_tokens, cost, total_ms, outcome, created_at")
    if server.postgres:
        server.postgres.query(f"""
            INSERT INTO message_logs ({columns}) SELECT 'slow-' || n, '{workspace}', '{bot}', 'm', 1, 1, 1, 1, 'complete',
            {noon} - 1 - n FROM generate_series(1, {LOGS}) n;
        """)
    else:
        with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=30)) as database, database:
            database.executemany(
                f"INSERT INTO message_logs ({columns}) VALUES (?, ?, ?, 'm', 1, 1, 1, 1, 'complete', ?)",
                [(f"slow-{n}", workspace, bot, noon - 1 - n) for n in range(LOGS)])

    def instant(milliseconds):
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(milliseconds / 1000))

    half = f"/chatbots/{bot}/usage?from={instant(noon - day // 2)}&to={instant(noon)}"
    assert hostile.get(half)["total"]["messages"] == LOGS
    calm = times(neighbour, 2)
    end = flood(server, hostile, [("GET", f"{half}&by={by}", None) for by in ("day", "model", "key")])
    flooded = times(neighbour, FLOOD_SECONDS)
    assert set(end()) <= {200, 503}
    check(calm, flooded)


def test_a_flood_of_writes(server, neighbour):
    hostile = User(server)
    bot = hostile.post("/chatbots", {"name": "x"}, 201)["id"]
    calm = times(neighbour, 2)
    end = flood(server, hostile, [
        ("PATCH", f"/chatbots/{bot}", {"greeting": "স্বাগতম"}), ("POST", "/conversations", {}),
        ("POST", f"/chatbots/{bot}/prompts", {"content": "أجب باختصار"}),
    ])
    flooded = times(neighbour, FLOOD_SECONDS)
    assert set(end()) <= {200, 201, 402, 503}
    check(calm, flooded)


def fill(server, user, bot):
    """Adds messages to a chatbot directly in the database."""
    workspace = user.get("/users/me")["workspace_id"]
    me = user.get("/users/me")["id"]
    conversations, each = 200, MESSAGES // 200
    if server.postgres:
        server.postgres.query(f"""
            INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, last_position, created_at, updated_at)
            SELECT 'c-' || n, '{workspace}', '{bot}', '{me}', {each}, n, n FROM generate_series(1, {conversations}) n;
            INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)
            SELECT 'm-' || n || '-' || p, '{workspace}', 'c-' || n, p, 'user', repeat('লিখিত কথা ', 40), 'complete', 1
            FROM generate_series(1, {conversations}) n, generate_series(1, {each}) p;
        """)
        return
    with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=30)) as database, database:
        database.executemany(
            "INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, last_position, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(f"c-{n}", workspace, bot, me, each, n, n) for n in range(conversations)])
        database.executemany(
            "INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)"
            " VALUES (?, ?, ?, ?, 'user', ?, 'complete', 1)",
            ((f"m-{n}-{p}", workspace, f"c-{n}", p, "লিখিত কথা " * 40) for n in range(conversations) for p in range(each)))


def count(server, sql):
    if server.postgres:
        return int(server.postgres.query(f"{sql};"))
    with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=30)) as database:
        return database.execute(sql).fetchone()[0]


def test_a_large_deletion(server, neighbour):
    """It resumes after a kill, and other users chat meanwhile."""
    # So that the database's statistics are from when it was nearly empty.
    server.restart()
    hostile = User(server)
    bot = hostile.post("/chatbots", {"name": "busy", "slug": "busy"}, 201)["id"]
    fill(server, hostile, bot)
    left = "SELECT COUNT(*) FROM messages WHERE id LIKE 'm-%'"
    assert count(server, left) == MESSAGES
    calm = times(neighbour, 2)
    hostile.delete(f"/chatbots/{bot}")
    # The answer did not wait for the messages. Not a time: a write after so many can wait for the disk.
    assert count(server, left) > 0
    assert hostile.get("/conversations")["data"] == []
    hostile.get("/conversations/c-1/messages", 404)
    hostile.post("/chatbots", {"name": "busy", "slug": "busy"}, 201)
    deleting = times(neighbour, 2)
    # The longest wait is measured by Tests/Long/deletion_waits.py, alone on its machine.
    check(calm, deleting)
    assert 0 < count(server, left) < MESSAGES
    server.kill()
    server.start()
    assert eventually(lambda: count(server, left) == 0, 150)
    assert eventually(lambda: count(server, "SELECT COUNT(*) FROM chatbots WHERE deleted_at IS NOT NULL") == 0, 30)
    neighbour.turn()
