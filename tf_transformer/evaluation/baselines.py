"""Baselines, which a model must beat: answers that need no model."""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tf_transformer.evaluation.bleu import FEW, score, sentence_chrf

if TYPE_CHECKING:
    import tensorflow as tf

    from tf_transformer.data import LabelledTexts, Pairs

_MOST = 500  # most answers to compare
_ERRORS = 2  # standard errors
_PERFECT = 99  # chrF that leaves nothing to improve


@dataclasses.dataclass(frozen=True)
class Baselines:
    """Scores of answers that need no model, and whether a model's answers are clearly better.

    A model is clearly better if its answers gain more than two standard errors over the baseline's,

        mean(gains) > 2 std(gains) / sqrt(n)

    where a gain is the difference of both scores for one text. If fewer than 30 texts were held
    out, training texts are added, up to 30: they show whether anything was learned.

    Args:
        scores: for each baseline by name, its scores by name.
        unbeaten: the baseline that the model does not clearly beat. Defaults to `""`: it beats all.

    Example:
        ```python
        import tf_transformer as tft

        found = tft.evaluation.Baselines({"copying the source": {"chrf": 12.3}})
        print(found)  # Without a model: copying the source: chrF 12.30
        ```
    """

    scores: Mapping[str, Mapping[str, float]]
    unbeaten: str = ""

    def in_words(self) -> dict[str, str]:
        """Return the scores of each baseline in words, by name."""
        return {
            name: ", ".join(_in_words(*each) for each in scores.items())
            for name, scores in self.scores.items()
        }

    @property
    def doubt(self) -> str:
        """A sentence about a model that is not clearly better; empty for one that is."""
        if not self.unbeaten:
            return ""
        words = self.in_words()[self.unbeaten]
        return f"the model is not clearly better than {self.unbeaten} ({words})"

    def __str__(self) -> str:
        lines = (f"Without a model: {name}: {words}" for name, words in self.in_words().items())
        return "\n".join(lines)


def judge_translations(
    search: Callable[[tf.Tensor], Mapping[str, tf.Tensor]],
    pairs: Pairs,
    translations: Sequence[str],
    train: Pairs,
    bleu_tokenize: str = "13a",
) -> Baselines:
    """Compare translations with copies, the most frequent target, and translations of others.

    A model that gives all sentences the same translation does not beat its translations of other
    sentences. The measure is chrF. Perfect translations need not beat copies.

    Args:
        search: the search that found them: see `evaluate`.
        pairs: the sources and their references.
        translations: the translations of the sources.
        train: pairs that the model was trained on.
        bleu_tokenize: as of `score`. Defaults to `"13a"`.
    """
    answers = _translation_baselines(pairs, translations, train)
    scores = {
        name: {"bleu": found.bleu, "chrf": found.chrf}
        for name, texts in answers.items()
        for found in [score(texts, pairs.targets, bleu_tokenize)]
    }
    pairs, translations = _enough(search, pairs, translations, train)
    ours = sentence_chrf(translations, pairs.targets, lowercase=True)
    if ours.mean() >= _PERFECT:
        return Baselines(scores)
    theirs = _translation_baselines(pairs, translations, train)
    gains = {
        name: ours - sentence_chrf(texts, pairs.targets, lowercase=True)
        for name, texts in theirs.items()
    }
    return Baselines(scores, _unbeaten(gains))


def judge_classes(
    classify: Callable[[tf.Tensor], Mapping[str, tf.Tensor]],
    classes: Sequence[str],
    held_out: LabelledTexts,
    train: LabelledTexts,
) -> Baselines:
    """Compare a classifier with always answering the most frequent class in training.

    Args:
        classify: from a string tensor `(batch,)` to a dictionary with `"label"`, `(batch,)`.
        classes: names of the classes.
        held_out: texts that the model is scored on.
        train: texts that it was trained on.
    """
    from tf_transformer.tasks import map_texts  # here: to score alone needs no TensorFlow

    common = _most_frequent(train.labels)
    name = f"always answering {classes[common]!r}"
    scores = {name: {"accuracy": list(held_out.labels).count(common) / len(held_out)}}
    judged = [(held_out, _some(len(held_out), _MOST))]
    judged.append((train, _some(len(train), FEW - len(held_out))))
    texts = [split.texts[row] for split, rows in judged for row in rows]
    labels = [split.labels[row] for split, rows in judged for row in rows]
    answers = map_texts(classify, texts)["label"]
    gains = [
        (answer == classes[label]) - (label == common)
        for answer, label in zip(answers, labels, strict=True)
    ]
    return Baselines(scores, _unbeaten({name: np.array(gains, float)}))


def judge_perplexity(
    perplexity: float, train: np.ndarray, held_out: np.ndarray, vocab_size: int
) -> Baselines:
    """Compare a language model with the frequencies of tokens, which ignore the context.

    Args:
        perplexity: perplexity of the model on the held-out text.
        train: ids of the training tokens.
        held_out: ids of the held-out tokens.
        vocab_size: number of tokens, each of which is counted once more than it occurs.
    """
    counts = np.bincount(train, minlength=vocab_size) + 1
    nats = -np.log(counts / counts.sum())[held_out]
    name = "the frequencies of tokens"
    scores = {name: {"perplexity": float(np.exp(nats.mean()))}}
    gain = nats.mean() - math.log(perplexity)
    return Baselines(scores, "" if gain > _ERRORS * nats.std() / len(nats) ** 0.5 else name)


def _some(count: int, most: int) -> list[int]:
    """Return the numbers of some rows, drawn from all, in order; all of them if they are few."""
    drawn = np.random.default_rng(0).permutation(count)[: max(most, 0)]
    return sorted(drawn.tolist())


def _most_frequent(items: Sequence[Any]) -> Any:
    """Return the most frequent item, the first if there are several."""
    return collections.Counter(items).most_common(1)[0][0]


def _translation_baselines(
    pairs: Pairs, translations: Sequence[str], train: Pairs
) -> dict[str, Sequence[str]]:
    """Return the answers of each baseline."""
    half = len(pairs) // 2  # far apart, because neighbouring sentences may be alike
    others = {"translations of other sentences": [*translations[half:], *translations[:half]]}
    return {
        "copying the source": pairs.sources,
        "the most frequent target": [_most_frequent(train.targets)] * len(pairs),
        **(others if half else {}),
    }


def _enough(
    search: Callable[[tf.Tensor], Mapping[str, tf.Tensor]],
    pairs: Pairs,
    translations: Sequence[str],
    train: Pairs,
) -> tuple[Pairs, Sequence[str]]:
    """Return pairs with translations: a sample if there are many, with additions if few."""
    from tf_transformer.data import Pairs
    from tf_transformer.tasks import map_texts  # here: to score alone needs no TensorFlow

    rows = _some(len(pairs), _MOST)
    all_pairs, all_train = [*pairs], [*train]
    more = [all_train[row] for row in _some(len(train), FEW - len(pairs))]
    judged = [all_pairs[row] for row in rows] + more
    translations = [translations[row] for row in rows]
    if more:
        found = map_texts(search, [source for source, _ in more])["translations"]
        translations += [row[0] for row in found]
    sources, targets = map(list, zip(*judged, strict=True))
    return Pairs(sources, targets), translations


def _unbeaten(gains: Mapping[str, np.ndarray]) -> str:
    """Return the baseline with the smallest gains, unless all gains are clear."""
    unclear = [
        name
        for name, each in gains.items()
        if not each.mean() > _ERRORS * each.std() / len(each) ** 0.5
    ]
    return min(unclear, key=lambda name: gains[name].mean(), default="")


def _in_words(name: str, value: float) -> str:
    shown = {"bleu": "BLEU", "chrf": "chrF"}.get(name, name)
    return f"{shown} {value:.2%}" if name == "accuracy" else f"{shown} {value:.2f}"
