"""What a signature takes and gives, and whether tensors fit it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tf_transformer.serving.failures import Failure, invalid

Tensors = dict[str, np.ndarray]


class Spec(NamedTuple):
    """Type and shape of a tensor.

    Args:
        dtype: name of a NumPy type, or `"string"`.
        shape: the size of each axis; `None` for any size.
    """

    dtype: str
    shape: tuple[int | None, ...]

    def takes(self, tensor: np.ndarray) -> bool:
        """Return whether a tensor has this shape."""
        return len(tensor.shape) == len(self.shape) and all(
            wanted in (None, size) for wanted, size in zip(self.shape, tensor.shape, strict=True)
        )


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function of a model: names and specs of what it takes and gives.

    Args:
        name: its name, such as `"serving_default"`.
        inputs: specs by name.
        outputs: specs by name.
        is_rowwise: whether the answer to a row depends on that row alone, as far as its function
            knows. Random draws, for one, may depend on a row's number. Defaults to `True`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.serving.signature import Signature, Spec

        text = Spec("string", (None,))
        signature = Signature("serving_default", {"text": text}, {"translation": text})
        signature.can_share_a_batch  # True
        signature.rows({"text": np.array([b"bom dia", b"ol"], object)})  # 2
        ```
    """

    name: str
    inputs: Mapping[str, Spec]
    outputs: Mapping[str, Spec]
    is_rowwise: bool = True

    @property
    def can_share_a_batch(self) -> bool:
        """Whether requests may be answered together, with the same answers as alone.

        Each input and output needs rows, and no other axis of an output may have a free size: the
        longest text of a batch would set it for all.
        """
        with_rows = [*self.inputs.values(), *self.outputs.values()]
        return (
            self.is_rowwise
            and all(spec.shape[:1] == (None,) for spec in with_rows)
            and all(None not in spec.shape[1:] for spec in with_rows)
        )

    def with_sizes(self, answers: Sequence[Tensors]) -> Signature:
        """Return this signature with the sizes that its outputs have in truth.

        A graph does not always know that an axis, such as the beam, has one size for all texts.

        Args:
            answers: outputs for texts of different lengths. An axis that has the same size in all
                of them is taken to have it always.
        """
        outputs = {}
        for name, spec in self.outputs.items():
            shapes = [answer[name].shape[1:] for answer in answers]
            sizes = (set(axis) for axis in zip(*shapes, strict=True))
            found = (axis.pop() if len(axis) == 1 else None for axis in sizes)
            outputs[name] = Spec(spec.dtype, (*spec.shape[:1], *found))
        return dataclasses.replace(self, outputs=outputs)

    def rows(self, inputs: Tensors) -> int:
        """Return the number of rows of a request: 1 if its inputs have none.

        Raises:
            Failure: if the inputs do not fit.
        """
        self._check_names(inputs)
        for name, tensor in inputs.items():
            spec = self.inputs[name]
            is_string = tensor.dtype == object
            if is_string != (spec.dtype == "string") or not (
                is_string or tensor.dtype == np.dtype(spec.dtype)
            ):
                given = "string" if is_string else tensor.dtype.name
                raise invalid(f"Input {name} has type {given}, expected {spec.dtype}.")
            if not spec.takes(tensor):
                raise invalid(
                    f"Input {name} has shape {written(tensor.shape)}, expected "
                    f"{written(spec.shape)}."
                )
        rows = {
            name: len(inputs[name])
            for name, spec in self.inputs.items()
            if spec.shape[:1] == (None,)
        }
        if len(set(rows.values())) > 1:
            counts = ", ".join(f"{name} {count}" for name, count in rows.items())
            raise invalid(f"Inputs have different numbers of rows: {counts}.")
        return next(iter(rows.values()), 1)

    def _check_names(self, inputs: Tensors) -> None:
        extra, missing = sorted({*inputs} - {*self.inputs}), sorted({*self.inputs} - {*inputs})
        if extra or missing:
            given, expected = ",".join(sorted(inputs)), ",".join(sorted(self.inputs))
            raise invalid(
                f"input size does not match signature: {len(inputs)}!={len(self.inputs)} "
                f"len({{{given}}}) != len({{{expected}}}). "
                f"Sent extra: {{{','.join(extra)}}}. Missing but required: {{{','.join(missing)}}}."
            )

    def chosen(self, outputs: Tensors, names: list[str]) -> Tensors:
        """Return the outputs that a request asks for: all, if it names none.

        Raises:
            Failure: if there is no such output.
        """
        for name in names:
            if name not in outputs:
                raise invalid(f"output tensor alias not found in signature: {name}")
        return {name: outputs[name] for name in names} if names else outputs


def missing_signature(name: str) -> Failure:
    """Return the failure of a gRPC request for a signature that the model lacks."""
    return Failure("FAILED_PRECONDITION", f'Serving signature key "{name}" not found.')


def written(shape: tuple[int | None, ...]) -> str:
    """Return a shape as TensorFlow Serving writes it: `[-1,3]`."""
    return f"[{','.join(str(-1 if size is None else size) for size in shape)}]"
