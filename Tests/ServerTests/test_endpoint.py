"""A chatbot's own endpoint, `llm_endpoint_url`, in place of a provider."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from client import User, eventually, text


class Endpoint:
    """A user's own model: records its requests and answers as the test sets."""

    def __init__(self):
        self.calls = []
        self.answer = (200, {"Content-Type": "application/json"}, b'{"response": "My own answer."}')
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.calls.append((self.path, dict(self.headers), body))
                status, headers, answer = endpoint.answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/answer"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


def chatbot(user, url, **fields):
    return user.post("/chatbots", {"name": "Own", "llm_endpoint_url": url} | fields, 201)["id"]


def test_the_endpoint_is_sent_the_signed_context_and_its_answer_is_the_reply(start, vendor, endpoint):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on"))
    bot = chatbot(user, endpoint.url, greeting="Hello!", config={"tone": "dry"})
    user.post(f"/chatbots/{bot}/prompts", {"content": "A secret prompt."}, 201)
    secret = user.get(f"/chatbots/{bot}/signing-secret")["signing_secret"]
    first = user.post("/chat", {"chatbot_id": bot, "message": "What is new?", "session_data": {"cart": 3}})
    assert first["message"]["content"] == "My own answer."
    again = {"chatbot_id": bot, "message": "And now?", "conversation_id": first["conversation_id"]}
    assert user.post("/chat", again)["message"]["status"] == "complete"

    path, headers, body = endpoint.calls[1]
    assert path == "/answer" and vendor.requests == []
    timestamp = headers["Mynah-Timestamp"]
    assert abs(int(timestamp) - time.time()) < 60
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Mynah-Signature"] == f"v1={digest}"
    document = json.loads(body)
    assert document["chatbot_id"] == bot and document["chatbot_name"] == "Own"
    assert document["user_message"] == "And now?" and document["api_key_info"] is None
    assert document["chatbot_config"]["config"] == {"tone": "dry"}
    assert document["chatbot_config"]["greeting"] == "Hello!"
    context = document["user_context"]
    assert context["session_data"] == {"cart": 3} and "What is new?" in context["conversation_context"]
    assert context["user_id"] == user.get("/users/me")["id"]
    assert b"secret prompt" not in body and user.token.encode() not in body


@pytest.mark.parametrize(
    "type_, body, expected",
    [
        ("application/json", b'{"content": "By content."}', "By content."),
        ("application/json", b'{"choices": [{"message": {"content": "As OpenAI."}}]}', "As OpenAI."),
        ("text/plain; charset=utf-8", "আমি বাংলায়।".encode(), "আমি বাংলায়।"),
        ("text/event-stream", b'data: {"content": "In "}\n\ndata: {"content": "bits."}\n\ndata: [DONE]\n\n', "In bits."),
    ],
)
def test_the_endpoint_answers_in_several_forms(start, endpoint, type_, body, expected):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on"))
    endpoint.answer = (200, {"Content-Type": type_}, body)
    with user.stream("/chat", {"chatbot_id": chatbot(user, endpoint.url), "message": "Hi"}) as events:
        events = list(events)
    assert text(events) == expected and events[-1].name == "done"


def test_an_endpoint_that_fails_gives_the_fallback_and_no_provider_stands_in(start, vendor, endpoint):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on", LLM_FALLBACKS="openai/second"))
    bot = chatbot(user, endpoint.url, fallback_message="We are closed.")
    endpoint.answer = (500, {}, b"")
    message = user.post("/chat", {"chatbot_id": bot, "message": "Hi"})["message"]
    assert (message["status"], message["error_code"]) == ("failed", "provider_unavailable")
    assert message["content"] == "We are closed." and len(endpoint.calls) == 3 and vendor.requests == []
    ids = {headers["Idempotency-Key"] for _, headers, _ in endpoint.calls}
    assert ids == {message["id"]}


def test_an_endpoint_in_this_servers_own_network_is_not_called(user, endpoint):
    port = endpoint.port
    hosts = [
        "127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::]",
        "localhost.", "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "100.64.0.1", "192.168.1.1",
    ]
    for host in hosts:
        response = user.http.post("/chatbots", json={"name": host, "llm_endpoint_url": f"http://{host}:{port}/answer"})
        if response.status_code == 422:
            assert response.json()["error"]["param"] == "llm_endpoint_url"
            continue
        message = user.post("/chat", {"chatbot_id": response.json()["id"], "message": "Hi"})["message"]
        assert (message["status"], message["error_code"]) == ("failed", "provider_unavailable"), host
    assert endpoint.calls == []


def test_a_redirect_is_not_followed(start, endpoint):
    user = User(start(ALLOW_PRIVATE_ENDPOINTS="on"))
    endpoint.answer = (302, {"Location": f"http://127.0.0.1:{endpoint.port}/elsewhere"}, b"")
    message = user.post("/chat", {"chatbot_id": chatbot(user, endpoint.url), "message": "Hi"})["message"]
    assert message["error_code"] == "provider_unavailable"
    assert {path for path, _, _ in endpoint.calls} == {"/answer"}


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "file:///etc/passwd", "http://", "//x", "http://a b/", "gopher://x"]
)
def test_an_endpoint_that_is_no_http_address_is_refused_when_it_is_set(user, url):
    error = user.post("/chatbots", {"name": "Own", "llm_endpoint_url": url}, 422)["error"]
    assert error["param"] == "llm_endpoint_url"


def test_one_tenants_broken_endpoint_does_not_keep_another_from_its_own(start, endpoint):
    server = start(ALLOW_PRIVATE_ENDPOINTS="on")
    alice, bob = User(server), User(server)
    broken, sound = chatbot(alice, endpoint.url), chatbot(bob, endpoint.url)
    endpoint.answer = (500, {}, b"")
    for _ in range(3):
        alice.post("/chat", {"chatbot_id": broken, "message": "Hi"})
    endpoint.answer = (200, {"Content-Type": "text/plain"}, b"Sound.")
    assert bob.post("/chat", {"chatbot_id": sound, "message": "Hi"})["message"]["content"] == "Sound."
    again = {"chatbot_id": broken, "message": "Hi"}
    assert eventually(lambda: alice.post("/chat", again)["message"]["status"] == "complete", 20)
