#!/usr/bin/env python3
"""Measures one tenant's writes while another tenant's 300,000 messages are deleted, on both engines. Exits non-zero if
the deletion adds more than 50 ms to the 99th percentile of the write times.

    deletion_waits.py [--engine both] [--messages 300000]"""

import argparse
import sys
import time

from hostile_attacks import Caller
from hostile_minute import MESSAGES, quantile, scene
from vendor import Vendor

MOST_SECONDS = 0.05
ALONE_SECONDS = 15


def writes(here, goes_on):
    """Returns the times of sequential writes on one connection, as long as `goes_on()`."""
    caller, times = Caller(here.server.port, here.neighbour.token), []
    while goes_on():
        began = time.monotonic()
        status, body = caller.call("POST", "/conversations", {"title": "নতুন কথা"})
        times.append(time.monotonic() - began)
        assert status == 201, body
        time.sleep(0.002)
    return times


def shown(name, times):
    print(f"  {name:<16}{len(times):>7} writes, ms: p50 {quantile(times, 0.5) * 1000:6.1f}  p99 "
          f"{quantile(times, 0.99) * 1000:6.1f}  max {max(times) * 1000:6.1f}", flush=True)
    return quantile(times, 0.99)


def run(engine, vendor, messages):
    print(engine)
    waits = []
    with scene(engine, vendor) as (here, _):
        for what in ("chatbot", "workspace"):
            # Small parts of a minute each, so that the machine's own pauses affect both.
            state = here.prepare_deletion(messages)
            path = f"/chatbots/{state['busy']}" if what == "chatbot" else f"/workspaces/{state['workspace']}"
            for user in (here.neighbour, here.hostile):
                user.sign_in()
            end = time.monotonic() + ALONE_SECONDS
            alone = shown("alone", writes(here, lambda: time.monotonic() < end))
            here.hostile.delete(path)
            looked = [time.monotonic(), True]

            def goes_on():
                if time.monotonic() - looked[0] > 1:
                    looked[:] = [time.monotonic(), here.count(f"SELECT COUNT(*) FROM {what}s WHERE deleted_at IS NOT NULL")]
                return looked[1]

            began = time.monotonic()
            times = writes(here, goes_on)
            waits.append(shown(f"{what} goes", times) - alone)
            print(f"  the {what} was gone after {time.monotonic() - began:.0f} s")
    return waits


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    options = parser.parse_args()
    engines = ["sqlite", "postgres"] if options.engine == "both" else [options.engine]
    vendor = Vendor()
    waits = [wait for engine in engines for wait in run(engine, vendor, options.messages)]
    print(f"the slowest write in a hundred waits {max(waits) * 1000:.1f} ms longer")
    sys.exit(1 if max(waits) > MOST_SECONDS else 0)


if __name__ == "__main__":
    main()
