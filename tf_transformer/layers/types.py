"""What annotations of layers and models say."""

from __future__ import annotations

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""A tensor of whichever backend Keras runs on; the docstring says its shape."""

Shape: TypeAlias = tuple[int | None, ...]
"""A shape as Keras gives it: `None` for a size that is not known yet."""
