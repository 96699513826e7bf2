"""How long it takes from a start to quick answers, and how much memory serving wants.

    python -m benchmarks.startup --run_dir=runs/ted

Each probe is a process of its own, as a server's would be, with nothing else running. The warm-up
is one request for each of 64 sentences of all lengths, and one for 128 of them together.
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
from benchmarks.comparison import Comparison, Result, save
from benchmarks.corpus import choose_corpus
from benchmarks.trained_run import trained_run

FLAGS = flags.FLAGS
flags.DEFINE_integer("repeats", 3, "processes of each kind")
flags.DEFINE_string("json", "runs/benchmarks/startup.json", "where the figures go")

_MOST_MEMORY = 1200  # MB
_PROBES = {  # the column: the probe, and the package that it needs
    "SavedModel": ("graph", "tensorflow"),
    "with XLA": ("compiled", "tensorflow"),
    "CTranslate2": ("ctranslate2", "ctranslate2"),
    "this package": ("package", "tensorflow"),
}
_OURS = ("SavedModel", "with XLA")


def measure(directory, repeats):
    """Run all probes in turn.

    Returns:
        For each column, what its processes said: see `startup_probes`.
    """
    answers = {}
    for turn in range(repeats):
        for column, (probe, requirement) in _PROBES.items():
            if importlib.util.find_spec(requirement):
                answers.setdefault(column, []).append(_run(probe, directory))
                seconds = sum(answers[column][-1]["seconds"].values())
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
    """Return a `Comparison` for each stage, and one for the memory."""
    stages = dict.fromkeys(
        stage for processes in answers.values() for stage in processes[0]["seconds"]
    )
    times = [
        Comparison(
            stage,
            "s",
            [
                Result(column, "default", [process["seconds"][stage] for process in processes])
                for column, processes in answers.items()
                if stage in processes[0]["seconds"]
            ],
            lower_is_better=True,
        )
        for stage in stages
    ]
    memory = [
        Result(column, "default", [process["peak_memory_mb"] for process in processes])
        for column, processes in answers.items()
    ]
    return [*times, Comparison("peak memory", "MB", memory, lower_is_better=True)]


def table(comparisons):
    """Return the medians as text: a line for each comparison, a column for each probe."""
    line = "{:<24}" + "{:>16}" * len(_PROBES)
    lines = [line.format("", *_PROBES)]
    for comparison in comparisons:
        medians = {result.name: result.median for result in comparison.results}
        digits = 2 if comparison.unit == "s" else 0
        cells = [f"{medians[name]:,.{digits}f}" if name in medians else "" for name in _PROBES]
        lines.append(line.format(f"{comparison.title}, {comparison.unit}", *cells).rstrip())
    served = [result.median for result in comparisons[-1].results if result.name in _OURS]
    verdict = "met" if max(served) < _MOST_MEMORY else "missed"
    lines.append(f"\nServing in less than {_MOST_MEMORY:,} MB: {verdict}")
    return "\n".join(lines)


def main():
    with tempfile.TemporaryDirectory() as directory:
        _, data_dir = choose_corpus()
        print(decoding_data.prepare(directory, trained_run(), data_dir))
        comparisons = comparisons_of(measure(directory, FLAGS.repeats))
    print(table(comparisons))
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    from tf_transformer import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
