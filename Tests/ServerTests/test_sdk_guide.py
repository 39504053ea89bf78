"""The commands and programs of docs/guides/api-clients.md work as shown, for its user."""

import os
import re
import subprocess
import sys

import pytest
from client import User
from mynah_process import ROOT

GUIDE = (ROOT / "docs/guides/api-clients.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def prepared(mynah, running_vendor):
    """The environment after the guide's first commands, and curl's output."""
    running_vendor.reset()
    User(mynah, "grace")
    script = "set -euo pipefail; curl() { command curl --fail-with-body \"$@\"; }\n" + "\n".join(blocks("sh"))
    script = script.replace("http://localhost:8000", mynah.url) + "\nenv -0 > environment"
    ran = subprocess.run(
        ["bash", "-c", script], cwd=mynah.folder, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    pairs = (mynah.folder / "environment").read_text().split("\0")
    return ran.stdout, dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def test_the_commands_with_curl(prepared):
    said, environment = prepared
    assert environment["KEY"].startswith("mk_live_") and "data: [DONE]" in said
    assert said.count("Hello from the vendor.") >= 2 and '"type":"message"' in said


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_programs_in_python(prepared, number):
    _, environment = prepared
    program = blocks("python")[number]
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    if "embeddings" in program:
        # The local model knows that both sentences say the same.
        assert 0.85 < float(ran.stdout) < 1
    else:
        assert "Hello from the vendor." in ran.stdout, ran.stdout + ran.stderr


def test_the_program_in_javascript(prepared, tmp_path):
    _, environment = prepared
    (tmp_path / "program.mjs").write_text(blocks("js")[0])
    try:
        ran = subprocess.run(
            ["node", "program.mjs"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )
    except FileNotFoundError:
        if "CI" in os.environ:
            raise
        pytest.skip("Node.js is missing")
    assert ran.returncode == 0 and ran.stdout == "Hello from the vendor.\n", ran.stdout + ran.stderr
