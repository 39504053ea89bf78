"""Reading of knowledge files by the real server: formats, hostile files, the sandbox, and kill -9."""

import json
import os
import random
import socket
import sqlite3
import struct
import subprocess
import time
import unicodedata
import zlib
from contextlib import closing

import documents
import pytest
from client import User
from mynah_process import BINARY, Server

OFFICE = "# শিরোনাম\n\nপাখিটি কথা বলে। الطائر يتكلم. 会说话的鸟 🦜\n\n| চা | ২০ |\n|----|----|\n| 茶 | 七 |\n\n    let x = 1\n"
WAIT = 300
# The states of a file that has been read; the second follows by itself.
READ = ("embedding", "ready")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading")
    # Others' servers read files meanwhile.
    (folder / "tmp").mkdir()
    server = Server(folder, TMPDIR=str(folder / "tmp")).start()
    with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=10)) as database, database:
        database.execute("UPDATE plans SET files = NULL")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def user(server):
    return User(server)


def add(user, name, content, chatbot=None):
    chatbot = chatbot or user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    response = user.http.post(f"/chatbots/{chatbot}/files", files={"file": (name, content)})
    assert response.status_code == 202, response.text
    return f"/chatbots/{chatbot}/files/{response.json()['id']}"


def ending(user, path):
    """Waits until a file is read, and returns it."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        file = user.get(path)
        if file["state"] not in ("queued", "reading"):
            return file
        time.sleep(0.1)
    raise AssertionError(f"not read in time: {file}")


def blocks(server, path):
    with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=10)) as database:
        rows = database.execute(
            "SELECT blocks FROM file_texts WHERE file_id = ? ORDER BY position", (path.rpartition("/")[2],)).fetchall()
    return [json.loads(line) for (row,) in rows for line in row.split("\n")]


def read(server, user, name, content):
    path = add(user, name, content)
    file = ending(user, path)
    assert file["state"] in READ, file
    return blocks(server, path)


def texts(found, kind="paragraph"):
    return [block["text"] for block in found if block["kind"] == kind]


def nfc(text):
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("format", ["docx", "odt", "epub", "html"])
def test_office_documents(server, user, format):
    content = documents.office(OFFICE, "epub3" if format == "epub" else format)
    if format == "html":
        content = b"<html>" + content + b"</html>"
    found = read(server, user, f"বই.{format}", content)
    assert any(block["kind"] == "heading" and block["text"] == nfc("শিরোনাম") for block in found)
    assert nfc("পাখিটি কথা বলে। الطائر يتكلم. 会说话的鸟 🦜") in texts(found)
    assert "茶\t七" in texts(found, "row")
    assert "let x = 1" in texts(found, "code") + texts(found)


def test_pdf_has_pages_and_a_title(server, user):
    # In a PDF, right-to-left text is drawn from the left.
    content = documents.pdf([["পাখিটি কথা বলে"], ["会说话的鸟 🦜"], [], ["الطائر يتكلم"[::-1]]], "শিরোনাম")
    path = add(user, "a.pdf", content)
    assert ending(user, path)["state"] in READ
    assert [(block["page"], block["text"]) for block in blocks(server, path)] == [
        (1, nfc("পাখিটি কথা বলে")), (2, "会说话的鸟 🦜"), (4, "الطائر يتكلم")]
    with closing(sqlite3.connect(server.folder / "mynah.sqlite", timeout=10)) as database:
        title = database.execute("SELECT title FROM files WHERE id = ?", (path.rpartition("/")[2],)).fetchone()
    assert title == ("শিরোনাম",)


def test_slides_and_sheets(server, user):
    slides = "# প্রথম\n\nপাখি\n\n# 第二\n\n- 🦜\n- الطائر\n"
    found = read(server, user, "a.pptx", documents.office(slides, "pptx"))
    assert {"kind": "heading", "level": 1, "text": nfc("প্রথম"), "page": 2} in found
    assert {"kind": "paragraph", "text": "الطائر", "page": 3} in found
    found = read(server, user, "a.xlsx", documents.sheets([["চা", 20], [None, "二\n行"], ["🦜", 1.5]]))
    assert texts(found, "heading") == [nfc("দাম")] and texts(found, "row") == [nfc("চা\t20"), "二 行", "🦜\t1.5"]


def test_scanned_pages_are_recognized(server, user, tmp_path):
    found = read(server, user, "scan.pdf", documents.scan("Parrots talk in 2026"))
    assert found == [{"kind": "paragraph", "text": "Parrots talk in 2026", "page": 1}]
    bengali = "পাখিটি সুন্দর কথা বলে।"
    found = read(server, user, "স্ক্যান.pdf", documents.pictured(documents.printed(bengali, tmp_path)))
    assert found == [{"kind": "paragraph", "text": nfc(bengali), "page": 1}]


def test_text_and_code(server, user):
    found = read(server, user, "a.py", "def পাখি():\n    return 1\n\nprint('🦜')\n".encode())
    assert texts(found, "code") == [nfc("def পাখি():\n    return 1"), "print('🦜')"]
    found = read(server, user, "a.csv", "নাম,দাম\n\"চা, দুধ\",২০\n".encode())
    assert texts(found, "row") == [nfc("নাম\tদাম"), nfc("চা, দুধ\t২০")]
    assert texts(read(server, user, "a.txt", "会说话\n\nالطائر".encode("utf-16"))) == ["会说话", "الطائر"]


def png(width, height, data=b""):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def locked(content):
    """Marks the files of an archive as encrypted."""
    changed, at = bytearray(content), -1
    while (at := changed.find(b"PK\x01\x02", at + 1)) >= 0:
        changed[at + 8] |= 1
    return bytes(changed)


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 \"ha\">" + "".join(
    f"<!ENTITY a{n} \"{f'&a{n - 1};' * 10}\">" for n in range(1, 12)) + "]>"
ENTITY = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
SLIDES = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" ' \
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def hostile():
    """Yields names, contents and the reasons that are right. None is for a file that may as well be read."""
    chance = random.Random(16)
    docx, odt = documents.office(OFFICE, "docx"), documents.office(OFFICE, "odt")
    epub, pptx = documents.office(OFFICE, "epub3"), documents.office(OFFICE, "pptx")
    xlsx = documents.sheets([["a", 1]])
    slide = f"<p:sld {SLIDES}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>&%s;</a:t></a:r></a:p></p:txBody></p:sp>" \
        "</p:spTree></p:cSld></p:sld>"
    yield "empty.txt", b"", {"empty_file"}
    yield "blank.txt", b" \n\t\r\n" * 1000, {"no_text"}
    yield "zeros.txt", bytes(5000), {"unsupported_format"}
    yield "random.pdf", chance.randbytes(20_000), {"unsupported_format"}
    yield "program.exe", b"\x7fELF" + chance.randbytes(5000), {"unsupported_format"}
    yield "packed.gz", zlib.compress(b"x", wbits=31), {"unsupported_format"}
    yield "nested.zip", documents.archive({"a.zip": documents.archive({"b.zip": docx})}), {"unsupported_format"}
    yield "picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", {"unsupported_format"}
    yield "late.txt", b"a" * 100_000 + b"\xff\xfe\xff", {"damaged"}
    yield "long.txt", "字".encode() * 6_000_000, {"too_large"}
    yield "rows.csv", b"a\n" * 300_000, {"too_large"}
    yield "quote.csv", b"\"" + b"a," * 200_000, {None}
    yield "marks.txt", ("a" + "\u0301" * 200_000).encode(), {None}
    yield "bomb.docx", documents.changed(docx, {"word/media/a.bin": bytes(600 << 20)}), {"too_large"}
    yield "spaces.docx", documents.changed(
        docx, {"word/document.xml": b"<w:document>" + b" " * (250 << 20) + b"</w:document>"}), {"too_large", "damaged", "no_text"}
    yield "many.docx", documents.changed(docx, {f"x/{n}": b"" for n in range(10_001)}), {"too_large"}
    yield "cut.docx", docx[:len(docx) // 2], {"damaged"}
    yield "hollow.docx", documents.changed(docx, {"word/document.xml": None}), {"damaged", "no_text"}
    yield "locked.docx", locked(docx), {"encrypted"}
    yield "locked2.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + bytes(600), {"encrypted"}
    yield "old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {"unsupported_format"}
    yield "entity.docx", documents.changed(
        docx, {"word/document.xml": f"{ENTITY}<w:document><w:body><w:p>&secret;</w:p></w:body></w:document>"}), \
        {None, "damaged", "no_text"}
    yield "hollow.odt", documents.changed(odt, {"content.xml": None}), {"damaged", "no_text"}
    yield "broken.epub", documents.changed(epub, {"META-INF/container.xml": "<container/>"}), {"damaged", "no_text"}
    yield "laughs.pptx", documents.changed(pptx, {"ppt/slides/slide1.xml": LAUGHS + slide % "a11"}), {"damaged"}
    yield "entity.pptx", documents.changed(pptx, {"ppt/slides/slide1.xml": ENTITY + slide % "secret"}), {"damaged", None}
    yield "laughs.xlsx", documents.changed(
        xlsx, {"xl/sharedStrings.xml": f"{LAUGHS}<sst><si><t>&a11;</t></si></sst>"}), {"damaged", None}
    yield "far.xlsx", documents.changed(xlsx, {"xl/worksheets/sheet1.xml":
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'}), {None, "too_large"}
    yield "deep.html", b"<html>" + b"<div>" * 20_000 + b"x", {None, "too_large", "damaged", "too_slow"}
    yield "inside.html", b"<html><iframe src='/etc/passwd'></iframe><img src='file:///etc/passwd'>x", {None}
    yield "short.pdf", b"%PDF-1.7\n", {"damaged"}
    yield "noise.pdf", b"%PDF-1.7\n" + chance.randbytes(50_000), {"damaged"}
    yield "pages.pdf", documents.pdf([[]] * 10_000), {"too_many_pages"}
    yield "loop.pdf", documents.assemble([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 3/Kids[2 0 R 2 0 R]>>", *[b"<<>>"] * 4]), \
        {"damaged", "no_text", "too_large"}
    yield "locked.pdf", documents.pdf([["x"]], trailer=b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (
        b"41" * 32, b"42" * 32)), {"encrypted"}
    yield "cut.png", png(100, 100), {"damaged", "no_text"}
    yield "huge.png", png(50_000, 50_000, zlib.compress(bytes(50_000))), {"damaged", "too_large", "no_text"}


def memory(server):
    """The server's resident memory, in MiB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def test_hostile_files_end_in_a_named_state(server, user):
    for content in ("এক".encode(), documents.office(OFFICE, "docx")):  # The first readings allocate what stays.
        assert ending(user, add(user, "a.docx" if content[0] == 80 else "a.txt", content))["state"] in READ
    pid, before = server.process.pid, memory(server)
    chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    files = [(name, reasons, add(user, name, content, chatbot)) for name, content, reasons in hostile()]
    assert len(files) >= 35
    wrong = []
    for name, reasons, path in files:
        file = ending(user, path)
        if file["error_code"] not in reasons:
            wrong.append((name, file["error_code"]))
        found = json.dumps(blocks(server, path))
        assert "root:" not in found, f"{name} showed a file of the system"
    assert not wrong
    assert server.process.pid == pid and server.process.poll() is None
    # Bodies of some 10 MB arrived meanwhile.
    assert memory(server) - before < 100
    assert not list((server.folder / "tmp").glob("mynah-read-*"))
    assert ending(user, add(user, "পরে.txt", "এখনো চলে".encode()))["state"] in READ


def attempt(folder, body):
    """Runs Lua inside of the sandbox, in pandoc, and returns the text that it makes and how the reading ended."""
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "input").write_text("<html>x")
    script = f"""
function Doc()
  local function try() {body} end
  local ok, result = pcall(try)
  return "\\30paragraph\\31" .. tostring(ok) .. " " .. tostring(result)
end
function Blocksep() return "" end
function Plain(s) return s end
Para, Str = Plain, Plain
"""
    (folder / "writer.lua").write_text(script)
    done = subprocess.run(
        [BINARY, "read-file", folder, "text/html", "html"], check=False, capture_output=True, text=True, timeout=WAIT, cwd=folder,
        env={"MYNAH_CANARY": "canary"})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return "".join(line.get("text", "") for line in lines), lines[-1]


def test_the_sandbox_holds_what_takes_over_a_reader(tmp_path):
    folder = tmp_path / "reading"
    secret = tmp_path / "secret"
    secret.write_text("canary")

    def tried(body):
        return attempt(folder, body)[0]

    assert tried("return 'runs'") == "true runs"
    assert tried("return os.execute('true')").startswith("true nil")
    # A fork bomb.
    assert tried("for n = 1, 10000 do os.execute('sleep 98765 &') end return 'none'") == "true none"
    assert subprocess.run(["pgrep", "-cf", "^sleep 98765$"], check=False, capture_output=True, text=True).stdout.strip() == "0"
    for path in (folder / "made", secret, "/tmp/made", "/dev/shm/made"):
        assert tried(f"return io.open('{path}', 'w')").startswith("true nil"), path
    assert tried(f"return os.remove('{secret}')").startswith("true nil")
    assert tried(f"return os.rename('{secret}', '{folder}/x')").startswith("true nil")
    assert secret.read_text() == "canary"
    assert tried(f"return io.open('{folder}/input'):read(6)") == "true <html>"
    checked = json.loads(subprocess.run(
        [BINARY, "read-file", "--check", folder], check=True, capture_output=True, text=True, timeout=WAIT).stdout)
    assert checked["sandbox"] is True
    if checked["closes_files"]:
        assert tried(f"return io.open('{secret}')").startswith("true nil")
        assert tried("return io.open('/etc/passwd')").startswith("true nil")
        assert tried("return io.open('/proc/self/environ')").startswith("true nil")


def test_the_sandbox_refuses_sockets(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        port = listener.getsockname()[1]
        text, _ = attempt(tmp_path / "reading", f"return pandoc.mediabag.fetch('http://127.0.0.1:{port}/')")
        assert text.startswith("false") and "Operation not permitted" in text
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_memory_and_output_are_bounded(tmp_path):
    hoard = "local s = string.rep('x', 1 << 20) local all = {} for n = 1, 5000 do all[n] = s .. n end return #all"
    assert attempt(tmp_path / "reading", hoard)[0] == "false not enough memory"
    assert attempt(tmp_path / "reading", "return string.rep('word ', 4 << 20)")[1] == {"error": "too_large"}


def test_the_environment_does_not_reach_a_reader(tmp_path):
    assert attempt(tmp_path / "reading", "return os.getenv('MYNAH_CANARY')")[0] == "true nil"
    assert attempt(tmp_path / "reading", "return os.getenv('LANG')")[0] == "true C.UTF-8"


def test_kill_9_loses_and_doubles_nothing(tmp_path):
    server = Server(tmp_path).start()
    user = User(server)
    chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    markdown = [f"# বই {n}\n\n" + "\n\n".join(f"অনুচ্ছেদ {n}-{m} 🦜 中文" for m in range(400)) for n in range(4)]
    files = [add(user, f"{n}.docx", documents.office(text, "docx"), chatbot) for n, text in enumerate(markdown)]
    chance = random.Random(9)
    # After three readings without an end, a file fails, as it may be what ends the server.
    for _ in range(2):
        time.sleep(chance.random())
        server.kill()
        server.start()
        user.sign_in()
    for n, path in enumerate(files):
        assert ending(user, path)["state"] in READ
        expected = [nfc(f"অনুচ্ছেদ {n}-{m} 🦜 中文") for m in range(400)]
        assert [text for text in texts(blocks(server, path)) if "-" in text] == expected
    server.stop()
    assert "reading_failed" not in server.said
