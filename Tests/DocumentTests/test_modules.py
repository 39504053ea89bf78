"""Modules refer downward only, no two folders of a module use each other, and no module grows beyond its size."""

import re
from collections import defaultdict
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent.parent / "Sources"
# Layers, lowest first. Modules of the same layer do not import each other.
LAYERS = [
    ["JSON", "Fairness", "Redis", "Archive", "Spans"],
    ["HTTPKit", "Storage", "Upstream"],
    ["LLM", "Files", "Reading", "SMTP"],
    ["Platform"],
    ["Accounts", "Metering"],
    ["Chatbots"],
    ["ModelCalls", "DatabaseMigrations"],
    ["Knowledge"],
    ["Chat"],
    ["ModelAPI", "Imports", "Titles"],
    ["App"],
    ["mynah"],
]
# What one person can keep in mind; a larger module is to be divided.
MOST_LINES = 8000

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|""".*?"""|"(?:\\.|[^"\\\n])*"', re.DOTALL)
TYPE = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:package|public|final|indirect|nonisolated)\s+)*"
    r"(?:struct|class|enum|protocol|actor|typealias)\s+(\w+)",
    re.MULTILINE,
)


def code(path):
    return NOT_CODE.sub(" ", path.read_text(encoding="utf-8"))


def test_modules_import_only_what_is_below():
    layer = {module: at for at, modules in enumerate(LAYERS) for module in modules}
    swift = {path.name for path in SOURCES.iterdir() if not re.match("C[A-Z]", path.name)}
    assert swift == set(layer)
    for path in SOURCES.rglob("*.swift"):
        module = path.relative_to(SOURCES).parts[0]
        for imported in re.findall(r"^(?:\w+ )?import (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert layer.get(imported, -1) < layer[module], f"{path} imports {imported}, which is not below {module}"


def test_no_two_folders_use_each_other():
    """Compares the names of types that only one file declares; extensions are not seen."""
    texts = {path: code(path) for path in SOURCES.rglob("*.swift")}
    owners = defaultdict(set)
    for path, text in texts.items():
        for name in TYPE.findall(text):
            owners[name].add(path)
    uses = set()
    for path, text in texts.items():
        for name in set(re.findall(r"\b[A-Z]\w*\b", text)):
            if len(owners.get(name, ())) == 1:
                [owner] = owners[name]
                uses.add((path.parent, owner.parent))
    pairs = sorted(
        f"{a.relative_to(SOURCES)} and {b.relative_to(SOURCES)}"
        for a, b in uses
        if a < b and (b, a) in uses and a.relative_to(SOURCES).parts[0] == b.relative_to(SOURCES).parts[0]
    )
    assert not pairs, f"{len(pairs)} pairs of folders use each other:\n" + "\n".join(pairs)


def test_modules_stay_small():
    lines = defaultdict(int)
    for path in SOURCES.rglob("*.swift"):
        lines[path.relative_to(SOURCES).parts[0]] += len(path.read_text(encoding="utf-8").splitlines())
    large = {module: number for module, number in lines.items() if number > MOST_LINES}
    assert not large, large


def test_the_architecture_lists_every_module_and_folder():
    table = re.findall(r"^\| `(\w+)` \| [^|]*\|([^|]*)\|$", (SOURCES.parent / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {module: set(re.findall(r"`(\w+)`", folders)) for module, folders in table}
    for module in SOURCES.iterdir():
        if re.match("C[A-Z]", module.name):
            continue
        folders = {folder.name for folder in module.iterdir() if folder.is_dir()}
        assert module.name in listed, f"{module.name} is not listed"
        assert folders <= listed[module.name], f"{module.name} has {folders - listed[module.name]}, too"
