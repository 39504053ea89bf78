"""A real browser that records every problem of a page, and steps that many tests begin with."""

import base64
import hmac
import os
import struct
import time
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from mynah_process import PASSWORD, Server, make_admin
from playwright.sync_api import expect, sync_playwright
from website import Shop, Visitor, Website

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
# The pages show the free plan's other limits.
Server.lifted = "requests_per_minute = 100000"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1200, "height": 800}
# The first request for the current user is answered like this without a session.
EXPECTED = {("GET", "/users/me", 401)}

expect.set_options(timeout=20_000)
names = (f"user{number}" for number in count(1))


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Console:
    """The console in one browser tab. Unexpected problems are collected in `problems`."""

    def __init__(self, browser, url, **options):
        self.url = url
        self.context = browser.new_context(viewport=WIDE, locale=options.pop("locale", "en-GB"), **options)
        self.page = self.context.new_page()
        self.problems = []
        self.expected = set(EXPECTED)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("dialog", lambda dialog: self.problems.append(f"script ran: {dialog.message}") or dialog.dismiss())

    def _said(self, message):
        # Responses with an error status are checked in _answered, which knows their address.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _failed(self, request):
        # Leaving a page drops the stream that it was reading.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response):
        seen = (response.request.method, urlsplit(response.url).path, response.status)
        if response.status >= 400 and seen not in self.expected:
            self.problems.append(f"answered: {seen}")
        if not response.url.startswith((self.url, "data:", "blob:")):
            self.problems.append(f"outside call: {response.url}")

    def expect(self, method, path, status):
        self.expected.add((method, path, status))

    def open(self, path="/"):
        self.page.goto(f"{self.url}/#{path}")

    def register(self, name=None):
        """Registers an account in the browser; returns its name."""
        name = name or next(names)
        self.open("/register")
        self.page.get_by_label("Username or e-mail").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Create account").click()
        expect(self.heading("What shall we talk about?")).to_be_visible()
        return name

    def heading(self, name):
        return self.page.get_by_role("heading", name=name, level=1)

    @property
    def composer(self):
        return self.page.get_by_role("textbox", name="Message")

    @property
    def messages(self):
        return self.page.locator(".message")

    @property
    def reply(self):
        return self.page.locator(".message.theirs .text").last

    def say(self, text):
        self.composer.fill(text)
        self.composer.press("Enter")

    def finished(self):
        """Waits until the running reply has ended."""
        again = self.page.locator(".message.theirs").last.get_by_role("button", name="Reply again")
        expect(again).to_be_visible(timeout=60_000)

    def call(self, method, path, body=None):
        """Calls the API with the session of this browser."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        headers = {"Origin": self.url}
        response = httpx.request(method, self.url + path, json=body, cookies=cookies, headers=headers, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None

    def check(self, name):
        """Checks the accessibility rules, wide, narrow, light and dark, and takes a picture of each."""
        SCREENSHOTS.mkdir(exist_ok=True)
        for scheme, size in [("light", WIDE), ("dark", WIDE), ("light", NARROW)]:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.set_viewport_size(size)
            self.page.evaluate("new Promise(requestAnimationFrame)")
            self.page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{size['width']}.png")
            found = Axe().run(self.page).response["violations"]
            assert not found, [(entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found]
            width = self.page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name} is wider than the screen"
        self.page.emulate_media(color_scheme=None, reduced_motion=None)
        self.page.set_viewport_size(WIDE)

    def close(self):
        self.context.close()
        assert not self.problems, "\n".join(self.problems)


@pytest.fixture
def open_console(browser):
    """Opens a console at an address; all are closed at the end, and any problem fails the test."""
    opened = []

    def open_one(url, **options):
        opened.append(Console(browser, url, **options))
        return opened[-1]

    yield open_one
    for console in opened:
        console.close()


@pytest.fixture
def console(open_console, scripted):
    return open_console(scripted.url)


def totp(secret, steps=0):
    """Returns an authenticator's code, now or `steps` times 30 seconds later."""
    counter = struct.pack(">Q", int(time.time() // 30) + steps)
    mac = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Operators:
    """A server's operators: the admin `root`, and the operators that it creates."""

    def __init__(self, server):
        self.server = server
        self.http = make_admin(server)

    def call(self, method, path, body=None):
        response = self.http.request(method, path, json=body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def staff(self, username, level):
        return self.call("POST", "/admin/operators", {
            "username": username, "name": f"{username} of support", "password": PASSWORD, "role": "staff",
            "level": level,
        })

    def user(self, name):
        return self.call("GET", f"/admin/users?q={name}")["data"][0]


@pytest.fixture(scope="session")
def run_process(tmp_path_factory, scripted_model):
    """A server with operators and the scripted model."""
    server = Server(
        tmp_path_factory.mktemp("run"), LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url,
    ).start()
    yield server, Operators(server)
    server.stop()


@pytest.fixture
def run(run_process, scripted_model):
    scripted_model.reset()
    server, operators = run_process
    server.model = scripted_model
    server.operators = operators
    return server


@pytest.fixture(scope="session")
def widget_process(tmp_path_factory, scripted_model):
    server = Server(
        tmp_path_factory.mktemp("widget"), LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url, WIDGET_RATE_LIMIT="100000/second",
    ).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def website():
    site = Website()
    yield site
    site.close()


@pytest.fixture
def mynah(widget_process, scripted_model):
    scripted_model.reset()
    widget_process.model = scripted_model
    return widget_process


@pytest.fixture
def shop(mynah, website):
    return Shop(mynah, website)


@pytest.fixture
def visit(browser):
    """Opens a browser for a visitor; any problem fails the test at its end."""
    opened = []

    def visit_one(*args, **options):
        opened.append(Visitor(browser, *args, **options))
        return opened[-1]

    yield visit_one
    for visitor in opened:
        visitor.close()
