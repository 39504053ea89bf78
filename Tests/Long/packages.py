"""Packages, images, the chart and compose.yaml: made, checked and run. Needs root and the network; takes ten minutes.

MYNAH_BIN=.build/release/mynah .venv-tests/bin/python Tests/Long/packages.py [chart,compose,debian,image,materials]"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Long/packaging"))

import chart  # noqa: E402
import compose  # noqa: E402
import debian  # noqa: E402
import image  # noqa: E402
import materials  # noqa: E402
from common import BINARY, WORK  # noqa: E402

PARTS = {
    "materials": materials.main, "debian": lambda: debian.main(WORK / "dist"), "image": image.main,
    "compose": compose.main, "chart": chart.main}


def main():
    names = sys.argv[1].split(",") if len(sys.argv) > 1 else list(PARTS)
    for tools in ("install-packages packaging", "install-packaging-tools"):
        subprocess.run(f"scripts/{tools}", shell=True, cwd=ROOT, check=True)
    WORK.mkdir(parents=True, exist_ok=True)
    print(f"{BINARY}: {BINARY.stat().st_size / 1e6:.1f} MB")
    for name in names:
        began = time.monotonic()
        said = PARTS[name]()
        print(f"{name}: {said} ({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
