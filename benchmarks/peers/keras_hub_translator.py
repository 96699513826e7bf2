"""Greedy decoding with keras-hub's layers and their key/value caches."""

import keras
import keras_hub
import tensorflow as tf
from keras import ops


class KerasHubTranslator:
    """Decodes as keras-hub's own encoder-decoder models do, in one compiled loop.

    The caches of cross-attention are filled once.

    Args:
        model: a model from `keras_hub_transformer`.
        jit_compile: whether XLA compiles the loop, once for every shape of its inputs.
    """

    def __init__(self, model, jit_compile=False):
        def layers(kind):
            return [layer for layer in model.layers if isinstance(layer, kind)]

        self._embedding, *_ = layers(keras_hub.layers.TokenAndPositionEmbedding)
        self._encoders = layers(keras_hub.layers.TransformerEncoder)
        self._decoders = layers(keras_hub.layers.TransformerDecoder)
        self._encoder_norm, self._decoder_norm = layers(keras.layers.LayerNormalization)
        ids = tf.TensorSpec([None, None], tf.int32)
        self._compiled = tf.function(
            self._search,
            input_signature=[ids, ids, tf.TensorSpec([], tf.int32)],
            autograph=False,
            jit_compile=jit_compile,
        )

    def decode(self, source_ids, target_ids, steps):
        """Decode for this many steps: no token ends a sentence.

        Args:
            source_ids: int32 `(batch, source_length)`, 0 for padding.
            target_ids: int32 `(batch, room)`, the start token and room for `steps` more.
            steps: int, below `room`.

        Returns:
            `target_ids`, int32 `(batch, room)`, with the new tokens.
        """
        return self._compiled(*map(tf.constant, (source_ids, target_ids, steps))).numpy()

    def _search(self, source_ids, target_ids, steps):
        mask = ops.not_equal(source_ids, 0)
        memory = self._embedding(source_ids)
        for layer in self._encoders:
            memory = layer(memory, padding_mask=mask)
        memory = self._encoder_norm(memory)

        def step(position, ids, caches, memory_caches, fill=None):
            x = self._embedding(
                ids[:, position][:, None], start_index=position
            )  # (batch, 1, width)
            caches, memory_caches = list(caches), list(memory_caches)
            for i, layer in enumerate(self._decoders):
                x, caches[i], memory_caches[i] = layer(
                    x,
                    memory,
                    encoder_padding_mask=mask,
                    self_attention_cache=caches[i],
                    self_attention_cache_update_index=position,
                    cross_attention_cache=memory_caches[i],
                    cross_attention_cache_update_index=fill,
                )
            logits = self._embedding.token_embedding(self._decoder_norm(x), reverse=True)
            token_ids = ops.cast(ops.argmax(logits, axis=-1), "int32")  # (batch, 1)
            ids = ops.slice_update(ids, (0, position + 1), token_ids)
            return position + 1, ids, caches, memory_caches

        empty = (self._empty_caches(target_ids), self._empty_caches(source_ids))
        first = step(tf.constant(0), target_ids, *empty, fill=0)
        _, ids, _, _ = tf.while_loop(lambda position, *_: position < steps, step, first)
        return ids

    def _empty_caches(self, ids):
        """Return a cache for each layer, with room for as many positions as there are ids."""
        heads, width = self._decoders[0].num_heads, self._embedding.embedding_dim
        batch, length = ops.shape(ids)[:2]
        shape = (batch, 2, length, heads, width // heads)
        return [ops.zeros(shape) for _ in self._decoders]
