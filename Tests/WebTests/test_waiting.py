"""Messages that are sent while a reply is being written, and titles that are given meanwhile."""

import pytest
from playwright.sync_api import expect

TEXTS = {
    "en": {"next": "Send after this reply", "queued": "Sent when this reply has ended", "now": "Send now", "back": "Take it back", "stop": "Stop the reply"},
    "bn": {"next": "এই উত্তরের পরে পাঠান", "queued": "এই উত্তর শেষ হলে পাঠানো হবে", "now": "এখনই পাঠান", "back": "ফিরিয়ে নিন", "stop": "উত্তর থামান"},
}
LONG = "শব্দ " * 2000


@pytest.fixture(params=["en", "bn"])
def talk(console, scripted, request):
    """A conversation in which a long reply is being written."""
    console.text = TEXTS[request.param]
    console.register()
    console.page.evaluate("code => localStorage.setItem('mynah.language', code)", request.param)
    console.page.reload()
    scripted.model.reply, scripted.model.seconds_per_word = LONG, 0.1
    box(console).fill("প্রথম প্রশ্ন")
    box(console).press("Enter")
    expect(console.reply).to_contain_text("শব্দ")
    return console


def box(console):
    return console.page.locator("#message")


def own(console):
    return console.page.locator(".message.ours .text")


def test_a_message_waits_for_the_reply(talk, scripted):
    page, text = talk.page, talk.text
    expect(page.get_by_role("button", name=text["next"])).to_be_hidden()
    box(talk).fill("ثم ماذا؟")
    page.get_by_role("button", name=text["next"]).click()
    queued = page.get_by_role("group", name=text["queued"])
    expect(queued).to_contain_text("ثم ماذا؟")
    expect(box(talk)).to_have_value("")
    expect(own(talk)).to_have_count(1)
    # One waits, and what is written after it stays in the box.
    box(talk).fill("第三句")
    expect(page.get_by_role("button", name=text["next"])).to_be_hidden()
    box(talk).press("Enter")
    expect(box(talk)).to_have_value("第三句")
    talk.check(f"waiting-{'en' if text is TEXTS['en'] else 'bn'}")
    scripted.model.seconds_per_word = 0
    expect(own(talk)).to_have_text(["প্রথম প্রশ্ন", "ثم ماذا؟"])
    expect(queued).to_be_hidden()
    expect(page.locator(".message.theirs")).to_have_count(2)
    expect(box(talk)).to_have_value("第三句")


def test_it_is_sent_at_once_or_taken_back(talk, scripted):
    page, text = talk.page, talk.text
    box(talk).fill("দ্বিতীয় 🐦")
    box(talk).press("Enter")
    page.get_by_role("button", name=text["back"]).click()
    expect(box(talk)).to_have_value("দ্বিতীয় 🐦")
    expect(box(talk)).to_be_focused()
    box(talk).press("Enter")
    expect(box(talk)).to_have_value("")
    box(talk).press("ArrowUp")
    expect(box(talk)).to_have_value("দ্বিতীয় 🐦")
    box(talk).press("Enter")
    scripted.model.reply = "ছোট"
    page.get_by_role("button", name=text["now"]).click()
    expect(own(talk)).to_have_text(["প্রথম প্রশ্ন", "দ্বিতীয় 🐦"])
    expect(talk.reply).to_have_text("ছোট")
    page.reload()
    expect(own(talk)).to_have_text(["প্রথম প্রশ্ন", "দ্বিতীয় 🐦"])


def test_it_is_not_lost_with_the_page_or_with_the_reply(talk, scripted):
    page = talk.page
    box(talk).fill("কাল কী হবে?")
    box(talk).press("Enter")
    box(talk).fill("আর পরশু?")
    page.reload()
    expect(box(talk)).to_have_value("কাল কী হবে?\nআর পরশু?")
    expect(own(talk)).to_have_text(["প্রথম প্রশ্ন"])


def test_a_new_conversation_has_its_title_at_once(talk):
    page = talk.page
    expect(page.get_by_role("heading", level=1)).to_have_text("প্রথম প্রশ্ন")
    expect(page.locator(".conversations li .row-title").first).to_have_text("প্রথম প্রশ্ন")
    expect(page).to_have_title("প্রথম প্রশ্ন · Mynah")
