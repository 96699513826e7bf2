"""From pairs of sentences to scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tf_transformer.evaluation.bleu import Scores, score

if TYPE_CHECKING:
    import tensorflow as tf

    from tf_transformer.data import Pairs


def evaluate(
    search: Callable[[tf.Tensor], Mapping[str, tf.Tensor]],
    pairs: Pairs,
    bleu_tokenize: str = "13a",
    progress: bool = False,
) -> tuple[Scores, dict[str, list[Any]]]:
    """Translate the sources of pairs, and compare the translations with the targets.

    Args:
        search: from a string tensor `(batch,)` to a dictionary with `"translations"`,
            `(batch, n_best)`, best first, such as `translate_beam` of a `Translator`.
        pairs: sentences and their references.
        bleu_tokenize: how sacreBLEU splits words: see `score`. Defaults to `"13a"`.
        progress: whether to show Keras's progress bar. Defaults to `False`.

    Returns:
        The `Scores`, and all results of the search: see `map_texts`.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft

        pairs = tft.data.Pairs(["THE CAT IS HERE."], ["the cat is here."])
        scores, found = tft.evaluation.evaluate(
            lambda text: {"translations": tf.strings.lower(text)[:, None]}, pairs
        )
        round(scores.bleu)  # 100
        ```
    """
    from tf_transformer.tasks import map_texts  # here: to score alone needs no TensorFlow

    found = map_texts(search, pairs.sources, progress=progress)
    best = [row[0] for row in found["translations"]]
    return score(best, pairs.targets, bleu_tokenize), found
