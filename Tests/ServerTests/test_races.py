"""Limits against concurrent calls, counted at the vendor: on SQLite, on PostgreSQL, and on two servers that share one
PostgreSQL. MYNAH_RACE_ROUNDS is the number of rounds of each race."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor, as_completed

import httpx
import pytest
from client import User, eventually
from mynah_process import Server, admin, make_admin
from postgres_server import SECRETS, Postgres
from vendor import Hold

ROUNDS = int(os.environ.get("MYNAH_RACE_ROUNDS", "3"))
CALLS = 100
# A reply of at most 1,024 tokens is reserved, each for one micro-unit; the vendor's default reply has four words.
PRICE = "0/1000000"
MOST, WORDS = 1024, 4


class Site:
    """The servers on one database, its operator, and users with individual limits."""

    def __init__(self, folder, vendor, engine):
        self.postgres = None
        settings = vendor.settings | {"DEFAULT_PRICE": PRICE, "RATE_LIMIT": "1000000/minute"}
        if engine != "sqlite":
            (folder / "postgres").mkdir()
            self.postgres = Postgres(folder / "postgres")
            settings |= SECRETS | {"DATABASE_URL": self.postgres.url}
        self.database = folder / "mynah.sqlite"
        self.servers = []
        for number in range(2 if engine == "two" else 1):
            own = folder / f"server-{number}"
            own.mkdir()
            database = {} if self.postgres else {"DATABASE_URL": f"sqlite:///{self.database}"}
            self.servers.append(Server(own, **settings | database).start())
        self.admin = make_admin(self.servers[0])

    def sign_in(self):
        self.admin = admin(self.servers[0])

    def user(self, credits=None, **limits):
        """Creates a user of the first server with a high rate limit and the given other limits."""
        user = User(self.servers[0])
        user.id = user.get("/users/me")["id"]
        change = {"plan": "pro", "limits": {"requests_per_minute": 1_000_000} | limits}
        answer = self.admin.patch(f"/admin/users/{user.id}", json=change)
        assert answer.status_code == 200, answer.text
        if credits is not None:
            body = {"balance": credits, "reason": "A race."}
            answer = self.admin.post(f"/admin/users/{user.id}/credits", json=body)
            assert answer.status_code == 200, answer.text
        return user

    def race(self, path, body, hold=None, **headers):
        """Makes concurrent calls, spread over the servers; a held reply is released after all others were answered."""

        def call(number):
            return clients[number % len(clients)].post(path, json=body, headers=headers)

        endless = httpx.Limits(max_connections=None)
        clients = [httpx.Client(base_url=server.url, timeout=120, limits=endless) for server in self.servers]
        with ThreadPoolExecutor(CALLS) as pool:
            calls = [pool.submit(call, number) for number in range(CALLS)]
            answers = []
            for done in as_completed(calls):
                answers.append(done.result())
                if hold and len(answers) == CALLS - 1:
                    hold.release()
        for client in clients:
            client.close()
        return answers

    def let_time_pass(self):
        """While no server runs: makes reservations expire and the refunding job due."""
        sql = "UPDATE reservations SET expires_at = 1; UPDATE jobs SET run_at = 0 WHERE kind = 'reservations.release';"
        if self.postgres:
            self.postgres.psql(f"\\connect mynah\n{sql}")
        else:
            with sqlite3.connect(self.database) as database:
                database.executescript(sql)

    def kill(self):
        for server in self.servers:
            server.kill()

    def start(self):
        for server in self.servers:
            server.start()
        self.sign_in()

    def close(self):
        for server in self.servers:
            if server.process.poll() is None:
                assert server.stop() == 0
        if self.postgres:
            self.postgres.run("stop")


@pytest.fixture(scope="module", params=["sqlite", "postgres", "two"])
def site(request, tmp_path_factory, running_vendor):
    site = Site(tmp_path_factory.mktemp("races"), running_vendor, request.param)
    yield site
    site.close()


rounds = pytest.mark.parametrize("number", range(ROUNDS))


def only_one(answers, code):
    """Returns the one answered call; all others were refused for this reason."""
    good = [answer for answer in answers if answer.status_code == 200]
    refused = [answer.json()["error"]["code"] for answer in answers if answer.status_code != 200]
    assert (len(good), set(refused)) == (1, {code}), [answer.text for answer in answers[:5]]
    return good[0].json()


def authorization(user):
    return {"Authorization": f"Bearer {user.token}"}


def balance(user):
    credits = user.get("/users/me/usage")["credits"]
    return credits["balance"], credits["reserved"]


@rounds
@pytest.mark.parametrize("path", ["/chat", "/v1/chat/completions"])
def test_credit_for_one(site, vendor, path, number):
    user, hold = site.user(credits=MOST + MOST // 2), Hold()
    vendor.reply = [hold, "Only", " one", " of", " them."]
    body = {"message": "Hi"} if path == "/chat" else {"messages": [{"role": "user", "content": "Hi"}]}
    only_one(site.race(path, body, hold, **authorization(user)), "insufficient_credits")
    assert len(vendor.requests) == 1
    assert balance(user) == (MOST + MOST // 2 - WORDS, 0)


@rounds
@pytest.mark.parametrize("path", ["/chat", "/v1/chat/completions"])
def test_one_message_a_day(site, vendor, path, number):
    user = site.user(messages_per_day=1)
    body = {"message": "Hi"} if path == "/chat" else {"messages": [{"role": "user", "content": "Hi"}]}
    only_one(site.race(path, body, **authorization(user)), "daily_limit_reached")
    assert len(vendor.requests) == 1
    assert user.get("/users/me/usage")["used"]["messages_today"] == 1


@rounds
def test_budget_for_one(site, vendor, number):
    user, hold = site.user(), Hold()
    before, _ = balance(user)
    bot = user.get("/chatbots")["data"][0]["id"]
    key = user.post(f"/chatbots/{bot}/api-keys", {"budget": MOST + MOST // 2}, 201)
    vendor.reply = [hold, "Only", " one", " of", " them."]
    only_one(
        site.race(f"/chatbot/{bot}/query", {"message": "Hi"}, hold, **{"X-API-Key": key["key"]}), "budget_exhausted")
    assert len(vendor.requests) == 1
    assert [key["spent"] for key in user.get(f"/chatbots/{bot}/api-keys")["data"]] == [WORDS]
    assert balance(user) == (before - WORDS, 0)


@rounds
def test_a_kill_9_in_the_middle_spends_and_loses_nothing(site, vendor, number):
    user, hold = site.user(credits=MOST + MOST // 2, messages_per_day=2), Hold()
    vendor.answer("Die.", hold, "never said")
    with ThreadPoolExecutor(CALLS) as pool:
        for index in range(CALLS):
            server = site.servers[index % len(site.servers)]
            pool.submit(httpx.post, f"{server.url}/chat", json={"message": "Die."}, headers=authorization(user))
        assert hold.reached.wait(30)
        site.kill()
    hold.release()
    assert len(vendor.requests) == 1
    site.let_time_pass()
    site.start()
    user = at(user, site.servers[-1])
    assert eventually(lambda: balance(user) == (MOST + MOST // 2, 0), 30), balance(user)
    # The interrupted message has counted, and one is left.
    only_one(site.race("/chat", {"message": "Live."}, **authorization(user)), "daily_limit_reached")
    assert len(vendor.requests) == 2
    assert balance(user) == (MOST + MOST // 2 - WORDS, 0)


def at(user, server):
    """Returns the same user with calls to this server."""
    user.http.base_url, user.port = server.url, server.port
    return user
