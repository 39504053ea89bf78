"""Split emoji and bytes: text that a vendor splits is whole for every client and in the database, and half an emoji
from a client is U+FFFD."""

import json

import httpx
import pytest
from client import User, events, eventually, text
from mynah_process import Server
from websocket_client import opened, say, until_end
from websocket_client import text as ws_text
from test_widget import ORIGIN, Site
from vendor import choice, event

# The vendor's deltas, and their joined text. `json.dumps` writes a lone surrogate as an escape.
CUTS = {
    "two halves": (["নমস্কার \ud83d", "\ude00!"], "নমস্কার 😀!"),
    "a joined emoji": (["👩‍\ud83d", "\udc67 مرحبا"], "👩‍👧 مرحبا"),
    "nothing between": (["hi \ud83d", "", "\ude00"], "hi 😀"),
    "a half at the end": (["你好 \ud83d"], "你好 \ufffd"),
    "a high half twice": (["\ud83d", "\ud83d", "\ude00"], "\ufffd😀"),
    "halves the wrong way around": (["\ude00", "\ud83d"], "\ufffd\ufffd"),
    "a half within": (["a\ud83db", "\ude00"], "a\ufffdb\ufffd"),
}
BYTES = "नमस्ते 👩‍👧 สวัสดี".encode()


def openai_steps(parts, field="content"):
    return [event(choices=[choice({field: part})]) for part in parts]


@pytest.fixture
def key(user):
    bot = user.get("/chatbots")["data"][0]["id"]
    return user.post(f"/chatbots/{bot}/api-keys", {"name": "app", "scopes": ["chat", "read"]}, 201)["key"]


def completion(user, key, path, body):
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=user.http.base_url, timeout=60, headers=headers) as client:
        with client.stream("POST", path, json=body) as response:
            assert response.status_code == 200, response.read()
            return [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: {")]


def openai_text(user, key):
    body = {"messages": [{"role": "user", "content": "q"}], "stream": True}
    chunks = completion(user, key, "/v1/chat/completions", body)
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)


def anthropic_text(user, key):
    body = {"max_tokens": 9, "messages": [{"role": "user", "content": "q"}], "stream": True}
    return "".join(e["delta"].get("text", "") for e in completion(user, key, "/v1/messages", body) if "delta" in e)


def of_whole_answers(user, key):
    ask = {"max_tokens": 9, "messages": [{"role": "user", "content": "q"}]}
    headers = {"Authorization": f"Bearer {key}"}
    openai = user.post("/v1/chat/completions", ask, headers=headers)["choices"][0]["message"]["content"]
    anthropic = user.post("/v1/messages", ask, headers=headers)["content"]
    return openai, "".join(block["text"] for block in anthropic)


def assert_everywhere(user, key, expected):
    """Returns the reply by every API that shows one, and as stored."""
    with user.stream("/chat", {"message": "q"}) as stream:
        heard = list(stream)
    assert text(heard) == expected
    conversation = heard[0].data["conversation_id"]
    assert user.messages(conversation)[-1]["content"] == expected
    assert user.post("/chat", {"message": "q"})["message"]["content"] == expected
    with opened(user) as ws:
        say(ws, type="message", message="q")
        assert ws_text(until_end(ws)) == expected
    assert openai_text(user, key) == expected
    assert anthropic_text(user, key) == expected
    assert of_whole_answers(user, key) == (expected, expected)


@pytest.mark.parametrize("cut", CUTS)
def test_what_a_vendor_cuts_apart_is_whole_everywhere(mynah, vendor, user, key, cut):
    parts, expected = CUTS[cut]
    vendor.reply = openai_steps(parts)
    assert_everywhere(user, key, expected)


@pytest.mark.parametrize("cut", range(1, len(BYTES), 3))
def test_bytes_of_a_character_may_come_apart(mynah, vendor, user, key, cut):
    body = json.dumps({"choices": [choice({"content": BYTES.decode()})]}, ensure_ascii=False)
    raw = f"data: {body}\n\n".encode()
    at = raw.index(BYTES) + cut
    vendor.reply = [raw[:at], 0.02, raw[at:]]
    assert openai_text(user, key) == BYTES.decode()
    # Two events, neither of which is UTF-8 by itself.
    head, tail = raw.split(BYTES)
    vendor.reply = [head + BYTES[:cut] + tail, head + BYTES[cut:] + tail]
    assert openai_text(user, key) == BYTES.decode()
    assert user.post("/chat", {"message": "q"})["message"]["content"] == BYTES.decode()


def test_arguments_of_tools_are_whole(mynah, vendor, user, key):
    def piece(index, arguments, **more):
        return {"index": index, "function": {"arguments": arguments} | ({"name": "f"} if more else {})} | more

    vendor.reply = [event(choices=[choice({"tool_calls": calls})]) for calls in [
        [piece(0, '{"t":"\ud83d', id="a", type="function"), piece(1, '{"t":"\ud83d', id="b", type="function")],
        [piece(1, "\ude01 "), piece(0, "\ude00")], [piece(0, '"}'), piece(1, '\ud83d"}')],
    ]]
    expected = ['{"t":"😀"}', '{"t":"😁 \ufffd"}']
    ask = {"messages": [{"role": "user", "content": "q"}], "tools": [{"type": "function", "function": {"name": "f"}}]}
    got = {0: "", 1: ""}
    for chunk in completion(user, key, "/v1/chat/completions", ask | {"stream": True}):
        for call in chunk["choices"][0]["delta"].get("tool_calls") or []:
            got[call["index"]] += call["function"].get("arguments") or ""
    assert list(got.values()) == expected
    headers = {"Authorization": f"Bearer {key}"}
    whole = user.post("/v1/chat/completions", ask, headers=headers)["choices"][0]["message"]["tool_calls"]
    assert [call["function"]["arguments"] for call in whole] == expected


def test_a_visitor_reads_whole_characters(mynah, vendor, user):
    site = Site(mynah, user)
    vendor.reply = openai_steps(["שלום \ud83d", "\ude00"])
    assert site.say("q")["message"]["content"] == "שלום 😀"
    with site.page.stream("POST", "/widget/chat", json={"message": "q", "stream": True}) as response:
        assert text(events(response.iter_lines())) == "שלום 😀"


def anthropic_steps(parts):
    def sse(**data):
        return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()

    yield sse(type="message_start", message={"model": "claude", "usage": {"input_tokens": 3, "output_tokens": 1}})
    yield sse(type="content_block_start", index=0, content_block={"type": "text", "text": ""})
    for part in parts:
        yield sse(type="content_block_delta", index=0, delta={"type": "text_delta", "text": part})
    yield sse(type="content_block_stop", index=0)
    yield sse(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3})
    yield sse(type="message_stop")


def test_anthropics_deltas_are_whole_everywhere(start, vendor):
    server = start(LLM_PROVIDER="anthropic", ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=vendor.url)
    user = User(server)
    bot = user.get("/chatbots")["data"][0]["id"]
    key = user.post(f"/chatbots/{bot}/api-keys", {"name": "app", "scopes": ["chat", "read"]}, 201)["key"]
    for parts, expected in CUTS.values():
        vendor.reply = list(anthropic_steps(parts))
        assert_everywhere(user, key, expected)


@pytest.mark.parametrize("half, shown", [
    (rb"cut \ud83d", "cut \ufffd"), (rb"\ude00 \ud83d\ud83d\ude00", "\ufffd \ufffd😀"), ("কাটা \\udfff".encode(), "কাটা \ufffd"),
])
def test_half_an_emoji_from_a_client_is_a_replacement_character(mynah, vendor, user, key, half, shown):
    def last():
        return vendor.requests[-1]["messages"][-1]["content"]

    json_type = {"Content-Type": "application/json"}
    with_key = json_type | {"Authorization": f"Bearer {key}"}
    made = user.post("/chat", content=b'{"message":"%s"}' % half, headers=json_type)
    assert last() == shown
    assert user.messages(made["conversation_id"])[0]["content"] == shown
    for path in ("/v1/chat/completions", "/v1/messages"):
        user.post(path, content=b'{"max_tokens":5,"messages":[{"role":"user","content":"%s"}]}' % half, headers=with_key)
        assert last() == shown
        parts = b'{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"%s"}]}]}' % half
        user.post(path, content=parts, headers=with_key)
        assert last() in (shown, [{"type": "text", "text": shown}])
    with opened(user) as ws:
        ws.send((b'{"type":"message","message":"%s"}' % half).decode())
        assert until_end(ws)[-1]["event"] == "done"
        assert last() == shown
    site = Site(mynah, user)
    answer = site.page.post("/widget/chat", content=b'{"message":"%s"}' % half, headers=json_type)
    assert answer.status_code == 200 and last() == shown
    bot = user.post("/chatbots", content=b'{"name":"%s"}' % half, headers=json_type, status=201)
    assert user.get(f"/chatbots/{bot['id']}")["name"] == shown
    prompt = user.post(f"/chatbots/{bot['id']}/prompts", content=b'{"content":"%s"}' % half, headers=json_type, status=201)
    assert prompt["content"] == shown
