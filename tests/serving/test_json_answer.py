"""Bodies of answers: JSON that gives back the tensors."""

import json

import numpy as np
import pytest

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.json_answer import write_answer, write_error

TEXTS = np.array(["olá".encode(), b""], object)


def test_rows_are_objects_if_there_are_several_outputs():
    outputs = {"translation": TEXTS, "score": np.array([-1.5, 2], np.float32)}
    assert json.loads(write_answer(outputs, is_row=True)) == {
        "predictions": [{"translation": "olá", "score": -1.5}, {"translation": "", "score": 2.0}]
    }


def test_rows_are_bare_values_if_there_is_one_output():
    outputs = {"embedding": np.array([[1, 2], [3, 4]], np.float32)}
    assert json.loads(write_answer(outputs, is_row=True)) == {"predictions": [[1, 2], [3, 4]]}


def test_columns_have_names_if_there_are_several():
    one, two = {"text": TEXTS}, {"text": TEXTS, "cut": np.array([True, False])}
    assert json.loads(write_answer(one, is_row=False)) == {"outputs": ["olá", ""]}
    answer = json.loads(write_answer(two, is_row=False))
    assert answer == {"outputs": {"text": ["olá", ""], "cut": [True, False]}}


@pytest.mark.parametrize("is_row", [True, False])
def test_the_order_of_outputs_does_not_change_the_bytes(is_row):
    outputs = {"translation": TEXTS, "score": np.array([-1.5, 2], np.float32)}
    turned = dict(reversed(outputs.items()))
    assert write_answer(outputs, is_row) == write_answer(turned, is_row)


def test_no_rows_are_an_empty_list():
    assert json.loads(write_answer({"text": TEXTS[:0]}, is_row=True)) == {"predictions": []}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_floats_are_as_short_as_they_can_be_and_give_the_same_number(dtype):
    numbers = np.array([0.1, 1 / 3, 1e-30, 3e4, -0.0, 7, 1e-5], dtype)
    body = write_answer({"x": numbers}, is_row=True)
    found = np.array(json.loads(body)["predictions"], dtype)
    assert found.tobytes() == numbers.tobytes()
    assert b"0.1," in body
    assert b" 7.0," in body


def test_what_is_not_finite_is_written_as_python_reads_it():
    body = write_answer({"x": np.array([np.nan, np.inf, -np.inf], np.float32)}, is_row=True)
    assert body == b'{"predictions": [NaN, Infinity, -Infinity]}'


def test_bytes_that_are_not_utf_8_leave_as_they_came_or_in_base64():
    raw = np.array([b"\xffa"], object)
    assert write_answer({"x": raw}, is_row=True) == b'{"predictions": ["\xffa"]}'
    named = json.loads(write_answer({"x_bytes": raw}, is_row=True))
    assert named == {"predictions": [{"b64": "/2E="}]}


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ({"a": np.zeros(2), "b": np.zeros(3)}, "Tensor name: b has inconsistent batch size: 3 exp"),
        ({"a": np.array(1.0)}, "Tensor name: a has no shape information "),
    ],
)
def test_rows_need_the_same_number_in_each_output(outputs, says):
    with pytest.raises(Failure) as caught:
        write_answer(outputs, is_row=True)
    assert says in caught.value.message
    write_answer(outputs, is_row=False)


def test_an_error_has_the_form_of_tensorflow_serving_s():
    assert write_error('say "é"') == '{\n    "error": "say \\"é\\""\n}'.encode()
    assert write_error("half \ud800") == b'{\n    "error": "half ?"\n}'
