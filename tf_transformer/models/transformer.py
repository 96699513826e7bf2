"""The encoder-decoder Transformer."""

import keras
from keras import ops

from tf_transformer.config import TransformerConfig
from tf_transformer.layers import Decoder, Encoder, causal_mask, padding_mask
from tf_transformer.models.encoder_decoder import EncoderDecoder
from tf_transformer.models.stack import stack_options


@keras.saving.register_keras_serializable(package="tf_transformer")
class Transformer(EncoderDecoder):
    """Maps source tokens and the target tokens so far to logits of the next target token.

    Padding (id 0) is never attended to, and a position never to those after it: padding, and the
    company in a batch, change nothing at real positions.

    Args:
        config: a `TransformerConfig`, or its dictionary.
        **kwargs: of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        inputs: `(source_ids, target_ids)`, int `(batch, source_length)` and
            `(batch, target_length)`; the target begins with the start token.

    Returns:
        Logits, float32 `(batch, target_length, target_vocab_size)`.

    Reference:
        Vaswani et al. 2017, *Attention Is All You Need*, figure 1.
    """

    config_class = TransformerConfig

    def _stacks(self):
        stack = stack_options(self.config) | {"dtype": self.dtype_policy}
        return Encoder(**stack, name="encoder"), Decoder(**stack, name="decoder")

    def call(self, inputs, training=None):
        source_ids, target_ids = inputs
        memory, memory_mask = self.encode(source_ids, training=training)
        x = self.target_embedding(target_ids, training=training)
        x = self.decoder(
            x,
            memory,
            attention_mask=self._target_mask(target_ids),
            cross_attention_mask=memory_mask,
            training=training,
        )
        return self._logits(x)

    def encode(self, source_ids, training=None):
        """Encode the source.

        Args:
            source_ids: int `(batch, source_length)`.

        Returns:
            The memory `(batch, source_length, d_model)`, and its mask, bool
            `(batch, 1, 1, source_length)`, `True` at real tokens.
        """
        mask = padding_mask(source_ids)
        x = self.source_embedding(source_ids, training=training)
        return self.encoder(x, attention_mask=mask, training=training), mask

    def memory_keys_values(self, memory):
        """Return what the decoder's layers attend to in the memory, in all steps the same.

        Args:
            memory: from `encode`.

        Returns:
            For each layer a pair, keys and values, each
            `(batch, num_heads, source_length, d_model / num_heads)`.
        """
        return [layer.cross_attention.keys_values(memory) for layer in self.decoder.layers]

    def empty_cache(self, batch, slots):
        """Return room for the keys and values of target tokens.

        Args:
            batch: number of rows.
            slots: how many target tokens there will be at most, of all hypotheses of a row.

        Returns:
            For each layer a pair, each `(batch, num_heads, slots, d_model / num_heads)`.
        """
        config = self.config
        room = (batch, config.num_heads, slots, config.d_model // config.num_heads)
        empty = ops.zeros(room, self.compute_dtype)
        return [(empty, empty) for _ in range(config.num_layers)]

    def decode(
        self, token_ids, positions, slot, cache, memory_keys_values, attention_mask, memory_mask
    ):
        """Decode one step of every hypothesis: the logits of the token after `token_ids`.

        The hypotheses of a row stand side by side, as queries at the same position: they share
        the row's memory, and their keys and values go into the next slots of the row's cache.

        Args:
            token_ids: int `(batch, hypotheses)`, the last tokens.
            positions: int `(batch,)`, where they stand, from 0 (the start token).
            slot: int scalar, where the cache has room for them: this slot and those after it.
            cache: from `empty_cache`, or the step before.
            memory_keys_values: from the method of that name.
            attention_mask: bool, broadcast to `(batch, num_heads, hypotheses, slots)`, `True` at
                the tokens that a hypothesis consists of, these `token_ids` included.
            memory_mask: from `encode`.

        Returns:
            Logits, float32 `(batch, hypotheses, target_vocab_size)`, and the cache for the next
            step.
        """
        positions, masks = positions[:, None], (attention_mask, memory_mask)
        x = self.target_embedding(token_ids, positions)  # (batch, hypotheses, d_model)
        x, cache = self.decoder.step(x, positions, slot, cache, memory_keys_values, masks)
        return self._logits(x), cache

    def attention_weights(self, source_ids, target_ids):
        """Return where every head of every layer looks.

        Args:
            source_ids: int `(batch, source_length)`.
            target_ids: int `(batch, target_length)`, beginning with the start token.

        Returns:
            A dictionary of float32 `(batch, num_layers, num_heads, queries, keys)`: `"encoder"`
            (source to source), `"decoder"` (target to target) and `"cross"` (target to source).
        """
        memory_mask = padding_mask(source_ids)
        memory, encoder_weights = self.encoder(
            self.source_embedding(source_ids), attention_mask=memory_mask, return_weights=True
        )
        _, decoder_weights = self.decoder(
            self.target_embedding(target_ids),
            memory,
            attention_mask=self._target_mask(target_ids),
            cross_attention_mask=memory_mask,
            return_weights=True,
        )
        self_weights, cross_weights = zip(*decoder_weights, strict=True)
        return {
            "encoder": ops.stack(encoder_weights, axis=1),
            "decoder": ops.stack(self_weights, axis=1),
            "cross": ops.stack(cross_weights, axis=1),
        }

    def _target_mask(self, target_ids):
        return ops.logical_and(padding_mask(target_ids), causal_mask(ops.shape(target_ids)[1]))
