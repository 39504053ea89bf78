"""Files for packages, containers and clusters agree with the program and with each other."""

import re
import subprocess

import yaml
from test_documents import ROOT

VERSION = re.search(r'current = "(.+)"', (ROOT / "Sources/App/Configuration/Version.swift").read_text())[1]


def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_versions_are_the_programs():
    chart = yaml.safe_load((ROOT / "deploy/helm/mynah/Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == VERSION and not chart.get("dependencies")
    for service in ("mynah", "demo"):
        assert compose()["services"][service]["image"] == f"mynah:${{MYNAH_VERSION:-{VERSION}}}"
    for document in ("container", "compose"):
        text = (ROOT / f"docs/deployment/{document}.md").read_text()
        assert set(re.findall(r"mynah[:-](\d+\.\d+\.\d+)", text)) == {VERSION}, document
    assert f"\n## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


def test_what_compose_mounts_exists_and_its_settings_are_the_programs():
    settings = set(re.findall(r'"([A-Z0-9_]+)"', (ROOT / "Sources/App/Configuration/Settings.swift").read_text()))
    services = compose()["services"]
    assert set(services["mynah"]["environment"]) <= settings
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in compose()["volumes"], volume
    hardened = [services[name] for name in ("mynah", "demo", "redis")]
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in hardened)
    assert services["mynah"]["healthcheck"]["test"] == ["CMD", "/usr/bin/mynah", "health"]


def test_the_service_is_confined():
    """The lower, the more confined: a plain service has 9.6."""
    units = [f"packaging/debian/{name}.service" for name in ("mynah", "mynah-local-model")]
    for unit in units:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", ROOT / unit], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-300:] + done.stderr
    sandboxes = [(ROOT / unit).read_text().partition("StateDirectory=")[2].partition("\n[Install]")[0] for unit in units]
    assert sandboxes[0].strip() == sandboxes[1].strip()


def test_the_service_gives_replies_more_time_than_the_server_does():
    unit = (ROOT / "packaging/debian/mynah.service").read_text()
    grace = int(re.search(r"var shutdownGrace = Duration.seconds\((\d+)\)", (
        ROOT / "Sources/App/Configuration/Configuration.swift").read_text())[1])
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > grace
    assert int(compose()["services"]["mynah"]["stop_grace_period"].removesuffix("s")) > grace


def test_a_migration_is_made_with_both_ways(tmp_path):
    folder = tmp_path / "Sources/DatabaseMigrations"
    folder.mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    for name in ("scripts/make-migration", "Sources/DatabaseMigrations/Migrations.swift"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (folder / "M0041Before.swift").write_text("")
    command = ["python3", tmp_path / "scripts/make-migration"]
    assert subprocess.run([*command, "Chatbot", "avatars"]).returncode == 0
    text = (folder / "M0042ChatbotAvatars.swift").read_text()
    assert 'number: 42, name: "chatbot avatars"' in text and "up:" in text and "down:" in text
    listed = (folder / "Migrations.swift").read_text()
    assert re.search(r", chatbotAvatars,\n    \]", listed)
    for bad in (["chatbot avatars"], [], ["৪২"], ["42"]):
        refused = subprocess.run([*command, *bad], capture_output=True, text=True)
        assert refused.returncode == 1 and refused.stderr.startswith("make-migration: ")
    assert len(list(folder.iterdir())) == 3 and (folder / "Migrations.swift").read_text() == listed
