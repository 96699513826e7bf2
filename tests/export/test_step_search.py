"""Searches in NumPy, around an encoder and single steps, find what those of `decoding` find."""

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.engine_exports import SHAPE, batches
from tests.small import MODERN
from tf_transformer.config import TransformerConfig
from tf_transformer.decoding import BeamSearch, GreedySearch
from tf_transformer.export.step_search import StepSearch
from tf_transformer.export.steps import graphs
from tf_transformer.models import Transformer


@pytest.fixture(scope="module")
def model():
    fields = {**SHAPE, **MODERN, "d_model": 16, "num_heads": 4, "encoder_layers": 2}
    return reference.randomize(Transformer(TransformerConfig(60, 60, **fields)))


@pytest.fixture(scope="module")
def run(model):
    """Runs the graph of a name, and keeps what it was given and gave."""
    functions, calls = graphs(model, attention=True), []

    def call(name, inputs):
        found = functions[name](**{key: tf.constant(x) for key, x in inputs.items()})
        calls.append((name, inputs, {key: x.numpy() for key, x in found.items()}))
        return calls[-1][-1]

    call.calls = calls
    return call


@pytest.fixture
def search(run):
    run.calls.clear()
    return StepSearch(lambda inputs: run("encoder", inputs), lambda inputs: run("step", inputs))


@pytest.mark.parametrize("batch", list(batches(least_limit=1)), ids=["long", "many", "short"])
def test_the_same_translations_and_scores(batch, model, search):
    source_ids, limits, beam_size = batch
    searches = {
        1: GreedySearch(min_length=1),
        beam_size: BeamSearch(beam_size, alpha=0.7, min_length=1),
    }
    for size, ours in searches.items():
        ids, scores = search(source_ids, limits, size, 0.7)
        expected = ours(model, tf.constant(source_ids), tf.constant(limits))
        best = (slice(None), 0) if size > 1 else slice(None)
        np.testing.assert_array_equal(ids, expected.ids.numpy()[best])
        np.testing.assert_allclose(scores, expected.scores.numpy()[best], rtol=1e-4, atol=1e-4)


def test_rows_that_are_done_leave_the_batch(run, search):
    source_ids = np.array([[5, 9, 3], [7, 3, 0]], np.int32)
    search(source_ids, np.array([2, 4], np.int32), 3, 0.6)
    rows = [len(inputs["token_ids"]) for name, inputs, _ in run.calls if name == "step"]
    assert rows[:2] == [6, 6]
    assert set(rows[2:]) <= {3}


def test_the_attention_weights_are_the_model_s(model, run, search):
    source_ids = np.array([[5, 9, 8, 3], [7, 3, 0, 0]], np.int32)
    search(source_ids, np.array([3, 3], np.int32), 1, 0.0)
    (_, _, read), *_ = run.calls
    steps = [
        (inputs, found)
        for name, inputs, found in run.calls
        if name == "step" and len(inputs["token_ids"]) == 2
    ]
    target_ids = np.concatenate([inputs["token_ids"] for inputs, _ in steps], axis=1)
    ours = model.attention_weights(source_ids, target_ids)
    np.testing.assert_allclose(read["encoder_attention"], ours["encoder"], atol=1e-5)
    for position, (_, found) in enumerate(steps):
        here = slice(position, position + 1)
        np.testing.assert_allclose(found["cross_attention"], ours["cross"][..., here, :], atol=1e-5)
        np.testing.assert_allclose(
            found["decoder_attention"], ours["decoder"][..., here, : position + 1], atol=1e-5
        )
