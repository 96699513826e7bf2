"""Export to ONNX, a format that many engines read, and browsers through ONNX Runtime Web."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from tf_transformer.errors import require
from tf_transformer.export.engine_files import (
    Description,
    import_package,
    in_float32,
    require_translator,
)
from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.step_files import GRAPHS, export_steps, first_step
from tf_transformer.export.steps import graphs
from tf_transformer.files import replacing
from tf_transformer.models import Transformer
from tf_transformer.quiet_start import silent_stderr
from tf_transformer.text import Tokenizer

if TYPE_CHECKING:
    import onnx
    import tf2onnx

_OPEN = """
def graph(name):
    session = onnxruntime.InferenceSession(f"{name}.onnx")
    names = [output.name for output in session.get_outputs()]
    return lambda **inputs: dict(zip(names, session.run(names, inputs)))


encoder, step = graph("encoder"), graph("step")
"""
ONNX = Description(
    name="ONNX Runtime",
    link="https://onnxruntime.ai",
    package="onnxruntime",
    extra="onnx",
    module="tf_transformer.export.onnx_script",
    sources=GRAPHS,
    advice="Several threads may call a session at a time.",
    snippet=first_step("onnxruntime", _OPEN),
)
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


def export_onnx(
    model: Transformer,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    export_dir: str | os.PathLike,
    card: ModelCard | None = None,
    quantization: str = "float32",
) -> Path:
    """Export a model to ONNX, which ONNX Runtime and many other engines read.

    The directory holds `encoder.onnx` and `step.onnx` (see `save_onnx`), what the script needs to
    know (`config.json`), the tokenizers (`tokenizer/`, which `load_tokenizers` reads), `README.md`,
    and `translate.py`, a script that translates lines and needs only onnxruntime, NumPy and
    sentencepiece (unless the tokenizers are of another kind). Its greedy and beam search are those
    of a SavedModel.

    The export is run once, and compared with the model.

    Args:
        model: a `Transformer`.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        export_dir: a new directory for the model, which must not exist yet.
        card: a `ModelCard` whose facts go into `README.md`. Defaults to none.
        quantization: as of `save_onnx`. Defaults to `"float32"`.

    Returns:
        The path of the directory.

    Raises:
        UserError: if the model is not a Transformer, if the packages for ONNX are missing, if
            `export_dir` exists, if the tokenizers are not the model's, if the quantization is
            unknown, or if the export does not compute what the model does.

    Example:
        ```python
        import tf_transformer as tft

        sources, targets = ["bom dia.", "obrigado!"], ["good morning.", "thank you!"]
        tokenizers = tft.train_tokenizers(sources, targets, "wordpiece", vocab_size=50)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        model = tft.Transformer(tft.TransformerConfig(*sizes, num_layers=1))
        tft.export.export_onnx(model, *tokenizers, "saved_models/pt_en-onnx")
        ```
    """
    return export_steps(
        ONNX, save_onnx, model, source_tokenizer, target_tokenizer, export_dir, card, quantization
    )


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
        UserError: if the model is not a Transformer, if the quantization is unknown, or if the
            packages for ONNX are missing.
    """
    require_translator(ONNX, model, quantization)
    for package in ("onnx", "onnxruntime", "tf2onnx"):
        import_package(ONNX, package)
    model = in_float32(model)  # graphs do not keep it
    for name, graph in graphs(model, attention).items():
        converted = _converted(graph)
        with replacing(Path(directory) / f"{name}.onnx") as path:
            path.write_bytes(converted.SerializeToString())
            if quantization == "int8":
                _quantize(path)


def _converted(graph: tf.types.experimental.ConcreteFunction) -> onnx.ModelProto:
    from onnx import defs
    from tf2onnx import optimizer, tf_loader, tfonnx

    inputs = [tensor.name for tensor in graph.inputs if tensor.dtype != tf.resource]
    outputs = [tensor.name for tensor in graph.outputs]
    renamed = {name: name.removesuffix(":0") for name in inputs}
    renamed |= zip(outputs, sorted(graph.structured_outputs), strict=True)
    with silent_stderr():  # TensorFlow and tf2onnx report what they do
        frozen = tf_loader.from_function(graph, inputs, outputs)
        with tf.Graph().as_default() as unnamed:
            tf.import_graph_def(frozen, name="")
            converted = tfonnx.process_tf_graph(
                unnamed,
                opset=_OPSET,
                input_names=inputs,
                output_names=outputs,
                tensors_to_rename=renamed,
                custom_op_handlers={"Erfc": (_write_erfc, [])},
            )
        optimizers = {name: getattr(optimizer, name) for name in _OPTIMIZERS}
        converted = optimizer.optimize_graph(converted, optimizers=optimizers)
    model = converted.make_model("by tf_transformer")
    unknown = {node.op_type for node in model.graph.node if not defs.has(node.op_type)}
    names = " or ".join(sorted(unknown))
    require(not unknown, f"ONNX has no operation {names}: choose another format.")
    _name_axes(model)
    return model


def _write_erfc(graph: tf2onnx.graph.Graph, node: tf2onnx.graph.Node, name: str, _: list) -> None:
    """Write `1 - erf(x)` for `erfc(x)`, which is in GELU, but not in ONNX."""
    (x,), outputs = node.input, node.output
    kind = {"shapes": node.output_shapes, "dtypes": node.output_dtypes}
    graph.remove_node(name)
    one = graph.make_const(f"{name}/one", np.float32(1))
    erf = graph.make_node("Erf", [x], **kind)
    graph.make_node("Sub", [one.output[0], erf.output[0]], outputs=outputs, name=name, **kind)


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
