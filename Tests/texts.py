"""The texts of Tests/Texts/texts.json: a customer's letter in languages of many scripts, and rare characters."""

import json
import random
from collections import namedtuple
from pathlib import Path

Text = namedtuple("Text", "name short long")

_file = json.loads((Path(__file__).parent / "Texts/texts.json").read_text(encoding="utf-8"))
NATURAL = [Text(each["name"], each["short"], each["long"]) for each in _file["natural"]]
ODD = [Text(each["name"], each["text"], each["text"]) for each in _file["odd"]]
ALL = NATURAL + ODD
BY_NAME = {text.name: text for text in ALL}
_spoken = [BY_NAME["bengali"]] + [text for text in NATURAL if text.name != "bengali"]


def short(number):
    """Returns a short natural text; consecutive numbers give different scripts, beginning with Bengali."""
    return _spoken[number % len(_spoken)].short


def scalar(chance=random):
    """Returns any scalar: each UTF-8 length and each script above is equally likely, not each scalar."""
    ranges = [
        (0, 0x7F), (0x20, 0x7E), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x1FFFF),
        (0x20000, 0x10FFFF),
    ]
    at = chance.randrange(len(ranges) + 1)
    return chr(chance.randint(*ranges[at])) if at < len(ranges) else chance.choice(chance.choice(ALL).long)


def random_text(chance=random, longest=200):
    """Some texts of one kind of character, some of many kinds."""
    script, mixed = chance.choice(ALL).long, chance.random() < 0.5
    return "".join(scalar(chance) if mixed else chance.choice(script) for _ in range(chance.randint(0, longest)))
