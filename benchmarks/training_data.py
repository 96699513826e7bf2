"""What all contenders of the training benchmark train on, in a directory that they share."""

from pathlib import Path

import numpy as np

import tf_transformer as tft  # which imports TensorFlow only where it is needed

STEPS = 20  # batches of a repetition
_VOCABULARY_PAIRS = 20_000  # more of them would change nothing but the time it takes


def prepare(directory, dataset, data_dir, preset="tutorial"):
    """Learn a vocabulary, tokenise a corpus, and keep it with its first bucketed batches.

    Args:
        directory: to write to.
        dataset: name of the corpus.
        data_dir: of TensorFlow Datasets.
        preset: whose vocabulary and batch size are used. Defaults to `"tutorial"`.

    Returns:
        One line: what the batches are like.
    """
    _, config = tft.preset(preset)
    pairs = tft.load_corpus(dataset, data_dir).pairs("train")
    tokenizers = tft.train_tokenizers(
        *(side[:_VOCABULARY_PAIRS] for side in (pairs.sources, pairs.targets)),
        *(config.tokenizer, config.vocab_size, config.joint_vocabulary),
    )
    tokenized = tft.tokenize_pairs(pairs, *tokenizers, max_length=config.max_length)
    batches = tft.BucketedBatches(tokenized, config.batch_tokens)
    rows = {
        f"{step:03}_{name}": ids.numpy()
        for step, ((source, target_in), target_out) in enumerate(batches.dataset().take(STEPS))
        for name, ids in (("source", source), ("target_in", target_in), ("target_out", target_out))
    }
    np.savez(Path(directory) / "batches.npz", **rows)
    np.savez(
        Path(directory) / "pairs.npz",
        vocab_size=tokenizers[0].vocab_size,
        sources=tokenized.sources.values,
        source_splits=tokenized.sources.row_splits,
        targets=tokenized.targets.values,
        target_splits=tokenized.targets.row_splits,
    )
    return f"{len(tokenized):,} pairs of {dataset}: {batches.report()}"


def load_vocab_size(directory):
    """Return the number of token ids, which both sides share."""
    with np.load(Path(directory) / "pairs.npz") as arrays:
        return int(arrays["vocab_size"])


def load_pairs(directory):
    """Return the corpus as `TokenizedPairs`."""
    from tf_transformer.data.tokenized_pairs import Ragged, TokenizedPairs

    with np.load(Path(directory) / "pairs.npz") as arrays:
        sides = [
            Ragged(arrays[f"{side}s"], arrays[f"{side}_splits"]) for side in ("source", "target")
        ]
    return TokenizedPairs(*sides)


def load_batches(directory):
    """Return the batches of a repetition, `(source, target_in, target_out)` each, as arrays."""
    with np.load(Path(directory) / "batches.npz") as arrays:
        names = ("source", "target_in", "target_out")
        return [tuple(arrays[f"{step:03}_{name}"] for name in names) for step in range(STEPS)]


def count_tokens(target_ids):
    """Return the number of real tokens: padding is 0."""
    return int(np.count_nonzero(target_ids))
