"""The encoder-only Transformer: a classifier of texts."""

import keras
from keras import ops

from tf_transformer.classifier_config import ClassifierConfig
from tf_transformer.layers import Encoder, PositionalEmbedding, padding_mask
from tf_transformer.layers.traced import Traced
from tf_transformer.models.stack import stack_options


@keras.saving.register_keras_serializable(package="tf_transformer")
class TransformerClassifier(Traced, keras.Model):
    """Maps the tokens of a text to logits of its class.

    The encoder's output is averaged over real tokens: padding (id 0), and the company in a batch,
    change nothing.

    Args:
        config: a `ClassifierConfig`, or its dictionary.
        **kwargs: of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Call arguments:
        token_ids: int `(batch, length)`.

    Returns:
        Logits, float32 `(batch, num_classes)`.

    Reference:
        *Attention Is All You Need*, section 3.1 (encoder); Iyyer et al. 2015, *Deep Unordered
        Composition Rivals Syntactic Methods for Text Classification* (averages, word dropout).
    """

    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(config, ClassifierConfig):
            config = ClassifierConfig.from_dict(config)
        self.config = config
        dtype = self.dtype_policy
        self.embedding = PositionalEmbedding(
            config.vocab_size,
            config.d_model,
            config.positions,
            config.max_length,
            config.dropout,
            name="embedding",
            dtype=dtype,
        )
        self.encoder = Encoder(**stack_options(config), name="encoder", dtype=dtype)
        self.pooled_dropout = keras.layers.Dropout(config.dropout, dtype=dtype)
        # float32 in any policy: softmax and loss want every digit.
        self.output_projection = keras.layers.Dense(
            config.num_classes, name="output_projection", dtype="float32"
        )
        # Draws which words are seen: ones, of which it drops some.
        self.word_dropout = keras.layers.Dropout(config.word_dropout, dtype="float32")
        self.build((None, None))  # no shape depends on the data

    def build(self, input_shape):
        vectors = (None, None, self.config.d_model)
        self.embedding.build((None, None))
        self.encoder.build(vectors)
        self.output_projection.build((None, self.config.d_model))
        self.built = True

    def call(self, token_ids, training=None):
        is_seen = self._seen(token_ids, training)
        return self.classify(self.embedding(token_ids, training=training), is_seen, training)

    def classify(self, vectors, is_seen, training=None):
        """Return the logits of texts whose tokens are vectors: see `PositionalEmbedding`.

        Args:
            vectors: `(batch, length, d_model)`.
            is_seen: bool `(batch, length)`, `True` at the tokens that count.

        Returns:
            Logits, float32 `(batch, num_classes)`.
        """
        x = self.encoder(vectors, attention_mask=is_seen[:, None, None, :], training=training)
        shares = ops.cast(is_seen, "float32")[:, :, None]  # (batch, length, 1)
        total = ops.sum(ops.cast(x, "float32") * shares, axis=1)
        mean = total / ops.maximum(ops.sum(shares, axis=1), 1.0)  # (batch, d_model)
        return self.output_projection(self.pooled_dropout(mean, training=training))

    def attention_weights(self, token_ids):
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

    def _seen(self, token_ids, training):
        """Return which tokens count, bool `(batch, length)`: in training not all real ones."""
        drawn = self.word_dropout(ops.ones(ops.shape(token_ids)), training=training)
        return ops.logical_and(ops.not_equal(token_ids, 0), drawn > 0)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.config.num_classes)

    def get_config(self):
        return super().get_config() | {"config": self.config.to_dict()}
