"""LiteLLM as a client of both APIs, of responses and of vectors."""

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402
import pytest  # noqa: E402
from asked import (  # noqa: E402
    FORECAST, GREETING, ORDER, ORDERED, PASSAGES, QUESTIONS, WEATHER, Order, found, reading, was_streamed, weather)

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
    chunks = list(reading.of(complete(said(GREETING), stream=True, stream_options={"include_usage": True})))
    assert was_streamed(chunk.choices[0].delta.content for chunk in chunks if chunk.choices)
    assert litellm.stream_chunk_builder(chunks).usage.prompt_tokens > 0
    calls = litellm.stream_chunk_builder(list(complete(said(WEATHER), tools=[TOOL], stream=True))).choices[0].message.tool_calls
    assert weather(**json.loads(calls[0].function.arguments)) == FORECAST


def test_a_prompt_that_is_too_long_is_known(complete):
    with pytest.raises(litellm.ContextWindowExceededError):
        complete(said("দীর্ঘ " * 2000))


@pytest.fixture
def respond(route):
    return lambda asked, **fields: litellm.responses(
        input=asked, model="openai/bird", api_base=route.url + "/v1", api_key=route.key, num_retries=0, **fields)


FUNCTION = {"type": "function"} | TOOL["function"]


def only(response, kind):
    """Returns the one item of its kind in a response's output."""
    (item,) = [item for item in response.output if item.type == kind]
    return item


def test_a_tool_loop_of_responses(respond):
    called = respond(WEATHER, tools=[FUNCTION])
    call = only(called, "function_call")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": weather(**json.loads(call.arguments))}
    for history in ({"previous_response_id": called.id}, {}):
        said = [{"role": "user", "content": WEATHER}, call.model_dump(exclude_none=True)]
        answer = respond([result] if history else [*said, result], tools=[FUNCTION], **history)
        assert only(answer, "message").content[0].text == FORECAST and answer.usage.output_tokens > 0


def test_structured_output_of_responses(respond):
    text = only(respond(ORDER, text_format=Order), "message").content[0].text
    assert Order.model_validate_json(text) == ORDERED


def test_streams_of_responses(respond):
    # LiteLLM reads ahead, so the played vendor does not wait for it.
    events = list(respond(f"আবার: {GREETING}", stream=True))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text.endswith(f"আবার: {GREETING}") and text == only(events[-1].response, "message").content[0].text
    assert events[-1].type == "response.completed" and events[-1].response.usage.input_tokens > 0


def test_a_stored_response(respond, route):
    made = respond(GREETING)
    where = {"api_base": route.url + "/v1", "api_key": route.key, "custom_llm_provider": "openai"}
    assert litellm.get_responses(made.id, **where).output[0].content[0].text.endswith(GREETING)
    assert litellm.delete_responses(made.id, **where).deleted
    with pytest.raises(litellm.NotFoundError):
        litellm.get_responses(made.id, **where)


def test_vectors(route):
    make = lambda texts, **fields: litellm.embedding(
        model=f"openai/{route.vectors}", input=texts, api_base=route.url + "/v1", api_key=route.key, **fields)
    passages = [item["embedding"] for item in make(PASSAGES).data]
    assert [found(make([question]).data[0]["embedding"], passages) for question in QUESTIONS] == [0, 1, 2]
    assert make(PASSAGES).usage.prompt_tokens > 0
    packed = make(PASSAGES, encoding_format="float").data[0]["embedding"]
    assert packed == pytest.approx(passages[0])
