"""A Transformer of keras-hub's layers, which decodes greedily over their key/value caches."""

import keras
import keras_hub
import tensorflow as tf
from keras import ops


class KerasHubTranslator(keras.Model):
    """`TransformerEncoder` and `TransformerDecoder` layers, searched as keras-hub's own
    encoder-decoder models are: one compiled loop, the cross-attention cache filled once.

    Args:
        config: a `TransformerConfig`; pre-norm, ReLU and learned positions whatever it says.
        jit_compile: whether XLA compiles the loop, once for every shape of its inputs.
    """

    def __init__(self, config, jit_compile=False):
        super().__init__()
        self.config = config
        self.source_embedding, self.target_embedding = (
            keras_hub.layers.TokenAndPositionEmbedding(size, config.max_length, config.d_model)
            for size in (config.source_vocab_size, config.target_vocab_size)
        )
        options = {
            "intermediate_dim": config.d_ff,
            "num_heads": config.num_heads,
            "activation": "relu",
            "normalize_first": True,
        }
        numbers = range(config.num_layers)
        self.encoders = [keras_hub.layers.TransformerEncoder(**options) for _ in numbers]
        self.decoders = [keras_hub.layers.TransformerDecoder(**options) for _ in numbers]
        self.encoder_norm, self.decoder_norm = (keras.layers.LayerNormalization() for _ in "ed")
        self(tuple(ops.ones((1, 2), "int32") for _ in "st"))  # builds the layers
        self._search = tf.function(self._search, autograph=False, jit_compile=jit_compile)

    def call(self, inputs):
        """Return logits `(batch, target_length, vocab)` of the whole target at once."""
        source_ids, target_ids = inputs
        memory, mask = self._encode(source_ids)
        x = self.target_embedding(target_ids)
        for layer in self.decoders:
            x = layer(x, memory, encoder_padding_mask=mask)
        return self._logits(x)

    def decode(self, source_ids, target_ids, steps):
        """Decode greedily, for so many steps: no token ends a sentence.

        Args:
            source_ids: int32 `(batch, source_length)`, 0 where there is padding.
            target_ids: int32 `(batch, room)`, the start token and room for `steps` more.
            steps: int, fewer than `room`.

        Returns:
            `target_ids`, int32 `(batch, room)`, with the tokens that were found.
        """
        return self._search(*map(tf.constant, (source_ids, target_ids, steps))).numpy()

    def _search(self, source_ids, target_ids, steps):
        memory, mask = self._encode(source_ids)
        self_caches = self._caches(target_ids)
        cross_caches = self._caches(source_ids)

        def unfinished(position, ids, self_caches, cross_caches):
            return position < steps

        def step(position, ids, self_caches, cross_caches, fill=None):
            x = ids[:, position][:, None]  # (batch, 1)
            x = self.target_embedding(x, start_index=position)
            new_self_caches, new_cross_caches = [], []
            for layer, self_cache, cross_cache in zip(
                self.decoders, self_caches, cross_caches, strict=True
            ):
                x, self_cache, cross_cache = layer(
                    x,
                    memory,
                    encoder_padding_mask=mask,
                    self_attention_cache=self_cache,
                    self_attention_cache_update_index=position,
                    cross_attention_cache=cross_cache,
                    cross_attention_cache_update_index=fill,
                )
                new_self_caches.append(self_cache)
                new_cross_caches.append(cross_cache)
            token_ids = ops.argmax(self._logits(x), axis=-1)  # (batch, 1)
            ids = ops.slice_update(ids, (0, position + 1), ops.cast(token_ids, "int32"))
            return position + 1, ids, new_self_caches, new_cross_caches

        state = step(tf.constant(0), target_ids, self_caches, cross_caches, fill=0)
        _, ids, _, _ = tf.while_loop(unfinished, step, state)
        return ids

    def _encode(self, source_ids):
        mask = ops.not_equal(source_ids, 0)
        x = self.source_embedding(source_ids)
        for layer in self.encoders:
            x = layer(x, padding_mask=mask)
        return self.encoder_norm(x), mask

    def _caches(self, ids):
        """Return an empty cache a layer, with room for as many positions as there are ids."""
        config = self.config
        batch, length = ops.shape(ids)[:2]
        shape = (batch, 2, length, config.num_heads, config.d_model // config.num_heads)
        return [ops.zeros(shape) for _ in self.decoders]

    def _logits(self, x):
        return self.target_embedding.token_embedding(self.decoder_norm(x), reverse=True)
