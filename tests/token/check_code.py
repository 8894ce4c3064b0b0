#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Show that an lcell costs nothing: its functions in same_code.c are the machine code of plain pointers.

usage: check_code.py OBJDUMP COMPILER... -- FLAGS...     Reports in the Test Anything Protocol.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent / 'same_code.c'
OPTIONS = ['-std=gnu11', '-O2', '-UIM_CHECKED', '-ffunction-sections', '-fcf-protection=none', '-g0']
FUNCTION = re.compile(r'^[0-9a-f]+ <(?P<name>\w+)>:$')
INSTRUCTION = re.compile(r'^\s*(?P<address>[0-9a-f]+):\s+(?P<text>.+?)\s*$')
DIFFERENT = 'differs'


def functions(objdump, compiler, flags):
    """The instructions of each function; jumps name addresses, which count from its beginning."""
    with tempfile.TemporaryDirectory() as folder:
        built = pathlib.Path(folder, 'same_code.o')
        subprocess.run([*compiler.split(), *OPTIONS, *flags, '-c', SOURCE, '-o', built], check=True)
        listing = subprocess.run([objdump, '-d', '--no-show-raw-insn', built], check=True, capture_output=True, text=True)
    found = {}
    for line in listing.stdout.splitlines():
        function, instruction = FUNCTION.match(line), INSTRUCTION.match(line)
        if function:
            code = found.setdefault(function['name'], [])
        elif instruction:
            text = re.sub(r'\s*(<.*>|#.*)$', '', instruction['text'])
            code.append(f'{instruction["address"]}: {" ".join(text.split())}')
    return {name: without_padding(code) for name, code in found.items()}


def without_padding(code):
    """What stands behind the last return or jump fills the line up."""
    while code and re.search(r': (data16|nop|cs |xchg %ax,%ax|int3)', code[-1]):
        code = code[:-1]
    return code


def main():
    objdump, *rest = sys.argv[1:]
    compilers, flags = rest[:rest.index('--')], rest[rest.index('--') + 1:]
    failed = number = 0
    for compiler in compilers:
        code = functions(objdump, compiler, flags)
        names = [name.removeprefix('plain_') for name in code if name.startswith('plain_')]
        for name in names:
            plain, cell = code[f'plain_{name}'], code[f'lcell_{name}']
            good = len(plain) > 0 and (plain == cell) == (name != DIFFERENT)
            failed += not good
            number += 1
            what = 'qcell has its comparison' if name == DIFFERENT else f'lcell {name} is that of a plain pointer'
            print(f'{"ok" if good else "not ok"} {number} - {pathlib.Path(compiler.split()[0]).name}: {what}')
            if not good:
                print('\n'.join(['# plain:', *(f'#   {line}' for line in plain), '# lcell:', *(f'#   {line}' for line in cell)]))
    print(f'1..{number}')
    return 1 if failed or not number else 0


if __name__ == '__main__':
    sys.exit(main())
