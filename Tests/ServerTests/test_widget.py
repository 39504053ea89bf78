"""The widget's routes on the real server, as used by a website's page and its server."""

import base64
import hashlib
import hmac
import json
import time

import httpx
import pytest
from client import User, events, eventually, text
from vendor import Hold

ORIGIN = "https://shop.example.com"


def signed(secret, **claims):
    """Creates a visitor's token as a website's server does."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    head = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (head + b"." + part(hmac.new(secret.encode(), head, hashlib.sha256).digest())).decode()


class Site:
    """A website with the widget of a user's new chatbot."""

    def __init__(self, server, owner, **key):
        self.owner = owner
        self.chatbot = owner.post("/chatbots", {"name": "Shop", "greeting": "Hello!"}, 201)["id"]
        key = {"kind": "publishable", "origins": [ORIGIN]} | key
        self.key = owner.post(f"/chatbots/{self.chatbot}/api-keys", key, 201)["key"]
        self.page = httpx.Client(
            base_url=server.url, timeout=60, headers={"Origin": ORIGIN, "X-API-Key": self.key}
        )

    @property
    def secret(self):
        return self.owner.get(f"/chatbots/{self.chatbot}/signing-secret")["signing_secret"]

    def say(self, message, visitor=None, status=200, **fields):
        headers = {"X-Visitor": visitor} if visitor else {}
        answer = self.page.post("/widget/chat", json={"message": message} | fields, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def site(mynah, user):
    return Site(mynah, user)


def test_a_stranger_talks_comes_back_and_is_known(site, vendor):
    assert site.page.get("/widget/config").json() == {
        "chatbot_id": site.chatbot, "name": "Shop", "greeting": "Hello!", "starters": [], "title": None,
        "look": {"side": "right", "theme": "auto", "accent": None}, "powered_by": True, "attachments": False,
    }
    first = site.say("Hi")
    assert first["message"]["content"] == "Hello from the vendor."
    visitor, conversation = first["visitor_token"], first["conversation_id"]
    site.say("And?", visitor, conversation_id=conversation)
    assert ("user", "Hi") in vendor.messages()
    messages = site.page.get(f"/widget/conversations/{conversation}/messages", headers={"X-Visitor": visitor}).json()
    assert [entry["sender"] for entry in messages["data"]] == ["user", "ai"] * 2
    assert site.say("Hi", conversation_id=conversation, status=404)["error"]["code"] == "not_found"
    stranger = site.say("Hi")["visitor_token"]
    assert stranger != visitor
    answer = site.page.get(f"/widget/conversations/{conversation}/messages", headers={"X-Visitor": stranger})
    assert answer.status_code == 404


def test_a_stream_that_breaks_off_is_continued(site, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    body = {"message": "Tell me.", "stream": True}
    with site.page.stream("POST", "/widget/chat", json=body) as answer:
        visitor = {"X-Visitor": answer.headers["X-Visitor"]}
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        came = events(answer.iter_lines())
        conversation, last = next(came).data["conversation_id"], next(came).id
    path = f"/widget/conversations/{conversation}"
    with site.page.stream("GET", f"{path}/stream", headers=visitor | {"Last-Event-ID": last}) as answer:
        hold.release()
        rest = [event for event in events(answer.iter_lines()) if event.name != "comment"]
    assert text(rest) == " after" and rest[-1].data["message"]["content"] == "before after"
    vendor.answer("More.", "more", Hold())
    with site.page.stream("POST", "/widget/chat", json=body | {"message": "More."}, headers=visitor) as answer:
        came = events(answer.iter_lines())
        conversation = next(came).data["conversation_id"]
        next(came)
        stopped = site.page.post(f"/widget/conversations/{conversation}/stop", headers=visitor)
        assert stopped.json()["message"]["status"] == "partial"
        assert list(came)[-1].name == "done"
    assert eventually(lambda: vendor.cancelled) == 1


def test_the_websites_server_says_who_its_customer_is(site):
    secret, soon = site.secret, int(time.time()) + 3600
    site.owner.post(f"/chatbots/{site.chatbot}/prompts", {"content": "You talk to {{user.first_name}}."}, 201)
    token = signed(secret, sub="customer-7", exp=soon, first_name="Carla")
    first = site.say("Hi", token)
    assert first["visitor_token"] is None
    later = signed(secret, sub="customer-7", exp=soon + 1)
    assert site.say("And?", later, conversation_id=first["conversation_id"])["message"]["status"] == "complete"
    other = signed(secret, sub="customer-8", exp=soon)
    assert site.say("And?", other, 404, conversation_id=first["conversation_id"])["error"]["code"] == "not_found"
    for bad in (
        signed(secret, sub="customer-7", exp=soon - 7200), signed(secret, sub="customer-7", exp=soon + 86_400),
        signed("mk_sign_guess", sub="customer-7", exp=soon), token[:-2], "x",
    ):
        assert site.say("Hi", bad, 401)["error"]["code"] == "invalid_visitor"
    users = site.owner.get(f"/chatbots/{site.chatbot}/users")["data"]
    # A refused call has stored no visitor.
    assert {entry["id"] for entry in users} == {"customer-7"}


def test_other_websites_are_refused_and_cannot_read_why(site):
    for origin in ("https://evil.example", "null", "http://shop.example.com"):
        preflight = site.page.options(
            "/widget/chat", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert preflight.status_code == 204
        answer = site.page.post("/widget/chat", json={"message": "Hi"}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_refused")
        assert "Access-Control-Allow-Origin" not in answer.headers
    bare = httpx.post(f"{site.page.base_url}/widget/chat", json={"message": "Hi"}, headers={"X-API-Key": site.key})
    assert bare.status_code == 403


def test_the_limit_of_an_address_is_a_setting(start):
    server = start(WIDGET_RATE_LIMIT="2/minute")
    site = Site(server, User(server))
    site.say("Hi"), site.say("Hi")
    assert site.say("Hi", status=429)["error"]["code"] == "rate_limited"
    assert site.page.get("/widget/config").status_code == 200


def test_newcomers_behind_one_address_share_no_conversation(site):
    once = {"Idempotency-Key": "message-1"}
    first, second = (site.page.post("/widget/chat", json={"message": "hi"}, headers=once) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json()["conversation_id"] != second.json()["conversation_id"]
    assert first.headers["X-Visitor"] != second.headers["X-Visitor"]
    path = f"/widget/conversations/{first.json()['conversation_id']}/messages"
    assert site.page.get(path, headers={"X-Visitor": second.headers["X-Visitor"]}).status_code == 404
    assert site.page.get(path, headers={"X-Visitor": first.headers["X-Visitor"]}).status_code == 200
