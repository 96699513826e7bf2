"""The decoder-only Transformer: a language model."""

import keras
from keras import ops

from tf_transformer.language_model_config import CausalLMConfig
from tf_transformer.layers import CausalDecoder, PositionalEmbedding, causal_mask, padding_mask
from tf_transformer.layers.dense import Dense
from tf_transformer.layers.traced import Traced
from tf_transformer.models.stack import stack_options
from tf_transformer.models.transformer import Transformer


@keras.saving.register_keras_serializable(package="tf_transformer")
class CausalLM(Traced, keras.Model):
    """Maps the tokens of a text to logits of the token after each of them.

    A position never attends to those after it, nor to padding (id 0): padding, and the company in a
    batch, change nothing at real positions.

    It has the methods that the searches of `decoding` call, and so completes a prompt as a
    `Transformer` translates: the prompt is what it encodes, all but its last token, with which the
    steps begin.

    Args:
        config: a `CausalLMConfig`, or its dictionary.
        **kwargs: of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        token_ids: int `(batch, length)`.

    Returns:
        Logits, float32 `(batch, length, vocab_size)`.

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners* (GPT-2).
    """

    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(config, CausalLMConfig):
            config = CausalLMConfig.from_dict(config)
        self.config = config
        self.embedding = PositionalEmbedding(
            config.vocab_size,
            config.d_model,
            config.positions,
            config.max_length,
            config.dropout,
            name="embedding",
            dtype=self.dtype_policy,
        )
        self.decoder = CausalDecoder(
            **stack_options(config), name="decoder", dtype=self.dtype_policy
        )
        self.output_projection = (
            None
            if config.tie
            else Dense(
                config.vocab_size,
                use_bias=False,
                name="output_projection",
                dtype=self.dtype_policy,
            )
        )
        self.build((None, None))  # no shape depends on the data

    def build(self, input_shape):
        vectors = (None, None, self.config.d_model)
        self.embedding.build((None, None))
        self.decoder.build(vectors)
        if self.output_projection:
            self.output_projection.build(vectors)
        self.built = True

    def call(self, token_ids, training=None):
        x = self.embedding(token_ids, training=training)  # (batch, length, d_model)
        x = self.decoder(x, attention_mask=self._mask(token_ids), training=training)
        return self._logits(x)

    def encode(self, prompt_ids):
        """Read a prompt, all but its last token.

        Args:
            prompt_ids: int `(batch, prompt_length)`, padded at the end; there may be none at all.

        Returns:
            The memory: for each layer a pair, keys and values, each
            `(batch, num_heads, prompt_length, d_model / num_heads)`. And its mask, bool
            `(batch, 1, 1, prompt_length)`, `True` at real tokens.
        """
        x = self.embedding(prompt_ids)
        return self.decoder.read(x, self._mask(prompt_ids)), padding_mask(prompt_ids)

    def memory_keys_values(self, memory):
        """Return the memory: of a prompt it is what the steps attend to."""
        return memory

    empty_cache = Transformer.empty_cache

    def decode(
        self, token_ids, positions, slot, cache, memory_keys_values, attention_mask, memory_mask
    ):
        """Take one step with every hypothesis: the logits of the token after `token_ids`.

        The hypotheses of a row stand side by side, as queries at the same position: they share
        the row's prompt, and their keys and values go into the next slots of the row's cache.

        Args:
            token_ids: int `(batch, hypotheses)`, the last tokens.
            positions: int `(batch,)`, where they stand, from 0: the last token of the prompt.
            slot: int scalar, where the cache has room for them: this slot and those after it.
            cache: from `empty_cache`, or the step before.
            memory_keys_values: from `encode`.
            attention_mask: bool, broadcast to `(batch, num_heads, hypotheses, slots)`, `True` at
                the tokens that a hypothesis consists of, these `token_ids` included.
            memory_mask: from `encode`.

        Returns:
            Logits, float32 `(batch, hypotheses, vocab_size)`, and the cache for the next step.
        """
        prompt_lengths = ops.sum(ops.cast(memory_mask, "int32"), axis=(1, 2, 3))  # (batch,)
        positions = (ops.cast(positions, "int32") + prompt_lengths)[:, None]
        # Rows that are done, whose steps count for nothing, may go beyond the last position.
        known = ops.minimum(positions, self.config.max_length - 1)
        x = self.embedding(token_ids, known)  # (batch, hypotheses, d_model)
        rows = (*ops.shape(token_ids)[:1], 1, ops.shape(token_ids)[1])
        mask = ops.concatenate(
            [
                ops.broadcast_to(memory_mask, (*rows, ops.shape(memory_mask)[-1])),
                ops.broadcast_to(attention_mask, (*rows, ops.shape(cache[0][0])[2])),
            ],
            axis=-1,
        )  # (batch, 1, hypotheses, prompt_length + slots)
        x, cache = self.decoder.step(x, positions, slot, cache, memory_keys_values, mask)
        return self._logits(x), cache

    def attention_weights(self, token_ids):
        """Return where every head of every layer looks.

        Args:
            token_ids: int `(batch, length)`.

        Returns:
            float32 `(batch, num_layers, num_heads, queries, keys)`.
        """
        _, weights = self.decoder(
            self.embedding(token_ids), attention_mask=self._mask(token_ids), return_weights=True
        )
        return ops.stack(weights, axis=1)

    def _mask(self, token_ids):
        return ops.logical_and(padding_mask(token_ids), causal_mask(ops.shape(token_ids)[1]))

    def _logits(self, x):
        if self.output_projection:
            logits = self.output_projection(x)
        else:
            logits = self.embedding(x, reverse=True)
        return ops.cast(logits, "float32")  # what follows (loss, search) wants every digit

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.config.vocab_size)

    def get_config(self):
        return super().get_config() | {"config": self.config.to_dict()}
