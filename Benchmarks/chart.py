"""The chart: one panel for each kind of work, for start times and for memory, for light and dark backgrounds."""

from html import escape

WIDTH, LABEL, BAR, GAP, PANEL = 760, 150, 18, 6, 40
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.work { font-weight: 600; }
.note { font-size: 12px; fill: #59636e; }
.mynah { fill: #0f7b6c; }
.fastapi { fill: #9aa4af; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .note { fill: #9198a1; }
  .mynah { fill: #3fb8a4; }
  .fastapi { fill: #59636e; }
}
"""


def panels(results):
    """Returns (title, unit, [(server, value)]) of each kind of work and of start times."""
    rows = [row for row in results["turns"] if row["connections"] == "32"]
    for work in dict.fromkeys(row["work"] for row in rows):
        yield work, "µs", [(row["server"], row["cpu_us"]) for row in rows if row["work"] == work]
    if results.get("starts"):
        yield "start to first answer", "ms", [(row["server"], row["start_ms"]) for row in results["starts"]]
        yield "memory when fresh", "MB", [(row["server"], row["fresh_rss_mb"]) for row in results["starts"]]


def chart(results):
    drawn, y = [], 58
    for title, unit, bars in panels(results):
        drawn.append(f'<text class="work" x="16" y="{y}">{escape(title)}</text>')
        y += 10
        most = max(value for _, value in bars)
        for server, value in bars:
            width = max(1.5, value / most * (WIDTH - LABEL - 110))
            kind = "mynah" if server.startswith("Mynah") else "fastapi"
            drawn.append(f'<text x="{LABEL}" y="{y + 14}" text-anchor="end">{escape(server)}</text>')
            drawn.append(
                f'<rect class="{kind}" x="{LABEL + 10}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3"/>')
            drawn.append(f'<text x="{LABEL + 18 + width:.1f}" y="{y + 14}">{value:,.0f} {unit}</text>')
            y += BAR + GAP
        y += PANEL - GAP - 10
    machine = results["machine"]
    note = f"32 connections, medians; {machine['cores']} cores of {machine['cpu']}; {results['date']}"
    y -= 8
    head = "CPU time for one request, time to start, memory: shorter is better"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 16}" role="img" aria-label="{head}">',
        f"<style>{STYLE}</style>", f'<text class="title" x="16" y="28">{head}</text>', *drawn,
        f'<text class="note" x="16" y="{y}">{escape(note)}</text>', "</svg>", "",
    ])
