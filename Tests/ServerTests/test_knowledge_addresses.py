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
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked, server.broken = [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


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
