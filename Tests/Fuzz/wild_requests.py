"""Requests of every kind that Mynah accepts, in text of every script; some of them are damaged."""

import base64
import json
import re
from collections import namedtuple
from urllib.parse import quote, urlencode

import texts
from wild_vendor import NUMBERS, damaged, value, written

ORIGIN = "https://shop.example.com"
# The first is of the default provider, OpenAI, whose name does not stand before its own models.
WILD_MODELS = ["wild", "groq/wild", "openrouter/wild", "anthropic/wild"]

Request = namedtuple("Request", "route method path headers body patience")


class Tenant:
    """A user of the fuzz and the objects that it created; new ids replace old ones."""

    def __init__(self, call, name, vendor_base):
        self.name, self.hook = name, vendor_base + "/hook"
        register = call("POST", "/auth/register", {"username": name, "password": "a calm bird sings"})
        assert register.status == 201, register
        signed_in = call("POST", "/auth/token", form={"username": name, "password": "a calm bird sings"})
        assert signed_in.status == 200, signed_in
        self.token = signed_in.json["access_token"]
        self.bots, self.keys, self.conversations, self.messages, self.responses = [], [], [], [], []
        self.visitor = None
        for number in range(6):
            model = {"model": WILD_MODELS[number]} if number < 4 else {"llm_endpoint_url": self.hook}
            self.bots.append(call("POST", "/chatbots", {"name": texts.short(number)} | model, self.token).json["id"])
            key = call("POST", f"/chatbots/{self.bots[-1]}/api-keys", {"name": "k", "scopes": ["chat", "read", "write"]}, self.token)
            self.keys.append((self.bots[-1], key.json["key"]))
        site = {"name": "site", "kind": "publishable", "origins": [ORIGIN]}
        self.site = call("POST", f"/chatbots/{self.bots[0]}/api-keys", site, self.token).json["key"]

    def learn(self, request, answer):
        """Uses ids of a response in later requests."""
        if answer.status // 100 != 2 or not answer.body.startswith(b"{"):
            return
        found = answer.json
        if request.route == "POST /conversations":
            self._keep(self.conversations, found.get("id"))
        elif request.route == "POST /v1/responses":
            self._keep(self.responses, found.get("id"))
        elif "conversation_id" in found:
            self._keep(self.conversations, found["conversation_id"])
            self._keep(self.messages, (found["conversation_id"], (found.get("message") or {}).get("id")))
        elif request.route == "POST /chatbots":
            self._keep(self.bots, found.get("id"), 12)
        self.visitor = found.get("visitor_token") or self.visitor

    @staticmethod
    def _keep(known, new, most=30):
        if new:
            known.append(new)
        if len(known) > most:
            known.pop(len(known) // 2)


def text(chance, longest=400):
    match chance.randrange(12):
        case 0:
            return chance.choice(["", " ", "\ud83d", "\ude00 x", "a\0b", "\ufeff", "\u202e" * 9, "x" * 20_000, "é" * 9000, "👩‍👧" * 3000])
        case 1 | 2 | 3:
            return texts.random_text(chance, longest)
        case 4:
            said = chance.choice(texts.ODD).long
        case 5:
            said = chance.choice(texts.NATURAL).long * chance.randrange(1, 12)
        case _:
            said = chance.choice(texts.NATURAL).long
    return said if longest == 400 else said[:longest]


def parts(chance):
    image = {"type": "image_url", "image_url": {"url": chance.choice(["https://example.com/a.png", "data:image/png;base64,AAAA", "data:;,", "é"])}}
    return [{"type": "text", "text": text(chance)}] + chance.choice([[], [], [image], [{"type": "file", "file": file(chance)}]])


def file(chance):
    data = base64.b64encode(chance.choice([text(chance, 40).encode("utf-8", "replace"), b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"PK\3\4", b"\xff\xfe\x95"])).decode()
    return chance.choice([
        {"file_data": data, "filename": text(chance, 9)}, {"file_data": "data:text/plain;base64," + data, "filename": "ক.txt"},
        {"file_data": text(chance, 40)}, {"file_id": text(chance, 12)}, {"file_url": chance.choice(["http://127.0.0.1/", "é"])}, {},
    ])


def messages(chance, system):
    out = [{"role": "system", "content": text(chance)}] if system and chance.random() < 0.4 else []
    for number in range(2 * chance.randrange(4) + 1):
        role = "assistant" if number % 2 else "user"
        out.append({"role": role, "content": (parts(chance) if chance.random() < 0.2 and role == "user" else text(chance) or "?")})
    if system and chance.random() < 0.1:
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": chance.choice(["{}", "{\"a\":\"\\ud83d\"}", "é", ""])}}
        out[-1:-1] = [{"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c", "content": text(chance)}]
    return out


def options(chance):
    pool = {
        "temperature": chance.choice([0, 0.5, 2, 1e300, -1]), "top_p": chance.choice([0, 1, 0.3, 7]), "max_tokens": chance.choice([1, 9, 500, *NUMBERS]),
        "stop": chance.choice([[], ["।"], "x", ["\ud83d"]]), "n": chance.choice([1, 1, 2]), "seed": chance.choice(NUMBERS), "user": text(chance, 20),
        "response_format": {"type": chance.choice(["text", "json_object", "é"])}, "logprobs": True, "metadata": {"k": text(chance, 9)},
        "tools": [{"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {text(chance, 5): {}}}}}],
        "stream_options": {"include_usage": True}, "max_completion_tokens": chance.choice([5, 10**18]), "top_k": 4, "reasoning_effort": "low",
    }
    return {name: pool[name] for name in chance.sample(list(pool), chance.choice([0, 0, 1, 2, 3]))}


def embedding(chance):
    texts = [text(chance) or "?" for _ in range(chance.choice([1, 2, 9]))]
    inputs = [texts, texts[0], [1, 2, 3], [[1], [2, 3]], [], "", [texts[0], 1], [10**18], value(chance)]
    pool = {"encoding_format": chance.choice(["float", "base64", "é"]), "dimensions": chance.choice([3, 384, *NUMBERS]), "user": text(chance, 9), "input_type": "query"}
    asked = {name: pool[name] for name in chance.sample(list(pool), chance.choice([0, 1, 2]))}
    return {"input": chance.choice(inputs), "model": chance.choice(["", "x", "openai/x", "local/x", text(chance, 9)])} | asked


def items(chance):
    if chance.random() < 0.3:
        return text(chance) or "?"
    call = {"type": "function_call", "call_id": "c", "name": "find", "arguments": text(chance, 9)}
    pool = [
        {"role": chance.choice(["user", "assistant", "system", "developer", "é"]), "content": text(chance)},
        {"role": "user", "content": [{"type": "input_text", "text": text(chance)}, {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": text(chance)}], "encrypted_content": chance.choice([None, text(chance, 9)])},
        {"type": "function_call_output", "call_id": "c", "output": text(chance)}, {"type": text(chance, 5)}, value(chance),
    ]
    return [call, *chance.choices(pool, k=chance.randrange(1, 5))]


def response_options(chance, tenant):
    pool = {
        "background": True, "store": chance.random() < 0.5, "instructions": text(chance), "truncation": chance.choice(["auto", "disabled"]),
        "include": ["reasoning.encrypted_content"], "metadata": {text(chance, 9): text(chance, 9)}, "max_output_tokens": chance.choice([5, 10**18]),
        "tools": [{"type": chance.choice(["function", "custom", "web_search"]), "name": "find"}], "reasoning": {"summary": "auto"},
        "text": {"format": {"type": chance.choice(["text", "json_object", "é"])}}, "user": text(chance, 9),
        "previous_response_id": chance.choice(tenant.responses or ["resp_x"]),
    }
    return {name: pool[name] for name in chance.sample(list(pool), chance.choice([0, 0, 1, 2, 3]))}


def chatbot(chance, tenant):
    model = {"llm_endpoint_url": tenant.hook} if chance.random() < 0.3 else {"model": chance.choice([*WILD_MODELS, "ollama/x", text(chance, 9)])}
    return {
        "name": text(chance, 60)[:150] or "নাম", "description": text(chance), "greeting": text(chance), "config": {"k": value(chance)},
        "temperature": chance.choice([0, 0.7, 2, 3]), "max_tokens": chance.choice([1, 64, 4000, 10**18]), "fallback_message": text(chance, 60),
    } | model


def named(chance, known, other="0"):
    """Returns an object of the tenant, rarely of another."""
    return quote(str(chance.choice(known) if known and chance.random() < 0.95 else chance.choice([other, "x", "é", text(chance, 5) or "y"])), safe="", errors="replace")


def requests(chance, tenant, others):
    """Returns a request without damage, as (route, method, path, body, headers)."""
    bot, (key_bot, key) = named(chance, tenant.bots), chance.choice(tenant.keys)
    conversation = named(chance, tenant.conversations, chance.choice(others).conversations[-1:] or "z")
    user, app = {"Authorization": f"Bearer {tenant.token}"}, {"Authorization": f"Bearer {key}"}
    streams = {"stream": True} if chance.random() < 0.5 else {}
    said = {"message": text(chance) or "?"} | streams
    message = chance.choice(tenant.messages) if tenant.messages else ("x", "y")
    visit = {"X-API-Key": tenant.site, "Origin": ORIGIN} | ({"X-Visitor": tenant.visitor} if tenant.visitor and chance.random() < 0.7 else {})
    page = "?" + urlencode({"limit": chance.choice([1, 50, 10**20, "é"]), "after": text(chance, 8).encode("utf-8", "replace")}) if chance.random() < 0.3 else ""
    table = [
        (10, "POST /chat", "/chat", said | {"chatbot_id": bot}, user),
        (2, "POST /chat", "/chat", said | {"attachments": chance.choice([[], [{}], [{"file_id": text(chance, 9)}], [{"upload_id": bot}] * 2, value(chance)])}, user),
        (1, "POST /uploads", "/uploads", {"name": text(chance, 30), "bytes": chance.choice([0, 7, *NUMBERS])}, user),
        (1, "POST /conversations/import", "/conversations/import", {"upload_id": text(chance, 9), "format": chance.choice(["chatgpt", "claude", text(chance, 9)])}, user),
        (1, "POST /chatbots/{id}/files", f"/chatbots/{bot}/files", chance.choice([{"url": text(chance, 40)}, {"url": "http://127.0.0.1:1/é"}, {"upload_id": text(chance, 9)}, {}]), user),
        (6, "POST /chat", "/chat", said | ({"conversation_id": tenant.conversations[-1]} if tenant.conversations else {"chatbot_id": bot}), user),
        (5, "POST /conversations/{id}/messages", f"/conversations/{conversation}/messages", {"content": text(chance) or "?"} | streams, user),
        (12, "POST /v1/chat/completions", "/v1/chat/completions", {"messages": messages(chance, True)} | streams | options(chance), app),
        (10, "POST /v1/messages", "/v1/messages", {"messages": messages(chance, False), "max_tokens": chance.choice([5, 900]), "system": text(chance)} | streams, app),
        (4, "POST /v1/embeddings", "/v1/embeddings", embedding(chance), app),
        (4, "POST /v1/completions", "/v1/completions", {"prompt": chance.choice([text(chance), [text(chance), text(chance)], [1, 2]])} | streams | options(chance), app),
        (8, "POST /v1/responses", "/v1/responses", {"input": items(chance)} | streams | response_options(chance, tenant), app),
        (3, "GET /v1/responses/{id}", f"/v1/responses/{named(chance, tenant.responses)}{chance.choice(['', '?stream=true', '?stream=true&starting_after=3', '/input_items?limit=2'])}", None, app),
        (1, "POST /v1/responses/{id}/cancel", f"/v1/responses/{named(chance, tenant.responses)}/cancel", {}, app),
        (1, "DELETE /v1/responses/{id}", f"/v1/responses/{named(chance, tenant.responses)}", None, app),
        (5, "POST /chatbots/{id}/query", f"/chatbots/{key_bot}/query",
         said | {"user": {"id": text(chance, 9)[:99] or "7", "first_name": text(chance, 9)}, "session_data": {"a": value(chance)}}, app),
        (6, "POST /widget/chat", "/widget/chat", said, visit),
        (1, "POST /widget/conversations", "/widget/conversations", {}, visit),
        (1, "POST /auth/register", "/auth/register", {"username": text(chance, 12), "password": text(chance, 30)}, {}),
        (1, "POST /auth/register", "/auth/register", {"username": f"u{chance.randrange(10**9)}", "password": "a calm bird sings", "email": text(chance, 9) + "@é.example"}, {}),
        (1, "POST /auth/session", "/auth/session", {"username": text(chance, 9), "password": text(chance, 9)}, {"Origin": ORIGIN}),
        (2, "POST /chatbots", "/chatbots", chatbot(chance, tenant), user),
        (2, "PATCH /chatbots/{id}", f"/chatbots/{named(chance, tenant.bots[6:])}", {"name": text(chance, 40), "greeting": None, "config": {"k": value(chance)}}, user),
        (2, "POST /chatbots/{id}/prompts", f"/chatbots/{bot}/prompts", {"content": (text(chance) or "x") + "{{user.first_name}} {{session.a}} {{date}}", "activate": True}, user),
        (1, "DELETE /chatbots/{id}", f"/chatbots/{named(chance, tenant.bots[6:])}", None, user),
        (1, "POST /chatbots/{id}/api-keys", f"/chatbots/{bot}/api-keys", {"name": text(chance, 9) or "k", "rate_limit": chance.choice(["9/second", "1/é"]), "budget": chance.choice(NUMBERS)}, user),
        (2, "POST /conversations", "/conversations", {"chatbot_id": bot, "title": text(chance, 80)[:190]}, user),
        (1, "PATCH /conversations/{id}", f"/conversations/{conversation}", {"title": text(chance, 80)[:190]}, user),
        (1, "DELETE /conversations/{id}", f"/conversations/{conversation}", None, user),
        (1, "POST /conversations/{id}/stop", f"/conversations/{conversation}/stop", {}, user),
        (2, "POST /conversations/{id}/regenerate", f"/conversations/{conversation}/regenerate", streams, user),
        (1, "PUT feedback", f"/conversations/{message[0]}/messages/{message[1]}/feedback", {"rating": chance.choice([1, -1, 7]), "comment": text(chance)}, user),
        (1, "PATCH /users/me", "/users/me", {"first_name": text(chance, 30), "last_name": text(chance, 30)}, user),
        (1, "POST /users/{id}/details", "/users/me/details", {"details": value(chance)}, user),
        (1, "POST /workspaces", "/workspaces", {"name": text(chance, 40)}, user),
    ]
    reads = [
        "/conversations", f"/conversations/{conversation}", f"/conversations/{conversation}/messages", f"/conversations/{conversation}/export", f"/conversations/{conversation}/files",
        f"/conversations/search?{urlencode({'q': text(chance, 30).encode('utf-8', 'replace'), 'limit': chance.choice([1, 50, 'é'])})}",
        "/chatbots", f"/chatbots/{bot}", f"/chatbots/{bot}/prompts", f"/chatbots/{bot}/usage?by=" + chance.choice(["day", "model", "key", "%C3%A9"]),
        f"/chatbots/{bot}/users", f"/chatbots/{bot}/conversations", f"/chatbots/{bot}/files", f"/chatbots/{bot}/knowledge", f"/chatbots/{bot}/unanswered",
        "/users/me", "/users/me/usage", "/users/me/export", "/auth/sessions", "/workspaces",
        "/v1/models", "/health",
    ]
    table += [(1, "GET " + re.sub("(chatbots|conversations)/(?!search)[^/?]+", r"\1/{id}", each).split("?")[0], each, "GET", user) for each in reads]
    _, route, path, body, headers = chance.choices(table, [row[0] for row in table])[0]
    method = route.split(" ")[0] if body != "GET" else "GET"
    if route == "PUT feedback":
        method = "PUT"
    if method == "GET":
        return route, method, path + (page if "?" not in path else ""), None, headers
    return route, method, path, body, headers


def request(chance, tenant, others):
    route, method, path, body, headers = requests(chance, tenant, others)
    headers = dict(headers)
    data = None
    if body is not None:
        if chance.random() < 0.15:
            body = damaged(chance, body)
        data = written(chance, body)
        if chance.random() < 0.03:
            place = chance.randrange(len(data) + 1)
            data = data[:place] + chance.choice([b"\xff", b"\0", b"\\ud800", b"\\u", b"9" * 400, b"[" * 5000, b"1e999", b'"', b",,"]) + data[place + 1 :]
        headers["Content-Type"] = "application/json"
    if chance.random() < 0.05:
        headers["Idempotency-Key"] = f"k{chance.randrange(50)}"
    if chance.random() < 0.02:
        headers["Accept-Language"] = "bn, ar;q=0.5"
    # A client without patience disconnects in the middle of a reply.
    patience = chance.random() * 0.3 if data and b"stream" in data and chance.random() < 0.1 else None
    return Request(route, method, path, headers, data, patience)
