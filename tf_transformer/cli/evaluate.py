"""`tft evaluate`: BLEU and chrF of a SavedModel's translations, and the best search for it."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.cli.newest import load_model
from tf_transformer.cli.training_flags import define_bleu_tokenize, define_data_dir
from tf_transformer.errors import counted

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Define the program's flags."""
    flags.DEFINE_string(
        "model_dir", None, "a SavedModel; default: the newest translator in saved_models"
    )
    flags.DEFINE_string(
        "dataset", "phrasebook", "phrasebook, a TFDS translation set, FILE.tsv, or FILE.pt,FILE.en"
    )
    define_data_dir()
    flags.DEFINE_string(
        "text_form", "", "how the text is written: plain, treebank or ted_hrlr; default: as known"
    )
    define_bleu_tokenize()
    flags.DEFINE_string("split", None, "default: test, else validation; own files also have: all")
    flags.DEFINE_integer(
        "beam_size", 4, "hypotheses to keep for each sentence; 1 is greedy search", lower_bound=1
    )
    flags.DEFINE_float("alpha", 0.6, "length penalty of beam search; 0 for none", lower_bound=0)
    flags.DEFINE_bool("tune", False, "find the best beam and length penalty, on validation pairs")
    flags.DEFINE_list("beam_sizes", "1,4,8", "those that --tune tries")
    flags.DEFINE_list("alphas", "0,0.4,0.6,0.8,1.0,1.2", "those that --tune tries")


def main() -> None:
    """Score a split, or several searches; the last line is JSON."""
    settings = [
        (beam_size, alpha)
        for beam_size in _numbers("beam_sizes", int, 1)
        for alpha in (_numbers("alphas", float, 0) if beam_size > 1 else [0.0])
    ]
    split = FLAGS.split or ("validation" if FLAGS.tune else None)
    if FLAGS.tune and split != "validation":
        raise tft.UserError(f"--split={split}: --tune chooses on the split validation alone.")
    model = load_model(FLAGS.model_dir)
    corpus = tft.load_corpus(
        FLAGS.dataset, FLAGS.data_dir, FLAGS.text_form, FLAGS.bleu_tokenize or ""
    )
    split = split or corpus.evaluation_split
    found = _tune(model, corpus, split, settings) if FLAGS.tune else _score(model, corpus, split)
    result = {"dataset": corpus.name, "split": split, **found}
    print(json.dumps(result, ensure_ascii=False))


def _searching(
    model: tf.Module, beam_size: int, alpha: float
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """Return the model's search, with such a beam and length penalty."""
    return lambda text: model.search(text, beam_size, alpha)


def _score(model: tf.Module, corpus: tft.data.Corpus, split: str) -> dict[str, Any]:
    """Translate a split, print its scores, and return all there is to say of it."""
    pairs = corpus.pairs_to_score(split)
    count = counted(len(pairs), "sentence")
    print(f"Translating {count} of {corpus.name}, {split}, by beam search:")
    started = time.monotonic()
    scores, found = tft.evaluate(
        _searching(model, FLAGS.beam_size, FLAGS.alpha),
        pairs,
        corpus.bleu_tokenize,
        sys.stdout.isatty(),
    )
    seconds = time.monotonic() - started
    truncated = sum(bool(row[0]) for row in found["truncated"])
    if truncated:
        print(f"{truncated} of them, or of their translations, are too long and were cut.")

    print(scores)
    if corpus.facts.bleu_note:
        print(corpus.facts.bleu_note)
    print(f"{len(pairs) / seconds:.1f} sentences a second")
    return {
        "sentences": len(pairs),
        "truncated": truncated,
        "beam_size": FLAGS.beam_size,
        "alpha": FLAGS.alpha,
        "seconds": round(seconds, 2),
        **dataclasses.asdict(scores),
    }


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
    """Score the validation split by several searches, print a table, and name the best."""
    pairs = corpus.pairs_to_score(split)
    count = counted(len(pairs), "sentence")
    print(f"Translating {count} of {corpus.name}, {split}, in several ways:\n")
    print("beam  alpha   BLEU  length of the references", flush=True)
    searches = []
    for beam_size, alpha in settings:
        scores, _ = tft.evaluate(_searching(model, beam_size, alpha), pairs, corpus.bleu_tokenize)
        ratio = scores.length_ratio
        print(f"{beam_size:4}  {alpha:5.2f}  {scores.bleu:5.2f}  {ratio:.3f} ×", flush=True)
        figures = {"bleu": scores.bleu, "length_ratio": ratio}
        searches.append({"beam_size": beam_size, "alpha": alpha} | figures)
    best = max(searches, key=lambda each: each["bleu"])
    print(f"\nThe best: --beam_size={best['beam_size']} --alpha={best['alpha']:g}")
    return {
        "sentences": len(pairs),
        "bleu_signature": scores.bleu_signature,
        "best": best,
        "searches": searches,
    }
