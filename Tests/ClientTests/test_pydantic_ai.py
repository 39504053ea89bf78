"""Pydantic AI with its models of chat completions, of responses and of Anthropic's messages."""

import pytest
from asked import FORECAST, GREETING, ORDER, ORDERED, WEATHER, Order, was_streamed, weather
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel, OpenAIResponsesModelSettings
from pydantic_ai.profiles.anthropic import AnthropicModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider


OPENAI = {"OpenAI": OpenAIChatModel, "Responses": OpenAIResponsesModel}


@pytest.fixture(params=[*OPENAI, "Anthropic"])
def model(request, route):
    if of := OPENAI.get(request.param):
        return of("bird", provider=OpenAIProvider(base_url=route.url + "/v1", api_key=route.key))
    profile = AnthropicModelProfile(supports_json_schema_output=True)
    return AnthropicModel("bird", provider=AnthropicProvider(base_url=route.url, api_key=route.key), profile=profile)


def test_a_tool_loop(model):
    done = Agent(model, tools=[weather]).run_sync(WEATHER)
    assert done.output == FORECAST
    assert done.usage.requests == 2 and done.usage.tool_calls == 1 and done.usage.input_tokens > 0


@pytest.mark.parametrize("form", [ToolOutput, NativeOutput])
def test_structured_output(model, form):
    assert Agent(model, output_type=form(Order)).run_sync(ORDER).output == ORDERED


def test_streams(model):
    with Agent(model).run_stream_sync(GREETING) as stream:
        assert was_streamed(stream.stream_text(delta=True, debounce_by=None))
    assert stream.usage.output_tokens > 0


def test_a_stream_of_a_tool_loop(model):
    with Agent(model, tools=[weather]).run_stream_sync(WEATHER) as stream:
        assert stream.get_output() == FORECAST


# `auto` leaves out what the server has stored.
@pytest.mark.parametrize("previous", [None, "auto"])
def test_responses_that_think_call_tools_and_are_continued(route, previous):
    provider = OpenAIProvider(base_url=route.url + "/v1", api_key=route.key)
    settings = OpenAIResponsesModelSettings(openai_reasoning_effort="low", openai_reasoning_summary="auto")
    if previous:
        settings["openai_previous_response_id"] = previous
    agent = Agent(OpenAIResponsesModel("bird", provider=provider), tools=[weather], model_settings=settings)
    done = agent.run_sync(WEATHER)
    assert done.output == FORECAST
    again = agent.run_sync(GREETING, message_history=done.all_messages(), model_settings={"tool_choice": "none"})
    assert again.output.endswith(GREETING)
