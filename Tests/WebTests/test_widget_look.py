"""The widget's look: languages, small screens, the keyboard, settings, other stylesheets."""

import base64
import json
import re

from mynah_process import ROOT
from playwright.sync_api import expect
from texts_of_widget import TEXTS
from website import SCREENSHOTS, Visitor
from widget_answers import REPLY

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


def test_every_text_is_in_both_languages():
    assert set(TEXTS["en"]) == set(TEXTS["bn"]) and len(TEXTS["en"]) > 30
    for key, text in TEXTS["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", TEXTS["bn"][key])), key
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "Web/widget").glob("*.js"))
    used = set(re.findall(r'\bt\("(\w+)"', source)) | {"good", "bad", "why", "whyGood", "code", "copyCode", "copied", "table"}
    assert used <= set(TEXTS["en"]), used - set(TEXTS["en"])
