#!/usr/bin/env python3
"""Measures what traces cost: the processor time of chat turns and of completions on /v1, with a collector and without, in turn
on two servers with a release build as MYNAH_BIN. Exits non-zero if the median of the rounds is more than 3 % above.

    tracing_cost.py [--rounds 9] [--calls 2000]"""

import argparse
import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests"), str(ROOT / "Tests/ServerTests")]

from client import User  # noqa: E402
from mynah_process import Server  # noqa: E402
from sdk import application  # noqa: E402
from trace_sink import TraceSink  # noqa: E402
from vendor import Vendor  # noqa: E402

MOST_RATIO = 1.03
CALLERS = 4
TEXTS = ["নমস্কার, কেমন আছেন?", "مرحبا، كيف الحال؟", "你好,今天怎么样? 🐤", "Good morning, how are you?"]


class Side:
    """A server and its callers."""

    def __init__(self, folder, vendor, **settings):
        Path(folder).mkdir()
        self.server = Server(folder, **vendor.settings, **settings).start()
        self.users = [User(self.server) for _ in range(CALLERS)]
        for user in self.users:
            user.application = application(user)

    def seconds(self):
        """The processor time of the server until now."""
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cost(self, call, calls):
        """Microseconds of a call."""

        def some(user):
            for number in range(calls // CALLERS):
                call(user, TEXTS[number % len(TEXTS)])

        before = self.seconds()
        with ThreadPoolExecutor(CALLERS) as pool:
            list(pool.map(some, self.users))
        return (self.seconds() - before) / calls * 1e6


def turn(user, text):
    answer = user.http.post("/chat", json={"message": text})
    assert answer.status_code == 200, answer.text


def completion(user, text):
    body = {"model": user.application.slug, "messages": [{"role": "user", "content": text}]}
    key = {"Authorization": f"Bearer {user.application.key}"}
    answer = user.http.post("/v1/chat/completions", json=body, headers=key)
    assert answer.status_code == 200, answer.text


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--calls", type=int, default=2000)
    chosen = options.parse_args()
    failed = False
    sink, vendor = TraceSink(), Vendor()
    with tempfile.TemporaryDirectory() as folder:
        sides = [
            Side(f"{folder}/plain", vendor), Side(f"{folder}/traced", vendor, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)]
        try:
            for call in (turn, completion):
                for side in sides:
                    side.cost(call, chosen.calls // 4)
                rounds = [[side.cost(call, chosen.calls) for side in sides] for _ in range(chosen.rounds)]
                plain, traced = (statistics.median(costs) for costs in zip(*rounds))
                ratio = statistics.median(traced / plain for plain, traced in rounds)
                ratios = sorted(traced / plain for plain, traced in rounds)
                print(
                    f"{call.__name__}: {plain:.0f} µs without traces, {traced:.0f} with; ratio {ratio:.3f}"
                    f" ({ratios[0]:.3f} to {ratios[-1]:.3f}), {len(sink.spans):,} spans came", flush=True)
                failed |= ratio > MOST_RATIO or not sink.spans
        finally:
            for side in sides:
                side.server.stop()
            vendor.close()
            sink.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
