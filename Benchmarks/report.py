"""The results as a table, as JSON and as a chart."""

import json
import statistics

from chart import chart

SUMMED = {"errors", "requests"}


def medians(runs):
    """Returns the median of each figure, with its minimum and maximum."""
    row = {}
    for key in runs[0]:
        values = [run[key] for run in runs]
        if key in SUMMED:
            row[key] = sum(values)
        else:
            row[key] = statistics.median(values)
            row[f"{key}_range"] = [min(values), max(values)]
    return row


def number(value, digits=0):
    return "–" if value is None else f"{value:,.{digits}f}"


def spread(row, key, digits=0):
    low, high = row[f"{key}_range"]
    return f"{number(row[key], digits)} ({number(low, digits)}–{number(high, digits)})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join(["---"] + ["--:"] * (len(head) - 1)) + " |"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]


def peer(row, rows):
    """Returns the FastAPI row of the same work on the same engine."""
    name = row["server"].replace("Mynah", "FastAPI")
    return next((each for each in rows if each["server"] == name and all(
        each.get(key) == row.get(key) for key in ("work", "connections"))), None)


def ratio(row, rows, key="cpu_us"):
    other = peer(row, rows)
    if not row["server"].startswith("Mynah") or not other or not row[key]:
        return "–"
    return f"{other[key] / row[key]:.1f}×"


def turns(rows, missing):
    lines = []
    for work in dict.fromkeys(row["work"] for row in rows):
        lines.append(f"### {work}")
        lines.append("")
        cells = []
        for row in (each for each in rows if each["work"] == work and each["connections"] == "32"):
            one = next(r for r in rows if (r["work"], r["connections"], r["server"]) == (work, "1", row["server"]))
            cells.append([
                row["server"], spread(row, "cpu_us"), ratio(row, rows), number(row["database_cpu_us"]) or "–",
                number(row["rate"]), f"{number(row['p50_ms'], 1)} / {number(row['p99_ms'], 1)}", number(one["cpu_us"]),
                f"{number(one['p50_ms'], 2)} / {number(one['p99_ms'], 2)}", row["errors"] + one["errors"],
            ])
        cells += [[label, "not available", *["–"] * 7] for label in missing if label.startswith(("Mynah", "FastAPI"))]
        lines += table(
            ["32 connections", "CPU µs a request", "FastAPI takes", "PostgreSQL's CPU µs", "requests/s", "p50 / p99 ms",
             "one connection: CPU µs", "p50 / p99 ms", "errors"], cells)
    return lines


def starts(rows, missing):
    cells = [[
        row["server"], spread(row, "start_ms"), ratio(row, rows, "start_ms"), number(row["first_start_ms"]),
        spread(row, "fresh_rss_mb"), number(row["rss_after_mb"])] for row in rows]
    cells += [[label, "not available", *["–"] * 4] for label in missing if label.startswith(("Mynah", "FastAPI"))]
    return ["### Starting, and memory", ""] + table(
        ["", "start to first answer, ms", "FastAPI takes", "on an empty database, ms", "RSS when fresh, MB",
         "RSS after the work above, MB"], cells)


def forward(rows):
    cells = []
    for row in (each for each in rows if each["connections"] == "32"):
        one = next(r for r in rows if r["connections"] == "1" and r["server"] == row["server"])
        cells.append([
            row["server"], spread(row, "cpu_us"), number(row["rate"]),
            f"{number(row['p50_ms'], 2)} / {number(row['p99_ms'], 2)}", number(one["cpu_us"]),
            f"{number(one['p50_ms'], 2)} / {number(one['p99_ms'], 2)}", row["errors"] + one["errors"]])
    return ["### Forwarding a chat completion", ""] + table(
        ["32 connections", "CPU µs a request", "requests/s", "p50 / p99 ms", "one connection: CPU µs", "p50 / p99 ms",
         "errors"], cells)


def growth(rows):
    lines = []
    for work in dict.fromkeys(row["work"] for row in rows):
        unit = "messages in it" if "message" in work or "turn" in work else "conversations of the user"
        some = [row for row in rows if row["work"] == work]
        cells = []
        for row in some:
            base = next(r for r in some if r["server"] == row["server"])
            cells.append([
                f"{row['server']}, {row['size']:,}", spread(row, "cpu_us"), f"{row['cpu_us'] / base['cpu_us']:.2f}",
                number(row["database_cpu_us"]), number(row["rate"]),
                f"{number(row['p50_ms'], 2)} / {number(row['p99_ms'], 2)}", row["errors"]])
        lines += [f"### How cost grows: {work}", ""] + table(
            [unit, "CPU µs a request", "of the first row", "PostgreSQL's CPU µs", "requests/s", "p50 / p99 ms", "errors"],
            cells)
    return lines


def streams(rows):
    cells = [[
        f"{row['server']}, {row['streams']:,}", number(row["first_p50_ms"]),
        " / ".join(number(row[f"delay_{each}_ms"], 1) for each in ("p50", "p99", "max")),
        " / ".join(number(row[f"gap_{each}_ms"], 1) for each in ("p50", "p99", "max")),
        number(row.get("cpu_us"), 1), number(row.get("rss_mb")), row["errors"]] for row in rows]
    return ["### Streams at once, 20 tokens a second each", ""] + table(
        ["streams", "to the first token, p50 ms", "a token's way, p50 / p99 / max ms",
         "between events, p50 / p99 / max ms", "CPU µs a token", "most RSS, MB", "errors"], cells)


def errors(results):
    """Returns the failures as lines; a valid run has none."""
    found = []
    for part in ("turns", "forward", "growth", "streams"):
        for row in results.get(part, []):
            if row["errors"]:
                what = ", ".join(str(row[key]) for key in ("server", "work", "connections", "streams", "size") if key in row)
                found.append(f"{row['errors']} errors: {what}")
    return found


def markdown(results):
    machine = results["machine"]
    kind = "A quick run: rough figures." if results["quick"] else "A whole run."
    lines = [
        "# Measured side by side", "",
        f"{kind} {results['date']}, {machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']} GB, "
        f"{machine['system']}, Linux {machine['kernel']}; {results['mynah']}, Python {machine['python']}, "
        f"{machine['postgres']}. Load before and after: {results['load_before']:.1f} and {results['load_after']:.1f}.", "",
        "Medians, with the least and the most of all rounds in brackets. [How to read this](README.md).", "",
    ]
    missing = results["missing"]
    for label, reason in missing.items():
        lines += [f"{label}: not available ({reason}).", ""]
    for part, render in (("turns", lambda rows: turns(rows, missing)), ("starts", lambda rows: starts(rows, missing)),
                         ("forward", forward), ("growth", growth), ("streams", streams)):
        if results.get(part):
            lines += render(results[part])
    return "\n".join(lines).rstrip() + "\n"


def write(results, folder):
    text = markdown(results)
    (folder / "results.md").write_text(text)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    if results.get("turns"):
        (folder / "results.svg").write_text(chart(results))
    print(text)
    print(f"bench: written to {folder}")
