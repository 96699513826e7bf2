"""Where a trained model of the tutorial's size is."""

import subprocess
import sys
from pathlib import Path

from absl import flags

import tf_transformer as tft
from benchmarks.corpus import choose_corpus

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/ted", "the trained model; where there is none, one is trained")

_STAND_IN = "runs/benchmark"
_MINUTES = 3


def trained_run():
    """Return the directory of a run: `--run_dir`, or else a stand-in, trained for minutes."""
    if _is_trained(FLAGS.run_dir):
        return FLAGS.run_dir
    print(
        f"No trained model in {FLAGS.run_dir}: {_STAND_IN} stands in, trained for {_MINUTES} min."
    )
    if not _is_trained(_STAND_IN):
        dataset, data_dir = choose_corpus()
        command = [
            *(sys.executable, "recipes/05_train_translator.py"),
            *(f"--dataset={dataset}", f"--data_dir={data_dir}", "--preset=tutorial"),
            *("--set=warmup_steps=200", f"--max_minutes={_MINUTES}", f"--run_dir={_STAND_IN}"),
        ]
        subprocess.run(command, check=True)
    return _STAND_IN


def _is_trained(run_dir):
    return tft.Checkpoints(Path(run_dir) / "checkpoints").best is not None
