"""Growth of the cost with the data: conversations of one user, messages in one conversation."""

from dataclasses import replace

import report
from load import Work, measure
from seed import Pool
from servers import Client

SIZES = [1, 100, 10_000, 1_000_000]
LENGTHS = {10: 400, 100: 100, 1000: 20, 10_000: 4}


def user(candidate, number):
    """Another user of the same server, with rows of its own."""
    client = Client(candidate.process.url)
    made = client.sign_in(f"growth{number}@example.com")
    if candidate.kind == "mynah":
        candidate.lift(f"growth{number}@example.com")
    return replace(
        candidate, client=client, user=made, chatbot=client.call("GET", "/chatbots")["data"][0]["id"])


def works(candidate, quick):
    made = []
    for size in [100, 10_000] if quick else SIZES:
        owner = user(candidate, size)
        Pool(owner, size, 0)
        token = owner.client.token
        made.append((size, 32, Work("list of 50 conversations", ["/conversations?limit=50"], token=token)))
        if size > 100:
            after = owner.client.call("GET", "/conversations?limit=50")["next"]
            path = f"/conversations?limit=50&after={after}"
            made.append((size, 32, Work("its second page", [path], token=token)))
    for length, conversations in LENGTHS.items():
        if quick and length not in (100, 10_000):
            continue
        pool = Pool(candidate, conversations, length)
        token = candidate.client.token
        paths = [f"/conversations/{each}/messages?limit=50" for each in pool.ids]
        made.append((length, 32, Work("page of 50 messages", paths, token=token)))
        made.append((length, 1, Work.chat(candidate, pool, "chat turn, one at a time")))
    candidate.store.settle()
    return made


def measure_all(run):
    rows = []
    for candidate in run.mynahs("growth")[: 1 if run.quick else None]:
        run.say(f"{candidate.label}: writing rows")
        seen = {}
        asked = works(candidate, run.quick)
        for turn in range(run.first, 2 if run.quick else 4):
            for size, connections, work in asked:
                got = measure(candidate, work, connections, 1, run.folder)
                if turn:
                    seen.setdefault((work.name, size, connections), []).append(got)
        run.say(f"{candidate.label}: growth measured")
        candidate.process.stop()
        rows += [
            {"server": candidate.label, "work": name, "size": size, "connections": connections, **report.medians(got)}
            for (name, size, connections), got in seen.items()
        ]
    return rows
