#!/usr/bin/env python3
"""Measures Mynah and its peers in one run on one machine; README.md explains the results."""

import argparse
import datetime
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import growth
import prepare
import report
import servers
import streams
from load import Work, measure
from processes import Failed
from seed import Pool

PARTS = ["turns", "starts", "forward", "growth", "streams"]
COMPLETION = {"model": "bench", "messages": [{"role": "user", "content": "When are you open on Saturdays?"}]}


class Run:
    def __init__(self, options):
        self.quick = options.quick
        self.parts = options.only.split(",") if options.only else PARTS
        self.engines = options.engines.split(",")
        self.rounds = options.rounds or (2 if self.quick else 4)
        # The round before the first is a warm-up and is discarded; a quick run has none.
        self.first = 1 if self.quick else 0
        # Databases belong on a disk; /tmp may be in memory.
        self.folder = Path(tempfile.mkdtemp(prefix="mynah-bench-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.running = []
        self.missing = {}
        self.results = {"machine": prepare.machine(), "date": datetime.date.today().isoformat(), "quick": self.quick}

    def seconds(self, connections, turn):
        """Many connections give more data, and slow servers answer few requests a second."""
        return 3 if turn and connections > 1 and not self.quick else 1

    def say(self, text):
        print(f"bench: {text}", flush=True)

    def keep(self, process):
        self.running.append(process)
        return process

    def start(self):
        self.model = self.keep(servers.Nginx(self.folder))
        self.model.start()
        self.model_url = f"{self.model.url}/v1"
        self.postgres = None
        if "postgres" in self.engines:
            self.postgres = self.keep(servers.Postgres(self.folder))
            self.postgres.start()

    def candidate(self, make, label, *arguments, **named):
        """Returns a prepared server, or None and a row with the reason."""
        candidate = make(*arguments, **named)
        self.keep(candidate.process)
        try:
            candidate.prepare()
        except (Failed, OSError) as reason:
            self.missing[label] = str(reason)
            self.say(f"{label}: not available: {reason}")
            return None
        return candidate

    def mynahs(self, name="mynah", model_url=None):
        found = []
        for engine in self.engines:
            label = "Mynah, SQLite" if engine == "sqlite" else "Mynah, PostgreSQL"
            if label in self.missing:
                continue
            found.append(self.candidate(
                servers.mynah, label, self.binary, self.folder, engine, model_url or self.model_url, self.postgres, name))
        return [each for each in found if each]

    def fastapis(self):
        found = []
        for engine in self.engines:
            label = "FastAPI, SQLite" if engine == "sqlite" else "FastAPI, PostgreSQL"
            found.append(self.candidate(
                servers.fastapi, label, self.venv, self.folder, engine, self.model_url, self.postgres))
        return [each for each in found if each]

    def everything(self):
        self.venv = prepare.peers()
        self.binary = prepare.binary()
        self.results["mynah"] = prepare.version(self.binary, "version")
        self.results["load_before"] = os.getloadavg()[0]
        self.start()
        if "turns" in self.parts or "starts" in self.parts:
            both = self.mynahs() + self.fastapis()
            if "turns" in self.parts:
                self.results["turns"] = self.turns(both)
            self.results["starts"] = self.starts(both)
            for each in both:
                each.process.stop()
        if "forward" in self.parts:
            self.results["forward"] = self.forward()
        if "growth" in self.parts:
            self.results["growth"] = growth.measure_all(self)
        if "streams" in self.parts:
            self.results["streams"] = streams.measure_all(self)
        self.results["load_after"] = os.getloadavg()[0]
        self.results["missing"] = self.missing

    def turns(self, candidates):
        """Runs the same work on each server in turn, round after round."""
        works = []
        for candidate in candidates:
            pool = Pool(candidate, 500 if self.quick else 2000, 20)
            candidate.store.settle()
            token = candidate.client.token
            messages = [f"/conversations/{each}/messages?limit=20" for each in pool.ids]
            works.append([
                Work("health", ["/health"]),
                Work("/users/me", ["/users/me"], token=token),
                Work("20 messages", messages, token=token),
                Work.chat(candidate, pool),
            ])
        rows = {}
        for turn in range(self.first, self.rounds + 1):
            for each in zip(*works):
                for candidate, work in zip(candidates, each):
                    for connections in (1, 32):
                        seen = measure(candidate, work, connections, self.seconds(connections, turn), self.folder)
                        if turn:
                            key = f"{work.name} | {connections} | {candidate.label}"
                            rows.setdefault(key, []).append(seen)
            self.say(f"round {turn} of {self.rounds}, load {os.getloadavg()[0]:.1f}")
        return [
            dict(zip(("work", "connections", "server"), key.split(" | ")), **report.medians(seen))
            for key, seen in rows.items()
        ]

    def starts(self, candidates):
        """Measures the time from the start to the first response, on an existing database."""
        rows = {}
        for _ in range(3 if self.quick else 7):
            for candidate in candidates:
                if "turns" in self.parts and "rss" not in rows.setdefault(candidate.label, {}):
                    rows[candidate.label]["rss"] = candidate.process.rss() / 1e6
                candidate.process.stop()
                seconds = candidate.process.start()
                row = rows.setdefault(candidate.label, {})
                row.setdefault("start_ms", []).append(seconds * 1000)
                row.setdefault("fresh_rss_mb", []).append(candidate.process.rss() / 1e6)
        made = []
        for candidate in candidates:
            row = rows[candidate.label]
            made.append({
                "server": candidate.label, "first_start_ms": candidate.first_start * 1000,
                "rss_after_mb": row.get("rss"), **report.medians(
                    [dict(zip(("start_ms", "fresh_rss_mb"), pair)) for pair in zip(row["start_ms"], row["fresh_rss_mb"])]),
            })
        return made

    def forward(self):
        """Sends POST /v1/chat/completions through each forwarder and through Mynah."""
        path, plain = "/v1/chat/completions", ("", COMPLETION)
        forwarders = [("the model itself", self.model, self.model.port, plain),
                      ("nginx proxy_pass", self.model, self.model.proxy_port, plain)]
        for router in servers.routers(self.venv, self.folder, self.model):
            try:
                self.keep(router).start()
                forwarders.append((router.name, router, router.port, plain))
            except Failed as reason:
                self.missing[router.name] = str(reason)
        for mynah in self.mynahs("forward"):
            body = COMPLETION | {"model": mynah.chatbot}
            try:
                mynah.client.call("POST", path, body)
                forwarders.append((mynah.label, mynah.process, mynah.process.port, (mynah.client.token, body)))
            except OSError as reason:
                self.missing[f"POST {path} through {mynah.label}"] = str(reason)
        rows = {}
        direct = {}
        for turn in range(self.first, 2 if self.quick else self.rounds + 1):
            for label, process, port, (token, body) in forwarders:
                work = Work("forward", [path], [json.dumps(body)], token)
                for connections in (1, 32):
                    candidate = Forwarder(process, port)
                    seen = measure(candidate, work, connections, self.seconds(connections, turn), self.folder)
                    if label == "the model itself":
                        direct[connections] = seen["cpu_us"]
                    elif process is self.model:
                        # One process both forwards and answers: the cost of answering is subtracted.
                        seen["cpu_us"] -= direct[connections]
                    if turn:
                        rows.setdefault(f"{label} | {connections}", []).append(seen)
        return [
            dict(zip(("server", "connections"), key.split(" | ")), **report.medians(seen)) for key, seen in rows.items()
        ]

    def stop(self):
        for process in reversed(self.running):
            process.stop(signal.SIGINT if process.name == "postgres" else signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


class Forwarder:
    """A server that stores nothing, in the form that `measure` needs; its port may be one of several."""

    kind, engine = "forwarder", None

    def __init__(self, process, port):
        self.process = Port(process, port)

    def cpu(self):
        return self.process.cpu(), 0.0


class Port:
    def __init__(self, process, port):
        self.port, self.cpu, self.rss = port, process.cpu, process.rss


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="about three minutes; the figures are rougher")
    options.add_argument("--only", help=f"some parts, comma-separated: {', '.join(PARTS)}")
    options.add_argument("--engines", default="sqlite,postgres", help="sqlite, postgres or both, comma-separated")
    options.add_argument("--rounds", type=int, help="how often everything is measured")
    options.add_argument("--out", type=Path, help="where results.md, .json and .svg go; Benchmarks/ for a whole run")
    options.add_argument("--keep", action="store_true", help="leave databases and logs behind")
    options = options.parse_args()
    prepare.packages()
    prepare.limits()
    whole = not (options.quick or options.only or options.engines != "sqlite,postgres")
    out = options.out or (servers.HERE if whole else prepare.WORK)
    out.mkdir(parents=True, exist_ok=True)
    run = Run(options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        run.everything()
    finally:
        for process in run.running if options.keep else []:
            process.stop(signal.SIGINT if process.name == "postgres" else signal.SIGTERM)
        if options.keep:
            run.say(f"databases and logs are in {run.folder}")
        else:
            run.stop()
    report.write(run.results, out)
    failed = report.errors(run.results)
    for line in failed:
        run.say(line)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
