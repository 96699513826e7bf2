"""A model is compared with answers that need none, and must be clearly better."""

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.data import LabelledTexts, Pairs
from tf_transformer.evaluation import (
    Baselines,
    judge_classes,
    judge_perplexity,
    judge_translations,
    score,
)

WORDS = ["house", "ship", "book", "door", "loaf"]
PAIRS = Pairs(
    [f"fonte {n}: {WORDS[n % 5]} azul" for n in range(60)],
    [f"the {n} blue {WORDS[n % 5]}s are here" for n in range(60)],
)


def judged(translations, pairs=PAIRS, train=PAIRS):
    """Judge translations of the pairs; a model that is asked for more is right."""
    known = dict(train)

    def search(text):
        return {"translations": tf.constant([[known[x.decode()]] for x in text.numpy()])}

    return judge_translations(search, pairs, translations, train)


@pytest.mark.parametrize(
    ("translations", "is_better"),
    [
        (PAIRS.targets, True),
        ([text.replace("blue", "red") for text in PAIRS.targets], True),
        (PAIRS.sources, False),
        (["������"] * 60, False),
        ([PAIRS.targets[3]] * 60, False),
        (PAIRS.targets[1:] + PAIRS.targets[:1], False),
    ],
    ids=["right", "nearly right", "copied", "nonsense", "always the same", "of another sentence"],
)
def test_translations_are_better_only_if_they_say_something_of_their_source(
    translations, is_better
):
    found = judged(translations)
    assert set(found.scores) == {
        "copying the source",
        "the most frequent target",
        "translations of other sentences",
    }
    assert (found.doubt == "") == is_better


def test_the_scores_of_a_baseline_are_those_of_its_texts():
    copied = judged(PAIRS.targets).scores["copying the source"]
    scores = score(PAIRS.sources, PAIRS.targets)
    assert copied == {"bleu": scores.bleu, "chrf": scores.chrf}


def test_where_few_sentences_are_held_out_those_of_training_tell_if_anything_was_learned():
    assert judged(PAIRS.targets[:1], PAIRS[:1]).doubt == ""
    assert judged(["������"], PAIRS[:1]).doubt == ""  # it is wrong once, and right 29 times


def test_perfect_copies_need_not_be_better_than_copies():
    same = Pairs(PAIRS.targets, PAIRS.targets)
    assert judged(PAIRS.targets, same, same).doubt == ""


@pytest.mark.parametrize("held_out", [1, 20, 60, 600])
@pytest.mark.parametrize("learned", [True, False])
def test_classes_are_told_apart_or_the_same_is_always_answered(held_out, learned):
    def texts(count):
        return LabelledTexts([f"{n % 2} {n}" for n in range(count)], [n % 2 for n in range(count)])

    def classify(text):
        digits = tf.strings.substr(text, 0, 1)
        is_odd = (digits == "1") & learned
        return {"label": tf.where(is_odd, "odd", "even")}

    found = judge_classes(classify, ["even", "odd"], texts(held_out), texts(200))
    assert (found.doubt == "") == learned
    (accuracy,) = found.scores["always answering 'even'"].values()
    assert accuracy == pytest.approx(1 if held_out == 1 else 0.5)


def test_a_language_model_must_know_more_than_how_frequent_tokens_are():
    ids = np.random.default_rng(1).choice(8, 3000, p=np.arange(1, 9) / 36)
    by_frequency = judge_perplexity(1, ids[:2000], ids[2000:], 8)
    (perplexity,) = by_frequency.scores["the frequencies of tokens"].values()
    assert 6 < perplexity < 7.2  # of eight tokens
    assert by_frequency.doubt == ""
    for factor, is_better in ((0.5, True), (0.99, False), (1, False), (2, False)):
        found = judge_perplexity(factor * perplexity, ids[:2000], ids[2000:], 8)
        assert (found.doubt == "") == is_better


def test_a_line_names_each_baseline_and_what_is_not_beaten():
    found = Baselines({"copying": {"bleu": 1.234, "chrf": 20}, "x": {"accuracy": 0.5}}, "x")
    assert str(found) == (
        "Without a model: copying: BLEU 1.23, chrF 20.00\nWithout a model: x: accuracy 50.00%"
    )
    assert found.doubt == "the model is not clearly better than x (accuracy 50.00%)"


@pytest.mark.parametrize("count", [1, 2, 29, 30])
def test_scores_of_few_sentences_say_that_they_say_little(count):
    texts = [f"the house number {n} is blue" for n in range(count)]
    scores = score(texts, texts)
    assert scores.sentences == count
    assert ("say little" in str(scores)) == (count < 30)
