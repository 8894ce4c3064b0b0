#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reading a value that is there is the machine code of reading a published pointer. TAP; x86-64.

machine_code.py SOURCE INCLUDE_FOLDER… : compiles machine_code.c with each compiler and looks at the way through each
function on which the value is there.
"""
import platform
import re
import shutil
import subprocess
import sys

# Ours, the pointer's, and whether both are the same instructions one by one. Where an initialiser stands in the same
# function, the compilers keep registers for it in different ways: there, what is left without that is compared.
PAIRS = [
    ('get_once', 'get_pointer', True),
    ('get_race', 'get_pointer', True),
    ('get_unsync', 'get_plain_pointer', False),
    ('get_or_init_once', 'get_or_init_pointer', False),
    ('block_once', 'block_pointer', False),
    ('get_lazy', 'get_or_init_pointer', False),
    ('get_fixed', 'get_or_init_pointer', False),
]


def compile_source(compiler, source, folders):
    """The lines of the assembly, labels and instructions, and where each label is."""
    command = [compiler, '-std=gnu11', '-O2', '-fno-asynchronous-unwind-tables', '-fno-pic', '-S', source, '-o', '-',
               *(f'-I{folder}' for folder in folders)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines, labels = [], {}
    for line in text.splitlines():
        if label := re.match(r'([\w.]+):', line):
            labels[label[1]] = len(lines)
        elif instruction := re.match(r'\t([a-z]\w*)\s*(.*?)\s*(#.*)?$', line):
            lines.append((instruction[1], instruction[2]))
    return lines, labels


def way(lines, labels, function):
    """The instructions of a function that run when its one test, for not being zero, succeeds; up to its ret."""
    at, found = labels[function], []
    while len(found) < 100:
        name, operands = lines[at]
        found.append((name, operands))
        if name.startswith('ret'):
            return found
        at = labels[operands] if name in ('jne', 'jmp') else at + 1
    raise ValueError(f'{function} does not end')


def short(instruction):
    """movl and movq are both mov."""
    return re.sub(r'^(mov|test|cmp|add|sub|push|pop|ret|lea)[bwlq]$', r'\1', instruction[0]), instruction[1]


def plain(instruction):
    """Which way a jump goes is for the compiler to say."""
    return 'jump' if instruction[0] in ('je', 'jne') else instruction[0]


def is_memory(operands):
    return '(' in operands and '%rsp' not in operands


def keeps_registers(name, operands):
    return name in ('push', 'pop') or '%rsp' in operands or name == 'mov' and re.fullmatch(r'%\w+, %\w+', operands)


def complaint(ours, theirs, is_exact):
    ours, theirs = [[short(i) for i in code] for code in (ours, theirs)]
    for name, operands in ours:
        if name in ('call', 'lock', 'mfence', 'lfence', 'xchg') or name.startswith(('cmpxchg', 'xadd')):
            return f'{name} {operands}'
        if is_memory(operands.rsplit(', ', 1)[-1]) and ', ' in operands and name not in ('test', 'cmp'):
            return f'writes to memory: {name} {operands}'
    if is_exact:
        same = [plain(i) for i in ours] == [plain(i) for i in theirs]
        return '' if same else 'not the same instructions'
    counts = [sum(not keeps_registers(*i) for i in code) for code in (ours, theirs)]
    reads = [sum(is_memory(operands) for name, operands in code if name != 'lea') for code in (ours, theirs)]
    if counts[0] > counts[1] or reads[0] != reads[1]:
        return f'{counts[0]} instructions, {reads[0]} of them read memory; the pointer: {counts[1]}, {reads[1]}'
    return ''


def main():
    source, *folders = sys.argv[1:]
    if platform.machine() != 'x86_64':
        print('1..0 # SKIP knows x86-64 only')
        return
    number = failed = 0
    for compiler in filter(shutil.which, ('gcc', 'clang')):
        lines, labels = compile_source(compiler, source, folders)
        for ours, theirs, is_exact in PAIRS:
            number += 1
            code = {name: way(lines, labels, name) for name in (ours, theirs)}
            words = complaint(code[ours], code[theirs], is_exact)
            failed += bool(words)
            print(f'{"not ok" if words else "ok"} {number} - {compiler}: {ours} as {theirs}')
            if words:
                print(f'# {words}')
                for name in (ours, theirs):
                    print(*(f'#   {" ".join(i)}' for i in [(f'{name}:',)] + code[name]), sep='\n')
    print(f'1..{number}')
    sys.exit(failed > 0)


main()
