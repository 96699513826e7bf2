"""Pictures of attention in the same sentences, now and then."""

import time

import numpy as np
import pytest

from tf_transformer.data import Pairs
from tf_transformer.training.attention_pictures import AttentionPictures


def test_a_short_sentence_and_one_of_middling_length_are_drawn(trained):
    pictures = AttentionPictures(trained.translator, trained.pairs)
    lengths = sorted(map(len, trained.pairs.sources))
    assert [len(source) for source, _ in pictures.pairs] == [lengths[8], lengths[16]]
    assert set(pictures.pairs) <= set(trained.pairs)
    first, second = pictures.draw()
    for picture in (first, second):
        assert picture.shape[2] == 3
        assert picture.dtype == "uint8"
        assert np.std(picture) > 10
    assert second.shape != first.shape


@pytest.mark.parametrize("count", [1, 2])
def test_few_sentences_will_do(count):
    pictures = AttentionPictures(None, Pairs(["um", "dois"][:count], ["one", "two"][:count]))
    assert len(pictures.pairs) == count


def test_drawing_takes_a_twentieth_of_the_time_at_most(monkeypatch):
    pictures = AttentionPictures(None, Pairs(["um"], ["one"]))
    clock = iter([100, 103, 162.9, 163.1, 170])  # begins, ends, too early, begins, ends
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(pictures, "_picture", lambda *pair: pair)
    assert pictures.draw() == [("um", "one")]
    assert pictures.draw() == []
    assert pictures.draw() == [("um", "one")]
