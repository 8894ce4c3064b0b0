#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""See that a search fetches the home slot of its key: compilers drop calls of functions that only prefetch.

usage: check_prefetch.py COMPILER... -- FLAGS...     Reports in the Test Anything Protocol.
"""
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent / 'prefetch.c'
OPTIONS = ['-std=gnu11', '-O2', '-g0', '-S', '-o', '-']
PREFETCH = re.compile(r'^\s+(prefetch\w*|prfm)\s', re.MULTILINE)


def main():
    at = sys.argv.index('--')
    command, flags = sys.argv[1:at], sys.argv[at + 1:]
    listing = subprocess.run([*command, *OPTIONS, *flags, SOURCE], check=True, capture_output=True, text=True).stdout
    failed = 0
    for number, (name, expected) in enumerate({'searches': True, 'counts': False}.items(), 1):
        body = re.search(rf'^{name}:(.*?)^\s+\.size\s+{name},', listing, re.MULTILINE | re.DOTALL)
        good = body is not None and bool(PREFETCH.search(body[1])) == expected
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name} {'fetches' if expected else 'fetches nothing'}")
    print('1..2')
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
