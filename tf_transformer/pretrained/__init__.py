"""Models that come with this package: each directory here is a small run from `pack_run`."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from tf_transformer.errors import require, suggest
from tf_transformer.training import Run, check_sums

HOME = Path(__file__).parent


def pretrained_names() -> list[str]:
    """Return the names of the models that come with this package.

    Example:
        ```python
        import tf_transformer as tft

        names = tft.pretrained.pretrained_names()
        ```
    """
    return sorted(file.parent.name for file in HOME.glob(f"*/{Run.PACKED}"))


def open_pretrained(name: str) -> Run:
    """Open the run of a model that comes with this package, and print the terms of its licence.

    Args:
        name: one of `pretrained_names()`.

    Raises:
        UserError: if there is no such model (with the nearest names), or if it is damaged.
    """
    names = pretrained_names()
    require(names, f"no pretrained model is installed in {HOME}: install the package again.")
    require(name in names, f"there is no pretrained model {name!r}: {suggest(name, names)}")
    check_sums(HOME / name)
    run = Run.open(HOME / name, "load")
    terms = "; its weights are for non-commercial use" if run.corpus.is_non_commercial else ""
    _say_once(f"{name}: trained on texts under {run.corpus.license}{terms}.")
    return run


@functools.cache
def _say_once(text: str) -> None:
    print(text, file=sys.stderr)
