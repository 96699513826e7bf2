"""The position-wise feed-forward network."""

import keras

from tf_transformer.layers.dense import Dense


@keras.saving.register_keras_serializable(package="tf_transformer")
class FeedForward(keras.layers.Layer):
    """Two dense layers with an activation between, applied to each position alike.

        FFN(x) = max(0, x W1 + b1) W2 + b2

    Args:
        d_model: width of input and output.
        d_ff: width between.
        activation: `"relu"` or another Keras activation. Defaults to `"relu"`.
        dropout: rate on the hidden units. Defaults to 0.

    Call arguments:
        x: `(batch, length, d_model)`.

    Returns:
        `(batch, length, d_model)`.

    Reference:
        *Attention Is All You Need*, section 3.3.
    """

    def __init__(self, d_model, d_ff, activation="relu", dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.d_model = d_model
        self.d_ff = d_ff
        self.activation = keras.activations.get(activation)
        self.inner = Dense(d_ff, activation=self.activation, name="inner", dtype=self.dtype_policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.outer = Dense(d_model, name="outer", dtype=self.dtype_policy)

    def build(self, x_shape=None):
        self.inner.build((None, None, self.d_model))
        self.outer.build((None, None, self.d_ff))

    def call(self, x, training=None):
        hidden = self.dropout(self.inner(x), training=training)  # (batch, length, d_ff)
        return self.outer(hidden)  # (batch, length, d_model)

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return super().get_config() | {
            "d_model": self.d_model,
            "d_ff": self.d_ff,
            "activation": keras.activations.serialize(self.activation),
            "dropout": self.dropout.rate,
        }
