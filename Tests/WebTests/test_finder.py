"""Ctrl+K: one dialog that finds conversations, messages, pages and actions."""

import re
import time
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

TEXTS = {
    "en": {"title": "Find anything", "search": "Search", "account": "Account", "said": "In conversations", "none": "Nothing was found."},
    "bn": {"title": "যা খুশি খুঁজুন", "search": "খুঁজুন", "account": "অ্যাকাউন্ট", "said": "কথোপকথনে", "none": "কিছু পাওয়া যায়নি।"},
}
PATIENCE = 120


def speak(console, language):
    console.page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
    console.page.reload()
    expect(console.page.locator("#message")).to_be_focused()


def talk(console, *messages, title=None):
    """Says messages in a new conversation; returns its id when all of them can be found."""
    conversation = console.call("POST", "/conversations", {"title": title} if title else {})["id"]
    for message in messages:
        console.call("POST", f"/conversations/{conversation}/messages", {"content": message})
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = console.call("GET", f"/conversations/search?q={quote(messages[-1])}&sender=user")["data"]
        if any(entry["conversation_id"] == conversation for entry in found):
            return conversation
        time.sleep(0.5)
    raise AssertionError("the messages were not indexed")


def open_finder(console, text):
    console.page.keyboard.press("Control+k")
    field = console.page.get_by_role("combobox", name=text["title"])
    expect(field).to_be_focused()
    return field


@pytest.mark.parametrize("language", TEXTS)
def test_finds_a_message_marks_its_words_and_goes_to_it(console, scripted, language):
    text = TEXTS[language]
    console.register()
    wanted = "ময়না পাখি আমের বাগানে গান গায় 🐦"
    long = talk(console, wanted, *(f"message number {index}" for index in range(29)), title="বাগান")
    talk(console, "أين تعيش الطيور في الشتاء؟")
    speak(console, language)
    page = console.page
    field = open_finder(console, text)
    options = page.get_by_role("listbox").get_by_role("option")
    field.fill("আমে পাখি")
    found = page.get_by_role("group", name=text["said"]).get_by_role("option")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text(["পাখি", "আমের"])
    expect(found.locator("bdi")).to_have_text("বাগান")
    console.check(f"finder-{language}")
    field.fill("الطيور")
    expect(found.locator("mark").first).to_have_text("الطيور")
    assert found.first.locator(".option-words .hint").evaluate("node => getComputedStyle(node).direction") == "rtl"
    console.check(f"finder-arabic-{language}")
    field.fill("ghostly zzz")
    expect(page.get_by_text(text["none"])).to_be_visible()
    expect(options).to_have_count(0)
    field.fill("আমে পাখি")
    expect(found).to_have_count(1)
    field.press("Enter")
    message = page.locator(".message", has_text=wanted)
    expect(message).to_be_in_viewport()
    expect(message).to_be_focused()
    expect(page).to_have_url(re.compile(f"/c/{long}\\?message="))
    # The same message again, although the address stays the same.
    console.composer.focus() if language == "en" else page.locator("#message").focus()
    open_finder(console, text).fill("আমে পাখি")
    expect(found).to_have_count(1)
    page.keyboard.press("Enter")
    expect(message).to_be_focused()


@pytest.mark.parametrize("language", TEXTS)
def test_pages_and_actions_by_keyboard_alone(console, language):
    text = TEXTS[language]
    console.register()
    bot = console.call("POST", "/chatbots", {"name": "পাখি বিশেষজ্ঞ"})["id"]
    speak(console, language)
    page = console.page
    field = open_finder(console, text)
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    first = field.get_attribute("aria-activedescendant")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id") != first
    field.press("ArrowUp")
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(page.locator("#message")).to_be_focused()
    open_finder(console, text)
    page.keyboard.press("Control+k")
    expect(field).to_be_hidden()
    open_finder(console, text).fill(text["account"])
    expect(options.first).to_contain_text(text["account"])
    page.keyboard.press("Enter")
    expect(console.heading(text["account"])).to_be_visible()
    page.get_by_role("button", name=text["search"], exact=True).click()
    expect(field).to_be_focused()
    field.fill("পাখি")
    # Its chat, its settings and its knowledge.
    expect(options).to_have_count(3)
    options.last.click()
    expect(page).to_have_url(re.compile(f"/chatbots/{bot}/knowledge$"))


def test_an_answer_that_comes_late_does_not_replace_a_later_one(console, scripted):
    console.register()
    talk(console, "শিউলি", title="first")
    talk(console, "বকুল", title="second")
    page = console.page
    held = []
    page.route("**/conversations/search?*", lambda route: held.append(route) if quote("শিউলি") in route.request.url else route.continue_())
    field = open_finder(console, TEXTS["en"])
    with page.expect_request("**/conversations/search?*"):
        field.fill("শিউলি")
    field.fill("বকুল")
    found = page.get_by_role("group", name="In conversations").get_by_role("option")
    expect(found.first).to_contain_text("second")
    for route in held:
        route.abort()
    expect(found.first).to_contain_text("second")
    assert held


def test_says_why_nothing_can_be_searched(console, scripted):
    console.register()
    page = console.page
    console.expect("GET", "/conversations/search", 503)
    error = {"error": {"code": "database_busy", "type": "server_error", "message": "The database is busy.", "param": None}}
    page.route("**/conversations/search?*", lambda route: route.fulfill(status=503, json=error))
    field = open_finder(console, TEXTS["en"])
    field.fill("anything")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("The database is busy.")
    page.unroute("**/conversations/search?*")
    field.fill("anything else")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Nothing was found.")


def test_more_than_a_page_can_be_read(console, scripted):
    console.register()
    talk(console, *(f"জবা {number}" for number in range(13)), title="one")
    talk(console, *(f"জবা {number}" for number in range(13)), title="two")
    page = console.page
    open_finder(console, TEXTS["en"]).fill("জবা")
    found = page.get_by_role("group", name="In conversations").get_by_role("option")
    expect(found).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(found).to_have_count(26)
    expect(found.nth(20)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox", name="Find anything")).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
