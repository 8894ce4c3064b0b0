# SPDX-License-Identifier: MIT
"""The Test Anything Protocol for a few python tests: @test marks them, run() runs them all."""

import sys
import traceback

_tests = []


class Skip(Exception):
    """Raised by a test that cannot be run here; its text says why."""


def test(function):
    """Mark a test; its docstring is its name."""
    _tests.append(function)
    return function


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(got, expected, what):
    check(got == expected, f"{what}: got {got!r:.300}, expected {expected!r:.300}")


def run():
    print(f"1..{len(_tests)}")
    failed = 0
    for number, function in enumerate(_tests, 1):
        name = function.__doc__.splitlines()[0]
        try:
            function()
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except Exception:
            failed += 1
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {name}")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
