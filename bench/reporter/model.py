# SPDX-License-Identifier: MIT
"""From raw figures and targets.json to what the pages show: medians, ratios, verdicts."""
import re
import statistics

# Beyond these the machine was not alone, or not steady.
QUIET_OTHERS_CORES = 0.15
QUIET_NOISE = 0.05
# Two medians closer than this are called equal even on a steady machine.
LEAST_NOISE = 0.02
PLAUSIBLE_FACTOR = 2


def spread(values):
    """Half of the distance between quartiles, relative to the median: how far a repetition usually is off."""
    median = statistics.median(values)
    if len(values) < 3 or median == 0:
        return 0.0
    quarters = statistics.quantiles(values, n=4, method="inclusive")
    return (quarters[2] - quarters[0]) / 2 / median


def contender_result(name, kind, metrics, row):
    values = metrics.get(row.get("metric", "ns"))
    if not values:
        return None
    return {
        "name": name,
        "kind": kind,
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "spread": spread(values),
        "extras": {key: statistics.median(metrics[key]) for key in row.get("extras", []) if key in metrics},
    }


def ratio_of(one, other):
    return one["median"] / other["median"] if one and other and other["median"] else None


def reached(target, ours, bases):
    """The figure that a target speaks of, and its bound; None where there is nothing to compare with."""
    if "at_most" in target:
        return ours["median"], target["at_most"]
    ratio = ratio_of(ours, bases.get(target["to"]))
    return (ratio, target["ratio"]) if ratio is not None else None


def slack_of(target, ours, bases, noise):
    """How far a ratio may be off: by the noise of the whole run, or by what these two showed in this row."""
    base = bases.get(target.get("to"))
    return max(noise, ours["spread"] + (base["spread"] if base else 0.0))


def verdict(targets, ours, bases, noise):
    """met, short within noise, short; or why there is none."""
    if not targets:
        return "no target"
    if not ours:
        return "not measured"
    pairs = [reached(target, ours, bases) for target in targets]
    if None in pairs:
        return "nothing to compare with"
    if all(figure <= bound for figure, bound in pairs):
        return "met"
    slacks = [slack_of(target, ours, bases, noise) for target in targets]
    if all(figure <= bound * (1 + slack) for (figure, bound), slack in zip(pairs, slacks)):
        return "short within noise"
    return "short"


def target_text(target, unit):
    if "at_most" in target:
        return f"≤ {figure_text(target['at_most'], unit)}"
    return f"≤ {target['ratio']:g}× {target['to']}"


def figure_text(value, unit):
    """Three digits that count; times in the unit that suits them."""
    if unit == "ns" and value >= 1e6:
        value, unit = value / 1e6, "ms"
    elif unit == "ns" and value >= 1e4:
        value, unit = value / 1e3, "µs"
    digits = max(0, 2 - (len(str(int(abs(value)))) - 1)) if value else 0
    text = f"{value:.{digits}f}"
    if unit == "bytes" and value == int(value):
        text = str(int(value))
    return f"{text} {unit}" if unit in ("ns", "µs", "ms") else text


def is_more_better(row):
    """Whether the best peer is the one with the largest figure: its ratios are turned around, so that less is better."""
    return row.get("better") == "more"


def work_text(row, threads):
    """What is done, and that fewer threads did it if this machine has fewer cores."""
    wanted = re.search(r"/(\d)(t|r\dw)$", row["row"])
    return row["work"] + (f" (here {threads})" if wanted and int(wanted.group(1)) != threads else "")


def row_result(row, raw, spec, noise):
    unit = row.get("unit", {"bytes": "bytes", "share": "share"}.get(row.get("metric"), "ns"))
    measured = raw.rows.get(row["row"], {})
    kinds = {name: contender["kind"] for name, contender in spec["contenders"].items()}
    found = [contender_result(name, kinds.get(name, "peer"), metrics, row) for name, metrics in measured.items()]
    found = sorted((one for one in found if one), key=lambda one: one["median"], reverse=is_more_better(row))
    by_name = {one["name"]: one for one in found}
    peers = [one for one in found if one["kind"] == "peer"]
    ours = by_name.get("intermut")
    # A target names one of these two, or a contender.
    bases = {**by_name, "best": peers[0] if peers else None, "limit": by_name.get(row.get("limit"))}
    return {
        "row": row["row"],
        "work": work_text(row, raw.threads[row["row"]]),
        "unit": unit,
        "threads": raw.threads[row["row"]],
        "contenders": found,
        "limit": row.get("limit") if bases["limit"] else None,
        "best": bases["best"]["name"] if peers else None,
        "ratio_to_best": ratio_of(bases["best"], ours) if is_more_better(row) else ratio_of(ours, bases["best"]),
        "ratio_to_limit": ratio_of(ours, bases["limit"]),
        "targets": row.get("targets", []),
        "target": ", ".join(target_text(target, unit) for target in row.get("targets", [])),
        "verdict": verdict(row.get("targets"), ours, bases, noise),
        "note": row.get("note", ""),
        "chart": row.get("chart", True),
        "overview": row.get("overview"),
        "implausible": implausible(row, by_name),
    }


def implausible(row, by_name):
    """Peers that are not within a factor of two of the figures that targets.json refers to."""
    return [
        {"name": name, "here": by_name[name]["median"], "there": there}
        for name, there in row.get("reference", {}).items()
        if name in by_name and not 1 / PLAUSIBLE_FACTOR <= by_name[name]["median"] / there <= PLAUSIBLE_FACTOR
    ]


def timed_spreads(raw):
    return [spread(m["ns"]) for row in raw.rows.values() for m in row.values() if row and len(m["ns"]) >= 3]


def absent_of(spec, raw, groups):
    """Everyone who should be here and is not, with the reason."""
    seen = {name for row in raw.rows.values() for name in row}
    absent = [
        {"name": name, "why": f"not built here: is {contender.get('package', 'it')} installed?"}
        for name, contender in spec["contenders"].items()
        if name not in seen and groups & set(contender["groups"])
    ]
    absent += [
        {"name": name, "why": entry["why"]} for name, entry in spec["absent"].items() if groups & set(entry["groups"])
    ]
    return absent


def trust(about):
    """One sentence on how far the figures can be relied on."""
    noise = f"half of the repetitions lie within ±{about['noise']:.1%} of their median"
    others = f"other programs used {about['others_cores']:g} cores meanwhile"
    stolen = f", the hypervisor took {about['stolen_cores']:g}" if about["stolen_cores"] else ""
    quiet = about["others_cores"] <= QUIET_OTHERS_CORES and about["noise"] <= QUIET_NOISE
    advice = (
        "a quiet machine: ratios of one row can be trusted to about that much, contended rows less."
        if quiet else
        "a shared or unsteady machine: only ratios inside a row count, and contended rows move by a third or more.")
    hurry = " A quick run: few and short repetitions." if about["quick"] else ""
    return f"{noise[0].upper()}{noise[1:]}; {others}{stolen}: {advice}{hurry}"


def results(spec, raw, about):
    about["noise"] = max(statistics.median(timed_spreads(raw) or [0.0]), 0.0)
    about["trust"] = trust(about)
    slack = max(about["noise"], LEAST_NOISE)
    groups = []
    for group in spec["groups"]:
        rows = [row_result(row, raw, spec, slack) for row in group["rows"] if row["row"] in raw.rows]
        if rows:
            groups.append({key: group[key] for key in ("id", "title", "lead")} | {"rows": rows})
    present = {group["id"] for group in groups}
    return {
        "about": about,
        "absent": absent_of(spec, raw, present),
        "failures": raw.failures,
        "reference_note": spec["reference_note"],
        "promises": {
            name: contender["promises"] for name, contender in spec["contenders"].items()
            if present & set(contender["groups"])
        },
        "groups": groups,
    }
