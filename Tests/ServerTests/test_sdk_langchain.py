"""LangChain's OpenAI client against the server."""

import pytest
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from sdk import PROMPT, TWO_CALLS, application


@tool
def add(a: float, b: float) -> float:
    """Adds two numbers."""
    return a + b


@pytest.fixture
def model(mynah, user):
    bird = application(user)
    return ChatOpenAI(model="bird", api_key=bird.key, base_url=f"{mynah.url}/v1", max_retries=0, max_tokens=9)


def test_it_answers_streams_and_counts(model, vendor):
    answer = model.invoke([SystemMessage("Sing."), HumanMessage("Hi")])
    assert answer.content == "Hello from the vendor." and answer.usage_metadata["total_tokens"] == 11
    assert answer.response_metadata["finish_reason"] == "stop"
    assert vendor.messages() == [("system", f"{PROMPT}\n\nSing."), ("user", "Hi")]
    assert vendor.requests[-1]["max_tokens"] == 9
    whole = None
    for chunk in model.stream("Hi", stream_usage=True):
        whole = chunk if whole is None else whole + chunk
    assert whole.content == "Hello from the vendor." and whole.usage_metadata["output_tokens"] == 4


def test_it_calls_tools_and_sends_their_results(model, vendor):
    vendor.reply = TWO_CALLS
    able = model.bind_tools([add])
    answer = able.invoke("Add.")
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [
        ("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}),
    ]
    assert vendor.requests[-1]["tools"][0]["function"]["name"] == "add"
    results = [ToolMessage(str(add.invoke(call["args"])), tool_call_id=call["id"]) for call in answer.tool_calls]
    vendor.reply = ["3 and 7"]
    assert able.invoke([HumanMessage("Add."), answer, *results]).content == "3 and 7"
    assert [message["content"] for message in vendor.requests[-1]["messages"][-2:]] == ["3.0", "7.0"]
    vendor.reply = TWO_CALLS
    whole = None
    for chunk in able.stream("Add."):
        whole = chunk if whole is None else whole + chunk
    assert [call["args"]["b"] for call in whole.tool_calls] == [2, 4]
