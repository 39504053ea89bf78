"""LlamaIndex with its clients of OpenAI's API: chat completions, responses and vectors."""

import pytest
from asked import FORECAST, GREETING, ORDER, ORDERED, PASSAGES, QUESTIONS, WEATHER, Order, found, was_streamed, weather
from llama_index.core.llms import ChatMessage
from llama_index.core.program import FunctionCallingProgram
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAIResponses
from llama_index.llms.openai_like import OpenAILike


@pytest.fixture(params=["chat", "responses", "stored responses"])
def model(request, route):
    if request.param != "chat":
        # The name of a model that it knows; it is not sent.
        return OpenAIResponses(
            model="gpt-4o-mini", additional_kwargs={"model": "bird"}, api_base=route.url + "/v1", api_key=route.key,
            max_retries=0, track_previous_responses=request.param != "responses")
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


def test_vectors(route):
    model = OpenAIEmbedding(model_name=route.vectors, api_base=route.url + "/v1", api_key=route.key, max_retries=0)
    passages = model.get_text_embedding_batch(PASSAGES)
    assert [found(model.get_query_embedding(question), passages) for question in QUESTIONS] == [0, 1, 2]
