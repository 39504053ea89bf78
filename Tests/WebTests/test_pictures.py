"""Pictures that replies name: shown after a click, and fetched by the server."""

import base64
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote

import pytest
from mynah_process import Server
from playwright.sync_api import expect

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
TEXTS = {
    "en": {"show": "Show the picture: {}", "open": "Open at {}", "broken": "This picture cannot be shown.", "wrong": "no picture"},
    "bn": {"show": "ছবিটি দেখান: {}", "open": "{}-এ খুলুন", "broken": "এই ছবি দেখানো যায় না।", "wrong": "ছবি নয়"},
}


class Gallery:
    """A server of pictures that notes what it is asked."""

    def __init__(self):
        self.asked = []
        gallery = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                gallery.asked.append((self.path, dict(self.headers)))
                body = b"<svg xmlns='http://www.w3.org/2000/svg'/>" if "svg" in self.path else PNG[:20] if "broken" in self.path else PNG
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.host = f"127.0.0.1:{self.listener.server_port}"
        Thread(target=self.listener.serve_forever, daemon=True).start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


@pytest.fixture(scope="module")
def showing_process(tmp_path_factory, scripted_model):
    running = Server(
        tmp_path_factory.mktemp("pictures"), LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url, ALLOW_PRIVATE_ENDPOINTS="on",
    ).start()
    yield running
    running.stop()


@pytest.fixture
def gallery():
    running = Gallery()
    yield running
    running.close()


@pytest.fixture(params=TEXTS)
def shown(request, open_console, showing_process, scripted_model, gallery):
    scripted_model.reset()
    console = open_console(showing_process.url)
    console.register()
    console.page.evaluate("code => localStorage.setItem('mynah.language', code)", request.param)
    console.page.reload()
    console.language, console.text, console.model = request.param, TEXTS[request.param], scripted_model
    return console


def ask(console, reply):
    console.model.reply = reply
    page = console.page
    page.locator("#message").fill("ছবি দেখাও")
    page.locator("#message").press("Enter")
    expect(page.locator(".message.theirs .picture").first).to_be_visible()
    expect(page.locator(".message.theirs .actions button").first).to_be_visible()


def test_a_picture_is_shown_after_a_click(shown, gallery):
    page, text = shown.page, shown.text
    ask(shown, f"দেখুন: ![ময়না 🐦](http://{gallery.host}/ছবি.png?a=১) শেষ")
    button = page.get_by_role("button", name=text["show"].format("ময়না 🐦"))
    expect(page.get_by_role("link", name=text["open"].format(gallery.host))).to_be_visible()
    shown.check(f"picture-button-{shown.language}")
    assert gallery.asked == []
    button.press("Enter")
    picture = page.get_by_role("img", name="ময়না 🐦")
    expect(picture).to_be_visible()
    expect(picture).to_be_focused()
    assert picture.evaluate("image => image.naturalWidth") == 1
    shown.check(f"picture-{shown.language}")
    [(path, headers)] = gallery.asked
    assert path == f"/{quote('ছবি')}.png?a={quote('১')}"
    names = {name.lower() for name in headers}
    assert names <= {"host", "accept", "accept-encoding"}, headers
    # After a reload it is a button again.
    page.reload()
    expect(button).to_be_visible()
    assert len(gallery.asked) == 1


def test_says_why_a_picture_is_not_shown(shown, gallery):
    page, text = shown.page, shown.text
    shown.expect("GET", "/pictures", 422)
    ask(shown, f"![এক](http://{gallery.host}/a.svg)\n\n![দুই](http://{gallery.host}/broken)\n\n![তিন](https://উদাহরণ.test/ক.png)")
    for name, words in (("এক", text["wrong"]), ("দুই", text["broken"]), ("তিন", "")):
        button = page.get_by_role("button", name=text["show"].format(name))
        button.click()
        problem = page.locator(".picture", has=button).locator("[role=alert]")
        expect(problem).not_to_be_empty()
        expect(problem).to_contain_text(words)
        expect(button).to_be_enabled()
    expect(page.locator(".picture img")).to_have_count(0)


def test_pictures_in_links_and_of_other_kinds_stay_text(shown, gallery):
    page = shown.page
    ask(shown, f"![ঠিক](http://{gallery.host}/a.png) [![ভেতরে](http://{gallery.host}/b.png)](https://example.org/x) "
        "![তথ্য](data:image/png;base64,AAAA) ![স্ক্রিপ্ট](javascript:alert(1))")
    expect(page.locator(".picture-button")).to_have_count(1)
    expect(page.get_by_role("link", name="ভেতরে")).to_have_attribute("href", "https://example.org/x")
    expect(page.locator(".message.theirs .text img")).to_have_count(0)
    expect(page.locator(".message.theirs .text")).to_contain_text("তথ্য")
    assert gallery.asked == []
