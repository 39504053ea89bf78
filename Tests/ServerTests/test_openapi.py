"""`/openapi.json` as validators and generators of clients read it."""
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from client import PASSWORD, User
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def document(mynah):
    return User(mynah).get("/openapi.json")


@pytest.fixture(scope="module")
def api(mynah, tmp_path_factory):
    """A client generated from the running server's document."""
    folder = tmp_path_factory.mktemp("client")
    done = subprocess.run(
        [BIN / "openapi-python-client", "generate", "--url", f"{mynah.url}/openapi.json", "--output-path",
         folder / "generated", "--fail-on-warning"],
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}, capture_output=True, text=True, timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder / "generated"))
    yield lambda name: importlib.import_module(f"mynah_client.{name}")
    sys.path.remove(str(folder / "generated"))


def walk(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


def operations(document):
    return [(path, method, it) for path, methods in document["paths"].items() for method, it in methods.items()]


def test_the_document_is_valid(document):
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_patterns_are_those_that_every_engine_knows(document):
    patterns = {it["pattern"] for it in walk(document) if isinstance(it.get("pattern"), str)}
    assert patterns
    for pattern in patterns:
        re.compile(pattern)
        assert "\\p" not in pattern


def test_every_example_fits_its_schema(document):
    # References start at the document, wherever the schema is used.
    document = json.loads(json.dumps(document).replace('"#/components/schemas', '"urn:mynah#/components/schemas'))
    registry = Registry().with_resource("urn:mynah", Resource(contents=document, specification=DRAFT202012))

    def check(value, schema, name):
        errors = list(Draft202012Validator(schema, registry=registry).iter_errors(value))
        assert not errors, f"{name}: {errors[0].message}"

    for name, schema in document["components"]["schemas"].items():
        check(schema["examples"][0], schema, name)
    count = 0
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if "example" in parameter:
                check(parameter["example"], parameter["schema"], f"{method} {path} {parameter['name']}")
        for holder in walk([operation.get("requestBody", {}), operation["responses"]]):
            if "schema" in holder and "example" in holder:
                check(holder["example"], holder["schema"], f"{method} {path}")
                count += 1
            for example in holder.get("examples", {}).values():
                value = document["components"]["examples"][example["$ref"].split("/")[-1]]["value"]
                check(value, holder["schema"], f"{method} {path}")
    assert count > 150


def test_every_call_is_there_once(document):
    for path, methods in document["paths"].items():
        assert not path.startswith(("/projects", "/openai/", "/chatbot/")) and not {"put", "patch"} <= methods.keys()
    ids = [operation["operationId"] for *_, operation in operations(document)]
    assert len(ids) == len(set(ids)) and all(re.fullmatch("[a-z]+(_[a-z0-9]+)*", it) for it in ids)


def test_a_generated_client_imports_and_reads_well(document, api):
    for path, method, operation in operations(document):
        module = api(f"api.{operation['tags'][0].lower().replace(' ', '_').replace('-', '_')}.{operation['operationId']}")
        assert operation["summary"] in module.sync_detailed.__doc__ and callable(module.asyncio_detailed)
    names = [name for name in dir(api("models")) if name[0].isupper()]
    assert len(names) > 150
    # Neither Swift's types nor numbered alternatives of one choice.
    assert [name for name in names if "Routes" in name or re.search(r"Type\d+Type\d", name)] == []


def test_a_generated_client_makes_a_round_trip(mynah, vendor, api):
    models, client = api("models"), api("client")
    vendor.reply = ["আপনার ", "অর্ডার আসছে 📦"]
    stranger = client.Client(base_url=mynah.url)
    name = "generated-李雷"
    call = lambda name: api(f"api.{name}").sync  # noqa: E731
    user = call("users.register")(client=stranger, body=models.Registration(username=name, password=PASSWORD))
    assert isinstance(user, models.User) and user.username == name
    grant = call("sign_in.create_token")(
        client=stranger, body=models.TokenRequest(username=name, password=PASSWORD))
    assert isinstance(grant, models.TokenGrant)
    me = client.AuthenticatedClient(base_url=mynah.url, token=grant.access_token)
    assert call("users.get_me")(client=me).id == user.id
    chatbot = call("chatbots.create_chatbot")(client=me, body=models.ChatbotCreate(name="সহায়ক"))
    assert chatbot.name == "সহায়ক" and chatbot.is_default is False
    changed = call("chatbots.update_chatbot")(chatbot.id, client=me, body=models.ChatbotUpdate(description="帮手"))
    assert changed.description == "帮手" and changed.name == chatbot.name
    reply = call("chat.send_chat_message")(
        client=me, body=models.ChatRequest(chatbot_id=chatbot.id, message="আমার অর্ডার কোথায়?"))
    assert isinstance(reply, models.ChatReply) and reply.message.content == "আপনার অর্ডার আসছে 📦"
    assert reply.message.sender is models.MessageSender.AI
    messages = call("conversations.list_messages")(reply.conversation_id, client=me)
    assert [it.content for it in messages.data] == ["আমার অর্ডার কোথায়?", reply.message.content]
    key = call("api_keys.create_key")(
        chatbot.id, client=me, body=models.APIKeyCreate(name="দোকান", scopes=[models.KeyScope.CHAT]))
    assert key.key.startswith("mk_live_") and key.kind is models.KeyKind.SECRET
    refused = call("chatbots.get_chatbot")("somebody-elses", client=me)
    assert isinstance(refused, models.Error) and refused.error.code == "not_found"
    unauthorized = call("sign_in.sign_in")(
        client=stranger, body=models.SignInRequest(username=name, password="wrong wrong 12"))
    assert unauthorized.error.code == "invalid_credentials"
    assert call("sign_in.revoke_token")(client=stranger, body=models.TokenRevocation(token=grant.refresh_token)) is None
    assert call("users.get_me")(client=me).error.code == "invalid_token"
