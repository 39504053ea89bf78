"""Random requests and a random vendor against the built server, beside a neighbour with ordinary turns. The server
never ends, never answers 500, gives a retry time with every 503, and the neighbour's turns all succeed.

    make fuzz                          ten minutes on .build/release/mynah, or on the build that MYNAH names
    make fuzz SECONDS=60 SEED=7        another length, and the seed of a run that failed
"""

import argparse
import collections
import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Fuzz"), str(ROOT / "ServerTests"), str(ROOT)]
if "MYNAH" in os.environ:
    os.environ["MYNAH_BIN"] = os.environ["MYNAH"]
elif (ROOT.parent / ".build/release/mynah").exists():
    os.environ.setdefault("MYNAH_BIN", str(ROOT.parent / ".build/release/mynah"))

import texts  # noqa: E402
from mynah_process import Server, make_admin  # noqa: E402
from wild_requests import Tenant, request  # noqa: E402
from wild_vendor import ECHO, WildVendor, damaged, value, written  # noqa: E402

WORKERS = 8
# Two at their own provider, and one at the provider whose other model is the random vendor.
NEIGHBOURS = ["ollama/calm", "ollama/calm", "calm"]
# A run of at least this many seconds also checks the memory: after a warm-up of a minute and a rest of a minute.
LONG = 300
MINUTE = 60


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """A keep-alive connection."""

    def __init__(self, port):
        self.port, self.connection = port, None

    def send(self, method, path, headers, body, patience=None):
        """Returns the response, or None if the client disconnected first, `patience` seconds after sending if given."""
        for attempt in (1, 2):
            fresh = self.connection is None
            self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                if patience is not None:
                    time.sleep(patience)
                    self.close()
                    return None
                answer = Answer(response.status, response.headers, response.read())
                if response.will_close:
                    self.close()
                return answer
            except (ConnectionError, http.client.HTTPException):
                # The server may have closed an idle connection meanwhile.
                self.close()
                if fresh or attempt == 2:
                    raise

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def __call__(self, method, path, body=None, token=None, form=None, **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None
        if form:
            data, headers["Content-Type"] = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        return self.send(method, path, headers, data)


class Fuzz:
    def __init__(self, seconds, seed, folder):
        self.seconds, self.seed, self.folder = seconds, seed, Path(folder)
        self.faults, self.lock = [], threading.Lock()
        self.counts, self.turns, self.memory = collections.Counter(), collections.Counter(), []
        self.running, self.over = {}, threading.Event()
        self.vendor = WildVendor(seed)
        wild, calm = self.vendor.base + "/wild/v1", self.vendor.base + "/calm/v1"
        self.server = Server(
            folder, LLM_PROVIDER="openai", LLM_MODEL="wild", OPENAI_API_KEY="k", OPENAI_BASE_URL=wild, GROQ_API_KEY="k",
            GROQ_BASE_URL=wild, OPENROUTER_API_KEY="k", OPENROUTER_BASE_URL=wild, ANTHROPIC_API_KEY="k",
            ANTHROPIC_BASE_URL=self.vendor.base + "/wild/v1", OLLAMA_BASE_URL=calm.removesuffix("/v1"), LLM_TIMEOUT="30",
            ACCESS_TOKEN_MINUTES="1440", ALLOW_PRIVATE_ENDPOINTS="on", PASSWORD_HASH="bcrypt", BCRYPT_ROUNDS="4", WIDGET_RATE_LIMIT="100000/second",
        ).start()
        admin = make_admin(self.server)
        for model in ("openai/wild", "anthropic/wild", "ollama/calm", "openai/calm"):
            admin.put(f"/admin/prices/{urllib.parse.quote(model, safe='')}", json={"input_per_million": 3_000_000, "output_per_million": 15_000_000})
        unlimited = {"credits_per_month": 10**15, "keys": None, "messages_per_day": None, "conversations_per_day": None}
        changed = admin.patch("/admin/plans/free", json=unlimited)
        assert changed.status_code == 200, changed.text
        self.admin = admin.headers["Authorization"]
        client = Client(self.server.port)
        self.tenants = [Tenant(client, f"wild{number}", self.vendor.base) for number in range(WORKERS)]
        self.calm = [self._neighbour(client, f"calm{number}", model) for number, model in enumerate(NEIGHBOURS)]

    @staticmethod
    def _neighbour(client, name, model):
        client("POST", "/auth/register", {"username": name, "password": "a calm bird sings"})
        token = client("POST", "/auth/token", form={"username": name, "password": "a calm bird sings"}).json["access_token"]
        bot = client("POST", "/chatbots", {"name": "পাখি", "model": model}, token).json["id"]
        key = client("POST", f"/chatbots/{bot}/api-keys", {"name": "k", "scopes": ["chat", "read"]}, token).json["key"]
        # A caller that succeeded within the last minute is let through whatever the breaker has seen of others.
        first = client("POST", "/chat", {"message": "নমস্কার", "chatbot_id": bot}, token)
        assert first.status == 200 and first.json["message"]["status"] == "complete", first
        return token, bot, key

    def fault(self, what, request=None, answer=None):
        with self.lock:
            self.faults.append((what, request, answer))
        self.over.set()

    def run(self):
        threads = [threading.Thread(target=self._guarded, args=(self._work, number)) for number in range(WORKERS)]
        threads += [threading.Thread(target=self._guarded, args=(self._talk, number)) for number in range(len(NEIGHBOURS))]
        threads += [threading.Thread(target=self._guarded, args=(each, 0)) for each in (self._sockets, self._watch)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self.seconds + 120)
            if thread.is_alive():
                self.fault("a request is still not answered two minutes after the end")
        self._judge()
        return not self.faults

    def _guarded(self, work, number):
        try:
            work(number)
        except Exception as error:
            if not self.over.is_set() or self.server.process.poll() is not None:
                self.fault(f"{type(error).__name__}: {error}", self.running.get(number) if work == self._work else None)

    def _work(self, number):
        chance, client = random.Random(f"{self.seed}/{number}"), Client(self.server.port)
        tenant = self.tenants[number]
        while not self.over.is_set():
            asked = self.running[number] = request(chance, tenant, self.tenants)
            try:
                answer = client.send(asked.method, asked.path, asked.headers, asked.body, asked.patience)
            except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
                # The server may refuse a body before it has read all of it.
                client.close()
                if isinstance(error, TimeoutError):
                    self.fault("not answered in 90 seconds", asked)
                answer = None
            with self.lock:
                self.counts[asked.route, answer.status if answer else "left"] += 1
            if answer:
                self._check(asked, answer)
                tenant.learn(asked, answer)

    def _check(self, asked, answer):
        if answer.status == 500 or answer.status == 503 and "Retry-After" not in answer.headers:
            self.fault(f"answered {answer.status}", asked, answer)

    def _talk(self, number):
        """A neighbour's ordinary turns, by each API."""
        (token, bot, key), client = self.calm[number], Client(self.server.port)
        while not self.over.is_set():
            turn = self.turns[number]
            said = texts.short(turn) if turn % 3 else texts.NATURAL[turn % len(texts.NATURAL)].long
            streams = bool(turn & 1)
            if turn % 4 < 2:
                body, path, who = {"message": said, "chatbot_id": bot, "stream": streams}, "/chat", token
            else:
                body, path, who = {"messages": [{"role": "user", "content": said}], "stream": streams}, "/v1/chat/completions", key
            answer = client("POST", path, body, who)
            heard = reply(answer, streams) if answer.status == 200 else None
            if heard != ECHO + said:
                self.fault(f"the neighbour at {NEIGHBOURS[number]} said {said!r} and heard {heard!r}", None, answer)
            self.turns[number] += 1
            self.over.wait(0.05)

    def _sockets(self, _):
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        chance, client = random.Random(f"{self.seed}/sockets"), Client(self.server.port)
        while not self.over.is_set():
            tenant = chance.choice(self.tenants)
            ticket = client("POST", "/chat/ws-ticket", {}, tenant.token)
            if ticket.status != 200:
                continue
            try:
                with connect(f"ws://127.0.0.1:{self.server.port}/chat/ws?ticket={ticket.json['ticket']}") as socket:
                    for _ in range(chance.randrange(1, 5)):
                        frame = {"type": "message", "message": chance.choice(texts.ALL).long, "id": texts.random_text(chance, 9), "chatbot_id": tenant.bots[0]}
                        frame = damaged(chance, frame) if chance.random() < 0.3 else frame
                        data = written(chance, frame).decode("utf-8", "replace")
                        socket.send(data if chance.random() < 0.9 else data.encode())
                        try:
                            while json.loads(socket.recv(timeout=20))["event"] not in ("done", "error"):
                                pass
                        except TimeoutError:
                            pass
                    with self.lock:
                        self.counts["WebSocket", "open"] += 1
            except (WebSocketException, OSError):
                with self.lock:
                    self.counts["WebSocket", "closed"] += 1

    def _watch(self, _):
        """Checks the process, and from time to time the operators' views."""
        client, start = Client(self.server.port), time.monotonic()
        reads = ["/admin/stats", "/admin/message-logs?content=true", "/admin/users", "/admin/audit-log", "/admin/providers"]
        while not self.over.wait(1):
            passed = time.monotonic() - start
            self.memory.append((passed, self._resident()))
            if self.server.process.poll() is not None:
                self.fault(f"the server ended with {self.server.process.returncode}")
            path = reads[int(passed) % len(reads)]
            answer = client.send("GET", path, {"Authorization": self.admin}, None)
            with self.lock:
                self.counts[f"GET {path.split('?')[0]}", answer.status] += 1
            self._check(path, answer)
            if passed >= self.seconds:
                self.over.set()

    def _resident(self):
        try:
            for line in open(f"/proc/{self.server.process.pid}/status"):
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        except OSError:
            return 0

    def _judge(self):
        if self.server.process.poll() is None and not self.faults and self.seconds >= LONG:
            warm = next(size for passed, size in self.memory if passed >= MINUTE)
            time.sleep(MINUTE)
            rested = self._resident()
            self.memory.append((self.seconds + MINUTE, rested))
            if rested > warm * 1.2:
                self.fault(f"{rested:.0f} MB of memory after a rest, {warm:.0f} MB after a minute's warm-up")
        total = sum(self.counts.values())
        good = sum(count for (_, status), count in self.counts.items() if status in range(200, 300))
        reached = len(self.vendor.asked)
        if not self.faults and good < 0.3 * total:
            self.fault(f"{good} of {total} requests were answered 2xx, less than 30 %")
        if not self.faults and reached < 0.2 * total:
            self.fault(f"{reached} of {total} requests reached the vendor, less than 20 %")
        ended = self.server.process.poll()
        if ended is None and (status := self.server.stop()) != 0:
            self.fault(f"the server stopped with {status}")
        elif ended is not None:
            # One of the requests in flight caused it.
            self.faults = [(f"the server ended with {ended}", None, None)] + [
                ("was on its way when the server ended", asked, None) for asked in self.running.values()]
        if "internal_error" in self.server.said:
            self.fault("the server's log tells of an internal error")
        self.vendor.close()

    def report(self):
        total = max(1, sum(self.counts.values()))
        good = sum(count for (_, status), count in self.counts.items() if status in range(200, 300))
        routes = collections.defaultdict(collections.Counter)
        for (route, status), count in self.counts.items():
            routes[route][status] += count
        for route, statuses in sorted(routes.items()):
            print(f"{route:44} " + "  ".join(f"{status}: {count}" for status, count in sorted(statuses.items(), key=str)))
        print(f"seed {self.seed}; {total} requests in {self.seconds} s, {100 * good / total:.0f} % of them 2xx; "
              f"{len(self.vendor.asked)} reached the vendor ({100 * len(self.vendor.asked) / total:.0f} %), in {self.vendor.calls} calls")
        turns = ", ".join(f"{self.turns[number]} at {model}" for number, model in enumerate(NEIGHBOURS))
        print(f"turns of the neighbours: {turns}; memory in MB: " + ", ".join(
            f"{size:.0f} after {passed:.0f} s" for passed, size in self.memory[:: max(1, len(self.memory) // 6)] + self.memory[-1:]))
        for what, asked, answer in self.faults[:20]:
            print(f"\nFAULT: {what}")
            if asked:
                print(f"  {asked!r}"[:6000])
            if answer:
                print(f"  answered {answer!r}")
        if self.faults:
            kept = self.folder / "faults.txt"
            kept.write_text("\n\n".join(repr(fault) for fault in self.faults), encoding="utf-8", errors="backslashreplace")
            print(f"\nThe requests in full are in {kept}, the server's log beside it. Repeat with SEED={self.seed}.")
            print(self.server.said[-1500:])


def reply(answer, streams):
    """The messages of a neighbour."""
    if not streams:
        body = answer.json
        return body["message"]["content"] if "message" in body else body["choices"][0]["message"]["content"]
    heard = ""
    for line in answer.body.decode().split("\n"):
        if line.startswith("data: {"):
            data = json.loads(line[6:])
            heard += data.get("content", "") if "choices" not in data else "".join(c["delta"].get("content") or "" for c in data["choices"])
    return heard


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--seed", default=str(random.randrange(10**9)))
    given = options.parse_args()
    print(f"fuzz: seed {given.seed}, {given.seconds} s", flush=True)
    fuzz = Fuzz(given.seconds, given.seed, tempfile.mkdtemp(prefix="mynah-fuzz-"))
    holds = fuzz.run()
    fuzz.report()
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
