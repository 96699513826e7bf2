"""From text pairs to token ids, with a count of those that cannot be used."""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf

from tf_transformer.data.corpus import Pairs
from tf_transformer.data.sampled_pairs import SampledPairs
from tf_transformer.data.tokenized_pairs import (
    Ragged,
    TokenizedPairs,
    append_end,
    ragged,
    select_rows,
)

_CHUNK = 8_192  # texts tokenised at a time
_SHORT = 10  # tokens; up to this length any ratio of lengths is natural


def tokenize_pairs(
    pairs: Pairs,
    source_tokenizer,
    target_tokenizer,
    max_length: int = 128,
    max_length_ratio: float = 3.0,
    sampling: float = 0.0,
    seed: int = 0,
) -> TokenizedPairs | SampledPairs:
    """Turns sentence pairs into token ids, leaving out (and counting) those that cannot be used.

    Args:
        pairs: The text.
        source_tokenizer: Tokenizer of the source side: `tokenize` takes strings of `(batch,)` and
            returns a ragged tensor of ids `(batch, tokens)`, without START and END.
        target_tokenizer: Tokenizer of the target side.
        max_length: Most tokens in a source or a target, START or END included. Defaults to 128.
        max_length_ratio: A pair whose longer side has more than this many times the tokens of the
            other is no translation. Sides of up to 10 tokens are not judged. Defaults to 3.
        sampling: Exponent of the probabilities of ways to split a text, to sample one for each
            epoch (see `SentencePiece.sampler`); 0 for the best way in all epochs. Defaults to 0.
        seed: Seed of the samples. Defaults to 0.

    Returns:
        The pairs that are left, in order. Which they are does not depend on samples.

    Raises:
        UserError: There is `sampling`, and a tokenizer that cannot.
    """
    sources = tokenize_texts(pairs.sources, source_tokenizer)
    targets = tokenize_texts(pairs.targets, target_tokenizer)
    longer = np.maximum(sources.lengths, targets.lengths)
    shorter = np.minimum(sources.lengths, targets.lengths)
    reasons = {  # the first that applies counts
        "empty source": _is_empty(pairs.sources, sources),
        "empty target": _is_empty(pairs.targets, targets),
        "over the length limit": longer + 1 > max_length,
        "extreme length ratio": (longer > _SHORT) & (longer > max_length_ratio * shorter),
    }
    keep = np.ones(len(pairs), bool)
    left_out = {}
    for reason, applies in reasons.items():
        left_out[reason] = int(np.sum(keep & applies))
        keep &= ~applies
    best = TokenizedPairs(
        append_end(select_rows(sources, keep)), select_rows(targets, keep), left_out
    )
    if not sampling:
        return best
    samplers = (
        tokenizer.sampler(list(itertools.compress(texts, keep)), sampling)
        for texts, tokenizer in (
            (pairs.sources, source_tokenizer),
            (pairs.targets, target_tokenizer),
        )
    )
    return SampledPairs(best, *samplers, max_length, seed)


def tokenize_texts(texts: list[str], tokenizer) -> Ragged:
    """Turns texts into rows of token ids, without START and END."""
    values, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for start in range(0, len(texts), _CHUNK):
        tokens = tokenizer.tokenize(tf.constant(texts[start : start + _CHUNK]))
        values.append(tokens.values.numpy())
        lengths.append(tokens.row_lengths().numpy())
    return ragged(np.concatenate(values), np.concatenate(lengths))


def _is_empty(texts: list[str], tokens: Ragged) -> np.ndarray:
    return np.array([not text.strip() for text in texts], bool) | (tokens.lengths == 0)
