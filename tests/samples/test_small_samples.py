# SPDX-License-Identifier: MIT
"""The small samples say what they should. Arguments: the programs."""

import os
import re
import subprocess
import sys

from tap import check_equal, run, test

EXPECTED = {
    "cell": "[web] started #1\n[web] GET /index.html #2\n[web] stopped #3\n3 lines, 1 allocation\n",
    "atomic": "25000 of 40000 requests served, 25600000 bytes, 0 misfits\nslowest: 149 us, busy: 3125 ms, was full\n",
    "shared_mem": (
        "the worker was killed\n1553 notes, the last ones:\n  reading order 776\n  booked order 776\n"
        "  reading order 777\npast the end: Numerical result out of range\n"
    ),
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
    "deadlock": "0 ordered, 26 in stock, 12 invoices\n",
    "rwlock": (
        "version 2: host-20, 20 retries\n"
        "file 1 is in place\n"
        "file 2 is not newer\n"
        "version 3: host-30, 30 retries\n"
        "file 3 is in place\n"
        "30000 of 30000 requests saw a whole configuration\n"
    ),
    "mutex": "80000 orders, each is done or refused\n8000.00 on 8 accounts\n",
    "condvar": "20000 jobs, sum 100010000\n",
    "reentrant": '660 lines, the last one: "20 jobs"\n',
    "map": "500 routes, 0 packets lost\n",
    "metrics": (
        "so far: N\nso far: N\nso far: N\nat the end: 5000 paths, 200000 requests, 24000 ms\n"
        "/user/42: 40 requests, 120 us each; 0 torn\n"
    ),
    "route_cache": "720000 packets forwarded, 240000 without a route, 0 by a torn one\n",
    "session_store": "60000 requests served, 60000 of them in sessions\n0 sessions when all have gone\n",
}
# What is measured differs from run to run.
MEASURED = re.compile(r"\d+(?= us after it was made)|(?<=so far: ).+")
# The exit status and standard error of those that find something; threads by the order in which they are named.
FINDINGS = {
    "deadlock": (
        1,
        "intermut: cannot lock `orders` (A) while `invoices` (C) is held: the order was A before B, B before C\n"
        "  here:    deadlock.c:44 in close_month()   thread 1\n"
        "  C held:  deadlock.c:42 in close_month()   thread 1\n"
        "  A held:  deadlock.c:19 in place_order()   thread 2\n"
        "  then B:  deadlock.c:21 in place_order()   thread 2\n"
        "  B held:  deadlock.c:32 in restock()       thread 3\n"
        "  then C:  deadlock.c:35 in restock()       thread 3\n",
    ),
}


def without_chance(report):
    """The report with numbered threads, and with files by their last name."""
    threads = {}
    report = re.sub(r"thread (\d+)", lambda found: f"thread {threads.setdefault(found[1], len(threads) + 1)}", report)
    return re.sub(r"\S+/(\w+\.c:)", r"\1", report)


def add_test(program):
    name = os.path.basename(program)

    def runs():
        done = subprocess.run([program], capture_output=True, text=True)
        status, findings = FINDINGS.get(name, (0, ""))
        check_equal(without_chance(done.stderr), findings, "standard error")
        check_equal(MEASURED.sub("N", done.stdout), EXPECTED[name], "output")
        check_equal(done.returncode, status, "exit status")

    runs.__doc__ = f"sample {name}"
    test(runs)


for path in sys.argv[1:]:
    add_test(path)
run()
