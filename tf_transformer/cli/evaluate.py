"""`tft evaluate`: BLEU and chrF of a SavedModel's translations, and the best search for it."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import Any

import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.cli.newest import load_model
from tf_transformer.cli.searching import is_other_language, searching
from tf_transformer.config import AS_GOOD, is_as_good, search_in_words
from tf_transformer.data.mixture import turned
from tf_transformer.errors import counted
from tf_transformer.evaluation import area_under_roc, chrf_of_each
from tf_transformer.tasks.confidence import DOUBTFUL

FLAGS = flags.FLAGS


def main() -> None:
    """Score a split, or several searches; the last line is JSON."""
    settings = [
        (beam_size, alpha)
        for beam_size in _numbers("beam_sizes", int, 1)
        for alpha in (_numbers("alphas", float, 0) if beam_size > 1 else [0.0])
    ]
    split = FLAGS.split or ("validation" if FLAGS.tune else None)
    if FLAGS.tune and split != "validation":
        raise tft.UserError(f"--split={split}: --tune chooses only on the split validation.")
    model = load_model(FLAGS.model_dir)
    corpus = _corpus(model)
    split = split or corpus.evaluation_split
    found = _tune(model, corpus, split, settings) if FLAGS.tune else _score(model, corpus, split)
    to = {"to": FLAGS.to} if FLAGS.to else {}
    result = {"dataset": corpus.name, "split": split, **to, **found}
    print(json.dumps(result, ensure_ascii=False))


def _corpus(model: tf.Module) -> tft.data.Corpus:
    """Return the corpus to translate, reversed if the model is to translate back."""
    corpus = tft.load_corpus(
        FLAGS.dataset, FLAGS.data_dir, FLAGS.text_form, FLAGS.bleu_tokenize or ""
    )
    return turned(corpus) if is_other_language(model, FLAGS.to) else corpus


def _score(model: tf.Module, corpus: tft.data.Corpus, split: str) -> dict[str, Any]:
    """Translate a split, print its scores, and return all results."""
    pairs = corpus.pairs_to_score(split)
    count = counted(len(pairs), "sentence")
    search = search_in_words(FLAGS.beam_size, FLAGS.alpha)
    print(f"Translating {count} of {corpus.name}, {split}, by {search}:")
    started = time.monotonic()
    scores, found = tft.evaluate(
        searching(model, FLAGS.beam_size, FLAGS.alpha, FLAGS.to),
        pairs,
        corpus.bleu_tokenize,
        sys.stdout.isatty(),
    )
    seconds = time.monotonic() - started
    truncated = sum(bool(row[0]) for row in found["truncated"])
    if truncated:
        print(f"{truncated} of them, or of their translations, were too long and were cut.")

    print(scores)
    if corpus.facts.bleu_note:
        print(corpus.facts.bleu_note)
    print(f"{len(pairs) / seconds:.1f} sentences per second")
    worth = _worth_of_confidence(model, corpus, pairs, found)
    return {
        "sentences": len(pairs),
        "truncated": truncated,
        "beam_size": FLAGS.beam_size,
        "alpha": FLAGS.alpha,
        "seconds": round(seconds, 2),
        **dataclasses.asdict(scores),
        **worth,
    }


def _worth_of_confidence(
    model: tf.Module, corpus: tft.data.Corpus, pairs: tft.data.Pairs, found: dict[str, list]
) -> dict[str, Any]:
    """Print and return the quality of the confidence, if the model has one."""
    if "confidence" not in found:
        return {}
    threshold = float(model.good_chrf())
    best = [row[0] for row in found["translations"]]
    good = chrf_of_each(best, pairs.targets, corpus.bleu_tokenize) >= threshold
    confidence = [float(row[0]) for row in found["confidence"]]
    area = area_under_roc(confidence, good)
    doubtful = sum(each < DOUBTFUL for each in confidence)
    shown = "unknown: all are good or none is" if area is None else f"{area:.3f}"
    print(
        f"Confidence: area under the ROC curve {shown}; {doubtful} doubtful, "
        f"{len(good) - good.sum()} with a chrF below {threshold:.1f}"
    )
    return {"confidence_auc": area, "doubtful": doubtful, "good": int(good.sum())}


def _numbers(name: str, kind: type, least: float) -> list[Any]:
    """Return the values of a flag that is a list of numbers."""
    try:
        values = [kind(value) for value in FLAGS[name].value]
    except ValueError:
        values = []
    if not values or min(values) < least:
        written = ",".join(FLAGS[name].value)
        raise tft.UserError(f"--{name}={written}: give numbers from {least}, commas between them.")
    return list(dict.fromkeys(values))


def _tune(
    model: tf.Module, corpus: tft.data.Corpus, split: str, settings: list[tuple[int, float]]
) -> dict[str, Any]:
    """Score the validation split with several searches, print a table, and name the best."""
    pairs = corpus.pairs_to_score(split)
    count = counted(len(pairs), "sentence")
    print(f"Translating {count} of {corpus.name}, {split}, with several searches:\n")
    print("beam  alpha   BLEU  length of the references", flush=True)
    searches = []
    for beam_size, alpha in settings:
        search = searching(model, beam_size, alpha, FLAGS.to)
        scores, _ = tft.evaluate(search, pairs, corpus.bleu_tokenize)
        ratio = scores.length_ratio
        print(f"{beam_size:4}  {alpha:5.2f}  {scores.bleu:5.2f}  {ratio:.3f} ×", flush=True)
        figures = {"bleu": scores.bleu, "length_ratio": ratio}
        searches.append({"beam_size": beam_size, "alpha": alpha} | figures)
    best = max(searches, key=lambda each: each["bleu"])
    print(f"\nThe best: {_flags_of(best)}")
    others = [each for each in searches if each is not best]
    as_good = [each for each in others if is_as_good(each["bleu"], best["bleu"])]
    if as_good:
        print(f"As good (within {AS_GOOD} BLEU): {', or '.join(map(_flags_of, as_good))}")
    return {
        "sentences": len(pairs),
        "bleu_signature": scores.bleu_signature,
        "best": best,
        "as_good": as_good,
        "searches": searches,
    }


def _flags_of(search: dict[str, Any]) -> str:
    return f"--beam_size={search['beam_size']} --alpha={search['alpha']:g}"
