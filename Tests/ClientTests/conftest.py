"""Clients of both APIs, with the played model behind Mynah as a vendor of one API or the other."""

import sys
from collections import namedtuple
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / part) for part in (".", "ServerTests", "ClientTests")]

from asked import reading  # noqa: E402
from client import User  # noqa: E402
from mynah_process import Server  # noqa: E402
from played_vendor import PlayedVendor  # noqa: E402
from sdk import application  # noqa: E402

Route = namedtuple("Route", "url key vendor vectors")
VECTORS = {"openai": "played-vectors", "anthropic": "multilingual-e5-small"}


@pytest.fixture(scope="session")
def played():
    vendor = PlayedVendor()
    yield vendor
    vendor.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory, played):
    started = {api: Server(tmp_path_factory.mktemp(api), **played.settings(api)).start() for api in ("openai", "anthropic")}
    yield started
    for server in started.values():
        assert server.stop() == 0


@pytest.fixture(params=["openai", "anthropic"])
def route(request, servers, played):
    """A chatbot named `bird` whose model's vendor has the API of this name, and the model that makes vectors there."""
    server = servers[request.param]
    played.requests.clear()
    reading.reset()
    key = application(User(server), prompt="তুমি একটি শান্ত পাখি। 你是一只平静的鸟。").key
    return Route(server.url, key, played, VECTORS[request.param])
