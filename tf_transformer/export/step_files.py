"""The directory of an export whose search runs outside of the engine, one step at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from tf_transformer.decoding import BeamSearch, GreedySearch
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
from tf_transformer.text import END, Tokenizer

GRAPHS = """Its two graphs take any number of rows of any
length. Ids are int32, all else is float32; `i` is the number of a layer of the decoder.

- `encoder`: from `source_ids` `(batch, source_length)`, with END (3) after each source and then
  zeros, to `memory_keys_i` and `memory_values_i`.
- `step`: from `source_ids` again; `token_ids` `(batch, 1)`, the last tokens, at first START (2);
  the memory; and `past_keys_i` and `past_values_i`, at first of length 0 on axis 2: to the `logits`
  `(batch, vocabulary)` of the next tokens, and `present_keys_i` and `present_values_i`, the next
  step's past.

The first step of greedy search:"""

_FIRST_STEP = """\
import numpy as np
import PACKAGE
from translate import load_tokenizer


OPEN

source, target = load_tokenizer("source"), load_tokenizer("target")
ids = [source.names.index(piece) for piece in source.tokenize(TEXT)]
source_ids = np.array([[*ids, 3]], np.int32)  # END

memory = encoder(source_ids=source_ids)
past = {name.replace("memory", "past"): x[:, :, :0] for name, x in memory.items()}
token_ids = np.array([[2]], np.int32)  # START
found = step(source_ids=source_ids, token_ids=token_ids, **memory, **past)
token_ids = found["logits"].argmax(axis=1).astype(np.int32)[:, None]  # the next step's
past = {name: found[name.replace("past", "present")] for name in past}  # the next step's, too
print(target.names[token_ids[0, 0]])
"""


def first_step(package: str, open_graphs: str) -> str:
    """Return code that takes one step of greedy search: see `Description.snippet`.

    Args:
        package: the engine's Python package.
        open_graphs: code that defines `encoder` and `step`, functions from named inputs to a
            dictionary of outputs.
    """
    return _FIRST_STEP.replace("PACKAGE", package).replace("OPEN", open_graphs.strip())


def export_steps(
    engine: Description,
    save: Callable[[Transformer, Path, str], None],
    model: Transformer,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    export_dir: str | os.PathLike,
    card: ModelCard | None,
    quantization: str,
) -> Path:
    """Export a model, run the export once, and compare it with the model.

    Args:
        engine: the engine, whose script has a function `find_with`.
        save: writes the two graphs of a model to a directory, quantized or not.
        model: as of `export_onnx`, and so are the others.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        export_dir: a new directory.
        card: a `ModelCard`, or none.
        quantization: `"float32"` or `"int8"`.
    """
    directory = Path(export_dir)
    require_translator(engine, model, quantization)
    require_exportable(model, source_tokenizer, target_tokenizer, directory)
    script = import_package(engine, engine.module)
    model = in_float32(model)
    with replacing(directory) as path:
        path.mkdir()
        save(model, path, quantization)
        _try_out(engine, script.find_with(path), model, quantization)
        write_settings(path, settings(model, source_tokenizer, target_tokenizer, card))
        write_files(path, engine, model, source_tokenizer, target_tokenizer, card, quantization)
    return directory


def _try_out(engine: Description, find: Callable, model: Transformer, quantization: str) -> None:
    source_ids = np.array([[5, 4, END], [4, END, 0]], np.int32)
    limits = np.array([9, 7], np.int32)
    searches = {
        "greedy": (1, GreedySearch(min_length=1)),
        "beam": (2, BeamSearch(2, alpha=0.6, min_length=1)),
    }
    for name, (beam_size, search) in searches.items():
        _, scores = find(source_ids, limits, beam_size, 0.6)
        ours = search(model, tf.constant(source_ids), tf.constant(limits)).scores.numpy()
        ours = ours.reshape(len(limits), beam_size)[:, 0]
        require_same_scores(engine, name, scores, ours, quantization)
