"""One contender in a process of its own, which works only when it is asked.

    python -m benchmarks.worker MODULE:FUNCTION '[intra, inter]' '{"option": 1}'

The function sets the contender up and returns another, which runs one repetition and returns its
figure. Each line on standard input asks for a repetition; each is answered with a line of JSON.
What the contender prints goes to standard error.
"""

import importlib
import json
import os
import re
import resource
import sys
from pathlib import Path

from benchmarks.measure import Threads


def main():
    setup, threads, options = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, function = setup.split(":")
    set_up = getattr(importlib.import_module(module), function)
    repeat = set_up(Threads(*json.loads(threads)), **json.loads(options))
    print(json.dumps("ready"), file=answers, flush=True)
    for _ in sys.stdin:
        answer = {"figure": repeat(), "peak_memory_mb": peak_memory_mb()}
        print(json.dumps(answer), file=answers, flush=True)


def peak_memory_mb():
    """Return the most memory that this process has held so far, in MB."""
    try:  # Linux counts what the parent held into `ru_maxrss`
        status = Path("/proc/self/status").read_text()
        return round(int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1e3)
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / (1e6 if sys.platform == "darwin" else 1e3))  # bytes on macOS, else KB


if __name__ == "__main__":
    main()
