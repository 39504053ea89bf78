"""A refused sign-in reveals nothing about the account, neither by its response nor by its time."""

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import combinations

import httpx
from client import PASSWORD

TRIALS = int(os.environ.get("MYNAH_TIMING_TRIES", 30))
TICK = 0.25
# Fewer than a name's attempts from all addresses together.
TRIALS_A_NAME = 50
KINDS = ["unknown", "wrong", "disabled", "other_hash", "throttled"]
THROTTLED_FROM = "203.0.113.1"


def names(kind):
    return [f"{kind}{number}" for number in range(1 if kind == "throttled" else -(-TRIALS // TRIALS_A_NAME))]


def register(server, kind):
    for name in names(kind):
        answer = httpx.post(f"{server.url}/auth/register", json={"username": name, "password": PASSWORD}, timeout=60)
        assert answer.status_code == 201, answer.text


def try_to_sign_in(http, kind, number):
    throttled = kind == "throttled"
    name = names(kind)[0 if throttled else number // TRIALS_A_NAME]
    body = {"username": name, "password": PASSWORD if throttled else "a wrong guess"}
    address = THROTTLED_FROM if throttled else f"10.{KINDS.index(kind)}.{number // 250}.{number % 250}"
    began = time.perf_counter()
    answer = http.post("/auth/login", json=body, headers={"X-Forwarded-For": address})
    seconds = time.perf_counter() - began
    error = answer.json()["error"]
    del error["request_id"]
    return kind, seconds, answer.status_code, error


def auc(ones, others):
    """Returns how often a value of the first exceeds one of the second: 0.5 if they are indistinguishable."""
    ranked = sorted([(value, 0) for value in ones] + [(value, 1) for value in others])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


def test_refused_sign_ins_cannot_be_told_apart(start, tmp_path):
    settings = {"TRUSTED_PROXIES": "127.0.0.1"}
    server = start(PASSWORD_HASH="bcrypt", BCRYPT_ROUNDS="8", **settings)
    register(server, "other_hash")
    assert server.stop() == 0
    server = start(**settings)
    for kind in ["wrong", "disabled", "throttled"]:
        register(server, kind)
    with closing(sqlite3.connect(tmp_path / "mynah.sqlite", timeout=10)) as database, database:
        disabled = database.execute("UPDATE users SET disabled_at = 1 WHERE username LIKE 'disabled%'")
        assert disabled.rowcount == len(names("disabled"))
    with httpx.Client(base_url=server.url, timeout=60) as http:
        for _ in range(10):
            headers = {"X-Forwarded-For": THROTTLED_FROM}
            body = {"username": "throttled0", "password": "a wrong guess"}
            assert http.post("/auth/login", json=body, headers=headers).status_code == 401
        with ThreadPoolExecutor(8) as pool:
            tries = list(
                pool.map(
                    lambda index: try_to_sign_in(http, KINDS[index % len(KINDS)], index // len(KINDS)),
                    range(TRIALS * len(KINDS)),
                )
            )

    seconds = {kind: [tried[1] for tried in tries if tried[0] == kind] for kind in KINDS}
    for kind, took, status, error in tries:
        expected = (429, "rate_limited") if kind == "throttled" else (401, "invalid_credentials")
        assert (status, error["code"]) == expected, (kind, error)
        assert took >= TICK, f"{kind}: an answer before its time"
    errors = [error for kind, _, _, error in tries if kind != "throttled"]
    assert all(error == errors[0] for error in errors)
    found = {f"{one} and {other}": auc(seconds[one], seconds[other]) for one, other in combinations(KINDS, 2)}
    for kind in KINDS:
        ordered = sorted(seconds[kind])
        print(f"{kind}: median {ordered[len(ordered) // 2] * 1000:.1f} ms, most {ordered[-1] * 1000:.0f} ms")
    print(found)
    if TRIALS >= 1000:
        assert all(0.4 <= value <= 0.6 for value in found.values()), found
