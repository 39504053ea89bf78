"""Schemathesis: compares `/openapi.json` with the server's behaviour, with matching and non-matching
data."""

import os
import subprocess
import sys
from pathlib import Path

from client import PASSWORD, User
from hostile import is_alive
from mynah_process import make_admin

HERE = Path(__file__).resolve().parent
# Calls that end the caller's session; each gets its own.
ENDING = [
    "sign_out", "begin_console_session", "end_console_session", "list_sessions", "end_session", "change_password",
    "delete_me",
]


def run(folder, server, *options, **environment):
    """All checks, with the same data each time; sequences of calls are omitted, because they take long."""
    command = [
        Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json", "--checks", "all",
        # The first two are replaced by similar checks in schemathesis_hooks.py, which list their exceptions. The others know
        # nothing of PUT, which does what PATCH does; RouteRuleTests checks every method of every path.
        "--exclude-checks", "positive_data_acceptance,content_type_conformance,unsupported_method,allow_header_conformance",
        "--phases", "examples,coverage,fuzzing", "--seed", "1", "--generation-deterministic",
        "--request-timeout", "30", "--continue-on-failure", "--no-color", *options,
    ]
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": path} | environment,
        cwd=folder, capture_output=True, text=True, timeout=400,
    )
    failures = done.stdout[max(0, done.stdout.find("= FAILURES =")):]
    assert done.returncode == 0, failures[:8000] + done.stderr[-2000:]
    assert is_alive(server) and "request failed" not in server.said


def test_the_document_and_the_server_agree(start, tmp_path):
    server = start()
    user = User(server)
    run(
        tmp_path, server, "--header", f"Authorization: Bearer {user.token}", "--max-examples", "3",
        *[word for name in ENDING for word in ("--exclude-operation-id", name)],
    )


def test_they_agree_on_the_calls_that_end_sessions(start, tmp_path):
    server = start()
    user = User(server)
    run(
        tmp_path, server, "--max-examples", "2", *[word for name in ENDING for word in ("--include-operation-id", name)],
        SIGN_IN_AT=f"{server.url}/auth/token", SIGN_IN_AS=user.name, SIGN_IN_WITH=PASSWORD,
    )


def test_they_agree_on_what_operators_call(start, tmp_path):
    server = start()
    User(server).post("/chat", {"message": "Hi"})
    run(
        tmp_path, server, "--header", f"Authorization: {make_admin(server).headers['Authorization']}", "--max-examples", "3",
        "--include-path-regex", "^/(admin|staff)",
        # These would end the only operator's own session.
        "--exclude-path-regex", "(login|logout|mfa|operators|password|refresh)",
    )
