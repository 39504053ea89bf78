"""Folders and commands that the parts of packages.py share."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / ".build/packaging-tools"
WORK = ROOT / ".build/long/packages"
BINARY = Path(os.environ["MYNAH_BIN"]).resolve() if "MYNAH_BIN" in os.environ else ROOT / ".build/release/mynah"


def run(*command, check=True, **options):
    """Runs a command and returns what it did; fails with its output if it failed."""
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        **options)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout[-6000:]}")
    return done


def make(script, dist, **environment):
    """Runs one of scripts/ with the program under test; its results are in `dist`."""
    variables = {"MYNAH_BINARY": str(BINARY), "DIST": str(dist)} | environment
    return run(ROOT / "scripts" / script, cwd=ROOT, env=os.environ | variables)
