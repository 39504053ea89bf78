"""Folders in the list of conversations."""

import sqlite3

import pytest
from conversation_list import TEXTS, List
from playwright.sync_api import expect

FOLDER = "ভ্রমণ ✈️ رحلات"


@pytest.fixture(params=TEXTS)
def listed(console, scripted, request):
    console.register()
    return List(console, request.param)


def move(listed, title, folder):
    listed.act(title, "move")
    field = listed.page.get_by_role("combobox", name=listed.text["folder"])
    expect(field).to_be_focused()
    field.fill(folder)
    field.press("Enter")
    expect(listed.page.get_by_role("dialog")).to_have_count(0)


def test_files_conversations(listed):
    page = listed.page
    move(listed, "Trains", FOLDER)
    expect(listed.in_folder(FOLDER)).to_have_text(["Trains"])
    assert listed.stored("Trains")["folder"] == FOLDER
    name = listed.section(FOLDER).get_by_role("button", name=FOLDER, exact=True)
    expect(name).to_have_attribute("aria-expanded", "true")
    # Each is shown once, and the folder stays as it was left.
    expect(listed.titles).to_have_count(3)
    page.reload()
    expect(listed.in_folder(FOLDER)).to_have_text(["Trains"])
    listed.console.check(f"folders-{listed.language}")
    name.focus()
    name.press("Enter")
    expect(name).to_have_attribute("aria-expanded", "false")
    expect(listed.in_folder(FOLDER)).to_be_hidden()
    page.reload()
    expect(listed.titles).to_have_count(2)
    expect(name).to_have_attribute("aria-expanded", "false")
    # The folders that are there are suggested; the folder of the moved one opens.
    listed.act("العصافير", "move")
    options = page.locator("dialog datalist option")
    expect(options).to_have_count(1)
    expect(options).to_have_attribute("value", FOLDER)
    page.get_by_role("combobox", name=listed.text["folder"]).fill(FOLDER)
    page.get_by_role("button", name=listed.text["moveConfirm"], exact=True).click()
    expect(listed.in_folder(FOLDER)).to_have_count(2)
    listed.undo()
    expect(listed.in_folder(FOLDER)).to_have_text(["Trains"])
    expect(listed.titles).to_have_count(3)
    assert listed.stored("العصافير")["folder"] is None
    # Without a name it is taken out, and a folder goes with its last conversation.
    move(listed, "Trains", "")
    expect(listed.section(FOLDER)).to_have_count(0)
    expect(listed.titles).to_have_count(3)
    assert listed.stored("Trains")["folder"] is None


def test_pinned_and_archived_ones_of_a_folder(listed):
    page, text = listed.page, listed.text
    move(listed, "Trains", FOLDER)
    expect(listed.in_folder(FOLDER)).to_have_text(["Trains"])
    listed.act("Trains", "pin")
    expect(page.locator("[data-age=pinned] .row-title")).to_have_text(["Trains"])
    expect(listed.section(FOLDER).get_by_text(text["folderPinned"])).to_be_visible()
    listed.act("Trains", "unpin")
    expect(listed.in_folder(FOLDER)).to_have_text(["Trains"])
    listed.act("Trains", "archiveOne")
    expect(listed.section(FOLDER)).to_be_hidden()
    listed.archive()
    expect(listed.titles).to_have_text(["Trains"])
    expect(listed.section(FOLDER)).to_have_count(0)
    listed.act("Trains", "back")
    listed.archive()
    expect(listed.in_folder(FOLDER)).to_have_text(["Trains"])


def test_says_why_a_name_is_refused(listed):
    page = listed.page
    listed.console.expect("PATCH", f"/conversations/{listed.ids['Trains']}", 422)
    listed.act("Trains", "move")
    field = page.get_by_role("combobox", name=listed.text["folder"])
    field.fill("\u202eabc")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field-error")).to_be_visible()
    page.get_by_role("button", name=listed.text["cancel"]).click()
    assert listed.stored("Trains")["folder"] is None


def test_a_folder_is_read_page_by_page(console, scripted):
    console.register()
    listed = List(console, "bn")
    console.call("PATCH", f"/conversations/{listed.ids['Trains']}", {"title": "পাখি 0", "folder": "পাখি"})
    columns = "workspace_id, chatbot_id, user_id, folder, last_position, created_at"
    with sqlite3.connect(scripted.folder / "mynah.sqlite", timeout=60) as database:
        database.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 119) "
            f"INSERT INTO conversations (id, title, {columns}, updated_at) SELECT id || '-' || n, 'পাখি ' || n, {columns}, "
            "updated_at - n FROM conversations, numbers WHERE id = ?", (listed.ids["Trains"],))
    database.close()
    console.page.reload()
    expect(listed.titles).to_have_count(2)
    listed.section("পাখি").get_by_role("button", name="পাখি").click()
    titles = listed.in_folder("পাখি")
    expect(titles.first).to_have_text("পাখি 0")
    titles.last.scroll_into_view_if_needed()
    expect(titles).to_have_count(120)
    assert len(set(titles.all_text_contents())) == 120
