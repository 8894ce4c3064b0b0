# SPDX-License-Identifier: MIT
"""Charts as SVG: coloured by CSS classes, so that a page or STYLE decides for light, dark and print."""
import dataclasses
import html
import math

from model import figure_text

WIDTH = 400
LINE = 30
TOP = 6
# Bars longer than this many times the shortest are cut, and marked: the rest stays legible.
CUT = 12

# For charts that stand alone; pages have the same classes in their own style.
PALETTE = """
:root { --back: #ffffff; --text: #1c2024; --soft: #59636e; --line: #d5dae0; --bar: #9fabb8; --ours: #0a6ebd;
        --good: #1a7f37; --bad: #b54708; --limit: #1c2024; }
@media (prefers-color-scheme: dark) {
:root { --back: #14181c; --text: #e6e9ec; --soft: #9aa5b0; --line: #363d45; --bar: #5f6b78; --ours: #4ea6ee;
        --good: #4cc06a; --bad: #f0883e; --limit: #e6e9ec; }
}
"""
CLASSES = """
svg text { font: 12px system-ui, "Segoe UI", sans-serif; fill: var(--text); }
svg .soft { fill: var(--soft); }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg .strong { font-weight: 650; }
svg .peer { fill: var(--bar); }
svg .ours { fill: var(--ours); }
svg .limit { fill: none; stroke: var(--soft); }
svg .mark { stroke: var(--limit); stroke-dasharray: 3 3; }
svg .range { stroke: var(--text); }
svg .grid { stroke: var(--line); }
svg .one { stroke: var(--soft); }
svg .good { fill: var(--good); }
svg .bad { fill: var(--bad); }
svg .good-text { fill: var(--good); }
svg .bad-text { fill: var(--bad); }
svg .target { stroke: var(--text); stroke-width: 2; }
svg .back { fill: var(--back); }
"""


def text(x, y, content, classes=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{classes}">{html.escape(content)}</text>'


def line(x1, y1, x2, y2, classes):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{classes}"/>'


def bar(contender, y, scale, end):
    """One contender: name and figure above a bar, minimum to maximum as a thin line in it."""
    median = contender["median"]
    is_cut = median > end
    width = WIDTH if is_cut else max(median * scale, 1)
    kind = {"limit": "limit", "intermut": "ours"}.get(contender["kind"], "peer")
    strong = " strong" if kind == "ours" else ""
    figure = figure_text(median, contender["unit"])
    parts = [
        text(0, y + 12, contender["name"] + (" (limit)" if contender["is_limit"] else ""), strong.strip()),
        text(WIDTH, y + 12, figure, "end" + strong),
        f'<rect x="0.5" y="{y + 17}" width="{width - 1:.1f}" height="7" class="{kind}"/>',
    ]
    if is_cut:
        parts.append(f'<path d="M{WIDTH - 16} {y + 26} l6 -11 h5 l-6 11 z" class="back"/>')
    else:
        low, high = contender["min"] * scale, min(contender["max"] * scale, WIDTH)
        parts.append(line(low, y + 20.5, max(high, low + 1), y + 20.5, "range"))
    return "".join(parts)


def bars(row):
    """A row: all contenders, fastest first; a dashed line where the limit is."""
    contenders = [
        one | {"unit": row["unit"], "is_limit": one["name"] == row["limit"]} for one in row["contenders"]
    ]
    shortest = max(contenders[0]["median"], 1e-9)
    end = min(contenders[-1]["median"], CUT * shortest)
    scale = WIDTH * 0.98 / end
    height = TOP + LINE * len(contenders)
    parts = [bar(one, TOP + LINE * i, scale, end) for i, one in enumerate(contenders)]
    limit = next((one for one in contenders if one["is_limit"]), None)
    if limit:
        x = limit["median"] * scale
        parts += [line(x, TOP + LINE * i + 16, x, TOP + LINE * i + 25, "mark") for i in range(len(contenders))]
    return svg(WIDTH, height, parts, f"{row['work']}: " + ", ".join(
        f"{one['name']} {figure_text(one['median'], row['unit'])}" for one in contenders))


def svg(width, height, parts, description, style="", margin=0):
    box = f"{-margin} {-margin} {width + 2 * margin} {height + 2 * margin}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img">'
        f"<title>{html.escape(description)}</title>{style}{''.join(parts)}</svg>")


LOWEST, HIGHEST = 1 / 8, 4
AXIS = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4)
# A ratio this close to one is no difference.
EVEN = 1.03


@dataclasses.dataclass
class Layout:
    """Where the overview puts its parts: labels beside the bars, or above them where it is narrow."""
    width: int
    line: int
    axis_from: int
    axis_to: int
    label_x: int
    label_y: int
    label_class: str
    ratio_x: int
    verdict_x: int

    def x(self, ratio):
        """Ratios on a logarithmic axis: half and double are equally far from one."""
        inside = min(max(ratio, LOWEST), HIGHEST)
        share = math.log(inside / LOWEST) / math.log(HIGHEST / LOWEST)
        return self.axis_from + share * (self.axis_to - self.axis_from)


WIDE = Layout(700, 22, 252, 560, 240, 4, "end", 630, 700)
NARROW = Layout(400, 36, 22, 384, 0, -12, "", 336, 400)


def ratio_shown(row):
    return row["ratio_to_best"] if row["ratio_to_best"] is not None else row["ratio_to_limit"]


def overview_line(row, y, layout):
    """One row: from parity to intermut's ratio to its best peer, with the target's tick and the verdict."""
    ratio = ratio_shown(row)
    kind = "good" if ratio <= EVEN else "bad"
    x, one = layout.x(ratio), layout.x(1)
    word = {"met": "met", "short": "short"}.get(row["verdict"], "")
    word_class = "bad-text" if word == "short" else "good-text"
    parts = [
        text(layout.label_x, y + layout.label_y, row["overview"], layout.label_class),
        f'<rect x="{min(x, one):.1f}" y="{y - 4}" width="{max(abs(x - one), 1):.1f}" height="8" class="{kind}"/>',
        f'<circle cx="{x:.1f}" cy="{y}" r="5" class="{kind}"/>',
        text(layout.ratio_x, y + layout.label_y, f"{ratio:.2f}×", f"end strong {kind}-text"),
        text(layout.verdict_x, y + layout.label_y, word, f"end {word_class}"),
    ]
    base = "best" if row["ratio_to_best"] is not None else "limit"
    bound = next((t["ratio"] for t in row["targets"] if t.get("to") == base), None)
    if bound:
        parts.append(line(layout.x(bound), y - 8, layout.x(bound), y + 8, "target"))
    return "".join(parts)


def overview_rows(results):
    return [
        row for group in results["groups"] for row in group["rows"] if row["overview"] and ratio_shown(row) is not None
    ]


def overview(results, layout=WIDE, standalone=False):
    """All chosen rows: how intermut's figure compares with the best peer's; left of 1 is better."""
    rows = overview_rows(results)
    first = 30 + layout.line - min(layout.label_y, 0)
    height = first + layout.line * len(rows)
    margin = 16 if standalone else 0
    parts = ['<rect x="-16" y="-16" width="100%" height="100%" class="back"/>'] if standalone else []
    for ratio in AXIS:
        x = layout.x(ratio)
        parts.append(line(x, 42, x, height - 16, "one" if ratio == 1 else "grid"))
        parts.append(text(x, 36, f"{ratio:g}×", "middle soft"))
    parts += [overview_line(row, first + layout.line * i, layout) for i, row in enumerate(rows)]
    legend = "intermut relative to its best peer: less is better; tick: target"
    parts.append(text(layout.width, 12, legend, "end soft"))
    style = f"<style>{PALETTE}{CLASSES}</style>" if standalone else ""
    return svg(layout.width, height, parts, legend, style, margin)
