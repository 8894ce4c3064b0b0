#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Break the library in every way of the table, and see that a harness of the model tests notices.

    mutants.py --source ROOT --build DIRECTORY --engine LIBRARY… [--only WORDS] [--jobs N] -- COMPILER FLAGS...

Each mutant is a file of the library in which one text, that stands there exactly once, is replaced by another. The copy
is put before the library in the include path (or in place of the source), the program of its harness is built, and the
harness must fail. A mutant that survives is a finding: the order is stronger than it needs to be, or the harness is too
weak. One that is marked `survives` must survive, for the reason given there.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

RUN_SECONDS = 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--engine", action="append", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("compiler", nargs="+")
    return parser.parse_args()


def mutated(text, mutant):
    """The text with all replacements of a mutant; each original, or regular expression, must match exactly once."""
    for change in mutant.get("changes", [mutant]):
        pattern = change.get("pattern") or re.escape(change["original"])
        replacement = change["replacement"] if "pattern" in change else change["replacement"].replace("\\", r"\\")
        if (count := len(re.findall(pattern, text))) != 1:
            raise ValueError(f"stands {count} times in {mutant['file']}, not once: {pattern!r}")
        text = re.sub(pattern, replacement, text)
    return text


def plain_object(options, name):
    return options.build / "mutants" / "plain" / (name.replace("/", "_") + ".o")


def compile_plain(options, name):
    """Compile a source as it is, for mutants of what it does not read; returns the files that it reads."""
    compiler, *flags = options.compiler
    target = plain_object(options, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    call(compiler, *flags, "-w", "-MD", "-MF", target.with_suffix(".d"), "-c", options.source / name, "-o", target)
    rule = target.with_suffix(".d").read_text().replace("\\\n", " ")
    return {pathlib.Path(word).resolve() for word in rule.partition(": ")[2].split()}


def build(options, program, mutant, place, reads):
    """Compile the harness program of a mutant, which is what reads the broken file; returns the executable."""
    module, path = mutant["file"].split("/", 1)
    original = options.source / mutant["file"]
    copy = place / module / path
    # Another file may have been broken under this name before.
    shutil.rmtree(place, ignore_errors=True)
    copy.parent.mkdir(parents=True)
    copy.write_text(mutated(original.read_text(), mutant))
    compiler, *flags = options.compiler
    flags += ["-DIM_MODEL_ONLY", *(f"-DIM__MODEL_WITH_{harness}=," for harness in mutant["harness"].split())]
    objects = []
    # Compiled with -fsanitize=thread, linked without: the engine has the callbacks.
    for name in program["sources"]:
        if original.resolve() not in reads[name]:
            objects.append(plain_object(options, name))
            continue
        source = copy if name == mutant["file"] else options.source / name
        objects.append(place / (source.stem + ".o"))
        call(compiler, f"-I{place / module}", *flags, "-w", "-c", source, "-o", objects[-1])
    executable = place / "mutant"
    call(compiler, *objects, *options.engine, "-ldl", "-o", executable)
    return executable


def call(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)


def run(executable, harness):
    """How a harness ended: (whether it failed, in what words)."""
    command = [str(executable), f"--harness={harness}", f"--seconds={RUN_SECONDS}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=10 * RUN_SECONDS)
    if result.returncode != 0 and "0 harnesses, 0 failed" in result.stdout.splitlines():
        raise LookupError(f"{harness} is no harness of this program")
    failures = [line.strip() for line in result.stdout.splitlines() if line.strip().startswith("FAILED: ")]
    if result.returncode == 0:
        return False, ""
    return True, failures[0].removeprefix("FAILED: ") if failures else f"ended with {result.returncode}"


def judge(options, table, mutant, reads):
    """(good, what happened)"""
    place = options.build / "mutants" / "".join(c if c.isalnum() else "_" for c in mutant["name"])
    program = table["program"][mutant["program"]]
    try:
        executable = build(options, program, mutant, place, reads)
    except ValueError as error:
        return False, f"the table is out of date: the text {error}"
    except subprocess.CalledProcessError as error:
        return False, f"does not compile: {error.stderr.splitlines()[:3]}"
    for harness in mutant["harness"].split():
        try:
            failed, words = run(executable, harness)
        except LookupError as error:
            return False, f"the table is out of date: {error}"
        if failed and "survives" in mutant:
            return False, f"should survive, but {harness} says: {words}"
        if failed:
            return True, f"{harness}: {words}"
    if "survives" in mutant:
        return True, f"survives: {mutant['survives']}"
    return False, f"SURVIVED {mutant['harness']}"


def main():
    options = arguments()
    table = tomllib.loads((pathlib.Path(__file__).parent / "mutants.toml").read_text())
    mutants = [mutant for mutant in table["mutant"] if options.only in mutant["name"]]
    began = time.monotonic()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        sources = sorted({name for program in table["program"].values() for name in program["sources"]})
        reads = dict(zip(sources, pool.map(lambda name: compile_plain(options, name), sources)))
        for mutant, (good, words) in zip(mutants, pool.map(lambda m: judge(options, table, m, reads), mutants)):
            bad += not good
            print(f"{'ok    ' if good else 'FAILED'} {mutant['name']}\n         {words}", flush=True)
    survivors = sum("survives" in mutant for mutant in mutants)
    print(f"{len(mutants)} mutants: {len(mutants) - survivors - bad} killed, {survivors} survive as they should, "
          f"{bad} wrong, {time.monotonic() - began:.1f} s")
    sys.exit(bad > 0 or not mutants)


if __name__ == "__main__":
    main()
