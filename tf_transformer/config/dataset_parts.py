"""The parts of a `dataset` argument: one corpus, or several with weights."""

from __future__ import annotations

import collections
import dataclasses
import os
import re
from collections.abc import Callable
from pathlib import Path

from tf_transformer.errors import UserError, require

_PLUS = re.compile(r"(?:(?<=\s)|^)\+(?=\s|$)")  # with spaces, because names may contain it
_WEIGHT = re.compile(r"(.*?)(\*[\d.\s]+)?", re.DOTALL)
_MOST = 1000  # the largest weight


@dataclasses.dataclass(frozen=True)
class DatasetPart:
    """A corpus of a mixture.

    Args:
        name: name of a data set or of files: see `load_corpus`.
        weight: how often an epoch shows each of its pairs. 3 means three times; 0.5 means half of
            the pairs, and the other half in the next epoch. Defaults to 1.

    Example:
        ```python
        import tf_transformer as tft

        str(tft.config.DatasetPart("own.tsv", 3))  # 'own.tsv*3'
        ```
    """

    name: str
    weight: float = 1.0

    def __str__(self) -> str:
        return self.name if self.weight == 1 else f"{self.name}*{self.weight:g}"


def dataset_parts(dataset: str) -> list[DatasetPart]:
    """Return the corpora that a dataset names, each with its weight.

    The name of an existing file, or of two with a comma between them, is one corpus, whatever
    characters it contains.

    Args:
        dataset: the argument, such as `phrasebook` or `phrasebook*0.5 + own.tsv*3`.

    Raises:
        UserError: if a corpus has no name or a bad weight, or if it is named twice.

    Example:
        ```python
        import tf_transformer as tft

        parts = tft.config.dataset_parts("phrasebook*0.5 + own.tsv")
        [(part.name, part.weight) for part in parts]  # [('phrasebook', 0.5), ('own.tsv', 1.0)]
        ```
    """
    if _is_there(dataset) or not dataset.strip():  # an empty one is reported later
        return [DatasetPart(dataset)]
    parts = [_part(text.strip(), dataset) for text in _PLUS.split(dataset)]
    for name, count in collections.Counter(part.name for part in parts).items():
        require(count == 1, f"dataset={dataset}: {name} is there twice; give it once, as {name}*2")
    return parts


def rename_parts(dataset: str, rename: Callable[[str], str]) -> str:
    """Return a dataset argument with changed names of files or data sets.

    Args:
        dataset: as of `dataset_parts`.
        rename: from the old name to the new one.
    """
    texts = [dataset] if _is_there(dataset) else map(str.strip, _PLUS.split(dataset))
    split = (_WEIGHT.fullmatch(text).groups("") for text in texts)
    return " + ".join(",".join(map(rename, name.split(","))) + weight for name, weight in split)


def short_name(dataset: str) -> str:
    """Return a dataset argument without the folders of absolute paths."""
    return rename_parts(dataset, _without_folder)


def _without_folder(name: str) -> str:
    path = Path(name)
    return path.name if path.is_absolute() else str(path)


def _part(text: str, dataset: str) -> DatasetPart:
    """Return the corpus that the text between two plus signs names."""
    require(
        text, f'dataset="{dataset}": a corpus is missing next to +; write NAME*WEIGHT + NAME*WEIGHT'
    )
    name, star, weight = text.rpartition("*")
    if not star or _is_there(text):
        return DatasetPart(text)
    name = name.strip()
    require(
        name and ("*" not in name or _is_there(name)),
        f'dataset="{dataset}": {text} is not NAME*WEIGHT; write spaces around +, as in '
        "phrasebook*0.5 + own.tsv*3",
    )
    return DatasetPart(name, _weight(weight, text, dataset))


def _weight(text: str, part: str, dataset: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        raise UserError(
            f'dataset="{dataset}": {part} is no file, and "{text.strip()}" is no weight; write '
            "NAME*NUMBER, as in own.tsv*3"
        ) from None
    require(
        1 / _MOST <= weight <= _MOST,
        f'dataset="{dataset}": {part} has a weight that is not from {1 / _MOST} to {_MOST:,}',
    )
    return weight


def _is_there(name: str) -> bool:
    """Return whether a name is that of a file, or of two files."""
    return all(os.path.exists(path.strip()) for path in name.split(","))
