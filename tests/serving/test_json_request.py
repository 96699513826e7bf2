"""Bodies of requests: what they mean, and TensorFlow Serving's words for what is wrong."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.json_request import find_signature, read_body, read_inputs
from tf_transformer.serving.signature import Signature, Spec

TEXT = Spec("string", (None,))
SIGNATURES = {
    "serving_default": Signature("serving_default", {"text": TEXT}, {"translation": TEXT}),
    "translate_to": Signature("translate_to", {"text": TEXT, "to": TEXT}, {"translation": TEXT}),
    "complete": Signature(
        "complete",
        {
            "prompt": TEXT,
            "seed": Spec("int32", ()),
            "top_p": Spec("float32", ()),
            "quiet": Spec("bool", ()),
        },
        {"completion": TEXT},
    ),
    "__saved_model_init_op": Signature("__saved_model_init_op", {}, {"__init": TEXT}),
}


def read(body):
    if not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
    parsed = read_body(body)
    signature = find_signature(SIGNATURES, parsed.signature_name)
    asked = read_inputs(parsed, signature)
    signature.rows(asked.inputs)
    return asked


def values(asked):
    return {name: tensor.tolist() for name, tensor in asked.inputs.items()}


@pytest.mark.parametrize(
    ("body", "inputs", "is_row"),
    [
        ({"instances": ["bom dia", "olá"]}, {"text": [b"bom dia", "olá".encode()]}, True),
        ({"instances": [{"text": "a"}, {"text": ""}]}, {"text": [b"a", b""]}, True),
        ({"instances": [{"b64": "/w=="}, "b"]}, {"text": [b"\xff", b"b"]}, True),
        ({"instances": [{"text": {"b64": "/w"}}]}, {"text": [b"\xff"]}, True),
        ({"inputs": {"text": ["a", "b"]}}, {"text": [b"a", b"b"]}, False),
        ({"inputs": ["a"]}, {"text": [b"a"]}, False),
        ({"inputs": []}, {"text": []}, False),
        ({"inputs": {"text": ["a"], "others": 1}}, {"text": [b"a"]}, False),
        ({"signature_name": "", "inputs": ["a"], "others": 1}, {"text": [b"a"]}, False),
        (
            {"signature_name": "translate_to", "instances": [{"to": "pt", "text": "a"}]},
            {"text": [b"a"], "to": [b"pt"]},
            True,
        ),
        (
            {
                "signature_name": "complete",
                "inputs": {"prompt": ["a"], "seed": 7, "top_p": 0.5, "quiet": True},
            },
            {"prompt": [b"a"], "seed": 7, "top_p": 0.5, "quiet": True},
            False,
        ),
    ],
    ids=str,
)
def test_a_body_becomes_tensors(body, inputs, is_row):
    asked = read(body)
    assert values(asked) == inputs
    assert asked.is_row == is_row


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"  ", "JSON Parse error: The document is empty. at offset: 2"),
        (b"{", "JSON Parse error: Missing a name for object member. at offset: 1"),
        (b'{"a"}', "JSON Parse error: Missing a colon after a name of object member. at offset: 4"),
        (
            b'{"a": 1 2}',
            "JSON Parse error: Missing a comma or } after an object member. at offset: 8",
        ),
        (
            b'{"[": [1 2]}',
            "JSON Parse error: Missing a comma or ] after an array element. at offset: 9",
        ),
        (b'{"a": x}', "JSON Parse error: Invalid value. at offset: 6"),
        (
            "{} é".encode(),
            "JSON Parse error: The document root must not be followed by other values. "
            "at offset: 3",
        ),
        ('{"é": "'.encode(), "JSON Parse error: Missing a closing quotation mark in string."),
        (b'{"a": "\\x"}', "JSON Parse error: Invalid escape character in string. at offset: 7"),
        (b'{"a": "\\u12"}', "JSON Parse error: Incorrect hex digit after \\u escape in string."),
        (b'{"instances": ["\xff"]}', "JSON Parse error: Invalid encoding in string. at offset: 16"),
        (b'{"instances": ["\\ud800"]}', "The surrogate pair in string is invalid."),
        (b"[" * 100_000, "JSON Parse error: Lists and objects are nested too deep."),
        (b'{"a": ' + b"9" * 5_000 + b"}", "JSON Parse error: Number too big to be stored"),
        ([1], "JSON Value: [1] Is not object"),
        (
            {"signature_name": 7},
            'JSON Value: {"signature_name": 7} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
        (
            {"signature_name": "x", "instances": ["a"]},
            'Serving signature name: "x" not found in signature def',
        ),
        (
            {"signature_name": "__saved_model_init_op", "instances": ["a"]},
            "Failed to get input map for signature: __saved_model_init_op",
        ),
        ({}, "Missing 'inputs' or 'instances' key"),
        (
            {"instances": [], "inputs": []},
            'JSON Value: {"instances": [], "inputs": []} Not formatted correctly expecting only '
            "one of 'inputs' or 'instances' keys to exist ",
        ),
        (
            {"instances": "a"},
            """JSON Value: {"instances": "a"} Expecting 'instances' to be an list/array""",
        ),
        ({"instances": []}, """JSON Value: {"instances": []} No values in 'instances' array"""),
        (
            {"instances": [7]},
            "Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: "
            "JSON Value: 7 Type: Number is not of expected type: string",
        ),
        ({"instances": ["a", None]}, "element: 1 of 'instances' list. Error: INVALID_ARGUMENT: "),
        ({"instances": ["a", None]}, "JSON Value: null Type: Null is not of expected type: string"),
        ({"instances": [True]}, "JSON Value: true Type: True is not of expected type: string"),
        (
            {"instances": [{"foo": "a"}]},
            "Failed to process element: 0 key: foo of 'instances' list. Error: INVALID_ARGUMENT: "
            "JSON object: does not have named input: foo",
        ),
        (
            {"instances": [{}]},
            "Failed to process element: 0 of 'instances' list. JSON object: {} keys must be equal "
            "to: text",
        ),
        ({"instances": [["a"], ["b", "c"]]}, "Expecting tensor size: 1 but got: 2"),
        ({"instances": [["a"], [["b"]]]}, "Expecting shape [1] but got: [1,1]"),
        ({"instances": ["a", ["b"]]}, "Expecting shape [] but got: [1]"),
        ({"instances": [{"b64": "*"}]}, "Error: INVALID_ARGUMENT: Unable to base64 decode"),
        ({"inputs": {"text": [{"b": 1}]}}, 'JSON Value: {"b": 1} not formatted correctly for base'),
        ({"instances": [{"text": "a"}, "b"]}, "Expecting object but got list at item 1 of input"),
        ({"instances": ["a", {"text": "b"}]}, "Expecting value/list but got object at item 1 of"),
        ({"inputs": {}}, "Missing named input: text in 'inputs' object."),
        ({"inputs": ["a", ["b"]]}, "Encountered list at unexpected level: 1 expected < 1"),
        ({"inputs": [["a"], ["b", "c"]]}, "Encountered list at unexpected size: 2 at level: 1 exp"),
        ({"inputs": [["a"], "b"]}, 'JSON Value: "b" found at incorrect level: 2 in the JSON DOM.'),
        ({"inputs": "a"}, "Input text has shape [], expected [-1]."),
        ({"inputs": [["a"]]}, "Input text has shape [1,1], expected [-1]."),
        (
            {"signature_name": "translate_to", "instances": ["a"]},
            "instances is a plain list, but expecting list of objects as multiple input tensors",
        ),
        (
            {"signature_name": "translate_to", "inputs": ["a"]},
            "inputs is a plain value/list, but expecting an object as multiple input tensors",
        ),
        (
            {"signature_name": "translate_to", "inputs": {"text": ["a"], "to": ["pt", "en"]}},
            "Inputs have different numbers of rows: text 1, to 2.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_in_tensorflow_serving_s_words(body, says):
    with pytest.raises(Failure) as caught:
        read(body)
    assert caught.value.code == "INVALID_ARGUMENT"
    assert caught.value.http_status == 400
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("seed", 1.5, "JSON Value: 1.5 Type: Number is not of expected type: int32"),
        ("seed", 2**31, "JSON Value: 2147483648 Type: Number is not of expected type: int32"),
        ("seed", False, "JSON Value: false Type: False is not of expected type: int32"),
        ("seed", {"b64": ""}, "Type: Object is not of expected type: int32"),
        ("top_p", "1", 'JSON Value: "1" Type: String is not of expected type: float'),
        ("top_p", 2**24, "Cannot convert JSON value: 16777216 to float without loss of precision."),
        ("top_p", 1e39, "Cannot convert JSON value: 1e+39 to float without loss of precision."),
        ("quiet", 1, "JSON Value: 1 Type: Number is not of expected type: bool"),
    ],
)
def test_numbers_must_fit_their_type(option, value, says):
    options = {"prompt": ["a"], "seed": 7, "top_p": 0.5, "quiet": True, option: value}
    with pytest.raises(Failure) as caught:
        read({"signature_name": "complete", "inputs": options})
    assert says in caught.value.message


def test_numbers_that_are_not_finite_are_taken():
    body = b'{"signature_name": "complete", "inputs": {"prompt": [], "seed": 0, "top_p": NaN, '
    asked = read(body + b'"quiet": true}}')
    assert np.isnan(asked.inputs["top_p"])


def test_a_value_in_a_message_is_cut():
    with pytest.raises(Failure) as caught:
        read({"instances": [], "inputs": "é" * 10_000})
    shown = caught.value.message.removeprefix("JSON Value: ").partition(" Not formatted")[0]
    assert len(shown.encode()) in (255, 256)


# Anything at all

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
_KEYS = st.sampled_from(["instances", "inputs", "signature_name", "text", "to", "b64", "x"])
ANYTHING = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_NAMES = st.sampled_from([*SIGNATURES, "x"])
_BODIES = st.one_of(
    ANYTHING,
    st.builds(lambda value: {"instances": value}, ANYTHING),
    st.builds(lambda name, value: {"signature_name": name, "inputs": value}, _NAMES, ANYTHING),
)


@given(_BODIES.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_body_is_read_or_refused(body):
    try:
        found = read(body).inputs.values()
    except Failure as failure:
        found = failure
    if isinstance(found, Failure):
        assert found.code == "INVALID_ARGUMENT"
        assert "Traceback" not in found.message
    else:
        assert all(isinstance(tensor, np.ndarray) for tensor in found)
