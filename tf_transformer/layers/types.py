"""Types for the annotations of layers and models."""

from __future__ import annotations

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""A tensor of the backend that Keras runs on; docstrings give the shape."""

Shape: TypeAlias = tuple[int | None, ...]
"""A shape as Keras gives it: `None` for a size that is not known yet."""
