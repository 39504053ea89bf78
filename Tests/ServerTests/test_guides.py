"""The commands that the quick start and the guides show work in their order, beside a real server.

`api-keys.md` and `api-clients.md` have tests of their own.
"""

import base64
import hmac
import json
import os
import re
import struct
import subprocess
import sys
import time

import httpx
import pytest
from client import User
from mynah_process import BINARY, PASSWORD, ROOT, Server, environment, make_admin

ALICE = "correct horse battery"
PATHS = ["QUICKSTART.md", "README.md"] + [
    f"docs/{name}.md" for name in (
        "guides/context", "guides/conversations", "guides/integration", "guides/knowledge", "guides/website", "guides/workspaces", "operating/audit", "operating/message-logs",
        "operating/monitoring", "operating/operators", "operating/plans", "operating/rate-limits", "operating/running",
        "operating/users", "reference/websocket", "reference/widget-api")
]
# Lines that start another program, need a second machine, or show a shortened value.
NOT_RUN = re.compile(
    r"^(make |sudo apt install |[A-Z_]+=\S* .*make run|mynah serve|REDIS_URL=|uvicorn|flask |python django|node app|psql "
    r"|curl -s localhost:3000|mynah audit verify --head|curl -s -X POST \$MYNAH/admin/jobs/)")


def blocks(path, language):
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.findall(rf"^```(?:{language})\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def totp(secret):
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Alice(User):
    """The user of the guides."""

    def __init__(self, server):
        client = httpx.Client(base_url=server.url, timeout=60)
        body = {"username": "alice", "password": ALICE}
        if client.post("/auth/register", json=body).status_code != 201:
            raise AssertionError("alice is there already")
        self.http = client
        self.token = client.post("/auth/token", data=body).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {self.token}"


def owned_by_bob(server, alice):
    """A workspace whose owner has just made alice an owner too."""
    bob = User(server, "bob")
    workspace = bob.post("/workspaces", {"name": "Team"}, 201)["id"]
    me = alice.get("/users/me")["id"]
    bob.post(f"/workspaces/{workspace}/members", {"username": "alice", "role": "editor"}, 202)
    alice.post("/invitations/accept", {"id": alice.get("/invitations")["data"][0]["id"]})
    changed = bob.http.patch(f"/workspaces/{workspace}/members/{me}", json={"role": "owner"})
    assert changed.is_success, changed.text
    return workspace


def variables(server, path):
    """What a reader of this guide has at hand, by the names that the guide uses."""
    if path == "QUICKSTART.md":
        return {}
    alice = Alice(server)
    me = alice.get("/users/me")["id"]
    chatbot = alice.post("/chatbots", {"name": "Shop helper"}, 201)["id"]
    turn = alice.post("/chat", {"chatbot_id": chatbot, "message": "দোকান কখন খোলে?"})
    if path == "docs/operating/operators.md":
        secret = alice.post("/auth/mfa/totp", {"password": ALICE}, 201)["secret"]
        alice.post("/auth/mfa/totp/confirm", {"code": totp(secret)})
        return {"MYNAH": server.url, "ID": me}
    admin = make_admin(server).headers["Authorization"].removeprefix("Bearer ")
    workspace = (
        owned_by_bob(server, alice) if path == "docs/operating/plans.md"
        else alice.post("/workspaces", {"name": "Team"}, 201)["id"]
    )
    return {
        "MYNAH": server.url, "TOKEN": alice.token, "ADMIN": admin, "STAFF": admin, "BOT": chatbot, "CHATBOT": chatbot,
        "WORKSPACE": workspace, "USER": me, "CONVERSATION": turn["conversation_id"],
    }


def run(server, path, script, **given):
    prelude = f"""set -euo pipefail
# Only what a guide shows as refused may be refused.
curl() {{ case "$*" in *password=wrong*) command curl "$@";; *) command curl --fail-with-body "$@";; esac; }}
mynah() {{ {BINARY} "$@" <<< '{PASSWORD}'; }}
read() {{ PASSWORD='{PASSWORD}'; }}
"""
    script = script.replace("http://localhost:8000", server.url).replace("data/mynah.sqlite", "mynah.sqlite")
    ran = subprocess.run(
        ["bash", "-c", prelude + script], cwd=server.folder, capture_output=True, text=True, timeout=120,
        env=environment(server.folder, **server.settings) | given)
    assert ran.returncode == 0, f"{path}:\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
    return ran.stdout


@pytest.mark.parametrize("path", PATHS)
def test_the_commands_of_a_guide(path, tmp_path, vendor):
    commands = "".join(blocks(path, "sh|bash"))
    # A continued line belongs to the one before it.
    lines = re.findall(r"(?:[^\n]*(?:\\|\|)\n)*[^\n]*\n", commands)
    script = "".join(line for line in lines if not NOT_RUN.match(line))
    assert script.strip()
    given = {"SECRET_KEY": os.urandom(32).hex(), "ENCRYPTION_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode()}
    server = Server(tmp_path, **vendor.settings | given).start()
    try:
        if path == "README.md":
            Alice(server)
            run(server, path, script)
        else:
            said = run(server, path, script, **variables(server, path))
            assert '"error":{' not in said
        if path == "QUICKSTART.md":
            assert said.count("Hello from the vendor.") >= 2
    finally:
        server.stop()


def test_the_program_of_the_websocket_guide(tmp_path, mynah, user, vendor):
    program = blocks("docs/reference/websocket.md", "python")[0]
    ran = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"MYNAH": mynah.url, "TOKEN": user.token},
        capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and ran.stdout == "Hello from the vendor.", ran.stdout + ran.stderr


def test_the_visitor_token_of_the_widget_guide(monkeypatch, mynah, user, vendor):
    chatbot = user.get("/chatbots")["data"][0]["id"]
    secret = user.get(f"/chatbots/{chatbot}/signing-secret")["signing_secret"]
    key = user.post(
        f"/chatbots/{chatbot}/api-keys", {"kind": "publishable", "origins": ["https://shop.example.com"]}, 201)["key"]
    monkeypatch.setenv("MYNAH_SIGNING_SECRET", secret)
    names = {}
    exec(blocks("docs/reference/widget-api.md", "python")[0], names)
    token = names["visitor_token"]({"id": "ক্রেতা-৭", "first_name": "Ada"})
    headers = {"X-API-Key": key, "Origin": "https://shop.example.com", "X-Visitor": token}
    answer = httpx.post(f"{mynah.url}/widget/chat", headers=headers, json={"message": "Hi."}, timeout=60)
    assert answer.status_code == 200, answer.text
    seen = user.get(f"/chatbots/{chatbot}/users")["data"]
    assert "ক্রেতা-৭" in json.dumps(seen, ensure_ascii=False)
