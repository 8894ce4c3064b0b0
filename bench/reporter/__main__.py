# SPDX-License-Identifier: MIT
"""Runs the benchmark and writes the report; script/bench calls this.

    python3 bench/reporter --binary build/bench/bench/intermut-bench [--only FILTER] [--quick] [--output FOLDER]
    python3 bench/reporter --from bench/report/results.json           the pages again, without measuring
"""
import argparse
import datetime
import json
import pathlib
import sys

import machine
import markdown
import measure
import model
import page
import snapshot

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures intermut against its peers.")
    parser.add_argument("--binary", type=pathlib.Path)
    parser.add_argument("--only", default="", metavar="FILTER", help="only rows whose name contains this")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter repetitions: for a first look")
    parser.add_argument("--output", type=pathlib.Path, default=REPOSITORY / "bench" / "report")
    parser.add_argument("--from", dest="source", type=pathlib.Path, help="a results.json, instead of measuring")
    parser.add_argument("--snapshot", action="store_true", help="also write docs/benchmarks/, to be committed")
    return parser.parse_args()


def run(options):
    """Measures all rows and returns the content of results.json."""
    spec = json.loads((HERE.parent / "targets.json").read_text(encoding="utf-8"))
    before = machine.activity()
    raw = measure.all_rows(options.binary, spec, options.only, options.quick)
    if not raw.rows:
        sys.exit(f"bench: no row contains \"{options.only}\"")
    about = machine.describe(REPOSITORY, spec, before)
    about |= {
        "date": datetime.date.today().isoformat(),
        "quick": options.quick,
        "only": options.only,
        "repetitions": raw.repetitions,
    }
    return model.results(spec, raw, about)


def main():
    options = arguments()
    if options.source:
        results = json.loads(options.source.read_text(encoding="utf-8"))
    else:
        results = run(options)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "results.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (options.output / "report.md").write_text(markdown.report(results), encoding="utf-8")
    (options.output / "index.html").write_text(page.report(results), encoding="utf-8")
    print(f"bench: {options.output / 'index.html'}", file=sys.stderr)
    if options.snapshot:
        print(f"bench: {snapshot.write(results, REPOSITORY / 'docs' / 'benchmarks')}", file=sys.stderr)


main()
