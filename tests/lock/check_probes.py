#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The library has the probes that lock_probes.h names, where it was built with <sys/sdt.h>. TAP.

check_probes.py HEADER LIBRARY
"""
import pathlib
import re
import subprocess
import sys

header, library = sys.argv[1:]
documented = set(re.findall(r'^ \* \| (lock__\w+) ', pathlib.Path(header).read_text(), re.MULTILINE))
notes = subprocess.run(['readelf', '--notes', library], capture_output=True, text=True).stdout
there = set(re.findall(r'Provider: intermut\n\s+Name: (\w+)', notes))
print('1..1')
if documented and there == documented:
    print('ok 1 - probes')
else:
    print(f'not ok 1 - probes\n# documented: {sorted(documented)}\n# in the library: {sorted(there)}')
    sys.exit(1)
