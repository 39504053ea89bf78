"""Notifications when a long reply is done while the page is out of sight."""

import pytest
from playwright.sync_api import expect

TEXTS = {
    "en": {
        "label": "Tell me when a reply is done while I look elsewhere", "on": "Notifications are on in this browser.",
        "denied": "This browser does not allow notifications", "again": "Reply again",
    },
    "bn": {
        "label": "আমি অন্য কোথাও থাকলে উত্তর শেষ হওয়ার খবর দিন", "on": "এই ব্রাউজারে বিজ্ঞপ্তি চালু হয়েছে।",
        "denied": "এই ব্রাউজার এই সাইটের বিজ্ঞপ্তি দেখাতে দেয় না", "again": "আবার উত্তর দিন",
    },
}
# The browser's own notifications, noted as they are made, with a clock that can be put forward and a page that can be hidden.
WATCH = """
window.notes = [];
const Real = window.Notification;
window.Notification = class extends Real {
    constructor(title, options) { super(title, options); notes.push({ title, ...options }); window.lastNote = this; }
};
const now = Date.now;
window.passed = 0;
Date.now = () => now() + passed;
window.isHidden = false;
Object.defineProperty(document, "hidden", { get: () => isHidden });
window.focused = 0;
window.focus = () => { focused += 1; };
"""


class Reader:
    def __init__(self, console, scripted, language):
        self.console, self.page, self.model, self.text, self.language = console, console.page, scripted.model, TEXTS[language], language
        self.page.add_init_script(WATCH)
        self.page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
        self.made = console.call("POST", "/conversations", {"title": "পাখির কথা 🐦"})["id"]
        self.page.reload()

    def turn(self):
        self.page.goto(f"{self.console.url}/#/account")
        box = self.page.get_by_role("switch", name=self.text["label"])
        box.click()
        return box

    def notes(self):
        return self.page.evaluate("notes.filter(({ tag }) => tag !== 'first')")

    def reply(self, seconds, hidden=True):
        """Lets a reply run, which takes so long by the page's clock, on a page that is hidden or not."""
        self.model.reply, self.model.seconds_per_word = "শব্দ " * 60, 1
        self.page.goto(f"{self.console.url}/#/c/{self.made}")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("পাখির কথা 🐦")
        self.page.locator("#message").fill("কথা বলো")
        self.page.locator("#message").press("Enter")
        expect(self.page.locator(".message.theirs .text").last).to_contain_text("শব্দ")
        self.page.evaluate("([time, isOut]) => { passed += time; isHidden = isOut; }", [seconds * 1000, hidden])
        self.model.seconds_per_word = 0
        again = self.page.locator(".message.theirs").last.get_by_role("button", name=self.text["again"])
        expect(again).to_be_visible(timeout=60_000)
        self.page.evaluate("isHidden = false")


@pytest.fixture(params=TEXTS)
def reader(console, scripted, request):
    console.context.grant_permissions(["notifications"], origin=scripted.url)
    console.register()
    return Reader(console, scripted, request.param)


def test_a_long_reply_is_told(reader):
    page = reader.page
    reader.reply(60)
    assert reader.notes() == []
    box = reader.turn()
    expect(page.get_by_text(reader.text["on"])).to_be_visible()
    expect(box).to_be_checked()
    reader.console.check(f"notifications-{reader.language}")
    reader.reply(60)
    name = reader.console.call("GET", "/chatbots")["data"][0]["name"]
    [note] = reader.notes()
    assert (note["title"], note["body"], note["tag"]) == (name, "পাখির কথা 🐦", reader.made)
    assert "শব্দ" not in str(note)
    page.evaluate("lastNote.onclick()")
    assert page.evaluate("focused") == 1
    # It is kept in the browser, until it is switched off.
    page.reload()
    reader.reply(60)
    assert len(reader.notes()) == 1
    reader.turn()
    reader.reply(60)
    assert len(reader.notes()) == 1


def test_what_is_in_sight_is_not_told(reader):
    reader.turn()
    expect(reader.page.get_by_text(reader.text["on"])).to_be_visible()
    reader.reply(60, hidden=False)
    assert reader.notes() == []


def test_a_refusal_is_said(open_console, scripted, reader):
    other = open_console(scripted.url)
    other.register()
    denied = Reader(other, scripted, reader.language)
    denied.page.evaluate("() => { Notification.requestPermission = async () => 'denied'; }")
    box = denied.turn()
    expect(denied.page.get_by_text(denied.text["denied"])).to_be_visible()
    expect(box).not_to_be_checked()
    denied.page.reload()
    expect(box).not_to_be_checked()
    denied.reply(60)
    assert denied.notes() == []
