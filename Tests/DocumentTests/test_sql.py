"""No SQL text needs what a distributed PostgreSQL lacks: advisory locks, LISTEN and NOTIFY, sequences."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parent.parent.parent / "Sources"
FORBIDDEN = {
    "an advisory lock": r"pg_(?:try_)?advisory",
    "LISTEN or NOTIFY": r"\b(?:UN)?LISTEN \w|\bNOTIFY \w|\bpg_notify\b",
    "a sequence": r"\b(?:CREATE|ALTER) SEQUENCE\b|\b(?:BIG|SMALL)?SERIAL\b(?! number)|\bAS IDENTITY\b|\b(?:next|curr|set)val\(",
}
COMMENT = re.compile(r"^\s*///?[^\n]*", re.MULTILINE)
SAMPLES = {
    "an advisory lock": 'tx.run("SELECT pg_advisory_xact_lock(1)")',
    "LISTEN or NOTIFY": 'tx.run("LISTEN changes")',
    "a sequence": "id BIGSERIAL PRIMARY KEY",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_sql_uses(what):
    pattern = re.compile(FORBIDDEN[what])
    assert pattern.search(SAMPLES[what])
    found = []
    for path in sorted(SOURCES.rglob("*.swift")):
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(SOURCES)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []
