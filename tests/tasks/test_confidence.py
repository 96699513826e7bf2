"""A translator says how sure one may be of what it writes."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.tasks.conftest import SOURCES, TARGETS
from tf_transformer.evaluation import count_pieces, longest_of
from tf_transformer.tasks import Translator, load_task
from tf_transformer.tasks.confidence import EVIDENCE, Confidence

UNSEEN = "Żółć ☃ ♞ Ŵ"


@pytest.fixture(scope="module", name="sure")
def _sure(live):
    """A translator whose confidence grows with each kind of evidence."""
    plain = live["translator"]
    tokenizers = plain.source_tokenizer, plain.target_tokenizer
    translator = Translator(plain._model(), *tokenizers)
    some = (0.3,) * len(EVIDENCE)
    translator.confidence = Confidence(
        count_pieces(tokenizers[0], SOURCES * 5), weights=some, bias=1.0, threshold=77.5
    )
    return translator


@pytest.fixture(scope="module", name="both")
def _both(sure, tmp_path_factory):
    """The same, live and loaded."""
    directory = tmp_path_factory.mktemp("sure")
    sure.export(directory / "model")
    return sure, load_task(directory / "model")


@pytest.mark.long
def test_every_signature_that_translates_has_the_confidence(both):
    _, loaded = both
    signatures = loaded.saved_model.signatures
    text = tf.constant([SOURCES[0], UNSEEN])
    for name, shape in (("serving_default", (2,)), ("translate_beam", (2, 4)), ("attend", (2,))):
        confidence = signatures[name](text)["confidence"]
        assert confidence.shape == shape
        assert confidence.dtype == tf.float32
    assert "confidence" not in signatures["embed"].structured_outputs
    assert loaded.saved_model.good_chrf().numpy() == 77.5


@pytest.mark.long
def test_loaded_models_are_as_sure_as_live_ones(both):
    live, _ = both
    for options in ({}, {"beam_size": 3}, {"seed": 1}):
        ours, theirs = (task([*SOURCES, UNSEEN, ""], details=True, **options) for task in both)
        assert [row["confidence"] for row in ours] == pytest.approx(
            [row["confidence"] for row in theirs], abs=1e-5
        )
    assert live.attention(SOURCES[0])["confidence"] == pytest.approx(
        live(SOURCES[0], details=True)["confidence"], abs=1e-5
    )


def test_a_sentence_is_as_sure_alone_as_in_company(sure):
    alone = [sure(text, details=True)["confidence"] for text in SOURCES]
    together = [row["confidence"] for row in sure(SOURCES, details=True)]
    assert together == pytest.approx(alone, abs=1e-5)
    assert all(0 < each < 1 for each in alone)


def test_pieces_that_training_never_showed_take_their_share_of_confidence(sure):
    source_ids = sure._tokens(tf.constant([UNSEEN])).to_tensor()
    ids = tf.constant([[5, 6, 3]])
    known = sure.confidence.evidence(source_ids, ids, tf.constant([-1.0]))[0, -1].numpy()
    seen = np.array(sure.confidence.counts)[source_ids[0].numpy()] > 0
    assert known == pytest.approx(seen.mean())
    assert sure(UNSEEN, details=True)["confidence"] <= known < 0.5


def test_a_sentence_longer_than_any_in_training_is_marked(sure):
    tokens = sure._tokens(tf.constant(SOURCES))
    lengths = tokens.row_lengths().numpy()
    longest = longest_of(sure.source_tokenizer, SOURCES, max_length=int(max(lengths)))
    assert longest == max(lengths[lengths < max(lengths)])
    confidence = dataclasses.replace(sure.confidence, longest=longest)
    ids, chances = tf.constant([[5, 6, 3]] * 3), tf.constant([-1.0] * 3)
    found = confidence.of(confidence.evidence(tokens.to_tensor(), ids, chances)).numpy()
    assert list(found == 0) == list(lengths > longest)
    translator = Translator(sure._model(), sure.source_tokenizer, sure.target_tokenizer)
    texts = tf.constant([*SOURCES, " ".join(SOURCES), ""])
    assert not translator.is_too_long(texts)["is_too_long"].numpy().any()  # it does not know
    translator.confidence = confidence
    is_too_long = translator.is_too_long(texts)["is_too_long"].numpy()
    assert list(is_too_long) == [*(lengths > longest), True, False]


def test_nothing_to_translate_is_sure(sure):
    found = sure(["", " \n", "...", "😆"], details=True)
    assert [row["confidence"] for row in found] == [1.0] * 4
    assert sure.attention("...")["confidence"] == 1


def test_a_text_is_no_surer_than_the_least_sure_of_its_sentences(sure):
    doubtful = SOURCES[1] + " " + UNSEEN + "."
    assert (
        sure(doubtful, details=True)["confidence"] <= sure(SOURCES[1], details=True)["confidence"]
    )
    copied = SOURCES[2] + "\n..."
    expected = sure(SOURCES[2], details=True)["confidence"]
    assert sure(copied, details=True)["confidence"] == pytest.approx(expected, abs=1e-5)


def test_a_model_without_confidence_answers_as_before(live, sure):
    plain, found = live["translator"](SOURCES, details=True), sure(SOURCES, details=True)
    assert plain == [{name: x for name, x in row.items() if name != "confidence"} for row in found]


def test_counts_are_those_of_the_training_text(sure):
    counts = np.array(count_pieces(sure.source_tokenizer, TARGETS))
    symbols = counts[4:][: len(sure.source_tokenizer.symbols)]
    assert set(symbols) == {counts.max()}  # what they hide is not unusual by itself
    symbols[:] = 0
    tokens = sure.source_tokenizer.tokenize(tf.constant(TARGETS)).flat_values.numpy()
    assert counts.sum() == len(tokens)
    assert set(np.flatnonzero(counts)) == set(tokens)
