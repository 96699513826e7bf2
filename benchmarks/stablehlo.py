"""Programs as JAX hands them to XLA."""

from __future__ import annotations

import functools
import re

_FUNCTION = re.compile(r"func\.func .*?@(\w+)\(")
_CALL = re.compile(r" call @(\w+)\(")


def inlined_instructions(program):
    """Count the instructions of a StableHLO program, with each function where it is called.

    Args:
        program: its text.
    """
    own, calls = {}, {}
    for line in program.splitlines():
        if begins := _FUNCTION.search(line):
            name = begins[1]
            own[name], calls[name] = 0, []
        elif own and " = " in line:
            if called := _CALL.search(line):
                calls[name].append(called[1])
            else:
                own[name] += 1

    @functools.cache
    def total(name):
        return own[name] + sum(map(total, calls[name]))

    return total("main")
