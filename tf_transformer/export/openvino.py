"""Export to OpenVINO, an engine for Intel's CPUs, GPUs and NPUs, and for ARM."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tf_transformer.export.engine_files import Description, import_package
from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.onnx import save_onnx
from tf_transformer.export.step_files import GRAPHS, export_steps, first_step
from tf_transformer.models import Transformer
from tf_transformer.text import Tokenizer

_OPEN = """
def graph(name):
    model = openvino.compile_model(f"{name}.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda **inputs: {x.any_name: y for x, y in model(inputs).items()}


encoder, step = graph("encoder"), graph("step")
"""
_DESCRIPTION = Description(
    name="OpenVINO",
    link="https://docs.openvino.ai",
    package="openvino",
    extra="openvino",
    module="tf_transformer.export.openvino_script",
    sources=GRAPHS,
    advice="For equal numbers on all CPUs, set `INFERENCE_PRECISION_HINT` to `f32`.",
    snippet=first_step("openvino", _OPEN),
)


def export_openvino(
    model: Transformer,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    export_dir: str | os.PathLike,
    card: ModelCard | None = None,
    quantization: str = "float32",
) -> Path:
    """Export a model for OpenVINO.

    The directory holds the graphs `encoder` and `step` (`.xml`, with the weights in `.bin`), which
    have the inputs and outputs of `save_onnx`; what the script needs to know (`config.json`); the
    tokenizers (`tokenizer/`, which `load_tokenizers` reads); `README.md`; and `translate.py`, a
    script that translates lines and needs only openvino, NumPy and sentencepiece (unless the
    tokenizers are of another kind). Its greedy and beam search are those of a SavedModel.

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
        UserError: if the model is not a Transformer, if the packages for OpenVINO or ONNX are
            missing, if `export_dir` exists, if the tokenizers are not the model's, if the
            quantization is unknown, or if the export does not compute what the model does.

    Example:
        ```python
        import tf_transformer as tft

        sources, targets = ["bom dia.", "obrigado!"], ["good morning.", "thank you!"]
        tokenizers = tft.train_tokenizers(sources, targets, "wordpiece", vocab_size=50)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        model = tft.Transformer(tft.TransformerConfig(*sizes, num_layers=1))
        tft.export.export_openvino(model, *tokenizers, "saved_models/pt_en-openvino")
        ```
    """
    return export_steps(
        _DESCRIPTION,
        _save,
        model,
        source_tokenizer,
        target_tokenizer,
        export_dir,
        card,
        quantization,
    )


def _save(model: Transformer, directory: Path, quantization: str) -> None:
    """Write the graphs by way of ONNX: OpenVINO's own converter sends statistics on its use."""
    openvino = import_package(_DESCRIPTION, "openvino")
    with tempfile.TemporaryDirectory() as room:
        save_onnx(model, room, quantization)
        for path in Path(room).glob("*.onnx"):
            graph = openvino.Core().read_model(path)
            openvino.save_model(graph, directory / f"{path.stem}.xml", compress_to_fp16=False)
