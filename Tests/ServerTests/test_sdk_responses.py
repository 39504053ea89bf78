"""OpenAI's SDK and the Responses API: create, stream, parse, tools, background, retrieve, resume, cancel, delete."""

import asyncio
import base64
import json

import openai
import pytest
from client import User, eventually
from pydantic import BaseModel
from response_grammar import check
from sdk import ADD, PIXEL, PROMPT, TWO_CALLS, application
from test_citations import SETTINGS, TEXTS, given, knowing
from vendor import Close, Hold, Status, choice, event

ADD_TOOL = {"type": "function", "strict": None} | ADD["function"]


@pytest.fixture
def bird(user):
    return application(user)


@pytest.fixture
def client(mynah, bird):
    return openai.OpenAI(api_key=bird.key, base_url=f"{mynah.url}/v1", max_retries=0)


def dump(events):
    return [event.to_dict() for event in events]


def test_a_response(client, vendor):
    done = client.responses.create(
        model="bird", input="হ্যালো", instructions="সংক্ষেপে।", temperature=0.5, top_p=0.9, max_output_tokens=9,
        reasoning={"effort": "low"}, metadata={"গ্রাহক": "৭"}, user="customer-7", truncation="auto",
    )
    assert (done.object, done.status, done.model, done.id[:5]) == ("response", "completed", "scripted", "resp_")
    assert done.output_text == "Hello from the vendor." and done.metadata == {"গ্রাহক": "৭"}
    assert (done.usage.input_tokens, done.usage.output_tokens, done.usage.total_tokens) == (7, 4, 11)
    assert (done.usage.input_tokens_details.cached_tokens, done.usage.output_tokens_details.reasoning_tokens) == (0, 0)
    assert vendor.messages() == [("system", f"{PROMPT}\n\nসংক্ষেপে।"), ("user", "হ্যালো")]
    sent = {name: value for name, value in vendor.requests[-1].items() if name != "messages"}
    assert sent == {
        "model": "scripted", "stream": False, "max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "user": "customer-7",
        "reasoning_effort": "low",
    }
    assert done._request_id


def test_a_stream_comes_piece_by_piece(client, vendor):
    hold = Hold()
    vendor.reply = ["أهلا", " وسهلا", hold, " 🌍"]
    events, text = [], ""
    for part in client.responses.create(model="bird", input="مرحبا", stream=True):
        events.append(part)
        if part.type == "response.output_text.delta":
            text += part.delta
            if text == "أهلا وسهلا":
                hold.release()
    response = check(dump(events))
    assert text == response["output"][0]["content"][0]["text"] == "أهلا وسهلا 🌍"


def test_the_stream_helper_and_parse(client, vendor):
    class Sum(BaseModel):
        যোগফল: int
        ভাষা: str

    vendor.reply = ['{"যোগফল":', " 3,", ' "ভাষা": "bn"}']
    parsed = client.responses.parse(model="bird", input="১+২", text_format=Sum)
    assert parsed.output_parsed == Sum(যোগফল=3, ভাষা="bn")
    schema = vendor.requests[-1]["response_format"]["json_schema"]
    assert schema["strict"] is True and list(schema["schema"]["properties"]) == ["যোগফল", "ভাষা"]
    with client.responses.stream(model="bird", input="১+২", text_format=Sum) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_parsed.যোগফল == 3 and kinds[-1] == "response.completed"


def test_tools_are_called_and_answered(client, vendor):
    vendor.reply = TWO_CALLS
    first = client.responses.create(model="bird", input="1+2 আর 3+4?", tools=[ADD_TOOL], tool_choice="required")
    calls = [item for item in first.output if item.type == "function_call"]
    assert [(call.call_id, call.name, json.loads(call.arguments)["a"]) for call in calls] == [
        ("call_a", "add", 1), ("call_b", "add", 3),
    ]
    assert vendor.requests[-1]["tools"][0]["function"]["name"] == "add"
    streamed = list(client.responses.create(model="bird", input="Hi", tools=[ADD_TOOL], stream=True))
    assert [item["call_id"] for item in check(dump(streamed))["output"]] == ["call_a", "call_b"]

    results = [{"type": "function_call_output", "call_id": call.call_id, "output": "৩"} for call in calls]
    vendor.reply = ["3 and 7."]
    second = client.responses.create(
        model="bird", input=results, previous_response_id=first.id, tools=[ADD_TOOL], parallel_tool_calls=True
    )
    assert second.output_text == "3 and 7." and second.previous_response_id == first.id
    asked = vendor.requests[-1]["messages"]
    assert [message["role"] for message in asked] == ["system", "user", "assistant", "tool", "tool"]
    assert asked[2]["tool_calls"][1]["id"] == "call_b" and asked[3]["content"] == "৩"

    # A client that keeps its conversation sends the items themselves.
    items = [{"role": "user", "content": "Hi"}, *[item.to_dict() for item in first.output], *results]
    client.responses.create(model="bird", input=items, store=False, tools=[ADD_TOOL])
    assert vendor.requests[-1]["messages"][2:] == asked[2:]


def test_thoughts_are_items(client, vendor):
    vendor.reply = [
        event(choices=[choice({"reasoning_content": "ভাবি"})]), event(choices=[choice({"reasoning_content": "…"})]),
        "উত্তর",
    ]
    for summary, field in (("auto", "summary"), (None, "content")):
        done = client.responses.create(
            model="bird", input="কেন?", reasoning={"summary": summary}, include=["reasoning.encrypted_content"]
        )
        thought, message = done.output
        assert thought.type == "reasoning" and getattr(thought, field)[0].text == "ভাবি…" and thought.encrypted_content
        events = list(client.responses.create(model="bird", input="কেন?", reasoning={"summary": summary}, stream=True))
        check(dump(events))
        again = [{"role": "user", "content": "কেন?"}, thought.to_dict(), message.to_dict()]
        client.responses.create(model="bird", input=[*again, {"role": "user", "content": "আর?"}], store=False)
        assert vendor.requests[-1]["messages"][2]["reasoning_content"] == "ভাবি…"


def test_pictures(client, vendor):
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "low"}
    content = [{"type": "input_text", "text": "这是什么？"}, picture]
    done = client.responses.create(model="bird", input=[{"role": "user", "content": content}])
    assert vendor.requests[-1]["messages"][1]["content"][1]["image_url"]["url"].endswith(PIXEL)
    items = client.responses.input_items.list(done.id)
    assert items.data[0].content[1].image_url.endswith(PIXEL)


def test_files(client, vendor):
    text = client.files.create(file=("হিসাব.txt", "মোট ৪২ 🧾 عقد".encode()), purpose="user_data").id
    picture = client.files.create(file=("图.png", base64.b64decode(PIXEL)), purpose="user_data").id
    parts = [{"type": "input_file", "file_id": text}, {"type": "input_image", "file_id": picture, "detail": "auto"}]
    made = client.responses.create(model="bird", input=[{"role": "user", "content": parts}])
    sent = vendor.requests[-1]["messages"][-1]["content"]
    assert "মোট ৪২ 🧾 عقد" in sent[0]["text"]
    assert sent[1]["image_url"] == {"url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}
    client.files.delete(text)
    client.responses.create(model="bird", input="আর?", previous_response_id=made.id)
    earlier = vendor.requests[-1]["messages"][-3]["content"]
    assert "মোট" not in earlier[0]["text"] and earlier[1] == sent[1]
    with pytest.raises(openai.NotFoundError) as raised:
        client.responses.create(model="bird", input=[{"role": "user", "content": parts}])
    assert raised.value.param == "input[0].content[0]"


def test_items_are_named_by_their_ids(client, vendor):
    made = client.responses.create(model="bird", input=[{"role": "user", "content": "হ্যালো 你好"}])
    (asked,) = client.responses.input_items.list(made.id).data
    named = [{"type": "item_reference", "id": item.id} for item in (asked, made.output[0])]
    client.responses.create(model="bird", input=[*named, {"role": "user", "content": "আর?"}])
    assert vendor.messages()[-3:] == [("user", "হ্যালো 你好"), ("assistant", "Hello from the vendor."), ("user", "আর?")]
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError) as raised:
        client.responses.create(model="bird", input=named)
    assert raised.value.param == "input[0]"


def test_stored_responses(client, vendor):
    done = client.responses.create(model="bird", input="Hi")
    got = client.responses.retrieve(done.id)
    assert got.to_dict() == done.to_dict()
    client.responses.delete(done.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(done.id)
    unstored = client.responses.create(model="bird", input="Hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(unstored.id)
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model="bird", input="Hi", previous_response_id=unstored.id)
    assert raised.value.code == "previous_response_not_found"
    items = list(client.responses.input_items.list(client.responses.create(model="bird", input=[
        {"role": "user", "content": f"{number}"} for number in range(30)
    ]).id, limit=7, order="asc"))
    assert [item.content[0].text for item in items] == [f"{number}" for number in range(30)]


def test_the_background(client, vendor):
    hold = Hold()
    vendor.reply = ["এক", " 🌍", hold, " তিন"]
    begun = client.responses.create(model="bird", input="লিখুন", background=True)
    assert begun.status == "in_progress" and begun.background and hold.reached.wait(15)
    assert eventually(lambda: client.responses.retrieve(begun.id).output_text == "এক 🌍")
    with client.responses.retrieve(begun.id, stream=True) as stream:
        known = [next(stream) for _ in range(5)]
    hold.release()
    rest = list(client.responses.retrieve(begun.id, stream=True, starting_after=known[-1].sequence_number))
    check(dump([*known, *rest]))
    done = eventually(lambda: (got := client.responses.retrieve(begun.id)).status == "completed" and got)
    assert done.output_text == "এক 🌍 তিন"
    again = list(client.responses.retrieve(begun.id, stream=True))
    assert dump(again) == dump([*known, *rest])


def test_a_stream_in_the_background_outlives_its_reader(client, vendor):
    hold = Hold()
    vendor.reply = ["One", hold, " two"]
    with client.responses.create(model="bird", input="Hi", background=True, stream=True) as stream:
        first = next(stream)
        assert hold.reached.wait(15)
    hold.release()
    assert eventually(lambda: client.responses.retrieve(first.response.id).output_text == "One two")
    assert vendor.cancelled == 0


def test_cancelling(client, vendor):
    hold = Hold()
    vendor.reply = ["One", hold, " two"]
    begun = client.responses.create(model="bird", input="Hi", background=True)
    assert hold.reached.wait(15)
    cancelled = client.responses.cancel(begun.id)
    assert (cancelled.status, cancelled.output_text) == ("cancelled", "One")
    assert eventually(lambda: vendor.cancelled == 1) and client.responses.cancel(begun.id).status == "cancelled"
    vendor.reply = ["Hi"]
    with pytest.raises(openai.BadRequestError):
        client.responses.cancel(client.responses.create(model="bird", input="Hi").id)


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_ends_the_call(client, user, bird, vendor, stream):
    hold = Hold()
    vendor.reply = ["One", hold, " two"]
    body = {"model": "bird", "input": "Hi", "stream": stream}
    connection = user.raw("POST", "/v1/responses", body, Authorization=f"Bearer {bird.key}")
    assert hold.reached.wait(15)
    connection.close()
    assert eventually(lambda: vendor.cancelled), "the vendor is still asked"


ERRORS = {
    "wrong key": (openai.AuthenticationError, "invalid_api_key", {"api_key": "mk_live_wrong"}, {}),
    "no such model": (openai.NotFoundError, "model_not_found", {}, {"model": "gpt-4o"}),
    "no input": (openai.BadRequestError, "invalid_value", {}, {"input": []}),
    "a vendor's tool": (openai.BadRequestError, "tool_not_allowed", {}, {"tools": [{"type": "web_search"}]}),
    "a vendor's field": (openai.BadRequestError, "unsupported_input", {}, {"safety_identifier": "ক"}),
    "a conversation": (openai.BadRequestError, "unsupported_input", {}, {"conversation": "conv_1"}),
    "a field of its own": (openai.BadRequestError, "unsupported_input", {}, {"extra_body": {"অজানা": 1}}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_raise_the_right_exception(client, case):
    kind, code, options, fields = ERRORS[case]
    for stream in (False, True):
        with pytest.raises(kind) as raised:
            client.with_options(**options).responses.create(
                **{"model": "bird", "input": "Hi", "stream": stream} | fields
            )
        assert raised.value.code == code and raised.value.request_id and raised.value.message


def test_a_vendor_that_fails_raises_and_one_that_breaks_off_fails_the_response(start, vendor):
    server = start()
    bird = application(User(server))
    client = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    vendor.reply = [Status(429, {"error": {"message": "slow down canary-detail"}}, Retry_After=30)]
    for stream in (False, True):
        with pytest.raises(openai.InternalServerError) as raised:
            client.responses.create(model="bird", input="Hi", stream=stream)
        assert (raised.value.status_code, raised.value.code) == (503, "provider_rate_limited")
    vendor.reply = ["Half", 0.2, Close]
    events = list(client.responses.create(model="bird", input="Hi", stream=True))
    failed = check(dump(events))
    assert failed["status"] == "failed" and failed["error"]["code"] == "server_error" and "canary" not in str(failed)
    assert client.responses.retrieve(failed["id"]).status == "failed"


def test_a_killed_server_leaves_nothing_in_progress(start, vendor):
    hold = Hold()
    vendor.reply = ["One", 1.5, hold, " two"]
    server = start()
    bird = application(User(server))
    client = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    begun = client.responses.create(model="bird", input="Hi", background=True)
    assert hold.reached.wait(15)
    server.kill()
    hold.release()
    server.start()
    client = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    left = client.responses.retrieve(begun.id)
    assert (left.status, left.output_text, left.error.code) == ("failed", "One", "server_error")


def test_codex_s_request(client, vendor, mynah, bird):
    """The form that Codex sends: everything named, nothing stored, reasoning kept by the client."""
    vendor.reply = [event(choices=[choice({"reasoning_content": "Hm"})]), *TWO_CALLS]
    body = dict(
        model="bird", instructions="You are a coding agent.",
        input=[
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "sandbox"}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "ঠিক করুন"}]},
        ],
        tools=[ADD_TOOL | {"strict": False}], tool_choice="auto", parallel_tool_calls=False, reasoning=None,
        store=False, stream=True, include=["reasoning.encrypted_content"], prompt_cache_key="session-7",
    )
    response = check(dump(client.responses.create(**body)))
    body["input"] += [
        *response["output"],
        *[
            {"type": "function_call_output", "call_id": item["call_id"], "output": "ok"}
            for item in response["output"] if item["type"] == "function_call"
        ],
    ]
    vendor.reply = ["Done."]
    assert check(dump(client.responses.create(**body)))["status"] == "completed"
    assert vendor.requests[-1]["messages"][2]["reasoning_content"] == "Hm"


def test_many_at_once_from_the_asynchronous_client(mynah, bird, vendor):
    for number in range(40):
        vendor.answer(f"Say {number}", str(number), " is", " a number")

    async def run():
        async with openai.AsyncOpenAI(api_key=bird.key, base_url=f"{mynah.url}/v1") as client:

            async def one(number):
                async with client.responses.stream(model="bird", input=f"Say {number}") as stream:
                    async for _ in stream:
                        pass
                    return (await stream.get_final_response()).output_text

            return await asyncio.gather(*map(one, range(40)))

    assert asyncio.run(run()) == [f"{number} is a number" for number in range(40)]


def test_a_chatbot_with_files_answers_with_annotations(start, vendor):
    server = start(**SETTINGS)
    user, chatbot = knowing(server, *TEXTS)
    key = user.post(f"/chatbots/{chatbot}/api-keys", {}, 201)["key"]
    client = openai.OpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0)
    vendor.reply = ["দাম [", "১", "] 🦜 و [2, 9]", " [7] ", "[1]."]
    text = "দাম [1] 🦜 و [2] [1]."
    done = client.responses.create(input="কত?")
    assert done.output_text == text and given(vendor)[1] == "কত?"
    events = list(client.responses.create(input="আর?", previous_response_id=done.id, stream=True))
    streamed = openai.types.responses.Response.model_validate(check(dump(events)))
    assert vendor.messages()[1:3] == [("user", "কত?"), ("assistant", "দাম 🦜 و.")]
    files = {file["id"]: file["name"] for file in user.get(f"/chatbots/{chatbot}/files")["data"]}
    for response in (done, streamed, client.responses.retrieve(done.id), client.responses.retrieve(streamed.id)):
        [part] = response.output[0].content
        assert part.text == text and [annotation.type for annotation in part.annotations] == ["file_citation"] * 3
        for annotation, number in zip(part.annotations, (1, 2, 1)):
            assert text[annotation.index:].startswith(f"[{number}]") and annotation.n == number
            assert annotation.filename == files[annotation.file_id] == f"{number}.md"
            assert (annotation.page, annotation.start, annotation.end) == (None, 0, len(TEXTS[number - 1]))
    added = [event for event in events if event.type == "response.output_text.annotation.added"]
    assert [event.annotation_index for event in added] == [0, 1, 2]
    with pytest.raises(openai.NotFoundError):
        client.files.content(added[0].annotation.file_id)
    vendor.reply = ["[1] plain"]
    plain = client.chat.completions.create(model=chatbot, messages=[{"role": "user", "content": "কত?"}])
    assert plain.choices[0].message.content == "[1] plain" and plain.choices[0].message.annotations is None
