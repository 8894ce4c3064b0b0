#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check the public headers, in the Test Anything Protocol.

check.py COMPILER: each header compiles alone and included twice, without a warning, optimised and not, with nothing
on the include path but its module and the modules below.
check.py --layers: nobody includes a module above, only unsafe_cell.h casts const away, and no prototype promises the
compiler that shared objects do not change (restrict, pure, const).
"""
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# The layers of docs/architecture.md, from the ground up: each module with the ones that it may include.
BELOW = {
    'base': [],
    'cell': ['base'],
    'seqlock': ['cell', 'base'],
    'once': ['cell', 'base'],
    'lock': ['cell', 'base'],
    'token': ['cell', 'base'],
    'atomic': ['seqlock', 'cell', 'base'],
    'map': ['atomic', 'seqlock', 'cell', 'base'],
}
# Not for users: the body of a template, included by the header beside it.
TEMPLATE_BODIES = {'map_template.h', 'map_template_checked.h'}
WARNINGS = ['-Wall', '-Wextra', '-Wconversion', '-Wcast-qual', '-Werror']
MAY_CAST_CONST_AWAY = 'cell/intermut/unsafe_cell.h'
CASTS_CONST_AWAY = re.compile(r'-Wcast-qual|\*\s*\)\s*\(?\s*\(u?intptr_t\)')

PROMISES_NO_CHANGE = re.compile(r'\brestrict\b|__restrict|__attribute__\s*\(\(\s*(__)?(pure|const)\b')


def headers(module):
    return sorted((ROOT / module / 'intermut').glob('*.h'))


def sources(module):
    return headers(module) + sorted((ROOT / module).glob('*.c'))


def compile_twice(compiler, module, header, level):
    """What the compiler has to say about a program that includes the header twice and nothing else."""
    include = f'#include <intermut/{header.name}>\n'
    folders = [f'-I{ROOT / folder}' for folder in (module, *BELOW[module])]
    command = [compiler, '-std=gnu11', *WARNINGS, level, *folders, '-x', 'c', '-', '-c', '-o', os.devnull]
    run = subprocess.run(command, input=2 * include, capture_output=True, text=True)
    return run.stderr if run.returncode else ''


def compile_points(compiler):
    """(name, complaint) of each header at each level of optimisation."""
    work = [(compiler, module, header, level) for module in BELOW for header in headers(module)
            for level in ('-O0', '-O2') if header.name not in TEMPLATE_BODIES]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = pool.map(lambda job: compile_twice(*job), work)
    for (_, module, header, level), complaint in zip(work, complaints):
        yield f'{module}/{header.name} {level}', complaint


def foreign_includes(module):
    """Includes of intermut headers that neither the module nor one below it has."""
    known = {header.name for folder in (module, *BELOW[module]) for header in headers(folder)}
    for source in sources(module):
        for name in re.findall(r'#\s*include\s*[<"]intermut/([\w./]+)[>"]', source.read_text()):
            if name not in known:
                yield f'{source.relative_to(ROOT)} includes {name}'


def matches(module, pattern, allowed=()):
    """The places where the code of a module, comments aside, has something that it must not have."""
    for source in sources(module):
        name = str(source.relative_to(ROOT))
        code = re.sub(r'/\*.*?\*/', lambda comment: '\n' * comment[0].count('\n'), source.read_text(), flags=re.DOTALL)
        for number, line in enumerate(code.splitlines(), 1):
            if name not in allowed and pattern.search(line):
                yield f'{name}:{number}: {line.strip()}'


def malformed(module):
    """Headers without the licence line, the @file line or the include guard of their name."""
    for header in headers(module):
        text = header.read_text()
        guard = f'#ifndef INTERMUT_{header.stem.upper()}_H\n'
        if not text.startswith('/* SPDX-License-Identifier: MIT */\n'):
            yield f'{header.name}: the first line is not the licence'
        if header.name not in TEMPLATE_BODIES and (f'@file {header.name}\n' not in text or guard not in text):
            yield f'{header.name}: @file or the include guard is not named after the file'


def layer_points():
    modules = {folder.parent.name for folder in ROOT.glob('*/intermut')}
    yield 'every module has its place in the layers', ' '.join(sorted(modules ^ set(BELOW)))
    names = [header.name for module in BELOW for header in headers(module)]
    yield 'no two headers share a name', ' '.join({name for name in names if names.count(name) > 1})
    for module in BELOW:
        yield f'{module} includes only itself and what is below', '\n'.join(foreign_includes(module))
        yield f'{module} casts no const away', '\n'.join(matches(module, CASTS_CONST_AWAY, [MAY_CAST_CONST_AWAY]))
        yield f'{module} promises no constancy', '\n'.join(matches(module, PROMISES_NO_CHANGE))
        yield f'{module} has headers in good form', '\n'.join(malformed(module))


def main():
    points = layer_points() if sys.argv[1] == '--layers' else compile_points(sys.argv[1])
    failed = 0
    number = 0
    for number, (name, complaint) in enumerate(points, 1):
        failed += bool(complaint)
        print(f'{"not ok" if complaint else "ok"} {number} - {name}')
        for line in itertools.islice(complaint.splitlines(), 20):
            print(f'# {line}')
    print(f'1..{number}')
    return 1 if failed or not number else 0


if __name__ == '__main__':
    sys.exit(main())
