"""Pictures and documents in the composer: chosen, dropped, pasted and removed, and shown with their message."""

import base64

from playwright.sync_api import expect

# One red pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
BENGALI, ARABIC = "রসিদ ২০২৬.png", "تقرير المبيعات (2).txt"
# Gives files to an element as dropping or pasting them does.
GIVE = """([css, type, files]) => {
    const data = new DataTransfer();
    for (const [name, kind, text] of files) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: kind }));
    }
    const options = { bubbles: true, cancelable: true };
    document.querySelector(css).dispatchEvent(type === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: data })
        : new DragEvent(type, { ...options, dataTransfer: data }));
}"""


def give(console, css, kind, *files):
    console.page.evaluate(GIVE, [css, kind, [[name, mime, base64.b64encode(data).decode()] for name, mime, data in files]])


def attached(console):
    return console.page.get_by_role("list", name="Attached files").get_by_role("listitem")


def ready(console, number):
    expect(console.page.locator(".attached li.ready")).to_have_count(number)


def choose(console, *files):
    with console.page.expect_file_chooser() as chooser:
        console.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files([{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files])


def test_a_new_chat_begins_with_files_that_its_message_shows(console):
    console.register()
    choose(console, (BENGALI, "image/png", PNG), (ARABIC, "text/plain", "مرحبا بالعالم".encode()))
    ready(console, 2)
    expect(attached(console).first).to_contain_text(BENGALI)
    expect(console.page.get_by_role("status").filter(has_text="is attached")).to_have_count(1)
    console.check("attached")
    # A message needs words.
    console.composer.press("Enter")
    expect(console.page.get_by_role("alert").filter(has_text="Write something")).to_be_visible()
    console.say("এটা কী?")
    sent = console.messages.first
    files = sent.get_by_role("list", name="Files of this message").get_by_role("listitem")
    expect(files).to_have_count(2)
    picture = files.first.get_by_role("img", name=BENGALI)
    expect(picture).to_be_visible()
    assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 1
    with console.page.expect_download() as download:
        files.nth(1).get_by_role("link").click()
    assert download.value.suggested_filename == ARABIC
    assert download.value.path().read_bytes() == "مرحبا بالعالم".encode()
    # An Arabic name among English words keeps its own order.
    name = files.nth(1).locator(".file-name")
    assert name.evaluate("(node) => getComputedStyle(node).unicodeBidi") == "isolate"
    expect(attached(console)).to_have_count(0)
    console.finished()
    console.check("message-with-files")
    console.page.reload()
    expect(console.messages.first.get_by_role("img", name=BENGALI)).to_be_visible()


def test_files_are_dropped_pasted_and_removed_by_keyboard(console):
    console.register()
    give(console, ".composer", "dragover", ("a.txt", "text/plain", b"x"))
    expect(console.page.locator(".composer.dropping")).to_have_count(1)
    give(console, ".composer", "drop", ("ছবি.txt", "text/plain", "ক".encode()), ("صورة.txt", "text/plain", b"y"))
    expect(console.page.locator(".composer.dropping")).to_have_count(0)
    give(console, "#message", "paste", ("image.png", "image/png", PNG))
    ready(console, 3)
    # The button and the files are reached by Tab alone, and the focus stays where it was.
    console.page.get_by_role("button", name="Remove ছবি.txt").focus()
    console.page.keyboard.press("Enter")
    expect(attached(console)).to_have_count(2)
    expect(console.page.get_by_role("button", name="صورة.txt")).to_be_focused()
    console.page.keyboard.press("Space")
    console.page.keyboard.press("Enter")
    expect(attached(console)).to_have_count(0)
    expect(console.page.get_by_role("button", name="Attach files")).to_be_focused()
    console.say("Without files")
    console.finished()
    expect(console.page.get_by_role("list", name="Files of this message")).to_have_count(0)


def test_what_cannot_be_attached_says_why_in_the_readers_words(open_console, scripted):
    console = open_console(scripted.url)
    console.register()
    choose(console, ("আর্কাইভ.zip", "application/zip", b"PK\x03\x04" + bytes(30)))
    failed = console.page.locator(".attached li.failed")
    expect(failed).to_contain_text("Models cannot read this kind of file")
    console.page.get_by_role("button", name="Remove আর্কাইভ.zip").click()
    choose(console, ("large.png", "image/png", PNG + bytes(17 << 20)))
    expect(failed).to_contain_text("too large")
    # A file that failed keeps no message back.
    console.say("Hi")
    console.finished()
    # The vendor of these tests reads no PDF: words and file come back.
    console.expect("POST", console.page.url.split("#/c/")[1].join(["/conversations/", "/messages"]), 422)
    choose(console, ("চুক্তি.pdf", "application/pdf", b"%PDF-1.7 x"))
    ready(console, 1)
    console.say("সারাংশ দাও")
    expect(console.page.get_by_role("alert").filter(has_text="চুক্তি.pdf")).to_be_visible()
    expect(console.composer).to_have_value("সারাংশ দাও")
    ready(console, 1)


def test_in_bengali(open_console, scripted):
    console = open_console(scripted.url)
    console.register()
    console.page.evaluate("localStorage.setItem('mynah.language', 'bn')")
    console.page.reload()
    with console.page.expect_file_chooser() as chooser:
        console.page.get_by_role("button", name="ফাইল যোগ করুন").click()
    chooser.value.set_files([{"name": "حزمة.zip", "mimeType": "", "buffer": b"PK\x03\x04" + bytes(30)}])
    expect(console.page.locator(".attached li.failed")).to_contain_text("মডেল এই ধরনের ফাইল পড়তে পারে না")
    expect(console.page.get_by_role("button", name="সরান")).to_be_visible()
    console.check("attached-bengali")
