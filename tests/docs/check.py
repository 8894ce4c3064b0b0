#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile and run every C program in the READMEs, as it stands there. TAP.

check.py ROOT COMPILER FLAGS… : the flags compile and link against the build.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

root, compiler, *flags = sys.argv[1:]
root = pathlib.Path(root)
programs = [
    (readme.relative_to(root), number, code)
    for readme in sorted([root / "README.md", *root.glob("*/README.md"), *root.glob("docs/*.md")])
    for number, code in enumerate(re.findall(r"```c\n(.*?)```", readme.read_text(), re.DOTALL), 1)
]
print(f"1..{len(programs)}")
for test, (readme, number, code) in enumerate(programs, 1):
    with tempfile.TemporaryDirectory() as folder:
        binary = f"{folder}/program"
        steps = [[compiler, "-std=gnu11", "-xc", "-", "-o", binary, *flags], [binary]]
        for step in steps:
            result = subprocess.run(step, input=code, text=True, capture_output=True)
            if result.returncode != 0:
                break
    print("ok" if result.returncode == 0 else "not ok", test, f"- {readme} program {number}")
    if result.returncode != 0:
        print(*(f"# {line}" for line in (result.stdout + result.stderr).splitlines()[:20]), sep="\n")
