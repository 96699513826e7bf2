"""The skip-gram model of word vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tf_transformer.layers.checks import require_sizes
from tf_transformer.layers.types import Shape, Tensor

_NEVER = -1e9  # a score whose sigmoid is 0


@keras.saving.register_keras_serializable(package="tf_transformer")
class SkipGram(keras.Model):
    """word2vec: word vectors that tell a word's true neighbours from random words.

    Each word has two vectors, one as itself and one as a context. Their dot product is the log-odds
    that the pair comes from the text and not from noise. Training needs no labels:

        loss = -log σ(w · c) - negatives · mean over noise n of log σ(-w · n)

    All pairs of a batch share the noise words. On average this is the same loss as drawing noise
    for each pair, and takes one matrix product.

    Args:
        vocab_size: number of words.
        width: of the vectors. Defaults to 100.
        negatives: weight of the noise against one true pair: the paper's number of noise words for
            each pair. Defaults to 5.

    Call arguments:
        inputs: `(words, contexts, noise)`, int `(batch,)`, `(batch,)` and `(noise,)`.

    Returns:
        Scores `(batch, 1 + noise)`: of each word with its context, then with each noise word. A
        noise word that is the context itself scores -1e9 and teaches nothing.

    Raises:
        UserError: if a size is less than 1.

    Example:
        ```python
        import numpy as np

        from tf_transformer.models import SkipGram

        model = SkipGram(vocab_size=1000, width=50)
        words, contexts, noise = np.array([4, 5]), np.array([7, 8]), np.array([1, 2, 3])
        scores = model((words, contexts, noise))  # (2, 4)
        ```

    Reference:
        Mikolov et al. 2013, *Distributed Representations of Words and Phrases and their
        Compositionality*, section 2.2, eq. 4; Ji et al. 2016, *Parallelizing Word2Vec in Shared
        and Distributed Memory* (shared noise).
    """

    def __init__(
        self, vocab_size: int, width: int = 100, negatives: float = 5, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(vocab_size=vocab_size, width=width)
        self.vocab_size = vocab_size
        self.width = width
        self.negatives = negatives
        self.build()

    def build(self, inputs_shape: Shape | None = None) -> None:
        if self.built:
            return
        spread = keras.initializers.RandomUniform(-0.5 / self.width, 0.5 / self.width)
        shape = (self.vocab_size, self.width)
        self.words = self.add_weight(shape=shape, initializer=spread, name="words")
        self.contexts = self.add_weight(shape=shape, initializer="zeros", name="contexts")
        self.built = True

    def call(self, inputs: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        words, contexts, noise = inputs
        x = ops.take(self.words, words, axis=0)  # (batch, width)
        y = ops.take(self.contexts, contexts, axis=0)  # (batch, width)
        z = ops.take(self.contexts, noise, axis=0)  # (noise, width)
        true = ops.sum(x * y, axis=-1, keepdims=True)
        false = ops.matmul(x, ops.transpose(z))
        false = ops.where(noise[None] == contexts[:, None], _NEVER, false)
        return ops.concatenate([true, false], axis=-1)  # (batch, 1 + noise)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Tensor | None = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """Return the mean loss of a pair; `y` and `sample_weight` are unused."""
        true, false = y_pred[:, 0], y_pred[:, 1:]
        noise = self.negatives * ops.mean(ops.softplus(false), axis=-1)
        return ops.mean(ops.softplus(-true) + noise)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "vocab_size": self.vocab_size,
            "width": self.width,
            "negatives": self.negatives,
        }
