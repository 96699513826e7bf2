"""Bodies of REST answers: tensors to JSON, as TensorFlow Serving writes them."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from tf_transformer.serving.failures import invalid
from tf_transformer.serving.signature import Tensors


def write_answer(outputs: Tensors, is_row: bool) -> bytes:
    """Return the body of an answer.

    Floats are the shortest decimals that give the same number again. What is not finite is `NaN`,
    `Infinity` or `-Infinity`, as Python's `json` reads it. Outputs whose names end in `_bytes` are
    written in base64. Outputs stand in the order of their names: processes that have loaded the
    same model may hold them in different orders.

    Args:
        outputs: tensors by name; strings are `bytes` in arrays of objects.
        is_row: whether to answer with rows ("predictions") rather than columns ("outputs").

    Raises:
        Failure: if rows are asked for, and outputs have none or different numbers of them.
    """
    columns = {name: _listed(name, tensor) for name, tensor in sorted(outputs.items())}
    if not is_row:
        return _json({"outputs": columns if len(columns) > 1 else next(iter(columns.values()))})
    _check_rows(outputs)
    if len(columns) == 1:
        (rows,) = columns.values()
    else:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return _json({"predictions": rows})


def write_error(message: str) -> bytes:
    """Return the body of an error."""
    return write_pretty({"error": message})


def write_pretty(values: dict[str, Any]) -> bytes:
    """Return JSON for people to read."""
    return json.dumps(values, ensure_ascii=False, indent=4).encode(errors="replace")


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode(errors="surrogateescape")


def _check_rows(outputs: Tensors) -> None:
    rows = None
    for name, tensor in outputs.items():
        if not tensor.shape:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if rows not in (None, len(tensor)):
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: {len(tensor)} expecting: {rows}"
            )
        rows = len(tensor)


def _listed(name: str, tensor: np.ndarray) -> Any:
    """Return a tensor as nested lists of what JSON knows."""
    if tensor.dtype == object:
        write = _base64 if name.endswith("_bytes") else _text
        listed = np.frompyfunc(write, 1, 1)(tensor)
        return listed.tolist() if isinstance(listed, np.ndarray) else listed
    if tensor.dtype.kind == "f":
        tensor = tensor.astype(str).astype(float)  # the shortest decimals
    return tensor.tolist()


def _text(text: bytes) -> str:
    return text.decode(errors="surrogateescape")  # bytes that are not UTF-8 leave as they came


def _base64(text: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(text).decode()}
