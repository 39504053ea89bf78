"""Search in knowledge files by the real server: kill -9 while a file is embedded, and what a removed file leaves."""

import json
import math
import re
import sqlite3
from collections import Counter
from contextlib import closing

import httpx
from client import User, eventually
from vendor import Hold, Status

SETTINGS = {"EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "vectors"}
PASSAGES = 100
BATCH = 32


def put_text(server, file):
    """Makes a file as it is when it has been read: passages in several scripts, each on a page of its own."""
    texts = [f"{number} টিয়া পাখি الببغاء 鹦鹉 🦜" for number in range(PASSAGES)]
    lines = "\n".join(
        json.dumps({"kind": "paragraph", "text": text, "page": page + 1}) for page, text in enumerate(texts))
    with closing(sqlite3.connect(server.folder / "mynah.sqlite")) as database, database:
        database.execute("DELETE FROM file_texts")
        database.execute(
            "INSERT INTO file_texts (workspace_id, file_id, position, blocks) SELECT workspace_id, id, 0, ? FROM files", [lines])
        database.execute(
            "UPDATE files SET state = 'embedding', error_code = NULL, read_by = NULL, chunks = 0, indexed_chunks = 0 "
            "WHERE id = ?", [file])


def meanings(request):
    """Returns vectors that are alike for texts with the same number."""
    numbers = [int(re.search("[0-9]+", text)[0]) for text in request["input"]]
    rows = [[math.cos(number * turn) for turn in range(1, 9)] for number in numbers]
    data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
    return Status(200, {"object": "list", "data": data, "model": "vectors", "usage": {"prompt_tokens": 5, "total_tokens": 5}})


def prepare(start, vendor):
    server = start(**SETTINGS)
    user = User(server)
    chatbot = user.post("/chatbots", {"name": "Reader"}, 201)["id"]
    file = user.http.post(f"/chatbots/{chatbot}/files", files={"file": ("টিয়া.md", b"x")}).json()["id"]
    assert server.stop() == 0
    put_text(server, file)
    # The server may have read and embedded what was added.
    vendor.embeddings.clear()
    return server, user.name, chatbot, file


def test_a_killed_server_goes_on_where_it_was(start, vendor):
    server, name, chatbot, file = prepare(start, vendor)
    hold = Hold()
    vendor.embed = lambda request: hold if len(vendor.embeddings) == 3 else meanings(request)
    server.start()
    assert hold.reached.wait(60)
    server.kill()
    with closing(sqlite3.connect(server.folder / "mynah.sqlite")) as database:
        counts = database.execute(
            "SELECT state, chunks, indexed_chunks, (SELECT COUNT(*) FROM knowledge_vectors) FROM files").fetchone()
        assert counts == ("embedding", PASSAGES, 2 * BATCH, 2 * BATCH)
    server.start()
    user = signed_in(server, name)
    path = f"/chatbots/{chatbot}/files/{file}"
    assert eventually(lambda: user.get(path)["state"] == "ready", 120), user.get(path)
    assert user.get(path)["indexed_chunks"] == PASSAGES
    with closing(sqlite3.connect(server.folder / "mynah.sqlite")) as database:
        assert database.execute("SELECT COUNT(*) FROM knowledge_chunks").fetchone() == (PASSAGES,)
        assert database.execute("SELECT COUNT(*) FROM knowledge_vectors").fetchone() == (PASSAGES,)
    # Only what was on its way when the server was killed is sent again.
    sent = Counter(text for request in vendor.embeddings for text in request["input"])
    assert len(sent) == PASSAGES and sorted(sent.values()) == [1] * (PASSAGES - BATCH) + [2] * BATCH
    for query in ["7 টিয়া", "7 الببغاء", "7 鹦鹉", "7 🦜"]:
        found = user.post(f"/chatbots/{chatbot}/knowledge/search", {"query": query, "limit": 1})["data"][0]
        assert found["page"] == 8 and found["file_id"] == file and found["word_rank"] == 1, found


def signed_in(server, name):
    """The same user on a server that was started again."""
    user = User.__new__(User)
    user.http, user.name, user.port = httpx.Client(base_url=server.url, timeout=60), name, server.port
    user.sign_in()
    return user


def test_a_removed_file_is_gone_from_the_index_itself(start, vendor):
    server, name, chatbot, file = prepare(start, vendor)
    vendor.embed = meanings
    server.start()
    user = signed_in(server, name)
    path = f"/chatbots/{chatbot}/files/{file}"
    assert eventually(lambda: user.get(path)["state"] == "ready", 120), user.get(path)
    user.delete(path)
    assert user.post(f"/chatbots/{chatbot}/knowledge/search", {"query": "টিয়া"})["data"] == []
    assert server.stop() == 0
    with closing(sqlite3.connect(server.folder / "mynah.sqlite")) as database:
        for table in ("knowledge_chunks", "knowledge_vectors"):
            assert database.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
        # Throws if the index and the table differ.
        database.execute("INSERT INTO knowledge_chunks_index (knowledge_chunks_index) VALUES ('integrity-check')")
