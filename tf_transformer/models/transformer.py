"""The encoder-decoder Transformer."""

from __future__ import annotations

import keras
from keras import ops

from tf_transformer.config import TransformerConfig
from tf_transformer.layers import Cache, Decoder, Encoder, padding_mask
from tf_transformer.layers.types import Tensor
from tf_transformer.models.encoder_decoder import EncoderDecoder
from tf_transformer.models.memory import Memory


@keras.saving.register_keras_serializable(package="tf_transformer")
class Transformer(EncoderDecoder):
    """Maps source tokens and the target tokens so far to logits of the next target token.

    No position attends to padding (id 0), and no target position attends to later ones. Padding and
    the other rows of a batch thus change nothing at real positions.

    Args:
        config: a `TransformerConfig`, or its dictionary.
        **kwargs: arguments of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        inputs: `(source_ids, target_ids)`, int `(batch, source_length)` and
            `(batch, target_length)`; the target begins with the start token.

    Returns:
        Logits, float32 `(batch, target_length, target_vocab_size)`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.models import Transformer

        model = Transformer.from_preset("tiny", vocab_size=4000)
        source_ids, target_ids = np.array([[17, 45, 3, 0]]), np.array([[2, 99, 7]])
        logits = model((source_ids, target_ids))  # (1, 3, 4000)
        ```

    Reference:
        Vaswani et al. 2017, *Attention Is All You Need*, figure 1.
    """

    config_class = TransformerConfig

    def _encoder(self) -> Encoder:
        return Encoder(**self._stack_options(self.config.encoder_layers), name="encoder")

    def _decoder(self) -> Decoder:
        return Decoder(**self._stack_options(self.config.decoder_layers), name="decoder")

    def call(self, inputs: tuple[Tensor, Tensor], training: bool | None = None) -> Tensor:
        source_ids, target_ids = inputs
        memory, memory_mask = self.encode(source_ids, training=training)
        x = self.target_embedding(target_ids, training=training)  # (batch, target_length, d_model)
        x = self.decoder(
            x,
            memory,
            attention_mask=self._causal_padding_mask(target_ids),
            cross_attention_mask=memory_mask,
            training=training,
        )
        return self._target_logits(x)

    def encode(
        self, source_ids: Tensor, return_weights: bool = False, **context: bool | None
    ) -> tuple[Tensor, ...]:
        """Encode the source.

        Args:
            source_ids: int `(batch, source_length)`.
            return_weights: whether to return the attention weights too. Defaults to `False`.
            **context: `training`, for the layers. Defaults to that of a layer that calls this.

        Returns:
            The encoder's output `(batch, source_length, d_model)`, and its mask, bool
            `(batch, 1, 1, source_length)`, `True` at real tokens. With `return_weights` a list of
            each layer's attention weights follows.
        """
        mask = padding_mask(source_ids)
        x = self.source_embedding(source_ids, **context)  # (batch, source_length, d_model)
        memory = self.encoder(x, attention_mask=mask, return_weights=return_weights, **context)
        memory, *weights = memory if return_weights else (memory,)
        return memory, mask, *weights

    def read(self, source_ids: Tensor) -> Memory:
        """Return what all decoding steps attend to in the source.

        Args:
            source_ids: int `(batch, source_length)`.
        """
        memory, mask = self.encode(source_ids)
        return Memory(self.decoder.keys_values(memory), mask)

    def empty_cache(self, batch: Tensor | int, slots: Tensor | int) -> Cache:
        """Return room for the keys and values of target tokens.

        Args:
            batch: number of rows.
            slots: most target tokens of a row, all hypotheses together.
        """
        return self._empty_cache(batch, slots)

    def decode(
        self,
        token_ids: Tensor,
        memory: Memory,
        cache: Cache,
        attention_mask: Tensor | None,
        return_weights: bool = False,
    ) -> tuple[Tensor, ...]:
        """Take one step with every hypothesis: return the logits of the token after `token_ids`.

        The hypotheses of a row are queries at the same position: they share the row's memory, and
        their keys and values go into the next slots of the row's cache.

        Args:
            token_ids: int `(batch, hypotheses)`, the last tokens.
            memory: from `read`.
            cache: from `empty_cache` or the step before, moved `at` the slot and the positions
                `(batch, 1)` of these tokens; the start token is at position 0.
            attention_mask: bool, broadcast to `(batch, num_heads, hypotheses, slots)`, `True` at
                the tokens of a hypothesis, these `token_ids` included. `None` if all slots are.
            return_weights: whether to return the attention weights too. Defaults to `False`.

        Returns:
            Logits, float32 `(batch, hypotheses, target_vocab_size)`, and the cache for the next
            step. With `return_weights`, a list of each layer's pair of self- and cross-attention
            weights comes between them.
        """
        x = self.target_embedding(token_ids, cache.positions)  # (batch, hypotheses, d_model)
        x, *others = self.decoder(
            x,
            memory.keys_values,
            attention_mask=attention_mask,
            cross_attention_mask=memory.mask,
            cache=cache,
            return_weights=return_weights,
        )
        return self._target_logits(x), *others

    def attention_weights(self, source_ids: Tensor, target_ids: Tensor) -> dict[str, Tensor]:
        """Return where every head of every layer looks.

        Args:
            source_ids: int `(batch, source_length)`.
            target_ids: int `(batch, target_length)`, beginning with the start token.

        Returns:
            A dictionary of float32 `(batch, num_layers, num_heads, queries, keys)`: `"encoder"`
            (source to source), `"decoder"` (target to target) and `"cross"` (target to source).
        """
        memory, memory_mask, encoder_weights = self.encode(source_ids, return_weights=True)
        _, decoder_weights = self.decoder(
            self.target_embedding(target_ids),
            memory,
            attention_mask=self._causal_padding_mask(target_ids),
            cross_attention_mask=memory_mask,
            return_weights=True,
        )
        self_weights, cross_weights = zip(*decoder_weights, strict=True)
        return {
            "encoder": ops.stack(encoder_weights, axis=1),
            "decoder": ops.stack(self_weights, axis=1),
            "cross": ops.stack(cross_weights, axis=1),
        }
