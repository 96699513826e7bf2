"""The recurrent encoder-decoder with attention: what the Transformer replaced."""

import keras
from keras import ops

from tf_transformer.layers import RecurrentDecoder, RecurrentEncoder, padding_mask
from tf_transformer.models.encoder_decoder import EncoderDecoder
from tf_transformer.rnn_config import RNNConfig


@keras.saving.register_keras_serializable(package="tf_transformer")
class RNNTranslator(EncoderDecoder):
    """Maps source tokens and the target tokens so far to logits of the next target token.

    It has the methods of a `Transformer`, and so is trained, searched, exported and looked into as
    that is. Padding (id 0), and the company in a batch, change nothing at real positions, provided
    that padding comes last.

    Args:
        config: an `RNNConfig`, or its dictionary.
        **kwargs: of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        inputs: `(source_ids, target_ids)`, int `(batch, source_length)` and
            `(batch, target_length)`; the target begins with the start token.

    Returns:
        Logits, float32 `(batch, target_length, target_vocab_size)`.

    Reference:
        Bahdanau, Cho & Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and
        Translate*; Luong, Pham & Manning 2015, *Effective Approaches to Attention-based Neural
        Machine Translation*.
    """

    config_class = RNNConfig
    _positions = "rotary"  # which adds nothing: who reads word by word knows where he is

    def _stacks(self):
        config = self.config
        options = {
            "num_layers": config.num_layers,
            "d_model": config.d_model,
            "cell": config.cell,
            "dropout": config.dropout,
            "dtype": self.dtype_policy,
        }
        encoder = RecurrentEncoder(**options, name="encoder")
        return encoder, RecurrentDecoder(**options, attention=config.attention, name="decoder")

    def call(self, inputs, training=None):
        source_ids, target_ids = inputs
        memory, memory_mask = self.encode(source_ids, training=training)
        x = self.target_embedding(target_ids, training=training)
        return self._logits(self.decoder(x, memory, memory_mask=memory_mask, training=training))

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
        return self.encoder(x, is_real=mask[:, 0, 0], training=training), mask

    def memory_keys_values(self, memory):
        """Return what every step wants of the memory: the keys of attention, the memory, and the
        state before the first word.

        Args:
            memory: from `encode`.
        """
        return self.decoder.attention.keys(memory), memory, self.decoder.start(memory)

    def empty_cache(self, batch, slots):
        """Return room for the states behind target tokens.

        Args:
            batch: number of rows.
            slots: how many target tokens there will be at most, of all hypotheses of a row.

        Returns:
            `(batch, slots, states * d_model)`.
        """
        width = self.decoder.states * self.config.d_model
        return ops.zeros((batch, slots, width), self.compute_dtype)

    def decode(
        self, token_ids, positions, slot, cache, memory_keys_values, attention_mask, memory_mask
    ):
        """Decode one step of every hypothesis: the logits of the token after `token_ids`.

        As `Transformer.decode`. But where a Transformer looks at all tokens of a hypothesis, this
        goes on from the state behind the last: the one of the step before to which the mask admits.

        Args:
            token_ids: int `(batch, hypotheses)`, the last tokens.
            positions: int `(batch,)`, where they stand, from 0 (the start token).
            slot: int scalar, where the cache has room for their states: this slot and those after
                it. The step before had as many slots, those before these (or the last ones).
            cache: from `empty_cache`, or the step before.
            memory_keys_values: from the method of that name.
            attention_mask: bool, broadcast to `(batch, 1, hypotheses, slots)`, `True` at the tokens
                that a hypothesis consists of.
            memory_mask: from `encode`.

        Returns:
            Logits, float32 `(batch, hypotheses, target_vocab_size)`, and the cache for the next
            step.
        """
        keys, memory, first_state = memory_keys_values
        batch, hypotheses = ops.shape(token_ids)
        slots, width = ops.shape(cache)[1:]
        before = (slot - hypotheses) % slots
        past = ops.slice(cache, (0, before, 0), (batch, hypotheses, width))
        mask = ops.broadcast_to(attention_mask, (batch, 1, hypotheses, slots))
        is_parent = ops.slice(mask, (0, 0, 0, before), (batch, 1, hypotheses, hypotheses))[:, 0]
        state = ops.matmul(ops.cast(is_parent, past.dtype), past)  # (batch, hypotheses, width)
        is_first = ops.equal(positions, 0)[:, None, None]
        state = ops.where(is_first, first_state[:, None], state)

        x = self.target_embedding(token_ids)  # (batch, hypotheses, d_model)
        x, state = self.decoder.step(x, state, keys, memory, memory_mask)
        cache = ops.slice_update(cache, (0, slot, 0), ops.cast(state, cache.dtype))
        return self._logits(x), cache

    def attention_weights(self, source_ids, target_ids):
        """Return where the decoder looks.

        Args:
            source_ids: int `(batch, source_length)`.
            target_ids: int `(batch, target_length)`, beginning with the start token.

        Returns:
            A dictionary: `"cross"`, float32 `(batch, 1, 1, target_length, source_length)`, as of a
            Transformer of one layer and one head.
        """
        memory, memory_mask = self.encode(source_ids)
        x = self.target_embedding(target_ids)
        _, weights = self.decoder(x, memory, memory_mask=memory_mask, return_weights=True)
        return {"cross": weights[:, None]}
