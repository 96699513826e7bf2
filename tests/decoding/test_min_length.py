"""A search may be told that END does not come first."""

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.toy import ToyModel
from tf_transformer.decoding import BeamSearch, GreedySearch, Sampling, draws_for
from tf_transformer.text import END

LIMITS = tf.fill([5], 4)


def first_tokens(search):
    table = np.random.default_rng(1).normal(size=(101, 6))
    table[:, END] += 9  # the model would rather end at once
    draws = {"draws": draws_for(seed=1, rows=5, room=4)} if isinstance(search, Sampling) else {}
    found = search(ToyModel(table=table), tf.constant([[i, 3] for i in range(5)]), LIMITS, **draws)
    assert np.isfinite(found.scores).all()
    assert (found.scores.numpy() > -1e3).all()
    return found.ids.numpy()[..., 0]


@pytest.mark.parametrize("search", [GreedySearch, lambda **least: BeamSearch(2, **least), Sampling])
def test_nothing_ends_before_its_least_length(search):
    assert (first_tokens(search()) == END).any()
    assert (first_tokens(search(min_length=1)) != END).all()
