"""The tokens of a model in TensorBoard's projector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import ops

from tf_transformer.tensorboard.projector import write_projector

if TYPE_CHECKING:
    from tf_transformer.layers import PositionalEmbedding
    from tf_transformer.text.tokenizer import Tokenizer

_MOST = 10_000  # vectors: the projector would take too long for more


def write_embeddings(
    directory: Path,
    model: keras.Model,
    tokenizer: Tokenizer,
    target_tokenizer: Tokenizer | None = None,
) -> None:
    """Write the embeddings of a model's most frequent tokens for the projector.

    Args:
        directory: directory of the run's event files. The vectors go into its `train/`, so that
            TensorBoard does not list a third line for the run.
        model: any model of this package, except `SkipGram`.
        tokenizer: the model's tokenizer; for a translator, that of the source.
        target_tokenizer: for a translator, the tokenizer of the target. Defaults to none.
    """
    tables = {"tokens": (_embedding(model, "source"), tokenizer)}
    if target_tokenizer and _embedding(model, "target") is not _embedding(model, "source"):
        tables = {
            "source_tokens": tables["tokens"],
            "target_tokens": (_embedding(model, "target"), target_tokenizer),
        }
    for name, (embedding, tokenizer) in tables.items():
        vectors = ops.convert_to_numpy(embedding.table)[:_MOST]
        labels = tokenizer.tokens(np.arange(len(vectors))).numpy()
        labels = [label.decode(errors="replace") for label in labels]
        write_projector(directory / "train", name, vectors, labels)


def _embedding(model: keras.Model, side: str) -> PositionalEmbedding:
    return model.embedding if hasattr(model, "embedding") else getattr(model, f"{side}_embedding")
