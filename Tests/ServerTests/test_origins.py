"""Other sites' pages: registered origins may call the API with a token, and none may use the console's cookie."""

import httpx
import pytest
from client import PASSWORD, User

ORIGIN = "https://app.example.com"


@pytest.fixture
def server(start):
    return start(CORS_ORIGINS=f"{ORIGIN},http://localhost:3000")


def preflight(server, origin, path="/chat", method="POST"):
    headers = {
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return httpx.options(server.url + path, headers=headers)


def test_registered_origins_only(server):
    user = User(server)
    for origin in (ORIGIN, "http://localhost:3000"):
        allowed = preflight(server, origin)
        assert allowed.status_code in (200, 204) and allowed.headers["Access-Control-Allow-Origin"] == origin
        assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
        assert "authorization" in allowed.headers["Access-Control-Allow-Headers"].lower()
        assert "origin" in allowed.headers["Vary"].lower()
        answer = user.http.get("/users/me", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers
        # The page must be able to read an error too.
        answer = httpx.get(f"{server.url}/users/me", headers={"Origin": origin})
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (401, origin)
    for origin in ("https://evil.example", f"{ORIGIN}.evil.example", "null", ORIGIN.upper() + ":444"):
        assert "Access-Control-Allow-Origin" not in preflight(server, origin).headers
        assert "Access-Control-Allow-Origin" not in user.http.get("/users/me", headers={"Origin": origin}).headers


def test_streams_carry_the_header_too(server):
    user = User(server)
    body = {"message": "Hi", "stream": True}
    with user.http.stream("POST", "/chat", json=body, headers={"Origin": ORIGIN}) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "event: done" in answer.read().decode()


def test_the_consoles_cookie_is_refused_from_other_pages(mynah):
    user = User(mynah)
    with httpx.Client(base_url=mynah.url, headers={"Origin": mynah.url}) as page:
        signed_in = page.post("/auth/session", json={"username": user.name, "password": PASSWORD})
        assert signed_in.status_code == 200 and "httponly" in signed_in.headers["set-cookie"].lower()
        assert page.get("/users/me").status_code == 200
        for foreign in (
            {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": ""},
        ):
            refused = page.post("/conversations", json={}, headers=foreign)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "origin_refused"), foreign
        assert page.post("/conversations", json={}).status_code == 201
        assert page.delete("/auth/session").status_code == 204
        assert page.get("/users/me").status_code == 401
