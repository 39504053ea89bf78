"""One tenant's effect on a model does not reach the others."""

import http.server
import json
import socket
import threading
import time

import httpx
import pytest
from client import User
from vendor import Status

PICTURE = "data:image/png;base64,iVBORw0KGgo="


class Moody:
    """A vendor whose answer depends on the request."""

    def __init__(self):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append(body)
                text = json.dumps(body, ensure_ascii=False)
                status, message = 200, None
                if body.get("model") == "down":
                    status, message = 503, "The model `down` is overloaded."
                elif "image_url" in text:
                    status, message = 500, "image input is not supported - hint: you may need to provide the mmproj"
                elif "ভাঙো" in text:
                    status, message = 500, "boom"
                answer = {"error": {"message": message, "type": "server_error"}}
                if status == 200:
                    choice = {"index": 0, "message": {"role": "assistant", "content": "fine"}, "finish_reason": "stop"}
                    answer = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def moody():
    moody = Moody()
    yield moody
    moody.server.shutdown()
    moody.server.server_close()


def ask(user, content, model="helper"):
    body = {"model": model, "messages": [{"role": "user", "content": content}]}
    return user.http.post("/v1/chat/completions", json=body)


def with_helper(server, **fields):
    user = User(server)
    user.post("/chatbots", {"name": "Helper"} | fields, 201)
    return user


def test_one_tenants_odd_requests_take_the_model_from_nobody_else(start, moody):
    server = start(OPENAI_BASE_URL=moody.url)
    grace, mallory = with_helper(server), with_helper(server)
    assert ask(grace, "নমস্কার").status_code == 200
    picture = [{"type": "text", "text": "what?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    for _ in range(4):
        assert ask(mallory, picture).status_code == 400
    assert ask(mallory, "hi").status_code == 200, "what the model cannot take holds nobody back, not even who sent it"
    for _ in range(4):
        assert ask(mallory, "ভাঙো").status_code == 503
        assert ask(grace, "hi").status_code == 200
    held = ask(mallory, "ভাঙো")
    assert held.status_code == 503 and int(held.headers["Retry-After"]) > 0
    before = len(moody.asked)
    assert ask(mallory, "hi").status_code == 503 and len(moody.asked) == before
    newcomer = with_helper(server)
    assert ask(newcomer, "hi").status_code == 200


def test_a_model_that_is_down_takes_none_of_its_providers_others_away(start, moody):
    server = start(OPENAI_BASE_URL=moody.url)
    users = [with_helper(server, model="down") for _ in range(3)]
    grace = with_helper(server)
    for user in users[:2]:
        for _ in range(2):
            assert ask(user, "hi").status_code == 503
    calls = len(moody.asked)
    assert calls == 7, "five attempts of the first, two of the second"
    assert ask(users[2], "hi").status_code == 503 and len(moody.asked) == calls, "two parties' failures are enough"
    assert ask(grace, "hi").status_code == 200
    page = httpx.get(f"{server.url}/metrics").text
    assert 'mynah_model_breakers_open{provider="openai"} 1' in page


def test_a_refused_key_holds_the_provider_back_from_everyone(start, vendor):
    server = start()
    alice, bob = with_helper(server), with_helper(server)
    vendor.answer_in_turn(*[[Status(401, {"error": {"code": "invalid_api_key", "message": "no"}})]] * 9)
    for _ in range(2):
        assert ask(alice, "hi").status_code == 503
    assert ask(bob, "hi").status_code == 503 and len(vendor.requests) == 2


def test_endpoints_that_never_answer_hold_up_their_own_workspace_alone(start, moody):
    server = start(ALLOW_PRIVATE_ENDPOINTS="on", LLM_TIMEOUT="6")
    good, bad = User(server), User(server)
    fine = good.post("/chatbots", {"name": "Fine", "llm_endpoint_url": moody.url}, 201)["id"]
    with socket.create_server(("127.0.0.1", 0), backlog=512) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        dead = bad.post("/chatbots", {"name": "Dead", "llm_endpoint_url": url}, 201)["id"]
        answers = []

        def wait():
            body = {"chatbot_id": dead, "message": "হ্যালো"}
            headers = {"Authorization": f"Bearer {bad.token}"}
            answers.append(httpx.post(f"{server.url}/chat", json=body, headers=headers, timeout=60).json())

        threads = [threading.Thread(target=wait) for _ in range(60)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        for _ in range(5):
            message = good.post("/chat", {"chatbot_id": fine, "message": "hi"})["message"]
            assert message["status"] == "complete", message
        assert len(answers) < len(threads), "the turns waited for the silent endpoint"
        for thread in threads:
            thread.join()
    assert {answer["message"]["error_code"] for answer in answers} <= {"provider_timeout", "provider_unavailable"}
