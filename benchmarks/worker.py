"""One contender in a separate process, which works only when it is asked.

    python -m benchmarks.worker MODULE:FUNCTION '[intra, inter]' '{"option": 1}'

The function sets the contender up and returns another, which runs one repetition and returns its
figure. Each line on standard input asks for a repetition, and is answered with a line of JSON. The
contender's output goes to standard error.
"""

import importlib
import json
import os
import sys

from benchmarks.measure import Threads
from tf_transformer.process_memory import peak_memory_mb


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


if __name__ == "__main__":
    main()
