"""Instructor with OpenAI's and with Anthropic's client."""

import anthropic
import instructor
import openai
import pytest
from asked import ORDER, ORDERED, Order

MODES = {
    "openai": [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, instructor.Mode.TOOLS_STRICT],
    "anthropic": [instructor.Mode.ANTHROPIC_TOOLS],
}
SAID = [{"role": "user", "content": ORDER}]


@pytest.fixture(params=[(api, mode) for api, modes in MODES.items() for mode in modes], ids=str)
def client(request, route):
    api, mode = request.param
    if api == "openai":
        return instructor.from_openai(openai.OpenAI(base_url=route.url + "/v1", api_key=route.key, max_retries=0), mode=mode)
    return instructor.from_anthropic(anthropic.Anthropic(base_url=route.url, api_key=route.key, max_retries=0), mode=mode)


def test_structured_output(client):
    made = client.chat.completions.create(
        model="bird", max_tokens=500, messages=SAID, response_model=Order, max_retries=1)
    assert made.model_dump() == ORDERED.model_dump()


def test_streams(client):
    parts = list(client.chat.completions.create_partial(model="bird", max_tokens=500, messages=SAID, response_model=Order))
    assert parts[-1].model_dump() == ORDERED.model_dump()
