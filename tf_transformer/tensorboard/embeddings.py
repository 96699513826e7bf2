"""The tokens of a model in TensorBoard's projector."""

import numpy as np
from keras import ops

from tf_transformer.tensorboard.embedding_projector import write_projector

_MOST = 10_000  # vectors: the projector lays out no more in good time


def write_embeddings(directory, model, tokenizer, target_tokenizer=None):
    """Write the embeddings of a model's tokens, the most frequent ones, for the projector.

    Args:
        directory: of the run's event files: they go into `embeddings/` there.
        model: any of this package's, but `SkipGram`.
        tokenizer: the `Tokenizer` whose ids it embeds; of a translator, those of the source.
        target_tokenizer: of a translator, that of the target.
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
        write_projector(directory / "embeddings", name, vectors, labels)


def _embedding(model, side):
    return model.embedding if hasattr(model, "embedding") else getattr(model, f"{side}_embedding")
