"""Counts the processor's instructions for a request, with callgrind, for one binary or two beside each other.

    python3 Benchmarks/instructions.py BINARY [OTHER]

Each figure is the count of a run with some requests of one kind less the count of a run with none, divided by their
number. Counts do not depend on the machine's load, so that two versions can be compared to a percent. callgrind
(Debian: valgrind) runs the server about fifty times slower."""

import argparse
import http.client
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

import servers
from servers import Failed, Nginx

REQUESTS = 300
QUESTION = "কাল সকালে দোকান কখন খোলে?"


def call(candidate, method, path, body=None):
    return lambda connection: (connection.request(
        method, path, body and json.dumps(body), {"Authorization": f"Bearer {candidate.client.token}",
                                                  "Content-Type": "application/json"}), connection.getresponse())[1]


def kinds(candidate, conversation):
    """The measured requests, by name."""
    completion = {"model": "default", "messages": [{"role": "user", "content": QUESTION}]}
    completion["model"] = candidate.chatbot
    return {
        "none": None,
        "/users/me": call(candidate, "GET", "/users/me"),
        "chatbots": call(candidate, "GET", "/chatbots"),
        "chat turn": call(candidate, "POST", "/chat", {"conversation_id": conversation, "message": QUESTION}),
        "completion": call(candidate, "POST", "/v1/chat/completions", completion),
        "stream": call(candidate, "POST", "/v1/chat/completions", completion | {"stream": True}),
    }


def instructions(binary, kind, model, folder):
    """Returns the instructions of a whole run of the server with REQUESTS requests of one kind."""
    candidate = servers.mynah(binary, folder, "sqlite", f"http://127.0.0.1:{model.port}/v1", None)
    process = candidate.process
    process.command = [
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out", *process.command]
    process.start(timeout=300)
    try:
        candidate.user = candidate.client = servers.Client(process.url)
        candidate.client.sign_in("bench@example.com")
        candidate.chatbot = candidate.client.call("GET", "/chatbots")["data"][0]["id"]
        conversation = candidate.client.call("POST", "/conversations", {})["id"]
        # A plan's daily limits would refuse most of the requests.
        candidate.process.command = [binary]
        candidate.lift("bench@example.com")
        # What is read or made only once is not counted.
        for request in kinds(candidate, conversation).values():
            if request:
                send(process.port, request, 2)
        if request := kinds(candidate, candidate.client.call("POST", "/conversations", {})["id"])[kind]:
            send(process.port, request, REQUESTS)
    finally:
        process.stop()
    total = re.search(r"^(?:summary|totals): (\d+)", (Path(folder) / "callgrind.out").read_text(), re.MULTILINE)
    if not total:
        raise Failed("callgrind wrote no sum")
    return int(total[1])


def send(port, request, count):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(count):
        response = request(connection)
        if response.read() == b"" or response.status not in (200, 201):
            raise Failed(f"status {response.status}")
    connection.close()


def counts(binary):
    """Returns the instructions of one request, by kind."""
    totals = {}
    with tempfile.TemporaryDirectory() as folder:
        model = Nginx(folder)
        model.ready = None
        model.start()
        try:
            for kind in kinds(servers.Candidate("", "", "", None, None, client=servers.Client("")), ""):
                with tempfile.TemporaryDirectory() as own:
                    totals[kind] = instructions(binary, kind, model, own)
        finally:
            model.stop()
    return {kind: (total - totals["none"]) / REQUESTS for kind, total in totals.items() if kind != "none"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binaries", nargs="+", metavar="BINARY")
    binaries = [str(Path(name).resolve()) for name in options.parse_args().binaries]
    if not shutil.which("valgrind"):
        raise Failed("valgrind is not installed")
    found = [counts(binary) for binary in binaries]
    for kind, first in found[0].items():
        others = "".join(f"  {other[kind] / 1000:10,.0f}  {other[kind] / first - 1:+7.1%}" for other in found[1:])
        print(f"{kind:<12}{first / 1000:10,.0f} thousand{others}")


if __name__ == "__main__":
    sys.exit(main())
