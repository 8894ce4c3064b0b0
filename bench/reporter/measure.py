# SPDX-License-Identifier: MIT
"""Runs the benchmark program, one process per row, and collects what it measured."""
import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
import time

PROCESS_TIMEOUT_S = 1800
# Rows whose subject takes a while to fill.
LARGE_ROW = re.compile(r"/(\d+)M\b")
# What Google Benchmark puts in a run besides the counters that a contender set.
OWN_KEYS = {
    "name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions", "repetition_index",
    "threads", "iterations", "real_time", "cpu_time", "time_unit", "error_occurred", "error_message", "label",
}


@dataclasses.dataclass
class Effort:
    repetitions: int
    min_time_s: float


FULL = Effort(repetitions=7, min_time_s=0.2)
QUICK = Effort(repetitions=3, min_time_s=0.05)


@dataclasses.dataclass
class Raw:
    """rows: row → contender → metric → values of each repetition; "ns" is the time per operation and thread."""
    repetitions: int
    rows: dict = dataclasses.field(default_factory=dict)
    threads: dict = dataclasses.field(default_factory=dict)
    failures: list = dataclasses.field(default_factory=list)


def contenders_by_row(binary):
    listed = subprocess.run([binary, "--benchmark_list_tests=true"], check=True, capture_output=True, text=True)
    rows = {}
    for line in listed.stdout.splitlines():
        row, name = split_name(line)
        rows.setdefault(row, []).append((name, "/iterations:" in line))
    return rows


def split_name(name):
    """Google Benchmark appends its settings to row|contender, separated by slashes."""
    row, rest = name.split("|", 1)
    return row, rest.split("/", 1)[0]


def pattern(row, contender=None):
    def plain(text):
        return re.sub(r"[^A-Za-z0-9_/-]", ".", text)

    return f"^{plain(row)}[|]" + (f"{plain(contender)}/" if contender else "")


def run_once(binary, effort, filter_pattern):
    """One process; the contenders that match take turns, repetition by repetition, in random order."""
    with tempfile.NamedTemporaryFile(suffix=".json") as output:
        process = subprocess.run(
            [
                binary,
                f"--benchmark_filter={filter_pattern}",
                f"--benchmark_repetitions={effort.repetitions}",
                f"--benchmark_min_time={effort.min_time_s}",
                "--benchmark_enable_random_interleaving=true",
                f"--benchmark_out={output.name}",
                "--benchmark_out_format=json",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=PROCESS_TIMEOUT_S, check=False)
        if process.returncode != 0:
            last = (process.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"ended with {process.returncode}: {last}")
        return json.load(output)["benchmarks"]


def collect(raw, runs):
    for run in runs:
        if run["run_type"] != "iteration":
            continue
        row, name = split_name(run["run_name"])
        raw.threads[row] = run["threads"]
        metrics = raw.rows.setdefault(row, {}).setdefault(name, {})
        # The time there is that of all threads together.
        figures = {"ns": run["real_time"] * run["threads"]}
        figures |= {key: value for key, value in run.items() if key not in OWN_KEYS}
        for key, value in figures.items():
            metrics.setdefault(key, []).append(value)


def measure_together(raw, binary, effort, row, contenders):
    """All contenders in one process; one by one when that fails, to find out who brought it down."""
    try:
        collect(raw, run_once(binary, effort, pattern(row)))
    except (RuntimeError, subprocess.TimeoutExpired):
        for name in contenders:
            measure_alone(raw, binary, effort, row, name)


def measure_apart(raw, binary, effort, row, contenders):
    """Each repetition of each contender in a fresh process: an allocator keeps what the one before has freed."""
    once = dataclasses.replace(effort, repetitions=1)
    for _ in range(effort.repetitions):
        for name in contenders:
            measure_alone(raw, binary, once, row, name)


def measure_alone(raw, binary, effort, row, name):
    try:
        collect(raw, run_once(binary, effort, pattern(row, name)))
    except (RuntimeError, subprocess.TimeoutExpired) as problem:
        raw.failures.append(f"{row}, {name}: {problem}")


def estimate_s(effort, row, contenders):
    """What a row will take, at a guess; the first repetition of a timed one also searches the number of iterations."""
    large = LARGE_ROW.search(row)
    setup_s = 0.35 * int(large[1]) if large else 0.0
    searches = 6
    seconds = 0.0
    for _, is_fixed in contenders:
        if is_fixed:
            seconds += effort.repetitions * (2 * setup_s + 0.001)
        else:
            seconds += effort.repetitions * (1.3 * effort.min_time_s + setup_s) + searches * setup_s
    return seconds


def duration(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def all_rows(binary, spec, only, quick):
    effort = QUICK if quick else FULL
    raw = Raw(effort.repetitions)
    isolated = {row["row"] for group in spec["groups"] for row in group["rows"] if row.get("isolated")}
    listed = contenders_by_row(binary)
    order = dict.fromkeys(row["row"] for group in spec["groups"] for row in group["rows"])
    # Rows that take minutes: in a quick run only when asked for by name.
    slow = {row["row"] for group in spec["groups"] for row in group["rows"] if row.get("slow")} if quick else set()
    chosen = [row for row in order if row in listed and only in row and (row not in slow or only == row)]
    left = {row: estimate_s(effort, row, listed[row]) for row in chosen}
    guessed, began = 0.0, time.monotonic()
    for number, row in enumerate(chosen, 1):
        elapsed = time.monotonic() - began
        pace = elapsed / guessed if guessed else 1.0
        show(number, len(chosen), row, len(listed[row]), pace * sum(left.values()))
        measure = measure_apart if row in isolated else measure_together
        measure(raw, binary, effort, row, [name for name, _ in listed[row]])
        guessed += left.pop(row)
    if chosen:
        show_end(time.monotonic() - began)
    return raw


def show(number, count, row, contenders, left_s):
    line = f"[{number}/{count}] {row}: {contenders} contenders; about {duration(left_s)} left"
    end = "" if sys.stderr.isatty() else "\n"
    start = "\r\033[K" if sys.stderr.isatty() else ""
    print(start + line, end=end, file=sys.stderr, flush=True)


def show_end(took_s):
    print(f"{os.linesep if sys.stderr.isatty() else ''}measured in {duration(took_s)}", file=sys.stderr)
