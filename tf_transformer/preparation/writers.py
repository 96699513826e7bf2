"""Several processes that turn pairs into token ids, side by side."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator

from tf_transformer.data import Pairs
from tf_transformer.errors import UserError
from tf_transformer.preparation.pair_writer import Job, PairWriter, Written

_QUIET = {  # each process has a thread, and no GPU
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


class Writers:
    """Turns chunks of pairs into token ids, in several processes or in this one.

    The processes take turns. Each reads chunks from a pipe, and the writer of the pipe waits while
    it is full: little text is in memory.

    Args:
        job: what to do.
        count: number of processes; 1 means that this process does it.
    """

    def __init__(self, job: Job, count: int) -> None:
        self._here = PairWriter(job, "ids-0") if count == 1 else None
        self._processes = [] if self._here else [_start() for _ in range(count)]
        self._turn = 0
        for number, process in enumerate(self._processes):
            self._send(process, (job, f"ids-{number}"))

    def add(self, corpus: int, number: int, pairs: Pairs) -> None:
        """Write a chunk: see `PairWriter.add`."""
        if self._here:
            self._here.add(corpus, number, pairs)
            return
        self._send(self._processes[self._turn], (corpus, number, pairs))
        self._turn = (self._turn + 1) % len(self._processes)

    def close(self) -> list[Written]:
        """Write what is left, and return what each has written."""
        if self._here:
            return [self._here.close()]
        for process in self._processes:
            process.stdin.close()
        return [self._answer(process) for process in self._processes]

    def stop(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self, process: subprocess.Popen, message: tuple) -> None:
        try:
            pickle.dump(message, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
        except OSError:
            self._answer(process)  # it says why it has ended

    def _answer(self, process: subprocess.Popen) -> Written:
        """Return what a process has written, once it has ended."""
        output = process.stdout.read()
        answer = pickle.loads(output) if output else None
        if isinstance(answer, Written):
            return answer
        trace = process.stderr.read().decode(errors="replace").strip().splitlines()
        reason = answer or (trace[-1] if trace else f"exit code {process.wait()}")
        raise UserError(f"a process that tokenises has stopped: {reason}")


def _start() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **_QUIET},
        start_new_session=True,  # Ctrl-C is for the process that started it
    )


def _messages() -> Iterator[tuple]:
    """Read messages until the pipe is closed."""
    with contextlib.suppress(EOFError):
        while True:
            yield pickle.load(sys.stdin.buffer)


def _main() -> None:
    """Write the chunks that come through the pipe, and answer at its end."""
    messages = _messages()
    try:
        writer = PairWriter(*next(messages))
        for corpus, number, pairs in messages:
            writer.add(corpus, number, pairs)
        answer = writer.close()
    except (OSError, UserError) as error:
        answer = str(error)
    pickle.dump(answer, sys.stdout.buffer)


if __name__ == "__main__":
    _main()
