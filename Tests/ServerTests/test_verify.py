"""/auth/verify behind real proxies, with the configuration that the guide shows."""

import os
import shutil

import httpx
import pytest
from client import User, eventually
from guarded import EXAMPLES, Credentials, Echo, Program
from mynah_process import free_port

TOLD = ("x-auth-user", "x-auth-role", "x-auth-workspace", "x-auth-chatbot", "x-auth-scopes")
SPOOFED = {name: "forged" for name in TOLD}


def configuration(name, folder, mynah_port, port, application_port):
    text = (EXAMPLES / "proxies" / name).read_text()
    for old, new in ((":8000", mynah_port), (":3000", application_port), (":8080", port), ("listen 8080", port)):
        prefix = "listen " if old.startswith("listen") else ":"
        text = text.replace(old, f"{prefix}{new}")
    if name == "nginx.conf":
        paths = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        text = text.replace("http {", f"http {{ access_log off; {paths}", 1)
        # The directory belongs to the tests.
        if os.geteuid() == 0:
            text = "user root;\n" + text
    else:
        text = "{\n\tadmin off\n\tauto_https off\n}\n" + text
    path = folder / name
    path.write_text(text)
    return path


def run_nginx(folder, mynah_port, application_port):
    port = free_port()
    path = configuration("nginx.conf", folder, mynah_port, port, application_port)
    settings = f"daemon off; pid {folder}/nginx.pid; error_log stderr;"
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    return Program(folder, [nginx, "-p", folder, "-e", "stderr", "-c", path, "-g", settings], port)


def run_caddy(folder, mynah_port, application_port):
    port = free_port()
    path = configuration("Caddyfile", folder, mynah_port, port, application_port)
    return Program(folder, ["caddy", "run", "--config", path, "--adapter", "caddyfile"], port)


@pytest.fixture(params=[run_nginx, run_caddy], ids=["nginx", "caddy"])
def proxied(request, tmp_path, start):
    """A proxy in front of an application, and its own Mynah."""
    server = start()
    application = Echo()
    folder = tmp_path / "proxy"
    folder.mkdir()
    proxy = request.param(folder, server.port, application.port)
    proxy.mynah, proxy.application, proxy.name = server, application, request.node.callspec.id
    yield proxy
    proxy.stop()
    application.close()


def told(answer):
    """Returns the caller's identity as the application received it; an empty header counts as absent."""
    assert answer.status_code == 200, answer.text
    headers = [(name.lower().replace("_", "-"), value) for name, value in answer.json()]
    found = [(name, value) for name, value in headers if name in TOLD and value]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_proxies_tell_the_application_who_is_calling_and_nobody_else_can(proxied):
    who = Credentials(User(proxied.mynah))
    secret = who.key(scopes=["read"])
    workspace = who.verify(who.token).headers["x-auth-workspace"]
    user = {"x-auth-user": who.user_id, "x-auth-role": "user", "x-auth-workspace": workspace}
    own = who.own_key(scopes=["chat", "read"])
    application = {
        "x-auth-role": "application", "x-auth-workspace": workspace, "x-auth-chatbot": who.chatbot,
        "x-auth-scopes": "read",
    }
    underscored = {name.replace("-", "_"): "forged" for name in TOLD}
    for credential, expected in (
        (who.token, user), (own, user | {"x-auth-scopes": "chat read"}), (secret, application),
    ):
        for forged in ({}, SPOOFED, underscored):
            assert told(proxied.get(credential, **forged)) == expected
    posted = proxied.http.post("/orders", content=b"x" * 100_000, headers={"X-API-Key": secret})
    assert told(posted) == application
    assert proxied.get(**SPOOFED).status_code == 401


def test_proxies_refuse_as_mynah_does(proxied):
    who = Credentials(User(proxied.mynah))
    page = who.key(kind="publishable", origins=["https://a.example"])
    assert proxied.get().status_code == 401
    assert proxied.get().headers["WWW-Authenticate"] == "Bearer"
    assert proxied.get("made-up").status_code == 401
    assert proxied.get("a.b.c").status_code == 401
    assert proxied.get(page).status_code == 403
    limited = proxied.get(who.spent_key())
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 5
    who.user.post("/auth/logout", status=204)
    assert proxied.get(who.token).status_code == 401


def test_while_mynah_is_away_proxies_let_nobody_through(proxied):
    who = Credentials(User(proxied.mynah))
    assert proxied.get(who.token).status_code == 200
    proxied.mynah.kill()
    for credential in (who.token, None):
        answer = proxied.get(credential)
        assert answer.status_code == (503 if proxied.name == "nginx" else 502)
        assert proxied.name == "caddy" or answer.headers["Retry-After"] == "5"
    proxied.mynah.start()
    assert eventually(lambda: proxied.get(who.token).status_code == 200)


def test_answers_are_no_body_and_kept_by_nobody(user):
    who = Credentials(user)
    for method in ("GET", "HEAD"):
        answer = user.http.request(method, "/auth/verify")
        assert answer.status_code == 204 and not answer.content
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Auth-User"] == who.user_id
    assert user.http.post("/auth/verify").status_code == 405
    refused = httpx.get(f"{user.http.base_url}/auth/verify")
    assert refused.status_code == 401 and refused.json()["error"]["code"] == "missing_credentials"
    assert refused.headers["Cache-Control"] == "no-store"
