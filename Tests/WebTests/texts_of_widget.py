"""The widget's own words, read from its source."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "Web/widget/texts.js"


def table(language):
    text = SOURCE.read_text(encoding="utf-8")
    found = re.search(rf"^    {language}: {{\n(.*?)^    }},", text, re.MULTILINE | re.DOTALL)[1]
    return dict(re.findall(r'^ +(\w+): "(.*)",$', found, re.MULTILINE))


TEXTS = {language: table(language) for language in ("en", "bn")}
