"""The server's token estimates without a vendor's count, compared with the real tokenizers."""

import json
import random

import httpx
import pytest
import texts
import tokenizers
from client import User
from mynah_process import make_admin

# OpenAI counts four tokens for a message's frame and three for the reply's.
MARKS = 7


@pytest.fixture(scope="module")
def asked(scripted_process, scripted_model):
    """Calls a model of a family; returns the reported prompt tokens."""
    user = User(scripted_process)
    keys = {}
    for family, model in tokenizers.MODELS.items():
        bot = user.post("/chatbots", {"name": family, "model": model}, 201)["id"]
        keys[family] = user.post(f"/chatbots/{bot}/api-keys", {"scopes": ["chat"]}, 201)["key"]

    def ask(family, text):
        scripted_model.reset()
        body = {"messages": [{"role": "user", "content": text}], "max_tokens": 5}
        headers = {"Authorization": f"Bearer {keys[family]}"}
        answer = httpx.post(f"{scripted_process.url}/v1/chat/completions", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["usage"]["prompt_tokens"] - MARKS

    return ask


def test_the_table_of_real_counts_is_what_the_tokenizers_say():
    """Written by Tests/tokenizers.py; run it after changing the texts."""
    assert json.loads(tokenizers.TABLE.read_text(encoding="utf-8")) == tokenizers.table()


@pytest.mark.parametrize("family", tokenizers.MODELS)
def test_natural_text_is_estimated_at_1_0_to_1_7_times_its_tokens(asked, family):
    long = [text.long for text in texts.NATURAL]
    for text, tokens in zip(texts.NATURAL, tokenizers.count(family, long)):
        assert 1.0 <= asked(family, text.long) / tokens <= 1.7, (text.name, tokens, asked(family, text.long))


@pytest.mark.parametrize("text", texts.NATURAL, ids=lambda text: text.name)
def test_a_short_sentence_is_a_few_tokens_in_every_language(asked, text):
    for family in tokenizers.MODELS:
        assert asked(family, text.short) < 200


def random_texts(chance):
    def of(alphabet):
        return "".join(chance.choice(alphabet) for _ in range(400))

    letters = "abcdefghijklmnopqrstuvwxyz"
    yield of(letters)
    yield of(letters + letters.upper())
    yield of(letters + "0123456789")
    yield of("0123456789")
    yield of("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    yield " x" + of(" \t\n")
    yield "x" + " " * 400
    yield " ".join(of(letters)[: chance.randint(1, 9)] for _ in range(60))
    yield of([chr(scalar) for scalar in range(0x1F600, 0x1F650)])
    yield of("👩‍🚀🏳🌈🧑🏿🔥🇧🇩\u200d\ufe0f")
    yield of([chr(scalar) for scalar in range(0x4E00, 0xA000)])
    yield of([chr(scalar) for scalar in range(0xAC00, 0xD7A4)])
    yield of([chr(scalar) for scalar in range(0x980, 0xA00)])
    yield of([chr(scalar) for scalar in range(0x400, 0x500)])
    yield of([chr(scalar) for scalar in range(0x300, 0x370)])
    yield of([chr(scalar) for scalar in range(0x20000, 0x2A000)])
    yield "".join(texts.scalar(chance) for _ in range(300)).replace("\0", "")


@pytest.mark.parametrize("family", tokenizers.MODELS)
def test_random_text_is_not_estimated_at_less_than_its_tokens(asked, family):
    made = [text for seed in range(3) for text in random_texts(random.Random(seed))]
    for text, tokens in zip(made, tokenizers.count(family, made)):
        assert asked(family, text) >= 0.97 * tokens, (tokens, asked(family, text), text[:60])


def test_a_reservation_is_never_less_than_the_tokens(start, vendor):
    """At one micro-unit a token, a balance pays for no call that could read more tokens than it."""
    server = start()
    root = make_admin(server)
    price = {"input_per_million": 1_000_000, "output_per_million": 0}
    assert root.put("/admin/prices/openai%2Fscripted", json=price).status_code == 200
    user = User(server)
    me = user.get("/users/me")["id"]
    chance = random.Random(5)
    for text in [text.long for text in texts.ALL] + list(random_texts(chance)):
        for family in ("o200k", "cl100k"):
            tokens = tokenizers.count(family, [text])[0]
            balance = {"balance": max(0, tokens - 1), "reason": "test"}
            assert admin_call(root, me, balance).status_code == 200
            answer = user.http.post("/chat", json={"message": text})
            assert answer.status_code in (402, 422), (answer.status_code, tokens, text[:60])
    assert not vendor.requests


def admin_call(root, user, body):
    return root.post(f"/admin/users/{user}/credits", json=body)


def test_a_conversation_is_remembered_in_every_language(start, vendor):
    """What fits into the model's context by the real count times 1.7, the estimate's maximum, is all sent."""
    server = start(LLM_CONTEXT_TOKENS="4096", LLM_MODEL="gpt-4o")
    user = User(server)
    for text in texts.NATURAL:
        vendor.requests.clear()
        vendor.reply = [text.long]
        turns = 3072 // 17 * 10 // ((tokenizers.count("o200k", [text.long])[0] + 4) * 2)
        turns = min(turns, 12)
        conversation = None
        for number in range(turns):
            body = {"message": text.long} | ({"conversation_id": conversation} if conversation else {})
            conversation = user.post("/chat", body)["conversation_id"]
        # The chatbot's prompt comes first.
        assert len(vendor.messages()) == 1 + 2 * turns - 1, (text.name, turns)


def test_what_is_sent_fits_into_the_models_context(start, vendor):
    server = start(LLM_CONTEXT_TOKENS="4096", LLM_MODEL="gpt-4o")
    user = User(server)
    chance = random.Random(9)
    for number in range(4):
        conversation = None
        for text in random_texts(chance):
            if not text.strip():
                continue
            body = {"message": text} | ({"conversation_id": conversation} if conversation else {})
            answer = user.post("/chat", body)
            conversation = answer["conversation_id"]
            sent = sum(tokenizers.count("o200k", [content for _, content in vendor.messages()]))
            assert sent + 4 * len(vendor.messages()) + 3 <= 3072, (sent, len(vendor.messages()))
