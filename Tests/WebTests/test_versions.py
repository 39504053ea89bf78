"""Messages have versions: edited in place, asked again, switched by ‹ 2/3 ›, continued in a conversation of their own."""

import pytest
from playwright.sync_api import expect


def begin(console, scripted, *exchanges):
    console.register()
    for question, answer in exchanges:
        scripted.model.reply = answer
        console.say(question)
        expect(console.reply).to_have_text(answer)
        console.finished()


def shows(console, *texts):
    expect(console.page.locator(".message .text")).to_have_text(texts)


def asked(scripted):
    """Returns what the model was told last of the conversation."""
    return [message["content"].strip() for message in scripted.model.requests[-1]["messages"] if message["role"] != "system"]


def edit(console, which, text):
    message = console.page.locator(".message.ours").nth(which)
    message.get_by_role("button", name="Edit", exact=True).click()
    box = console.page.get_by_role("textbox", name="Edit your message")
    expect(box).to_be_focused()
    box.fill(text)
    box.press("Enter")


def test_a_message_is_edited_in_place_and_its_versions_are_switched(console, scripted):
    begin(console, scripted, ("এক?", "উত্তর এক"), ("দুই?", "উত্তর দুই"))
    page = console.page
    scripted.model.reply = "别的回答"
    edit(console, 0, "别的问题？")
    expect(console.reply).to_have_text("别的回答")
    console.finished()
    shows(console, "别的问题？", "别的回答")
    assert asked(scripted) == ["别的问题？"]
    group = page.get_by_role("group", name="Version 2 of 2")
    expect(group).to_contain_text("2/2")
    expect(group.get_by_role("button", name="Next version")).to_be_disabled()
    console.check("versions")

    previous = group.get_by_role("button", name="Previous version")
    previous.focus()
    previous.press("Enter")
    expect(page.locator(".message")).to_have_count(4)
    shows(console, "এক?", "উত্তর এক", "দুই?", "উত্তর দুই")
    first = page.get_by_role("group", name="Version 1 of 2")
    expect(first.get_by_role("button", name="Next version")).to_be_focused()
    expect(page.locator("[role=status]").filter(has_text="Version 1 of 2")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("group", name="Version 2 of 2").get_by_role("button", name="Previous version")).to_be_focused()
    shows(console, "别的问题？", "别的回答")
    page.reload()
    expect(page.locator(".message")).to_have_count(2)
    shows(console, "别的问题？", "别的回答")


def test_any_reply_is_asked_for_again(console, scripted):
    begin(console, scripted, ("one", "first answer"), ("two", "second answer"))
    page = console.page
    scripted.model.reply = "مرحبا 👋"
    page.locator(".message.theirs").first.get_by_role("button", name="Reply again").click()
    expect(page.locator(".message")).to_have_count(2)
    expect(console.reply).to_have_text("مرحبا 👋")
    console.finished()
    group = page.locator(".message.theirs").get_by_role("group", name="Version 2 of 2")
    group.get_by_role("button", name="Previous version").click()
    expect(page.locator(".message")).to_have_count(4)
    shows(console, "one", "first answer", "two", "second answer")
    # What is said now follows the version that is shown.
    scripted.model.reply = "third answer"
    console.say("three")
    expect(console.reply).to_have_text("third answer")
    assert asked(scripted) == ["one", "first answer", "two", "second answer", "three"]


@pytest.mark.parametrize("language", ["en", "bn"])
def test_arrow_up_edits_the_last_message_and_escape_leaves_it(open_console, scripted, language):
    console = open_console(scripted.url)
    begin(console, scripted, ("প্রথম", "ঠিক আছে"))
    page = console.page
    page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
    page.reload()
    names = {
        "en": ("Edit your message", "Edit", "Version 2 of 2"),
        "bn": ("আপনার বার্তা সম্পাদনা করুন", "সম্পাদনা করুন", "২টির মধ্যে ২ নম্বর সংস্করণ"),
    }
    label, button, version = names[language]
    expect(page.locator(".message")).to_have_count(2)
    composer = page.locator("#message")
    composer.press("ArrowUp")
    box = page.get_by_role("textbox", name=label)
    expect(box).to_be_focused()
    expect(box).to_have_value("প্রথম")
    box.fill("কিছু না")
    box.press("Escape")
    expect(box).to_have_count(0)
    expect(page.get_by_role("button", name=button, exact=True)).to_be_focused()
    shows(console, "প্রথম", "ঠিক আছে")
    assert len(scripted.model.requests) == 1
    # ↑ moves the cursor if something has been written.
    composer.fill("draft")
    composer.press("ArrowUp")
    expect(box).to_have_count(0)
    composer.fill("")
    composer.press("ArrowUp")
    box.fill("দ্বিতীয়")
    box.press("Enter")
    expect(page.get_by_role("group", name=version)).to_be_visible()
    shows(console, "দ্বিতীয়", "ঠিক আছে")


def test_an_edit_that_cannot_be_sent_stays_in_its_place(console, scripted):
    begin(console, scripted, ("hello", "hi"))
    page = console.page
    conversation = page.url.rsplit("/", 1)[1]
    message = console.call("GET", f"/conversations/{conversation}/messages")["data"][0]["id"]
    path = f"/conversations/{conversation}/messages/{message}/edit"
    console.expect("POST", path, 422)
    edit(console, 0, "ক" * 32_001)
    box = page.get_by_role("textbox", name="Edit your message")
    expect(box).to_be_focused()
    expect(page.get_by_role("alert").filter(has_text="32000")).to_be_visible()
    assert box.input_value() == "ক" * 32_001
    box.press("Escape")
    shows(console, "hello", "hi")


def test_a_conversation_goes_on_from_a_reply_in_a_new_one(console, scripted):
    begin(console, scripted, ("one", "first answer"), ("two", "second answer"))
    page = console.page
    before = page.url
    page.locator(".message.theirs").first.get_by_role("button", name="Continue in a new conversation").click()
    expect(page.locator(".message")).to_have_count(2)
    assert page.url != before
    shows(console, "one", "first answer")
    expect(page.locator(".conversations a")).to_have_count(2)
    scripted.model.reply = "in the copy"
    console.say("another way")
    expect(console.reply).to_have_text("in the copy")
    page.goto(before)
    expect(page.locator(".message")).to_have_count(4)
