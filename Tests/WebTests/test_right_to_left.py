"""Arabic, Hebrew, Urdu and Persian run from right to left in all text, beside English, which does not."""

import pytest
from playwright.sync_api import expect

TEXTS = {
    "Arabic": {
        "name": "مساعد الإعداد", "question": "كيف أضبط المتغير PATH؟", "paragraph": "يجب أن تضبط المتغير `PATH` أولاً، ثم أعد التشغيل.",
        "items": ["افتح الملف.", "أضف السطر."], "quotation": "ملاحظة: احفظ نسخة.", "cells": ["اسم", "قيمة"],
    },
    "Hebrew": {
        "name": "עוזר ההגדרות", "question": "איך מגדירים את PATH?", "paragraph": "יש להגדיר את `PATH` תחילה, ואז להפעיל מחדש.",
        "items": ["פתחו את הקובץ.", "הוסיפו שורה."], "quotation": "הערה: שמרו עותק.", "cells": ["שם", "ערך"],
    },
    "Urdu": {
        "name": "ترتیب کا مددگار", "question": "میں PATH کیسے ترتیب دوں؟", "paragraph": "پہلے `PATH` ترتیب دیں، پھر دوبارہ شروع کریں۔",
        "items": ["فائل کھولیں۔", "سطر شامل کریں۔"], "quotation": "نوٹ: نقل محفوظ کریں۔", "cells": ["نام", "قدر"],
    },
    "Persian": {
        "name": "دستیار تنظیمات", "question": "چگونه PATH را تنظیم کنم؟", "paragraph": "نخست `PATH` را تنظیم کنید و سپس دوباره راه‌اندازی کنید.",
        "items": ["پرونده را باز کنید.", "سطر را بیفزایید."], "quotation": "یادداشت: رونوشت بگیرید.", "cells": ["نام", "مقدار"],
    },
}
# Returns the side on which an element's one line of text begins, and the direction of its box.
PLACE = """css => [...document.querySelectorAll(css)].map((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect(), box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    const left = text.left - box.left - parseFloat(style.paddingLeft);
    const right = box.right - text.right - parseFloat(style.paddingRight);
    return { side: Math.abs(left - right) < 2 ? "both" : right < left ? "right" : "left", direction: style.direction };
})"""


def reply_in(text):
    first, second = text["items"]
    one, two = text["cells"]
    return (
        f"## {text['name']}\n\n{text['paragraph']}\n\n1. {first}\n2. {second}\n\n- {first}\n\n- {second}\n\n> {text['quotation']}\n\n"
        f"| {one} | {two} |\n|---|---|\n| {two} | {one} |\n\n```sh\nexport PATH=1 # {one}\n```"
    )


def places(page, css):
    found = page.evaluate(PLACE, css)
    assert found, css
    return found


def sides(page, css):
    return {place["side"] for place in places(page, css)} - {"both"}


def directions(page, css):
    return {place["direction"] for place in places(page, css)}


@pytest.mark.parametrize("language", TEXTS)
def test_a_conversation_goes_from_right_to_left(console, scripted, language):
    page, text = console.page, TEXTS[language]
    console.register()
    bot = console.call("POST", "/chatbots", {
        "name": text["name"], "description": text["paragraph"], "greeting": text["quotation"],
    })
    console.call("POST", f"/chatbots/{bot['id']}/prompts", {"content": text["paragraph"]})
    scripted.model.reply = reply_in(text)

    console.open("/chatbots")
    expect(page.get_by_role("heading", name=text["name"], level=2)).to_be_visible()
    assert directions(page, ".cards h2, .cards .description") == {"ltr", "rtl"}  # The first chatbot is English.
    console.open(f"/chatbots/{bot['id']}")
    expect(console.heading(text["name"])).to_be_visible()
    assert directions(page, "main h1, [name=name], [name=description], [name=greeting], textarea[name=content]") == {"rtl"}
    page.get_by_text("Version 1").click()
    assert directions(page, ".versions .raw") == {"rtl"}
    console.open(f"/chatbots/{bot['id']}/keys")
    expect(page.locator("main h1")).to_contain_text("API keys of")
    assert directions(page, "main h1") == {"ltr"}

    console.open(f"/chatbots/{bot['id']}/chat")
    expect(page.locator(".greeting-words")).to_have_text(text["quotation"])
    assert directions(page, ".greeting-words") == {"rtl"}
    console.composer.fill(text["question"])
    assert directions(page, ".composer textarea") == {"rtl"}
    console.composer.press("Enter")
    console.finished()
    message = ".message.theirs .text"
    for title in (page.locator(".chat-title h1"), page.locator(".conversations .row-title")):
        expect(title).not_to_have_text("Untitled conversation")
    assert directions(page, ".message.ours .text, .chat-title h1, .conversations .row-title") == {"rtl"}
    blocks = f"{message} :is(.heading, p, ol, ul, li, blockquote, table, td, th)"
    # The last block is laid out in the frame after the end.
    page.wait_for_function(
        "css => [...document.querySelectorAll(css)].every((node) => getComputedStyle(node).direction === 'rtl')", arg=blocks)
    assert directions(page, blocks) == {"rtl"}
    assert sides(page, f"{message} > :is(.heading, p), {message} li > div, {message} :is(blockquote p, td, th)") == {"right"}
    # The markers have room on the right, and the table's first column is there.
    paddings = page.locator(f"{message} :is(ol, ul)").evaluate_all(
        "nodes => nodes.map((node) => [getComputedStyle(node).paddingLeft, getComputedStyle(node).paddingRight])")
    assert [(left, right != "0px") for left, right in paddings] == [("0px", True)] * 2
    first, second = (page.locator(f"{message} th").nth(column).bounding_box()["x"] for column in (0, 1))
    assert first > second
    # Code is unchanged.
    assert directions(page, f"{message} pre, {message} code, {message} .code-bar") == {"ltr"}
    assert sides(page, f"{message} pre code") <= {"left"}
    console.check(f"right-to-left-{language.lower()}")


def test_each_paragraph_has_its_own_direction(console, scripted):
    page = console.page
    console.register()
    scripted.model.reply = (
        "English first.\n\nثم العربية.\n\n- An item.\n- عنصر آخر.\n\n> A quotation.\n>\n> ציטוט.\n\n"
        "| Word | كلمة |\n|---|---|\n| one | واحد |\n\nSecond line\\\nسطر ثان\n\n۱۲۳ — 1, 2!\n\n`PATH` متغیر است."
    )
    console.say("Hello, all of you\nمرحبا\nשלום\nGoodbye")
    console.finished()
    message = ".message.theirs .text"

    def in_order(css):
        return [place["side"] for place in places(page, css)]

    paragraphs = in_order(f"{message} > p")
    assert [paragraphs[0], paragraphs[1], paragraphs[-1]] == ["left", "right", "right"]
    assert in_order(f"{message} li > div") == ["left", "right"]
    assert in_order(f"{message} blockquote > p") == ["left", "right"]
    assert directions(page, f"{message} :is(ul, table)") == {"ltr"}
    # Each line of a user's message also begins on its own side.
    ours = page.locator(".message.ours .text")
    assert ours.evaluate("""node => node.textContent.split("\\n").map((line) => {
        const range = document.createRange();
        const start = node.textContent.indexOf(line);
        range.setStart(node.firstChild, start);
        range.setEnd(node.firstChild, start + line.length);
        const text = range.getBoundingClientRect(), box = node.getBoundingClientRect();
        return Math.abs(text.left - box.left) <= Math.abs(text.right - box.right) ? "left" : "right";
    })""") == ["left", "right", "right", "left"]
    console.check("right-to-left-mixed")


def test_a_title_is_not_cut_within_an_emoji(console, scripted):
    """The title has the first 59 characters, which are more code units in UTF-16."""
    console.register()
    console.say("x" * 58 + "😀 שלום")
    console.finished()
    expect(console.page.locator(".conversations .row-title").first).to_have_text("x" * 58 + "😀…")
    titles = [each["title"] for each in console.call("GET", "/conversations")["data"]]
    assert titles == ["x" * 58 + "😀…"]


def test_names_do_not_reorder_the_sentences_around_them(console, scripted):
    page = console.page
    console.register()
    name = TEXTS["Arabic"]["name"]
    bot = console.call("POST", "/chatbots", {"name": name})
    console.open(f"/chatbots/{bot['id']}")
    expect(console.heading(name)).to_be_visible()
    page.get_by_role("button", name="Delete").last.click()
    title = page.locator("dialog h2")
    expect(title).to_contain_text(name)
    assert f"\u2068{name}\u2069" in title.inner_text()
    assert directions(page, "dialog h2") == {"ltr"}
    page.keyboard.press("Escape")
    # A refusal is shown beside the field; the field keeps its direction.
    console.expect("PATCH", f"/chatbots/{bot['id']}", 422)
    page.locator("[name=model]").fill("نموذج غير معروف")
    page.get_by_role("button", name="Save", exact=True).click()
    assert directions(page, "[name=model]") == {"rtl"}


def test_operators_see_what_users_wrote_in_its_direction(open_console, run):
    console = open_console(run.url)
    page = console.page
    run.operators.call("POST", "/admin/plans", {"name": "الخطة الذهبية"})
    rule = run.operators.call(
        "POST", "/admin/ip-rules", {"cidr": "203.0.113.0/24", "action": "deny", "note": "הודעה לצוות"})
    console.expected |= {("GET", "/users/me", 401)}
    page.goto(f"{run.url}/admin")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill("a calm bird sings")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Plans")).to_be_visible()
    page.goto(f"{run.url}/admin#/plans")
    cell = page.get_by_role("cell", name="الخطة الذهبية", exact=True)
    expect(cell).to_be_visible()
    assert cell.evaluate("node => getComputedStyle(node).direction") == "rtl"
    page.goto(f"{run.url}/admin#/ip-rules")
    cell = page.get_by_role("cell", name="הודעה לצוות", exact=True)
    expect(cell).to_be_visible()
    assert cell.evaluate("node => getComputedStyle(node).direction") == "rtl"
    # Other tests of this server expect none.
    run.operators.call("DELETE", f"/admin/ip-rules/{rule['id']}")
