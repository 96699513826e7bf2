"""How fast and how well a small language model trains, compared with PyTorch's of the same size.

    python -m benchmarks.language_model --text=tiny_shakespeare/input.txt

nanoGPT's setting for a CPU: characters, 4 layers of 4 heads, 128 wide, batches of 12 blocks of 64.
Both read the same batches from memory. First, the speed of whole training steps is measured, in
turn. Then each model is trained from new weights, the peer for 2,000 batches, ours for 2,000 and
for 1,000. The figures are the loss on the last tenth of the text, all of it, and the seconds from
the first batch to the last, compiling included. For tiny Shakespeare, nanoGPT's README says 1.88.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path

import numpy as np
from absl import flags

import tf_transformer as tft
from benchmarks.comparison import save
from benchmarks.measure import Contender, Threads, compare
from tf_transformer.errors import counted

FLAGS = flags.FLAGS
flags.DEFINE_string("text", "python_help", "text to learn from: see recipe 09's --dataset")
flags.DEFINE_integer("repeats", 5, "rounds of speed")
flags.DEFINE_integer("steps", 2000, "batches after which the loss is measured; 0 leaves it out")
flags.DEFINE_string("json", "runs/benchmarks/language_model.json", "where the figures go")

_STEPS = 100  # of a repetition
_HERE = "benchmarks.language_model:"


def prepare(directory, dataset):
    """Turn a text into token ids, and keep them; return a line about the batches."""
    text = tft.data.load_text(dataset)
    tokenizer = tft.text.Characters.train(text.train, vocab_size=1000)
    streams = {
        split: tft.data.tokenize_documents(documents, tokenizer)
        for split, documents in (("train", text.train), ("validation", text.validation))
    }
    np.savez(Path(directory) / "text.npz", vocab_size=tokenizer.vocab_size, **streams)
    return make_batches(directory).report()


def configs(directory, steps):
    """Return the configurations of the model and of its training, for this many steps."""
    with np.load(Path(directory) / "text.npz") as arrays:
        model_config = tft.CausalLMConfig(vocab_size=int(arrays["vocab_size"]))
    return model_config, tft.config.LanguageModelTraining(epochs=1, steps_per_epoch=steps)


def make_batches(directory, split="train", steps=_STEPS):
    """Return the `BlockBatches` of a split."""
    model_config, config = configs(directory, steps)
    with np.load(Path(directory) / "text.npz") as arrays:
        stream = arrays[split]
    return tft.data.BlockBatches(stream, model_config.max_length, config.batch_tokens, steps)


def _arrays(dataset):
    return [tuple(ids.numpy() for ids in batch) for batch in dataset]


def ours(threads, directory, steps=0, figure="loss"):
    """Train this package's model with `fit`: tokens/s, or the loss after this many steps."""
    import keras

    from tf_transformer.training import compile_model

    model_config, config = configs(directory, steps or _STEPS)
    batches = make_batches(directory)
    keras.utils.set_random_seed(1)
    model = tft.CausalLM(model_config)
    compile_model(model, config, steps or _STEPS)
    fit = {"shuffle": False, "verbose": 0}

    def train():
        started = time.perf_counter()
        model.fit(batches.dataset(), steps_per_epoch=steps, **fit)
        if figure == "seconds":
            return time.perf_counter() - started
        validation = make_batches(directory, "validation").one_pass()
        return model.evaluate(validation, verbose=0, return_dict=True)["loss"]

    def repeat():
        started = time.perf_counter()
        model.fit(batches.dataset(), steps_per_epoch=_STEPS, **fit)
        return batches.target_tokens / (time.perf_counter() - started)

    if steps:
        return train
    repeat()
    return repeat


def pytorch(threads, directory, steps=0, figure="loss"):
    """PyTorch's model, as nanoGPT trains it; its batches wait as tensors."""
    import torch

    from benchmarks.peers.torch_language_model import TorchLanguageModel, TorchLanguageTrainer

    torch.set_num_threads(threads.intra)
    torch.manual_seed(1)
    model_config, _ = configs(directory, steps or _STEPS)
    batches = make_batches(directory)
    trainer = TorchLanguageTrainer(TorchLanguageModel(model_config), steps or _STEPS)
    arrays = _arrays(batches.dataset().take(steps or _STEPS))
    tensors = [tuple(map(torch.from_numpy, batch)) for batch in arrays]

    def train():
        started = time.perf_counter()
        for batch in tensors:
            trainer.step(*batch)
        if figure == "seconds":
            return time.perf_counter() - started
        blocks = _arrays(make_batches(directory, "validation").one_pass())
        with torch.no_grad():
            losses = [trainer.loss(*map(torch.from_numpy, batch)).item() for batch in blocks]
        return float(np.average(losses, weights=[ids.size for ids, _ in blocks]))

    def repeat():
        started = time.perf_counter()
        for batch in tensors:
            trainer.step(*batch)
        return batches.target_tokens / (time.perf_counter() - started)

    if steps:
        return train
    repeat()
    return repeat


def contenders(directory):
    """Return ours and the peer, for the text in a directory."""
    options = {"directory": directory}
    return [
        Contender("tf_transformer", _HERE + "ours", options=options),
        Contender(
            "PyTorch, as nanoGPT",
            _HERE + "pytorch",
            options=options,
            requires=["torch"],
            at_least=1.0,
            aim=1.2,
        ),
    ]


def trained(speed, both, steps, our_steps, figure):
    """Compare the results of training, each with its best threads."""
    threads = {each.name: Threads(*map(int, each.threads.split(" × "))) for each in speed.results}
    batches = {each.name: steps for each in both} | {both[0].name: our_steps}
    both = [
        dataclasses.replace(
            each,
            threads=[threads[each.name]],
            options=dict(each.options) | {"steps": batches[each.name], "figure": figure},
            aim=None,
        )
        for each in both
        if each.name in threads
    ]
    after = counted(steps, "batch", "batches") + (
        f", ours {our_steps:,}" if our_steps < steps else ""
    )
    return compare(
        f"Language model, after {after}",
        "nats a token" if figure == "loss" else "seconds",
        both,
        repeats=1,
        lower_is_better=True,
        minutes=4,
    )


def main():
    with tempfile.TemporaryDirectory() as directory:
        print(f"{FLAGS.text}: {prepare(directory, FLAGS.text)}")
        both = contenders(directory)
        speed = compare(
            "Language model, training", "tokens/s", both, repeats=FLAGS.repeats, minutes=3
        )
        comparisons = [speed]
        if FLAGS.steps:
            half = FLAGS.steps // 2
            for our_steps, figure in ((FLAGS.steps, "loss"), (half, "loss"), (half, "seconds")):
                comparisons.append(trained(speed, both, FLAGS.steps, our_steps, figure))
    for comparison in comparisons:
        print(comparison.table())
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
