"""The widget on another website, whose policy is strict, in a real browser."""

import base64
import hashlib
import hmac
import json
import re
import time

import pytest
from mynah_process import ROOT, Server
from playwright.sync_api import expect
from test_streams import WORDS, Wire
from texts_of_widget import TEXTS
from website import SCREENSHOTS, Shop, Visitor

REPLY = """### Lamps

Some **bold** text, *lightly* and `code`. See [the list](https://example.org/?a=1&b=2).

1. One
2. Two
\t- inside

| Lamp | Price |
|---|--:|
| Small | 10 |

```js
let lamp = 1;
```"""


def error(status, code, retry_after=None):
    """An answer with an error, as the server gives it to a page of another origin."""
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    body = {"error": {"code": code, "type": "api_error", "message": "No.", "param": None, "request_id": "x"}}
    return {
        "status": status, "json": body, "headers": headers | ({"Retry-After": str(retry_after)} if retry_after else {}),
    }


def cut_off(visitor, key):
    """What is said without a connection. On a machine without a network, browsers say that they are offline."""
    return re.compile("|".join(re.escape(visitor.t[each]) for each in (key, "offline")))


def signed(secret, **claims):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    head = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (head + b"." + part(hmac.new(secret.encode(), head, hashlib.sha256).digest())).decode()


def test_a_stranger_talks_on_a_page_with_a_strict_policy(shop, visit, mynah):
    shop.set(starters=["Where is my lamp?", "Do you ship to Norway? 🚚"])
    mynah.model.reply = REPLY
    visitor = visit()
    page, address = visitor.page, shop.serve()
    page.goto(address)
    expect(visitor.launcher).to_have_accessible_name("Open chat")
    page.wait_for_load_state("networkidle")
    # Nothing of the panel, and no call, before the first click.
    assert [url for url in visitor.requests if url.startswith(mynah.url)] == [f"{mynah.url}/widget.js"]
    visitor.open(address)
    expect(visitor.panel.get_by_role("heading", name="Lamp guide")).to_be_visible()
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    expect(visitor.composer).to_be_focused()
    visitor.picture(SCREENSHOTS / "widget-new.png")
    visitor.check()
    visitor.button("close")
    visitor.panel.get_by_role("button", name="Where is my lamp?").click()
    visitor.finished()
    text = visitor.reply
    expect(text.get_by_role("heading", name="Lamps")).to_be_visible()
    expect(text.locator("strong")).to_have_text("bold")
    expect(text.locator("ol > li")).to_have_count(2)
    expect(text.locator("ol ul li")).to_have_text("inside")
    expect(text.get_by_role("cell", name="Small")).to_be_visible()
    expect(text.locator("pre code")).to_have_text("let lamp = 1;")
    link = text.get_by_role("link", name="the list")
    assert link.get_attribute("href") == "https://example.org/?a=1&b=2" and "noopener" in link.get_attribute("rel")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visitor.picture(SCREENSHOTS / f"widget-{scheme}.png")
        visitor.check()
    # No cookie, one name in the storage, no call to anyone else.
    assert visitor.context.cookies() == [] and set(visitor.stored) == {"mynah"}
    assert page.evaluate("Object.keys(window).filter((name) => /mynah/i.test(name))") == ["Mynah"]
    hosts = {url.split("/")[2] for url in visitor.requests if not url.startswith("data:")}
    assert hosts == {shop.website.url.split("/")[2], mynah.url.split("/")[2]}

    page.reload()
    visitor.launcher.click()
    expect(visitor.messages).to_have_count(2)
    visitor.say("And tomorrow? 明天呢？")
    visitor.finished()
    expect(visitor.messages).to_have_count(4)
    assert len(shop.conversations) == 1
    visitor.button("restart").click()
    expect(visitor.messages).to_have_count(0)
    visitor.say("Something else.")
    visitor.finished()
    assert len(shop.conversations) == 2


def test_the_widget_is_small(shop, visit, mynah):
    visitor = visit()
    finished = []
    visitor.page.on("requestfinished", lambda request: finished.append(request))

    def sizes():
        """The bytes of scripts as the server sent them, compressed."""
        scripts = [request for request in finished if request.url.startswith(mynah.url) and request.url.endswith(".js")]
        return {request.url.removeprefix(mynah.url): request.sizes()["responseBodySize"] for request in scripts}

    visitor.page.goto(shop.serve())
    visitor.page.wait_for_load_state("networkidle")
    first = sizes()
    assert list(first) == ["/widget.js"] and 1_000 < first["/widget.js"] <= 3_000
    took = visitor.page.evaluate("""async () => {
        const started = performance.now();
        await new Promise((done) => { Mynah.on("ready", done); Mynah.open(); });
        return performance.now() - started;
    }""")
    visitor.page.wait_for_load_state("networkidle")
    both = sizes()
    print(both, sum(both.values()), f"{took:.0f} ms")
    assert set(both) == {"/widget.js", "/assets/widget/panel.js"} and sum(both.values()) <= 25_000
    # A second visit asks only whether the panel is still the same.
    visitor.page.reload()
    visitor.launcher.click()
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()


def test_the_loader_is_served_for_every_website(shop, mynah):
    first = shop.http.get("/widget.js")
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in first.headers["Cache-Control"]
    again = shop.http.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content and again.headers["ETag"] == first.headers["ETag"]
    assert shop.http.get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200
    panel = shop.http.get("/assets/widget/panel.js")
    assert panel.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    known = {"If-None-Match": f'"x", W/{panel.headers["ETag"]}'}
    assert shop.http.get("/assets/widget/panel.js", headers=known).status_code == 304
    # Compressed for those that take it, and never given to others by a cache.
    assert panel.headers["Content-Encoding"] == "gzip" and panel.headers["Vary"] == "Accept-Encoding"
    for accepted in ("identity", "br", "gzip;q=0, br", "gzip; q=0.000"):
        plain = shop.http.get("/assets/widget/panel.js", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in plain.headers and plain.text == panel.text
        assert plain.headers["ETag"] != panel.headers["ETag"]
    assert shop.http.get(
        "/assets/widget/panel.js", headers={"Accept-Encoding": "br;q=1.0, GZIP;q=0.5"}).headers["Content-Encoding"] == "gzip"
    # Other scripts of the console are its own.
    other = shop.http.get("/assets/app.js")
    assert other.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in other.headers
    assert shop.http.get("/assets/widget/missing.js").status_code == 404


def test_a_policy_of_nonces_is_enough(shop, visit, mynah):
    address = shop.website.serve(mynah.url, shop.script().replace("<script", '<script nonce="abc"'))
    shop.website.files["/"][2]["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src {mynah.url}; style-src 'self'; "
        "img-src data:; base-uri 'none'; object-src 'none'")
    visitor = visit()
    visitor.open(address)
    visitor.say("Hi.")
    visitor.finished()
    # A router that puts another body in the place of this one does not lose the widget.
    visitor.page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(visitor.launcher).to_be_visible()
    visitor.launcher.click()
    expect(visitor.messages).to_have_count(2)


def test_a_loader_of_an_older_release_finds_its_modules(shop, mynah):
    for name in ("panel", "thread", "chat", "client", "texts", "style", "lexer", "files"):
        module = shop.http.get(f"/assets/widget/{name}.js", headers={"Origin": shop.website.url})
        assert module.status_code == 200 and module.headers["Access-Control-Allow-Origin"] == "*", name
    # All in one, without an import of another.
    panel = shop.http.get("/assets/widget/panel.js").text
    assert panel.count("\nimport ") == 0 and not panel.startswith("import ") and panel.count("\nexport const { Panel }") == 1


def test_a_site_can_serve_the_loader_itself(shop, visit, mynah):
    source = (ROOT / "Web/widget/loader.js").read_text(encoding="utf-8")
    shop.website.files["/static/widget.js"] = ("text/javascript", source, {})
    script = f'<script src="/static/widget.js" data-key="{shop.key}" data-server="{mynah.url}/" async></script>'
    visitor = visit()
    visitor.open(shop.website.serve(mynah.url, script))
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    assert f"{mynah.url}/widget.js" not in visitor.requests


def test_slow_and_cut_replies_arrive_whole(shop, visit, mynah):
    line = Wire(mynah.port)
    try:
        visitor = visit()
        mynah.model.reply, mynah.model.seconds_per_word = WORDS, 0.06
        visitor.open(shop.serve(mynah=line.url))
        visitor.say("Go on.")
        expect(visitor.button("stop")).to_be_visible()
        expect(visitor.reply).to_contain_text("word5")
        line.cut()
        expect(visitor.notice).to_have_text(cut_off(visitor, "lost"))
        expect(visitor.reply).to_contain_text("word20")
        expect(visitor.notice).to_be_empty()
        line.cut()
        visitor.finished()
        assert visitor.reply.inner_text().strip() == WORDS
        assert len(mynah.model.requests) == 1 and len(shop.conversations) == 1

        # A page that is loaded anew goes on, too.
        visitor.say("Once more.")
        expect(visitor.reply).to_contain_text("word3")
        visitor.page.reload()
        visitor.launcher.click()
        expect(visitor.reply).to_contain_text("word8")
        visitor.finished()
        assert visitor.reply.inner_text().strip() == WORDS
        assert len(mynah.model.requests) == 2
    finally:
        line.close()
    visitor.problems = [problem for problem in visitor.problems if "net::" not in problem]


def test_a_message_waits_while_the_visitor_is_offline(shop, visit, mynah):
    visitor = visit()
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.say("আমি অফলাইনে লিখছি।")
    expect(visitor.notice).to_have_text(visitor.t["offline"])
    visitor.context.set_offline(False)
    visitor.finished()
    expect(visitor.notice).to_be_empty()
    expect(visitor.messages).to_have_count(2)
    assert len(shop.conversations) == 1


def test_a_reply_is_stopped(shop, visit, mynah):
    visitor = visit()
    mynah.model.reply, mynah.model.seconds_per_word = WORDS, 0.2
    visitor.open(shop.serve())
    visitor.say("Go on.")
    expect(visitor.reply).to_contain_text("word2")
    visitor.button("stop").click()
    visitor.finished()
    expect(visitor.panel.get_by_text(visitor.t["partial"])).to_be_visible()
    expect(visitor.composer).to_be_focused()


@pytest.mark.parametrize("answer, key", [
    (error(429, "rate_limited", 7), "rateLimited"), (error(429, "daily_limit_reached", 9000), "dailyLimit"),
    (error(402, "budget_exhausted"), "unavailable"), (error(402, "insufficient_credits"), "unavailable"),
    (error(401, "key_revoked"), "unavailable"), (error(422, "message_too_long"), "tooLong"),
    (error(413, "too_large"), "tooLong"), (error(500, "internal_error"), None),
])
def test_limits_are_told_in_words_and_the_message_can_be_sent_again(shop, visit, mynah, answer, key):
    visitor = visit()
    visitor.expected = {answer["status"]}
    visitor.open(shop.serve())
    answers = iter([answer])

    def once(route):
        found = next(answers, None) if route.request.method == "POST" else None
        route.fulfill(**found) if found else route.continue_()

    visitor.page.route("**/widget/chat", once)
    visitor.say("Do you have lamps?")
    if key:
        words = visitor.t[key].replace("{time}", "\u20687 seconds\u2069")
        expect(visitor.notice).to_have_text(words)
        expect(visitor.messages).to_have_count(1)
        expect(visitor.messages.last).to_contain_text("Not sent.")
        visitor.check()
        visitor.messages.last.get_by_role("button", name="Try again").click()
    # A fault of the server is tried again without being asked.
    visitor.finished()
    expect(visitor.messages).to_have_count(2)
    expect(visitor.notice).to_be_empty()
    assert len(mynah.model.requests) == 1


def test_a_real_limit_is_told(visit, website, tmp_path, scripted_model):
    scripted_model.reset()
    server = Server(
        tmp_path, LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url, WIDGET_RATE_LIMIT="1/minute",
    ).start()
    try:
        visitor = visit()
        visitor.expected = {429}
        visitor.open(Shop(server, website).serve())
        visitor.say("One.")
        visitor.finished()
        visitor.say("Two.")
        expect(visitor.notice).to_contain_text("That was a lot at once. You can go on in")
    finally:
        server.stop()


def test_a_failed_reply_says_so(shop, visit, mynah):
    visitor = visit()
    visitor.open(shop.serve())
    mynah.model.reply = ""
    visitor.say("Hello?")
    expect(visitor.panel.get_by_text(visitor.t["failed"])).to_be_visible(timeout=60_000)
    expect(visitor.reply).to_contain_text("Sorry")
    mynah.model.reply = "Here I am."
    visitor.button("retry").click()
    expect(visitor.reply).to_contain_text("Here I am.")


def test_a_website_that_is_not_allowed_is_told_in_words(shop, visit, website):
    shop.key = shop.new_key(origins=["https://other.example"])
    visitor = visit()
    visitor.expected = {403}
    visitor.open(shop.serve())
    expect(visitor.notice).to_contain_text(cut_off(visitor, "unreachable"))
    assert any("one of the key's websites" in problem for problem in visitor.problems)
    visitor.problems.clear()
    visitor.check()
    shop.key = shop.new_key()
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()


def test_a_panel_that_cannot_be_loaded_is_tried_again(shop, visit):
    visitor = visit()
    address = shop.serve()
    visitor.page.goto(address)
    visitor.page.route("**/assets/widget/*", lambda route: route.abort())
    visitor.launcher.click()
    expect(visitor.page.locator("mynah-chat p[role=alert]")).to_have_text("The chat could not be loaded.")
    visitor.page.unroute("**/assets/widget/*")
    visitor.launcher.click()
    expect(visitor.panel).to_be_visible()
    visitor.problems = [problem for problem in visitor.problems if "net::" not in problem]


def test_it_works_where_storage_is_refused(shop, visit):
    visitor = visit()
    visitor.page.add_init_script("""Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("refused", "SecurityError"); } });""")
    visitor.open(shop.serve())
    for turn in ("One.", "দুই।", "三。"):
        visitor.say(turn)
        visitor.finished()
    expect(visitor.messages).to_have_count(6)
    assert len(shop.conversations) == 1


def test_two_widgets_do_not_meet(shop, visit, mynah, website):
    other = Shop(mynah, website, name="Chair guide", greeting="Chairs here.")
    visitor = visit()
    scripts = (shop.script(), other.script(side="left", accent="#0b6e4f"), shop.script())
    visitor.page.goto(website.serve(mynah.url, "\n".join(scripts)))
    expect(visitor.launcher).to_have_count(2)
    lamps, chairs = (visitor.page.locator("mynah-chat").filter(has=visitor.page.locator(css)) for css in (
        ".root:not(.left)", ".root.left"))
    for widget, name in ((lamps, "Lamp guide"), (chairs, "Chair guide")):
        widget.locator(".root > button").click()
        expect(widget.get_by_role("heading", name=name)).to_be_visible()
        expect(widget.locator("#text")).to_be_focused()
        widget.locator("#text").fill(f"To {name}")
        widget.locator("#text").press("Enter")
        expect(widget.locator(".theirs .text").last).to_have_text("Hello.")
    expect(lamps.locator("dialog")).to_be_hidden()
    visitor.picture(SCREENSHOTS / "widget-two.png")
    assert len(shop.conversations) == len(other.conversations) == 1
    assert set(json.loads(visitor.stored["mynah"])) == {shop.bot, other.bot}
    said = [request["messages"][-1]["content"] for request in mynah.model.requests]
    assert said == ["To Lamp guide", "To Chair guide"]
    visitor.page.evaluate("key => Mynah.get(key).close()", other.key)
    expect(chairs.locator("dialog")).to_be_hidden()
    # Beside each other if both are on one side.
    visitor.page.goto(website.serve(mynah.url, shop.script() + other.script()))
    boxes = [button.bounding_box() for button in visitor.launcher.all()]
    assert abs(boxes[0]["x"] - boxes[1]["x"]) >= 60


def test_the_page_calls_the_widget(shop, visit, mynah):
    shop.website.files["/before.js"] = ("text/javascript", """
        window.heard = [];
        window.Mynah = window.Mynah || [];
        for (const name of ["open", "ready", "message", "reply", "close"]) {
            Mynah.push(["on", name, (detail) => heard.push([name, detail && detail.content])]);
        }""", {})
    visitor = visit()
    visitor.page.goto(shop.serve('<script src="/before.js"></script>', launcher="off"))
    expect(visitor.page.locator("mynah-chat")).to_have_count(1)
    expect(visitor.launcher).to_be_hidden()
    visitor.page.evaluate("Mynah.open()")
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    visitor.t = {"send": "Send"}
    visitor.say("Hi 👋")
    visitor.finished()
    visitor.page.evaluate("Mynah.close()")
    expect(visitor.panel).to_be_hidden()
    # A dialog tells its end in a task of its own.
    visitor.page.wait_for_function("heard.length === 5")
    heard = visitor.page.evaluate("heard")
    assert [name for name, _ in heard] == ["open", "ready", "message", "reply", "close"]
    assert [text.strip() for name, text in heard if name in ("message", "reply")] == ["Hi 👋", "Hello."]


def test_a_customer_is_known_by_the_sites_token(shop, visit, mynah):
    secret = shop.call("GET", f"/chatbots/{shop.bot}/signing-secret")["signing_secret"]
    soon = int(time.time()) + 3600
    visitor = visit()
    visitor.expected = {401}
    visitor.open(shop.serve())
    visitor.say("As a stranger.")
    visitor.finished()
    token = signed(secret, sub="customer-7 রহিম", exp=soon, first_name="রহিম")
    visitor.page.evaluate("token => Mynah.identify(token)", token)
    # A stranger's conversation is not the customer's.
    expect(visitor.messages).to_have_count(0)
    visitor.say("As a customer.")
    visitor.finished()
    # A function is asked again when the token has expired.
    visitor.page.evaluate("""tokens => {
        window.asked = 0;
        Mynah.identify(() => Promise.resolve(tokens[Math.min(asked++, 1)]));
    }""", [signed(secret, sub="customer-7 রহিম", exp=soon - 7200), token])
    expect(visitor.messages).to_have_count(2)
    assert visitor.page.evaluate("asked") == 2
    expect(visitor.messages.first).to_contain_text("As a customer.")
    # Another customer at this browser, then the stranger again.
    visitor.page.evaluate("token => Mynah.identify(token)", signed(secret, sub="customer-8", exp=soon))
    expect(visitor.messages).to_have_count(0)
    visitor.page.evaluate("Mynah.identify(null)")
    expect(visitor.messages.first).to_contain_text("As a stranger.")
    visitor.page.evaluate("token => Mynah.identify(token)", signed(secret, sub="customer-7", exp=soon - 7200))
    expect(visitor.messages).to_have_count(0)
    visitor.say("Too late.")
    expect(visitor.notice).to_contain_text(visitor.t["expired"])
    users = {entry["id"] for entry in shop.call("GET", f"/chatbots/{shop.bot}/users")["data"]}
    assert "customer-7 রহিম" in users and "customer-8" not in users


def test_a_reply_is_rated_with_a_comment(shop, visit):
    visitor = visit()
    visitor.open(shop.serve())
    visitor.say("Hello?")
    visitor.finished()
    visitor.button("bad").click()
    expect(visitor.button("bad")).to_have_attribute("aria-pressed", "true")
    visitor.panel.get_by_label(visitor.t["why"]).fill("বেশি ছোট 🙁")
    visitor.picture(SCREENSHOTS / "widget-rating.png")
    visitor.check()
    visitor.button("submit").click()
    expect(visitor.panel.get_by_text(visitor.t["thanks"])).to_be_visible()
    visitor.page.reload()
    visitor.launcher.click()
    expect(visitor.button("bad")).to_have_attribute("aria-pressed", "true")
    visitor.button("good").click()
    expect(visitor.button("good")).to_have_attribute("aria-pressed", "true")
    expect(visitor.button("bad")).to_have_attribute("aria-pressed", "false")


HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'><svg onload=alert(3)>'


def test_text_of_others_is_never_run(shop, visit, mynah):
    shop.set(greeting=HOSTILE, starters=[HOSTILE], title=HOSTILE[:80])
    mynah.model.reply = (
        f"{HOSTILE}\n\n[a](javascript:alert(4)) [b](data:text/html,x) ![c](https://example.org/x.png)\n\n"
        f"<div onclick=alert(5)>\n\n| {HOSTILE.replace('|', '')} | b |\n|---|---|\n| x | y |")
    visitor = visit()
    visitor.open(shop.serve())
    visitor.panel.locator(".starter").click()
    visitor.finished()
    expect(visitor.messages.first.locator(".text")).to_have_text(HOSTILE)
    inside = visitor.panel.locator(".column")
    assert inside.locator(":is(script, img, iframe, svg:not(.icon))").count() == 0
    assert inside.locator(":is([onerror], [onload], [onclick])").count() == 0
    assert inside.locator("a").evaluate_all("nodes => nodes.map((node) => node.href)") == ["https://example.org/x.png"]


ARABIC = {
    "lang": "ar", "launcher": ["افتح المحادثة", "أغلق المحادثة", "تعذّر التحميل."], "placeholder": "اكتب رسالة…", "send": "إرسال",
    "close": "إغلاق", "restart": "محادثة جديدة", "poweredBy": "يعمل بواسطة {name}", "good": "رد جيد", "bad": "رد سيئ",
}


def test_bengali_and_arabic_pages(shop, visit, mynah):
    shop.call("PATCH", f"/chatbots/{shop.bot}", {"name": "বাতি সহায়ক", "greeting": "নমস্কার! কী জানতে চান?"})
    shop.set(starters=["দাম কত?"])
    visitor = visit(locale="bn-BD")
    mynah.model.reply = "একটি **বাতি** ৫০০ টাকা।\n\n- ছোট\n- বড়"
    visitor.open(shop.serve(lang="bn"), lang="bn")
    expect(visitor.launcher).to_have_accessible_name("চ্যাট বন্ধ করুন")
    visitor.panel.get_by_role("button", name="দাম কত?").click()
    visitor.finished()
    expect(visitor.panel.get_by_text("Mynah\u2069 দিয়ে তৈরি")).to_be_visible()
    visitor.picture(SCREENSHOTS / "widget-bengali.png")
    visitor.check()

    shop.call("PATCH", f"/chatbots/{shop.bot}", {"name": "دليل المصابيح", "greeting": "مرحبا! كيف أساعدك؟"})
    shop.set(starters=["كم السعر؟", "هل الشحن مجاني؟"])
    mynah.model.reply = "سعر المصباح `LED` هو **20** دينارا.\n\n1. صغير\n2. كبير"
    shop.website.files["/before.js"] = (
        "text/javascript", f"(window.Mynah ||= []).push(['setTexts', {json.dumps(ARABIC)}]);", {})
    visitor = visit(locale="ar")
    visitor.open(shop.serve('<script src="/before.js"></script>', lang="ar"))
    visitor.t = visitor.t | ARABIC
    expect(visitor.launcher).to_have_accessible_name("أغلق المحادثة")
    assert visitor.panel.evaluate("node => getComputedStyle(node).direction") == "rtl"
    visitor.picture(SCREENSHOTS / "widget-arabic-new.png")
    visitor.say("كم سعر المصباح؟")
    visitor.finished()
    assert visitor.reply.locator("ol").evaluate("node => getComputedStyle(node).direction") == "rtl"
    close, title = (visitor.panel.locator(css).bounding_box()["x"] for css in (".header button >> nth=-1", ".title"))
    assert close < title
    visitor.picture(SCREENSHOTS / "widget-arabic.png")
    visitor.check()
    # Words that the site does not give are English.
    visitor.panel.get_by_role("button", name=visitor.t["close"]).click()
    expect(visitor.panel).to_be_hidden()


def test_a_phone_has_it_on_the_whole_screen(shop, visit, mynah):
    visitor = visit(Visitor.NARROW, has_touch=True, is_mobile=True, reduced_motion="reduce")
    mynah.model.reply = REPLY
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    box = visitor.panel.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
    # The keyboard of the screen does not come by itself.
    expect(visitor.composer).not_to_be_focused()
    visitor.say("Show me lamps.")
    visitor.finished()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.picture(SCREENSHOTS / "widget-phone.png")
    visitor.check()
    # What is behind cannot be reached.
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        assert visitor.page.evaluate("[null, 'MYNAH-CHAT', 'BODY'].includes(document.activeElement?.tagName ?? null)")
    visitor.button("close").click()
    expect(visitor.panel).to_be_hidden()
    expect(visitor.launcher).to_be_focused()
    # Turned, or made wider, it is beside its button.
    visitor.launcher.click()
    visitor.page.set_viewport_size(Visitor.WIDE)
    expect(visitor.panel).to_be_visible()
    assert visitor.panel.bounding_box()["width"] < 400


def test_the_keyboard_is_enough(shop, visit):
    shop.set(starters=["Where is my lamp?"])
    visitor = visit()
    visitor.page.goto(shop.serve())
    visitor.t = {"send": "Send", "close": "Close chat"}
    expect(visitor.launcher).to_be_visible()
    visitor.page.get_by_label("Search").focus()
    visitor.page.keyboard.press("Tab")
    expect(visitor.launcher).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.composer).to_be_focused()
    expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
    expect(visitor.panel.locator(".starter")).to_be_visible()
    visitor.page.keyboard.press("Shift+Tab")
    expect(visitor.panel.locator(".starter")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    visitor.finished()
    expect(visitor.composer).to_be_focused()
    # Read aloud once, as a whole.
    expect(visitor.panel.locator("> p.sr-only")).to_have_text("\u2068Lamp guide\u2069 replied: \u2068Hello. \u2069")
    visitor.composer.fill("line one")
    visitor.page.keyboard.press("Shift+Enter")
    visitor.page.keyboard.type("line two")
    assert visitor.composer.input_value() == "line one\nline two"
    # The page's own shortcuts do not react to what is written.
    visitor.page.evaluate("document.addEventListener('keydown', (event) => { window.leaked = event.key; })")
    visitor.page.keyboard.type("s")
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()
    expect(visitor.launcher).to_be_focused()
    assert visitor.page.evaluate("window.leaked") is None


def test_look_and_words_are_set_in_the_console_or_by_the_site(shop, visit, mynah):
    shop.set(look={"side": "left", "theme": "dark", "accent": "#ffd54a"}, title="Ask us", powered_by=False, greeting="Hi!")
    visitor = visit()
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_role("heading", name="Ask us")).to_be_visible()
    expect(visitor.panel.get_by_text("Hi!")).to_be_visible()
    expect(visitor.panel.locator(".credit")).to_be_hidden()
    assert visitor.launcher.bounding_box()["x"] < 100
    assert visitor.panel.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(31, 28, 25)"
    # Dark on a light colour.
    assert visitor.launcher.evaluate("node => getComputedStyle(node).color") == "rgb(23, 19, 13)"
    visitor.say("Hello?")
    visitor.finished()
    visitor.picture(SCREENSHOTS / "widget-set.png")
    visitor.check()
    # What the site says counts more, and its colours most.
    visitor = visit()
    style = "mynah-chat { --mynah-accent: rgb(10, 60, 120); --mynah-background: rgb(240, 248, 255); }"
    visitor.open(shop.serve(side="right", theme="light", style=style))
    assert visitor.launcher.bounding_box()["x"] > 900
    assert visitor.launcher.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(10, 60, 120)"
    expect(visitor.panel.get_by_text("Hi!")).to_be_visible()
    assert visitor.panel.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(240, 248, 255)"
    visitor.check()


def difference(page, *pictures):
    """The number of pixels that differ by more than a rounding of the browser's."""
    return page.evaluate("""async (pictures) => {
        const [one, other] = await Promise.all(pictures.map(async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes]));
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            canvas.drawImage(bitmap, 0, 0);
            return canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
        }));
        if (one.length !== other.length) return one.length;
        return one.reduce((sum, value, at) => sum + (Math.abs(value - other[at]) > 6), 0);
    }""", [base64.b64encode(picture).decode() for picture in pictures])


STYLES = [
    "* { all: unset !important; }", ":not(html, body) { display: none !important; }", "mynah-chat { display: none !important; opacity: 0 }",
    "* { color: red !important; background: lime !important; }", "html { font-size: 40px; }", "* { font: 40px fantasy !important; }",
    "body { transform: rotate(5deg) scale(0.5); }", "body { filter: invert(1); opacity: 0.3; }", "* { direction: rtl !important; }",
    "* { visibility: hidden !important; }", "* { position: static !important; margin: 50px !important; }",
    "* { letter-spacing: 9px; word-spacing: 20px; text-transform: uppercase; text-indent: 30px; line-height: 4; }",
    "dialog, button, textarea, form, p, h2 { display: none !important; border: 20px solid red !important; }",
    "* { transition: all 9s !important; animation: spin 1s infinite !important; } @keyframes spin { to { rotate: 1turn; } }",
    "* { width: 10px !important; height: 10px !important; overflow: hidden !important; clip-path: circle(1px) !important; }",
    "* { writing-mode: vertical-rl !important; text-align: right !important; white-space: pre !important; }",
    "* { z-index: -1 !important; pointer-events: none !important; user-select: none !important; cursor: none !important; }",
    ":root { --ink: red; --page: red; --muted: red; --line: red; --accent: red; --radius: 90px; color-scheme: dark; }",
    ".panel, .message, .text, .button, .header, .launcher, .icon { display: none !important; transform: scale(3) !important; }",
    ":not(html, body) { contain: strict !important; content-visibility: hidden !important; mix-blend-mode: difference; }",
]


def test_no_stylesheet_of_the_page_changes_a_pixel(shop, visit):
    visitor = visit(reduced_motion="reduce")
    visitor.open(shop.serve())
    visitor.say("Hello?")
    visitor.finished()
    visitor.page.evaluate("document.activeElement.shadowRoot?.activeElement.blur()")
    # The policy forbids a <style>; a constructed sheet counts as the page's own file would.
    apply = """css => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [sheet];
        return new Promise((done) => setTimeout(done, 80));
    }"""
    plain = "main { visibility: hidden !important; } html { background: white !important; } body { background: none !important; }"

    def picture(css):
        visitor.page.evaluate(apply, css + plain)
        return visitor.page.screenshot(clip={"x": 570, "y": 60, "width": 430, "height": 740})

    first = picture("")
    canvas = visitor.context.new_page()
    assert difference(canvas, first, picture("")) == 0
    assert difference(canvas, first, picture("mynah-chat { --mynah-accent: #111; }")) > 1000
    changed = [css for css in STYLES if difference(canvas, first, picture(css))]
    assert not changed, "\n".join(changed)
    assert len(STYLES) == 20


def test_the_guide_works_as_it_is_written(shop, visit, mynah):
    guide = (ROOT / "docs/guides/website.md").read_text(encoding="utf-8").replace("https://chat.example.com", mynah.url)

    def blocks(language):
        return re.findall(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)

    secret = shop.call("GET", f"/chatbots/{shop.bot}/signing-secret")["signing_secret"]
    token = signed(secret, sub="customer-7", exp=int(time.time()) + 3600)
    words, listens, identifies = blocks("js")
    shop.website.files |= {
        "/before.js": ("text/javascript", f"(window.Mynah ||= []).push(['on', 'reply', () => {{}}]); {words} {listens}", {}),
        "/after.js": ("text/javascript", f"addEventListener('load', () => {{ {identifies} }});", {}),
        "/chat-token": ("text/plain", token, {}),
    }
    address = shop.website.serve(
        mynah.url, '<script src="/before.js"></script>' + blocks("html")[0].replace("mk_pub_…", shop.key)
        + '<script src="/after.js"></script>', style=blocks("css")[0])
    kind, body, headers = shop.website.files["/"]
    headers["Content-Security-Policy"] = blocks("text")[0].strip() + "; img-src data:"
    visitor = visit()
    heard = []
    visitor.page.on("console", lambda message: heard.append(message.text))
    visitor.open(address)
    visitor.t = visitor.t | {"send": "Senden"}
    expect(visitor.launcher).to_have_accessible_name("Chat schließen")
    assert visitor.panel.evaluate("node => getComputedStyle(node).borderRadius") == "8px"
    assert visitor.launcher.evaluate("node => getComputedStyle(node).bottom") == "80px"
    visitor.say("Wo ist meine Lampe?")
    visitor.finished()
    assert [text.strip() for text in heard] == ["Hello."]
    assert {entry["id"] for entry in shop.call("GET", f"/chatbots/{shop.bot}/users")["data"]} == {"customer-7"}


def test_the_guides_snippets_work_as_they_are_written(shop, visit, mynah):
    guide = (ROOT / "docs/guides/website.md").read_text(encoding="utf-8")
    guide = guide.replace("https://chat.example.com", mynah.url).replace("mk_pub_…", shop.key)
    react, php = (re.search(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)[1] for language in ("jsx", "php"))
    # React calls an effect when the component is on the page, in development twice.
    shop.website.files["/react.js"] = ("text/javascript", "export const useEffect = (run) => { run(); run(); };", {})
    shop.website.files["/chat.js"] = ("text/javascript", react.replace('"react"', '"/react.js"') + "ChatWidget();", {})
    for scripts in ('<script src="/chat.js" type="module"></script>', re.search(r"echo '(.*)';", php)[1]):
        address = shop.website.serve(mynah.url, scripts)
        policy = shop.website.files["/"][2]
        policy["Content-Security-Policy"] = policy["Content-Security-Policy"].replace("require-trusted-types-for 'script'; ", "")
        visitor = visit()
        visitor.open(address)
        expect(visitor.launcher).to_have_count(1)
        visitor.say("আমার বাতি কোথায়? 🚚")
        visitor.finished()
        # A router of the site's puts another page in the place of this one.
        visitor.page.evaluate("document.body.replaceWith(document.createElement('body'))")
        visitor.launcher.click()
        expect(visitor.messages).to_have_count(2)


def test_every_text_is_in_both_languages():
    assert set(TEXTS["en"]) == set(TEXTS["bn"]) and len(TEXTS["en"]) > 30
    for key, text in TEXTS["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", TEXTS["bn"][key])), key
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "Web/widget").glob("*.js"))
    used = set(re.findall(r'\bt\("(\w+)"', source)) | {"good", "bad", "why", "whyGood", "code", "copyCode", "copied", "table"}
    assert used <= set(TEXTS["en"]), used - set(TEXTS["en"])
