"""Measuring contenders fairly: in turn, one at a time, each with the threads that suit it best.

ours = Contender("tf_transformer", "benchmarks.train_step:ours")
peer = Contender("PyTorch", "benchmarks.train_step:pytorch", at_least=1.15, aim=1.4)
comparison = compare("Training", "target tokens/s", [ours, peer], repeats=5)
print(comparison.table())
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.comparison import Comparison, Result

_ROOT = Path(__file__).parents[1]


class Threads(NamedTuple):
    """Thread counts of a process: within one operation, and operations side by side."""

    intra: int
    inter: int = 1

    def __str__(self):
        return f"{self.intra} × {self.inter}"


@dataclasses.dataclass(frozen=True)
class Contender:
    """One of the programs that are compared.

    Args:
        name: its name in the table.
        setup: `"module:function"`, called in the contender's own process as
            `function(threads, **options)`. It returns a function without arguments that runs one
            repetition and returns its figure, such as tokens per second.
        threads: the settings to try; the best one competes. They are set as environment variables
            for TensorFlow, OpenMP and MKL; other libraries must be set up in `setup`.
        options: arguments of `setup`, which JSON must be able to hold.
        requires: packages without which it is left out.
        at_least: how many times better ours must be than this one; `None` for no such limit.
        aim: how many times better ours should be.
    """

    name: str
    setup: str
    threads: Sequence[Threads] = (Threads(1), Threads(2))
    options: Mapping = dataclasses.field(default_factory=dict)
    requires: Sequence[str] = ()
    at_least: float | None = None
    aim: float | None = None

    def missing(self) -> list[str]:
        """Return the required packages that are not installed."""
        return [name for name in self.requires if importlib.util.find_spec(name) is None]


def compare(
    title: str,
    unit: str,
    contenders: Sequence[Contender],
    repeats: int = 5,
    sweep_repeats: int = 2,
    lower_is_better: bool = False,
    minutes: float | None = None,
) -> Comparison:
    """Measure contenders in turn, and print the progress.

    First each contender's thread settings are tried, in turn, and the best one is kept. Then each
    round asks every contender for one repetition. Only one process works at a time, except during
    their set-up, which is not measured.

    Args:
        title: what is measured.
        unit: unit of the figures.
        contenders: the contenders, ours first.
        repeats: number of rounds. Defaults to 5.
        sweep_repeats: repetitions that choose the thread setting. Defaults to 2.
        lower_is_better: whether the figures are times. Defaults to `False`: rates.
        minutes: the approximate duration, to be printed.

    Returns:
        The `Comparison`.

    Raises:
        RuntimeError: a contender failed; the message ends with its output.
    """
    about = f", about {minutes:g} min" if minutes else ""
    names = ", ".join(contender.name for contender in contenders)
    print(f"{title} ({unit}): {names}; {repeats} rounds{about}", flush=True)
    with contextlib.ExitStack() as running:
        workers = []
        for contender in contenders:
            missing = ", ".join(contender.missing())
            if missing:
                print(f"  {contender.name} is left out: pip install '.[bench]' for {missing}")
                continue
            workers.append(_best(contender, sweep_repeats, lower_is_better, running))
        for turn in range(repeats):
            first = turn % len(workers)  # none is always first, or after the same one
            for worker in workers[first:] + workers[:first]:
                worker.repeat()
            latest = ", ".join(f"{each.contender.name} {each.figures[-1]:,.6g}" for each in workers)
            print(f"  {turn + 1}/{repeats}: {latest}", flush=True)
        results = [worker.result() for worker in workers]
    return Comparison(title, unit, results, lower_is_better)


def _best(contender, repeats, lower_is_better, running):
    """Start a worker for each thread setting and keep the best."""
    workers = [running.enter_context(_Worker(contender, each)) for each in contender.threads]
    for worker in workers:
        worker.get_ready()
    if len(workers) == 1:
        return workers[0]
    for _ in range(repeats):
        for worker in workers:
            worker.repeat()
    sweep = {str(worker.threads): worker.figures for worker in workers}
    workers.sort(key=lambda worker: statistics.median(worker.figures), reverse=not lower_is_better)
    best, *others = workers
    for worker in others:
        worker.stop()
    best.sweep, best.figures = sweep, []
    print(f"  {contender.name}: best with {best.threads} threads", flush=True)
    return best


class _Worker:
    """This side of a contender's process: see `worker.py`."""

    def __init__(self, contender, threads):
        self.contender = contender
        self.threads = threads
        self.sweep = {}
        self.figures = []
        self.peak_memory_mb = 0

    def __enter__(self):
        self._log = tempfile.TemporaryFile("w+")
        arguments = [json.dumps(self.threads), json.dumps(dict(self.contender.options))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", self.contender.setup, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=_ROOT,
            env=os.environ | _environment(self.threads),
            text=True,
        )
        return self

    def __exit__(self, *_):
        self.stop()

    def get_ready(self):
        """Wait until it is set up."""
        self._answer()

    def repeat(self):
        """Ask for one repetition and wait for it."""
        with contextlib.suppress(BrokenPipeError):  # a dead process gives an empty answer
            print("repeat", file=self._process.stdin, flush=True)
        answer = self._answer()
        self.figures.append(answer["figure"])
        self.peak_memory_mb = answer["peak_memory_mb"]

    def result(self):
        return Result(
            name=self.contender.name,
            threads=str(self.threads),
            figures=self.figures,
            sweep=self.sweep,
            peak_memory_mb=self.peak_memory_mb,
            at_least=self.contender.at_least,
            aim=self.contender.aim,
        )

    def stop(self):
        self._process.kill()  # nothing can be lost
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._log.close()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._log.seek(0)
            last = "".join(self._log.readlines()[-15:])
            self.stop()
            raise RuntimeError(f"{self.contender.name} ({self.threads} threads) failed:\n{last}")
        return json.loads(line)


def _environment(threads):
    intra, inter = str(threads.intra), str(threads.inter)
    return {
        "OMP_NUM_THREADS": intra,
        "MKL_NUM_THREADS": intra,
        "OPENBLAS_NUM_THREADS": intra,
        "TF_NUM_INTRAOP_THREADS": intra,
        "TF_NUM_INTEROP_THREADS": inter,
        # A process that waits for its turn must not spin.
        "OMP_WAIT_POLICY": "PASSIVE",
        "KMP_BLOCKTIME": "0",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
