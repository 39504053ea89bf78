"""LlamaIndex with its client for servers with OpenAI's API."""

import pytest
from asked import FORECAST, GREETING, ORDER, ORDERED, WEATHER, Order, was_streamed, weather
from llama_index.core.llms import ChatMessage
from llama_index.core.program import FunctionCallingProgram
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike


@pytest.fixture
def model(route):
    return OpenAILike(
        model="bird", api_base=route.url + "/v1", api_key=route.key, is_chat_model=True, is_function_calling_model=True,
        max_retries=0)


def test_a_tool_loop(model):
    tool = FunctionTool.from_defaults(weather)
    asked = ChatMessage(role="user", content=WEATHER)
    called = model.chat_with_tools([tool], chat_history=[asked])
    (call,) = model.get_tool_calls_from_response(called)
    result = ChatMessage(
        role="tool", content=tool(**call.tool_kwargs).content, additional_kwargs={"tool_call_id": call.tool_id})
    assert model.chat_with_tools([tool], chat_history=[asked, called.message, result]).message.content == FORECAST


def test_structured_output(model):
    program = FunctionCallingProgram.from_defaults(Order, prompt_template_str="{asked}", llm=model)
    assert program(asked=ORDER) == ORDERED


def test_streams(model):
    said = [ChatMessage(role="user", content=GREETING)]
    assert was_streamed(chunk.delta for chunk in model.stream_chat(said))
