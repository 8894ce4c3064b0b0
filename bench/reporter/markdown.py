# SPDX-License-Identifier: MIT
"""The report as Markdown: the same tables, no charts."""
from model import figure_text

UNITS = "Times in nanoseconds per operation and thread."


def cell(content):
    return str(content).replace("|", "\\|")


def table(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(cell, one)) + " |" for one in lines)


def ratio_text(ratio):
    return "–" if ratio is None else f"{ratio:.2f}×"


def columns(group):
    """Who has a column: everyone who is in some row of the group, intermut first, the rest in order of appearance."""
    names = {one["name"]: one["kind"] for row in group["rows"] for one in row["contenders"]}
    order = {"intermut": 0, "limit": 1, "peer": 2}
    return sorted(names, key=lambda name: (order[names[name]], name))


def cells(row, names):
    by_name = {one["name"]: one for one in row["contenders"]}
    figures = []
    for name in names:
        one = by_name.get(name)
        text = figure_text(one["median"], row["unit"]) if one else "–"
        figures.append(f"**{text}**" if one and name in (row["best"], "intermut") else text)
    return figures


def verdict_text(row):
    return {"met": "met", "short": "**short**"}.get(row["verdict"], row["verdict"])


def group_table(group):
    names = columns(group)
    head = ["work", *names, "to best peer", "to limit", "target", "verdict"]
    rows = [
        [row["work"], *cells(row, names), ratio_text(row["ratio_to_best"]), ratio_text(row["ratio_to_limit"]),
         row["target"] or "none", verdict_text(row)]
        for row in group["rows"]
    ]
    return table(head, rows)


def extras_lines(group):
    for row in group["rows"]:
        writers = [f"{one['name']} {one['extras']['background_ns']:.0f} ns" for one in row["contenders"]
                   if "background_ns" in one["extras"]]
        if writers:
            yield f"- {row['work']}: the writer's time per operation: {', '.join(writers)}."
        if row["note"]:
            yield f"- {row['work']}: {row['note']}"


def about_lines(about):
    yield f"- {about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, kernel {about['kernel']}, " \
          f"transparent huge pages: {about['transparent_hugepages']}"
    yield f"- {'; '.join(about['compilers'])}"
    yield f"- intermut {about['intermut']}; {', '.join(f'{n} {v}' for n, v in about['packages'].items())}"
    yield f"- medians of {about['repetitions']} repetitions, contenders of a row interleaved, threads pinned"
    yield f"- {about['trust']}"


def implausible_lines(results):
    lines = [
        f"- {row['work']}, {one['name']}: {figure_text(one['here'], row['unit'])} here, "
        f"{figure_text(one['there'], row['unit'])} there"
        for group in results["groups"] for row in group["rows"] for one in row["implausible"]
    ]
    return [*lines, f"- {results['reference_note']}"] if lines else []


def section(title, lines):
    lines = list(lines)
    return [f"## {title}", "\n".join(lines)] if lines else []


def report(results):
    about = results["about"]
    parts = [f"# intermut beside its peers, {about['date']}", "\n".join(about_lines(about))]
    for group in results["groups"]:
        parts += [f"## {group['title']}", f"{group['lead']} {UNITS}", group_table(group)]
        notes = "\n".join(extras_lines(group))
        parts += [notes] if notes else []
    parts += section("What each one promises", (f"- {name}: {text}" for name, text in results["promises"].items()))
    parts += section("Left out", (f"- {one['name']}: {one['why']}" for one in results["absent"]))
    parts += section("Failed", (f"- {failure}" for failure in results["failures"]))
    parts += section("More than a factor of two from earlier figures (Zen 3)", implausible_lines(results))
    return "\n\n".join(parts) + "\n"
