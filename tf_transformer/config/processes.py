"""The processes that train one model together."""

from __future__ import annotations

import dataclasses
import os
import re

from tf_transformer.errors import UserError, counted, require

# Keras's own variables, by the field that each sets.
_VARIABLES = {
    "coordinator": "KERAS_DISTRIBUTION_JOB_ADDRESSES",
    "num_processes": "KERAS_DISTRIBUTION_NUM_PROCESSES",
    "process_id": "KERAS_DISTRIBUTION_PROCESS_ID",
}


@dataclasses.dataclass(frozen=True)
class Processes:
    """The processes that train one model together, and which of them this one is.

    Each trains on all devices of its own. A process that is alone needs no coordinator.

    Args:
        coordinator: `"HOST:PORT"`: where process 0 runs, and a free port there. Defaults to none.
        num_processes: number of processes. Defaults to 1.
        process_id: number of this process, from 0. Defaults to 0.

    Raises:
        UserError: if these do not belong together.

    Example:
        ```python
        from tf_transformer.config import Processes

        Processes("10.0.0.1:1234", num_processes=2, process_id=0)
        ```
    """

    coordinator: str = ""
    num_processes: int = 1
    process_id: int = 0

    def __post_init__(self) -> None:
        require(
            bool(self.coordinator) or self.num_processes == 1,
            f"{counted(self.num_processes, 'process', 'processes')} need a coordinator: "
            "set coordinator=HOST:PORT, the machine of process 0.",
        )
        require(
            not self.coordinator or bool(re.fullmatch(r"\S+:\d+", self.coordinator)),
            f"coordinator={self.coordinator}: write HOST:PORT.",
        )
        require(
            0 <= self.process_id < self.num_processes,
            f"process_id={self.process_id}: with num_processes={self.num_processes} it goes from 0 "
            f"to {self.num_processes - 1}.",
        )

    @classmethod
    def from_environment(cls, **fields: str | int | None) -> Processes:
        """Return the processes as Keras's environment variables describe them.

        They are `KERAS_DISTRIBUTION_JOB_ADDRESSES` (the first address counts),
        `KERAS_DISTRIBUTION_NUM_PROCESSES` and `KERAS_DISTRIBUTION_PROCESS_ID`.

        Args:
            **fields: fields that replace those of the environment, unless they are `None`.

        Raises:
            UserError: if a number is no number, or these do not belong together.
        """
        found = {}
        for name, variable in _VARIABLES.items():
            text = os.environ.get(variable)
            if fields.get(name) is not None:
                found[name] = fields[name]
            elif text:
                found[name] = _value(name, variable, text)
        return cls(**found)

    @property
    def is_first(self) -> bool:
        """Whether this is process 0, which alone writes the run."""
        return self.process_id == 0


def _value(name: str, variable: str, text: str) -> str | int:
    if name == "coordinator":
        return text.split(",")[0]
    try:
        return int(text)
    except ValueError:
        raise UserError(f"{variable}={text}: this is no number.") from None
