"""Files of conversations: what the vendor gets of them, over HTTP, a WebSocket and the widget; kill -9, and S3 away."""

import base64
import hashlib
import json
import sqlite3
import threading
import time
from contextlib import closing

import anthropic
import httpx
import openai
from client import User
from sdk import PIXEL, application
from test_files import S3
from websocket_client import opened, say, until_end

PNG = base64.b64decode(PIXEL)
TEXT = "মোট ৪২ টাকা · المجموع ٤٢ · 总计四十二 🧾"


def attach(user, conversation, content, name):
    response = user.http.post(f"/conversations/{conversation}/files", files={"file": (name, content)})
    assert response.status_code == 201, response.text
    return {"file_id": response.json()["id"]}


def upload(user, content, name):
    begun = user.post("/uploads", {"name": name, "bytes": len(content)}, 201)["id"]
    assert user.http.put(f"/uploads/{begun}/1", content=content).status_code == 200
    return {"upload_id": begun}


def test_the_vendor_gets_pictures_as_parts_and_text_files_as_text(user, vendor):
    conversation = user.conversation()
    files = [attach(user, conversation, PNG, "ছবি.png"), attach(user, conversation, TEXT.encode(), "حساب.txt")]
    user.post(f"/conversations/{conversation}/messages", {"content": "এটা কী?", "attachments": files})
    content = vendor.requests[-1]["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["image_url", "text", "text"]
    assert content[0]["image_url"]["url"] == f"data:image/png;base64,{PIXEL}"
    assert TEXT in content[1]["text"] and '"حساب.txt"' in content[1]["text"] and content[2]["text"] == "এটা কী?"
    # The next turn still has them, with their message.
    user.post(f"/conversations/{conversation}/messages", {"content": "আর?"})
    earlier = [message["content"] for message in vendor.requests[-1]["messages"]]
    assert content in earlier and "আর?" == earlier[-1]


def test_a_websocket_takes_the_same_files(user, vendor):
    with opened(user) as ws:
        say(ws, type="message", message="Read it.", attachments=[upload(user, TEXT.encode(), "নোট.txt")])
        done = until_end(ws)[-1]
        assert done["event"] == "done", done
        assert TEXT in vendor.requests[-1]["messages"][-1]["content"]
        say(ws, type="message", message="x", attachments=[{}])
        refused = until_end(ws)[-1]
        assert (refused["event"], refused["data"]["error"]["code"]) == ("error", "invalid_value")
    conversation = done["data"]["conversation_id"]
    shown = user.messages(conversation)[0]["attachments"]
    assert [file["name"] for file in shown] == ["নোট.txt"]


def test_the_sdks_send_files_in_their_own_forms(mynah, user, vendor):
    key = application(user).key
    client = openai.OpenAI(api_key=key, base_url=f"{mynah.url}/v1", max_retries=0)
    stored = client.files.create(file=("হিসাব.txt", TEXT.encode()), purpose="user_data")
    data = base64.b64encode(TEXT.encode()).decode()
    for file in ({"file_id": stored.id}, {"filename": "হিসাব.txt", "file_data": f"data:text/plain;base64,{data}"}):
        client.chat.completions.create(
            model="bird", messages=[{"role": "user", "content": [{"type": "file", "file": file}]}]
        )
        assert TEXT in vendor.requests[-1]["messages"][-1]["content"]
    anthropics = anthropic.Anthropic(api_key=key, base_url=mynah.url, max_retries=0)
    picture = client.files.create(file=("图.png", PNG), purpose="user_data")
    anthropics.messages.create(
        model="bird", max_tokens=9, messages=[{"role": "user", "content": [
            {"type": "document", "source": {"type": "file", "file_id": stored.id}},
            {"type": "image", "source": {"type": "file", "file_id": picture.id}},
            {"type": "document", "source": {"type": "base64", "media_type": "text/plain", "data": data}},
            {"type": "text", "text": "?"},
        ]}],
    )
    content = vendor.requests[-1]["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "text", "text"]
    assert TEXT in content[0]["text"] and TEXT in content[2]["text"]
    assert content[1]["image_url"]["url"] == f"data:image/png;base64,{PIXEL}"
    # The vendor of these tests is no OpenAI, so it gets no PDF.
    pdf = base64.b64encode(b"%PDF-1.7 x").decode()
    before = len(vendor.requests)
    for call in (
        lambda: client.chat.completions.create(model="bird", messages=[{"role": "user", "content": [
            {"type": "file", "file": {"filename": "চুক্তি.pdf", "file_data": f"data:application/pdf;base64,{pdf}"}}
        ]}]),
        lambda: anthropics.messages.create(model="bird", max_tokens=9, messages=[{"role": "user", "content": [
            {"type": "document", "title": "চুক্তি.pdf",
             "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}}
        ]}]),
    ):
        try:
            call()
            raise AssertionError("a PDF was taken")
        except (openai.BadRequestError, anthropic.BadRequestError) as refused:
            assert "চুক্তি.pdf" in str(refused)
    assert len(vendor.requests) == before


def test_kill_9_while_files_are_attached_leaves_whole_files_and_nothing_half(start, tmp_path):
    server = start()
    user = User(server)
    conversation = user.conversation()
    content = PNG + bytes(9 << 20)
    acknowledged = set()
    for round in range(5):

        def send():
            for _ in range(20):
                try:
                    acknowledged.add(attach(user, conversation, content, "ছবি.png")["file_id"])
                except (httpx.TransportError, AssertionError):
                    return

        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(0.05 + 0.11 * round)
        server.kill()
        sender.join()
        server.start()
        user.http.close()
        user.http = httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {user.token}"})
    listed = {file["id"] for file in user.get(f"/conversations/{conversation}/files?limit=200")["data"]}
    assert acknowledged <= listed
    for file in sorted(listed)[:10]:
        assert user.http.get(f"/conversations/{conversation}/files/{file}/content").content == content
    with closing(sqlite3.connect(tmp_path / "mynah.sqlite", timeout=10)) as database:
        files = dict(database.execute("SELECT id, bytes FROM files"))
        parts = database.execute("SELECT file_id, object, bytes, sha256 FROM file_parts WHERE file_id IS NOT NULL").fetchall()
        # What was cut off is an upload, whose bytes count until it expires.
        assert all(size == len(content) for size in files.values())
        unfinished = database.execute("SELECT COUNT(*) FROM uploads").fetchone()[0]
    assert unfinished <= 5
    for file in files:
        assert sum(part[2] for part in parts if part[0] == file) == len(content)
    for _, name, length, sha256 in parts:
        stored = (tmp_path / "files" / name[:2] / name).read_bytes()
        assert len(stored) == length and hashlib.sha256(stored).digest() == sha256


def test_while_s3_is_away_a_turn_with_a_file_waits_for_its_return(start, tmp_path, vendor):
    folder = tmp_path / "s3"
    folder.mkdir()
    s3 = S3(folder)
    try:
        user = User(start(**s3.settings))
        conversation = user.conversation()
        file = attach(user, conversation, TEXT.encode(), "নোট.txt")
        path, body = f"/conversations/{conversation}/messages", {"content": "?", "attachments": [file]}
        s3.stop()
        for response in (
            user.http.post(path, json=body),
            user.http.post(f"/conversations/{conversation}/files", files={"file": ("a.txt", b"x")}),
        ):
            assert response.status_code == 503, response.text
            assert response.json()["error"]["code"] == "file_store_unavailable"
            assert int(response.headers["Retry-After"]) > 0 and str(s3.port) not in response.text
        assert user.messages(conversation) == [] and not vendor.requests
        # A turn without files goes on meanwhile.
        user.post("/chat", {"message": "Hi"})
        s3.start()
        user.post(path, body)
        assert TEXT in vendor.requests[-1]["messages"][-1]["content"]
    finally:
        s3.stop()


def test_what_is_deleted_while_a_reply_runs_is_gone(start, tmp_path, vendor):
    user = User(start())
    conversation = user.conversation()
    file = attach(user, conversation, TEXT.encode(), "নোট.txt")
    vendor.reply = ["One", 0.5, " two"]
    answers = []
    turn = threading.Thread(target=lambda: answers.append(user.http.post(
        f"/conversations/{conversation}/messages", json={"content": "?", "attachments": [file]})))
    turn.start()
    time.sleep(0.2)
    user.delete(f"/conversations/{conversation}")
    turn.join()
    deadline = time.monotonic() + 60
    left = None
    while time.monotonic() < deadline:
        objects = [path for path in (tmp_path / "files").rglob("*") if path.is_file() and path.name != "0" * 32]
        with closing(sqlite3.connect(tmp_path / "mynah.sqlite", timeout=10)) as database:
            left = [database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                    for table in ("files", "message_files", "messages", "conversations")]
        if not any(left) and not objects:
            break
        time.sleep(0.5)
    assert not any(left) and not objects, (left, objects, json.dumps([answer.text for answer in answers]))
