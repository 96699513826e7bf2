"""Export to ONNX, a format that many engines read, and browsers through ONNX Runtime Web."""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.export.engine_files import in_float32
from tf_transformer.export.steps import graphs
from tf_transformer.models import Transformer

if TYPE_CHECKING:
    import onnx

_OPSET = 18
# tf2onnx's others are for images and loops; "back to back" joins reshapes to a wrong one where a
# length is unknown.
_OPTIMIZERS = (
    "TransposeOptimizer",
    "ConstFoldOptimizer",
    "MergeDuplicatedNodesOptimizer",
    "ReshapeOptimizer",
    "IdentityOptimizer",
)
_AXES = {  # names of the axes of any length
    "source_ids": {0: "batch", 1: "source_length"},
    "token_ids": {0: "batch"},
    "memory": {0: "batch", 2: "source_length"},
    "past": {0: "batch", 2: "past_length"},
    "present": {0: "batch", 2: "length"},
    "logits": {0: "batch"},
    "encoder_attention": {0: "batch", 3: "source_length", 4: "source_length"},
    "decoder_attention": {0: "batch", 4: "length"},
    "cross_attention": {0: "batch", 4: "source_length"},
}


def save_onnx(
    model: Transformer,
    directory: str | os.PathLike,
    quantization: str = "float32",
    attention: bool = False,
) -> None:
    """Write a model as `encoder.onnx` and `step.onnx`, for any number of rows and any length.

    The encoder reads sources once. A step then takes the last token of each row, and gives the
    logits of the next token, and the keys and values of all tokens so far, which are the next
    step's past: the cache grows by one token a step. Ids are int32, everything else is float32.
    `L` is the number of decoder layers, `heads` that of heads of keys and values, `width` is
    `d_model / num_heads`.

    `encoder.onnx`:

    - takes `source_ids`, `(batch, source_length)`: END (3) behind each source, then PAD (0)
    - gives `memory_keys_i` and `memory_values_i`, `(batch, heads, source_length, width)`, for each
      `i` from 0 to `L - 1`

    `step.onnx`:

    - takes `source_ids` as above; `token_ids`, `(batch, 1)`, START (2) in the first step;
      `memory_keys_i` and `memory_values_i`; and `past_keys_i` and `past_values_i`,
      `(batch, heads, past_length, width)`, with a `past_length` of 0 in the first step
    - gives `logits`, `(batch, vocab_size)`; and `present_keys_i` and `present_values_i`,
      `(batch, heads, past_length + 1, width)`: the past, then the keys and values of `token_ids`

    All rows are at the same position, `past_length`. The rows of all tensors may be dropped,
    repeated or reordered between steps, together, as beam search does.

    Args:
        model: a `Transformer`.
        directory: an existing directory; files of these names are replaced.
        quantization: type of the stored weights: `"float32"`, or `"int8"`, which multiplies with
            activations that are rounded to 8 bits, too. Defaults to `"float32"`.
        attention: whether attention weights are outputs, too, for each layer and head of queries:
            of the encoder, `encoder_attention`, `(batch, layers, num_heads, source_length,
            source_length)`; of a step, `decoder_attention`, to the tokens so far,
            `(batch, L, num_heads, 1, past_length + 1)`, and `cross_attention`, to the source,
            `(batch, L, num_heads, 1, source_length)`. Defaults to `False`.

    Raises:
        UserError: if the packages for ONNX are missing.
    """
    _require_packages()
    for name, graph in graphs(in_float32(model), attention).items():
        path = Path(directory) / f"{name}.onnx"
        path.write_bytes(_converted(graph).SerializeToString())
        if quantization == "int8":
            _quantize(path)


def _require_packages() -> None:
    try:
        for name in ("onnx", "onnxruntime", "tf2onnx"):
            importlib.import_module(name)
    except ImportError as error:
        raise UserError(
            f"export to ONNX needs the packages onnx, onnxruntime and tf2onnx ({error}): "
            "pip install 'tf-transformer[onnx]'."
        ) from error


def _converted(graph: tf.types.experimental.Callable) -> onnx.ModelProto:
    from tf2onnx import optimizer, tf_loader, tfonnx

    inputs = [tensor.name for tensor in graph.inputs if tensor.dtype != tf.resource]
    outputs = [tensor.name for tensor in graph.outputs]
    names = {name: name.removesuffix(":0") for name in inputs}
    names |= zip(outputs, sorted(graph.structured_outputs), strict=True)
    frozen = tf_loader.from_function(graph, inputs, outputs)
    with _only_errors("tf2onnx"), tf.Graph().as_default() as unnamed:
        tf.import_graph_def(frozen, name="")
        converted = tfonnx.process_tf_graph(
            unnamed,
            opset=_OPSET,
            input_names=inputs,
            output_names=outputs,
            tensors_to_rename=names,
        )
        optimizers = {name: getattr(optimizer, name) for name in _OPTIMIZERS}
        converted = optimizer.optimize_graph(converted, optimizers=optimizers)
    model = converted.make_model("by tf_transformer")
    _name_axes(model)
    return model


def _name_axes(model: onnx.ModelProto) -> None:
    for value in [*model.graph.input, *model.graph.output]:
        axes = _AXES.get(value.name) or _AXES[value.name.partition("_")[0]]
        for axis, name in axes.items():
            value.type.tensor_type.shape.dim[axis].dim_param = name


def _quantize(path: Path) -> None:
    """Quantize the matrices and the embeddings of a file, in its place."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as directory:
        prepared = Path(directory) / path.name
        quant_pre_process(path, prepared, skip_optimization=True, skip_symbolic_shape=True)
        quantization.quantize_dynamic(
            prepared,
            path,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            # On older CPUs, sums of signed weights overflow.
            weight_type=quantization.QuantType.QUInt8,
        )


@contextmanager
def _only_errors(name: str) -> Iterator[None]:
    """Keep a logger's notes back."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
