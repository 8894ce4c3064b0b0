#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The stages of script/test: each builds one configuration under build/ and runs its part of the tests there.

A stage that cannot be built, or that runs no test at all, counts as one failure, and the next one is run.
"""
import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / 'build'
# Suites that need no build of the library, or make their own: one stage each.
STATIC_SUITES = ['compile_fail', 'headers', 'install']
SHOWN_LINES = 60


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    report: list = dataclasses.field(default_factory=list)

    def fail(self, what, output=''):
        self.failed += 1
        self.explain(what, output)

    def explain(self, what, output):
        self.report += [what] + ['  | ' + line for line in output.splitlines()[-SHOWN_LINES:]]

    def __str__(self):
        parts = [f'{self.passed} passed']
        parts += [f'{self.failed} failed'] if self.failed else []
        parts += [f'{self.skipped} skipped'] if self.skipped else []
        return ', '.join(parts)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace', **options)


@dataclasses.dataclass
class MesonStage:
    """The tests of some suites in one build folder."""
    compiler: str
    sanitizers: str = ''
    flags: str = ''
    options: tuple = ()
    suites: list = dataclasses.field(default_factory=list)
    without: list = dataclasses.field(default_factory=list)
    needs_build: bool = True
    # Sanitized programs are up to ten times slower.
    timeout_factor: int = 1

    @property
    def folder(self):
        kind = '-' + self.sanitizers.partition(',')[0] if self.sanitizers else ''
        return BUILD / (self.compiler + kind)

    def configure(self):
        options = ['-Dwerror=true', f'-Dc_args={self.flags}', *self.options]
        if self.sanitizers:
            # A sanitized library leaves its runtime's symbols to the program.
            options += [f'-Db_sanitize={self.sanitizers}', '-Db_lundef=false']
        setup = ['meson', 'setup', *options, self.folder, ROOT]
        environment = {**os.environ, 'CC': self.compiler}
        if not (self.folder / 'build.ninja').exists():
            return run(*setup, env=environment)
        run('meson', 'configure', *options, self.folder)
        again = run(*setup, '--reconfigure', env=environment)
        # A folder that another version of meson or of the compiler left behind is begun anew.
        return again if again.returncode == 0 else run(*setup, '--wipe', env=environment)

    def run(self, name):
        outcome = Outcome()
        select = [f'--suite={suite}' for suite in self.suites] + [f'--no-suite={suite}' for suite in self.without]
        log = self.folder / 'meson-logs' / f'{name}.json'
        log.unlink(missing_ok=True)
        # The stage's own: stages of one folder run side by side.
        reports = self.folder / 'meson-logs' / f'{name}-reports'
        shutil.rmtree(reports, ignore_errors=True)
        reports.mkdir(parents=True)
        options = [os.environ.get('ASAN_OPTIONS'), f'log_path={reports}/report']
        tests = run(*fixed_addresses(self.compiler, self.sanitizers), 'meson', 'test', '-C', self.folder, *select,
                    *([] if self.needs_build else ['--no-rebuild']), '--logbase', name,
                    '--timeout-multiplier', self.timeout_factor,
                    env={**os.environ, 'ASAN_OPTIONS': ':'.join(filter(None, options))})
        if log.exists():
            for line in log.read_text().splitlines():
                count_test(json.loads(line), outcome)
        count_reports(reports, outcome)
        if not log.exists() or tests.returncode and not outcome.failed:
            outcome.fail('the build failed, or the tests did not run to their end', tests.stdout)
        elif not outcome.passed and not outcome.failed:
            outcome.fail('no test was run')
        return outcome


class DemoStage:
    """The demo counts the words of this system twice, in two ways, and compares."""

    def run(self, _name):
        outcome = Outcome()
        demo = run(ROOT / 'script' / 'demo', '--verify')
        if demo.returncode:
            outcome.fail(f'script/demo --verify ended with {demo.returncode}', demo.stdout)
        else:
            outcome.passed += 1
        return outcome


class EmulatedStage:
    """Tests of tests/aarch64/programs.toml, compiled for that machine and run under qemu's user-mode emulation."""
    COMPILER = 'aarch64-linux-gnu-gcc'
    EMULATOR = 'qemu-aarch64'
    FLAGS = ['-std=gnu11', '-O1', '-pthread', '-Wall', '-Wextra', '-Wconversion', '-Wcast-qual', '-Werror']
    # The tests' own code is warned of elsewhere; messages of assertions are dropped here, and their operands with them.
    TEST_FLAGS = ['-std=gnu11', '-O1', '-pthread', '-w', '-DUNDER_EMULATION']

    def __init__(self, folder):
        self.home = ROOT / folder
        self.build = BUILD / self.home.name

    def compile(self, source, flags):
        """(object, what the compiler says if it fails)"""
        digest = hashlib.sha256(' '.join([str(source), *flags]).encode()).hexdigest()[:8]
        target = self.build / f'{source.stem}-{digest}.o'
        result = run(self.COMPILER, *flags, *self.includes, '-c', source, '-o', target)
        return target, result.stdout if result.returncode else ''

    def programs(self):
        for group in self.manifest['group']:
            for kind in ('tests', 'programs'):
                extra = [f'-I{self.home / "include"}'] if kind == 'tests' else []
                for pattern in group.get(kind, []):
                    for source in sorted(ROOT.glob(pattern)):
                        yield source, [*self.TEST_FLAGS, *extra, *group.get('flags', [])]

    def build_and_run(self, source, flags, library):
        program, complaint = self.compile(source, flags)
        if complaint:
            return complaint, 1
        binary = program.with_suffix('')
        linked = run(self.COMPILER, '-static', '-pthread', program, *library, '-o', binary)
        if linked.returncode:
            return linked.stdout, 1
        result = run('timeout', '120', self.EMULATOR, binary)
        return result.stdout, result.returncode

    def run(self, _name):
        outcome = Outcome()
        missing = [tool for tool in (self.COMPILER, self.EMULATOR) if not shutil.which(tool)]
        if missing:
            outcome.skipped = 1
            outcome.explain(f'{" and ".join(missing)} not found: see script/setup', '')
            return outcome
        self.manifest = tomllib.loads((self.home / 'programs.toml').read_text())
        self.build.mkdir(exist_ok=True)
        modules = self.manifest['library']
        self.includes = [f'-I{ROOT / module}' for module in modules]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            sources = [source for module in modules for source in sorted((ROOT / module).glob('*.c'))]
            objects = list(pool.map(lambda source: self.compile(source, self.FLAGS), sources))
            for source, (_, complaint) in zip(sources, objects):
                if complaint:
                    outcome.fail(f'{source.relative_to(ROOT)} does not compile for {self.home.name}', complaint)
            if outcome.failed:
                return outcome
            library = [target for target, _ in objects]
            programs = list(self.programs())
            results = list(pool.map(lambda program: self.build_and_run(*program, library), programs))
        for (source, _), (output, status) in zip(programs, results):
            name = str(source.relative_to(ROOT))
            count_test({'name': name, 'stdout': output, 'result': 'FAIL' if status else 'OK', 'returncode': status,
                        'command': [name]}, outcome)
        return outcome


def fixed_addresses(compiler, sanitizers):
    """How to start sanitized programs: some kernels place memory where clang 14's and gcc 12's runtimes cannot have it."""
    if not sanitizers:
        return []
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, 'empty.c')
        program = pathlib.Path(folder, 'empty')
        source.write_text('int main(void) { return 0; }\n')
        built = run(compiler, f'-fsanitize={sanitizers}', source, '-o', program)
        # The place is random: it may be a good one once.
        if built.returncode or all(run(program).returncode == 0 for _ in range(10)):
            return []
    return ['setarch', '--addr-no-randomize']


def count_test(test, outcome):
    """Add one test of meson's log; one that speaks TAP counts as many as it has points."""
    output = test.get('stdout', '')
    before = outcome.failed
    if re.search(r'^1\.\.\d+', output, re.MULTILINE):
        for point in re.finditer(r'^(not )?ok\b(.*)', output, re.MULTILINE):
            if '# SKIP' in point[2]:
                outcome.skipped += 1
            elif point[1]:
                outcome.failed += 1
            else:
                outcome.passed += 1
    elif test['result'] in ('OK', 'EXPECTEDFAIL'):
        outcome.passed += 1
    elif test['result'] == 'SKIP':
        outcome.skipped += 1
    bad = test['result'] not in ('OK', 'EXPECTEDFAIL', 'SKIP')
    if bad and outcome.failed == before:
        outcome.failed += 1
    if bad:
        outcome.explain(f'{test["name"]}: {test["result"]}, exit status {test["returncode"]}', all_output(test))


def count_reports(folder, outcome):
    """Add what AddressSanitizer reported. A leak makes a program end with a status that Criterion, whose child it is, ignores."""
    for report in sorted(folder.iterdir()):
        text = report.read_text(errors='replace')
        if 'ERROR: LeakSanitizer' in text:
            outcome.fail('a test leaks memory', text)
        elif 'ERROR: AddressSanitizer' in text:
            outcome.explain('AddressSanitizer', text)


def all_output(test):
    """What a failed test printed. Criterion keeps what its cases print to itself when it speaks TAP: so run it again."""
    lines = (test.get('stdout', '') + test.get('stderr', '')).splitlines()
    output = '\n'.join(line for line in lines if not re.match(r'ok |# Running |#?$', line))
    if '--tap=-' in test['command'] and test['result'] != 'TIMEOUT':
        plain = [word for word in test['command'] if word != '--tap=-']
        try:
            again = run(*plain, env={**os.environ, **test['env']}, timeout=60)
            output += f'\nonce more, exit status {again.returncode}:\n{again.stdout}'
        except subprocess.TimeoutExpired:
            pass
    return output


# Sanitizers report lines and functions, which -g1 knows, at a third of what all that a debugger wants to know takes. Without
# sanitizers nobody asks.
NO_DEBUG = ('-Ddebug=false',)
# In one build, the benchmark too: a short pass of every row, without the peers that need packages of their own.
BENCH = ('-Dbench=enabled', '-Dbench_peers=disabled')
# What the optimiser makes of the code is tested without sanitizers; here it would take as long as everything else.
ADDRESS = {'sanitizers': 'address,undefined', 'without': STATIC_SUITES + ['model', 'bench'], 'timeout_factor': 4}
ADDRESS_FLAGS = '-g1 -fsanitize=float-cast-overflow -fno-sanitize-recover=all'
# Clang compiles fastest without any optimisation; gcc with -Og, which is also what users debug with. There it warns of
# variables that longjmp() might clobber, where -O2 sees that none does.
GCC_ADDRESS = {**ADDRESS, 'options': (*NO_DEBUG, '-Doptimization=g'), 'flags': ADDRESS_FLAGS + ' -Wno-clobbered'}
CLANG_ADDRESS = {**ADDRESS, 'options': (*NO_DEBUG, '-Doptimization=0'), 'flags': ADDRESS_FLAGS}
# -fno-builtin: gcc would expand memcpy to instructions that ThreadSanitizer does not see. Criterion aborts under it.
THREAD = {'sanitizers': 'thread', 'options': NO_DEBUG, 'flags': '-g1 -fno-builtin', 'suites': ['stress'],
          'timeout_factor': 10}
STATIC = {'compiler': 'gcc', 'needs_build': False, 'timeout_factor': 4}
# The longest first, so that both who take them end at about the same time.
STAGES = {
    'gcc': MesonStage('gcc', options=(*NO_DEBUG, *BENCH), without=STATIC_SUITES),
    'clang-address': MesonStage('clang', **CLANG_ADDRESS),
    # The models run once, with gcc: they see the accesses that the source makes, whoever compiles it.
    'clang': MesonStage('clang', options=NO_DEBUG, without=STATIC_SUITES + ['model']),
    'gcc-address': MesonStage('gcc', **GCC_ADDRESS),
    'compile-fail': MesonStage(suites=['compile_fail'], **STATIC),
    'gcc-thread': MesonStage('gcc', **THREAD),
    'clang-thread': MesonStage('clang', **THREAD),
    'install': MesonStage(suites=['install'], **STATIC),
    'demo': DemoStage(),
    'aarch64': EmulatedStage('tests/aarch64'),
    'headers': MesonStage(suites=['headers'], **STATIC),
}


def configure(stages):
    """Configure the build folders of the stages side by side; the output of those that cannot be configured."""
    # Of the stages of one folder, the one that builds it says how.
    ours = sorted((stage for stage in stages if isinstance(stage, MesonStage)), key=lambda stage: stage.needs_build)
    folders = {stage.folder: stage for stage in ours}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(lambda stage: stage.configure(), folders.values()))
    return {folder: setup.stdout for folder, setup in zip(folders, runs) if setup.returncode}


def run_stage(name, broken):
    stage = STAGES[name]
    start = time.monotonic()
    if isinstance(stage, MesonStage) and stage.folder in broken:
        outcome = Outcome()
        outcome.fail(f'{stage.folder} cannot be configured', broken[stage.folder])
    else:
        outcome = stage.run(name)
    lines = [f'{name:14} {time.monotonic() - start:6.1f} s   {outcome}', *(f'    {line}' for line in outcome.report)]
    print('\n'.join(lines), flush=True)
    return outcome


def run_all(names, broken):
    """The outcomes of some stages, two at a time: each leaves cores idle here and there, and the other one takes them."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda name: run_stage(name, broken), names))


def main():
    parser = argparse.ArgumentParser(prog='script/test', description='Build and test everything.')
    parser.add_argument('--only', metavar='STAGE', choices=STAGES, action='append', help='only this stage; may be repeated')
    parser.add_argument('--list', action='store_true', help='name the stages')
    options = parser.parse_args()
    if options.list:
        print('\n'.join(STAGES))
        return 0

    names = options.only or list(STAGES)
    BUILD.mkdir(exist_ok=True)
    start = time.monotonic()
    broken = configure([STAGES[name] for name in names])
    print(f'{"configure":14} {time.monotonic() - start:6.1f} s', flush=True)
    outcomes = run_all(names, broken)
    passed, failed = sum(outcome.passed for outcome in outcomes), sum(outcome.failed for outcome in outcomes)
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main())
