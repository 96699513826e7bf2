"""Export a translator as a folder of static files that translates in the browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tf_transformer.errors import require, suggest
from tf_transformer.export.engine_files import require_exportable
from tf_transformer.export.onnx import save_onnx
from tf_transformer.files import replacing
from tf_transformer.models import Transformer
from tf_transformer.page.packed_files import write_packed, write_settings
from tf_transformer.page.page_settings import page_settings
from tf_transformer.page.runtime import copy_runtime, find_runtime
from tf_transformer.plots.attention_page import ATTENTION_FILES
from tf_transformer.tasks import Translator

STATIC = Path(__file__).with_name("static")
_QUANTIZATIONS = ("int8", "float32")


def export_page(
    translator: Translator,
    export_dir: str | os.PathLike,
    quantization: str = "int8",
    examples: Sequence[str] | None = None,
    npm_dir: str | os.PathLike | None = None,
) -> Path:
    """Export a translator as a page that translates in the browser.

    The folder's `index.html` opens from a disk as it does from any server for static files. The
    encoder and one step of the decoder run in ONNX Runtime Web, and the page searches. It shows the
    translation token by token, with the attention of every head, the probabilities of the next
    token, and the beam. It loads nothing but the files of its folder.

    Args:
        translator: a `Translator` of a `Transformer`, with SentencePiece vocabularies of plain
            text.
        export_dir: a new directory for the page, which must not exist yet.
        quantization: type of the weights: `"int8"`, or `"float32"`, which makes the files several
            times as large. Defaults to `"int8"`.
        examples: sentences to choose from. Defaults to a few, if the source is Portuguese.
        npm_dir: where `npm install onnxruntime-web` was run. Defaults to the current directory.

    Returns:
        The path of the directory.

    Raises:
        UserError: if the model is not a Transformer or reads other text, if a package is missing,
            if `export_dir` exists, or if the quantization is unknown.

    Example:
        ```python
        import tf_transformer as tft

        tokenizers = tft.train_tokenizers(["bom dia."], ["good morning."], vocab_size=300)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        model = tft.Transformer(tft.TransformerConfig(*sizes, num_layers=1, d_model=32))
        translator = tft.Translator(model, *tokenizers)
        try:
            tft.page.export_page(translator, "page", examples=["bom dia."])
        except tft.UserError as error:
            print(error)  # where ONNX Runtime Web is missing: how to get it
        ```
    """
    directory, model = Path(export_dir), translator._model()
    source, target = translator.source_tokenizer, translator.target_tokenizer
    require(
        isinstance(model, Transformer),
        f"the page is for Transformers that translate, not for a {type(model).__name__}: "
        "serve this one with tft serve.",
    )
    require(
        quantization in _QUANTIZATIONS,
        f"quantization={quantization!r} is unknown: {suggest(quantization, _QUANTIZATIONS)}",
    )
    require_exportable(model, source, target, directory)
    runtime = find_runtime(npm_dir)
    card, confidence = getattr(translator, "card", None), translator.confidence
    settings = page_settings(model, source, target, card, confidence, examples)
    with replacing(directory) as path:
        shutil.copytree(STATIC, path)
        for file in ATTENTION_FILES:
            shutil.copy(file, path)
        copy_runtime(runtime, path / "runtime")
        (path / "model").mkdir()
        write_settings(path / "model" / "settings", settings)
        with tempfile.TemporaryDirectory() as made:
            save_onnx(model, made, quantization, attention=True)
            for file in sorted(Path(made).iterdir()):
                write_packed(path / "model" / file.name, file.read_bytes())
    return directory
