"""Shared by the tests with official SDKs."""

from collections import namedtuple

from vendor import choice, event

Application = namedtuple("Application", "key chatbot slug")
PROMPT = "You are a calm bird. Answer in one short sentence."
ADD = {
    "type": "function",
    "function": {
        "name": "add", "description": "Adds two numbers.",
        "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}},
    },
}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def application(user, prompt=PROMPT, key=None, **fields):
    """Returns a chatbot with this prompt, and its key."""
    chatbot = user.post("/chatbots", {"name": "Bird"} | fields, 201)
    user.post(f"/chatbots/{chatbot['id']}/prompts", {"content": prompt}, 201)
    issued = user.post(f"/chatbots/{chatbot['id']}/api-keys", key or {}, 201)
    return Application(issued["key"], chatbot["id"], chatbot["slug"])


def calls(*pieces):
    """Returns a vendor's reply that calls tools, in these pieces."""
    chunks = [event(choices=[choice({"tool_calls": [piece]})]) for piece in pieces]
    return [*chunks, event(choices=[choice({}, "tool_calls")]), b"data: [DONE]\n\n"]


TWO_CALLS = calls(
    {"index": 0, "id": "call_a", "type": "function", "function": {"name": "add", "arguments": ""}},
    {"index": 0, "function": {"arguments": '{"a": 1,'}},
    {"index": 0, "function": {"arguments": ' "b": 2}'}},
    {"index": 1, "id": "call_b", "type": "function", "function": {"name": "add", "arguments": '{"a": 3, "b": 4}'}},
)
