"""What a search is: how the tokens of rows are chosen, step by step."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar, NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import decode, like
from tf_transformer.text.tokenizer import END

NEVER = -1e9  # the score of what is not there


class Hypotheses(NamedTuple):
    """What a search found; beam search has an axis `beam` after `batch` in each.

    Fields:
        ids: int32 `(batch, length)`, END included where it was reached, then PAD.
        scores: float32 `(batch,)`, log-probabilities; those of beam search are divided by the
            length penalty.
        truncated: bool `(batch,)`, whether the length limit came before END.
        unfinished: bool `(batch,)`, never with an axis `beam`: whether a higher limit might have
            changed what was found.

    Example:
        ```python
        import tensorflow as tf

        from tf_transformer.decoding import GreedySearch
        from tf_transformer.models import Transformer

        model = Transformer({"num_layers": 1, "d_model": 16, "num_heads": 2})
        found = GreedySearch()(model, tf.constant([[17, 45, 3]]), limits=tf.constant([2]))
        found.scores  # (1,)
        found.ids  # (1, 2)
        ```
    """

    ids: tf.Tensor
    scores: tf.Tensor
    truncated: tf.Tensor
    unfinished: tf.Tensor


class Choice(NamedTuple):
    """What a search chose in one step.

    Fields:
        token_ids: int32 `(running, width)`, the tokens that come next.
        parents: int32 `(running, width)`, which hypotheses they continue; `None` if each continues
            itself.
        state: of the search, after the step.
    """

    token_ids: tf.Tensor
    parents: tf.Tensor | None
    state: Any


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Search(abc.ABC):
    """Finds the target tokens of rows: called with a model and source tokens, it runs the loop.

    A subclass says how a row starts, how tokens are chosen from logits, and what was found. Its
    state is a structure of tensors `(running, ...)`, for the rows that are running, with a field
    `done`, bool `(running,)`.

    Args:
        min_length: tokens that come before END, at least. Defaults to 0.

    Attributes:
        width: hypotheses of a row.

    Example:
        ```python
        from tf_transformer.decoding import GreedySearch, Search

        search = GreedySearch()
        assert isinstance(search, Search)
        search.width  # 1
        ```
    """

    width: ClassVar[tf.Tensor | int] = 1
    min_length: int = 0

    def __call__(
        self,
        model: Any,
        source_ids: tf.Tensor,
        limits: tf.Tensor,
        *,
        room: tf.Tensor | int | None = None,
        first_ids: tf.Tensor | None = None,
        **rows: tf.Tensor,
    ) -> Hypotheses:
        """Search for the target tokens of each row.

        Args:
            model: a `Transformer`, or any model with its methods `read`, `empty_cache` and
                `decode`.
            source_ids: int32 `(batch, source_length)`.
            limits: int32 `(batch,)`, most target tokens of each row, END included.
            room: int scalar, the width of the ids that are returned, which must hold the longest
                limit. Under XLA, where shapes may not depend on values, it must be given. Defaults
                to the longest limit.
            first_ids: int32 `(batch,)`, the token that each row begins with. Defaults to START.
            **rows: more tensors `(batch, ...)` that the search needs of each row.
        """
        if room is None:
            room = tf.reduce_max(tf.concat([limits, [1]], axis=0))
        return decode(model, source_ids, {"limits": limits, **rows}, self, room, first_ids)

    @abc.abstractmethod
    def start(self, rows: dict[str, tf.Tensor], room: tf.Tensor | int) -> Any:
        """Return the state of rows before their first token.

        Args:
            rows: what belongs to the rows: their `"limits"`, `(running,)`, and the search's own.
            room: most target tokens of a row.
        """

    @abc.abstractmethod
    def advance(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: Any,
    ) -> Choice:
        """Choose the next tokens.

        Args:
            positions: int32 `(running,)`, where the tokens stand that the logits are about.
            logits: float32 `(running, width, vocab)`.
            rows: as in `start`.
            state: after the step before.
        """

    def allowed(self, positions: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
        """Forbid END where a hypothesis is shorter than `min_length`.

        Args:
            positions: int32 `(running,)`.
            scores: of all tokens, `(running, ..., vocab)`.

        Returns:
            The scores, with that of END so low that it is never chosen.
        """
        if not self.min_length:
            return scores
        is_early = like(positions < self.min_length, scores)
        is_end = tf.range(tf.shape(scores)[-1]) == END
        return tf.where(is_early & is_end, 2 * NEVER, scores)

    @abc.abstractmethod
    def finish(self, rows: dict[str, tf.Tensor], state: Any) -> Hypotheses:
        """Return what was found for rows that are done."""
