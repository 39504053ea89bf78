"""The example applications of Examples/ and of the guide, run beside a real server."""

import re
import sys
import time

import jwt
import pytest
from client import User, eventually
from cryptography.hazmat.primitives.asymmetric import ec
from guarded import EXAMPLES, PYTHON, Credentials, Program
from mynah_process import BINARY, ROOT

PYTHON_EXAMPLES = EXAMPLES / "python"
APPLICATIONS = {
    "fastapi": ([PYTHON, "-m", "uvicorn", "fastapi_app:app", "--port", "PORT"], PYTHON_EXAMPLES),
    "flask": ([PYTHON, "-m", "flask", "--app", "flask_app", "run", "--port", "PORT"], PYTHON_EXAMPLES),
    "django": ([PYTHON, "django_app.py", "runserver", "127.0.0.1:PORT", "--noreload"], PYTHON_EXAMPLES),
    "node": (["node", "app.mjs"], EXAMPLES / "node"),
    "hummingbird": ([BINARY.parent / "mynah-auth-example"], EXAMPLES / "hummingbird"),
}


@pytest.fixture(params=APPLICATIONS)
def application(request, tmp_path, start):
    server = start()
    folder = tmp_path / "application"
    folder.mkdir()
    arguments, cwd = APPLICATIONS[request.param]
    running = Program(
        folder, arguments, cwd=cwd, MYNAH_URL=server.url, MYNAH_ISSUER="mynah", PYTHONDONTWRITEBYTECODE="1")
    running.mynah = server
    yield running
    running.stop()


def orders(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    assert (status == 401) == (answer.headers.get("WWW-Authenticate") == "Bearer")


def test_an_application_lets_in_whom_mynah_knows(application):
    who = Credentials(User(application.mynah))
    user = {"orders_of": who.user_id, "role": "user"}
    assert orders(application.get(who.token)) == user
    assert orders(application.get(who.own_key(scopes=["read"]))) == user
    key = who.key(scopes=["read", "chat"])
    assert orders(application.get(key)) == {"orders_of": who.chatbot, "role": "application"}
    # A key wins over a token beside it, as with Mynah; the caller's own claims do not count.
    beside = application.http.get("/orders", headers={"Authorization": f"Bearer {who.token}", "X-API-Key": key})
    assert orders(beside)["role"] == "application"
    refused(application.get(**{"X-Auth-User": who.user_id, "X-Auth-Role": "user"}), 401, "missing_credentials")
    refused(application.get(**{"Authorization": "Basic YTpi"}), 401, "missing_credentials")
    refused(application.get(who.key(scopes=["chat"])), 403, "key_not_allowed")
    refused(application.get(who.key(kind="publishable", origins=["https://a.example"])), 403, "key_not_allowed")
    refused(application.get("made-up"), 401, "invalid_api_key")
    limited = application.get(who.spent_key())
    refused(limited, 429, "rate_limited")
    assert int(limited.headers["Retry-After"]) > 5


def test_an_application_believes_no_token_but_mynahs(application):
    who = Credentials(User(application.mynah))
    header, claims = jwt.get_unverified_header(who.token), jwt.decode(who.token, options={"verify_signature": False})
    foreign = ec.generate_private_key(ec.SECP256R1())

    def forge(key=foreign, algorithm="ES256", typ="at+jwt", **changes):
        return jwt.encode(claims | changes, key, algorithm, {"kid": header["kid"], "typ": typ})

    head, body, signature = who.token.split(".")
    other_body = forge(sub="somebody-else").split(".")[1]
    for token in (
        forge(), forge(key="k" * 32, algorithm="HS256"), forge(key=None, algorithm="none"), forge(typ="JWT"),
        f"{head}.{other_body}.{signature}", f"{head}.{body}.", f"{head}.{body}.{signature[:-8]}", "a.b.c", "..",
        jwt.encode(claims, foreign, "ES256", {"kid": "made-up", "typ": "at+jwt"}),
    ):
        refused(application.get(token), 401, "invalid_token")
    assert orders(application.get(who.token))["orders_of"] == who.user_id


def test_an_application_learns_that_a_key_was_revoked(application):
    who = Credentials(User(application.mynah))
    made = who.user.post("/users/me/api-keys", {}, 201)
    assert application.get(made["key"]).status_code == 200
    who.user.delete(f"/users/me/api-keys/{made['id']}")
    # One request at a time, because the answer changes in between.
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert eventually(lambda: application.http.get("/orders", headers=bearer).status_code == 401)
    refused(application.get(made["key"]), 401, "key_revoked")


def test_while_mynah_is_away_an_application_goes_on_for_those_it_knows(application):
    who = Credentials(User(application.mynah))
    key, other = who.key(), who.key()
    assert application.get(key).status_code == application.get(who.token).status_code == 200
    application.mynah.kill()
    assert eventually(lambda: time.sleep(0.5) or application.get(key).status_code == 200)
    unknown = application.get(other)
    refused(unknown, 503, "auth_unavailable")
    assert unknown.headers["Retry-After"] == "5"
    # Longer than the cache keeps an answer.
    until = time.monotonic() + 6
    while time.monotonic() < until:
        assert application.get(key).status_code == application.get(who.token).status_code == 200
        time.sleep(0.2)
    application.mynah.start()
    # One request at a time, because the answer changes in between.
    bearer = {"Authorization": f"Bearer {other}"}
    assert eventually(lambda: application.http.get("/orders", headers=bearer).status_code == 200)
    assert application.get(other).status_code == 200


def test_the_guide_shows_the_examples_as_they_are():
    guide = (ROOT / "docs/guides/integration.md").read_text()
    shown = re.findall(r"\[`(Examples/[^`]+)`\]\(\.\./\.\./(Examples/[^)]+)\):\n\n```\w*\n(.*?)```\n", guide, re.DOTALL)
    assert {name for name, _, _ in shown} >= {
        f"Examples/{name}" for name in (
            "python/fastapi_app.py", "python/flask_app.py", "python/django_app.py", "node/app.mjs",
            "hummingbird/Sources/main.swift", "proxies/nginx.conf", "proxies/Caddyfile", "proxies/traefik.yaml")
    }
    for name, link, code in shown:
        assert name == link
        assert code == (ROOT / name).read_text(), name
    for link in re.findall(r"\]\(\.\./\.\./([^)#]+)\)", guide):
        assert (ROOT / link).exists(), link


def test_the_hummingbird_example_resolves_beside_another_major_version(tmp_path):
    sys.path.insert(0, str(ROOT / "Tests/Long"))
    import other_versions

    versions = other_versions.resolve(tmp_path)
    assert versions["apple/swift-crypto"].startswith("3.") and "hummingbird-project/hummingbird" in versions
