"""The played model as a vendor, which serves it in both APIs, and the played model of vectors in OpenAI's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asked import GREETING, reading
from played_anthropic import Anthropic
from played_embeddings import MODEL, Embeddings
from played_model import BadRequest, answer
from played_openai import OpenAI


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client may leave at any time."""


class PlayedVendor:
    """A vendor with both APIs. `requests` has what arrived, as pairs of path and body."""

    def __init__(self):
        self.requests = requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                path = self.path.partition("?")[0]
                requests.append((path, body))
                if path == Embeddings.path:
                    return self.reply(200, json.dumps(Embeddings.answer(body)))
                api = Anthropic if path == Anthropic.path else OpenAI
                try:
                    asked = api.asked(body)
                    said = answer(asked)
                except BadRequest as refused:
                    return self.reply(400, json.dumps(api.error(*refused.args)))
                if body.get("stream"):
                    return self.stream(api.stream(body, said), asked.question == GREETING)
                self.reply(200, json.dumps(api.whole(body, said)))

            def stream(self, text, waits):
                """Sends one event at a time, and the second half when its reader has begun if it `waits`."""
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                events = [*text.split("\n\n")[:-1], ""]
                for index, event in enumerate(events):
                    if waits and index == len(events) // 2:
                        reading.wait()
                    data = f"{event}\n\n".encode() if event else b""
                    self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

            def reply(self, status, text):
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.listener = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_port}"
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def settings(self, api):
        """Returns the settings of a mynah whose provider is this vendor in this API. Vectors are made by this vendor if it
        has OpenAI's API, and else by the local model."""
        key, url = f"{api.upper()}_API_KEY", f"{api.upper()}_BASE_URL"
        address = self.url + ("/v1" if api == "openai" else "")
        vectors = {"EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": MODEL} if api == "openai" else {}
        return {"LLM_PROVIDER": api, "LLM_MODEL": "played", key: "vendor-key-canary", url: address} | vectors

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()
