"""Limits that instances share, and address rules, with the real program and a real Redis."""

import time

import httpx
import pytest
from client import PASSWORD, User
from redis_server import Redis

KEYS = "/.well-known/jwks.json"
BEHIND_PROXY = {"TRUSTED_PROXIES": "127.0.0.1"}


@pytest.fixture
def redis():
    redis = Redis().start()
    yield redis
    redis.stop()


def statuses(server, count, path=KEYS, address=None):
    """The statuses of calls, of another address if a proxy before the server tells of one."""
    headers = {"X-Forwarded-For": address} if address else {}
    with httpx.Client(base_url=server.url, headers=headers) as http:
        return [http.get(path).status_code for _ in range(count)]


def until_said(server, text, times=1):
    deadline = time.monotonic() + 30
    while server.said.count(text) < times:
        assert time.monotonic() < deadline, server.said[-2000:]
        time.sleep(0.05)


def test_two_instances_share_a_limit_and_go_on_without_redis(start, redis, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/mynah.sqlite", "REDIS_URL": redis.url, "RATE_LIMIT": "20/day",
        "LOG_LEVEL": "info",
    } | BEHIND_PROXY
    for folder in folders:
        folder.mkdir()
    one, two = (start(folder, **settings) for folder in folders)
    alice = User(one)

    # On a busy machine Redis answers some too late, which the instances then count for themselves: not of each address.
    addresses = [f"198.51.100.{number}" for number in range(1, 8)]

    def together(address):
        return [status for _ in range(15) for server in (one, two) for status in statuses(server, 1, address=address)]

    answers = {address: together(address) for address in addresses}
    shared = [address for address in addresses if (answers[address].count(200), answers[address].count(429)) == (20, 10)]
    assert shared, answers

    redis.stop()
    for server in (one, two):
        # This bucket is still full, and has the same depth.
        answers = [statuses(server, 25, address=address) for address in shared]
        assert any(set(each) == {200, 429} and 20 <= each.count(200) <= 21 for each in answers), answers
        until_said(server, "Redis is away")
    assert alice.get("/users/me")["id"]

    redis.start()
    for server in (one, two):
        until_said(server, "Redis answers again")
    assert any(together(address).count(200) == 20 for address in addresses), "Redis began anew, and both count there"

    redis.freeze()
    began = time.monotonic()
    assert {status for server in (one, two) for status in statuses(server, 30)} <= {200, 429}
    assert alice.get("/users/me")["id"]
    for server in (one, two):
        until_said(server, "Redis is away", 2)
    redis.thaw()
    for server in (one, two):
        until_said(server, "Redis answers again", 2)
    assert time.monotonic() - began < 60


def test_a_redis_that_was_never_there_hinders_nobody(start):
    server = start(REDIS_URL="redis://:canary-redis-secret@127.0.0.1:1/0", RATE_LIMIT="5/day")
    assert statuses(server, 7) == [200] * 5 + [429] * 2
    until_said(server, "Redis is away")
    assert server.said.count("Redis is away") == 1 and "canary" not in server.said


@pytest.mark.parametrize("url, why", [("rediss://cache", "TLS"), ("cache:6379", "redis://:password@127.0.0.1:6379/0")])
def test_an_address_of_redis_that_cannot_be_used_is_named(start, url, why):
    with pytest.raises(RuntimeError, match="REDIS_URL") as failed:
        start(REDIS_URL=url)
    assert why in str(failed.value) and "cache" not in str(failed.value).split("REDIS_URL")[1]


def sign_in(server, name, password, address):
    return httpx.post(
        f"{server.url}/auth/login", json={"username": name, "password": password},
        headers={"X-Forwarded-For": address}, timeout=60,
    )


def test_strangers_cannot_lock_out_the_one_whose_password_they_guess(start):
    server = start(**BEHIND_PROXY)
    victim = User(server)
    home = "198.51.100.7"
    assert sign_in(server, victim.name, PASSWORD, home).status_code == 200
    guesses = [
        sign_in(server, victim.name, "a guess", f"10.0.{network}.{host}").status_code
        for network in range(22) for host in [network] * 5
    ]
    # Two of a hundred were used by the first sign-ins from new addresses.
    assert guesses == [401] * 98 + [429] * 12
    assert sign_in(server, victim.name, PASSWORD, "10.0.99.1").status_code == 429, "a stranger's, right or not"
    assert sign_in(server, victim.name, PASSWORD, home).status_code == 200
    assert sign_in(server, victim.name, PASSWORD, "127.0.0.1").status_code == 200, "where it registered and signed in"
    server.restart()
    assert sign_in(server, victim.name, PASSWORD, home).status_code == 200


def get(server, path, address):
    return httpx.get(server.url + path, headers={"X-Forwarded-For": address})


def test_only_listed_addresses_get_in(start):
    server = start(IP_ALLOWLIST="198.51.100.0/24, 2001:db8:1::/48, 127.0.0.1", **BEHIND_PROXY)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for address in ["198.51.100.9", "2001:db8:1:2::3", "::ffff:198.51.100.1"]:
        assert get(server, "/health", address).status_code == 200
    for address in ["198.51.101.9", "2001:db8:2::3", "203.0.113.1"]:
        for path in ["/", "/health/live", "/assets/app.js", "/users/me", "/no/such/path", "/v1/models"]:
            answer = get(server, path, address)
            assert answer.status_code == 403, path
            assert "address_refused" in answer.text or path.startswith("/v1"), answer.text
        refused = httpx.get(
            f"{server.url}/chat/ws?ticket=x", headers=upgrade | {"X-Forwarded-For": address})
        assert refused.status_code == 403
        posted = httpx.post(f"{server.url}/auth/login", content=b"{", headers={"X-Forwarded-For": address})
        assert posted.status_code == 403, "before anything else is looked at"
    # A supervisor on the machine connects directly, without a proxy.
    assert httpx.get(f"{server.url}/health/live").status_code == 200


def test_a_supervisor_on_the_machine_is_let_in(start):
    server = start(IP_ALLOWLIST="203.0.113.0/24")
    for path in ["/health/live", "/health/ready"]:
        assert httpx.get(server.url + path).status_code == 200
    for path in ["/health", "/", "/health/live/x"]:
        assert httpx.get(server.url + path).status_code == 403


def test_a_network_that_is_none_is_named_at_the_start(start):
    with pytest.raises(RuntimeError, match="IP_ALLOWLIST: '10.0.0.0/33'"):
        start(IP_ALLOWLIST="10.0.0.0/33")
