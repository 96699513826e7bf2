"""How long it takes from a start to quick answers, and how much memory serving needs.

    python -m benchmarks.startup --run_dir=runs/ted

Each probe is a separate process, like a server, with nothing else running. Compiled models are
warmed up with the requests of the warm-up file.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile

from absl import flags

from benchmarks import decoding_data
from benchmarks.comparison import Comparison, Result, at_most, save
from benchmarks.trained_run import trained_run

FLAGS = flags.FLAGS
flags.DEFINE_integer("repeats", 1, "processes of each kind")
flags.DEFINE_string("json", "runs/benchmarks/startup.json", "where the figures go")

_MOST_MEMORY = {"SavedModel": 1200, "with XLA": 1800}  # MB
_PROBES = {  # column: the probe, and the package that it needs
    "SavedModel": ("graph", "tensorflow"),
    "with XLA": ("compiled", "tensorflow"),
    "CTranslate2": ("ctranslate2", "ctranslate2"),
    "this package": ("package", "tensorflow"),
}


def measure(directory, repeats):
    """Run all probes in turn.

    Returns:
        For each column, the output of its processes: see `startup_probes`.
    """
    answers = {}
    for turn in range(repeats):
        for column, (probe, requirement) in _PROBES.items():
            if importlib.util.find_spec(requirement):
                answers.setdefault(column, []).append(_run(probe, directory))
                seconds = sum(stage["seconds"] for stage in answers[column][-1].values())
                print(f"  {turn + 1}/{repeats}: {column} {seconds:.1f} s", flush=True)
    return answers


def _run(probe, directory):
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.startup_probes", probe, directory],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if finished.returncode:
        raise RuntimeError(f"the probe {probe} failed:\n{finished.stderr[-2000:]}")
    return json.loads(finished.stdout)


def comparisons_of(answers):
    """Return a `Comparison` for each stage's time, for the memory, and for its limit."""
    stages = dict.fromkeys(stage for processes in answers.values() for stage in processes[0])
    times = [
        Comparison(
            stage,
            "s",
            [
                Result(column, "", [process[stage]["seconds"] for process in processes])
                for column, processes in answers.items()
                if stage in processes[0]
            ],
            lower_is_better=True,
        )
        for stage in stages
    ]
    peaks = [
        Result(
            column,
            "",
            [max(stage["peak_memory_mb"] for stage in each.values()) for each in processes],
        )
        for column, processes in answers.items()
    ]
    limits = [
        at_most(f"Serving, {peak.name}, peak memory", "MB", peak, _MOST_MEMORY[peak.name])
        for peak in peaks
        if peak.name in _MOST_MEMORY
    ]
    return [*times, Comparison("Peak memory", "MB", peaks, lower_is_better=True), *limits]


def table(comparisons):
    """Return the medians as text, one column for each probe, followed by figures with a limit."""
    line = "{:<32}" + "{:>14}" * len(_PROBES)
    lines = [line.format("", *_PROBES)]
    limited = [comparison for comparison in comparisons if comparison.results[-1].at_least]
    for comparison in (each for each in comparisons if each not in limited):
        medians = {result.name: result.median for result in comparison.results}
        digits = 2 if comparison.unit == "s" else 0
        cells = [f"{medians[name]:,.{digits}f}" if name in medians else "" for name in _PROBES]
        lines.append(line.format(f"{comparison.title}, {comparison.unit}", *cells).rstrip())
    return "\n".join([*lines, *(comparison.table() for comparison in limited)])


def main():
    with tempfile.TemporaryDirectory() as directory:
        print(decoding_data.prepare(directory, *trained_run()), flush=True)
        answers = measure(directory, FLAGS.repeats)
    comparisons = comparisons_of(answers)
    print(table(comparisons))
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
