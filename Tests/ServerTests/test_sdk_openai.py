"""OpenAI's and Groq's SDKs against the server: the vendor receives their requests, and they read the responses."""

import asyncio
import json

import groq
import openai
import pytest
from client import User
from sdk import ADD, PIXEL, PROMPT, TWO_CALLS, application
from vendor import Close, Hold, Status, choice, event

HI = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def bird(user):
    return application(user, models=["larger"])


@pytest.fixture
def client(mynah, bird):
    return openai.OpenAI(api_key=bird.key, base_url=f"{mynah.url}/v1", max_retries=0)


def test_a_completion(client, vendor):
    done = client.chat.completions.create(
        model="bird", messages=[{"role": "developer", "content": "Sing."}, *HI], temperature=0.5, top_p=0.9, seed=7,
        max_completion_tokens=9, stop=["END"], user="customer-7", presence_penalty=0.1, frequency_penalty=0.2,
        logit_bias={"50256": -100}, response_format={"type": "json_object"}, reasoning_effort="low",
        extra_body={"top_k": 5, "chat_template_kwargs": {"enable_thinking": False}},
    )
    assert (done.object, done.model, done.id[:9]) == ("chat.completion", "scripted", "chatcmpl-")
    (answer,) = done.choices
    assert (answer.message.role, answer.message.content) == ("assistant", "Hello from the vendor.")
    assert (answer.finish_reason, answer.message.tool_calls) == ("stop", None)
    assert (done.usage.prompt_tokens, done.usage.completion_tokens, done.usage.total_tokens) == (7, 4, 11)
    assert vendor.messages() == [("system", f"{PROMPT}\n\nSing."), ("user", "Hi")]
    sent = {name: value for name, value in vendor.requests[-1].items() if name != "messages"}
    assert sent == {
        "model": "scripted", "stream": False, "max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "seed": 7,
        "stop": ["END"], "user": "customer-7", "presence_penalty": 0.1, "frequency_penalty": 0.2,
        "logit_bias": {"50256": -100}, "response_format": {"type": "json_object"}, "reasoning_effort": "low",
        "top_k": 5, "chat_template_kwargs": {"enable_thinking": False},
    }
    assert done._request_id.replace("-", "") == done.id.removeprefix("chatcmpl-")


def test_a_stream_comes_piece_by_piece(client, vendor):
    hold = Hold()
    vendor.reply = ["One", " two", hold, " three"]
    pieces = []
    with client.chat.completions.create(
        model="bird/larger", messages=HI, stream=True, stream_options={"include_usage": True}
    ) as stream:
        for chunk in stream:
            assert chunk.object == "chat.completion.chunk" and chunk.model == "larger"
            if chunk.choices and chunk.choices[0].delta.content:
                pieces.append(chunk.choices[0].delta.content)
                if "".join(pieces) == "One two":
                    hold.release()
            last = chunk
    assert "".join(pieces) == "One two three" and len(pieces) > 1
    assert (last.choices, last.usage.completion_tokens) == ([], 3)
    assert vendor.requests[-1]["model"] == "larger"


def test_tools_are_called_whole_and_in_pieces(client, vendor):
    vendor.reply = TWO_CALLS
    done = client.chat.completions.create(
        model="bird", messages=HI, tools=[ADD], tool_choice="required", parallel_tool_calls=True
    )
    first, second = done.choices[0].message.tool_calls
    assert (first.id, first.type, first.function.name) == ("call_a", "function", "add")
    assert json.loads(first.function.arguments) == {"a": 1, "b": 2} and second.id == "call_b"
    assert done.choices[0].finish_reason == "tool_calls" and done.choices[0].message.content is None
    sent = vendor.requests[-1]
    assert (sent["tools"], sent["tool_choice"], sent["parallel_tool_calls"]) == ([ADD], "required", True)

    # The SDK's own helper joins the pieces of a stream.
    with client.chat.completions.stream(model="bird", messages=HI, tools=[ADD]) as stream:
        final = stream.get_final_completion()
    assert [call.id for call in final.choices[0].message.tool_calls] == ["call_a", "call_b"]
    assert [json.loads(call.function.arguments)["b"] for call in final.choices[0].message.tool_calls] == [2, 4]

    vendor.reply = ["It is 3."]
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": "3"} for call in done.choices[0].message.tool_calls
    ]
    again = client.chat.completions.create(model="bird", messages=[*HI, done.choices[0].message, *results])
    assert again.choices[0].message.content == "It is 3."
    asked = vendor.requests[-1]["messages"]
    assert asked[2]["tool_calls"][0] == {
        "id": "call_a", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'},
    }
    assert asked[3:] == results


def test_pictures_reach_the_vendor_as_they_are(client, vendor):
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    client.chat.completions.create(model="bird", messages=[{"role": "user", "content": parts}])
    assert vendor.requests[-1]["messages"][1] == {"role": "user", "content": parts}
    large = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * (4 << 20)}}
    client.chat.completions.create(model="bird", messages=[{"role": "user", "content": [large]}])
    assert vendor.requests[-1]["messages"][1]["content"] == [large]


def test_probabilities_and_refusals_come_through(client, vendor):
    token = {"token": "No", "logprob": -0.5, "bytes": [78, 111], "top_logprobs": []}
    vendor.reply = [
        event(choices=[choice({"content": "No"}) | {"logprobs": {"content": [token]}}]),
        event(choices=[choice({"refusal": "I will not."})]),
    ]
    done = client.chat.completions.create(model="bird", messages=HI, logprobs=True, top_logprobs=2)
    assert done.choices[0].logprobs.content[0].logprob == -0.5 and done.choices[0].message.refusal == "I will not."
    assert (vendor.requests[-1]["logprobs"], vendor.requests[-1]["top_logprobs"]) == (True, 2)
    with client.chat.completions.stream(model="bird", messages=HI, logprobs=True) as stream:
        final = stream.get_final_completion().choices[0]
    assert final.logprobs.content[0].token == "No" and final.message.refusal == "I will not."


def test_the_list_of_models(client, bird):
    models = {model.id: model for model in client.models.list()}
    assert list(models) == ["bird", "bird/scripted", "bird/larger"]
    assert models["bird"].object == "model" and models["bird"].owned_by == "mynah" and models["bird"].created > 0


ERRORS = {
    "wrong key": (openai.AuthenticationError, "invalid_api_key", {"api_key": "mk_live_wrong"}, {}),
    "no such model": (openai.NotFoundError, "model_not_found", {}, {"model": "gpt-4o"}),
    "no message": (openai.BadRequestError, "invalid_value", {}, {"messages": []}),
    "nine answers": (openai.BadRequestError, "invalid_value", {}, {"n": 9}),
    "another vendor's field": (openai.BadRequestError, "unsupported_input", {}, {"metadata": {"নাম": "x"}}),
    "a field that nobody has": (openai.BadRequestError, "unsupported_input", {}, {"extra_body": {"অজানা": 1}}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_raise_the_right_exception(client, case):
    kind, code, options, fields = ERRORS[case]
    for stream in (False, True):
        with pytest.raises(kind) as raised:
            client.with_options(**options).chat.completions.create(
                **{"model": "bird", "messages": HI, "stream": stream} | fields
            )
        assert raised.value.code == code and raised.value.request_id and raised.value.message
        assert raised.value.body["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_vendor_that_fails_raises_and_one_that_breaks_off_does_too(start, vendor, stream):
    server = start()
    bird = application(User(server))
    client = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    vendor.reply = [Status(429, {"error": {"message": "slow down canary-detail"}}, Retry_After=30)]
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model="bird", messages=HI, stream=stream)
    assert (raised.value.status_code, raised.value.code) == (503, "provider_rate_limited")
    assert raised.value.response.headers["Retry-After"] == "30"
    vendor.reply = [Status(400, {"error": {"message": "canary-detail", "code": "content_filter"}})]
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="bird", messages=HI, stream=stream)
    assert (raised.value.code, raised.value.body["mynah_code"]) == ("content_filter", "provider_refused")
    vendor.reply = ["Half", 0.2, Close]
    got = []
    with pytest.raises(openai.APIError) as raised:
        for chunk in client.chat.completions.create(model="bird", messages=HI, stream=stream):
            got.append(chunk.choices[0].delta.content)
    assert raised.value.code == "provider_unavailable"
    assert ("Half" in got) == stream and "canary" not in str(raised.value)


def test_many_at_once_from_the_asynchronous_client(mynah, bird, vendor):
    for number in range(40):
        vendor.answer(f"Say {number}", str(number), " is", " a number")

    async def run():
        async with openai.AsyncOpenAI(api_key=bird.key, base_url=f"{mynah.url}/v1") as client:

            async def one(number):
                messages = [{"role": "user", "content": f"Say {number}"}]
                stream = await client.chat.completions.create(model="bird", messages=messages, stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            return await asyncio.gather(*map(one, range(40)))

    assert asyncio.run(run()) == [f"{number} is a number" for number in range(40)]


def test_groqs_sdk(mynah, bird, vendor):
    """It calls `/openai/v1`."""
    client = groq.Groq(api_key=bird.key, base_url=mynah.url, max_retries=0)
    assert [model.id for model in client.models.list().data][0] == "bird"
    done = client.chat.completions.create(model="bird", messages=HI, max_completion_tokens=9)
    assert done.choices[0].message.content == "Hello from the vendor." and done.usage.total_tokens == 11
    assert vendor.messages() == [("system", PROMPT), ("user", "Hi")]
    chunks = list(client.chat.completions.create(model="bird", messages=HI, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello from the vendor."
    vendor.reply = TWO_CALLS
    done = client.chat.completions.create(model="bird", messages=HI, tools=[ADD])
    assert [call.id for call in done.choices[0].message.tool_calls] == ["call_a", "call_b"]
    with pytest.raises(groq.NotFoundError):
        client.chat.completions.create(model="llama", messages=HI)
    with pytest.raises(groq.AuthenticationError):
        client.with_options(api_key="wrong").models.list()


def test_a_users_own_key_and_token_work_too(mynah, user, vendor):
    bird = application(user, name="Owl")
    own = user.post("/users/me/api-keys", {}, 201)["key"]
    for key in (own, user.token):
        client = openai.OpenAI(api_key=key, base_url=f"{mynah.url}/v1", max_retries=0)
        for model in ("owl", bird.chatbot, "owl/scripted"):
            done = client.chat.completions.create(model=model, messages=HI)
            assert done.choices[0].message.content == "Hello from the vendor."
            assert vendor.messages()[0] == ("system", PROMPT)
        assert {"owl", "assistant"} <= {model.id for model in client.models.list()}
    assert user.get("/conversations")["data"] == []
