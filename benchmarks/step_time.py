"""What a training step costs: optimizer and precision, and where the time goes.

    python -m benchmarks.step_time
    python -m benchmarks.step_time --profile

The model is that of the laptop recipe, with 64 sentences of 32 tokens on each side. The ways take
turns, a step each, in one process. With `--profile`, TensorFlow's profiler adds up the time of each
kind of operation, on one core so that operations do not overlap.
"""

from __future__ import annotations

import collections
import statistics
import tempfile
import time
from pathlib import Path

from absl import flags

import tf_transformer as tft
from tf_transformer.files import write_json

FLAGS = flags.FLAGS
flags.DEFINE_integer("repeats", 15, "steps that are timed of each way")
flags.DEFINE_bool("profile", False, "whether to say where the time goes")
flags.DEFINE_string("json", "runs/benchmarks/step_time.json", "where the figures go")

_ROWS, _LENGTH, _VOCABULARY = 64, 32, 8000
_KERAS = "Muon as Keras has it"
_WAYS = [  # precision, optimizer
    ("float32", "adam"),
    ("float32", _KERAS),
    ("float32", "muon"),
    ("mixed_bfloat16", "adam"),
    ("mixed_bfloat16", _KERAS),
    ("mixed_bfloat16", "muon"),
]
_PROFILED = 4  # steps
_GROUPS = {  # words in the names of operations
    "matrix products": ("MatMul",),
    "random numbers": ("Random",),
    "casts": ("Cast",),
    "softmax": ("Softmax",),
    "transposes": ("Transpose",),
}


def make_step(precision, optimizer):
    """Return a function that does one training step."""
    import numpy as np
    import tensorflow as tf

    from benchmarks.keras_muon import use_keras_muon
    from tf_transformer.training import compile_model

    model_config, config = tft.preset(
        "tutorial",
        source_vocab_size=_VOCABULARY,
        target_vocab_size=_VOCABULARY,
        d_model=192,
        d_ff=768,
        num_heads=6,
        optimizer="adam" if optimizer == "adam" else "muon",
        schedule="cosine",
        precision=precision,
        ema=0,
    )
    model = tft.Transformer(model_config, dtype=precision)
    compile_model(model, config, 1000)
    if optimizer == _KERAS:
        use_keras_muon(model)
    ids = np.random.default_rng(1).integers(4, _VOCABULARY, (2, _ROWS, _LENGTH), "int32")
    source, target = map(tf.constant, ids)
    compiled = tf.function(lambda batch: model.train_step(batch))
    return lambda: float(compiled(((source, target), target))["loss"])


def timed(step):
    """Return the seconds of a step."""
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def profile(step):
    """Return the milliseconds of each kind of operation in a step."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as directory:
        with tf.profiler.experimental.Profile(directory):
            for _ in range(_PROFILED):
                step()
        (path,) = Path(directory).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
    spent = collections.Counter()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            name, _, operation = plane.event_metadata[event.metadata_id].name.rpartition(":")
            if "/" in name or name.startswith("StatefulPartitionedCall"):
                spent[_group(operation)] += event.duration_ps / 1e9 / _PROFILED
    return dict(spent.most_common())


def _group(operation):
    for group, words in _GROUPS.items():
        if any(word in operation for word in words):
            return group
    return "all else"


def main():
    import tensorflow as tf

    if FLAGS.profile:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    steps = {way: make_step(*way) for way in _WAYS}
    for step in [*steps.values()] * 2:  # the first traces, the second warms up
        step()
    seconds = {way: [] for way in steps}
    for _ in range(FLAGS.repeats):
        for way, step in steps.items():
            seconds[way].append(timed(step))
    usual = statistics.median(seconds["float32", _KERAS])
    results = []
    for way, step in steps.items():
        median = statistics.median(seconds[way])
        print(f"{', '.join(way)}: {1000 * median:.0f} ms, {usual / median:.2f} x", flush=True)
        results.append({"way": way, "seconds": seconds[way]})
        if FLAGS.profile:
            results[-1]["profile_ms"] = spent = profile(step)
            print("   ", ", ".join(f"{name} {ms:.0f}" for name, ms in spent.items()))
    write_json(FLAGS.json, results)


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
