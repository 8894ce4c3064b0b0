# SPDX-License-Identifier: MIT
"""The report as one HTML file: no script, nothing loaded; light, dark, print, wide and narrow."""
import html
import re

import chart
import markdown
from model import figure_text

STYLE = """
body { margin: 0 auto; max-width: 1240px; padding: 20px 16px 60px; background: var(--back); color: var(--text);
       font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
h1 { font-size: 26px; line-height: 1.2; margin: 8px 0; }
h2 { font-size: 20px; margin: 44px 0 4px; }
h3 { font-size: 14px; margin: 0 0 4px; font-weight: 650; }
p, ul { margin: 6px 0; max-width: 900px; }
ul { padding-left: 20px; }
.soft, figcaption { color: var(--soft); }
small, figcaption { font-size: 13px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 18px; }
figure { margin: 0; padding: 12px 14px; border: 1px solid var(--line); border-radius: 6px; break-inside: avoid; }
.overview { max-width: 760px; margin: 18px 0; border: 0; padding: 0; }
.narrow { display: none; }
.table { overflow-x: auto; }
svg { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; margin: 12px 0 20px; font-size: 13px;
        font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 4px 4px; text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
th { vertical-align: bottom; font-weight: 500; color: var(--soft); font-size: 11px; line-height: 1.25; }
th:first-child { min-width: 130px; }
td.ours, td.best { font-weight: 650; }
td.ours { color: var(--ours); }
.met { color: var(--good); font-weight: 650; }
.short { color: var(--bad); font-weight: 650; }
@media screen and (max-width: 600px) {
  .wide { display: none; }
  .narrow { display: block; }
}
@media screen and (max-width: 900px) {
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
  td { border: 0; padding: 1px 0; display: flex; justify-content: space-between; gap: 12px; }
  td:first-child { font-weight: 650; font-size: 14px; }
  td:not(:first-child)::before { content: attr(data-label); color: var(--soft); font-weight: 400; }
  td.none { display: none; }
}
@media print {
  :root { --back: #fff; --text: #000; --soft: #444; --line: #bbb; --bar: #aaa; --ours: #0a5a9c; --good: #1a6b2f;
          --bad: #9a3c05; --limit: #000; }
  body { font-size: 11px; max-width: none; padding: 0; }
  .charts { grid-template-columns: repeat(3, 1fr); gap: 8px; }
  figure { padding: 6px 8px; }
  .overview { max-width: 520px; }
  h3, small, figcaption { font-size: 9px; }
  table { font-size: 8px; }
  th { font-size: 7px; }
  th:first-child { min-width: 80px; }
  th, td { padding: 2px; }
  h2 { break-after: avoid; }
}
"""

NO_BREAK_SPACE = "\u00a0"
LEGEND = """In the charts below: a thin line goes from the least to the greatest repetition, the dashed line is the
limit, a bar with a gap is cut. Bold in the tables: intermut and the best peer."""


def escape(content):
    return html.escape(str(content))


def breakable(name):
    """A name for a narrow column."""
    return re.sub(r"(_|&lt;)", r"\1<wbr>", escape(name))


def cell(label, content, classes=""):
    missing = " none" if content == "–" else ""
    return f'<td data-label="{escape(label)}" class="{classes}{missing}">{escape(content)}</td>'


def verdict_class(verdict):
    return "short" if verdict == "short" else "met" if verdict.startswith("met") else "soft"


def table_text(value, unit):
    return figure_text(value, unit).removesuffix(" ns").replace(" ", NO_BREAK_SPACE)


def table_row(row, names):
    by_name = {one["name"]: one for one in row["contenders"]}
    parts = [f"<td>{escape(row['work'])}</td>"]
    for name in names:
        one = by_name.get(name)
        text = table_text(one["median"], row["unit"]) if one else "–"
        parts.append(cell(name, text, "ours" if name == "intermut" else "best" if name == row["best"] else ""))
    parts.append(cell("to best peer", markdown.ratio_text(row["ratio_to_best"])))
    parts.append(cell("to limit", markdown.ratio_text(row["ratio_to_limit"])))
    targets = (target.replace(" ", NO_BREAK_SPACE) for target in row["target"].split(", "))
    parts.append(cell("target", ", ".join(targets) or "none"))
    parts.append(cell("verdict", row["verdict"], verdict_class(row["verdict"])))
    return f"<tr>{''.join(parts)}</tr>"


def table(group):
    names = markdown.columns(group)
    head = "".join(
        f"<th>{breakable(name)}</th>" for name in ["work", *names, "to best peer", "to limit", "target", "verdict"])
    return (
        f'<div class="table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(table_row(row, names) for row in group['rows'])}</tbody></table></div>")


def figure(row):
    threads = f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}"
    unit = "ns per operation and thread" if row["unit"] == "ns" else row["unit"]
    writers = [f"{one['name']} {one['extras']['background_ns']:.0f}" for one in row["contenders"]
               if "background_ns" in one["extras"]]
    notes = [f"{unit}; measured on {threads}.", row["note"]]
    if writers:
        notes.append(f"The writer's ns per operation: {', '.join(writers)}.")
    return (
        f"<figure><h3>{escape(row['work'])}</h3>{chart.bars(row)}"
        f"<figcaption>{escape(' '.join(note for note in notes if note))}</figcaption></figure>")


def group_section(group):
    charts = "".join(figure(row) for row in group["rows"] if row["chart"])
    return (
        f'<h2 id="{group["id"]}">{escape(group["title"])}</h2>'
        f"<p>{escape(group['lead'])} {markdown.UNITS}</p>"
        f'{table(group)}<div class="charts">{charts}</div>')


def bullet_section(title, lines):
    items = "".join(f"<li>{escape(line.removeprefix('- '))}</li>" for line in lines)
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>" if items else ""


def summary(results):
    verdicts = [row["verdict"] for group in results["groups"] for row in group["rows"]]
    met = sum(verdict.startswith("met") for verdict in verdicts)
    short = verdicts.count("short")
    return f"{met} of {met + short} targets met, {short} short; {len(verdicts) - met - short} rows without a target."


def overview(results):
    if not chart.overview_rows(results):
        return ""
    return (
        f'<figure class="overview wide">{chart.overview(results, chart.WIDE)}</figure>'
        f'<figure class="overview narrow">{chart.overview(results, chart.NARROW)}</figure>'
        f'<p class="soft"><small>{LEGEND}</small></p>')


def report(results):
    about = results["about"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>intermut beside its peers, {about['date']}</title>",
        f"<style>{chart.PALETTE}{chart.CLASSES}{STYLE}</style></head><body>",
        f'<h1>intermut beside its peers</h1><p class="soft">{about["date"]}</p>',
        f"<p><strong>{escape(summary(results))}</strong> {escape(about['trust'])}</p>",
        overview(results),
    ]
    parts += [group_section(group) for group in results["groups"]]
    parts.append(bullet_section("What each one promises", (f"{n}: {t}" for n, t in results["promises"].items())))
    parts.append(bullet_section("Left out", (f"{one['name']}: {one['why']}" for one in results["absent"])))
    parts.append(bullet_section("Failed", results["failures"]))
    parts.append(bullet_section(
        "More than a factor of two from earlier figures (Zen 3)", markdown.implausible_lines(results)))
    parts.append(bullet_section("Measured on", markdown.about_lines(about)))
    parts.append("</body></html>\n")
    return "\n".join(parts)
