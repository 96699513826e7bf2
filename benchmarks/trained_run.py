"""The run of a trained model of the tutorial's size."""

import subprocess
import sys
from pathlib import Path

from absl import flags

import tf_transformer as tft
from benchmarks.corpus import choose_corpus

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/ted", "the trained model; if there is none, one is trained")

_STAND_IN = "runs/benchmark-{}"
_MINUTES = 3


def trained_run():
    """Return the directories of a run and of the data that it was trained on.

    The run is `--run_dir` if it was trained on the corpus of the benchmarks, or a stand-in that is
    trained for some minutes.
    """
    dataset, data_dir = choose_corpus()
    if _is_trained_on(dataset, FLAGS.run_dir):
        return FLAGS.run_dir, data_dir
    stand_in = _STAND_IN.format(dataset.split("/")[-1])
    print(f"{FLAGS.run_dir} has no model that was trained on {dataset}: using {stand_in} instead.")
    if not _is_trained_on(dataset, stand_in):
        print(f"Training it for {_MINUTES} minutes.", flush=True)
        command = [
            *(sys.executable, "recipes/05_train_translator.py"),
            *(f"--dataset={dataset}", f"--data_dir={data_dir}", "--preset=tutorial"),
            *("--set=warmup_steps=200", f"--max_minutes={_MINUTES}"),
            *(f"--run_dir={stand_in}", f"--export_dir={stand_in}/saved_model"),
        ]
        subprocess.run(command, check=True)
    return stand_in, data_dir


def _is_trained_on(dataset, run_dir):
    if tft.training.Checkpoints(Path(run_dir) / "checkpoints").best is None:
        return False
    return tft.Run.open(run_dir).load_config()[0] == dataset
