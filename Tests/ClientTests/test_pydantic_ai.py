"""Pydantic AI with both of its models."""

import pytest
from asked import FORECAST, GREETING, ORDER, ORDERED, WEATHER, Order, was_streamed, weather
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.anthropic import AnthropicModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider


@pytest.fixture(params=["OpenAI", "Anthropic"])
def model(request, route):
    if request.param == "OpenAI":
        return OpenAIChatModel("bird", provider=OpenAIProvider(base_url=route.url + "/v1", api_key=route.key))
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
