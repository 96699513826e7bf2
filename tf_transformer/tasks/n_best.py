"""The n-best translations of controlled searches: the usual beam, and groups that differ."""

from __future__ import annotations

import dataclasses
from typing import Any

import tensorflow as tf

from tf_transformer.decoding import ControlledBeamSearch, DiverseBeamSearch, Hypotheses
from tf_transformer.decoding.search import NEVER
from tf_transformer.tasks.combinations import is_repeated

_LEAST = NEVER / 1000  # scores below are of hypotheses that do not exist


@dataclasses.dataclass(frozen=True, eq=False)
class BeamAndGroups:
    """Searches with the usual beam and, if there are groups that shall differ, with these, too.

    Groups often find the same translation. What the beam has found takes the places that they
    leave: see `n_best`.

    Args:
        beam: the usual search.
        groups: the search in groups, of the same width.

    Example:
        ```python
        from tf_transformer.decoding import ControlledBeamSearch, DiverseBeamSearch
        from tf_transformer.tasks.n_best import BeamAndGroups

        groups = DiverseBeamSearch(ControlledBeamSearch(1, strength=2.0), groups=4)
        BeamAndGroups(ControlledBeamSearch(4), groups).width  # 4
        ```
    """

    beam: ControlledBeamSearch
    groups: DiverseBeamSearch

    @property
    def width(self) -> tf.Tensor | int:
        """Translations of a row."""
        return self.beam.width

    def __call__(self, *inputs: Any, **rows: Any) -> Hypotheses:
        """Search: see `Search`.

        Returns:
            What the beam has found. With several groups, the beam's best hypothesis, what the
            groups have found, best first, and the beam's other hypotheses.
        """
        found = self.beam(*inputs, **rows)

        def with_groups() -> Hypotheses:
            differing = self.groups(*inputs, **rows)
            return Hypotheses(
                *(
                    tf.concat([x[:, :1], y, x[:, 1:]], axis=1)
                    for x, y in zip(found[:-1], differing[:-1], strict=True)
                ),
                found.unfinished | differing.unfinished,
            )

        return tf.cond(tf.convert_to_tensor(self.groups.groups) > 1, with_groups, lambda: found)


def n_best(
    found: Hypotheses, translations: tf.Tensor, width: tf.Tensor | int
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Choose the first different translations of each row, those that ended before the others.

    Args:
        found: hypotheses, the preferred ones first.
        translations: string `(batch, hypotheses)`, their texts.
        width: how many to choose.

    Returns:
        Ids `(batch, width, length)`, and the translations, scores and what is cut, each
        `(batch, width)`, best first. Where there are fewer different texts, the last repeat the
        best, with a score of -1e9. A copied text, with a score of 0, fills its row.
    """
    is_none = is_repeated(translations) | (found.scores < _LEAST)
    is_none &= found.scores[:, :1] != 0
    state = tf.where(is_none, 2, tf.cast(found.truncated, tf.int32))  # ended, cut, none
    chosen = tf.argsort(state, axis=1, stable=True)[:, :width]
    for key in (-found.scores, state):
        order = tf.argsort(tf.gather(key, chosen, batch_dims=1), axis=1, stable=True)
        chosen = tf.gather(chosen, order, batch_dims=1)
    ids, translations, scores, truncated, is_none = (
        tf.gather(x, chosen, batch_dims=1)
        for x in (found.ids, translations, found.scores, found.truncated, is_none)
    )
    return (
        ids,
        tf.where(is_none, translations[:, :1], translations),
        tf.where(is_none, NEVER, scores),
        truncated,
    )
