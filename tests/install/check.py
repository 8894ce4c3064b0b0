#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Use intermut as its users do, in the Test Anything Protocol.

Installs it into a temporary folder, static and shared, and builds programs with nothing but what pkg-config says; then
uses it as a meson subproject.

usage: check.py VERSION
"""
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WARNINGS = ['-std=gnu11', '-Wall', '-Wextra', '-Wconversion', '-Wcast-qual', '-Werror']
COMPILERS = [name for name in ('gcc', 'clang') if shutil.which(name)]
# The packages that each module asks for, those that only static linking needs included.
REQUIRES = {
    'base': set(),
    'cell': {'intermut-base'},
    'seqlock': {'intermut-cell'},
    'once': {'intermut-base', 'intermut-cell'},
    'lock': {'intermut-base', 'intermut-cell'},
    'token': {'intermut-base', 'intermut-cell'},
    'atomic': {'intermut-base', 'intermut-cell', 'intermut-seqlock'},
    'map': {'intermut-atomic', 'intermut-base', 'intermut-cell', 'libxxhash', 'liburcu-bp'},
    'map-memb': {'intermut-map', 'liburcu-memb'},
    'map-qsbr': {'intermut-map', 'liburcu-qsbr'},
}
# The modules that each sample is built from; a folder is one program. Arguments to run it.
SAMPLES = {
    'cell.c': ('cell', []),
    'refcell.c': ('cell', []),
    'atomic.c': ('atomic', []),
    'shared_mem.c': ('atomic', []),
    'latch.c': ('seqlock', []),
    'seqlock.c': ('seqlock', []),
    'spin.c': ('seqlock', []),
    'once.c': ('once', []),
    'lazy.c': ('once', []),
    'mut_once.c': ('once', []),
    'token.c': ('token', []),
    'lcell.c': ('token', []),
    'deadlock.c': ('lock', []),
    'mutex.c': ('lock', []),
    'rwlock.c': ('lock', []),
    'condvar.c': ('lock', []),
    'reentrant.c': ('lock', []),
    'map.c': ('map', []),
    'metrics.c': ('map', []),
    'route_cache.c': ('map-qsbr', []),
    'session_store.c': ('map lock', []),
    'word_count': ('map', ['--verify', '/usr/share/common-licenses']),
}


class Failure(Exception):
    """Why a test point failed."""


def run(*command, **options):
    """The standard output of a command; Failure when it does not end with 0."""
    words = [str(word) for word in command]
    result = subprocess.run(words, capture_output=True, text=True, errors='replace', **options)
    if result.returncode:
        raise Failure(f'{" ".join(words)}\nended with {result.returncode}\n{result.stdout}{result.stderr}')
    return result.stdout


def expect(found, expected, what):
    if found != expected:
        raise Failure(f'{what}: {found}, expected {expected}')


@dataclasses.dataclass
class Stage:
    """intermut, installed into a folder of its own."""
    prefix: pathlib.Path

    def install(self, build):
        run('meson', 'setup', '-Ddefault_library=both', '-Dtests=false', '-Dwerror=true', '--prefix', self.prefix,
            '--libdir', 'lib', build, ROOT)
        run('meson', 'install', '-C', build)

    @property
    def environment(self):
        return {**os.environ, 'PKG_CONFIG_PATH': str(self.prefix / 'lib' / 'pkgconfig'),
                'LD_LIBRARY_PATH': str(self.prefix / 'lib')}

    def pkg_config(self, *arguments):
        return run('pkg-config', *arguments, env=self.environment).split()

    def build_and_run(self, compiler, sources, module, static=False, arguments=()):
        """Build a program from pkg-config alone, run it, and give its path."""
        packages = [f'intermut-{name}' for name in module.split()]
        link = ['--static'] if static else []
        flags = ['-static'] if static else []
        program = self.prefix / '-'.join([sources[0].stem, *module.split(), compiler, *link])
        run(compiler, *WARNINGS, *flags, *self.pkg_config('--cflags', *packages), *sources, '-o', program,
            *self.pkg_config('--libs', *link, *packages))
        run(program, *arguments, env=self.environment)
        return program

    def requires(self, module):
        return set(self.pkg_config('--print-requires', '--print-requires-private', f'intermut-{module}'))

    def points(self, version):
        """(name, function) of each test point; they are independent of each other."""
        yield 'every public header is installed', self.check_headers
        for module, requires in REQUIRES.items():
            yield f'{module} requires its own packages, and nothing else', lambda m=module, r=requires: expect(
                self.requires(m), r, 'packages')
            yield f'{module} has the version', lambda m=module: expect(
                self.pkg_config('--modversion', f'intermut-{m}'), [version], 'version')
            yield f'{module} tells how to check it', lambda m=module: expect(
                self.pkg_config('--variable=checked_cflags', f'intermut-{m}'), ['-DIM_CHECKED=1'], 'flags')
            source = HERE / f'uses_{module.replace("-", "_")}.c'
            for compiler in COMPILERS:
                for static in (False, True):
                    yield (f'{module} builds a program, {compiler} {"static" if static else "shared"}',
                           lambda c=compiler, s=source, m=module, t=static: self.build_and_run(c, [s], m, t))
        yield 'cell links nothing but base', self.check_cell_links
        for compiler in COMPILERS:
            yield f'two files share a map only if they agree about it, {compiler}', lambda c=compiler: self.check_two_files(c)
        yield 'every sample is known here', self.check_samples
        for sample, (module, arguments) in SAMPLES.items():
            path = ROOT / 'samples' / sample
            sources = sorted(path.glob('*.c')) if path.is_dir() else [path]
            for compiler in COMPILERS:
                yield (f'sample {sample} builds and runs, {compiler}',
                       lambda c=compiler, s=sources, m=module, a=arguments: self.build_and_run(c, s, m, arguments=a))

    def check_headers(self):
        installed = {header.name for header in (self.prefix / 'include' / 'intermut').iterdir()}
        expect(installed, {header.name for header in ROOT.glob('*/intermut/*.h')}, 'installed headers')

    def check_cell_links(self):
        program = self.build_and_run(COMPILERS[0], [HERE / 'uses_cell.c'], 'cell')
        libraries = re.findall(r'^\s*(lib[\w+-]+)\.so', run('ldd', program, env=self.environment), re.MULTILINE)
        expect(set(libraries) - {'libc', 'libintermut-base', 'libintermut-cell'}, set(), 'libraries')

    def check_two_files(self, compiler):
        folder = HERE / 'two_files'
        self.build_and_run(compiler, [folder / 'main.c', folder / 'table.c'], 'map')
        objects = []
        for source, value in (('table.c', 'int32_t'), ('main.c', 'int64_t')):
            objects.append(self.prefix / f'{compiler}-{source}.o')
            run(compiler, *WARNINGS, *self.pkg_config('--cflags', 'intermut-map'), f'-DVALUE={value}', '-c', folder / source,
                '-o', objects[-1])
        try:
            run(compiler, *objects, '-o', self.prefix / 'disagree', *self.pkg_config('--libs', 'intermut-map'))
        except Failure as failure:
            expect(set(re.findall(r'undefined reference to .(\w+)', str(failure))),
                   {'table__search_of_uint32_t_to_int64_t_under_bp'}, 'what is missing')
        else:
            raise Failure('they link')

    def check_samples(self):
        samples = ROOT / 'samples'
        programs = {path.name for path in [*samples.glob('*.c'), *samples.iterdir()] if path.is_dir() or path.suffix == '.c'}
        expect(programs, set(SAMPLES), 'samples')


def use_as_subproject(folder, library):
    """A user's project with intermut under subprojects/, and no option set for it: only the user's tests are there."""
    project = folder / library
    shutil.copytree(HERE / 'subproject', project)
    for source in HERE.glob('uses_*.c'):
        shutil.copy(source, project)
    shutil.copytree(ROOT, project / 'subprojects' / 'intermut', ignore=shutil.ignore_patterns('.git', 'build', '__pycache__'))
    run('meson', 'setup', f'-Ddefault_library={library}', project / 'build', project)
    tests = json.loads(run('meson', 'introspect', '--tests', project / 'build'))
    expect(len(tests), len(REQUIRES), 'tests in the user\'s project')
    run('meson', 'test', '-C', project / 'build')


def main():
    with tempfile.TemporaryDirectory(prefix='intermut-install-') as folder:
        folder = pathlib.Path(folder)
        stage = Stage(folder / 'prefix')
        try:
            stage.install(folder / 'build')
        except Failure as failure:
            print(f'Bail out! it cannot be installed\n{failure}')
            return 1
        points = [*stage.points(sys.argv[1]),
                  *((f'works as a meson subproject, {library}', lambda l=library: use_as_subproject(folder, l))
                    for library in ('shared', 'static'))]
        failed = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            running = [(name, pool.submit(point)) for name, point in points]
            for number, (name, result) in enumerate(running, 1):
                failure = result.exception()
                failed += bool(failure)
                print(f'{"not ok" if failure else "ok"} {number} - {name}')
                for line in str(failure or '').splitlines():
                    print(f'# {line}')
        print(f'1..{len(points)}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
