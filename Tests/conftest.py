"""Shared by all tests of the real binary."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from mynah_process import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Mynah with default settings: SQLite and the local model."""
    running = Server(tmp_path_factory.mktemp("mynah")).start()
    yield running
    running.stop()


class ScriptedModel:
    """An OpenAI-compatible provider with replies, thoughts, a reason to end and a pace that the test sets; it can break off, and
    refuse to make vectors."""

    def __init__(self):
        self.requests = []
        self.reset()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path.endswith("/embeddings"):
                    return self.embed(request)
                model.requests.append(request)
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                try:
                    if model.thoughts:
                        self.chunk({"delta": {"reasoning_content": model.thoughts}, "finish_reason": None})
                    for word in filter(None, model.reply.split(" ")):
                        time.sleep(model.seconds_per_word)
                        self.chunk({"delta": {"content": word + " "}, "finish_reason": None})
                    if model.breaks_off:
                        self.close_connection = True
                        return
                    self.chunk({"delta": {}, "finish_reason": model.reason})
                    self.wfile.write(b"data: [DONE]\n\n")
                except OSError:
                    pass

            def embed(self, request):
                if model.refuses_texts:
                    self.send_response(400)
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
                texts = request["input"]
                data = [
                    {"object": "embedding", "index": index, "embedding": [1.0, len(text) / 100]}
                    for index, text in enumerate(texts)
                ]
                usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
                body = json.dumps({"object": "list", "data": data, "model": "vectors", "usage": usage}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def chunk(self, choice):
                body = {
                    "id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
                    "choices": [{"index": 0, **choice}],
                }
                self.wfile.write(f"data: {json.dumps(body)}\n\n".encode())
                self.wfile.flush()

            def log_message(self, *_):
                pass

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.listener.server_port}/v1"
        Thread(target=self.listener.serve_forever, daemon=True).start()

    def reset(self):
        self.reply, self.seconds_per_word = "Hello.", 0.0
        self.thoughts, self.reason, self.breaks_off = "", "stop", False
        self.refuses_texts = False
        self.requests.clear()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


@pytest.fixture(scope="session")
def scripted_model():
    model = ScriptedModel()
    yield model
    model.close()


@pytest.fixture(scope="session")
def scripted_process(tmp_path_factory, scripted_model):
    running = Server(
        tmp_path_factory.mktemp("scripted"),
        LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url,
    ).start()
    yield running
    running.stop()


@pytest.fixture
def scripted(scripted_process, scripted_model):
    """Mynah with a scripted model, which is also `scripted.model`."""
    scripted_model.reset()
    scripted_process.model = scripted_model
    return scripted_process
