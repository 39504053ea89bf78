"""Files that a visitor of a website sends with a message, in a real browser under a strict policy."""

import base64
import struct
import zlib

import pytest
from playwright.sync_api import expect
from test_attachments import ARABIC, BENGALI, PNG
from texts_of_widget import TEXTS
from website import SCREENSHOTS, Visitor



def picture(width, height):
    """Creates a green PNG."""

    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + b"\x20\x80\x40" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


ARABIC_TEXT = "مرحبا بالعالم — 你好 🌍".encode()
# Gives files to an element as dropping or pasting them does.
GIVE = """(node, [type, files]) => {
    const data = new DataTransfer();
    for (const [name, kind, text] of files) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: kind }));
    }
    const options = { bubbles: true, cancelable: true };
    node.dispatchEvent(type === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: data })
        : new DragEvent(type, { ...options, dataTransfer: data }));
}"""


@pytest.fixture
def visitor(shop, visit):
    shop.set(attachments=True)
    visitor = visit()
    visitor.open(shop.serve())
    expect(visitor.button("attach")).to_be_visible()
    return visitor


def choose(visitor, *files):
    with visitor.page.expect_file_chooser() as chooser:
        visitor.button("attach").click()
    chooser.value.set_files([{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files])


def give(locator, kind, *files):
    locator.evaluate(GIVE, [kind, [[name, mime, base64.b64encode(data).decode()] for name, mime, data in files]])


def attached(visitor):
    return visitor.panel.get_by_role("list", name=visitor.t["attached"]).get_by_role("listitem")


def sent(visitor, at=0):
    return visitor.messages.nth(at).get_by_role("list", name=visitor.t["ofMessage"]).get_by_role("listitem")


def test_the_first_message_has_files(shop, visitor, mynah):
    choose(visitor, (BENGALI, "image/png", PNG), (ARABIC, "text/plain", ARABIC_TEXT))
    expect(attached(visitor)).to_have_count(2)
    # Nothing is sent before the message.
    assert shop.conversations == []
    visitor.picture(SCREENSHOTS / "widget-attached.png")
    visitor.check()
    visitor.composer.press("Enter")
    expect(visitor.notice).to_have_text(visitor.t["needsText"])
    visitor.say("এটা কী? ما هذا؟ 🧾")
    visitor.finished()
    expect(attached(visitor)).to_have_count(0)
    expect(visitor.notice).to_be_empty()
    parts = mynah.model.requests[-1]["messages"][-1]["content"]
    assert any("image_url" in part for part in parts) and ARABIC_TEXT.decode() in str(parts)
    assert len(shop.conversations) == 1

    def check_sent():
        expect(sent(visitor)).to_have_count(2)
        picture = sent(visitor).first.locator("canvas")
        expect(picture).to_be_visible()
        # The one pixel is red, and half transparent.
        red = picture.evaluate("node => [...node.getContext('2d').getImageData(0, 0, 1, 1).data]")
        assert red[0] > 200 and red[1] < 40 and red[2] < 40 and red[3] == 127
        with visitor.page.expect_download() as download:
            sent(visitor).nth(1).get_by_role("button", name=ARABIC).click()
        assert download.value.suggested_filename == ARABIC and download.value.path().read_bytes() == ARABIC_TEXT

    check_sent()
    visitor.picture(SCREENSHOTS / "widget-files.png")
    visitor.check()
    visitor.page.reload()
    visitor.launcher.click()
    check_sent()
    # A later message of the same conversation.
    choose(visitor, ("明细.csv", "text/csv", "灯,价\n小,10\n".encode()))
    visitor.say("And this?")
    visitor.finished()
    expect(visitor.messages).to_have_count(4)
    expect(sent(visitor, 2)).to_have_text(["明细.csv"])
    assert len(shop.conversations) == 1


def test_files_are_dropped_pasted_and_removed_by_keyboard(visitor):
    page, panel = visitor.page, visitor.panel
    give(panel, "dragover", ("a.txt", "text/plain", b"x"))
    expect(visitor.page.locator("mynah-chat dialog.dropping")).to_have_count(1)
    give(panel, "drop", ("ছবি.txt", "text/plain", "ক".encode()), ("صورة.txt", "text/plain", b"y"))
    expect(visitor.page.locator("mynah-chat dialog.dropping")).to_have_count(0)
    give(visitor.composer, "paste", ("image.png", "image/png", PNG))
    expect(attached(visitor)).to_have_count(3)
    expect(visitor.composer).to_be_focused()
    remove = [panel.get_by_role("button", name=visitor.t["removeFile"].replace("{name}", f"\u2068{name}\u2069"))
              for name in ("ছবি.txt", "صورة.txt", "image.png")]
    # Removing one moves the focus to the next, and at last to the button that attaches.
    remove[0].focus()
    page.keyboard.press("Enter")
    expect(remove[1]).to_be_focused()
    page.keyboard.press("Enter")
    expect(remove[2]).to_be_focused()
    page.keyboard.press("Enter")
    expect(attached(visitor)).to_have_count(0)
    expect(visitor.button("attach")).to_be_focused()
    visitor.say("Without files")
    visitor.finished()
    expect(sent(visitor)).to_have_count(0)


def test_what_cannot_be_sent_says_why_and_nothing_is_lost(shop, visitor):
    visitor.expected = {415}
    choose(visitor, ("large.png", "image/png", PNG + bytes(8 << 20)))
    expect(visitor.notice).to_contain_text(visitor.t["largeFile"].split("{")[0].strip())
    expect(attached(visitor)).to_have_count(0)
    choose(visitor, *[(f"{number}.txt", "text/plain", b"x") for number in range(6)])
    expect(attached(visitor)).to_have_count(5)
    expect(visitor.notice).to_have_text(visitor.t["manyFiles"].replace("{count}", "\u20685\u2069"))
    for _ in range(5):
        attached(visitor).first.get_by_role("button").click()
    give(visitor.composer, "paste", ("أرشيف.zip", "application/zip", b"PK\x03\x04" + bytes(30)))
    visitor.say("পড়ুন")
    expect(visitor.notice).to_have_text(visitor.t["fileKind"])
    expect(visitor.composer).to_have_value("পড়ুন")
    expect(attached(visitor)).to_have_count(1)
    expect(visitor.messages).to_have_count(0)
    visitor.check()
    attached(visitor).first.get_by_role("button").click()
    visitor.composer.press("Enter")
    visitor.finished()
    expect(visitor.messages).to_have_count(2)
    # What was refused has left nothing: one conversation, which the message continued.
    assert len(shop.conversations) == 1


def test_a_file_that_the_model_does_not_take_gives_the_message_back(shop, visitor):
    visitor.expected = {422}
    # The vendor of these tests reads no PDF.
    choose(visitor, ("চুক্তি.pdf", "application/pdf", b"%PDF-1.7 x"))
    visitor.say("সারাংশ দাও")
    expect(visitor.notice).to_have_text(visitor.t["fileKind"])
    expect(visitor.composer).to_have_value("সারাংশ দাও")
    expect(visitor.messages).to_have_count(0)
    visitor.composer.press("Enter")
    visitor.finished()
    expect(visitor.messages).to_have_count(2)
    assert len(shop.conversations) == 1


def test_a_cut_or_stopped_transfer_is_begun_again(shop, visitor, mynah):
    choose(visitor, ("一.txt", "text/plain", b"one"), ("二.txt", "text/plain", b"two"))
    answered = []

    def cut(route):
        answered.append(route.request.method)
        route.continue_() if len(answered) == 1 else route.abort()

    visitor.page.route("**/widget/conversations/*/files", cut)
    visitor.say("Two files")
    expect(visitor.notice).to_have_text(visitor.t["unreachable"])
    expect(attached(visitor)).to_have_count(2)
    expect(visitor.composer).to_have_value("Two files")
    visitor.page.unroute("**/widget/conversations/*/files")
    # Held until the visitor stops it.
    held = []
    visitor.page.route("**/widget/conversations/*/files", lambda route: held.append(route))
    visitor.composer.press("Enter")
    expect(visitor.notice).to_have_text(visitor.t["attaching"])
    visitor.button("stop").click()
    expect(visitor.button("send")).to_be_visible()
    expect(visitor.notice).to_be_empty()
    visitor.page.unroute("**/widget/conversations/*/files")
    visitor.composer.press("Enter")
    visitor.finished()
    expect(sent(visitor)).to_have_text(["一.txt", "二.txt"])
    # The first file was sent but once.
    assert len([url for url in visitor.requests if url.endswith("/files")]) == 4
    assert len(shop.conversations) == 1 and len(mynah.model.requests) == 1
    visitor.problems = [problem for problem in visitor.problems if "net::" not in problem]


def test_a_widget_that_takes_no_files_shows_no_button(shop, visit):
    visitor = visit()
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    expect(visitor.button("attach")).to_be_hidden()
    give(visitor.composer, "paste", ("a.txt", "text/plain", b"x"))
    give(visitor.panel, "drop", ("a.txt", "text/plain", b"x"))
    expect(attached(visitor)).to_have_count(0)
    # The settings change while the panel is open.
    shop.set(attachments=True)
    visitor.page.reload()
    visitor.launcher.click()
    choose(visitor, ("a.txt", "text/plain", b"x"))
    shop.set(attachments=False)
    visitor.expected = {403}
    visitor.say("Hi")
    expect(visitor.notice).to_have_text(visitor.t["noFiles"])
    assert shop.conversations == []


def test_on_a_phone_in_bengali(shop, visit):
    shop.set(attachments=True)
    visitor = visit(Visitor.NARROW, has_touch=True, is_mobile=True, reduced_motion="reduce", locale="bn-BD")
    visitor.open(shop.serve(lang="bn"), lang="bn")
    choose(visitor, ("একটি খুব লম্বা নামের রসিদ যা এক লাইনে ধরে না " * 3 + ".png", "image/png", picture(900, 600)), ("b.txt", "text/plain", b"x"))
    expect(attached(visitor)).to_have_count(2)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360
    box, inside = visitor.panel.bounding_box(), attached(visitor).first.bounding_box()
    assert inside["x"] >= box["x"] and inside["x"] + inside["width"] <= box["x"] + box["width"]
    visitor.picture(SCREENSHOTS / "widget-attached-phone.png")
    visitor.check()
    assert visitor.t == TEXTS["bn"]
    visitor.say("দেখুন")
    visitor.finished()
    expect(sent(visitor)).to_have_count(2)
    # As large as the thread allows, and within it.
    shown = sent(visitor).first.locator("canvas")
    expect(shown).to_be_visible()
    assert shown.evaluate("node => [node.width, node.height]") == [220, 147]
    box, inside = visitor.panel.bounding_box(), sent(visitor).first.bounding_box()
    assert inside["x"] >= box["x"] and inside["x"] + inside["width"] <= box["x"] + box["width"]
    visitor.picture(SCREENSHOTS / "widget-files-phone.png")
    visitor.check()
