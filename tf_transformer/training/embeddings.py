"""The tokens of a model in TensorBoard's projector."""

import numpy as np
from keras import ops

from tf_transformer.training.embedding_projector import write_projector

_MOST = 10_000  # vectors: the projector lays out no more in good time


def write_embeddings(directory, model, source_tokenizer, target_tokenizer):
    """Write the embeddings of a model's tokens, the most frequent ones, for the projector.

    Args:
        directory: of the run's event files: they go into `embeddings/` there.
        model: one with a `source_embedding` and a `target_embedding`, such as a `Transformer`.
        source_tokenizer: the `Tokenizer` whose ids the first one embeds.
        target_tokenizer: that of the other, if that is not the same.
    """
    tables = {"source": (model.source_embedding, source_tokenizer)}
    if model.target_embedding is not model.source_embedding:
        tables["target"] = (model.target_embedding, target_tokenizer)
    for side, (embedding, tokenizer) in tables.items():
        vectors = ops.convert_to_numpy(embedding.table)[:_MOST]
        labels = tokenizer.tokens(np.arange(len(vectors))).numpy()
        name = f"{side}_tokens" if len(tables) > 1 else "tokens"
        labels = [label.decode(errors="replace") for label in labels]
        write_projector(directory / "embeddings", name, vectors, labels)
