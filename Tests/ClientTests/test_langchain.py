"""LangChain with the API of responses, and its vectors. Its standard suites are in `Tests/Long/langchain_suites.py`."""

from functools import reduce
from operator import add

import pytest
from asked import FORECAST, GREETING, ORDER, ORDERED, PASSAGES, QUESTIONS, WEATHER, Order, found, reading, was_streamed, weather
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings


@pytest.fixture
def chat(route):
    return lambda **fields: ChatOpenAI(
        model="bird", base_url=route.url + "/v1", api_key=route.key, use_responses_api=True, max_retries=0, **fields)


def text(message):
    return "".join(block["text"] for block in message.content_blocks if block["type"] == "text")


def asked_weather(able, call=lambda able, messages: able.invoke(messages)):
    """Returns the first answer, which calls the tool, and what it was called with."""
    called = call(able, [HumanMessage(WEATHER)])
    (wanted,) = called.tool_calls
    return called, ToolMessage(weather(**wanted["args"]), tool_call_id=wanted["id"])


# The last stores nothing at the server, so that thoughts come back encrypted.
@pytest.mark.parametrize("fields", [{}, {"store": False, "include": ["reasoning.encrypted_content"]}], ids=str)
def test_a_tool_loop(chat, fields):
    able = chat(reasoning={"effort": "low", "summary": "auto"}, **fields).bind_tools([tool(weather)])
    called, result = asked_weather(able)
    answer = able.invoke([HumanMessage(WEATHER), called, result])
    assert text(answer) == FORECAST and answer.usage_metadata["input_tokens"] > 0


def test_a_tool_loop_that_continues_what_is_stored(chat, route):
    able = chat(use_previous_response_id=True).bind_tools([tool(weather)])
    called, result = asked_weather(able)
    answer = able.invoke([HumanMessage(WEATHER), called, result])
    assert text(answer) == FORECAST and called.response_metadata["id"] != answer.response_metadata["id"]
    assert WEATHER in str(route.vendor.requests[-1][1])


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output(chat, method):
    assert chat().with_structured_output(Order, method=method).invoke(ORDER) == ORDERED


def test_json_without_a_schema(chat):
    made = chat().with_structured_output(None, method="json_mode").invoke("Answer in JSON with 'পাখি' and 'طائر'")
    assert set(made) == {"পাখি", "طائر"}


def test_streams(chat):
    chunks = list(reading.of(chat().stream(GREETING)))
    assert was_streamed(map(text, chunks))
    assert reduce(add, chunks).usage_metadata["output_tokens"] > 0


def test_a_stream_of_a_tool_loop(chat):
    able = chat(reasoning={"effort": "low", "summary": "auto"}).bind_tools([tool(weather)])
    streamed = lambda able, messages: reduce(add, able.stream(messages))
    called, result = asked_weather(able, streamed)
    assert text(streamed(able, [HumanMessage(WEATHER), called, result])) == FORECAST


def test_vectors(route):
    model = OpenAIEmbeddings(
        model=route.vectors, base_url=route.url + "/v1", api_key=route.key, max_retries=0, check_embedding_ctx_length=False)
    passages = model.embed_documents(PASSAGES)
    assert [found(model.embed_query(question), passages) for question in QUESTIONS] == [0, 1, 2]
