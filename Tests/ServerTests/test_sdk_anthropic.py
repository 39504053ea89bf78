"""Anthropic's SDK against the server, with an OpenAI-compatible vendor behind it."""

import json

import anthropic
import pytest
from client import User
from sdk import ADD, PIXEL, PROMPT, TWO_CALLS, application
from vendor import Close, Status

HI = [{"role": "user", "content": "Hi"}]
TOOL = {"name": "add", "description": "Adds two numbers.", "input_schema": ADD["function"]["parameters"]}


@pytest.fixture
def bird(user):
    return application(user)


@pytest.fixture
def client(mynah, bird):
    return anthropic.Anthropic(api_key=bird.key, base_url=mynah.url, max_retries=0)


def test_a_message(client, vendor):
    message = client.messages.create(
        model="bird", max_tokens=9, system="Sing.", messages=HI, stop_sequences=["END"],
        metadata={"user_id": "customer-7"}, extra_body={"temperature": 0.5, "top_p": 0.9},
    )
    (block,) = message.content
    assert (message.type, message.role, message.model, message.id[:4]) == ("message", "assistant", "scripted", "msg_")
    assert (block.type, block.text, message.stop_reason) == ("text", "Hello from the vendor.", "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (7, 4)
    assert vendor.messages() == [("system", f"{PROMPT}\n\nSing."), ("user", "Hi")]
    sent = vendor.requests[-1]
    assert (sent["max_tokens"], sent["temperature"], sent["top_p"]) == (9, 0.5, 0.9)
    assert (sent["stop"], sent["user"]) == (["END"], "customer-7")


def test_a_stream(client, vendor):
    with client.messages.stream(model="bird", max_tokens=9, messages=HI) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == message.content[0].text == "Hello from the vendor."
    assert message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (7, 4)


def test_tools_are_used_and_their_results_go_back(client, vendor):
    vendor.reply = TWO_CALLS
    whole = client.messages.create(model="bird", max_tokens=9, messages=HI, tools=[TOOL], tool_choice={"type": "any"})
    with client.messages.stream(model="bird", max_tokens=9, messages=HI, tools=[TOOL]) as stream:
        streamed = stream.get_final_message()
    assert (vendor.requests[-2]["tools"], vendor.requests[-2]["tool_choice"]) == ([ADD], "required")
    for message in (whole, streamed):
        assert message.stop_reason == "tool_use"
        assert [(block.type, block.id, block.name, block.input) for block in message.content] == [
            ("tool_use", "call_a", "add", {"a": 1, "b": 2}), ("tool_use", "call_b", "add", {"a": 3, "b": 4}),
        ]
    vendor.reply = ["It is 3."]
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "3"} for block in whole.content]
    again = client.messages.create(
        model="bird", max_tokens=9, tools=[TOOL],
        messages=[*HI, {"role": "assistant", "content": whole.content}, {"role": "user", "content": results}],
    )
    assert again.content[0].text == "It is 3."
    asked = vendor.requests[-1]["messages"]
    assert [message["role"] for message in asked] == ["system", "user", "assistant", "tool", "tool"]
    assert json.loads(asked[2]["tool_calls"][0]["function"]["arguments"]) == {"a": 1, "b": 2}
    assert asked[3] == {"role": "tool", "tool_call_id": "call_a", "content": "3"}


def test_pictures_are_translated(client, vendor):
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    client.messages.create(model="bird", max_tokens=9, messages=[{"role": "user", "content": content}])
    assert vendor.requests[-1]["messages"][1]["content"] == [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        {"type": "text", "text": "What is it?"},
    ]


def test_the_list_of_models(client):
    models = list(client.models.list())
    assert [model.id for model in models] == ["bird", "bird/scripted"]
    assert models[0].type == "model" and models[0].display_name == "Bird" and models[0].created_at.year >= 2025


ERRORS = {
    "wrong key": (anthropic.AuthenticationError, "authentication_error", {"api_key": "mk_live_wrong"}, {}),
    "no such model": (anthropic.NotFoundError, "not_found_error", {}, {"model": "nightingale"}),
    "no message": (anthropic.BadRequestError, "invalid_request_error", {}, {"messages": []}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_raise_the_right_exception(client, case):
    kind, error_type, options, fields = ERRORS[case]
    for stream in (False, True):
        with pytest.raises(kind) as raised:
            client.with_options(**options).messages.create(
                **{"model": "bird", "max_tokens": 9, "messages": HI, "stream": stream} | fields
            )
        body = raised.value.body
        assert (body["type"], body["error"]["type"]) == ("error", error_type)
        assert body["request_id"] == raised.value.response.headers["X-Request-Id"]


def test_a_vendor_that_fails_raises_and_one_that_breaks_off_does_too(start, vendor):
    server = start()
    client = anthropic.Anthropic(api_key=application(User(server)).key, base_url=server.url, max_retries=0)
    vendor.reply = [Status(429, {"error": {"message": "canary-detail"}}, Retry_After=30)]
    with pytest.raises(anthropic.InternalServerError) as raised:
        client.messages.create(model="bird", max_tokens=9, messages=HI, stream=True)
    assert raised.value.status_code == 503 and raised.value.body["error"]["code"] == "provider_rate_limited"
    vendor.reply = ["Half", 0.2, Close]
    with pytest.raises(anthropic.APIStatusError) as raised:
        with client.messages.stream(model="bird", max_tokens=9, messages=HI) as stream:
            text = [next(stream.text_stream)]
            text += stream.text_stream
    assert text == ["Half"] and raised.value.body["error"]["code"] == "provider_unavailable"
    assert "canary" not in str(raised.value)


def test_a_token_in_place_of_a_key(mynah, user, vendor):
    application(user, name="Owl")
    client = anthropic.Anthropic(auth_token=user.token, api_key=None, base_url=mynah.url)
    assert client.messages.create(model="owl", max_tokens=9, messages=HI).content[0].text == "Hello from the vendor."
