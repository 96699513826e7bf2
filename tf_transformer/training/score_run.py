"""The score of a trained translator: BLEU, baselines, and how far its confidence goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from tf_transformer.config import SEARCH, search_in_words
from tf_transformer.data import Corpus, Pairs
from tf_transformer.errors import counted
from tf_transformer.evaluation import (
    count_pieces,
    evaluate,
    judge_translations,
    learn_confidence,
    longest_of,
    quality_and_evidence,
)
from tf_transformer.plots import save_reliability_figure
from tf_transformer.tasks import Translator, map_texts
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.tensorboard import write_embeddings, write_images
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.run import Run
from tf_transformer.training.run_card import card_of

_MOST_WEIGHED = 1_000  # sentences of validation that teach the confidence


def score_run(
    run: Run, corpus: Corpus, split: str | None = None, search: Mapping[str, Any] = SEARCH
) -> Translator:
    """Score the best model of a run by beam search, and keep the scores in its `metrics.json`.

    Args:
        run: of a translator.
        corpus: what is translated.
        split: which part of it. Defaults to `test`, else `validation`.
        search: `{"beam_size": …, "alpha": …}`. Defaults to `SEARCH`.

    Returns:
        A `Translator` of that model, with its card.
    """
    model, tokenizers = run.model(), run.tokenizers()
    write_embeddings(run.log_dir, model, *tokenizers)
    translator = Translator(model, *tokenizers)
    train_pairs = corpus.pairs("train").without_blanks()
    training = (tokenizers[0], train_pairs.sources)
    _, _, config = run.load_config()
    translator.confidence = Confidence(
        count_pieces(*training), longest=longest_of(*training, config.max_length)
    )
    split = split or corpus.evaluation_split
    pairs = corpus.pairs_to_score(split)
    count, how = counted(len(pairs), "sentence"), search_in_words(**search)
    print(f"Translating the {count} of {corpus.name}, {split}, by {how}:")
    translate = tf.function(
        lambda text: translator.weigh_beam(text, **search),
        input_signature=[tf.TensorSpec([None], tf.string)],
        autograph=False,
    )
    scores, found = evaluate(translate, pairs, corpus.bleu_tokenize, sys.stdout.isatty())
    if corpus.facts.bleu_note:
        print(corpus.facts.bleu_note)
    best = [row[0] for row in found["translations"]]
    _show_examples(pairs, best)
    baselines = judge_translations(translate, pairs, best, train_pairs, corpus.bleu_tokenize)
    if split != "validation":
        pairs, found = _translate_validation(translate, corpus)
    known = quality_and_evidence(found, pairs, corpus.bleu_tokenize)
    translator.confidence = learn_confidence(translator.confidence, *known)
    print(f"\n{scores}\n{baselines}\nConfidence: {translator.confidence}")
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


def _translate_validation(
    translate: Callable[[tf.Tensor], dict[str, tf.Tensor]], corpus: Corpus
) -> tuple[Pairs, dict[str, list[Any]]]:
    """Translate validation pairs, evenly spread if they are many; return them and what is found."""
    pairs = corpus.pairs("validation").without_blanks()
    pairs = pairs[:: -(-len(pairs) // _MOST_WEIGHED)]
    return pairs, map_texts(translate, pairs.sources)


def _draw_confidence(run: Run, confidence: Confidence) -> None:
    """Draw how far the confidence can be relied on, for people and for TensorBoard."""
    path = run.directory / "confidence.png"
    save_reliability_figure(path, confidence.reliability, str(confidence))
    write_images(run.log_dir, [path])


def _show_examples(pairs: Pairs, translations: list[str], count: int = 8) -> None:
    """Print translations beside their references, spread over the split."""
    for i in range(0, len(pairs), max(1, len(pairs) // count))[:count]:
        print(f"\n  {pairs.sources[i]}\n  → {translations[i]}\n  = {pairs.targets[i]}")
