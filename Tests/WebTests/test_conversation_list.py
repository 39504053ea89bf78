"""The list of conversations beside every page: pinned, by date, archived, renamed, deleted, running."""

import sqlite3

import pytest
from conversation_list import TEXTS, List, eventually
from playwright.sync_api import expect

LONG = 1000


@pytest.fixture(params=TEXTS)
def listed(console, scripted, request):
    console.register()
    return List(console, request.param)


def test_pins_and_archives(listed):
    page, text = listed.page, listed.text
    listed.act("ময়না পাখি", "pin")
    pinned = page.locator("[data-age=pinned]")
    expect(pinned.get_by_role("heading")).to_have_text(text["pinned"])
    expect(pinned.locator(".row-title")).to_have_text(["ময়না পাখি"])
    assert listed.stored("ময়না পাখি")["pinned"]
    page.reload()
    expect(listed.titles.first).to_have_text("ময়না পাখি")
    listed.act("ময়না পাখি", "unpin")
    expect(pinned).to_have_count(0)
    listed.act("العصافير", "archiveOne")
    expect(listed.rows).to_have_count(2)
    listed.undo()
    expect(listed.rows).to_have_count(3)
    assert not listed.stored("العصافير")["archived"]
    listed.act("العصافير", "archiveOne")
    expect(listed.rows).to_have_count(2)
    listed.archive()
    expect(listed.titles).to_have_text(["العصافير"])
    listed.act("العصافير", "back")
    expect(listed.rows).to_have_count(0)
    listed.archive()
    expect(listed.rows).to_have_count(3)
    listed.archive()
    expect(page.get_by_text(text["empty"])).to_be_visible()


def test_renames_in_the_list(listed):
    page, text = listed.page, listed.text
    page.goto(f"{listed.console.url}/#/c/{listed.ids['Trains']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    listed.act("Trains", "rename")
    field = page.get_by_role("textbox", name=text["title"])
    expect(field).to_be_focused()
    field.fill("রেলগাড়ি 🚂")
    page.get_by_role("button", name=text["save"]).click()
    expect(listed.row("রেলগাড়ি 🚂")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("রেলগাড়ি 🚂")
    assert listed.stored("Trains")["title"] == "রেলগাড়ি 🚂"


def test_deletes_with_undo(listed):
    page = listed.page
    page.goto(f"{listed.console.url}/#/c/{listed.ids['Trains']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    listed.act("Trains", "delete")
    expect(listed.rows).to_have_count(2)
    assert listed.stored("Trains")["title"] == "Trains"
    listed.undo()
    expect(listed.rows).to_have_count(3)
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    with page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.status == 204):
        listed.act("Trains", "delete")
        expect(page.locator(".undo")).to_be_visible()
        listed.done()
    listed.console.expect("GET", f"/conversations/{listed.ids['Trains']}", 404)
    # Leaving the page ends the time in which it can be taken back.
    listed.act("العصافير", "delete")
    expect(page.locator(".undo")).to_be_visible()
    page.reload()
    eventually(listed.page, lambda: listed.count() == 1)
    page.reload()
    expect(listed.titles).to_have_text(["ময়না পাখি"])


def test_a_dot_tells_where_a_reply_runs(listed, scripted):
    page, text = listed.page, listed.text
    scripted.model.reply, scripted.model.seconds_per_word = "শব্দ " * 2000, 0.1
    page.goto(f"{listed.console.url}/#/c/{listed.ids['Trains']}")
    # The page before has such a box, too.
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    page.locator("#message").fill("কথা বলো")
    page.locator("#message").press("Enter")
    dot = listed.row("Trains").locator(".dot")
    expect(dot).to_be_visible()
    expect(dot).to_have_attribute("title", text["running"])
    # It stays while another page is open, and goes when the reply has ended.
    page.locator(".new-chat-link").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(dot).to_be_visible()
    page.reload()
    expect(dot).to_be_visible()
    scripted.model.seconds_per_word = 0
    expect(dot).to_be_hidden()
    expect(page.locator(".conversations li").first).to_contain_text("Trains")


def test_the_menu_by_keyboard_and_on_a_phone(listed):
    page, text = listed.page, listed.text
    button = page.get_by_role("button", name=text["actions"].format("Trains"))
    button.focus()
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    items = page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    listed.console.check(f"conversation-list-{'en' if text is TEXTS['en'] else 'bn'}")
    # On the narrow screen its column was hidden, and took the focus along.
    items.last.focus()
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_long_lists_are_read_as_one_scrolls(console, scripted):
    console.register()
    one = console.call("POST", "/conversations", {"title": "কথোপকথন"})
    columns = "workspace_id, chatbot_id, user_id, last_position, created_at, updated_at"
    with sqlite3.connect(scripted.folder / "mynah.sqlite", timeout=60) as database:
        database.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) "
            f"INSERT INTO conversations (id, title, {columns}) SELECT id || '-' || n, 'কথোপকথন ' || n, workspace_id, chatbot_id, "
            "user_id, 0, created_at - n * 3600000, updated_at - n * 3600000 FROM conversations, numbers WHERE id = ?",
            (LONG, one["id"]))
    database.close()
    page = console.page
    page.reload()
    rows = page.locator(".conversations li")
    titles = rows.locator(".row-title")
    expect(titles.first).to_have_text("কথোপকথন")
    for _ in range(LONG):
        page.locator(".conversation-nav").evaluate("node => { node.scrollTop = node.scrollHeight; }")
        if titles.filter(has_text=f"কথোপকথন {LONG}").count():
            break
        page.wait_for_timeout(50)
    expect(rows).to_have_count(LONG + 1)
    expect(titles.last).to_have_text(f"কথোপকথন {LONG}")
    seen = titles.all_text_contents()
    assert len(set(seen)) == len(seen)
