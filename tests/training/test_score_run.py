"""What a trained translator is scored on."""

import dataclasses

import pytest
import tensorflow as tf

from tests.data.test_mixture import PHRASES, TALKS
from tf_transformer.data import load_corpus
from tf_transformer.data.mixture import mix
from tf_transformer.text.tags import TAGS
from tf_transformer.training import score_run
from tf_transformer.training.run_metrics import RunMetrics
from tf_transformer.training.score_run import _score_parts


class Stop(Exception):
    pass


def test_pairs_with_a_blank_side_are_not_scored_and_that_is_said(
    trained, tmp_path, monkeypatch, capsys
):
    def evaluate(translate, pairs, *options):
        assert list(pairs) == [("bom dia.", "good morning."), ("obrigado!", "thank you!")]
        raise Stop

    monkeypatch.setitem(score_run.__globals__, "evaluate", evaluate)
    monkeypatch.setitem(score_run.__globals__, "write_embeddings", lambda *_: None)
    path = tmp_path / "mine.tsv"
    path.write_text("bom dia.\tgood morning.\n\tnothing\nobrigado!\tthank you!\nnada\t\u200b\n")
    with pytest.raises(Stop):
        score_run(trained.run, load_corpus(str(path)), split="all")
    said = capsys.readouterr()
    assert "mine.tsv, all: 2 pairs with a blank side left out of the score." in said.err
    assert "Translating 2 sentences of " in said.out


def test_several_corpora_are_scored_together_and_each_in_its_own_words(capsys):
    mixture = mix("both", [TALKS, PHRASES], [1, 3])
    known = dict(mixture.pairs("validation"))
    asked = []

    def translate(tag):
        def search(text):
            asked.append((tag, text.numpy()[0].decode()))
            found = [known[source.decode()].upper() for source in text.numpy()]
            return {"translations": tf.constant(found)[:, None]}

        return search

    scores, pairs, found = _score_parts(translate, mixture, "validation", "any search")
    assert asked == [(TAGS[0], "bom dia."), ("", "Olá!")]
    assert list(pairs) == [("bom dia.", "good morning."), ("Olá!", "Hi!")]
    assert [row[0] for row in found["translations"]] == ["GOOD MORNING.", "HI!"]
    talks, phrases = scores.by_corpus.values()
    assert list(scores.by_corpus) == ["talks", "phrases"]
    assert "tok:none" in talks.bleu_signature  # "good morning .", in lower case
    assert (talks.chrf, phrases.chrf < 50, scores.chrf < 50) == (100, True, True)
    assert (talks.sentences, phrases.sentences, scores.sentences) == (1, 1, 2)
    assert "Translating 1 sentence of talks, validation, with any search" in capsys.readouterr().out
    assert "talks:\nBLEU" in str(scores)

    values = {"split": "validation", "search": None, **dataclasses.asdict(scores)}
    assert RunMetrics.from_dict(values).scores == scores


def test_one_corpus_has_no_scores_by_corpus():
    def translate(tag):
        return lambda text: {"translations": text[:, None]}

    scores, _, _ = _score_parts(translate, PHRASES, "validation", "any search")
    assert scores.by_corpus is None
