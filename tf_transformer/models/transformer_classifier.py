"""The encoder-only Transformer: a classifier of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from tf_transformer.config import ClassifierConfig
from tf_transformer.layers import Encoder, padding_mask
from tf_transformer.layers.types import Shape, Tensor
from tf_transformer.models.token_model import TokenModel


@keras.saving.register_keras_serializable(package="tf_transformer")
class TransformerClassifier(TokenModel):
    """Maps the tokens of a text to logits of its class.

    The encoder's output is averaged over the real tokens. Padding (id 0) and the other rows of a
    batch change nothing.

        logits = W · mean over real tokens of Encoder(x) + b

    Args:
        config: a `ClassifierConfig`, or its dictionary.
        **kwargs: arguments of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        token_ids: int `(batch, length)`.

    Returns:
        Logits, float32 `(batch, num_classes)`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.models import TransformerClassifier

        model = TransformerClassifier({"vocab_size": 100, "num_classes": 3})
        logits = model(np.array([[5, 17, 42, 3]]))  # (1, 3)
        ```

    Reference:
        *Attention Is All You Need*, section 3.1 (encoder); Iyyer et al. 2015, *Deep Unordered
        Composition Rivals Syntactic Methods for Text Classification* (averages, word dropout).
    """

    config_class = ClassifierConfig

    def __init__(
        self, config: ClassifierConfig | Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(config, **kwargs)
        config, dtype = self.config, self.dtype_policy
        self.embedding = self._embedding(config.vocab_size)
        self.encoder = Encoder(**self._stack_options(), name="encoder")
        self.pooled_dropout = keras.layers.Dropout(config.dropout, dtype=dtype)
        # Always float32: softmax and loss need every digit. (A map comes from quantized layers.)
        is_map = isinstance(dtype, keras.dtype_policies.DTypePolicyMap)
        self.output_projection = keras.layers.Dense(
            config.num_classes, name="output_projection", dtype=dtype if is_map else "float32"
        )
        # Called on ones, some of which it drops: this draws the words that are seen.
        self.word_dropout = keras.layers.Dropout(config.word_dropout, dtype="float32")
        self.build((None, None))

    def build(self, input_shape: Shape) -> None:
        self.embedding.build((None, None))
        self.encoder.build((None, None, self.config.d_model))
        self.output_projection.build((None, self.config.d_model))
        self.built = True

    def call(self, token_ids: Tensor, training: bool | None = None) -> Tensor:
        is_seen = self._seen(token_ids, training=training)
        vectors = self.embedding(token_ids, training=training)  # (batch, length, d_model)
        return self.classify(vectors, is_seen, training=training)

    def classify(self, vectors: Tensor, is_seen: Tensor, **context: bool | None) -> Tensor:
        """Return the logits of texts that are given as vectors: see `PositionalEmbedding`.

        Args:
            vectors: `(batch, length, d_model)`.
            is_seen: bool `(batch, length)`, `True` at the tokens that count.
            **context: `training`, for the layers. Defaults to that of a layer that calls this.

        Returns:
            Logits, float32 `(batch, num_classes)`.
        """
        x = self.encoder(vectors, attention_mask=is_seen[:, None, None, :], **context)
        shares = ops.cast(is_seen, "float32")[:, :, None]  # (batch, length, 1)
        total = ops.sum(ops.cast(x, "float32") * shares, axis=1)
        mean = total / ops.maximum(ops.sum(shares, axis=1), 1.0)  # (batch, d_model)
        return self._capped(self.output_projection(self.pooled_dropout(mean, **context)))

    def attention_weights(self, token_ids: Tensor) -> Tensor:
        """Return where every head of every layer looks.

        Args:
            token_ids: int `(batch, length)`.

        Returns:
            float32 `(batch, num_layers, num_heads, queries, keys)`.
        """
        _, weights = self.encoder(
            self.embedding(token_ids), attention_mask=padding_mask(token_ids), return_weights=True
        )
        return ops.stack(weights, axis=1)

    def _seen(self, token_ids: Tensor, **context: bool | None) -> Tensor:
        """Return which tokens count, bool `(batch, length)`: in training, not all real ones do."""
        drawn = self.word_dropout(ops.ones(ops.shape(token_ids)), **context)
        return ops.logical_and(ops.not_equal(token_ids, 0), drawn > 0)
