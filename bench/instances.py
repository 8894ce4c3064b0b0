#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one more map costs a program: seconds to compile, bytes of code.

Compiles files with 1 and with 11 maps at -O2, several times, and divides the difference of the best times by ten.

usage: instances.py [COMPILER...]
"""
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLAGS = ['-std=gnu11', '-O2', *(f'-I{folder.parent}' for folder in sorted(ROOT.glob('*/intermut')))]
REPEATS = 7

KEYS = {'uint64_t': ('#define IM_MAP_KEY uint64_t', '1'), 'string': ('#define IM_MAP_STRING_KEY', 'im_slice_of("one")')}
VALUES = {'frozen': 'IM_MAP_VALUE', 'atomic': 'IM_MAP_ATOMIC_VALUE'}
# What a file does with each of its maps.
FEW = '''
int use_{n}(const {n} *map) {{
    uint64_t value = 0;
    return {n}_insert(map, {key}, 1) + {n}_remove(map, {key}, &value) + {n}_get(map, {key}, &value) + (int)value;
}}'''
USES = {'insert, remove, get': ('', FEW), 'all functions': ('#define IM_MAP_IMPLEMENT', ''), 'declared': ('#define IM_MAP_DECLARE', FEW)}


def program(maps, key, value, use):
    """The text of a file with as many maps."""
    parameter, key_value = KEYS[key]
    mode, function = USES[use]
    lines = ['#include <stdint.h>', '#include <intermut/map.h>']
    for number in range(maps):
        name = f'map{number}'
        lines += [f'#define IM_MAP_NAME {name}', parameter, f'#define {VALUES[value]} uint64_t', mode,
                  '#include <intermut/map.h>', function.format(n=name, key=key_value)]
    return '\n'.join(lines) + '\n'


def compile_once(compiler, source, target):
    begin = time.monotonic()
    subprocess.run([compiler, *FLAGS, '-c', source, '-o', target], check=True)
    return time.monotonic() - begin


def measure(compiler, folder, *kind):
    """(seconds, bytes of code) for one map, and for one more."""
    found = {}
    for maps in (1, 11):
        source, target = folder / f'{maps}.c', folder / f'{maps}.o'
        source.write_text(program(maps, *kind))
        seconds = min(compile_once(compiler, source, target) for _ in range(REPEATS))
        sizes = subprocess.run(['size', target], capture_output=True, text=True, check=True).stdout.splitlines()[1]
        found[maps] = seconds, int(sizes.split()[0])
    (one_s, one_bytes), (many_s, many_bytes) = found[1], found[11]
    return one_s, (many_s - one_s) / 10, one_bytes, (many_bytes - one_bytes) / 10


def main():
    print('| compiler | key | values | used | first map, s | one more, s | first map, code bytes | one more, code bytes |')
    print('|---|---|---|---|---|---|---|---|')
    with tempfile.TemporaryDirectory(prefix='intermut-instances-') as folder:
        for compiler in sys.argv[1:] or ['gcc', 'clang']:
            for use in USES:
                for key, value in (('uint64_t', 'frozen'), ('string', 'atomic')):
                    first_s, more_s, first_bytes, more_bytes = measure(compiler, pathlib.Path(folder), key, value, use)
                    print(f'| {compiler} | {key} | {value} | {use} | {first_s:.2f} | {more_s:.3f} '
                          f'| {first_bytes:.0f} | {more_bytes:.0f} |', flush=True)


if __name__ == '__main__':
    main()
