"""The connection around every sublayer."""

import keras


@keras.saving.register_keras_serializable(package="tf_transformer")
class Residual(keras.layers.Layer):
    """Adds a sublayer's output to its input, with dropout, and layer norm before or after.

        pre:  x + Dropout(Sublayer(LayerNorm(x)))
        post: LayerNorm(x + Dropout(Sublayer(x)))

    `enter` gives what goes into the sublayer; a call adds what came out:

        h = residual.enter(x)
        x = residual(x, sublayer(h))

    Args:
        norm: `"pre"` or `"post"`. Defaults to `"pre"`.
        dropout: rate on the sublayer's output. Defaults to 0.

    Call arguments:
        x: the sublayer's input, `(batch, length, d_model)`.
        y: the sublayer's output, of the same shape.

    Returns:
        `(batch, length, d_model)`.

    Reference:
        *Attention Is All You Need*, sections 3.1 and 5.4 (post); Xiong et al. 2020, *On Layer
        Normalization in the Transformer Architecture* (pre).
    """

    def __init__(self, norm="pre", dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        if norm not in ("pre", "post"):
            raise ValueError(f"norm={norm!r}: choose 'pre' or 'post'.")
        self.norm = norm
        self.layer_norm = layer_norm(name="layer_norm", dtype=self.dtype_policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, x_shape, y_shape=None):
        self.layer_norm.build(x_shape)

    def enter(self, x):
        """Return what the sublayer gets: `x`, normalised if the norm comes first."""
        return self.layer_norm(x) if self.norm == "pre" else x

    def call(self, x, y, training=None):
        x = x + self.dropout(y, training=training)
        return self.layer_norm(x) if self.norm == "post" else x

    def compute_output_shape(self, x_shape, y_shape=None):
        return x_shape

    def get_config(self):
        return super().get_config() | {"norm": self.norm, "dropout": self.dropout.rate}


def layer_norm(**kwargs):
    """Return the package's layer normalisation. Keras computes its statistics in float32."""
    return keras.layers.LayerNormalization(epsilon=1e-6, **kwargs)
