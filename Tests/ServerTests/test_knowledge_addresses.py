"""Files that a chatbot knows from an address: what is fetched, and what is not."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from client import User

PAGE = "<!doctype html><title>পাখি</title><p>الطائر 会说话的鸟 🦜".encode()


class Site(BaseHTTPRequestHandler):
    """A website with a page, a redirect, a slow answer and an endless one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/robots.txt"):
            self.server.robots_asked.append((self.path, self.headers["User-Agent"]))
            return self.robots()
        self.server.asked.append(self.path)
        if self.path == "/redirect":
            return self.answer(302, b"", Location="/page")
        if self.path == "/gone":
            return self.answer(404, b"not here")
        if self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(1 << 20))
            except OSError:
                self.server.broken.set()
            return None
        if self.path == "/slow":
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            time.sleep(2)
            return self.wfile.write(b"0123456789")
        return self.answer(200, PAGE, Content_Type="text/plain")

    def robots(self):
        robots = self.server.robots
        if robots == "redirects":
            return self.answer(301, b"", Location=f"/robots.txt?{len(self.server.robots_asked)}")
        if robots == "moved" and "?" not in self.path:
            return self.answer(302, b"", Location="/robots.txt?moved")
        if robots == "cloud":
            return self.answer(302, b"", Location="http://169.254.169.254/robots.txt")
        if robots == "endless":
            self.send_response(200)
            self.end_headers()
            try:
                self.wfile.write(b"User-agent: *\nDisallow: /private\n")
                while True:
                    self.wfile.write(b"Disallow: /x\n" * 1000)
            except OSError:
                self.server.broken.set()
            return None
        if isinstance(robots, int):
            return self.answer(robots, b"User-agent: *\nDisallow: /\n")
        text = "User-agent: mynah\nDisallow: /moved" if robots == "moved" else robots
        return self.answer(200, text.encode(), Content_Type="text/plain")

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def new_site():
    """Each site has an origin of its own, and so a robots.txt of its own."""
    servers = []

    def make(robots=404):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        server.asked, server.robots_asked, server.robots, server.broken = [], [], robots, threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_port}"
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(new_site):
    return new_site()


def files_of(user):
    chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    return f"/chatbots/{chatbot}/files"


def test_a_file_is_fetched_once_and_its_type_is_that_of_its_bytes(start, site):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on", FILES_MAX_MB="8"))
    path = files_of(user)
    name = "পাখি الطائر.md"
    made = user.post(path, {"url": f"{site.url}/docs/{quote(name)}?version=2"}, 202)
    assert (made["name"], made["content_type"], made["bytes"]) == (name, "text/html", len(PAGE))
    content = user.http.get(f"{path}/{made['id']}/content")
    assert content.content == PAGE and content.headers["Content-Type"] == "application/octet-stream"
    assert user.post(path, {"url": f"{site.url}/slow"}, 202)["bytes"] == 10
    asked = len(site.asked)
    for wrong in ("redirect", "gone"):
        refused = user.http.post(path, json={"url": f"{site.url}/{wrong}"})
        assert refused.status_code == 422 and refused.json()["error"]["param"] == "url", refused.text
        assert "redirects" in refused.text and "127.0.0.1" not in refused.text
    assert site.asked[asked:] == ["/redirect", "/gone"]
    endless = user.http.post(path, json={"url": f"{site.url}/endless"})
    assert endless.status_code == 413 and "8 MiB" in endless.text
    assert site.broken.wait(30)
    assert len(user.get(path)["data"]) == 2


def test_without_the_setting_no_private_address_is_called(start, site):
    user = User(start())
    refused = user.http.post(files_of(user), json={"url": f"{site.url}/page"})
    assert refused.status_code == 422 and site.asked == []


def test_robots_txt_decides_and_is_asked_once(start, new_site):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on"))
    path = files_of(user)
    site = new_site("User-agent: *\nDisallow: /\n\nUser-agent: Mynah\nAllow: /docs\nDisallow: /docs/বাংলা\nDisallow: /*?secret\n")

    def add(place):
        return user.http.post(path, json={"url": f"{site.url}{place}"})

    assert add("/docs/a").status_code == 202 and add("/").status_code == 202
    refused = [add(f"/docs/{quote('বাংলা')}/{quote('会说话的鸟')}"), add("/a?secret=1")]
    for answer in refused:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (422, "robots_disallowed", "url"), answer.text
        assert "robots.txt" in error["message"]
    assert site.asked == ["/docs/a", "/"] and site.robots_asked == [("/robots.txt", "Mynah")]
    bengali = user.http.post(path, json={"url": f"{site.url}/a?secret=2"}, headers={"Accept-Language": "bn"})
    assert "robots.txt" in bengali.json()["error"]["message"]


def test_a_site_without_robots_txt_allows_all_and_one_that_fails_nothing(start, new_site):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on"))
    path = files_of(user)
    for status, expected in ((404, 202), (403, 202), (429, 202), (500, 422), (503, 422)):
        site = new_site(status)
        answer = user.http.post(path, json={"url": f"{site.url}/a"})
        assert answer.status_code == expected, (status, answer.text)
        assert site.asked == (["/a"] if expected == 202 else [])
        if expected == 422:
            assert answer.json()["error"]["code"] == "robots_disallowed"


def test_hostile_robots_txt(start, new_site):
    """Endless text, redirects without end, and one to a cloud's own service."""
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on"))
    path = files_of(user)

    def add(site, place):
        return user.http.post(path, json={"url": f"{site.url}{place}"})

    endless = new_site("endless")
    assert add(endless, "/private/a").json()["error"]["code"] == "robots_disallowed"
    assert endless.broken.wait(30)
    assert add(endless, "/public").status_code == 202
    redirects = new_site("redirects")
    assert add(redirects, "/a").status_code == 202 and len(redirects.robots_asked) == 6
    moved = new_site("moved")
    assert add(moved, "/moved").json()["error"]["code"] == "robots_disallowed"
    assert add(moved, "/page").status_code == 202 and len(moved.robots_asked) == 2
    cloud = new_site("cloud")
    refused = add(cloud, "/a")
    assert refused.status_code == 422 and refused.json()["error"]["code"] == "invalid_value"
    assert "169.254" not in refused.text and cloud.asked == []
