#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Look at a program with gdb and intermut's printers, in the Test Anything Protocol.

usage: check.py PRINTERS PROGRAM
"""
import pathlib
import re
import shutil
import subprocess
import sys

# What `print EXPRESSION` says, or a pattern for it.
EXPECTED = {
    'cell': 'cell = {value = 5}',
    'moved': re.compile(r'move_cell = \{value = 0x[0-9a-f]+ "Ada"\}'),
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
    'mutex': 'mutex, unlocked = {value = 1}',
    'locked_mutex': 'mutex, locked = {value = 0}',
    'poisoned_mutex': 'mutex, unlocked, poisoned = {value = 0}',
    'locked_pthread': 'mutex, locked = {value = 0}',
    'spinlock': 'mutex, locked = {value = 0}',
    'ticket': 'mutex, locked = {value = 0}',
    'rwlock': 'rwlock, unlocked = {value = 0}',
    'read_rwlock': 'rwlock, 1 reader = {value = 0}',
    'written_rwlock': 'rwlock, written = {value = 0}',
    'reentrant': 'reentrant, locked 2 times = {value = 0}',
    'once': 'once, empty = {value = 0}',
    'full_once': 'once, full = {value = 9}',
    'lazy': 'lazy, empty = {value = 0}',
    'mut_once': 'mut_once, open = {value = 0}',
    'race': 'once_race, full = {value = 4}',
    'qcell': 'qcell, of owner 0x10 = {value = 5}',
    'no_hits': 'map, 0 keys',
    'hits': re.compile(r'map, 2 keys = \{(\["short"\] = atomic = \{value = 1\}(, |\}$)'
                       r'|\["a key that is not short"\] = atomic = \{value = 2\}(, |\}$)){2}'),
    'many': re.compile(r'map, 20000 keys = \{(\[(\d+)\] = \2, ){50}.*'),
    'growing': re.compile(r'map, 40 keys = \{(\["key (\d+)"\] = atomic = \{value = \2\}(, |\}$)){40}'),
    'splitting': re.compile(r'map, 9000 keys = \{(\["key (\d+)"\] = atomic = \{value = \2\}, ){50}.*'),
    'copying': re.compile(r'map, 20 keys = \{(\["key (\d+)"\] = atomic = \{value = \2\}(, |\}$)){20}'),
    'unsafe': 'unsafe_cell = {value = 3}',
    '*mut_guard': 'ref_mut = {value = {x = 0, y = 0}}',
    'written_by_ref': 'refcell, mutably borrowed = {value = {x = 0, y = 0}}',
    'with_lock': 'atomic_with_lock, sequence 0 = {value = {x = 1, y = 2}}',
    'single': 'single_seqlock, sequence 0 = {value = {x = 3, y = 4}}',
    'guarded': 'mutex, locked = {value = 5}',
    '*held_guard': 'mutex_guard = {value = 5}',
    '*read_guard': 'read_guard = {value = 6}',
    '*write_guard': 'write_guard = {value = 7}',
    '*upgradable_guard': 'upgradable_guard = {value = 8}',
    '*reentrant_guard': 'reentrant_guard = {value = 9}',
    'viewed': 'cell = {value = {x = 1, y = 4}}',
    '*view': 'cell = {value = 4}',
    '*memory': 'shared_mem, 100 bytes, held 2 times',
    '*process_memory': re.compile(r'shared_mem, 4096 bytes, held once, file descriptor \d+'),
    'sharded': 'sharded_rwlock, unlocked = {value = 0}',
    'read_sharded': 'sharded_rwlock, 1 reader = {value = 0}',
    'slot_sharded': 'sharded_rwlock, 1 reader by slot = {value = 0}',
    'written_sharded': 'sharded_rwlock, written = {value = 0}',
    'condvar': 'condvar, nobody waits',
    'unsync_once': 'unsync_once, empty = {value = 0}',
    'unsync_lazy': 'unsync_lazy, empty = {value = 0}',
    'sync_mut_once': 'sync_mut_once, open = {value = 0}',
    'qcell_owner': re.compile(r'qcell_owner 0x[0-9a-f]+'),
    'tcell_owner': 'tcell_owner',
    'tlcell_owner': 'tlcell_owner',
    'lcell_owner': 'lcell_owner',
    'lcell': 'lcell = {value = 7}',
    'tcell': 'tcell = {value = 8}',
    'tlcell': 'tlcell = {value = 9}',
    'points': 'map, 1 key = {[{x = 1, y = 2}] = rwlock, unlocked = {value = {x = 3, y = 4}}}',
    'slice': '"not"',
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


def is_like(answer, expected):
    return answer == expected if isinstance(expected, str) else bool(expected.fullmatch(answer))


def kinds():
    """The kinds of objects that the library's headers declare."""
    headers = pathlib.Path(__file__).resolve().parents[2].glob('*/intermut/*.h')
    found = {kind for header in headers for kind in re.findall(r'^ *IM_TAGS\((\w+),', header.read_text(), re.MULTILINE)}
    if not found:
        raise LookupError('no header says IM_TAGS')
    return sorted(found)


def main():
    if not shutil.which('gdb'):
        print('1..0 # SKIP there is no gdb')
        return
    answers, output = ask_gdb(*sys.argv[1:])
    print(f'1..{len(EXPECTED) + 1}')
    for number, (expression, expected) in enumerate(EXPECTED.items(), 1):
        answer = answers.get(expression, 'nothing')
        is_as_expected = is_like(answer, expected)
        print(f'{"ok" if is_as_expected else "not ok"} {number} - print {expression}')
        if not is_as_expected:
            print(f'# expected {expected}\n# got {answer}')
    missing = [kind for kind in kinds() if not any(re.match(rf'{kind}\b', answer) for answer in answers.values())]
    print(f'{"not ok" if missing else "ok"} {len(EXPECTED) + 1} - every kind is shown')
    if missing:
        print(f'# values.c has no {", ".join(missing)}')
    if len(answers) < len(EXPECTED):
        print(''.join(f'# {line}\n' for line in output.splitlines()))


main()
