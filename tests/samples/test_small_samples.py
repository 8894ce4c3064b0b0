# SPDX-License-Identifier: MIT
"""The small samples say what they should. Arguments: the programs."""

import os
import re
import subprocess
import sys

from tap import check_equal, run, test

EXPECTED = {
    "cell": "[web] started #1\n[web] GET /index.html #2\n[web] stopped #3\n3 lines, 1 allocation\n",
    "atomic": "25000 of 40000 requests served, 25600000 bytes\nslowest: 149 us, busy: 3125 ms, was full\n",
    "refcell": (
        'not now, somebody reads: "pointers"\nstill "never lend"\nSharing\n  Refcells\n  Cells\n8 words\n'
    ),
    "latch": "1000 reports, 0 torn, at most 1000000 files\n",
    "seqlock": (
        "IMUT: 200000 quotes, last 2001.00 to 2001.02\n3 traders, 0 torn, 0 out of order\n"
        "the stalest was seen N us after it was made\n"
    ),
    "spin": "40000 readings, from -20 to 40 degrees\n",
    "once": "4000 lines, 3000 with a date, compiled once\nno pattern: Unmatched ( or \\(\n",
    "lazy": "no configuration: No such file or directory\nport 8080, 4 workers\nport 8080, 4 workers\nread 2 times\n",
    "mut_once": "json reads *.json\ncsv reads *.csv\ntoml reads *.toml\nini is too late\n",
    "token": "/ (2), /about (0), /shop (0)\nimages has \"/\": no, it is another owner's\n",
    "lcell": "/ (2), /about (0), /shop (0)\nan entry has 48 bytes, as many as its value\n",
    "map": "500 routes, 0 packets lost\n",
}
# What is measured differs from run to run.
MEASURED = re.compile(r"\d+(?= us after it was made)")


def add_test(program):
    name = os.path.basename(program)

    def runs():
        done = subprocess.run([program], capture_output=True, text=True)
        check_equal(done.stderr, "", "standard error")
        check_equal(MEASURED.sub("N", done.stdout), EXPECTED[name], "output")
        check_equal(done.returncode, 0, "exit status")

    runs.__doc__ = f"sample {name}"
    test(runs)


for path in sys.argv[1:]:
    add_test(path)
run()
