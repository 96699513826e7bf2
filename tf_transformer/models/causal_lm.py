"""The decoder-only Transformer: a language model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from tf_transformer.config import CausalLMConfig
from tf_transformer.layers import Cache, CausalDecoder, padding_mask
from tf_transformer.layers.types import Shape, Tensor
from tf_transformer.models.memory import Memory
from tf_transformer.models.token_model import TokenModel


@keras.saving.register_keras_serializable(package="tf_transformer")
class CausalLM(TokenModel):
    """Maps the tokens of a text to logits of the token after each of them.

    A position attends neither to later positions nor to padding (id 0). Padding and the other rows
    of a batch thus change nothing at real positions.

    The model has the methods that the searches of `decoding` call, and completes a prompt as a
    `Transformer` translates a source. It reads all of the prompt but the last token, which is the
    first step's input.

    Args:
        config: a `CausalLMConfig`, or its dictionary.
        **kwargs: arguments of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        token_ids: int `(batch, length)`.

    Returns:
        Logits, float32 `(batch, length, vocab_size)`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.models import CausalLM

        model = CausalLM({"vocab_size": 100, "max_length": 64})
        logits = model(np.array([[5, 17, 42]]))  # (1, 3, 100)
        ```

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners* (GPT-2).
    """

    config_class = CausalLMConfig

    def __init__(
        self, config: CausalLMConfig | Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(config, **kwargs)
        config = self.config
        self.embedding = self._embedding(config.vocab_size)
        self.decoder = CausalDecoder(**self._stack_options(), name="decoder")
        self.output_projection = None if config.tie else self._projection(config.vocab_size)
        self.build((None, None))

    def build(self, input_shape: Shape) -> None:
        vectors = (None, None, self.config.d_model)
        self.embedding.build((None, None))
        self.decoder.build(vectors)
        if self.output_projection:
            self.output_projection.build(vectors)
        self.built = True

    def call(self, token_ids: Tensor, training: bool | None = None) -> Tensor:
        x = self.embedding(token_ids, training=training)  # (batch, length, d_model)
        mask = self._causal_padding_mask(token_ids)
        x = self.decoder(x, attention_mask=mask, training=training)
        return self._logits(x, self.embedding)

    def read(self, prompt_ids: Tensor) -> Memory:
        """Read a prompt without its last token.

        Args:
            prompt_ids: int `(batch, prompt_length)`, padded at the end; its length may be 0.

        Returns:
            What all decoding steps attend to in the prompt.
        """
        batch, length = ops.shape(prompt_ids)
        _, cache = self.decoder(
            self.embedding(prompt_ids),
            attention_mask=self._causal_padding_mask(prompt_ids),
            cache=self.empty_cache(batch, length),
        )
        return Memory(cache.kept, padding_mask(prompt_ids))

    def empty_cache(self, batch: Tensor | int, slots: Tensor | int) -> Cache:
        """Return room for the keys and values of tokens.

        Args:
            batch: number of rows.
            slots: most tokens of a row, all hypotheses together.
        """
        return self._empty_cache(batch, slots)

    def decode(
        self, token_ids: Tensor, memory: Memory, cache: Cache, attention_mask: Tensor
    ) -> tuple[Tensor, Cache]:
        """Take one step with every hypothesis: return the logits of the token after `token_ids`.

        The hypotheses of a row are queries at the same position: they share the row's prompt, and
        their keys and values go into the next slots of the row's cache.

        Args:
            token_ids: int `(batch, hypotheses)`, the last tokens.
            memory: from `read`.
            cache: from `empty_cache` or the step before, moved `at` the slot and the positions
                `(batch, 1)` of these tokens; the last token of the prompt is at position 0.
            attention_mask: bool, broadcast to `(batch, num_heads, hypotheses, slots)`, `True` at
                the tokens of a hypothesis, these `token_ids` included.

        Returns:
            Logits, float32 `(batch, hypotheses, vocab_size)`, and the cache for the next step.
        """
        prompt_lengths = ops.sum(ops.cast(memory.mask, "int32"), axis=(2, 3))  # (batch, 1)
        cache = cache.at(cache.slot, cache.positions + prompt_lengths)
        # Rows that are done may pass the last position; their steps are ignored.
        known = ops.minimum(cache.positions, self.config.max_length - 1)
        x = self.embedding(token_ids, known)  # (batch, hypotheses, d_model)
        rows = (*ops.shape(token_ids)[:1], 1, ops.shape(token_ids)[1])
        slots = ops.shape(cache.kept[0].keys)[2]
        mask = ops.concatenate(
            [
                ops.broadcast_to(memory.mask, (*rows, ops.shape(memory.mask)[-1])),
                ops.broadcast_to(attention_mask, (*rows, slots)),
            ],
            axis=-1,
        )  # (batch, 1, hypotheses, prompt_length + slots)
        x, cache = self.decoder(x, attention_mask=mask, prompt=memory.keys_values, cache=cache)
        return self._logits(x, self.embedding), cache

    def attention_weights(self, token_ids: Tensor) -> Tensor:
        """Return where every head of every layer looks.

        Args:
            token_ids: int `(batch, length)`.

        Returns:
            float32 `(batch, num_layers, num_heads, queries, keys)`.
        """
        _, weights = self.decoder(
            self.embedding(token_ids),
            attention_mask=self._causal_padding_mask(token_ids),
            return_weights=True,
        )
        return ops.stack(weights, axis=1)
