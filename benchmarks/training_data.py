"""The shared directory that all contenders of the training benchmarks read."""

import json
from pathlib import Path

import numpy as np

import tf_transformer as tft  # which imports TensorFlow only where it is needed
from tf_transformer.errors import counted

STEPS = 20  # batches of a repetition
_VOCABULARY_PAIRS = 20_000  # more would take longer and change little
_PARTS = ("source", "target_in", "target_out")


def prepare(directory, dataset, data_dir):
    """Learn a vocabulary, tokenise a corpus, and keep it with its first bucketed batches.

    Args:
        directory: directory to write to.
        dataset: name of the corpus.
        data_dir: folder of TensorFlow Datasets.

    Returns:
        One line about the batches.
    """
    _, config = tft.preset("tutorial")
    pairs = tft.load_corpus(dataset, data_dir).pairs("train")
    options = config.tokenizer, config.vocab_size, config.joint_vocabulary
    some = pairs[:_VOCABULARY_PAIRS]
    tokenizers = tft.train_tokenizers(some.sources, some.targets, *options)
    tokenized = tft.data.tokenize_pairs(pairs, *tokenizers, max_length=config.max_length)
    batches = make_batches(tokenized)

    directory = Path(directory)
    tft.save_tokenizers(directory / "tokenizers", *tokenizers)
    (directory / "text.json").write_text(json.dumps([pairs.sources, pairs.targets]))
    np.savez(
        directory / "pairs.npz",
        vocab_size=tokenizers[0].vocab_size,
        sources=tokenized.sources.values,
        source_splits=tokenized.sources.row_splits,
        targets=tokenized.targets.values,
        target_splits=tokenized.targets.row_splits,
    )
    arrays = {}
    for step, ((source, target_in), target_out) in enumerate(batches.dataset().take(STEPS)):
        for part, ids in zip(_PARTS, (source, target_in, target_out), strict=True):
            arrays[f"{part}_{step}"] = ids.numpy()
    np.savez(directory / "batches.npz", **arrays)
    return f"{counted(len(tokenized), 'pair')} of {dataset}: {batches.report()}"


def configs(directory):
    """Return the configurations of the model and of its training."""
    with np.load(Path(directory) / "pairs.npz") as arrays:
        vocab_size = int(arrays["vocab_size"])
    return tft.preset("tutorial", source_vocab_size=vocab_size, target_vocab_size=vocab_size)


def load_text(directory):
    """Return the corpus as `Pairs` of strings."""
    return tft.data.Pairs(*json.loads((Path(directory) / "text.json").read_text()))


def load_tokenizers(directory):
    """Return the tokenizers of both sides."""
    return tft.load_tokenizers(Path(directory) / "tokenizers")


def load_pairs(directory):
    """Return the corpus as `TokenizedPairs`."""
    from tf_transformer.data.tokenized_pairs import Ragged, TokenizedPairs

    with np.load(Path(directory) / "pairs.npz") as arrays:
        return TokenizedPairs(
            Ragged(arrays["sources"], arrays["source_splits"]),
            Ragged(arrays["targets"], arrays["target_splits"]),
        )


def make_batches(tokenized):
    """Return `BucketedBatches` of the tutorial preset's size."""
    _, config = tft.preset("tutorial")
    return tft.data.BucketedBatches(tokenized, config.batch_tokens)


def load_batches(directory):
    """Return the batches of a repetition as arrays `(source, target_in, target_out)`."""
    with np.load(Path(directory) / "batches.npz") as arrays:
        return [tuple(arrays[f"{part}_{step}"] for part in _PARTS) for step in range(STEPS)]


def count_target_tokens(batches):
    """Return the number of real target tokens in batches of `load_batches`; padding is 0."""
    return sum(int(np.count_nonzero(target_out)) for _, _, target_out in batches)
