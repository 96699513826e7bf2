"""What a translator learns from: text for a vocabulary, batches, and a sample to translate."""

from __future__ import annotations

import numpy as np

from tf_transformer.config import TranslatorTraining
from tf_transformer.data import (
    BucketedBatches,
    Corpus,
    MixedPairs,
    Pairs,
    PreparedCorpus,
    Share,
    StreamedBatches,
    tokenize_parts,
)
from tf_transformer.data.batch_plan import BatchPlan
from tf_transformer.data.copied_words import with_placeholders
from tf_transformer.data.repeats import repeats
from tf_transformer.data.share import WHOLE
from tf_transformer.errors import counted
from tf_transformer.text import Tokenizer
from tf_transformer.text.placeholders import has_placeholders

Tokenizers = tuple[Tokenizer, Tokenizer]


def vocabulary_pairs(corpus: Corpus) -> Pairs:
    """Return the pairs that a vocabulary is learned from: the first epoch's, in one direction.

    Args:
        corpus: a corpus or a `Mixture`.
    """
    shown = []
    for part in corpus.parts:
        if part.shown.target_language == corpus.target_language:
            pairs = part.shown.pairs("train")
            times = repeats(np.full(len(pairs), part.weight), epoch=0)
            for pair, count in zip(pairs, times, strict=True):
                shown += count * [pair]
    return Pairs(*([pair[side] for pair in shown] for side in (0, 1)))


def steps_of_pass(corpus: Corpus, tokenizers: Tokenizers, config: TranslatorTraining) -> int:
    """Return the number of batches of a pass over the corpus, without copies."""
    if isinstance(corpus, PreparedCorpus):
        return _streamed(corpus, config).steps_per_epoch
    pairs = tokenize_parts(corpus.parts, "train", tokenizers, config.max_length)
    return _batches(pairs, config, weights=pairs.weights).steps_per_epoch


def training_batches(
    corpus: Corpus, tokenizers: Tokenizers, config: TranslatorTraining, share: Share = WHOLE
) -> BatchPlan:
    """Return the batches to train on, and print a line about them.

    If the vocabulary has placeholders, some pairs come a second time, with placeholders for words.

    Args:
        corpus: a corpus or a `Mixture`.
        tokenizers: for sources and targets.
        config: configuration of the training.
        share: the share of each batch to read. Defaults to all of it.
    """
    if isinstance(corpus, PreparedCorpus):
        batches = _streamed(corpus, config, share)
        print(f"{corpus.index.report} {batches.report()}.")
        return batches
    copies = []

    def with_copies(pairs: Pairs) -> Pairs:
        more = with_placeholders(pairs, config.unseen_share, config.seed)
        copies.append(len(more) - len(pairs))
        return more

    options = {"change": with_copies} if has_placeholders(*tokenizers) else {}
    options |= {"sampling": config.subword_sampling, "seed": config.seed}
    pairs = tokenize_parts(corpus.parts, "train", tokenizers, config.max_length, **options)
    if copies:
        count = counted(sum(copies), "pair")
        print(f"{count} come a second time, with placeholders for words to copy.")
    return _told(pairs, _batches(pairs, config, share, pairs.weights))


def validation_batches(
    corpus: Corpus, tokenizers: Tokenizers, config: TranslatorTraining, share: Share = WHOLE
) -> BucketedBatches:
    """Return the batches to validate on, with each pair once, and print a line about them.

    Args:
        corpus: a corpus or a `Mixture`.
        tokenizers: for sources and targets.
        config: configuration of the training.
        share: the share of each batch to read. Defaults to all of it.
    """
    pairs = tokenize_parts(corpus.parts, "validation", tokenizers, config.max_length)
    return _told(pairs, _batches(pairs, config, share))


def validation_sample(corpus: Corpus, size: int) -> Pairs:
    """Return pairs to translate after each epoch, an equal share from each corpus.

    Args:
        corpus: a corpus or a `Mixture`.
        size: most pairs.

    Returns:
        The pairs, each source preceded by its tag, if it has one.
    """
    sample = Pairs([], [])
    for number, part in enumerate(corpus.parts, start=1):
        share = round(size * number / len(corpus.parts)) - len(sample)
        pairs = part.shown.pairs("validation").without_blanks()[:share]
        sample.sources.extend(part.tag + source for source in pairs.sources)
        sample.targets.extend(pairs.targets)
    return sample


def _streamed(
    corpus: PreparedCorpus, config: TranslatorTraining, share: Share = WHOLE
) -> StreamedBatches:
    return StreamedBatches(
        corpus.blocks,
        config.batch_tokens,
        config.seed,
        config.max_shapes,
        corpus.weights,
        share,
        corpus.name_of_ids,
    )


def _batches(
    pairs: MixedPairs,
    config: TranslatorTraining,
    share: Share = WHOLE,
    weights: np.ndarray | None = None,
) -> BucketedBatches:
    return BucketedBatches(
        pairs, config.batch_tokens, config.seed, config.max_shapes, weights, share
    )


def _told(pairs: MixedPairs, batches: BucketedBatches) -> BucketedBatches:
    print(f"{pairs.report()}; {batches.report()}.")
    return batches
