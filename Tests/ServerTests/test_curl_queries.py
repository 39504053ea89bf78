"""Users, chatbots and queries by curl, as documented, with the local model."""

import json
import os
import re
import subprocess

import pytest
from client import User, eventually, events
from mynah_process import BINARY, Server, command

SECRETS = {
    "ENVIRONMENT": "production", "PUBLIC_URL": "https://chat.example.com",
    "SECRET_KEY": "a key for tests, of no use 0123456789",
    "ENCRYPTION_KEY": "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A server with the demo data, and the output of `seed`."""
    folder = tmp_path_factory.mktemp("demo")
    done = command(folder, "seed", "--demo")
    assert done.returncode == 0, done.stderr
    server = Server(folder).start()
    assert eventually(lambda: User(server).get("/health")["model"] == "ready", 60)
    yield server, done.stdout
    assert server.stop() == 0


@pytest.fixture
def shell(demo):
    """Runs a command as documented, except for the port; returns the status and the body."""

    def run(line):
        line = line.replace("http://localhost:8000", demo[0].url) + " -s -w '\\n%{http_code}'"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body) if body else None

    return run


def test_health_and_the_databases_state(shell):
    status, health = shell("curl http://localhost:8000/health")
    assert (status, health["status"]) == (200, "ok")
    status, state = shell("curl http://localhost:8000/db-status")
    assert (status, state["status"]) == (200, "ok")
    assert state["tables"]["users"] >= 1 and state["tables"]["api_keys"] == 1


def test_users_chatbots_details_and_context(shell):
    status, users = shell('curl http://localhost:8000/users -H "X-API-Key: sample_api_key_123"')
    assert status == 200 and "u1" in [user["id"] for user in users["data"]]
    status, user = shell('curl http://localhost:8000/users/u1 -H "X-API-Key: sample_api_key_123"')
    assert status == 200 and user["email"] == "test@example.com"
    assert (user["first_name"], user["last_name"]) == ("John", "Doe")
    status, chatbots = shell('curl http://localhost:8000/chatbots -H "X-API-Key: sample_api_key_123"')
    assert status == 200 and [(bot["id"], bot["name"]) for bot in chatbots["data"]] == [("c1", "My First Chatbot")]
    status, details = shell(
        """curl -X POST http://localhost:8000/users/u1/details -H "X-API-Key: sample_api_key_123" \
             -H "Content-Type: application/json" \
             -d '{"first_name": "John", "last_name": "Doe", "company": "Tech Corp", "role": "Software Engineer",
                  "preferences": {"language": "en"}, "profile_data": {"level": 3}}'"""
    )
    assert (status, details["company"], details["profile_data"]) == (200, "Tech Corp", '{"level":3}')
    status, context = shell('curl http://localhost:8000/users/u1/context -H "X-API-Key: sample_api_key_123"')
    assert status == 200 and context["user_id"] == "u1"
    assert context["user_profile"]["role"] == "Software Engineer"


def test_a_question_is_answered_with_its_context_by_the_real_model(shell):
    status, answer = shell(
        """curl -X POST http://localhost:8000/chatbot/c1/query -H "X-API-Key: sample_api_key_123" \
             -H "Content-Type: application/json" \
             -d '{"message": "Hello!", "session_data": {"page": "home"},
                  "user": {"id": "customer-7", "first_name": "Ada"}}'"""
    )
    assert status == 200 and answer["response"] and (answer["status"], answer["error_code"]) == ("complete", None)
    assert answer["user_message"] == "Hello!" and answer["chatbot_config"]["provider"] == "local"
    assert answer["user_context"]["user_profile"]["first_name"] == "Ada"
    assert answer["api_key_info"]["prefix"] == "sample_api" and "sample_api_key_123" not in json.dumps(answer)
    assert answer["usage"]["completion_tokens"] > 0
    conversation = answer["conversation_id"]
    status, again = shell(
        """curl -X POST http://localhost:8000/chatbot/c1/query -H "X-API-Key: sample_api_key_123" \
             -H "Content-Type: application/json" \
             -d '{"message": "Again!", "session_id": "%s", "session_data": {"step": 2},
                  "user": {"id": "customer-7"}}'"""
        % conversation
    )
    context = again["user_context"]
    assert status == 200 and context["session_data"] == {"page": "home", "step": 2}
    # Further lines of a message are indented, so that none looks like another speaker's.
    reply = answer["response"].replace("\n", "\n  ")
    assert context["conversation_context"] == f"User: Hello!\nAssistant: {reply}"
    status, known = shell('curl http://localhost:8000/users/customer-7/context -H "X-API-Key: sample_api_key_123"')
    assert status == 200 and known["session_data"] == {"page": "home", "step": 2}


def test_a_stream_ends_with_the_whole_answer(demo):
    server, _ = demo
    done = subprocess.run(
        [
            "curl", "-sN", f"{server.url}/chatbot/c1/query", "-H", "X-API-Key: sample_api_key_123", "-H",
            "Content-Type: application/json", "-H", "Accept: text/event-stream", "-d", '{"message": "Hello!"}',
        ],
        capture_output=True, text=True, timeout=120,
    )
    found = list(events(done.stdout.splitlines()))
    assert found[0].name == "start" and found[-1].name == "done"
    whole = "".join(event.data["content"] for event in found if event.name == "delta")
    assert found[-1].data["response"] == whole and found[-1].data["user_context"]["user_id"] == "u1"


@pytest.mark.parametrize(
    "header, status, code",
    [
        ("X-Nothing: 1", 401, "missing_credentials"), ("X-API-Key: wrong", 401, "invalid_api_key"),
        ("X-API-Key: sample_api_key_1234", 401, "invalid_api_key"),
    ],
)
def test_no_key_and_a_wrong_one_have_clear_errors(shell, header, status, code):
    answered, body = shell(
        f"""curl -X POST http://localhost:8000/chatbot/c1/query -H "{header}" \
             -H "Content-Type: application/json" -d '{{"message": "Hello!"}}'"""
    )
    assert (answered, body["error"]["code"]) == (status, code)


def test_another_chatbots_id_and_the_documentation(demo, shell):
    status, body = shell(
        """curl -X POST http://localhost:8000/chatbot/c2/query -H "X-API-Key: sample_api_key_123" \
             -H "Content-Type: application/json" -d '{"message": "Hello!"}'"""
    )
    assert (status, body["error"]["code"]) == (403, "key_not_for_chatbot")
    page = User(demo[0]).http.get("/docs")
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")


def test_what_seed_says_to_try_works_and_its_password_signs_in(demo, shell):
    server, said = demo
    password = re.search(r"password, shown this once: (\S+)", said)[1]
    for line in re.findall(r"curl (?:[^\\\n]|\\\n)+", said):
        status, _ = shell(line)
        assert status == 200, line
    for name in ("testuser", "test@example.com"):
        answer = User(server).http.post("/auth/login", data={"username": name, "password": password})
        assert answer.status_code == 200
    assert password not in (server.folder / "mynah.sqlite").read_bytes().decode("latin-1")


def test_seed_is_repeatable_and_made_only_when_asked_for(tmp_path):
    assert "--demo" in command(tmp_path, "seed").stderr
    assert not (tmp_path / "mynah.sqlite").exists()
    first, second = (command(tmp_path, "seed", "--demo").stdout for _ in range(2))
    assert first.count("made ") == 3 and "password" in first
    assert second.count("there ") == 3 and "password" not in second


def test_the_demos_password_may_be_given(tmp_path):
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/mynah.sqlite"}
    def seed(password):
        return subprocess.run(
            [BINARY, "seed", "--demo", "--password-stdin"], env=environment, cwd=tmp_path, input=password,
            capture_output=True, text=True, timeout=60,
        )

    assert "8 to 256" in seed("short\n").stderr
    done = seed("a calm bird sings\n")
    assert done.returncode == 0 and "a calm bird" not in done.stdout + done.stderr


def test_production_has_no_demo_data(tmp_path, start):
    refused = command(tmp_path, "seed", "--demo", **SECRETS)
    assert refused.returncode == 1 and refused.stdout == ""
    assert len(refused.stderr.strip().splitlines()) == 1 and "production" in refused.stderr
    assert not (tmp_path / "mynah.sqlite").exists()
    development = {name: value for name, value in SECRETS.items() if name != "ENVIRONMENT"}
    assert command(tmp_path, "seed", "--demo", **development).returncode == 0
    refused = command(tmp_path, "serve", OPENAI_API_KEY="x", **SECRETS)
    assert refused.returncode == 1 and "demo data" in refused.stderr
