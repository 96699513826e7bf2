"""Configuration files: how a result was made, with one commented value per line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection
from typing import Any

from tf_transformer.errors import UserError, require, suggest


def read_config_file(path: str | os.PathLike, names: Collection[str]) -> dict[str, Any]:
    """Read a TOML file of lines `name = value`.

    Args:
        path: path of the file.
        names: the names that it may set.

    Returns:
        The values by name, with their types in TOML.

    Raises:
        UserError: if the file cannot be read, or sets an unknown name (with the nearest names).
    """
    try:
        with open(path, "rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        raise UserError(f"config={path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # not TOML, and perhaps not UTF-8
        raise UserError(f"config={path} is not a TOML file: {error}.") from error
    for name in values:
        require(name in names, f"config={path}: {name!r} is unknown: {suggest(name, names)}")
    return values
