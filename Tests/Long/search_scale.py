#!/usr/bin/env python3
"""Measures queries of the search in conversations over a million messages of ten users, on both engines, with a release build
as MYNAH_BIN. Exits non-zero if 95 of 100 queries take more than 50 ms, or find another number of messages
than there are.

    search_scale.py [--engine both] [--messages 1000000]"""

import argparse
import json
import random
import sys
import tempfile
import time
from urllib.parse import quote

from hostile_attacks import Caller
from hostile_minute import Scene, quantile
from client import User
from vendor import Vendor

MOST_SECONDS = 0.05
USERS, EACH, WORDS = 10, 100, 20
QUERIES = 300
ALPHABETS = ["কখগঘচজটডতদনপবমযরলশসহািুেো", "ابتثجحدرسشصعفقكلمنهوي", "的一是不了人我在有他这中大来上国", "abcdefghijklmnoprstuvwy"]
chance = random.Random(19)
VOCABULARY = ["".join(chance.choices(letters, k=chance.randint(2, 8))) for letters in ALPHABETS for _ in range(5000)]
chance.shuffle(VOCABULARY)
# A word's share falls with its rank.
WEIGHTS = [1 / (rank + 5) for rank in range(len(VOCABULARY))]


def text():
    return " ".join(chance.choices(VOCABULARY, WEIGHTS, k=chance.randint(WORDS // 2, WORDS * 3 // 2)))


def fill(scene, users, messages):
    """Writes conversations directly into the database; returns how many messages of the first user have each word."""
    counts, rows = {}, messages // USERS // EACH
    for number, user in enumerate(users):
        chatbot = user.post("/chatbots", {"name": "বট"}, 201)
        workspace, me = chatbot["workspace_id"], user.get("/users/me")["id"]
        for block in range(0, rows, 50):
            statements = []
            for row in range(block, min(rows, block + 50)):
                name, at = f"s{number}-{row}", 1_700_000_000_000 + row * 3_600_000
                statements.append(
                    "INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, last_position, created_at, updated_at)"
                    f" VALUES ('{name}', '{workspace}', '{chatbot['id']}', '{me}', {EACH}, {at}, {at})")
                values = []
                for position in range(1, EACH + 1):
                    said = text()
                    if number == 0:
                        for word in set(said.split()):
                            counts[word] = counts.get(word, 0) + 1
                    values.append(
                        f"('{name}-{position}', '{workspace}', '{name}', {position}, '{'user' if position % 2 else 'ai'}', '{said}',"
                        f" 'complete', {at + position * 1000})")
                statements.append(
                    "INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)"
                    f" VALUES {', '.join(values)}")
            scene.sql(*statements)
    return counts


def wait_until_indexed(scene):
    """The job began while the messages were written."""
    began = time.monotonic()
    waiting = "SELECT COUNT(*) FROM conversations WHERE to_index > 0 AND user_id IS NOT NULL"
    while scene.count(waiting):
        time.sleep(5)
    print(f"  indexed {time.monotonic() - began:.0f} s after the last was written", flush=True)


def queries(counts):
    """Words as often as they are said, rare ones, several of them, beginnings, and words that are not there."""
    words = list(counts)
    for number in range(QUERIES):
        word = chance.choices(words, [counts[each] for each in words])[0] if number % 2 else chance.choice(words)
        yield [word, f"{word} {chance.choice(words)}", word[:2], word, f"{word}কখকখকখ"][number % 5]


def measure(engine, vendor, messages):
    """Returns the problems found."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(folder, engine, vendor)
        try:
            users = [scene.neighbour, scene.hostile, *(User(scene.server, f"user{n}") for n in range(USERS - 2))]
            counts = fill(scene, users, messages)
            print(f"{engine}: {messages} messages", flush=True)
            wait_until_indexed(scene)
            users[0].sign_in()
            caller, times, problems = Caller(scene.server.port, users[0].token), [], []
            for query in list(queries(counts)):
                began = time.monotonic()
                status, body = caller.call("GET", f"/conversations/search?q={quote(query)}")
                times.append(time.monotonic() - began)
                assert status == 200, body
            for word in chance.sample([word for word, count in counts.items() if count < 40], 20):
                found = json.loads(caller.call("GET", f"/conversations/search?q={quote(word)}&limit=50")[1])["data"]
                if len(found) < counts[word]:
                    problems.append(f"{engine}: {len(found)} of {counts[word]} messages with {word}")
            p95 = quantile(times, 0.95)
            print(f"  {len(times)} queries, ms: p50 {quantile(times, 0.5) * 1000:.1f}  p95 {p95 * 1000:.1f}  max "
                  f"{max(times) * 1000:.1f}", flush=True)
            return problems + [f"{engine}: p95 {p95 * 1000:.1f} ms"] * (p95 > MOST_SECONDS)
        finally:
            scene.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    engines = ["sqlite", "postgres"] if options.engine == "both" else [options.engine]
    vendor = Vendor()
    problems = [problem for engine in engines for problem in measure(engine, vendor, options.messages)]
    print("\n".join(problems) or "search_scale: passed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
