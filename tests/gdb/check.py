#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Look at a program with gdb and intermut's printers, in the Test Anything Protocol.

usage: check.py PRINTERS PROGRAM
"""
import re
import shutil
import subprocess
import sys

# What `print EXPRESSION` says.
EXPECTED = {
    'cell': 'cell = {value = 5}',
    'moved': r'move_cell = {value = 0x[0-9a-f]+ "Ada"}',
    'free_refcell': 'refcell, free = {value = {x = 1, y = 2}}',
    'read_once': 'refcell, borrowed once = {value = {x = 0, y = 0}}',
    'read_twice': 'refcell, borrowed 2 times = {value = {x = 0, y = 0}}',
    'written': 'refcell, mutably borrowed = {value = {x = 0, y = 0}}',
    '*guard': 'ref = {value = {x = 0, y = 0}}',
    'empty_guard': 'ref, empty',
    'atomic': 'atomic = {value = 7}',
    'seqlock': 'seqlock, sequence 2 = {value = {x = 5, y = 6}}',
    'latch': 'latch, 2 half writes = {value = {x = 7, y = 8}}',
    'spin': 'spin, free = {value = {x = 8, y = 9}}',
    'seqcount': 'seqcount, being written, sequence 1',
    'outer': '{number = 1, inner = cell = {value = 6}}',
}


def ask_gdb(printers, program):
    """What gdb prints for each expression."""
    commands = ['set debuginfod enabled off', f'source {printers}', 'break look_here', 'run']
    commands += [f'print {expression}' for expression in EXPECTED]
    words = ['gdb', '-q', '-batch', '-nx']
    for command in commands:
        words += ['-ex', command]
    gdb = subprocess.run(words + [program], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    answers = re.findall(r'^\$\d+ = (.*)$', gdb.stdout, re.MULTILINE)
    return dict(zip(EXPECTED, answers)), gdb.stdout + gdb.stderr


def main():
    if not shutil.which('gdb'):
        print('1..0 # SKIP there is no gdb')
        return
    answers, output = ask_gdb(*sys.argv[1:])
    print(f'1..{len(EXPECTED)}')
    for number, (expression, expected) in enumerate(EXPECTED.items(), 1):
        answer = answers.get(expression, 'nothing')
        is_as_expected = answer == expected or re.fullmatch(expected, answer)
        print(f'{"ok" if is_as_expected else "not ok"} {number} - print {expression}')
        if not is_as_expected:
            print(f'# expected {expected}\n# got {answer}')
    if len(answers) < len(EXPECTED):
        print(''.join(f'# {line}\n' for line in output.splitlines()))


main()
