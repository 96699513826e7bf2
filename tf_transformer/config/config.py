"""The base of all configurations: frozen, checked, and read and written as JSON."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from tf_transformer.config.field_types import checked
from tf_transformer.errors import UserError, require, suggest

_CLASSES: dict[str, type[Config]] = {}
_Self = TypeVar("_Self", bound="Config")


class Config:
    """The base of all configurations: frozen, checked dataclasses, to and from JSON.

    A subclass is a dataclass. The type of a field defines its valid values: see `field_types`. Each
    subclass is found by its name: see `config_class`.

    Example:
        ```python
        import tf_transformer as tft

        config = tft.TransformerConfig(num_layers=2)
        config.replace(d_model=256).d_model  # 256
        same = tft.TransformerConfig.from_json(config.to_json())
        assert same == config
        ```
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _CLASSES[cls.__name__] = cls

    def __post_init__(self) -> None:
        hints = typing.get_type_hints(type(self), include_extras=True)
        for field in self.field_names():
            value = checked(field, getattr(self, field), hints[field])
            object.__setattr__(self, field, value)
        self._check()

    def _check(self) -> None:
        """Raise `UserError` for values that cannot work together."""

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(field.name for field in dataclasses.fields(cls))

    @classmethod
    def from_dict(cls: type[_Self], values: Mapping[str, Any]) -> _Self:
        """Make a configuration from a mapping.

        Args:
            values: values of fields by name. The others get their defaults.

        Raises:
            UserError: for a name that is not a field of this class (with the nearest names).
        """
        for name in values:
            require(
                name in cls.field_names(),
                f"{name!r} is not a field of {cls.__name__}: {suggest(name, cls.field_names())}",
            )
        return cls(**values)

    def replace(self: _Self, **values: Any) -> _Self:
        """Return a copy with other values in some fields.

        Args:
            **values: new values of these fields.

        Raises:
            UserError: for an unknown name (with the nearest names) or a bad value.
        """
        return self.from_dict(self.to_dict() | values)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary of plain Python values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls: type[_Self], text: str) -> _Self:
        """Make a configuration from a JSON object.

        Args:
            text: the text of the object.

        Raises:
            UserError: if `text` is not a JSON object of this class's fields.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(f"this {cls.__name__} is not valid JSON: {error}.") from error
        require(isinstance(values, dict), f"this {cls.__name__} is not a JSON object.")
        return cls.from_dict(values)

    def to_json(self) -> str:
        """Return the fields as a JSON object, one per line."""
        return json.dumps(self.to_dict(), indent=2)


def config_class(name: str) -> type[Config]:
    """Return the class of a configuration by its name, such as `"CausalLMConfig"`.

    Raises:
        UserError: if there is none (with the nearest names).

    Example:
        ```python
        import tf_transformer as tft

        config = tft.config.config_class("CausalLMConfig").from_dict({"vocab_size": 100})
        ```
    """
    require(name in _CLASSES, f"configuration {name!r} is unknown: {suggest(name, _CLASSES)}")
    return _CLASSES[name]
