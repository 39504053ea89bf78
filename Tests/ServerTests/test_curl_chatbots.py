"""Accounts, chatbots, prompts and chat by curl, as documented."""

import json
import os
import subprocess

import pytest
from vendor import Hold


@pytest.fixture
def shell(mynah):
    """Runs a command as documented, except for the port; returns the status and the body."""

    def run(command, **variables):
        script = command.replace("http://localhost:8000", mynah.url) + " -s -w '\\n%{http_code}'"
        done = subprocess.run(
            ["sh", "-c", script], env=os.environ | variables, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body) if body else None

    return run


@pytest.fixture
def token(shell):
    status, user = shell(
        """curl -X POST http://localhost:8000/auth/register -H "Content-Type: application/json" \
             -d '{"email": "'$EMAIL'", "password": "pass123456"}'""",
        EMAIL=f"b{os.urandom(6).hex()}@example.com",
    )
    assert status == 201
    status, grant = shell(
        """curl -X POST http://localhost:8000/auth/login -H "Content-Type: application/x-www-form-urlencoded" \
             -d "username=$EMAIL&password=pass123456" """,
        EMAIL=user["email"],
    )
    assert status == 200
    return grant["access_token"]


def test_register_login_with_a_form_and_read_oneself(shell):
    status, registered = shell(
        """curl -X POST http://localhost:8000/auth/register -H "Content-Type: application/json" \
             -d '{"email": "b1@example.com", "password": "pass123456"}'"""
    )
    assert status == 201 and registered["email"] == "b1@example.com" and "password" not in json.dumps(registered)
    status, grant = shell(
        """curl -X POST http://localhost:8000/auth/login -d "username=b1@example.com&password=pass123456" """
    )
    assert status == 200 and grant["token_type"] == "bearer" and grant["expires_in"] == 900 and grant["refresh_token"]
    status, me = shell(
        'curl http://localhost:8000/users/me -H "Authorization: Bearer $TOKEN"', TOKEN=grant["access_token"]
    )
    assert (status, me["id"]) == (200, registered["id"])


def test_a_second_registration_and_a_wrong_password_are_refused(shell, token):
    for status in (201, 409):
        answered, body = shell(
            """curl -X POST http://localhost:8000/auth/register -H "Content-Type: application/json" \
                 -d '{"username": "b1-twice", "password": "pass123456"}'"""
        )
        assert answered == status
    assert body["error"]["code"] == "username_taken" and body["error"]["param"] == "username"
    status, body = shell('curl -X POST http://localhost:8000/auth/login -d "username=b1-twice&password=wrong"')
    assert (status, body["error"]["code"]) == (401, "invalid_credentials")
    status, body = shell("curl http://localhost:8000/users/me")
    assert (status, body["error"]["code"]) == (401, "missing_credentials")


def test_projects_are_created_listed_read_changed_and_deleted(shell, token):
    status, project = shell(
        """curl -X POST http://localhost:8000/projects -H "Authorization: Bearer $TOKEN" \
             -H "Content-Type: application/json" -d '{"name": "My Chatbot", "description": "A test"}'""",
        TOKEN=token,
    )
    assert (status, project["name"], project["description"]) == (201, "My Chatbot", "A test")
    status, projects = shell('curl http://localhost:8000/projects -H "Authorization: Bearer $TOKEN"', TOKEN=token)
    assert status == 200 and {entry["name"] for entry in projects["data"]} == {"My Chatbot", "Assistant"}
    for method, name in (("PUT", "Put"), ("PATCH", "Patched")):
        status, changed = shell(
            """curl -X $METHOD http://localhost:8000/projects/$ID -H "Authorization: Bearer $TOKEN" \
                 -H "Content-Type: application/json" -d '{"name": "'$NAME'"}'""",
            TOKEN=token, ID=project["id"], METHOD=method, NAME=name,
        )
        assert (status, changed["name"], changed["description"]) == (200, name, "A test")
    read = 'curl http://localhost:8000/projects/$ID -H "Authorization: Bearer $TOKEN"'
    assert shell(read, TOKEN=token, ID=project["id"])[1]["name"] == "Patched"
    assert shell(read.replace("projects", "chatbots"), TOKEN=token, ID=project["id"])[1]["name"] == "Patched"
    delete = 'curl -X DELETE http://localhost:8000/projects/$ID -H "Authorization: Bearer $TOKEN"'
    assert shell(delete, TOKEN=token, ID=project["id"]) == (204, None)
    assert shell(read, TOKEN=token, ID=project["id"])[0] == 404


def make_project(shell, token, *prompts):
    _, project = shell(
        """curl -X POST http://localhost:8000/projects -H "Authorization: Bearer $TOKEN" \
             -H "Content-Type: application/json" -d '{"name": "Bot"}'""",
        TOKEN=token,
    )
    for prompt in prompts:
        status, _ = shell(
            """curl -X POST http://localhost:8000/projects/$ID/prompts -H "Authorization: Bearer $TOKEN" \
                 -H "Content-Type: application/json" -d "$BODY" """,
            TOKEN=token, ID=project["id"], BODY=json.dumps({"content": prompt}),
        )
        assert status == 201
    return project["id"]


CHAT = """curl -X POST http://localhost:8000/chat -H "Authorization: Bearer $TOKEN" \
            -H "Content-Type: application/json" -d "$BODY" """


def test_the_newest_active_prompt_is_used(shell, token, vendor):
    project = make_project(shell, token, "You are terse.", "You are kind.")
    status, prompts = shell(
        'curl http://localhost:8000/projects/$ID/prompts -H "Authorization: Bearer $TOKEN"', TOKEN=token, ID=project
    )
    assert [(entry["version"], entry["is_active"]) for entry in prompts["data"]] == [(2, True), (1, False)]
    status, _ = shell(CHAT, TOKEN=token, BODY=json.dumps({"project_id": project, "message": "Hi"}))
    assert status == 200 and vendor.messages() == [("system", "You are kind."), ("user", "Hi")]
    activate = """curl -X POST http://localhost:8000/projects/$ID/prompts/$PROMPT/activate \
                    -H "Authorization: Bearer $TOKEN" """
    assert shell(activate, TOKEN=token, ID=project, PROMPT=prompts["data"][1]["id"])[0] == 200
    shell(CHAT, TOKEN=token, BODY=json.dumps({"project_id": project, "message": "Hi"}))
    assert vendor.messages()[0] == ("system", "You are terse.")


def test_chat_answers_and_a_session_goes_on_by_its_id(shell, token, vendor):
    project = make_project(shell, token, "Be brief.")
    status, first = shell(CHAT, TOKEN=token, BODY=json.dumps({"project_id": project, "message": "My name is Ana."}))
    assert (status, first["message"]["content"]) == (200, "Hello from the vendor.")
    assert first["message"]["sender"] == "ai" and first["message"]["status"] == "complete"
    assert first["session_id"] == first["conversation_id"]
    assert first["usage"] == {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}
    status, second = shell(
        CHAT, TOKEN=token, BODY=json.dumps({"session_id": first["session_id"], "message": "What is my name?"})
    )
    assert status == 200 and second["session_id"] == first["session_id"]
    assert vendor.messages() == [
        ("system", "Be brief."), ("user", "My name is Ana."), ("assistant", "Hello from the vendor."),
        ("user", "What is my name?"),
    ]
    _, history = shell(
        'curl "http://localhost:8000/conversations/$ID/messages" -H "Authorization: Bearer $TOKEN"',
        TOKEN=token, ID=first["session_id"],
    )
    assert [entry["sender"] for entry in history["data"]] == ["user", "ai", "user", "ai"]


def test_a_streamed_chat_with_curl(mynah, token, vendor):
    hold = Hold()
    vendor.answer("Stream it.", "one ", hold, "two")
    command = [
        "curl", "-sN", f"{mynah.url}/chat", "-H", f"Authorization: Bearer {token}",
        "-H", "Content-Type: application/json", "-d", '{"message": "Stream it.", "stream": true}',
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        lines = iter(curl.stdout.readline, "")
        before = [next(lines) for _ in range(7)]
        assert before[1] == "event: start\n" and before[5] == "event: delta\n" and '"one "' in before[6]
        hold.release()
        after = list(lines)
    assert [line for line in after if line.startswith("event")][-1] == "event: done\n"
