"""Builds an application that uses MynahAuth beside other versions than Mynah's own. Takes several minutes.

python3 Tests/Long/other_versions.py [--resolve]"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The oldest versions of MynahAuth's ranges. For the other packages, only Mynah's own version was available when this
# was written.
OTHER = {"apple/swift-crypto": "3.12.3"}


def make(folder):
    """The example as an application of its own that pins the other versions."""
    shutil.copytree(ROOT / "Examples/hummingbird", folder, dirs_exist_ok=True)
    manifest = folder / "Package.swift"
    pins = "".join(
        f'        .package(url: "https://github.com/{name}", exact: "{version}"),\n' for name, version in OTHER.items())
    text = manifest.read_text().replace("    dependencies: [\n", "    dependencies: [\n" + pins, 1)
    manifest.write_text(text.replace("../../Packages", str(ROOT / "Packages")))


def resolved(folder):
    pins = json.loads((folder / "Package.resolved").read_text())["pins"]
    return {pin["location"].removeprefix("https://github.com/").removesuffix(".git"): pin["state"]["version"] for pin in pins}


def resolve(folder):
    """Returns the versions that the application has, by repository."""
    make(folder)
    subprocess.run(["swift", "package", "--package-path", folder, "resolve"], check=True, capture_output=True, timeout=300)
    return resolved(folder)


def main():
    with tempfile.TemporaryDirectory() as name:
        versions = resolve(Path(name))
        print("\n".join(f"{package} {version}" for package, version in sorted(versions.items())))
        assert OTHER.items() <= versions.items(), versions
        if "--resolve" not in sys.argv:
            subprocess.run(["swift", "build", "--package-path", name], check=True, timeout=3600)
    print("other_versions: MynahAuth works beside", ", ".join(f"{name} {version}" for name, version in OTHER.items()))


if __name__ == "__main__":
    main()
