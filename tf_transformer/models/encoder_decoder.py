"""The base of translation models: embeddings, an encoder, a decoder, logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from tf_transformer.config import ModelConfig
from tf_transformer.errors import counted, require
from tf_transformer.layers.checks import require_token_ids
from tf_transformer.layers.types import Shape, Tensor
from tf_transformer.models.token_model import TokenModel


class EncoderDecoder(TokenModel):
    """A model that maps source tokens and the target tokens so far to logits of the next one.

    `config.tie` says which of the three tables are shared: the embeddings of both sides, and the
    projection to logits.

    Args:
        config: an instance of `config_class`, or its dictionary.
        **kwargs: arguments of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).
    """

    def __init__(
        self, config: ModelConfig | Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(config, **kwargs)
        config = self.config
        if config.tie == "all":
            self.source_embedding = self._embedding(config.source_vocab_size, "embedding")
            self.target_embedding = self.source_embedding
        else:
            self.source_embedding = self._embedding(config.source_vocab_size, "source_embedding")
            self.target_embedding = self._embedding(config.target_vocab_size, "target_embedding")
        self.encoder, self.decoder = self._encoder(), self._decoder()
        self.output_projection = (
            self._projection(config.target_vocab_size) if config.tie == "none" else None
        )
        self.build([(None, None), (None, None)])

    def _check_inputs(self, inputs: object) -> None:
        require(
            isinstance(inputs, tuple | list) and len(inputs) == 2,
            f"a {type(self).__name__} is called with two tensors: model((source_ids, target_ids)).",
        )
        for name, ids in zip(("source_ids", "target_ids"), inputs, strict=True):
            require_token_ids(name, ids)
        rows, others = (ids.shape[0] for ids in inputs)
        if None not in (rows, others):
            ends = f"{counted(rows, 'row')}, but target_ids has {counted(others, 'row')}."
            require(rows == others, f"source_ids has {ends}")

    def _encoder(self) -> keras.layers.Layer:
        """Return the encoder."""
        raise NotImplementedError

    def _decoder(self) -> keras.layers.Layer:
        """Return the decoder."""
        raise NotImplementedError

    def build(self, input_shape: list[Shape]) -> None:
        tokens, vectors = (None, None), (None, None, self.config.d_model)
        for embedding in dict.fromkeys((self.source_embedding, self.target_embedding)):
            embedding.build(tokens)
        self.encoder.build(vectors)
        self.decoder.build(vectors, vectors)
        if self.output_projection:
            self.output_projection.build(vectors)
        self.built = True

    def _target_logits(self, x: Tensor) -> Tensor:
        return self._logits(x, self.target_embedding)
