"""The confidence in a translation."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tf_transformer.decoding.loop import like
from tf_transformer.text.tokenizer import END, PAD

EVIDENCE = ("mean log-probability", "log-probability", "length", "rarest piece", "usual pieces")
"""The evidence for a translation, better when higher; "known pieces" comes after these."""

DOUBTFUL = 0.5
"""Translations with less are marked."""

_SEEN_OFTEN = 5  # times that training must show a usual piece
_MOST = 1e6  # upper limit of any evidence, which copied text has


@dataclasses.dataclass(frozen=True, eq=False)
class Confidence:
    """The probability that a translation has at least the usual quality, from 0 to 1.

        confidence = known * sigmoid(bias + sum_i weights_i * (evidence_i - means_i) / scales_i)

    `known` is the share of the source's pieces that training has shown at least once; it is 0 if
    the source has more such pieces than nearly all sources in training. The usual quality is a chrF
    of `threshold`. Weights are at least 0, so that less evidence never gives more confidence.

    Args:
        counts: how often training showed each source token.
        means: mean of each of `EVIDENCE`, on the sentences it was learned from. Defaults to zeros.
        scales: their standard deviations. Defaults to ones.
        weights: weight of each of `EVIDENCE`. Defaults to zeros.
        bias: bias of the logistic regression. Defaults to 0.
        threshold: lowest chrF of a translation of usual quality. Defaults to 0.
        auc: area under the ROC curve, on sentences that it was not learned from; `None` if all
            translations are good or all are bad. Defaults to `None`.
        reliability: rows of a mean confidence, the share of good translations and their number, on
            such sentences. Defaults to none.
        sentences: number of sentences that it was learned from. Defaults to 0.
        longest: tokens of the longest source in training; 0 means unknown. Defaults to 0.
        usual_longest: tokens of the longest source, leaving out one in a thousand. Defaults to
            `longest`.

    Example:
        ```python
        import tensorflow as tf

        from tf_transformer.tasks.confidence import Confidence

        confidence = Confidence(counts=[0, 9, 9, 9, 120, 0])  # token 5 was never seen
        source_ids, ids = tf.constant([[4, 5, 3]]), tf.constant([[4, 3]])
        evidence = confidence.evidence(source_ids, ids, log_probabilities=tf.constant([-1.0]))
        confidence.of(evidence)  # 0.5 of nothing learned, times the half that is known
        ```
    """

    counts: Sequence[int]
    means: Sequence[float] = (0.0,) * len(EVIDENCE)
    scales: Sequence[float] = (1.0,) * len(EVIDENCE)
    weights: Sequence[float] = (0.0,) * len(EVIDENCE)
    bias: float = 0.0
    threshold: float = 0.0
    auc: float | None = None
    reliability: Sequence[Sequence[float]] = ()
    sentences: int = 0
    longest: int = 0
    usual_longest: int = 0

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Confidence:
        """Make it from the result of `to_dict`; fields of later versions are left out."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in names})

    def to_dict(self) -> dict[str, Any]:
        """Return its fields as plain Python values."""
        return dataclasses.asdict(self)

    def evidence(
        self, source_ids: tf.Tensor, ids: tf.Tensor, log_probabilities: tf.Tensor
    ) -> tf.Tensor:
        """Return the evidence for translations.

        Args:
            source_ids: int32 `(batch, source)`.
            ids: int32 `(batch, ..., target)`.
            log_probabilities: float32 `(batch, ...)`.

        Returns:
            float32 `(batch, ..., len(EVIDENCE) + 1)`; the last is the share of known pieces.
        """
        is_piece = (source_ids != PAD) & (source_ids != END)
        counts = tf.gather(tf.constant(self.counts, tf.float32), source_ids)
        pieces = _size(is_piece)
        length = _size(ids != PAD)

        def share(is_counted: tf.Tensor) -> tf.Tensor:
            return like(_size(is_piece & is_counted) / pieces, length)

        rarest = tf.reduce_min(tf.where(is_piece, tf.math.log1p(counts), np.inf), axis=-1)
        columns = (
            log_probabilities / length,
            log_probabilities,
            -tf.abs(tf.math.log(length / like(pieces, length))),
            like(rarest, length),
            share(counts >= _SEEN_OFTEN),
            tf.where(like(self.is_too_long(source_ids), length), 0.0, share(counts > 0)),
        )
        columns = [tf.broadcast_to(column, tf.shape(length)) for column in columns]
        return tf.clip_by_value(tf.stack(columns, axis=-1), -_MOST, _MOST)

    def is_too_long(self, source_ids: tf.Tensor) -> tf.Tensor:
        """Return which sources, `(batch, source)`, have more known pieces than nearly all had."""
        counts = tf.gather(tf.constant(self.counts, tf.float32), source_ids)
        is_known = (source_ids != PAD) & (source_ids != END) & (counts > 0)
        return _size(is_known) > float(self.usual_longest or self.longest or np.inf)

    def of(self, evidence: tf.Tensor) -> tf.Tensor:
        """Return the confidence that follows from evidence, float32 `(batch, ...)`."""
        means, scales, weights = (
            tf.constant(x, tf.float32) for x in (self.means, self.scales, self.weights)
        )
        usual = tf.minimum(evidence, _MOST)
        z = self.bias + tf.reduce_sum(weights * (usual[..., :-1] - means) / scales, axis=-1)
        return tf.sigmoid(z) * tf.clip_by_value(evidence[..., -1], 0.0, 1.0)

    def __str__(self) -> str:
        area = "unknown: all are good or none is" if self.auc is None else f"{self.auc:.3f}"
        return f"area under the ROC curve {area} (good: chrF of at least {self.threshold:.1f})"


def all_the_evidence(shape: Sequence[int | tf.Tensor]) -> tf.Tensor:
    """Return the evidence for copied text: the highest there is."""
    return tf.fill([*shape, len(EVIDENCE) + 1], _MOST)


def with_known_share(evidence: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    """Return evidence, `(batch, ..., evidence)`, for sources that are only partly known."""
    return tf.concat([evidence[..., :-1], evidence[..., -1:] * share[..., None]], axis=-1)


def _size(is_there: tf.Tensor) -> tf.Tensor:
    """Return how many are true along the last axis, at least 1, as float32."""
    return tf.maximum(tf.reduce_sum(tf.cast(is_there, tf.float32), axis=-1), 1.0)
