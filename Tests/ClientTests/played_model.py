"""A vendor that plays a model: it reads the whole request and does what it asks for, always in the same way.

It calls a tool if it may and the last message is a user's, fills schemas with the numbers and the quoted texts of the
question, and else repeats the question or a tool's results. What arrives at it can so be told from the answers."""

import json
import re
from collections import namedtuple
from itertools import count

Asked = namedtuple("Asked", "question results tools choice schema stop thinks")
Answer = namedtuple("Answer", "thoughts text calls stopped")
WORDS = "পাখি طائر 小鸟 🐦"
THOUGHTS = "আগে ভাবি, 想一想 …"
LONGEST = 10_000
identifiers = count(1)


class BadRequest(Exception):
    """What the vendor refuses, and the field: `None` if the prompt is too long."""


def answer(asked):
    thoughts = THOUGHTS if asked.thinks else ""
    if asked.schema:
        return Answer(thoughts, json.dumps(filled(asked.schema, asked.question), ensure_ascii=False), [], None)
    if asked.tools and asked.choice != "none" and (not asked.results or asked.choice):
        name = asked.choice if asked.choice in asked.tools else named(asked.tools, asked.question)
        return Answer(thoughts, "", [(name, filled(asked.tools[name], asked.question))], None)
    text = " ".join(asked.results) or f"{WORDS}: {asked.question}"
    stopped = min((stop for stop in asked.stop if stop in text), key=text.index, default=None)
    return Answer(thoughts, text.partition(stopped)[0] if stopped else text, [], stopped)


def read(body, results, tools, choice, schema, stop, thinks, instructions):
    """Returns what is asked, with the last text of a user as the question. Instructions to answer with JSON make a schema
    of the keys that the question quotes."""
    users = [texts(message["content"]) for message in body["messages"] if message["role"] == "user"]
    question = next((text for text in reversed(users) if text), "")
    if len(question) > LONGEST:
        raise BadRequest("too long", None)
    if not schema and not tools and "JSON" in instructions:
        schema = {"type": "object", "properties": {key: {"type": "string"} for key in quoted(question)}}
    return Asked(question, results, tools, choice, schema, stop, thinks)


def texts(content):
    """Returns the text of a message's content, whatever its form."""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content or [] if part.get("type") == "text")


def pieces(text):
    """Returns a text in pieces of four characters."""
    return [text[start:start + 4] for start in range(0, len(text), 4)]


def named(tools, question):
    """Returns the tool that the question names, or the first."""
    return next((name for name in sorted(tools, key=len, reverse=True) if name in question), next(iter(tools)))


def quoted(question):
    return re.findall(r"['\"‘“«](.+?)['\"’”»]", question)


def filled(schema, question):
    """Returns a value of the schema made from what the question says."""
    numbers = [int(digits) for digits in re.findall(r"\d+", question)]
    return value(schema, schema, numbers, quoted(question))


def value(schema, root, numbers, texts):
    if "$ref" in schema:
        return value(root["$defs"][schema["$ref"].rpartition("/")[2]], root, numbers, texts)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return value(schema[choice][0], root, numbers, texts)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", [])), None))
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: value(of, root, numbers, texts) for name, of in schema.get("properties", {}).items()}
    if kind == "array":
        return [value(schema.get("items", {}), root, numbers, texts)]
    if kind in ("integer", "number"):
        return numbers.pop(0) if numbers else 7
    if kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    return texts.pop(0) if texts else WORDS
