"""A `tiny_run` that several processes train together, through Keras's JAX backend.

As a program: `python -m tests.training.tiny_team DIRECTORY PORT COUNT INDEX [END STEP]`. With END,
this process ends at that step of its own: `killed`, `interrupted` as by Ctrl-C, or `terminated`. If
it is `late`, its time is over from the start. It writes the losses of all its steps to
DIRECTORY-COUNT-INDEX.json.
"""

import json
import os
import signal
import sys

from tests.training import tiny_run as tiny
from tf_transformer.config import Processes
from tf_transformer.data import BucketedBatches
from tf_transformer.training import Run, together, train_translator
from tf_transformer.training.throughput import Throughput
from tf_transformer.training.together import current_share

STEPS = 50
SIGNALS = {
    "killed": signal.SIGKILL,
    "interrupted": signal.SIGINT,
    "terminated": signal.SIGTERM,
}
CONFIG = tiny.CONFIG.replace(
    epochs=2, steps_per_epoch=STEPS // 2, checkpoint_minutes=1e-9, ema=0.9
)  # epochs of two passes and a half


def record(path, end=None, step=0):
    """Write the loss of each step to `path`; end this process at one."""
    losses = []
    on_train_batch_end = Throughput.on_train_batch_end

    def wrapped(callback, batch, logs=None):
        on_train_batch_end(callback, batch, logs)
        losses.append(float(logs["loss"]))
        with open(path, "w", encoding="utf-8") as file:
            json.dump(losses, file)
        if end in SIGNALS and len(losses) == step:
            os.kill(os.getpid(), SIGNALS[end])

    Throughput.on_train_batch_end = wrapped


def main(directory, port, count, index, end=None, step="0"):
    count, index = int(count), int(index)
    record(f"{directory}-{count}-{index}.json", end, int(step))
    processes = Processes(f"127.0.0.1:{port}" if count > 1 else "", count, index)
    with together(processes):
        batches, validation = (
            BucketedBatches(tiny.random_pairs(pairs), CONFIG.batch_tokens, share=current_share())
            for pairs in (40, 6)
        )
        config = CONFIG.replace(max_minutes=1e-9) if end == "late" else CONFIG
        train_translator(tiny.new_model(), config, batches, validation, run=Run(directory))
    print("ended in order")


if __name__ == "__main__":
    main(*sys.argv[1:])
