"""From text pairs to token ids, with a count of unusable pairs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_transformer.data.pairs import Pairs
from tf_transformer.data.ragged import Ragged, append_end, select_rows
from tf_transformer.data.sampled_pairs import SampledPairs
from tf_transformer.data.tokenized_pairs import TokenizedPairs
from tf_transformer.text.rules import clean
from tf_transformer.text.tokenizer import Tokenizer

_CHUNK = 8_192  # texts tokenised at a time
_SHORT = 10  # tokens; up to this length, any ratio of lengths is plausible


def tokenize_pairs(
    pairs: Pairs,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    max_length: int = 128,
    max_length_ratio: float = 3.0,
    sampling: float = 0.0,
    seed: int = 0,
) -> TokenizedPairs | SampledPairs:
    """Turn sentence pairs into token ids; skip and count unusable pairs.

    Args:
        pairs: the text.
        source_tokenizer: tokenizer of the source side.
        target_tokenizer: tokenizer of the target side.
        max_length: most tokens in a source or a target, START or END included. Defaults to 128.
        max_length_ratio: a pair is left out if its longer side has more than this many times the
            tokens of the other, because it is hardly a translation. Sides of up to 10 tokens are
            not judged. If one language nearly always takes several times the tokens of the other,
            as in small corpora without spaces, the limit is multiplied accordingly. Defaults to 3.
        sampling: exponent of the probabilities of the ways to split a text, one of which is drawn
            for each epoch (see `SentencePiece.sampler`); 0 takes the best way in all epochs.
            Defaults to 0.
        seed: seed of the draws. Defaults to 0.

    Returns:
        The remaining pairs, in order. The draws do not influence which pairs remain.

    Raises:
        UserError: if `sampling` is not 0 and a tokenizer cannot sample.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters("abcdefghijklmnopqrstuvwxyz")
        pairs = tft.data.Pairs(["bom", "dia", ""], ["good", "day", "nothing"])
        tokenized = tft.data.tokenize_pairs(pairs, tokenizer, tokenizer)
        tokenized.report()  # '2 of 3 pairs kept; left out: 1 empty source'
        ```
    """
    sources = tokenize_texts(pairs.sources, source_tokenizer)
    targets = tokenize_texts(pairs.targets, target_tokenizer)
    longer = np.maximum(sources.lengths, targets.lengths)
    shorter = np.minimum(sources.lengths, targets.lengths)
    most = max_length_ratio * _usual_ratio(sources.lengths, targets.lengths)
    reasons = {  # the first that applies counts
        "empty source": _is_empty(pairs.sources, sources),
        "empty target": _is_empty(pairs.targets, targets),
        "over the length limit": longer + 1 > max_length,
        "extreme length ratio": (longer > _SHORT) & (longer > most * shorter),
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


def tokenize_texts(texts: Sequence[str], tokenizer: Tokenizer) -> Ragged:
    """Turn texts into rows of token ids, without START and END."""
    values, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for start in range(0, len(texts), _CHUNK):
        tokens = tokenizer.tokenize(tf.constant(texts[start : start + _CHUNK]))
        values.append(tokens.values.numpy())
        lengths.append(tokens.row_lengths().numpy())
    return Ragged.of(np.concatenate(values), np.concatenate(lengths))


def _usual_ratio(sources: np.ndarray, targets: np.ndarray) -> int:
    """Return by which factor the same side is longer in three of four pairs; 1 if neither is."""
    is_there = (sources > 0) & (targets > 0)
    if not is_there.any():
        return 1
    ratios = sources[is_there] / targets[is_there]
    low, high = (
        np.quantile(ratios, 0.25, method="lower"),
        np.quantile(ratios, 0.75, method="higher"),
    )
    return max(1, round(float(low)), round(float(1 / high)))


def _is_empty(texts: list[str], tokens: Ragged) -> np.ndarray:
    return np.array([not clean(text) for text in texts], bool) | (tokens.lengths == 0)
