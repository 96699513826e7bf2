"""Learning the confidence in translations from others of known quality."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tf_transformer.evaluation.bleu import as_people_read, sentence_chrf

if TYPE_CHECKING:
    import tensorflow as tf

    from tf_transformer.data import Pairs
    from tf_transformer.tasks.confidence import Confidence
    from tf_transformer.text.tokenizer import Tokenizer

_FOLDS = 5  # each is judged with what was learned from the others
_USUAL = 25  # percentile: three of four translations have at least the usual quality
_DECAY = 1.0  # of weights, so that few sentences teach little
_FAR = 6.0  # standard deviations below the mean, where the prior expects bad translations
_STEPS = 1000
_MOST = 1e6  # upper limit of any evidence, which copied text has
_AT_ONCE = 10_000  # texts to tokenize together


def count_pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    """Return how often each token of a vocabulary occurs in texts; symbols count as frequent."""
    from tf_transformer.text.tokenizer import SPECIAL_LABELS

    counts = np.zeros(tokenizer.vocab_size, int)
    for tokens in _tokens(tokenizer, texts):
        counts += np.bincount(tokens.flat_values.numpy(), minlength=len(counts))
    counts[len(SPECIAL_LABELS) :][: len(tokenizer.symbols)] = counts.max(initial=0)
    return counts.tolist()


def longest_of(
    tokenizer: Tokenizer, texts: Sequence[str], max_length: int, share: float = 1.0
) -> int:
    """Return the number of tokens, END included, of the longest text within `max_length`.

    Args:
        tokenizer: tokenizer of the texts.
        texts: any number of texts.
        max_length: most tokens of a text that counts.
        share: share of these texts to consider, from the shortest. Defaults to 1: all.
    """
    lengths = [tokens.row_lengths().numpy() for tokens in _tokens(tokenizer, texts)]
    lengths = np.concatenate([[0], *lengths])
    return int(np.quantile(lengths[lengths < max_length], share, method="higher"))


def _tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tf.RaggedTensor]:
    import tensorflow as tf

    for start in range(0, len(texts), _AT_ONCE):
        yield tokenizer.tokenize(tf.constant(texts[start : start + _AT_ONCE]))


def chrf_of_each(
    translations: Sequence[str], references: Sequence[str], tokenize: str = "13a"
) -> np.ndarray:
    """Return the chrF of each sentence, from 0 to 100, float64 `(sentences,)`.

    Args:
        translations: the translations to score.
        references: the references, in the same order.
        tokenize: as of `score`; if it is the form that the references are written in, everything is
            detokenized and scored in lower case. Defaults to `"13a"`.
    """
    from sacrebleu.metrics import BLEU

    is_form = tokenize not in BLEU.TOKENIZERS
    if is_form:
        translations, references = as_people_read(translations, references, tokenize)
    return sentence_chrf(translations, references, lowercase=is_form)


def quality_and_evidence(
    found: Mapping[str, list[Any]], pairs: Pairs, tokenize: str = "13a"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the chrF of the best translations, and the evidence for them.

    Args:
        found: results of `Translator.weigh_beam` for the sources of the pairs: see `evaluate`.
        pairs: sentences and their references.
        tokenize: as of `score`. Defaults to `"13a"`.
    """
    best = [row[0] for row in found["translations"]]
    evidence = np.stack([row[0] for row in found["evidence"]])
    return chrf_of_each(best, pairs.targets, tokenize), evidence


def learn_confidence(
    confidence: Confidence, quality: Sequence[float], evidence: np.ndarray
) -> Confidence:
    """Learn which translations have at least the usual quality.

    A translation is good if its quality is at least the lower quartile. A logistic regression with
    non-negative weights and Platt's targets tells good translations from others. Its own quality,
    `auc` and `reliability`, comes from five folds, each judged with what the others teach.

    Args:
        confidence: a confidence with known `counts`.
        quality: chrF of each sentence.
        evidence: float `(sentences, evidence)`, from `Confidence.evidence`, with "known pieces".

    Returns:
        The `Confidence`, learned.

    Reference:
        Platt 1999, *Probabilistic Outputs for Support Vector Machines*.
    """
    quality, evidence = np.asarray(quality, float), np.asarray(evidence, float)
    is_copied = evidence[:, 0] > _MOST / 2
    quality, evidence = quality[~is_copied], evidence[~is_copied]
    if not len(quality):
        return confidence
    threshold = float(np.percentile(quality, _USUAL, method="lower"))
    good = quality >= threshold
    folds = np.arange(len(good)) % _FOLDS
    chances = np.zeros(len(good))
    for fold in range(_FOLDS if len(good) > 1 else 0):
        held = folds == fold
        chances[held] = _chances(evidence[held], _fit(evidence[~held], good[~held]))
    fields = _fit(evidence, good)
    return dataclasses.replace(
        confidence,
        **{name: x.tolist() for name, x in fields.items()},
        threshold=threshold,
        auc=area_under_roc(chances, good),
        reliability=reliability(chances, good),
        sentences=len(good),
    )


def area_under_roc(chances: Sequence[float], good: Sequence[bool]) -> float | None:
    """Return the share of pairs of a good and a bad one in which the good one has more chances.

    Ties count half. The result is `None` if all are good or all are bad.
    """
    chances, good = np.asarray(chances), np.asarray(good, bool)
    ups, downs = np.sort(chances[good]), chances[~good]
    if not len(ups) or not len(downs):
        return None
    lower = np.searchsorted(ups, downs, "left") + np.searchsorted(ups, downs, "right")
    return float(1 - lower.mean() / (2 * len(ups)))


def reliability(
    chances: Sequence[float], good: Sequence[bool], bins: int = 10
) -> list[list[float]]:
    """Return how many translations are really good, in groups of similar confidence.

    Args:
        chances: the confidence in each translation.
        good: whether each is good.
        bins: number of groups of equal size, in the order of confidence. Defaults to 10.

    Returns:
        For each group, the mean confidence, the share of good ones, and the number of sentences.
    """
    chances, good = np.asarray(chances), np.asarray(good, float)
    parts = np.array_split(np.argsort(chances, kind="stable"), min(bins, len(chances)))
    return [[float(chances[p].mean()), float(good[p].mean()), len(p)] for p in parts if len(p)]


def _fit(evidence: np.ndarray, good: np.ndarray) -> dict[str, np.ndarray]:
    """Fit the logistic regression by projected gradient descent with momentum."""
    features = evidence[:, :-1]
    means, scales = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-3)
    x, count, ups = (features - means) / scales, len(good), good.sum()
    targets = np.where(good, (ups + 1) / (ups + 2), 1 / (count - ups + 2))  # Platt's
    x = np.vstack([x, np.full(x.shape[1], -_FAR)])  # the prior, as one more sentence
    targets = np.append(targets, 0.0)
    weights, bias = np.zeros(x.shape[1]), np.log((ups + 1) / (count - ups + 1))
    rate = 4 / (1 + np.square(x).sum(axis=1).mean())
    ahead_weights, ahead_bias = weights, bias
    for step in range(_STEPS):
        wrong = 1 / (1 + np.exp(-(x @ ahead_weights + ahead_bias).clip(-50, 50))) - targets
        gradient = (x.T @ wrong + _DECAY * ahead_weights) / len(x)
        new_weights = np.maximum(ahead_weights - rate * gradient, 0)
        new_bias = ahead_bias - rate * wrong.mean()
        momentum = step / (step + 3)
        ahead_weights = new_weights + momentum * (new_weights - weights)
        ahead_bias = new_bias + momentum * (new_bias - bias)
        weights, bias = new_weights, new_bias
    return {"means": means, "scales": scales, "weights": weights, "bias": np.asarray(bias)}


def _chances(evidence: np.ndarray, fields: dict[str, np.ndarray]) -> np.ndarray:
    z = (evidence[:, :-1] - fields["means"]) / fields["scales"] @ fields["weights"] + fields["bias"]
    return evidence[:, -1].clip(0, 1) / (1 + np.exp(-z.clip(-50, 50)))
