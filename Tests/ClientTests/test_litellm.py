"""LiteLLM as a client of both APIs."""

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402
import pytest  # noqa: E402
from asked import FORECAST, GREETING, ORDER, ORDERED, WEATHER, Order, was_streamed, weather  # noqa: E402

TOOL = {"type": "function", "function": {
    "name": "weather", "description": weather.__doc__,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                   "required": ["city", "days"]},
}}


@pytest.fixture(params=["openai", "anthropic"])
def complete(request, route):
    base = route.url + ("/v1" if request.param == "openai" else "")

    def completion(*messages, **fields):
        return litellm.completion(
            f"{request.param}/bird", list(messages), api_base=base, api_key=route.key, max_tokens=500, num_retries=0, **fields)

    return completion


def said(content):
    return {"role": "user", "content": content}


def test_a_tool_loop(complete):
    called = complete(said(WEATHER), tools=[TOOL]).choices[0]
    (call,) = called.message.tool_calls
    assert called.finish_reason == "tool_calls"
    result = weather(**json.loads(call.function.arguments))
    answer = complete(
        said(WEATHER), called.message.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": result}, tools=[TOOL])
    assert answer.choices[0].message.content == FORECAST and answer.usage.completion_tokens > 0


def test_structured_output(complete):
    answer = complete(said(ORDER), response_format=Order).choices[0].message.content
    assert Order.model_validate_json(answer) == ORDERED


def test_streams(complete):
    chunks = list(complete(said(GREETING), stream=True, stream_options={"include_usage": True}))
    assert was_streamed(chunk.choices[0].delta.content for chunk in chunks if chunk.choices)
    assert litellm.stream_chunk_builder(chunks).usage.prompt_tokens > 0
    calls = litellm.stream_chunk_builder(list(complete(said(WEATHER), tools=[TOOL], stream=True))).choices[0].message.tool_calls
    assert weather(**json.loads(calls[0].function.arguments)) == FORECAST


def test_a_prompt_that_is_too_long_is_known(complete):
    with pytest.raises(litellm.ContextWindowExceededError):
        complete(said("দীর্ঘ " * 2000))
