"""Fills a new server with something of everything, through its API, and reads it back.

make.py runs this once on the binary of a release; the upgrade test reads the same on the binary of today.
"""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path

import httpx

sys.path[:0] = [
    str(Path(__file__).resolve().parent.parent),
    str(Path(__file__).resolve().parent.parent / "ServerTests"),
]
from mynah_process import PASSWORD, make_admin  # noqa: E402
from texts import BY_NAME, NATURAL  # noqa: E402

# What another reading of the same data may answer differently.
VOLATILE = {
    "last_used_at",
    "resets_at",
    "expires_in",
    "request_id",
    "state",
    "chained",
    "sealed",
    "last_seen_at",
    "current",
}


class Caller:
    """One caller of the API, with its own credentials."""

    def __init__(self, server, **headers):
        self.http = httpx.Client(base_url=server.url, timeout=60, headers=headers)

    def __call__(self, method, path, body=None, status=(200, 201, 202, 204), **headers):
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code in status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def sign_in(server, name):
    answer = httpx.post(f"{server.url}/auth/token", data={"username": name, "password": PASSWORD}, timeout=60)
    assert answer.status_code == 200, answer.text
    return Caller(server, Authorization=f"Bearer {answer.json()['access_token']}")


def register(server, name, **fields):
    answer = httpx.post(
        f"{server.url}/auth/register", json={"username": name, "password": PASSWORD} | fields, timeout=60
    )
    assert answer.status_code == 201, answer.text
    return sign_in(server, name)


def visitor_token(secret, claims):
    def encoded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + "." + encoded(json.dumps(claims).encode())
    return head + "." + encoded(hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest())


def fill(server, vendor):
    """Makes the data; returns what signs in to it: `{keys: {name: key}, users: […]}`."""
    root = Caller(server, **dict(make_admin(server).headers))
    asha = register(server, "asha", email="asha@example.com", first_name="আশা", company="সাইকেল ঘর")
    omar = register(server, "omar", email="omar@example.com", first_name="عمر")
    li = register(server, "li", first_name="丽")
    register(server, "gone", email="gone@example.com")
    ids = {name: caller("GET", "/users/me")["id"] for name, caller in (("asha", asha), ("omar", omar), ("li", li))}
    asha(
        "POST",
        f"/users/{ids['asha']}/details",
        {
            "last_name": "রহমান",
            "role": "মালিক",
            "preferences": {"language": "bn", "emoji": "👩🏽‍🚀"},
            "profile_data": BY_NAME["bengali"].long,
        },
    )

    # A shared workspace: one member who has accepted, one who has not, one who was made an owner and has not answered.
    shop = asha("POST", "/workspaces", {"name": "সাইকেলের দোকান"})["id"]
    for name, role in (("omar", "editor"), ("li", "viewer")):
        asha("POST", f"/workspaces/{shop}/members", {"username": name, "role": role})
    omar("POST", f"/workspaces/{shop}/accept", {"role": "editor"})
    unasked = omar("POST", "/workspaces", {"name": "متجر الدراجات"})["id"]
    omar("POST", f"/workspaces/{unasked}/members", {"username": "asha", "role": "owner"})

    bot = asha(
        "POST",
        "/chatbots",
        {
            "name": "সহায়ক 🚲",
            "slug": "helper",
            "description": BY_NAME["bengali"].short,
            "models": ["scripted", "scripted-large"],
            "temperature": 0.5,
            "greeting": "নমস্কার!",
            "config": {"रंग": ["नीला", "लाल"]},
        },
        **{"X-Workspace-Id": shop},
    )["id"]
    for text in ("You help the customers of {{user.first_name}}.", BY_NAME["bengali"].long):
        asha("POST", f"/chatbots/{bot}/prompts", {"content": text})
    first = asha("GET", f"/chatbots/{bot}/prompts")["data"][-1]["id"]
    asha("POST", f"/chatbots/{bot}/prompts/{first}/activate")
    omar("POST", "/chatbots", {"name": "مساعد", "slug": "helper"})
    endpoint = asha(
        "POST", "/chatbots", {"name": "Own endpoint", "llm_endpoint_url": "https://models.example.com/answer"}
    )["id"]

    def key(caller, path, **fields):
        return caller("POST", path, {"name": "key"} | fields | {"current_password": PASSWORD})

    keys = {
        "secret": key(asha, f"/chatbots/{bot}/api-keys", budget=5_000_000)["key"],
        "reading": key(asha, f"/chatbots/{bot}/api-keys", scopes=["read"])["key"],
        "public": key(asha, f"/chatbots/{bot}/api-keys", kind="publishable", origins=["https://shop.example.com"])[
            "key"
        ],
        "own": key(asha, "/users/me/api-keys")["key"],
    }
    revoked = key(omar, "/users/me/api-keys")
    omar("DELETE", f"/users/me/api-keys/{revoked['id']}")
    keys["revoked"] = revoked["key"]
    asha("GET", f"/chatbots/{endpoint}/signing-secret")

    root("PUT", "/admin/prices/openai%2Fscripted", {"input_per_million": 2_500_000, "output_per_million": 10_000_000})
    plan = root(
        "POST",
        "/admin/plans",
        {"id": "team", "name": "দল", "requests_per_minute": 600, "credits_per_month": 50_000_000},
        (201, 409, 422),
    )
    if "id" in plan:
        root("PATCH", f"/admin/users/{ids['asha']}", {"plan": plan["id"]})
    root("POST", f"/admin/users/{ids['omar']}/credits", {"balance": 7_000_000, "reason": "শুভেচ্ছা"})
    root("POST", "/admin/ip-rules", {"cidr": "203.0.113.0/24", "action": "deny", "note": "垃圾邮件"})
    root(
        "POST",
        "/admin/operators",
        {"username": "help", "name": "Help", "password": PASSWORD, "role": "staff", "level": 2},
    )
    gone = root("GET", "/admin/users?q=gone")["data"][0]["id"]
    root("DELETE", f"/admin/users/{gone}", {"reason": "asked for it"})

    # Conversations in every language, of users, an application's users and a website's visitors.
    for number, text in enumerate(NATURAL):
        caller, chatbot = ((asha, bot), (omar, bot), (li, None))[number % 3]
        vendor.reply = [text.long[:40], text.long[40:]]
        said = caller("POST", "/chat", {"message": text.short} | ({"chatbot_id": chatbot} if chatbot else {}))
        vendor.reply = [text.short]
        caller("POST", f"/conversations/{said['conversation_id']}/messages", {"content": text.long})
        if number % 4 == 0:
            caller(
                "PUT",
                f"/conversations/{said['conversation_id']}/messages/{said['message']['id']}/feedback",
                {"rating": -1, "comment": text.short},
            )
        if number % 5 == 0:
            caller("PATCH", f"/conversations/{said['conversation_id']}", {"title": text.short[:60]})
        caller("POST", f"/conversations/{said['conversation_id']}/regenerate") if number % 6 == 0 else None
    app = Caller(server, **{"X-API-Key": keys["secret"]})
    for number, text in enumerate(NATURAL[:6]):
        app(
            "POST",
            f"/chatbot/{bot}/query",
            {
                "message": text.short,
                "session_data": {"cart": [number, text.name]},
                "user": {
                    "id": f"customer-{number}",
                    "first_name": text.short[:20],
                    "email": f"customer{number}@example.com",
                },
            },
        )
        app("POST", "/v1/chat/completions", {"model": bot, "messages": [{"role": "user", "content": text.short}]})
    page = Caller(server, **{"X-API-Key": keys["public"], "Origin": "https://shop.example.com"})
    keys["visitor"] = page("POST", "/widget/chat", {"message": BY_NAME["chinese"].short})["visitor_token"]
    accepted = {"asha": [shop], "omar": [shop, unasked], "li": []}
    for name, caller in (("asha", asha), ("omar", omar), ("li", li)):
        accepted[name] += [
            each["id"] for each in caller("GET", "/workspaces")["data"] if each["id"] not in (shop, unasked)
        ]
    return {"keys": keys, "users": ["asha", "omar", "li"], "chatbot": bot, "accepted": accepted}


def read(server, made):
    """All that the callers can read, as `{call: answer}`, without what changes by itself."""
    seen = {}

    def pages(caller, who, path, **headers):
        entries, after = [], ""
        while True:
            page = caller("GET", f"{path}{'&' if '?' in path else '?'}limit=200{after}", **headers)
            entries += page["data"]
            if not page.get("next"):
                break
            after = f"&after={page['next']}"
        seen[" ".join([who, path, *headers.values()])] = entries
        return entries

    for name in made["users"]:
        caller = sign_in(server, name)
        me = seen[f"{name} /users/me"] = caller("GET", "/users/me")
        seen[f"{name} details"] = caller("GET", f"/users/{me['id']}/details")
        pages(caller, name, "/users/me/api-keys")
        for workspace in caller("GET", "/workspaces")["data"]:
            # A role that nobody has accepted yet may mean something else in another release.
            if workspace["id"] not in made["accepted"][name]:
                continue
            seen[f"{name} {workspace['name']}"] = {
                field: workspace[field] for field in ("id", "name", "role") if field in workspace
            }
            inside = {"X-Workspace-Id": workspace["id"]}
            for chatbot in pages(caller, name, "/chatbots", **inside):
                seen[f"{name} /chatbots/{chatbot['id']}"] = caller("GET", f"/chatbots/{chatbot['id']}")
                pages(caller, name, f"/chatbots/{chatbot['id']}/prompts")
                pages(caller, name, f"/chatbots/{chatbot['id']}/users")
                pages(caller, name, f"/chatbots/{chatbot['id']}/conversations")
            for conversation in pages(caller, name, "/conversations", **inside):
                pages(caller, name, f"/conversations/{conversation['id']}/messages")
    app = Caller(server, **{"X-API-Key": made["keys"]["secret"]})
    seen["key /v1/models"] = app("GET", "/v1/models")
    return scrub(seen)


def scrub(value):
    if isinstance(value, dict):
        return {name: scrub(each) for name, each in value.items() if name not in VOLATILE}
    if isinstance(value, list):
        return [scrub(each) for each in value]
    return value
