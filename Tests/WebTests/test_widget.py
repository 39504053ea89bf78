"""The widget on another website, whose policy is strict, in a real browser."""

import json
import time

from playwright.sync_api import expect
from website import SCREENSHOTS, Shop
from widget_answers import REPLY, signed


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
