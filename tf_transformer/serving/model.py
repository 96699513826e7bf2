"""A version of a SavedModel, as the server calls it: NumPy arrays in, NumPy arrays out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tf_transformer.serving.failures import Failure, code_name
from tf_transformer.serving.signature import Signature, Spec, Tensors

_TEXTS = (b"a", b"a text that is longer than the one before it")
_TEXT_INPUTS = ("text", "prompt")


class SavedModel:
    """A loaded version of a SavedModel, warmed up.

    Args:
        path: path of the version.

    Raises:
        UserError: if it is damaged, or no model of this package.
    """

    def __init__(self, path: Path) -> None:
        from tf_transformer.export import kind_of, load_saved_model

        model = load_saved_model(path, warm_up=True)
        self.signature_defs = _signature_defs(path)
        draws = kind_of(model) == "completer"  # draws depend on a row's number
        self.signatures = {
            name: Signature(name, _specs(each.inputs), _specs(each.outputs), is_rowwise=not draws)
            for name, each in self.signature_defs.items()
        }
        self._functions = {name: _function(each) for name, each in model.signatures.items()}
        self._warm_up()

    def function(self, signature: str) -> Callable[[Tensors], Tensors]:
        """Return the function of a signature: the same object each time.

        Raises (when it is called):
            Failure: with the code of TensorFlow's error, and its reason.
        """
        return self._functions[signature]

    def _warm_up(self) -> None:
        """Call each signature, with one row and with two.

        Where texts are all that is taken, the answers tell which sizes do not depend on them.

        Raises:
            Failure: if one that takes nothing but texts fails.
        """
        for name, function in self._functions.items():
            inputs = self.signatures[name].inputs
            if not inputs:
                continue
            takes_only_texts = all(each in _TEXT_INPUTS for each in inputs)
            try:
                answers = [function(examples(inputs, rows)) for rows in (1, 2)]
            except Failure as failure:  # an empty text may be no language, for one
                if takes_only_texts and failure.code != "INVALID_ARGUMENT":
                    raise
                continue
            if takes_only_texts:
                self.signatures[name] = self.signatures[name].with_sizes(answers)


def examples(specs: Mapping[str, Spec], rows: int) -> Tensors:
    """Return inputs to warm a signature up: texts of different lengths, and no wishes.

    Args:
        specs: specs of the inputs, by name.
        rows: number of rows, 1 or 2.
    """
    found = {}
    for name, spec in specs.items():
        shape = tuple(rows if size is None else size for size in spec.shape)
        if name in _TEXT_INPUTS:
            found[name] = np.array(_TEXTS[:rows], object)
        elif spec.dtype == "string":
            found[name] = np.full(shape, b"", object)
        else:
            found[name] = np.zeros(shape, spec.dtype)
    return found


def _function(signature: Any) -> Callable[[Tensors], Tensors]:
    import tensorflow as tf

    def call(inputs: Tensors) -> Tensors:
        tensors = {
            name: tf.constant(x, tf.string if x.dtype == object else None)
            for name, x in inputs.items()
        }
        try:
            return {name: np.asarray(x.numpy()) for name, x in signature(**tensors).items()}
        except tf.errors.OpError as error:
            raise Failure(code_name(error.error_code), _reason(error.message)) from error

    return call


def _reason(message: str) -> str:
    """Return the line of TensorFlow's message that says why: the one before the node's name."""
    lines = [line for line in message.splitlines() if line.strip()]
    nodes = [i for i, line in enumerate(lines) if line.lstrip().startswith("[[{{node")]
    return lines[max(nodes[0] - 1, 0)] if nodes else lines[0]


def _signature_defs(path: Path) -> dict[str, Any]:
    """Return the `SignatureDef`s of a SavedModel."""
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    return dict(saved.meta_graphs[0].signature_def)


def _specs(infos: Mapping[str, Any]) -> dict[str, Spec]:
    import tensorflow as tf

    return {
        name: Spec(tf.as_dtype(info.dtype).name, _shape(info.tensor_shape.dim))
        for name, info in infos.items()
        if info.dtype  # an operation that starts the model has none
    }


def _shape(dims: Iterable[Any]) -> tuple[int | None, ...]:
    return tuple(None if dim.size < 0 else dim.size for dim in dims)
