"""The recurrent decoder, which attends to the encoder's annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

from tf_transformer.config.field_types import checked
from tf_transformer.config.rnn_config import Cell, RecurrentAttention
from tf_transformer.errors import require
from tf_transformer.layers.additive_attention import AdditiveAttention
from tf_transformer.layers.checks import require_sizes, require_vectors
from tf_transformer.layers.multiplicative_attention import MultiplicativeAttention
from tf_transformer.layers.recurrent_encoder import CELLS
from tf_transformer.layers.sequence_layer import SequenceLayer, outputs
from tf_transformer.layers.types import Shape, Tensor

ATTENTIONS = {"additive": AdditiveAttention, "multiplicative": MultiplicativeAttention}


@keras.saving.register_keras_serializable(package="tf_transformer")
class RecurrentDecoder(SequenceLayer):
    """Updates its state with each word, then attends to the memory from the new state.

        s_t = RNN(s_{t-1}, x_t),  c_t = Attention(s_t, h),  output_t = tanh(W [c_t; s_t])

    The first state is computed from the last state of the encoder's backward pass. No state depends
    on attention: in training, all states come first, and all words then attend in parallel.
    (Bahdanau et al. attend first, and feed what they found into the state.)

    Args:
        num_layers: number of recurrent layers.
        d_model: width of input, memory, states and output.
        cell: `"gru"` or `"lstm"`. Defaults to `"gru"`.
        attention: `"additive"` or `"multiplicative"`. Defaults to `"additive"`.
        dropout: rate after each layer. Defaults to 0.

    Call arguments:
        x: `(batch, target_length, d_model)`.
        memory: the encoder's annotations, `(batch, source_length, d_model)`.
        memory_mask: bool, broadcast to `(batch, 1, target_length, source_length)`, `True` to
            attend. Defaults to everywhere.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, target_length, d_model)`, and with `return_weights` the attention weights, float32
        `(batch, 1, target_length, source_length)`.

    Raises:
        UserError: for an invalid size, or an unknown cell or attention (with the nearest name).

    Example:
        ```python
        import keras

        from tf_transformer.layers import RecurrentDecoder

        decoder = RecurrentDecoder(num_layers=1, d_model=64)
        x, memory = keras.random.normal((2, 5, 64)), keras.random.normal((2, 9, 64))
        y = decoder(x, memory)  # (2, 5, 64)
        ```

    Reference:
        Luong, Pham & Manning 2015, section 3, eq. 5; the first state: Bahdanau, Cho & Bengio 2015,
        appendix A.2.2.
    """

    def __init__(
        self,
        num_layers: int,
        d_model: int,
        cell: str = "gru",
        attention: str = "additive",
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(num_layers=num_layers, d_model=d_model)
        require(d_model % 2 == 0, f"d_model={d_model} is odd: each direction of memory has half.")
        self._takes_vectors(d_model)
        self.d_model = d_model
        self.cell = checked("cell", cell, Cell)
        self.layers = [
            CELLS[cell](d_model, return_sequences=True, name=f"layer_{i}", dtype=self.dtype_policy)
            for i in range(num_layers)
        ]
        self.states = num_layers * (2 if cell == "lstm" else 1)  # number of vectors in a state
        self.first_state = self._dense(self.states * d_model, "first_state")
        self.attention_name = checked("attention", attention, RecurrentAttention)
        self.attention = ATTENTIONS[attention](d_model, name="attention", dtype=self.dtype_policy)
        self.combine = self._dense(d_model, "combine")
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def _dense(self, width: int, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(width, activation="tanh", name=name, dtype=self.dtype_policy)

    def build(self, x_shape: Shape | None = None, memory_shape: Shape | None = None) -> None:
        vectors = (None, None, self.d_model)
        for layer in self.layers:
            layer.build(vectors)
        self.first_state.build((None, self.d_model // 2))
        self.attention.build(vectors, vectors)
        self.combine.build((None, None, 2 * self.d_model))

    def call(
        self,
        x: Tensor,
        memory: Tensor,
        memory_mask: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        require_vectors("memory", memory, self.d_model)
        states = self._parts(self.start(memory))
        for layer in self.layers:
            own = [next(states) for _ in range(self.states // len(self.layers))]
            x = self.dropout(layer(x, initial_state=own))
        x, weights = self._look(x, self.attention.keys(memory), memory, memory_mask)
        return outputs(x, weights if return_weights else None)

    def start(self, memory: Tensor) -> Tensor:
        """Return the state before the first word, `(batch, states * d_model)`."""
        return self.first_state(memory[:, 0, self.d_model // 2 :])

    def step(
        self, x: Tensor, state: Tensor, keys: Tensor, memory: Tensor, memory_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Read one word of each of several hypotheses.

        It takes a state in place of a cache: a network that reads word by word has no keys of
        earlier words to attend to.

        Args:
            x: `(batch, hypotheses, d_model)`.
            state: the state before the word, `(batch, hypotheses, states * d_model)`.
            keys: `attention.keys(memory)`.
            memory: `(batch, source_length, d_model)`.
            memory_mask: as in a call.

        Returns:
            `(batch, hypotheses, d_model)` and the new state.
        """
        shape = ops.shape(x)
        x = ops.reshape(x, (-1, self.d_model))
        states, new = self._parts(ops.reshape(state, (-1, self.states * self.d_model))), []
        for layer in self.layers:
            own = [next(states) for _ in range(self.states // len(self.layers))]
            x, own = layer.cell(x, own)
            new += own
        state = ops.reshape(ops.concatenate(new, axis=-1), ops.shape(state))
        x, _ = self._look(ops.reshape(x, shape), keys, memory, memory_mask)
        return x, state

    def _parts(self, state: Tensor) -> Iterator[Tensor]:
        """Divide a state into the vectors of the layers."""
        return iter(ops.split(state, self.states, axis=-1))

    def _look(
        self, x: Tensor, keys: Tensor, memory: Tensor, memory_mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        context, weights = self.attention.attend(x, keys, memory, memory_mask)
        x = self.combine(ops.concatenate([context, x], axis=-1))
        return self.dropout(x), weights

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "num_layers": len(self.layers),
            "d_model": self.d_model,
            "cell": self.cell,
            "attention": self.attention_name,
            "dropout": self.dropout.rate,
        }
