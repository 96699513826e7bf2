"""Export to LiteRT, an engine of a few megabytes for CPUs and for devices.

The searches of `decoding` become part of the model: the export goes from ids to ids.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import tensorflow as tf

from tf_transformer.decoding import BeamSearch, GreedySearch, Hypotheses
from tf_transformer.export.engine_files import (
    Description,
    import_package,
    in_float32,
    require_exportable,
    require_same_scores,
    require_translator,
    settings,
    write_files,
    write_settings,
)
from tf_transformer.export.model_card import ModelCard
from tf_transformer.files import replacing
from tf_transformer.models import Transformer
from tf_transformer.quiet_start import silent_stderr
from tf_transformer.text import END, Tokenizer

_DESCRIPTION = Description(
    name="LiteRT",
    link="https://ai.google.dev/edge/litert",
    package="ai-edge-litert",
    extra="litert",
    module="tf_transformer.export.litert_script",
    sources="Its signatures `greedy` and `beam` take the tokenizer's ids, with END (3) after each "
    "source and then zeros, and a limit for each row.",
    advice="Any number of rows, any length and any beam will do.",
)
_INPUTS = [
    tf.TensorSpec([None, None], tf.int32, name="source_ids"),
    tf.TensorSpec([None], tf.int32, name="limits"),
]
_BEAM_INPUTS = [
    *_INPUTS,
    tf.TensorSpec([], tf.int32, name="beam_size"),
    tf.TensorSpec([], tf.float32, name="alpha"),
]


def export_litert(
    model: Transformer,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    export_dir: str | os.PathLike,
    card: ModelCard | None = None,
    quantization: str = "float32",
) -> Path:
    """Export a model for LiteRT, an engine for CPUs, phones and browsers.

    The directory holds the model with its searches (`model.tflite`), what the script needs to know
    (`config.json`), the tokenizers (`tokenizer/`, which `load_tokenizers` reads), `README.md`, and
    `translate.py`, a script that translates lines and needs only ai-edge-litert, NumPy and
    sentencepiece (unless the tokenizers are of another kind).

    `model.tflite` has two signatures, of any number of rows and any length:

    - `greedy`: from `source_ids`, int32 `(batch, source_length)`, END included, and `limits`, int32
      `(batch,)`, to `ids`, `scores` and `truncated`: see `Hypotheses`
    - `beam`: the same with an axis `beam`, best first; it also takes the scalars `beam_size`,
      int32, and `alpha`, float32

    The export is run once, and compared with the model.

    Args:
        model: a `Transformer`.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        export_dir: a new directory for the model, which must not exist yet.
        card: a `ModelCard` whose facts go into `README.md`. Defaults to none.
        quantization: type of the stored weights: `"float32"`, or `"int8"`, which multiplies with
            activations that are rounded to int8, too. Defaults to `"float32"`.

    Returns:
        The path of the directory.

    Raises:
        UserError: if the model is not a Transformer, if ai-edge-litert is missing, if `export_dir`
            exists, if the tokenizers are not the model's, if the quantization is unknown, or if the
            export does not compute what the model does.

    Example:
        ```python
        import tf_transformer as tft

        sources, targets = ["bom dia.", "obrigado!"], ["good morning.", "thank you!"]
        tokenizers = tft.train_tokenizers(sources, targets, "wordpiece", vocab_size=50)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        model = tft.Transformer(tft.TransformerConfig(*sizes, num_layers=1))
        tft.export.export_litert(model, *tokenizers, "saved_models/pt_en-litert")
        ```
    """
    directory = Path(export_dir)
    require_translator(_DESCRIPTION, model, quantization)
    require_exportable(model, source_tokenizer, target_tokenizer, directory)
    interpreter = import_package(_DESCRIPTION, "ai_edge_litert.interpreter")
    model = in_float32(model)
    searches = _searches(model)
    converted = _convert(model, searches, quantization)
    _try_out(interpreter, converted, searches, quantization)
    values = settings(model, source_tokenizer, target_tokenizer, card)
    with replacing(directory) as path:
        path.mkdir()
        (path / "model.tflite").write_bytes(converted)
        write_settings(path, values)
        write_files(
            path, _DESCRIPTION, model, source_tokenizer, target_tokenizer, card, quantization
        )
    return directory


def _searches(model: Transformer) -> dict[str, Callable]:
    """Return the signatures: graphs of the searches, for any shape."""

    def greedy(source_ids: tf.Tensor, limits: tf.Tensor) -> dict[str, tf.Tensor]:
        return _outputs(GreedySearch(min_length=1)(model, source_ids, limits))

    def beam(
        source_ids: tf.Tensor, limits: tf.Tensor, beam_size: tf.Tensor, alpha: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        search = BeamSearch(beam_size, alpha, min_length=1)
        return _outputs(search(model, source_ids, limits))

    return {
        "greedy": tf.function(greedy, input_signature=_INPUTS, autograph=False),
        "beam": tf.function(beam, input_signature=_BEAM_INPUTS, autograph=False),
    }


def _outputs(found: Hypotheses) -> dict[str, tf.Tensor]:
    return {"ids": found.ids, "scores": found.scores, "truncated": found.truncated}


def _convert(model: Transformer, searches: dict[str, Callable], quantization: str) -> bytes:
    holder = tf.Module()
    holder.tracked = [weight.value for weight in model.weights]
    with tempfile.TemporaryDirectory() as directory:
        tf.saved_model.save(holder, directory, signatures=searches)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            directory, signature_keys=list(searches)
        )
        if quantization == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def _try_out(
    interpreter: ModuleType, converted: bytes, searches: dict[str, Callable], quantization: str
) -> None:
    """Check that LiteRT can run an export, and in float32 that it finds what the model finds."""
    inputs = {
        "source_ids": np.array([[5, 4, END], [4, END, 0]], np.int32),
        "limits": np.array([9, 7], np.int32),
    }
    beam = {"beam_size": np.int32(2), "alpha": np.float32(0.6)}
    with silent_stderr():  # LiteRT reports how it prepares a model
        model = interpreter.Interpreter(model_content=converted, num_threads=1)
        found = {
            "greedy": model.get_signature_runner("greedy")(**inputs),
            "beam": model.get_signature_runner("beam")(**inputs, **beam),
        }
    for name, options in {"greedy": {}, "beam": beam}.items():
        scores = found[name]["scores"]
        ours = searches[name](*map(tf.constant, (inputs | options).values()))["scores"].numpy()
        require_same_scores(_DESCRIPTION, name, scores, ours, quantization)
