"""OpenAI's SDK and LangChain ask for vectors and for older completions, of a scripted vendor and of the local model."""

import base64
import concurrent.futures
import json
import math
import os
import signal
import struct
import time

import httpx
import openai
import pytest
from client import User, eventually
from langchain_openai import OpenAIEmbeddings
from mynah_process import Server, make_admin
from sdk import PROMPT, application
from texts import ALL, BY_NAME
from vendor import Hold, Status, Vendor, vectors

BATCH = ["ইলিশ মাছ কোথায় পাব?", "أين أجد السمك؟", "哪里可以买到鱼？", "👩‍👩‍👧 🐟", "Where can I buy fish?"]


@pytest.fixture(scope="module")
def remote(tmp_path_factory, vendor_process):
    """A server whose vectors come from the scripted vendor, and one that is paid."""
    settings = vendor_process.settings | {"EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "vectors"}
    server = Server(tmp_path_factory.mktemp("remote"), **settings).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def vendor_process():
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def asked(vendor_process):
    vendor_process.reset()
    return vendor_process


@pytest.fixture
def bird(remote):
    return application(User(remote))


@pytest.fixture
def client(remote, bird):
    return openai.OpenAI(api_key=bird.key, base_url=f"{remote.url}/v1", max_retries=0)


def expected(text, length=8):
    return [byte / 256 for byte in (list(text.encode()) + [0] * length)[:length]]


def test_vectors_as_the_sdk_asks_for_them(client, asked):
    made = client.embeddings.create(model="vectors", input=BATCH)
    assert [item.index for item in made.data] == [0, 1, 2, 3, 4] and made.model == "vectors-v1"
    assert [item.embedding for item in made.data] == [expected(text) for text in BATCH]
    assert (made.usage.prompt_tokens, made.usage.total_tokens) == (25, 25)
    (sent,) = asked.embeddings
    assert sent["input"] == BATCH and sent["model"] == "vectors" and asked.requests == []
    plain = client.embeddings.create(model="openai/vectors", input=BATCH[0], encoding_format="float", dimensions=3)
    assert plain.data[0].embedding == expected(BATCH[0], 3)
    assert asked.embeddings[-1]["dimensions"] == 3
    tokens = client.embeddings.create(model="vectors", input=[[1, 2], [3]])
    assert [item.embedding[0] for item in tokens.data] == [1 / 256, 3 / 256]


def test_every_script_and_rare_characters_arrive(client, asked):
    texts = [text.long[:2000] for text in ALL if text.long]
    made = client.embeddings.create(model="vectors", input=texts, dimensions=16)
    assert [item.embedding for item in made.data] == [expected(text, 16) for text in texts]
    assert asked.embeddings[-1]["input"] == texts


def test_two_thousand_and_forty_eight_inputs(client, asked):
    texts = [f"{number} নম্বর" for number in range(2048)]
    made = client.embeddings.create(model="vectors", input=texts)
    assert len(made.data) == 2048 and made.data[2047].embedding == expected(texts[2047])
    assert len(asked.embeddings) == 1
    with pytest.raises(openai.BadRequestError) as raised:
        client.embeddings.create(model="vectors", input=[*texts, "x"])
    assert raised.value.param == "input" and len(asked.embeddings) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1], lambda data: data + data[-1:], lambda data: [data[1], data[0], *data[2:]],
        lambda data: [data[0] | {"embedding": [math.nan] * 8}, *data[1:]],
        lambda data: [data[0] | {"embedding": [1.0]}, *data[1:]],
        lambda data: [data[0] | {"embedding": base64.b64encode(struct.pack("<8f", *[math.inf] * 8)).decode()}, *data[1:]],
        lambda data: [data[0] | {"embedding": None}, *data[1:]], lambda data: [], lambda data: {"a": 1},
    ],
)
def test_wrong_vectors_are_not_passed_on(client, asked, spoil):
    def spoiled(request):
        body = json.loads(vectors(request | {"encoding_format": "float"}).body)
        return Status(200, body | {"data": spoil(body["data"])})

    asked.embed = spoiled
    with pytest.raises(openai.InternalServerError) as raised:
        client.embeddings.create(model="vectors", input=BATCH)
    assert raised.value.status_code == 502 and raised.value.code == "invalid_reply" and len(asked.embeddings) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status(400, {"error": {"message": "maximum context length", "code": "context_length_exceeded"}}), "context_length_exceeded"),
        (Status(404, {"error": {"code": "model_not_found", "message": "no such model"}}), "model_not_found"),
        (Status(429, {"error": {"code": "insufficient_quota", "type": "insufficient_quota"}}), "provider_rate_limited"),
    ],
)
def test_a_vendors_refusal_keeps_its_meaning(client, asked, status, error):
    asked.embed = lambda request: status
    with pytest.raises(openai.APIStatusError) as raised:
        client.embeddings.create(model="vectors", input="ইলিশ")
    assert error in (raised.value.code, raised.value.body.get("mynah_code"))


def test_langchain(remote, bird, asked):
    maker = OpenAIEmbeddings(model="vectors", api_key=bird.key, base_url=f"{remote.url}/v1", check_embedding_ctx_length=False)
    assert maker.embed_documents(BATCH) == [expected(text) for text in BATCH]
    assert maker.embed_query(BATCH[0]) == expected(BATCH[0])


def test_a_budget_for_one_reaches_the_vendor_once(remote, asked):
    user = User(remote)
    operator = make_admin(remote)
    try:
        operator.put("/admin/prices/openai%2Fvectors", json={"input_per_million": 1_000_000, "output_per_million": 0})
        # 12 bytes and 16 marks, twice: what the call can cost at most.
        paid = application(user, key={"budget": 56})
        hold = Hold()
        asked.embed = lambda request: hold
        headers = {"Authorization": f"Bearer {paid.key}"}

        def ask(_):
            return httpx.post(f"{remote.url}/v1/embeddings", json={"input": "ইলিশ"}, headers=headers, timeout=60)

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            first = pool.submit(ask, 0)
            assert hold.reached.wait(20)
            others = list(pool.map(ask, range(99)))
            assert {answer.status_code for answer in others} == {402}
            assert len(asked.embeddings) == 1
            hold.release()
            first.result()
    finally:
        operator.delete("/admin/prices/openai%2Fvectors")


def test_a_client_that_leaves_ends_the_call(remote, bird, asked):
    hold = Hold()
    asked.embed = lambda request: hold
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{remote.url}/v1/embeddings", json={"input": "ইলিশ"}, headers={"Authorization": f"Bearer {bird.key}"}, timeout=1
        )
    assert eventually(lambda: asked.cancelled == 1, 10)


def test_older_completions(client, bird, asked):
    asked.reply = ["there", " was", " a river."]
    done = client.completions.create(model="bird", prompt="Once upon a time", max_tokens=9, stop=["END"], temperature=0.2)
    assert (done.object, done.id[:5], done.choices[0].text) == ("text_completion", "cmpl-", "there was a river.")
    assert done.choices[0].finish_reason == "stop" and done.usage.completion_tokens == 3
    sent = asked.requests[-1]
    assert sent["messages"][0]["content"].startswith(PROMPT) and sent["messages"][-1] == {
        "role": "user", "content": "Once upon a time",
    }
    assert (sent["max_tokens"], sent["stop"], sent["temperature"]) == (9, ["END"], 0.2)
    both = client.completions.create(model="bird", prompt=["এক দেশে", "كان يا ما كان"], n=2)
    assert [choice.index for choice in both.choices] == [0, 1, 2, 3] and both.usage.completion_tokens == 12
    assert asked.requests[-1]["max_tokens"] == 16

    pieces = {0: "", 1: ""}
    reasons = {}
    stream = client.completions.create(
        model="bird", prompt=["一天", "👩‍👩‍👧"], stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        assert chunk.object == "text_completion"
        for choice in chunk.choices:
            pieces[choice.index] += choice.text
            reasons[choice.index] = choice.finish_reason or reasons.get(choice.index)
        last = chunk
    assert set(pieces.values()) == {"there was a river."} and reasons == {0: "stop", 1: "stop"}
    assert last.choices == [] and last.usage.total_tokens == 20


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"suffix": "x"}, "suffix"), ({"echo": True}, "echo"), ({"best_of": 3}, "best_of"), ({"logprobs": 2}, "logprobs"),
        ({"prompt": [1, 2]}, "prompt"), ({"prompt": ""}, "prompt"), ({"prompt": []}, "prompt"), ({"prompt": ["a"] * 9}, "prompt"),
        ({"extra_body": {"tools": []}}, "tools"), ({"extra_body": {"messages": []}}, "messages"),
    ],
)
def test_what_a_conversation_has_no_form_for_is_named(client, asked, fields, param):
    with pytest.raises(openai.BadRequestError) as raised:
        client.completions.create(**({"model": "bird", "prompt": "a"} | fields))
    assert raised.value.param == param and asked.requests == []
    client.completions.create(model="bird", prompt="a", suffix="", echo=False, best_of=1, logprobs=0)


# The local model


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("local")).start()
    server.bird = application(User(server))
    yield server
    assert server.stop() == 0


def children(server):
    """Returns the ids of the processes that make vectors for the server."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = open(f"/proc/{name}/cmdline").read()
            parent = int(open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if "embed.py" in line and parent == server.process.pid:
            found.append(int(name))
    return found


def near(one, other):
    return sum(a * b for a, b in zip(one, other))


PAIRS = [
    ("আজ সকালে বৃষ্টি হচ্ছে, ছাতা নিয়ে বের হও।", "It is raining this morning, take an umbrella when you go out."),
    ("আমার ব্যাংক অ্যাকাউন্টের পাসওয়ার্ড ভুলে গেছি।", "I forgot the password of my bank account."),
    ("ইলিশ মাছ রান্না করার নিয়ম কী?", "How do I cook hilsa fish?"),
    ("বিমানটি ঢাকা থেকে রাত নয়টায় ছাড়বে।", "The plane leaves Dhaka at nine in the evening."),
    ("أريد إعادة الحذاء الذي اشتريته.", "I want to return the shoes that I bought."),
    ("我的订单什么时候到？", "When does my order arrive?"),
]


def test_the_local_model_starts_when_it_is_needed_and_knows_what_texts_mean(local):
    health = lambda: httpx.get(f"{local.url}/health").json()["embedder"]
    assert children(local) == [] and health() == "idle"
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    begun = time.monotonic()
    first = client.embeddings.create(model="multilingual-e5-small", input="ইলিশ")
    assert time.monotonic() - begun < 30 and len(first.data[0].embedding) == 384 and len(children(local)) == 1
    assert health() == "ready"
    assert abs(near(first.data[0].embedding, first.data[0].embedding) - 1) < 1e-3
    made = client.embeddings.create(model="", input=[text for pair in PAIRS for text in pair])
    vectors = [item.embedding for item in made.data]
    assert made.model == "multilingual-e5-small" and made.usage.prompt_tokens > 60
    for index in range(len(PAIRS)):
        own, translations = vectors[2 * index], [vectors[2 * other + 1] for other in range(len(PAIRS))]
        nearest = max(range(len(PAIRS)), key=lambda other: near(own, translations[other]))
        assert nearest == index, PAIRS[index]


def test_the_local_model_takes_every_text(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    odd = ["\u202e\ufeff", "👩‍👩‍👧" * 20, " ", "\n", BY_NAME["bengali"].long[:600]]
    for item in client.embeddings.create(model="", input=odd).data:
        assert all(map(math.isfinite, item.embedding)) and abs(near(item.embedding, item.embedding) - 1) < 1e-3
    one = client.embeddings.create(model="", input="আজ বৃষ্টি", extra_body={"input_type": "document"})
    other = client.embeddings.create(model="", input="আজ বৃষ্টি", extra_body={"input_type": "query"})
    assert one.data[0].embedding != other.data[0].embedding
    langchain = OpenAIEmbeddings(api_key=local.bird.key, base_url=f"{local.url}/v1", check_embedding_ctx_length=False, model="")
    assert len(langchain.embed_query("你好")) == 384


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"input": [1, 2]}, "input", "unsupported_input"), ({"input": "a", "dimensions": 64}, "dimensions", "unsupported_input"),
        ({"input": "word " * 3000}, None, "context_length_exceeded"),
        ({"input": ["word " * 400] * 150}, "input", "context_length_exceeded"),
        ({"input": "a", "model": "local/gpt"}, "model", "model_not_found"),
    ],
)
def test_what_the_local_model_cannot_take_is_named(local, fields, param, code):
    headers = {"Authorization": f"Bearer {local.bird.key}"}
    answer = httpx.post(f"{local.url}/v1/embeddings", json=fields, headers=headers, timeout=60)
    error = answer.json()["error"]
    assert answer.status_code in (400, 404) and error["code"] == code and error["param"] in (param, "input")


def test_a_large_request_leaves_others_served(local):
    first, second = application(User(local)), application(User(local))
    ask = lambda key, texts: httpx.post(
        f"{local.url}/v1/embeddings", json={"input": texts}, headers={"Authorization": f"Bearer {key}"}, timeout=120
    )
    ask(second.key, ["warm"])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        large = pool.submit(ask, first.key, ["The plane leaves Dhaka at nine. " * 12] * 40)
        time.sleep(1)
        begun = time.monotonic()
        assert ask(second.key, ["ইলিশ"]).status_code == 200
        waited = time.monotonic() - begun
        assert not large.done() and large.result().status_code == 200
    assert waited < 15, waited


def test_the_local_model_is_started_again(local):
    client = openai.OpenAI(api_key=local.bird.key, base_url=f"{local.url}/v1", max_retries=0)
    client.embeddings.create(model="", input="a")
    (child,) = children(local)
    os.kill(child, signal.SIGKILL)
    assert eventually(lambda: [pid for pid in children(local) if pid != child] != [], 20)

    def answers():
        try:
            return len(client.embeddings.create(model="", input="আবার").data) == 1
        except openai.APIStatusError:
            return False

    assert eventually(answers, 30)
