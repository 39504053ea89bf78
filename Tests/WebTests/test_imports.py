"""Conversations from another service's export, brought in by hand."""

import json

from playwright.sync_api import expect


def conversation(number, title, question, answer):
    return {
        "uuid": number, "name": title, "chat_messages": [
            {"uuid": f"{number}q", "sender": "human", "text": question, "created_at": "2026-02-03T04:05:06Z"},
            {"uuid": f"{number}a", "sender": "assistant", "text": answer, "created_at": "2026-02-03T04:05:09Z"},
        ],
    }


EXPORT = json.dumps([
    conversation("1", "শালিক পাখি", "শালিক কথা বলে?", "হ্যাঁ, **নকল** করে। 🐦"),
    conversation("2", "سؤال عن الطيور", "<img src=x onerror=alert(1)>", "لا أعرف"), {"name": "Folder"},
]).encode()


def choose(console, name, content, label="Exported file"):
    console.page.get_by_label(label).set_input_files({"name": name, "mimeType": "application/json", "buffer": content})


def test_an_export_is_imported_and_its_conversations_are_shown(console):
    console.register()
    console.page.get_by_role("link", name="Account").click()
    console.page.get_by_role("link", name="Import conversations…").click()
    expect(console.heading("Import conversations")).to_be_visible()
    expect(console.page.get_by_text("Nothing has been imported yet.")).to_be_visible()
    button = console.page.get_by_role("button", name="Import", exact=True)
    button.click()
    expect(console.page.get_by_text("Please fill this in.")).to_be_visible()
    choose(console, "রপ্তানি.json", EXPORT)
    button.click()
    row = console.page.get_by_role("listitem").filter(has_text="রপ্তানি.json")
    expect(row).to_contain_text("2 of 3 imported")
    expect(row).to_contain_text("1 were no conversations")
    expect(row).to_contain_text("Done")
    console.check("imports")
    console.page.get_by_role("link", name="শালিক পাখি").click()
    expect(console.messages.nth(1).locator("strong")).to_have_text("নকল")
    console.page.get_by_role("link", name="سؤال عن الطيور").click()
    expect(console.messages.first).to_contain_text("<img src=x onerror=alert(1)>")
    console.say("আরও বলো")
    console.finished()


def test_what_went_wrong_is_said_in_the_readers_language(console):
    console.register()
    console.page.get_by_label("Language").select_option("bn")
    console.open("/imports")
    choose(console, "notes.txt", b"not an export", "রপ্তানি করা ফাইল")
    console.page.get_by_role("button", name="আমদানি করুন", exact=True).click()
    row = console.page.get_by_role("listitem").filter(has_text="notes.txt")
    expect(row).to_contain_text("কোনো পরিচিত সেবার কথোপকথন পাওয়া যায়নি")
    console.check("imports-bn")


def test_a_conversation_is_exported_to_read_and_to_import_again(console):
    console.register()
    console.say("কেমন আছ? 🦜")
    console.finished()

    def download(name):
        console.page.get_by_role("button", name="Export conversation").click()
        with console.page.expect_download() as started:
            console.page.get_by_role("link", name=name, exact=True).click()
        expect(console.page.get_by_role("dialog")).to_have_count(0)
        return started.value.suggested_filename, open(started.value.path(), "rb").read()

    name, text = download("Markdown")
    assert name.endswith(".md") and "কেমন আছ? 🦜" in text.decode()
    name, content = download("JSON")
    told = json.loads(content)
    assert name.endswith(".json") and told["messages"][0]["content"] == "কেমন আছ? 🦜" and told["hidden_messages"] == []
    console.page.get_by_role("button", name="Export conversation").click()
    console.check("export")
    console.page.get_by_role("button", name="Cancel").click()
    console.open("/imports")
    choose(console, "back.json", content)
    console.page.get_by_role("button", name="Import", exact=True).click()
    expect(console.page.get_by_role("listitem").filter(has_text="back.json")).to_contain_text("1 of 1 imported")
