"""A conversation is shared by a link, which anyone can open until it ends."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

TEXTS = {
    "en": ("Share", "Make a link", "End this link", "This link opens nothing any more"),
    "bn": ("শেয়ার করুন", "লিঙ্ক তৈরি করুন", "লিঙ্কটি বন্ধ করুন", "এই লিঙ্কে আর কিছু নেই"),
}


def begin(console, scripted):
    console.register()
    scripted.model.reply = "**উত্তর** مرحبا 👋 <img src=x onerror=alert(1)>"
    console.say("ছুটি কবে? 假期")
    expect(console.reply).to_contain_text("উত্তর")
    console.finished()


def share(console, name, make):
    """Makes a link in the dialog and returns its address."""
    page = console.page
    page.get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog", name=name)
    dialog.get_by_role("button", name=make).click()
    link = dialog.locator(".code code")
    expect(link).to_contain_text("/#/shared/")
    expect(dialog.locator(".code button")).to_be_focused()
    return link.text_content()


@pytest.mark.parametrize("language", ["en", "bn"])
def test_a_link_is_made_opened_by_a_stranger_and_ended(open_console, scripted, language):
    title, make, end, gone = TEXTS[language]
    owner = open_console(scripted.url)
    begin(owner, scripted)
    owner.page.evaluate("language => localStorage.setItem('mynah.language', language)", language)
    owner.page.reload()
    link = share(owner, title, make)
    owner.check(f"share-{language}")
    row = owner.page.get_by_role("dialog").locator(".rows li")
    expect(row).to_have_count(1)

    stranger = open_console(scripted.url, locale={"en": "en-GB", "bn": "bn-BD"}[language])
    stranger.open(urlsplit(link).fragment)
    page = stranger.page
    expect(stranger.heading("ছুটি কবে? 假期")).to_be_visible()
    expect(page.locator(".message .text")).to_have_count(2)
    expect(page.locator(".message.theirs strong")).to_have_text("উত্তর")
    assert page.locator(".message img").count() == 0
    expect(page.locator(".message button")).to_have_count(0)
    stranger.check(f"shared-{language}")

    row.get_by_role("button", name=end).click()
    expect(row).to_have_count(0)
    stranger.expect("GET", f"/shared/{link.rsplit('/', 1)[1]}", 404)
    page.reload()
    expect(stranger.heading(gone)).to_be_visible()


def test_a_long_conversation_is_shown_page_by_page(open_console, console, scripted):
    begin(console, scripted)
    conversation = console.page.url.rsplit("/", 1)[1]
    for number in range(60):
        console.call("POST", f"/conversations/{conversation}/messages", {"content": f"বার্তা {number}"})
    link = share(console, "Share", "Make a link")
    stranger = open_console(scripted.url)
    stranger.open(urlsplit(link).fragment)
    messages = stranger.page.locator(".message")
    expect(messages).to_have_count(100)
    stranger.page.get_by_role("button", name="Show more").click()
    expect(messages).to_have_count(122)
    expect(stranger.page.get_by_role("button", name="Show more")).to_be_hidden()


def test_a_refusal_is_said_in_the_dialog(console, scripted):
    begin(console, scripted)
    workspace = console.call("GET", "/workspaces")["data"][0]["id"]
    console.call("PATCH", f"/workspaces/{workspace}", {"allows_sharing": False})
    conversation = console.page.url.rsplit("/", 1)[1]
    console.expect("GET", f"/conversations/{conversation}/share", 403)
    console.page.get_by_role("button", name="Share", exact=True).click()
    expect(console.page.get_by_role("dialog").get_by_role("alert").first).to_contain_text("does not allow links")
