"""Another website, on an origin of its own, with a chatbot's widget on its pages."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import httpx
from axe_playwright_python.sync_playwright import Axe
from mynah_process import PASSWORD
from playwright.sync_api import expect
from texts_of_widget import TEXTS

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
PAGE = """<!doctype html>
<html lang="{lang}">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Shop</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/style.css">
    {scripts}
</head>
<body>
    <main>
        <h1>Shop</h1>
        <p>Lamps, and what belongs to them.</p>
        <label>Search <input name="search"></label>
    </main>
</body>
</html>"""
STYLE = "body { margin: 3rem; font: 1.1rem/1.5 serif; background: #f6f2ea; color: #222; }"


class Website:
    """A server of static pages, whose policy allows Mynah's origin in `script-src` and `connect-src` only."""

    def __init__(self):
        self.files = {}
        website = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                kind, content, headers = website.files.get(urlsplit(self.path).path, ("text/plain", "", {}))
                body = content.encode()
                self.send_response(200 if content else 404)
                for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.url = f"http://localhost:{self.listener.server_port}"
        Thread(target=self.listener.serve_forever, daemon=True).start()

    def serve(self, mynah, scripts, path="/", lang="en", style=STYLE, policy=""):
        """Serves a page with these elements in its head. Returns its address."""
        headers = {
            "Content-Security-Policy":
                f"default-src 'self'; script-src 'self' {mynah}; connect-src 'self' {mynah}; img-src data:; "
                f"require-trusted-types-for 'script'; {policy}",
            "Cross-Origin-Embedder-Policy": "require-corp",
        }
        self.files["/style.css"] = ("text/css", style, {})
        self.files[path] = ("text/html", PAGE.format(lang=lang, scripts=scripts), headers)
        return self.url + path

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


class Shop:
    """A chatbot with a publishable key for a website."""

    numbers = count(1)

    def __init__(self, server, website, **chatbot):
        self.server, self.website = server, website
        self.http = httpx.Client(base_url=server.url, timeout=60)
        name = f"shop{next(self.numbers)}"
        self.http.post("/auth/register", json={"username": name, "password": PASSWORD}).raise_for_status()
        token = self.http.post("/auth/token", data={"username": name, "password": PASSWORD}).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.bot = self.call("POST", "/chatbots", {"name": "Lamp guide", "greeting": "Hello! Ask me."} | chatbot)["id"]
        self.key = self.new_key()

    def call(self, method, path, body=None):
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def new_key(self, **fields):
        body = {"kind": "publishable", "origins": [self.website.url]} | fields
        return self.call("POST", f"/chatbots/{self.bot}/api-keys", body)["key"]

    def set(self, **settings):
        return self.call("PUT", f"/chatbots/{self.bot}/widget", settings)

    @property
    def conversations(self):
        return self.call("GET", f"/chatbots/{self.bot}/conversations")["data"]

    def script(self, mynah=None, key=None, **data):
        more = "".join(f' data-{name}="{value}"' for name, value in data.items())
        return f'<script src="{mynah or self.server.url}/widget.js" data-key="{key or self.key}"{more} async></script>'

    def serve(self, *before, mynah=None, lang="en", path="/", style=STYLE, policy="", **data):
        mynah = mynah or self.server.url
        return self.website.serve(
            mynah, "\n".join([*before, self.script(mynah, **data)]), path, lang, style, policy)


class Visitor:
    """A browser on the website. Unexpected problems are collected in `problems`."""

    NARROW = {"width": 360, "height": 740}
    WIDE = {"width": 1000, "height": 800}

    def __init__(self, browser, size=WIDE, **options):
        self.context = browser.new_context(viewport=size, locale=options.pop("locale", "en-GB"), **options)
        self.page = self.context.new_page()
        self.problems, self.requests, self.expected = [], [], set()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.problems.append(f"script ran: {dialog.message}") or dialog.dismiss())
        self.page.on("response", self._answered)

    def _said(self, message):
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _answered(self, response):
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"answered: {response.request.method} {response.url} {response.status}")

    def open(self, address, lang="en"):
        self.page.goto(address)
        self.t = TEXTS[lang]
        self.launcher.click()
        expect(self.panel).to_be_visible()

    @property
    def launcher(self):
        return self.page.locator("mynah-chat .root > button")

    @property
    def panel(self):
        return self.page.locator("mynah-chat dialog")

    @property
    def composer(self):
        return self.panel.locator("#text")

    @property
    def messages(self):
        return self.panel.locator(".messages .message")

    @property
    def reply(self):
        return self.panel.locator(".messages .theirs .text").last

    @property
    def notice(self):
        return self.panel.locator(".notice")

    def button(self, key):
        return self.panel.get_by_role("button", name=self.t[key], exact=True)

    def say(self, text):
        self.composer.fill(text)
        self.composer.press("Enter")

    def finished(self):
        expect(self.messages.last).to_have_class("message theirs", timeout=60_000)
        expect(self.button("send")).to_be_visible(timeout=60_000)

    @property
    def stored(self):
        return self.page.evaluate("({ ...localStorage })")

    def picture(self, path):
        path.parent.mkdir(exist_ok=True)
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.page.screenshot(path=path)

    def check(self):
        """Checks the accessibility rules, inside the widget too."""
        found = Axe().run(self.page).response["violations"]
        assert not found, [(entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found]

    def close(self):
        self.context.close()
        assert not self.problems, "\n".join(self.problems)
