"""TensorFlow Serving's paths: model, version or label, and what is asked of it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from tf_transformer.serving.failures import Failure, invalid

_CHOICE = r"(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?"
_PREDICT = re.compile(rf"/v1/models/([^/:]+){_CHOICE}:(classify|regress|predict)", re.I | re.A)
_STATUS = re.compile(rf"/v1/models(?:/([^/:]+))?{_CHOICE}(?:/(metadata))?", re.I | re.A)
_INT64 = 2**63 - 1


class Asked(NamedTuple):
    """What a path asks for.

    Args:
        method: `"predict"`, `"classify"`, `"regress"`, `"metadata"` or `"status"`.
        model: name of the model.
        version: number of the version, or `None`.
        label: label of the version, or `None`.
    """

    method: str
    model: str
    version: int | None = None
    label: str | None = None


class EmptyFailure(Failure):
    """A failure to which TensorFlow Serving answers without a body."""


def read_path(http_method: str, path: str) -> Asked:
    """Return what an HTTP request asks for.

    Args:
        http_method: such as `"POST"`.
        path: path of the URL, percent-encoded, without its query.

    Raises:
        Failure: if TensorFlow Serving has no such path.
    """
    if http_method == "POST" and (found := _PREDICT.fullmatch(path)):
        model, version, label, method = found.groups()
    elif http_method == "GET" and (found := _STATUS.fullmatch(path)):
        model, version, label, method = found.groups()
        if not model:
            raise invalid("Missing model name in request.")
    else:
        raise invalid(f"Malformed request: {http_method} {path}")
    version = version and (version.lstrip("0") or "0")
    if version and (len(version) > len(str(_INT64)) or int(version) > _INT64):
        raise EmptyFailure("INVALID_ARGUMENT", f"Failed to convert version: {version} to numeric.")
    return Asked(
        method.lower() if method else "status",
        unquote(model),
        int(version) if version else None,
        unquote(label) if label else None,
    )
