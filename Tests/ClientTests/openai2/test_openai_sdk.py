"""Version 2 of OpenAI's SDK, beside version 3 in the server's tests."""

import json

import openai
import pytest
from asked import FORECAST, GREETING, ORDER, ORDERED, WEATHER, Order, was_streamed, weather

TOOL = {"type": "function", "function": {
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
}}


@pytest.fixture
def complete(route):
    assert openai.__version__.startswith("2.")
    client = openai.OpenAI(base_url=route.url + "/v1", api_key=route.key, max_retries=0)
    return client.chat.completions


def test_a_tool_loop(complete):
    messages = [{"role": "user", "content": WEATHER}]
    with complete.stream(model="bird", messages=messages, tools=[TOOL]) as stream:
        message = stream.get_final_completion().choices[0].message
    (call,) = message.tool_calls
    result = {"role": "tool", "tool_call_id": call.id, "content": weather(**json.loads(call.function.arguments))}
    answer = complete.create(model="bird", messages=[*messages, message, result], tools=[TOOL])
    assert answer.choices[0].message.content == FORECAST


def test_structured_output(complete):
    parsed = complete.parse(model="bird", messages=[{"role": "user", "content": ORDER}], response_format=Order)
    assert parsed.choices[0].message.parsed == ORDERED


def test_streams(complete):
    chunks = complete.create(model="bird", messages=[{"role": "user", "content": GREETING}], stream=True)
    assert was_streamed(chunk.choices[0].delta.content for chunk in chunks if chunk.choices)
