"""deploy/monitoring: the alerts and the dashboard use metrics that the server has, and promtool takes them."""

import json
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITORING = ROOT / "deploy/monitoring"
METRICS = set(
    re.findall(
        r'"((?:mynah|process)_[a-z_]+)"',
        "\n".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift") if "Metric" in path.read_text()),
    )
)
SUFFIXES = ("_bucket", "_count", "_sum")


def names(expression):
    return set(re.findall(r"\b(?:mynah|process)_[a-z_]+\b", re.sub(r'"[^"]*"', "", expression)))


def known(name):
    return name in METRICS or any(name.removesuffix(suffix) in METRICS for suffix in SUFFIXES)


def rules():
    groups = yaml.safe_load((MONITORING / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions_of_the_dashboard():
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True)


def test_alerts_fire_when_they_should_and_only_then():
    tested = promtool("test", "rules", str(MONITORING / "rules.test.yml"))
    assert tested.returncode == 0, tested.stdout + tested.stderr
    cases = (MONITORING / "rules.test.yml").read_text()
    for rule in rules():
        assert cases.count(f'{rule["alert"]}"') == 1, f'{rule["alert"]}: add the case in which it fires'
        assert f'alertname: {rule["alert"]}}}' in cases, f'{rule["alert"]}: add the case in which it is silent'


def test_every_metric_of_alerts_and_dashboard_exists():
    used = set()
    for expression in [rule["expr"] for rule in rules()] + expressions_of_the_dashboard():
        used |= names(expression)
    assert len(used) > 25
    assert [name for name in sorted(used) if not known(name)] == []


def test_every_name_of_traces_is_explained():
    source = (ROOT / "Sources/Spans/SpanName.swift").read_text()
    names = re.findall(r'case \w+ = "([^"]+)"', source)
    assert len(names) > 25
    text = (ROOT / "docs/operating/monitoring.md").read_text().partition("## Traces")[2]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_metric_is_explained():
    text = (ROOT / "docs/operating/monitoring.md").read_text()
    # `mynah_a`, `…_b` stands for the names that end so.
    ends = re.findall(r"`…(_[a-z_]+)`", text)
    missing = [name for name in sorted(METRICS) if f"`{name}`" not in text and not name.endswith(tuple(ends))]
    assert [name for name in missing if not name.endswith(SUFFIXES)] == []


def test_the_dashboards_expressions_are_valid(tmp_path):
    expressions = [
        expression.replace("$__rate_interval", "5m").replace("$instance", ".*")
        for expression in expressions_of_the_dashboard()
    ]
    rules = [{"record": f"dashboard:{number}", "expr": each} for number, each in enumerate(expressions)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = promtool("check", "rules", str(tmp_path / "rules.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert not any("$" in expression for expression in expressions)


def test_panels_have_their_place():
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def fields_of_log_entries():
    found = {"time", "level", "message", "logger"}
    for path in (ROOT / "Sources").rglob("*.swift"):
        text = path.read_text()
        # The keys of a dictionary's literal, up to the bracket that closes it.
        for match in re.finditer(r"metadata(?:: |\(claim, )\[", text):
            depth, end = 1, match.end()
            while depth:
                depth += {"[": 1, "]": -1}.get(text[end], 0)
                end += 1
            found |= set(re.findall(r'"([\w.]+)":', text[match.start() : end]))
    return found


def test_every_field_of_a_log_entry_is_explained():
    text = (ROOT / "docs/operating/monitoring.md").read_text()
    table = text[text.index("## Log entries") : text.index("## Traces")]
    fields = fields_of_log_entries()
    assert {"request_id", "method", "backup"} <= fields
    assert [field for field in sorted(fields) if f"`{field}`" not in table] == []
