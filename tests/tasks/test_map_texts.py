"""Many sentences, in batches, come back in their order."""

import numpy as np
import tensorflow as tf

from tf_transformer.tasks import map_texts


class Shouting:
    """Answers in capitals, and notes the lengths in each batch."""

    def __init__(self):
        self.batches = []

    def __call__(self, text):
        lengths = tf.strings.length(text, unit="UTF8_CHAR")
        self.batches.append(lengths.numpy().tolist())
        upper = tf.strings.upper(text, encoding="utf-8")
        return {
            "translation": upper,
            "length": lengths,
            "both": tf.stack([text, upper], axis=1),
            "square": tf.cast(lengths, tf.float32)[:, None] * tf.ones([1, 2]),
        }


SENTENCES = ["é", "", "não", "a casa azul", "ab", "três pães e um café", "x" * 50]


def test_answers_come_in_the_order_of_the_sentences():
    shout = Shouting()
    found = map_texts(shout, SENTENCES, batch_size=3)
    assert found["translation"] == [sentence.upper() for sentence in SENTENCES]
    assert found["length"] == [len(sentence) for sentence in SENTENCES]
    for row, square, sentence in zip(found["both"], found["square"], SENTENCES, strict=True):
        assert row.tolist() == [sentence, sentence.upper()]
        np.testing.assert_array_equal(square, [len(sentence)] * 2)
    assert shout.batches == [[50, 19, 11], [3, 2, 1], [0]]  # like beside like


def test_no_sentences_get_the_same_columns_without_rows():
    assert map_texts(Shouting(), []) == {
        "translation": [],
        "length": [],
        "both": [],
        "square": [],
    }


def test_sentences_that_fit_are_one_batch():
    shout = Shouting()
    map_texts(shout, SENTENCES)
    assert len(shout.batches) == 1


def test_progress_counts_sentences(capsys):
    map_texts(Shouting(), SENTENCES, batch_size=2, progress=True)
    assert "7/7" in capsys.readouterr().out


def test_invalid_utf8_from_a_model_is_shown_not_raised():
    found = map_texts(lambda text: {"translation": tf.constant([b"a\xff"])}, ["x"])
    assert found["translation"] == ["a\N{REPLACEMENT CHARACTER}"]
