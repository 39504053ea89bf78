"""The generated pages, `.env.example` and the guides leave nothing out: settings, commands, routes, errors."""

import os
import re
import subprocess

import pytest
from mynah_process import BINARY, ROOT

REFERENCE = ROOT / "docs/reference"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    done = subprocess.run(
        [ROOT / "scripts/make-reference", folder], env=os.environ | {"MYNAH_BIN": str(BINARY)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("page", ["settings", "commands", "api", "database"])
def test_a_generated_page_is_what_the_program_says(made, page):
    new, old = ((folder / f"{page}.md").read_text(encoding="utf-8") for folder in (made, REFERENCE))
    assert new == old, f"run scripts/make-reference: docs/reference/{page}.md is not what this program says"


def settings(made):
    return re.findall(r"^\| `([A-Z0-9_]+)` \|", (made / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_example_has_every_setting_and_no_other(made):
    shown = re.findall(r"^# ([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(shown) == len(set(shown)) and not set(shown) - set(settings(made))
    # Those for one provider are shown for one of them.
    families = {"LLM_FIRST_TOKEN_TIMEOUT_", "LLM_IDLE_TIMEOUT_", "LLM_EXTRA_FIELDS_"}
    missing = {name for name in set(settings(made)) - set(shown) if not any(name.startswith(one) for one in families)}
    assert not missing and all(any(name.startswith(one) for name in shown) for one in families)


def guides():
    """The pages that were written by hand."""
    generated = {"settings.md", "commands.md", "api.md", "database.md"}
    pages = [path for path in (ROOT / "docs").rglob("*.md") if path.name not in generated | {"decisions.md"}]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*pages, ROOT / "README.md", ROOT / "QUICKSTART.md"])


def test_every_command_and_every_error_is_in_a_guide(made):
    text = guides()
    commands = re.findall(r"^\| `(mynah [a-z ]+)` \|", (made / "commands.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) > 20
    assert [command for command in commands if command not in text] == []
    codes = re.findall(r'case \w+ = "([a-z_]+)"', (ROOT / "Sources/HTTPKit/APIError.swift").read_text(encoding="utf-8"))
    assert codes and [code for code in codes if f"`{code}`" not in text] == []


def test_every_setting_is_in_a_guide(made):
    text = guides() + (ROOT / ".env.example").read_text(encoding="utf-8")
    families = r"_(OPENAI|GROQ|OPENROUTER|ANTHROPIC|OLLAMA|LOCAL)$"
    missing = {name for name in settings(made) if name not in text and re.sub(families, "_<PROVIDER>", name) not in text
               and re.sub(families, "", name) not in text}
    assert not missing
