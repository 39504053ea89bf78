#!/usr/bin/env python3
"""Runs LangChain's standard suites of chat models, straight at a vendor and with Mynah between, and compares.

    langchain_suites.py [--vendors played,llama]

The classes are ChatOpenAI and ChatAnthropic. The vendors are the tests' played model, which Mynah reaches in OpenAI's and
in Anthropic's API, and the packaged model on a real llama.cpp server, which Mynah reaches as a server with OpenAI's API and
as its own local model. Prints how many tests pass; exits non-zero if one fails with Mynah between and not without."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / part) for part in (".", "ServerTests", "ClientTests")]

from client import User, eventually  # noqa: E402
from llama_server import ALIAS, KEY, LlamaServer  # noqa: E402
from mynah_process import ROOT, Server  # noqa: E402
from played_vendor import PlayedVendor  # noqa: E402

CLASSES = {"openai": "ChatOpenAI", "anthropic": "ChatAnthropic"}
# What Mynah refuses by its name: PDF files, for servers that are not known to have a part for them.
REFUSED = {"test_pdf_inputs", "test_pdf_tool_message"}


def suite(name, vendor, url, key, model, other):
    """Runs the suite once; returns the names of the tests that passed, and of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        environment = dict(
            os.environ, SUITE_CLASS=name, SUITE_VENDOR=vendor, SUITE_URL=url, SUITE_KEY=key, SUITE_MODEL=model, SUITE_OTHER=other)
        done = subprocess.run(
            [ROOT / ".venv-clients/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "--tb=line",
             "-o", "asyncio_mode=auto", "-o", "asyncio_default_test_loop_scope=session", f"--junitxml={report}",
             TESTS / "ClientTests/suite_langchain.py"],
            env=environment, cwd=folder, capture_output=True, text=True)
        if not report.exists():
            raise RuntimeError(done.stdout + done.stderr)
        passed, failed = set(), {}
        for case in ElementTree.parse(report).iter("testcase"):
            trouble = case.find("failure") if case.find("error") is None else case.find("error")
            if trouble is not None:
                failed[case.get("name")] = trouble.get("message")
            elif case.find("skipped") is None:
                passed.add(case.get("name"))
        return passed, failed


def through(vendor, settings, name):
    """Runs the suite through a Mynah with these settings."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, **settings).start()
        try:
            user = User(server)
            assert eventually(lambda: user.get("/health")["model"] == "ready", 60)
            bird = user.post("/chatbots", {"name": "Bird"}, 201)
            key = user.post(f"/chatbots/{bird['id']}/api-keys", {}, 201)["key"]
            return suite(name, vendor, server.url, key, "bird", settings.get("LLM_MODEL", ALIAS))
        finally:
            server.stop()


def compare(title, control, run):
    """Prints one line; returns what only the control passes."""
    passed, failed = run
    lost = control[0] - passed
    print(f"| {title} | {len(passed)} | {len(control[0])} |", flush=True)
    for test in sorted(lost):
        known = " (refused by its name)" if re.sub(r"\[.*", "", test) in REFUSED else ""
        print(f"  {test}{known}: {failed.get(test, 'skipped')[:300]}".replace("\n", " "), flush=True)
    return {test for test in lost if re.sub(r"\[.*", "", test) not in REFUSED}


def routes(vendors):
    """Yields a vendor's name, the control's address, key and models, and the ways through Mynah."""
    if "played" in vendors:
        vendor = PlayedVendor()
        yield "played", (vendor.url, "vendor-key", "played", "other"), {
            "a vendor with OpenAI's API": vendor.settings("openai"), "a vendor with Anthropic's API": vendor.settings("anthropic")}
        vendor.close()
    if "llama" in vendors:
        vendor = LlamaServer()
        yield "llama", (vendor.url, KEY, ALIAS, ALIAS), {
            "llama.cpp at OPENAI_BASE_URL": vendor.settings(), "the local model": {}}
        vendor.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vendors", default="played,llama")
    options = parser.parse_args()
    print("| suite | with Mynah | without |\n| --- | --: | --: |")
    lost = set()
    for vendor, straight, ways in routes(options.vendors.split(",")):
        for name, title in CLASSES.items():
            control = suite(name, vendor, *straight)
            for way, settings in ways.items():
                lost |= compare(f"{title}, {way}", control, through(vendor, settings, name))
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
