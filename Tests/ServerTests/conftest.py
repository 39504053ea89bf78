"""Mynah with the tests' own vendor behind it."""

import pytest
from client import User
from mynah_process import Server
from vendor import Vendor


@pytest.fixture(scope="session")
def running_vendor():
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def vendor(running_vendor):
    running_vendor.reset()
    return running_vendor


@pytest.fixture(scope="session")
def mynah(tmp_path_factory, running_vendor):
    """One server for all tests that do not change its state."""
    server = Server(tmp_path_factory.mktemp("mynah"), **running_vendor.settings).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def user(mynah):
    return User(mynah)


@pytest.fixture
def start(tmp_path, vendor):
    """Starts servers for one test, with its settings, and stops them at its end."""
    started = []

    def start_one(folder=tmp_path, **settings):
        server = Server(folder, **vendor.settings | settings)
        started.append(server)
        return server.start()

    yield start_one
    for server in started:
        if server.process and server.process.poll() is None:
            server.kill()
