"""Bodies of REST requests: JSON to tensors, with TensorFlow Serving's checks and words.

Reference:
    https://www.tensorflow.org/tfx/serving/api_rest#predict_api
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tf_transformer.serving.failures import Failure, invalid
from tf_transformer.serving.signature import Signature, Spec, Tensors, written

_SHOWN = 256  # bytes of a value in a message
_TOO_DEEP = "JSON Parse error: Lists and objects are nested too deep."

_WORDS = {  # of Python's parser: of TensorFlow Serving's
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Extra data": "The document root must not be followed by other values.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Illegal trailing comma before end of array": "Invalid value.",
}
_IN_OBJECT = "Missing a comma or } after an object member."
_IN_ARRAY = "Missing a comma or ] after an array element."
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)

_TYPE_NAMES = {"float32": "float", "float64": "double"}
_KINDS = {  # of a JSON value
    type(None): "Null",
    dict: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
}


class Body(NamedTuple):
    """A parsed body of a request to predict.

    Args:
        values: the JSON object.
        signature_name: the signature that it names; empty for the default one.
    """

    values: dict[str, Any]
    signature_name: str


class PredictRequest(NamedTuple):
    """What a body asks of a signature.

    Args:
        inputs: tensors by name; strings are `bytes` in arrays of objects.
        is_row: whether the body has rows ("instances") rather than columns ("inputs").
    """

    inputs: Tensors
    is_row: bool


def read_body(body: bytes) -> Body:
    """Parse the body of a request.

    Raises:
        Failure: if it is not a JSON object in UTF-8, or if `signature_name` is not a string.
    """
    values = _parse(body)
    if not isinstance(values, dict):
        raise _malformed(values, "Is not object")
    name = values.get("signature_name", "")
    if not isinstance(name, str):
        raise _malformed(
            values, "not formatted correctly. 'signature_name' key must be a string value."
        )
    return Body(values, name)


def read_inputs(body: Body, signature: Signature) -> PredictRequest:
    """Return the tensors of a body.

    Raises:
        Failure: if there are none, or if they are not what the signature takes.
    """
    values = body.values
    if "instances" in values and "inputs" in values:
        raise _malformed(
            values,
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
        )
    try:
        if "instances" in values:
            return PredictRequest(_rows(values, signature.inputs), True)
        if "inputs" in values:
            return PredictRequest(_columns(values["inputs"], signature.inputs), False)
    except RecursionError:
        raise invalid(_TOO_DEEP) from None
    raise invalid("Missing 'inputs' or 'instances' key")


def find_signature(signatures: Mapping[str, Signature], name: str) -> Signature:
    """Return the signature that a REST request names.

    Raises:
        Failure: if there is no such signature, or if it takes nothing.
    """
    name = name or "serving_default"
    if name not in signatures:
        raise invalid(f'Serving signature name: "{name}" not found in signature def')
    if not signatures[name].inputs:
        raise invalid(f"Failed to get input map for signature: {name}")
    return signatures[name]


def _parse(body: bytes) -> Any:
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    try:
        text = body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise invalid(
            f"JSON Parse error: Invalid encoding in string. at offset: {error.start}: "
            'write UTF-8, or other bytes as {"b64": "…"}.'
        ) from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode())
        raise invalid(f"JSON Parse error: {_words(error, text)} at offset: {offset}") from None
    except ValueError:  # a number of some thousand digits
        raise invalid("JSON Parse error: Number too big to be stored in double.") from None
    except RecursionError:
        raise invalid(_TOO_DEEP) from None


def _words(error: json.JSONDecodeError, text: str) -> str:
    if error.msg == "Expecting value" and not text[error.pos :].strip():
        return "The document is empty." if not text.strip() else "Invalid value."
    if error.msg != "Expecting ',' delimiter":
        return _WORDS.get(error.msg, f"{error.msg}.")
    open_brackets = []
    for found in _STRING_OR_BRACKET.findall(text[: error.pos]):
        if found in "[{":
            open_brackets.append(found)
        elif found in "]}":
            open_brackets.pop()
    return _IN_OBJECT if open_brackets[-1] == "{" else _IN_ARRAY


def _rows(values: dict[str, Any], specs: Mapping[str, Spec]) -> Tensors:
    instances = values["instances"]
    if not isinstance(instances, list):
        raise _malformed(values, "Expecting 'instances' to be an list/array")
    if not instances:
        raise _malformed(values, "No values in 'instances' array")
    are_objects = _is_object(instances[0])
    if not are_objects and len(specs) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
    columns: dict[str, _Column] = {}
    for number, instance in enumerate(instances):
        if are_objects != _is_object(instance):
            expected = "object but got list" if are_objects else "value/list but got object"
            raise invalid(f"Expecting {expected} at item {number} of input list")
        items = instance.items() if are_objects else [(next(iter(specs)), instance)]
        for name, value in items:
            try:
                if name not in specs:
                    raise invalid(f"JSON object: does not have named input: {name}")
                columns.setdefault(name, _Column(specs[name].dtype)).add(value)
            except Failure as failure:
                key = f" key: {name}" if are_objects else ""
                raise invalid(
                    f"Failed to process element: {number}{key} of 'instances' list. "
                    f"Error: {failure}"
                ) from None
        if are_objects and instance.keys() != specs.keys():
            raise invalid(
                f"Failed to process element: {number} of 'instances' list. JSON object: "
                f"{_shown(instance)} keys must be equal to: {','.join(sorted(specs))}"
            )
    return {name: column.tensor(len(instances)) for name, column in columns.items()}


class _Column:
    """The values of an input, one for each row, all of one shape."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.shape: tuple[int, ...] | None = None
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        shape, values = _dense(value, self.dtype)
        if self.shape is None:
            self.shape, self.size = shape, len(values)
        elif len(values) != self.size:
            raise invalid(f"Expecting tensor size: {self.size} but got: {len(values)}")
        elif shape != self.shape:
            raise invalid(f"Expecting shape {written(self.shape)} but got: {written(shape)}")
        self.values += values

    def tensor(self, rows: int) -> np.ndarray:
        return _array(self.values, self.dtype, (rows, *self.shape))


def _columns(inputs: Any, specs: Mapping[str, Spec]) -> Tensors:
    if not _is_object(inputs):
        if len(specs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        inputs = dict.fromkeys(specs, inputs)
    tensors = {}
    for name, spec in specs.items():
        if name not in inputs:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
        shape, values = _dense(inputs[name], spec.dtype)
        tensors[name] = _array(values, spec.dtype, shape)
    return tensors


def _dense(value: Any, dtype: str) -> tuple[tuple[int, ...], list[Any]]:
    """Return the shape of nested lists, as far as the first elements tell, and their values."""
    shape, first = [], value
    while isinstance(first, list):
        shape.append(len(first))
        if not first:
            break
        first = first[0]
    values: list[Any] = []
    _fill(value, tuple(shape), 0, dtype, values)
    return tuple(shape), values


def _fill(value: Any, shape: tuple[int, ...], level: int, dtype: str, values: list[Any]) -> None:
    """Append the values of nested lists, which must have a shape."""
    if not isinstance(value, list):
        if level != len(shape):
            raise _malformed(
                value,
                f"found at incorrect level: {level + 1} in the JSON DOM. "
                f"Expected at level: {len(shape)}",
            )
        values.append(_converted(value, dtype))
        return
    if level >= len(shape):
        raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for each in value:
        _fill(each, shape, level + 1, dtype, values)


def _converted(value: Any, dtype: str) -> Any:
    """Return a JSON value as one of a type.

    Raises:
        Failure: if it is of another type, or does not fit.
    """
    if dtype == "string":
        if isinstance(value, dict):
            return _decoded(value)
        if isinstance(value, str):
            return _encoded(value)
    elif dtype == "bool":
        if isinstance(value, bool):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        limits = np.finfo(dtype) if dtype.startswith("float") else np.iinfo(dtype)
        if dtype.startswith("float"):
            exact = 2 ** (limits.nmant + 1) - 1 if isinstance(value, int) else float(limits.max)
            if -exact <= value <= exact or value != value or abs(value) == float("inf"):
                return value
            raise invalid(
                f"Cannot convert JSON value: {_shown(value)} to {_TYPE_NAMES[dtype]} without loss "
                "of precision."
            )
        if isinstance(value, int) and limits.min <= value <= limits.max:
            return value
    kind = str(value) if isinstance(value, bool) else _KINDS[type(value)]
    raise _malformed(
        value, f"Type: {kind} is not of expected type: {_TYPE_NAMES.get(dtype, dtype)}"
    )


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise invalid("JSON Parse error: The surrogate pair in string is invalid.") from None


def _decoded(value: dict[str, Any]) -> bytes:
    if not _is_base64(value):
        raise _malformed(value, "not formatted correctly for base64 data")
    encoded = value["b64"].rstrip("=")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("Unable to base64 decode") from None


def _array(values: list[Any], dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    array = np.empty(len(values), object if dtype == "string" else dtype)
    array[:] = values
    return array.reshape(shape)


def _is_base64(value: Any) -> bool:
    return isinstance(value, dict) and [*value] == ["b64"] and isinstance(value["b64"], str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and not _is_base64(value)


def _malformed(value: Any, words: str) -> Failure:
    return invalid(f"JSON Value: {_shown(value)} {words}")


def _shown(value: Any) -> str:
    """Return a JSON value for a message, cut to some bytes."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "[…]"
    return text.encode(errors="replace")[:_SHOWN].decode(errors="ignore")
