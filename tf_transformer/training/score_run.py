"""The score of a trained translator: BLEU, baselines, and the quality of its confidence."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from tf_transformer.config import SEARCH, search_in_words
from tf_transformer.data import Corpus, Pairs
from tf_transformer.errors import counted
from tf_transformer.evaluation import (
    Scores,
    count_pieces,
    evaluate,
    judge_translations,
    learn_confidence,
    longest_of,
    quality_and_evidence,
    score,
)
from tf_transformer.evaluation.bleu import FEW
from tf_transformer.plots import save_reliability_figure
from tf_transformer.tasks import Translator, map_texts
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.tensorboard import write_embeddings, write_images
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.run import Run
from tf_transformer.training.run_card import card_of

_USUAL = 0.999  # share of training sources of usual length: one in a thousand is longer
_MOST_WEIGHED = 1_000  # validation sentences that teach the confidence

Search = Callable[[tf.Tensor], dict[str, tf.Tensor]]
Found = dict[str, list[Any]]


def score_run(
    run: Run, corpus: Corpus, split: str | None = None, search: Mapping[str, Any] = SEARCH
) -> Translator:
    """Score the best model of a run with beam search, and keep the scores in its `metrics.json`.

    Several corpora are scored together, as the model reads and writes them, and each separately, as
    it is written.

    Args:
        run: run of a translator.
        corpus: the corpus to translate.
        split: split to score. Defaults to `test`, or `validation` if there is none.
        search: `{"beam_size": …, "alpha": …}`. Defaults to `SEARCH`.

    Returns:
        A `Translator` of that model, with its card.
    """
    model, tokenizers = run.model(), run.tokenizers()
    write_embeddings(run.log_dir, model, *tokenizers)
    translator = Translator(model, *tokenizers, tags=run.corpus.tags)
    train_pairs = corpus.pairs("train").without_blanks()
    training = (tokenizers[0], train_pairs.sources)
    _, _, config = run.load_config()
    tag = any(part.tag for part in corpus.parts)
    longest, usual = (
        longest_of(*training, config.max_length, share) + tag for share in (1, _USUAL)
    )
    translator.confidence = Confidence(
        count_pieces(*training), longest=longest, usual_longest=usual
    )
    split = split or corpus.evaluation_split
    translate = _searching(translator, search)
    scores, pairs, found = _score_parts(translate, corpus, split, search_in_words(**search))
    if corpus.facts.bleu_note:
        print(corpus.facts.bleu_note)
    best = [row[0] for row in found["translations"]]
    _show_examples(pairs, best)
    first, *_ = corpus.parts
    baselines = judge_translations(
        translate(first.tag),
        pairs,
        best,
        first.shown.pairs("train").without_blanks(),
        corpus.bleu_tokenize,
    )
    is_judged_by_more = len(pairs) < FEW
    if split != "validation":
        pairs, found = _translate_validation(translate, corpus)
    known = quality_and_evidence(found, pairs, corpus.bleu_tokenize)
    translator.confidence = learn_confidence(translator.confidence, *known)
    print(f"\n{scores}\n{baselines}\nConfidence: {translator.confidence}")
    if is_judged_by_more:
        print(
            "So few sentences are held out that sentences of training count, too, when the model "
            "is compared with doing without one."
        )
    _draw_confidence(run, translator.confidence)
    epochs = Checkpoints(run.checkpoint_dir).epochs
    run.save_metrics(
        split,
        scores,
        dict(search),
        model.count_params(),
        epochs,
        baselines,
        translator.confidence,
    )
    translator.card = card_of(run, model, translator.confidence)
    return translator


def _searching(translator: Translator, search: Mapping[str, Any]) -> Callable[[str], Search]:
    """Return a function from tags to searches, with one graph for all tags."""
    find = tf.function(
        lambda text, tag: translator.weigh_beam(text, **search, tag=tag),
        input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([], tf.string)],
        autograph=False,
    )
    return lambda tag: lambda text: find(text, tf.constant(tag))


def _score_parts(
    translate: Callable[[str], Search], corpus: Corpus, split: str, how: str
) -> tuple[Scores, Pairs, Found]:
    """Translate a split of all corpora; score them together and, if there are several, each.

    Returns:
        The scores, the pairs as the model reads and writes them, and what was found for them.
    """
    by_corpus, scored = {}, []
    for part in corpus.parts:
        pairs, references = part.pairs_to_score(split)
        print(f"Translating {counted(len(pairs), 'sentence')} of {part.name}, {split}, with {how}:")
        written = Pairs(pairs.sources, references)
        tokenize = part.corpus.bleu_tokenize
        scores, found = evaluate(translate(part.tag), written, tokenize, sys.stdout.isatty())
        by_corpus[part.name] = scores
        scored.append((pairs, found))
    pairs, found = _together(scored)
    if len(scored) > 1:
        best = [row[0] for row in found["translations"]]
        together = score(best, pairs.targets, corpus.bleu_tokenize)
        scores = dataclasses.replace(together, by_corpus=by_corpus)
    return scores, pairs, found


def _translate_validation(
    translate: Callable[[str], Search], corpus: Corpus
) -> tuple[Pairs, Found]:
    """Translate validation pairs, or an even sample if there are many; return both."""
    found = []
    for part in corpus.parts:
        pairs = part.shown.pairs("validation").without_blanks()
        pairs = pairs[:: -(-len(pairs) * len(corpus.parts) // _MOST_WEIGHED)]
        found.append((pairs, map_texts(translate(part.tag), pairs.sources)))
    return _together(found)


def _together(parts: Sequence[tuple[Pairs, Found]]) -> tuple[Pairs, Found]:
    """Join pairs, and what was found for them."""
    pairs = Pairs(
        [text for pairs, _ in parts for text in pairs.sources],
        [text for pairs, _ in parts for text in pairs.targets],
    )
    names = parts[0][1]
    return pairs, {name: [row for _, found in parts for row in found[name]] for name in names}


def _draw_confidence(run: Run, confidence: Confidence) -> None:
    """Draw how reliable the confidence is, for people and for TensorBoard."""
    path = run.directory / "confidence.png"
    save_reliability_figure(path, confidence.reliability, str(confidence))
    write_images(run.log_dir / "validation", [path])


def _show_examples(pairs: Pairs, translations: list[str], count: int = 8) -> None:
    """Print some translations with their references, spread over the split."""
    for i in range(0, len(pairs), max(1, len(pairs) // count))[:count]:
        print(f"\n  {pairs.sources[i]}\n  → {translations[i]}\n  = {pairs.targets[i]}")
