"""The recurrent encoder-decoder with attention: what the Transformer replaced."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tf_transformer.config import RNNConfig
from tf_transformer.layers import (
    Cache,
    PositionalEmbedding,
    RecurrentDecoder,
    RecurrentEncoder,
    padding_mask,
)
from tf_transformer.layers.types import Tensor
from tf_transformer.models.encoder_decoder import EncoderDecoder
from tf_transformer.models.memory import Memory


@keras.saving.register_keras_serializable(package="tf_transformer")
class RNNTranslator(EncoderDecoder):
    """Maps source tokens and the target tokens so far to logits of the next target token.

    It has the methods of a `Transformer`: it is trained, searched, exported and inspected in the
    same way. Padding (id 0), which must come last, and the other rows of a batch change nothing at
    real positions.

    Args:
        config: an `RNNConfig`, or its dictionary.
        **kwargs: arguments of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        inputs: `(source_ids, target_ids)`, int `(batch, source_length)` and
            `(batch, target_length)`; the target begins with the start token.

    Returns:
        Logits, float32 `(batch, target_length, target_vocab_size)`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.models import RNNTranslator

        model = RNNTranslator({"source_vocab_size": 100, "target_vocab_size": 100})
        source_ids, target_ids = np.array([[17, 45, 3, 0]]), np.array([[2, 99, 7]])
        logits = model((source_ids, target_ids))  # (1, 3, 100)
        ```

    Reference:
        Bahdanau, Cho & Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and
        Translate*; Luong, Pham & Manning 2015, *Effective Approaches to Attention-based Neural
        Machine Translation*.
    """

    config_class = RNNConfig

    def _embedding(self, vocab_size: int, name: str = "embedding") -> PositionalEmbedding:
        # Rotary positions add nothing here: a network that reads word by word needs no positions.
        return super()._embedding(vocab_size, name, positions="rotary")

    def _encoder(self) -> RecurrentEncoder:
        return RecurrentEncoder(**self._recurrent_options(), name="encoder")

    def _decoder(self) -> RecurrentDecoder:
        return RecurrentDecoder(
            **self._recurrent_options(), attention=self.config.attention, name="decoder"
        )

    def _recurrent_options(self) -> dict[str, Any]:
        return {
            "num_layers": self.config.num_layers,
            "d_model": self.config.d_model,
            "cell": self.config.cell,
            "dropout": self.config.dropout,
            "dtype": self.dtype_policy,
        }

    def call(self, inputs: tuple[Tensor, Tensor], training: bool | None = None) -> Tensor:
        source_ids, target_ids = inputs
        memory, memory_mask = self.encode(source_ids, training=training)
        x = self.target_embedding(target_ids, training=training)  # (batch, target_length, d_model)
        x = self.decoder(x, memory, memory_mask=memory_mask, training=training)
        return self._target_logits(x)

    def encode(self, source_ids: Tensor, **context: bool | None) -> tuple[Tensor, Tensor]:
        """Encode the source.

        Args:
            source_ids: int `(batch, source_length)`.
            **context: `training`, for the layers. Defaults to that of a layer that calls this.

        Returns:
            The annotations `(batch, source_length, d_model)`, and their mask, bool
            `(batch, 1, 1, source_length)`, `True` at real tokens.
        """
        mask = padding_mask(source_ids)
        x = self.source_embedding(source_ids, **context)  # (batch, source_length, d_model)
        return self.encoder(x, is_real=mask[:, 0, 0], **context), mask

    def read(self, source_ids: Tensor) -> Memory:
        """Return what all decoding steps need of the source.

        Args:
            source_ids: int `(batch, source_length)`.

        Returns:
            A `Memory` whose `keys_values` are the attention's keys, the annotations, and the state
            before the first word.
        """
        memory, mask = self.encode(source_ids)
        return Memory(
            (self.decoder.attention.keys(memory), memory, self.decoder.start(memory)), mask
        )

    def empty_cache(self, batch: Tensor | int, slots: Tensor | int) -> Cache:
        """Return room for the states after target tokens, `(batch, slots, states * d_model)`.

        Args:
            batch: number of rows.
            slots: most target tokens of a row, all hypotheses together.
        """
        width = self.decoder.states * self.config.d_model
        states = ops.zeros((batch, slots, width), self.compute_dtype)
        return Cache(states, 0, ops.arange(slots)[None])

    def decode(
        self, token_ids: Tensor, memory: Memory, cache: Cache, attention_mask: Tensor
    ) -> tuple[Tensor, Cache]:
        """Take one step with every hypothesis: return the logits of the token after `token_ids`.

        A Transformer attends to all tokens of a hypothesis. This model needs only the state after
        its last token: the one in the slots of the step before at which the mask is `True`.

        Args:
            token_ids: int `(batch, hypotheses)`, the last tokens.
            memory: from `read`.
            cache: from `empty_cache` or the step before, moved `at` the slot and the positions
                `(batch, 1)` of these tokens; the start token is at position 0. The step before
                must have filled as many slots, just before these (or the last ones of the cache).
            attention_mask: bool, broadcast to `(batch, 1, hypotheses, slots)`, `True` at the tokens
                of a hypothesis.

        Returns:
            Logits, float32 `(batch, hypotheses, target_vocab_size)`, and the cache for the next
            step.
        """
        keys, annotations, first_state = memory.keys_values
        batch, hypotheses = ops.shape(token_ids)
        slots, width = ops.shape(cache.kept)[1:]
        before = (cache.slot - hypotheses) % slots
        past = ops.slice(cache.kept, (0, before, 0), (batch, hypotheses, width))
        mask = ops.broadcast_to(attention_mask, (batch, 1, hypotheses, slots))
        is_parent = ops.slice(mask, (0, 0, 0, before), (batch, 1, hypotheses, hypotheses))[:, 0]
        state = ops.matmul(ops.cast(is_parent, past.dtype), past)  # (batch, hypotheses, width)
        is_first = ops.equal(cache.positions, 0)[:, :, None]  # (batch, 1, 1)
        state = ops.where(is_first, first_state[:, None], state)

        x = self.target_embedding(token_ids)  # (batch, hypotheses, d_model)
        x, state = self.decoder.step(x, state, keys, annotations, memory.mask)
        state = ops.cast(state, cache.kept.dtype)
        kept = ops.slice_update(cache.kept, (0, cache.slot, 0), state)
        return self._target_logits(x), cache._replace(kept=kept)

    def attention_weights(self, source_ids: Tensor, target_ids: Tensor) -> dict[str, Tensor]:
        """Return where the decoder looks.

        Args:
            source_ids: int `(batch, source_length)`.
            target_ids: int `(batch, target_length)`, beginning with the start token.

        Returns:
            A dictionary: `"cross"`, float32 `(batch, 1, 1, target_length, source_length)`, like
            that of a Transformer with one layer and one head.
        """
        memory, memory_mask = self.encode(source_ids)
        x = self.target_embedding(target_ids)
        _, weights = self.decoder(x, memory, memory_mask=memory_mask, return_weights=True)
        return {"cross": weights[:, None]}
