"""The recurrent encoder."""

import keras
from keras import ops

from tf_transformer.layers.traced import Traced

CELLS = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM}


@keras.saving.register_keras_serializable(package="tf_transformer")
class RecurrentEncoder(Traced, keras.layers.Layer):
    """Reads a text in both directions; each word's annotation knows what is around it.

    Padding is passed over: it changes no annotation of a real token.

    Args:
        num_layers: number of layers.
        d_model: width of input and annotations: half of it for each direction.
        cell: `"gru"` or `"lstm"`. Defaults to `"gru"`.
        dropout: rate after each layer. Defaults to 0.

    Call arguments:
        x: `(batch, length, d_model)`.
        is_real: bool `(batch, length)`, `True` at real tokens, all of which stand before the
            padding. Defaults to everywhere.

    Returns:
        Annotations, `(batch, length, d_model)`: forward states, then backward states.

    Reference:
        Bahdanau, Cho & Bengio 2015, section 3.2.
    """

    def __init__(self, num_layers, d_model, cell="gru", dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.d_model = d_model
        self.cell = cell
        self.forward_layers, self.backward_layers = (
            [
                CELLS[cell](
                    d_model // 2,
                    return_sequences=True,
                    go_backwards=side == "backward",
                    name=f"{side}_{i}",
                    dtype=self.dtype_policy,
                )
                for i in range(num_layers)
            ]
            for side in ("forward", "backward")
        )
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, x_shape=None):
        for layer in (*self.forward_layers, *self.backward_layers):
            layer.build((None, None, self.d_model))

    def call(self, x, is_real=None, training=None):
        for forward, backward in zip(self.forward_layers, self.backward_layers, strict=True):
            backward_states = ops.flip(backward(x, mask=is_real), axis=1)
            x = ops.concatenate([forward(x, mask=is_real), backward_states], axis=-1)
            x = self.dropout(x, training=training)
        return x

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return super().get_config() | {
            "num_layers": len(self.forward_layers),
            "d_model": self.d_model,
            "cell": self.cell,
            "dropout": self.dropout.rate,
        }
