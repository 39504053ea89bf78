"""llm-comply's cases: those of both APIs that pass straight at the vendor pass with Mynah between, and so do those of responses."""

import json
import subprocess
import sys

import pytest
from client import User
from sdk import application

# A name that enables the cases of models that think.
MODEL = "gpt-5-claude-opus"
HEADERS = ["--auth-header", "x-api-key", "--no-bearer", "-H", "anthropic-version:2023-06-01"]
# Without a model's name, a chatbot's key means its chatbot; OpenRouter's `reasoning` has no meaning at Anthropic.
DIFFERENT = {("openai", "chat-error-handling"), ("anthropic", "chat-error-handling"), ("anthropic", "chat-reasoning-summary")}


def comply(form, url, key):
    """Returns the names of the cases, and whether each passed."""
    done = subprocess.run(
        [sys.executable, "-m", "llm_comply.cli", "--json", "--format", form, "-u", f"{url}/v1", "-k", key, "-m", MODEL,
         *(HEADERS if form == "anthropic" else [])], capture_output=True, text=True, timeout=120)
    print(done.stdout, done.stderr)
    return {case["id"]: case["status"] == "passed" for case in json.loads(done.stdout)["results"]}


@pytest.mark.parametrize("form", ["openai-chat", "anthropic"])
@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_what_passes_at_the_vendor_passes_here(form, api, servers, played):
    control = passed_of(comply(form, played.url, "vendor-key"))
    assert len(control) == 9
    passed = passed_of(comply(form, servers[api].url, application(User(servers[api]), name=MODEL).key))
    assert control - passed == {case for vendor, case in DIFFERENT if vendor == api} & control


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_responses(api, servers):
    cases = comply("open-responses", servers[api].url, application(User(servers[api]), name=MODEL).key)
    # It sends no model's name either.
    assert len(cases) == 13 and set(cases) - passed_of(cases) == {"error-handling"}


def passed_of(cases):
    return {case for case, passed in cases.items() if passed}
