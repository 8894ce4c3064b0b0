#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make a broken copy of a source file: mutate.py INPUT STAMP COPY ORIGINAL REPLACEMENT

Writes INPUT to COPY with ORIGINAL replaced, and touches STAMP. ORIGINAL must stand in INPUT exactly once: a twin that
breaks nothing would prove nothing.
"""
import pathlib
import sys

source, stamp, copy, original, replacement = sys.argv[1:]
text = pathlib.Path(source).read_text()
if text.count(original) != 1:
    sys.exit(f"{source}: found {text.count(original)} times, not once:\n{original}")
pathlib.Path(copy).parent.mkdir(parents=True, exist_ok=True)
pathlib.Path(copy).write_text(text.replace(original, replacement))
pathlib.Path(stamp).touch()
