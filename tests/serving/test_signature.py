"""Signatures: which may share batches, and which tensors fit."""

import numpy as np
import pytest

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.signature import Signature, Spec

TEXT, SCORE = Spec("string", (None,)), Spec("float32", (None,))


def signature(inputs, outputs, **options):
    return Signature("s", inputs, outputs, **options)


@pytest.mark.parametrize(
    ("found", "shares"),
    [
        (signature({"text": TEXT}, {"score": SCORE}), True),
        (signature({"text": TEXT}, {"scores": Spec("float32", (None, 4))}), True),
        (signature({"text": TEXT}, {"tokens": Spec("string", (None, None))}), False),
        (signature({"text": TEXT, "seed": Spec("int32", ())}, {"score": SCORE}), False),
        (signature({"text": TEXT}, {"score": SCORE}, is_rowwise=False), False),
    ],
)
def test_a_batch_is_shared_only_if_neighbours_cannot_change_the_answer(found, shares):
    assert found.can_share_a_batch == shares


def test_sizes_that_all_answers_have_are_learned():
    free = Spec("string", (None, None))
    found = signature({"text": TEXT}, {"beam": free, "tokens": free})
    answers = [
        {"beam": np.zeros((rows, 4)), "tokens": np.zeros((rows, length))}
        for rows, length in ((1, 3), (2, 7))
    ]
    learned = found.with_sizes(answers)
    assert learned.outputs["beam"].shape == (None, 4)
    assert learned.outputs["tokens"].shape == (None, None)
    assert found.outputs["beam"].shape == (None, None)


def texts(*values):
    return np.array(values, object)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "input size does not match signature: 0!=1 len({}) != len({text}). Sent extra: {}. "),
        ({}, "Missing but required: {text}."),
        ({"text": texts(b"a"), "x": texts(b"b")}, "2!=1 len({text,x}) != len({text}). Sent extra"),
        ({"text": np.array([1], np.int32)}, "Input text has type int32, expected string."),
        ({"text": np.array([[b"a"]], object)}, "Input text has shape [1,1], expected [-1]."),
    ],
)
def test_inputs_that_do_not_fit_are_refused(inputs, says):
    with pytest.raises(Failure) as caught:
        signature({"text": TEXT}, {"score": SCORE}).rows(inputs)
    assert says in caught.value.message


def test_the_rows_are_those_of_the_inputs_that_have_some():
    found = signature({"text": TEXT, "seed": Spec("int32", ())}, {"score": SCORE})
    inputs = {"seed": np.array(1, np.int32), "text": texts(b"a", b"b", b"c")}
    assert found.rows(inputs) == 3
    assert found.rows(inputs | {"text": texts()}) == 0


def test_an_output_filter_chooses():
    outputs = {"a": np.zeros(1), "b": np.ones(1)}
    found = signature({"text": TEXT}, {"a": SCORE, "b": SCORE})
    assert found.chosen(outputs, []) == outputs
    assert [*found.chosen(outputs, ["b"])] == ["b"]
    with pytest.raises(Failure, match="output tensor alias not found in signature: c"):
        found.chosen(outputs, ["c"])


def test_a_signature_is_warmed_up_by_texts_that_ask_for_nothing_else():
    from tf_transformer.serving.model import examples

    signature = Signature(
        "translate_controlled",
        {"text": TEXT, "must": TEXT, "copy": Spec("bool", (None,)), "seed": Spec("int32", ())},
        {"translation": TEXT},
    )
    for rows in (1, 2):
        inputs = examples(signature.inputs, rows)
        assert signature.rows(inputs) == rows
        assert inputs["must"].tolist() == [b""] * rows
        assert not inputs["copy"].any()
    assert len({len(text) for text in inputs["text"].tolist()}) == 2
