#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Show that what must not compile does not, and says why; README.md tells how a case is written.

Reports in the Test Anything Protocol.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

import libclang

HERE = pathlib.Path(__file__).resolve().parent
MODULES = sorted(folder.parent for folder in HERE.parent.parent.glob('*/intermut'))
FLAGS = ['-std=gnu11', '-Wall', '-Wextra', '-Wconversion', '-Wcast-qual', '-Wno-unused-parameter', '-Werror',
         '-fsyntax-only']
CASE = re.compile(r'/\* case: (?P<name>\w+) \*/')
EXPECTED = re.compile(r'/\* error(?: (?P<family>gcc|clang))?: (?P<sentence>.+) \*/')
NOT_SEEN = re.compile(r'/\* not seen by (?P<family>gcc|clang): (?P<why>.+) \*/')
OPTIONS = re.compile(r'/\* options (?P<family>gcc|clang): (?P<options>.+) \*/')
ERROR = re.compile(r': (?:fatal )?error: (?P<message>.*)')
# The sentence comes first; what follows must not push it off the screen. A case may say that more is unavoidable.
MOST_ERRORS = 6
ONE_ERROR = re.compile(r'/\* and no other error \*/')
MORE_ERRORS = re.compile(r'/\* up to (?P<count>\d+) errors: (?P<why>.+) \*/')


class Compiler:
    def __init__(self, command, as_command=False):
        self.command = [*command.split(), *FLAGS, *(f'-I{module}' for module in MODULES)]
        version = subprocess.run([*command.split(), '--version'], capture_output=True, text=True, check=True).stdout
        self.family = 'clang' if 'clang' in version else 'gcc'
        library = libclang.library_of(self.command[0]) if self.family == 'clang' and not as_command else None
        if library:
            self.errors = libclang.Parser(library, self.command).errors

    def errors(self, file, options, *macro):
        """The error messages of one compilation, with a macro defined or with none; none when it went well."""
        run = subprocess.run([*self.command, *options, *(f'-D{name}' for name in macro), str(file)],
                             capture_output=True, text=True, env={**os.environ, 'LC_ALL': 'C'})
        messages = [match['message'] for match in ERROR.finditer(run.stderr)]
        return messages or ([run.stderr] if run.returncode else [])


def cases_of(file):
    """(name, text, macro that breaks it) of each case in a file: of the file itself when it names none."""
    head, *rest = CASE.split(file.read_text())
    if not rest:
        return [(file.stem, head, 'BROKEN')]
    return [(name, head + text, f'BROKEN_{name}') for name, text in zip(rest[::2], rest[1::2])]


class Result:
    """What one case came to: `wrong` and `skipped` are reasons, empty where there is none."""

    def __init__(self, file, name, text, macro, compiler, works):
        self.name = f'{file.parent.name}/{name}'
        self.skipped = ''
        self.errors = compiler.errors(file, options_of(text, compiler), macro)
        if works:
            self.wrong = f'the form that works does not compile: {works[0]}'
        else:
            self.wrong = self.judge(text, compiler.family)

    def judge(self, text, family):
        for blind in NOT_SEEN.finditer(text):
            if blind['family'] == family:
                self.skipped = f'{family} does not see it: {blind["why"]}'
                return f'{family} sees it by now: say which error' if self.errors else ''
        sentences = [match['sentence'] for match in EXPECTED.finditer(text) if match['family'] in (None, family)]
        if not sentences:
            return f'the file names no error for {family}'
        if not self.errors:
            return 'the broken form compiles'
        if sentences[0] not in self.errors[0]:
            return f'the first error is not "{sentences[0]}" but: {self.errors[0]}'
        more = MORE_ERRORS.search(text)
        limit = int(more['count']) if more else 1 if ONE_ERROR.search(text) else MOST_ERRORS
        if len(self.errors) > limit:
            return f'{len(self.errors)} errors, where {limit} are the limit'
        return ''

    def line(self, number):
        if self.wrong:
            return f'not ok {number} - {self.name}\n# {self.wrong}'
        return f'ok {number} - {self.name}' + (f' # SKIP {self.skipped}' if self.skipped else '')


def options_of(text, compiler):
    return [option for line in OPTIONS.finditer(text) if line['family'] == compiler.family
            for option in line['options'].split()]


def results_of(file, compiler):
    works = compiler.errors(file, options_of(file.read_text(), compiler))
    return [Result(file, name, text, macro, compiler, works) for name, text, macro in cases_of(file)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('compiler', help='a command, such as gcc')
    parser.add_argument('--only', default='', help='files with this in their path')
    parser.add_argument('--as-command', action='store_true', help='start clang for each case, where its library would do')
    parser.add_argument('--show', action='store_true', help='print all errors of each case')
    options = parser.parse_args()

    compiler = Compiler(options.compiler, options.as_command)
    files = [file for file in sorted(HERE.glob('*/*.c')) if options.only in str(file)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = [result for some in pool.map(lambda file: results_of(file, compiler), files) for result in some]

    print(f'1..{len(results)}')
    for number, result in enumerate(results, 1):
        print(result.line(number))
        for error in result.errors if options.show else []:
            print(f'#     {error}')
    return 1 if not results or any(result.wrong for result in results) else 0


if __name__ == '__main__':
    sys.exit(main())
