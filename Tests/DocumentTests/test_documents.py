"""Every link in the documents leads somewhere, and every command in them is at least well formed."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SKIPPED = {"Assets", "data"}
HIDDEN = {".ci", ".github"}
TEXT = {".md", ".swift", ".py", ".js", ".mjs", ".html", ".yml", ".yaml", ".json", ".example", ".in", ""}


def files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name for name in folders
            if name not in SKIPPED and (name in HIDDEN or not name.startswith((".", "__")))
        )
        yield from (Path(folder, name) for name in sorted(names))


DOCUMENTS = [path for path in files() if path.suffix == ".md"]


def name(path):
    return str(path.relative_to(ROOT))


def without_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(path):
    """The fragments that GitHub makes of a document's headings."""
    found = {}
    for heading in re.findall(r"^#+ +(.+?) *$", without_code(path.read_text(encoding="utf-8")), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if at == 0 else f"{slug}-{at}" for slug, count in found.items() for at in range(count + 1)}


def links(path):
    text = re.sub(r"`[^`\n]*`", "`", without_code(path.read_text(encoding="utf-8")))
    return re.findall(r"\]\(([^)\s]+)\)", text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_relative_links_resolve(path):
    broken = []
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, fragment = link.partition("#")
        leads_to = (path.parent / target).resolve() if target else path
        if not leads_to.exists() or (fragment and leads_to.suffix == ".md" and fragment not in anchors(leads_to)):
            broken.append(link)
    assert not broken


def test_documents_that_are_named_elsewhere_exist():
    broken = []
    for path in files():
        if path.suffix not in TEXT or name(path).startswith("Tests/Releases"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for mention in re.findall(r"\bdocs/[\w./-]+\.(?:md|png)\b", text):
            if not (ROOT / mention).exists() and not (path.parent / mention).exists():
                broken.append(f"{name(path)}: {mention}")
    assert not broken


def test_the_index_names_every_document():
    index = ROOT / "docs/README.md"
    named = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert {name(path) for path in (ROOT / "docs").rglob("*.md") if path != index and path not in named} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_shell_commands_parse(path):
    for block in re.findall(r"^```(?:sh|bash)\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr + block


def test_decisions_are_numbered_without_gaps():
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/decisions.md").read_text(encoding="utf-8"), re.MULTILINE)
    numbers = [int(re.match(r"(\d+)\. .+ \(\d{4}-\d\d-\d\d\)$", heading)[1]) for heading in headings]
    assert numbers == list(range(len(numbers), 0, -1))


def test_the_architecture_page_names_the_modules():
    """The module table has exactly the folders of Sources, without the C libraries."""
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("| module |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.partition("| ")[2].partition(" |")[0])}
    modules = {path.name for path in (ROOT / "Sources").iterdir() if path.is_dir()}
    assert named - {"MynahAuth"} == {name for name in modules if not re.match(r"C[A-Z]", name)} - {"MynahAuth"}


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_and_suites_that_are_named_exist(page):
    """Names with a part to fill in, such as `<Name>Wire.swift` and `Thing.swift`, stand for many."""
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = [name(path) for folder in ("Sources", "Tests", "Packages") for path in (ROOT / folder).rglob("*.swift")]
    paths = ["/" + path for path in paths if "/.build/" not in path]
    for named in set(re.findall(r"`([\w/.]+\.swift|\w+Tests)`", text)):
        if re.match(r"Thing|M00NN", named):
            continue
        file = named if named.endswith(".swift") else f"{named}.swift"
        assert any(path.endswith(f"/{file}") for path in paths), f"{page} names {named}, which does not exist"
    folders = {folder for path in paths for folder in path.split("/")[:-1]}
    if page == "ARCHITECTURE.md":
        table = text.partition("| module |")[2].partition("\n\n")[0]
        named = {each for row in table.splitlines() for each in re.findall(r"`([A-Z]\w+)`", row)}
        assert named <= folders, named - folders
