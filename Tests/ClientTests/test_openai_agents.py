"""OpenAI's agents with chat completions, and with responses, which are their default."""

import asyncio

import pytest
from agents import (
    Agent, ModelSettings, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled)
from asked import FORECAST, GREETING, ORDER, ORDERED, WEATHER, Order, reading, was_streamed, weather
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent

set_tracing_disabled(True)


@pytest.fixture(params=[OpenAIChatCompletionsModel, OpenAIResponsesModel])
def agent(request, route):
    client = AsyncOpenAI(base_url=route.url + "/v1", api_key=route.key, max_retries=0)
    model = request.param(model="bird", openai_client=client)
    return lambda **fields: Agent(
        name="Helper", instructions="কাজ করো।", model=model, model_settings=ModelSettings(include_usage=True), **fields)


def test_a_tool_loop(agent):
    done = Runner.run_sync(agent(tools=[function_tool(weather)]), WEATHER)
    assert done.final_output == FORECAST
    assert done.context_wrapper.usage.requests == 2 and done.context_wrapper.usage.input_tokens > 0


def test_structured_output(agent):
    assert Runner.run_sync(agent(output_type=Order), ORDER).final_output == ORDERED


async def streamed(agent, question):
    run = Runner.run_streamed(agent, question)
    pieces = []
    async for event in run.stream_events():
        if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
            reading.has_begun.set()
            pieces.append(event.data.delta)
    return run.final_output, pieces


def test_streams(agent):
    _, pieces = asyncio.run(streamed(agent(), GREETING))
    assert was_streamed(pieces)


def test_a_stream_of_a_tool_loop(agent):
    output, pieces = asyncio.run(streamed(agent(tools=[function_tool(weather)]), WEATHER))
    assert output == FORECAST == "".join(pieces)


def test_one_agent_hands_over_to_another(agent):
    other = agent(handoff_description="Takes orders.", output_type=Order)
    done = Runner.run_sync(agent(handoffs=[other]), ORDER)
    assert done.final_output == ORDERED
