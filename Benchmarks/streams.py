"""Many concurrent streams: latency of a token, stalls, and cost."""

import json
import subprocess
import sys
import threading
import time

import servers
from load import quiet
from processes import Process, free_port

RATE = 20
SIZES = [1, 10, 100, 500, 1000, 2000]


class Peak:
    """The peak memory of a process while it was watched."""

    def __init__(self, process):
        self.process = process
        self.most = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.stopped.wait(0.1):
            self.most = max(self.most, self.process.rss())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def ask(port, path, count, tokens, token):
    done = subprocess.run(
        [sys.executable, servers.HERE / "stream_client.py", str(port), path, str(count), str(tokens), token],
        capture_output=True, text=True, check=True,
    )
    return json.loads(done.stdout)


def measure_all(run):
    tokens = 80 if run.quick else 100
    port = free_port()
    model = run.keep(Process(
        "paced model", [sys.executable, servers.HERE / "paced_model.py", port, tokens, RATE], run.folder, port))
    model.start()
    sizes = [100, 2000] if run.quick else SIZES
    rows = []
    for candidate in [None, *run.mynahs("streams", f"{model.url}/v1")]:
        for size in sizes:
            if candidate is None:
                # The cost of this benchmark's model and client alone.
                seen = ask(port, "/v1/chat/completions", size, tokens, "none")
                rows.append({"server": "nothing between", **seen})
                continue
            quiet(candidate.process)
            before = candidate.process.cpu()
            with Peak(candidate.process) as peak:
                seen = ask(candidate.process.port, "/chat", size, tokens, candidate.client.token)
            quiet(candidate.process)
            cpu = candidate.process.cpu() - before
            rows.append({
                "server": candidate.label, **seen, "rss_mb": peak.most / 1e6,
                "cpu_us": cpu / max(1, seen["tokens"]) * 1e6,
            })
            run.say(f"{candidate.label}: {size} streams, {seen['errors']} errors {seen['failed'] or ''}, {peak.most / 1e6:.0f} MB")
            time.sleep(1)
        if candidate:
            candidate.process.stop()
    return rows
