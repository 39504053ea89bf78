"""What newer clients ask for, and what vendors really send: nothing is dropped, and no line is silent."""

import json
import time

import anthropic
import httpx
import openai
import pytest
from client import User
from pydantic import BaseModel
from sdk import application, calls
from vendor import Close, Status, choice, event

HI = [{"role": "user", "content": "হ্যালো"}]
DONE = b"data: [DONE]\n\n"


class Place(BaseModel):
    zone: str
    city: str
    area: int


@pytest.fixture
def bird(user):
    return application(user)


@pytest.fixture
def gpt(mynah, bird):
    return openai.OpenAI(api_key=bird.key, base_url=f"{mynah.url}/v1", max_retries=0)


@pytest.fixture
def claude(mynah, bird):
    return anthropic.Anthropic(api_key=bird.key, base_url=mynah.url, max_retries=0)


def delta(reason=None, **members):
    return event(choices=[choice(members, reason)])


def test_structured_output_keeps_the_order_of_its_keys(gpt, claude, vendor):
    answer = '{"zone":"খ","city":"ঢাকা","area":1}'
    vendor.reply = [answer]
    parsed = gpt.chat.completions.parse(model="bird", messages=HI, response_format=Place).choices[0].message.parsed
    assert parsed == Place(zone="খ", city="ঢাকা", area=1)
    schema = vendor.requests[-1]["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["zone", "city", "area"] and schema["required"] == ["zone", "city", "area"]
    own = {"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "string"}}, "required": ["z", "a"]}
    claude.messages.create(
        model="bird", max_tokens=9, messages=HI,
        extra_body={"output_config": {"format": {"type": "json_schema", "schema": own}, "effort": "low"}},
    )
    sent = vendor.requests[-1]
    assert json.dumps(sent["response_format"]["json_schema"]["schema"]) == json.dumps(own)
    assert sent["reasoning_effort"] == "low"


THOUGHTS = [
    delta(reasoning_content="আগে ভাবি, "), delta(reasoning="想一想"), b": a comment\n\n", delta(content="ঠিক"), delta(content=" 👍"),
]


def test_thoughts_reach_both_sdks_and_come_back(gpt, claude, vendor):
    vendor.reply = THOUGHTS
    message = gpt.chat.completions.create(model="bird", messages=HI).choices[0].message
    assert (message.content, message.reasoning_content) == ("ঠিক 👍", "আগে ভাবি, 想一想")
    chunks = [c.choices[0].delta for c in gpt.chat.completions.create(model="bird", messages=HI, stream=True)]
    assert "".join(getattr(d, "reasoning_content", None) or "" for d in chunks) == "আগে ভাবি, 想一想"
    assert "".join(d.content or "" for d in chunks) == "ঠিক 👍"
    thinking, text = claude.messages.create(model="bird", max_tokens=9, messages=HI).content
    assert (thinking.type, thinking.thinking, text.text) == ("thinking", "আগে ভাবি, 想一想", "ঠিক 👍")
    with claude.messages.stream(model="bird", max_tokens=9, messages=HI) as stream:
        blocks = stream.get_final_message().content
    assert [block.type for block in blocks] == ["thinking", "text"] and blocks[0].thinking == "আগে ভাবি, 想一想"
    claude.messages.create(
        model="bird", max_tokens=9, messages=[*HI, {"role": "assistant", "content": blocks}, *HI],
    )
    back = vendor.requests[-1]["messages"][2]
    assert (back["content"], back["reasoning_content"]) == ("ঠিক 👍", "আগে ভাবি, 想一想")


def test_thoughts_within_the_text_are_told_apart(gpt, vendor):
    vendor.reply = ["<thi", "nk>ভাবি", "…</think>", "\n\nঠি", "ক"]
    message = gpt.chat.completions.create(model="bird", messages=HI).choices[0].message
    assert (message.content, message.reasoning_content) == ("ঠিক", "ভাবি…")


def test_an_answer_without_room_says_so_and_is_asked_for_once(gpt, claude, vendor):
    vendor.reply = [delta(reasoning_content="ভাবি"), delta(reason="length"), DONE]
    done = gpt.chat.completions.create(model="bird", messages=HI, max_tokens=5)
    assert (done.choices[0].finish_reason, done.choices[0].message.content) == ("length", "")
    assert claude.messages.create(model="bird", max_tokens=5, messages=HI).stop_reason == "max_tokens"
    assert len(vendor.requests) == 2


ODD_CALLS = {
    "without index or id": [{"function": {"name": "add", "arguments": '{"a": 1}'}}],
    "with an object": [{"index": 0, "id": "x", "function": {"name": "add", "arguments": {"a": 1}}}],
    "with an id of 8 KB": [{"index": 3, "id": "আ" * 2700, "function": {"name": "add", "arguments": '{"a": 1}'}}],
    "in pieces without type": [
        {"index": 1, "id": "x", "function": {"name": "add"}}, {"index": 1, "function": {"arguments": '{"a"'}},
        {"index": 1, "function": {"arguments": ": 1}"}},
    ],
}


@pytest.mark.parametrize("case", ODD_CALLS)
def test_calls_of_tools_are_whole_whatever_came(gpt, claude, vendor, case):
    pieces = ODD_CALLS[case]
    vendor.reply = [*calls(*pieces)[:-2], delta(reason="stop"), DONE]
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
    done = gpt.chat.completions.create(model="bird", messages=HI, tools=[tool]).choices[0]
    (call,) = done.message.tool_calls
    assert (call.type, call.function.name, json.loads(call.function.arguments)) == ("function", "add", {"a": 1})
    assert call.id and done.finish_reason == "tool_calls"
    with gpt.chat.completions.stream(model="bird", messages=HI, tools=[tool]) as stream:
        (streamed,) = stream.get_final_completion().choices[0].message.tool_calls
    assert json.loads(streamed.function.arguments) == {"a": 1}
    used = claude.messages.create(
        model="bird", max_tokens=9, messages=HI, tools=[{"name": "add", "input_schema": {"type": "object"}}])
    assert used.stop_reason == "tool_use" and used.content[0].input == {"a": 1}


ENDINGS = {
    "no end mark": [delta(content="ঠিক"), delta(reason="stop"), Close],
    "no reason": [delta(content="ঠিক"), DONE],
    "the whole message last": [event(choices=[{"index": 0, "message": {"content": "ঠিক"}, "finish_reason": "stop"}]), DONE],
    "counts as texts": [delta(content="ঠিক"), event(
        choices=[choice({}, "stop")], usage={"prompt_tokens": "7", "completion_tokens": 1.2, "total_tokens": "9"}), DONE],
}


@pytest.mark.parametrize("case", ENDINGS)
def test_an_answer_is_whole_however_its_stream_ends(gpt, vendor, case):
    vendor.reply = ENDINGS[case]
    done = gpt.chat.completions.create(model="bird", messages=HI)
    assert done.choices[0].message.content == "ঠিক" and done.choices[0].finish_reason == "stop"
    chunks = list(gpt.chat.completions.create(model="bird", messages=HI, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "ঠিক"
    if case == "counts as texts":
        assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (7, 2)


def test_an_answer_does_not_wait_for_a_vendor_that_falls_silent_after_its_end(gpt, vendor):
    vendor.reply = [delta(content="ঠিক"), delta(reason="stop"), 25]
    began = time.monotonic()
    chunks = gpt.chat.completions.create(model="bird", messages=HI, stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "ঠিক" and time.monotonic() - began < 15


def test_errors_within_an_answer_are_errors(gpt, vendor):
    for words in ({"error": {"message": "canary", "code": 500}}, {"object": "error", "message": "canary", "code": 500}):
        vendor.reply = [f"data: {json.dumps(words)}\n\n".encode(), Close]
        with pytest.raises(openai.InternalServerError) as raised:
            gpt.chat.completions.create(model="bird", messages=HI, stream=True)
        assert raised.value.code == "provider_unavailable" and "canary" not in str(raised.value)


def test_a_long_prompt_and_another_vendors_model_raise_what_libraries_know(gpt, claude, vendor):
    vendor.reply = [Status(400, {"error": {"message": "This model's maximum context length is 10 tokens."}})]
    with pytest.raises(openai.BadRequestError) as raised:
        gpt.chat.completions.create(model="bird", messages=HI)
    assert raised.value.code == "context_length_exceeded"
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        claude.messages.create(model="bird", max_tokens=9, messages=HI)
    vendor.reply = [Status(404, {"error": {"message": "The model does not exist", "code": "model_not_found"}})]
    with pytest.raises(openai.NotFoundError) as raised:
        gpt.chat.completions.create(model="bird", messages=HI)
    assert raised.value.code == "model_not_found"


def test_models_and_tokens_can_be_asked_for(gpt, claude, vendor):
    assert gpt.models.retrieve("bird").id == "bird"
    assert gpt.models.retrieve("bird/scripted").id == "bird/scripted"
    with pytest.raises(openai.NotFoundError) as raised:
        gpt.models.retrieve("nightingale")
    assert raised.value.code == "model_not_found"
    few = claude.messages.count_tokens(model="bird", messages=HI).input_tokens
    many = claude.messages.count_tokens(model="bird", messages=[{"role": "user", "content": "দীর্ঘ " * 100}]).input_tokens
    assert 0 < few < many and vendor.requests == []


def test_several_answers(gpt, vendor):
    done = gpt.chat.completions.create(model="bird", messages=HI, n=3)
    assert [c.message.content for c in done.choices] == ["Hello from the vendor."] * 3
    assert done.usage.completion_tokens == 12 and len(vendor.requests) == 3


def test_an_operator_lets_further_fields_pass(start, vendor):
    server = start(LLM_EXTRA_FIELDS_OPENAI="top_n_sigma, adaptive_target")
    bird = application(User(server))
    gpt = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    gpt.chat.completions.create(model="bird", messages=HI, extra_body={"top_n_sigma": 1.5})
    assert vendor.requests[-1]["top_n_sigma"] == 1.5
    with pytest.raises(openai.BadRequestError) as raised:
        gpt.chat.completions.create(model="bird", messages=HI, extra_body={"n_predict": 9000})
    assert raised.value.param == "n_predict"


def first_bytes(url, key, path, body):
    """The first thing that a stream says, and after how many seconds; then all of it."""
    began = time.monotonic()
    with httpx.stream("POST", url + path, json=body, headers={"X-API-Key": key}, timeout=60) as response:
        pieces = response.iter_text()
        first = next(pieces)
        took = time.monotonic() - began
        return response, first, took, first + "".join(pieces)


def test_a_stream_opens_before_a_slow_model_begins(mynah, bird, vendor):
    vendor.reply = [11.5, "ঠিক"]
    response, first, took, text = first_bytes(
        mynah.url, bird.key, "/v1/chat/completions", {"messages": HI, "stream": True})
    assert response.status_code == 200 and first.startswith(":") and 8 < took < 11.4, (first, took)
    assert "data:" not in first and text.rstrip().endswith("[DONE]")
    assert "ঠিক" in text or json.dumps("ঠিক")[1:-1] in text


def test_a_failure_keeps_its_status_until_the_stream_has_opened(mynah, bird, vendor):
    vendor.reply = [11.5, b'data: {"error": {"message": "canary", "code": 500}}\n\n', Close]
    response, first, _, text = first_bytes(
        mynah.url, bird.key, "/v1/messages", {"max_tokens": 9, "messages": HI, "stream": True})
    assert response.status_code == 200 and first.startswith(":")
    assert "event: error" in text and "canary" not in text and "message_stop" not in text


def test_a_vendors_comments_are_signs_of_its_life(start, vendor):
    server = start(LLM_FIRST_TOKEN_TIMEOUT="2", LLM_IDLE_TIMEOUT_OPENAI="2")
    bird = application(User(server))
    gpt = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    vendor.reply = [step for _ in range(5) for step in (b": processing\n\n", 1)] + ["ঠিক"]
    chunks = gpt.chat.completions.create(model="bird", messages=HI, stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "ঠিক"
    vendor.reply = [4, "late"]
    with pytest.raises(openai.InternalServerError) as raised:
        gpt.chat.completions.create(model="bird", messages=HI, stream=True)
    assert raised.value.code == "provider_timeout"
