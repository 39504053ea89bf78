#!/usr/bin/env python3
"""Runs the tests inside the process on PostgreSQL with serializable transactions, while the server refuses some COMMITs at random:
the stand-in for a distributed database. The tests must have been built (`swift build --build-tests`).

    serializable.py [--percent 5] [--filter AppTests]"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "ServerTests")]

from mynah_process import ROOT  # noqa: E402
from postgres_server import Postgres  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--percent", type=int, default=5)
    parser.add_argument("--filter", default="AppTests")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "postgres").mkdir()
        postgres = Postgres(Path(name) / "postgres")
        try:
            settings = {
                "MYNAH_TEST_ENGINE": "postgres", "MYNAH_TEST_POSTGRES": postgres.url,
                "MYNAH_TEST_CONFLICTS": str(options.percent)}
            done = subprocess.run(
                ["scripts/swift-test", "--filter", options.filter], cwd=ROOT, env=os.environ | settings,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            print("\n".join(line for line in done.stdout.splitlines() if re.match("✘|.*Test run with|swift-test:|error:", line)))
            log = sorted(Path("/var/tmp").glob("mynah-postgres-*/log"), key=lambda path: path.stat().st_mtime)[-1]
            said = log.read_text(errors="replace")
            print(f"refused by the test: {said.count('refused by the test')}; by the server itself: "
                  f"{said.count('could not serialize access')}; deadlocks: {said.count('deadlock detected')}")
            return done.returncode
        finally:
            postgres.run("stop")


if __name__ == "__main__":
    sys.exit(main())
