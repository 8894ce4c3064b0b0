#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a libFuzzer program over its kept corpus, and then on from there.

usage: check.py PROGRAM CORPUS SECONDS    succeeds when nothing is found; what is found is kept beside PROGRAM
       check.py PROGRAM CORPUS --twin     a broken twin: succeeds when the corpus finds it out
"""
import pathlib
import subprocess
import sys
import tempfile

program, corpus, how = sys.argv[1:]
with tempfile.TemporaryDirectory() as found:
    limit = ['-runs=0'] if how == '--twin' else [f'-max_total_time={how}', '-max_len=1536']
    artifacts = (found if how == '--twin' else str(pathlib.Path(program).parent)) + '/'
    # New inputs go to the first folder; the corpus is only read.
    words = [program, *limit, f'-artifact_prefix={artifacts}', '-print_final_stats=1', found, corpus]
    fuzzer = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors='replace')
print('\n'.join(fuzzer.stdout.splitlines()[-40:]))
sys.exit(fuzzer.returncode if how != '--twin' else 'not so:' not in fuzzer.stdout)
