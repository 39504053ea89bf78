"""What every test against the real binary shares: a `mynah` process with a database of its own."""

import json
import os
import signal
import socket
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("MYNAH_BIN", ROOT / ".build/debug/mynah"))
START_SECONDS = 60
STOP_SECONDS = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running `mynah` on a free port; its database and log stay in `folder` across restarts."""

    def __init__(self, folder, **settings):
        self.folder = Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.process = None

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
        environment |= {
            "HOST": "127.0.0.1", "PORT": str(self.port), "DATABASE_URL": f"sqlite:///{self.folder}/mynah.sqlite",
            "RESOURCES_DIR": str(ROOT),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve"], env=environment | self.settings, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"mynah ended with status {self.process.returncode}:\n{self.log.read_text()[-4000:]}")
            try:
                if httpx.get(f"{self.url}/health/ready").status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"mynah was not ready in time:\n{self.log.read_text()[-4000:]}")

    def stop(self):
        """Ends the process as a service manager would; answers its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode

    def restart(self):
        self.stop()
        return self.start()

    @property
    def log(self):
        return self.folder / "mynah.log"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Mynah as it is out of the box: SQLite and the local model."""
    running = Server(tmp_path_factory.mktemp("mynah")).start()
    yield running
    running.stop()


class ScriptedModel:
    """An OpenAI-compatible provider that says what a test wants, at the pace it wants."""

    def __init__(self):
        self.reply = "Hello."
        self.seconds_per_word = 0.0
        self.requests = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                model.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                try:
                    for word in model.reply.split(" "):
                        time.sleep(model.seconds_per_word)
                        self.chunk({"delta": {"content": word + " "}, "finish_reason": None})
                    self.chunk({"delta": {}, "finish_reason": "stop"})
                    self.wfile.write(b"data: [DONE]\n\n")
                except OSError:
                    pass

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
        LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key", OPENAI_BASE_URL=scripted_model.url,
    ).start()
    yield running
    running.stop()


@pytest.fixture
def scripted(scripted_process, scripted_model):
    """Mynah with a scripted model behind it, which is also `scripted.model`."""
    scripted_model.reset()
    scripted_process.model = scripted_model
    return scripted_process
