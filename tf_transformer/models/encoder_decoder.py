"""What translation models have in common: embeddings, an encoder, a decoder, logits."""

import keras
from keras import ops

from tf_transformer.layers import PositionalEmbedding
from tf_transformer.layers.dense import Dense
from tf_transformer.layers.traced import Traced


class EncoderDecoder(Traced, keras.Model):
    """A model that maps source tokens and the target tokens so far to logits of the next one.

    A subclass makes its stacks in `_stacks`, and says how they are called.

    Args:
        config: an instance of `config_class`, or its dictionary. `config.tie` says which of the
            three tables (embedding of either side, projection to logits) are one.
        **kwargs: of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Reference:
        Press & Wolf 2017, *Using the Output Embedding to Improve Language Models*.
    """

    config_class = None

    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(config, self.config_class):
            config = self.config_class.from_dict(config)
        self.config = config
        self.source_embedding = self._embedding("source", config.source_vocab_size)
        self.target_embedding = (
            self.source_embedding
            if config.tie == "all"
            else self._embedding("target", config.target_vocab_size)
        )
        self.encoder, self.decoder = self._stacks()
        self.output_projection = (
            Dense(
                config.target_vocab_size,
                use_bias=False,
                name="output_projection",
                dtype=self.dtype_policy,
            )
            if config.tie == "none"
            else None
        )
        self.build([(None, None), (None, None)])  # no shape depends on the data

    def _embedding(self, side, vocab_size):
        config = self.config
        return PositionalEmbedding(
            vocab_size,
            config.d_model,
            self._positions,
            config.max_length,
            config.dropout,
            name="embedding" if config.tie == "all" else f"{side}_embedding",
            dtype=self.dtype_policy,
        )

    @property
    def _positions(self):
        return self.config.positions

    def _stacks(self):
        """Return the encoder and the decoder."""
        raise NotImplementedError

    def build(self, input_shape):
        tokens, vectors = (None, None), (None, None, self.config.d_model)
        for embedding in dict.fromkeys((self.source_embedding, self.target_embedding)):
            embedding.build(tokens)
        self.encoder.build(vectors)
        self.decoder.build(vectors, vectors)
        if self.output_projection:
            self.output_projection.build(vectors)
        self.built = True

    def _logits(self, x):
        if self.output_projection:
            logits = self.output_projection(x)
        else:
            logits = self.target_embedding(x, reverse=True)
        return ops.cast(logits, "float32")  # what follows (loss, search) wants every digit

    def compute_output_shape(self, input_shape):
        return (*input_shape[1], self.config.target_vocab_size)

    def get_config(self):
        return super().get_config() | {"config": self.config.to_dict()}
