"""Tests/Fuzz for 30 seconds; `make fuzz` runs it for longer."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Fuzz"))

from fuzz import Fuzz  # noqa: E402


def test_random_requests_and_a_random_vendor_do_no_harm(tmp_path, capsys):
    fuzz = Fuzz(30, "10", tmp_path)
    holds = fuzz.run()
    fuzz.report()
    assert holds, capsys.readouterr().out[-9000:]
