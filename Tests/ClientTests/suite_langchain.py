"""LangChain's standard suite of chat models for one class against one address, which `langchain_suites.py` names in
SUITE_CLASS (`openai` or `anthropic`), SUITE_URL, SUITE_KEY, SUITE_MODEL and SUITE_OTHER; SUITE_VENDOR is `played` or
`llama`."""

import base64
import os
from functools import reduce
from operator import add
from types import SimpleNamespace

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests, chat_models

IS_OPENAI = os.environ["SUITE_CLASS"] == "openai"
IS_PLAYED = os.environ["SUITE_VENDOR"] == "played"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def files_without_network(monkeypatch):
    """The suite's own files are on the web."""
    fetched = {"png": PIXEL, "pdf": PDF}
    monkeypatch.setattr(
        chat_models, "httpx", SimpleNamespace(get=lambda url, **_: SimpleNamespace(content=fetched[url[-3:]])))


class TestStandard(ChatModelIntegrationTests):
    supports_json_mode = IS_OPENAI
    supports_anthropic_inputs = True
    supports_image_inputs = IS_PLAYED
    supports_image_tool_message = supports_pdf_tool_message = IS_PLAYED and not IS_OPENAI
    supports_pdf_inputs = IS_PLAYED
    model_override_value = os.environ["SUITE_OTHER"]

    @property
    def chat_model_class(self):
        return ChatOpenAI if IS_OPENAI else ChatAnthropic

    @property
    def chat_model_params(self):
        url, key, model = (os.environ[f"SUITE_{name}"] for name in ("URL", "KEY", "MODEL"))
        common = {"model": model, "api_key": key, "max_retries": 0, "temperature": 0, "max_tokens": 400 if IS_PLAYED else 48}
        if IS_OPENAI:
            return common | {"base_url": url + "/v1", "stream_usage": True}
        return common | {"base_url": url}

    @property
    def supported_usage_metadata_details(self):
        if not IS_PLAYED:
            return {"invoke": [], "stream": []}
        kinds = ["cache_read_input", "reasoning_output"] if IS_OPENAI else ["cache_read_input", "cache_creation_input"]
        return {"invoke": kinds, "stream": kinds}

    def asked(self, stream, **fields):
        model = self.chat_model_class(**self.chat_model_params | fields)
        return reduce(add, model.stream("হ্যালো")) if stream else model.invoke("হ্যালো")

    def invoke_with_cache_read_input(self, *, stream=False):
        return self.asked(stream)

    def invoke_with_cache_creation_input(self, *, stream=False):
        return self.asked(stream)

    def invoke_with_reasoning_output(self, *, stream=False):
        return self.asked(stream, reasoning_effort="low")
