"""The base of all searches, which choose the tokens of rows step by step."""

from __future__ import annotations

import abc
import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import decode, like
from tf_transformer.text.tokenizer import END

if TYPE_CHECKING:
    from tf_transformer.decoding.control import Control

NEVER = -1e9  # the score of a hypothesis that does not exist


class Hypotheses(NamedTuple):
    """What a search found. Beam search adds an axis `beam` after `batch`, except in `unfinished`.

    Fields:
        ids: int32 `(batch, length)`, END included where it was reached, then PAD.
        scores: float32 `(batch,)`, log-probabilities; those of beam search are divided by the
            length penalty.
        truncated: bool `(batch,)`, whether the length limit came before END.
        unfinished: bool `(batch,)`, whether a higher limit might have changed what was found.

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
        parents: int32 `(running, width)`, the hypotheses that they continue; `None` if each
            hypothesis continues itself.
        state: the search's state after the step.
    """

    token_ids: tf.Tensor
    parents: tf.Tensor | None
    state: Any


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Search(abc.ABC):
    """The base of all searches: called with a model and source tokens, it finds target tokens.

    A subclass defines how a row starts, how tokens are chosen from logits, and what was found. Its
    state is a structure of tensors `(running, ...)` for the running rows, with a field `done`, bool
    `(running,)`.

    Args:
        min_length: fewest tokens before END. Defaults to 0.
        control: what users ask of the rows, a `Control`. Defaults to nothing.

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
    control: Control | None = None

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
            room: int scalar, width of the ids that are returned, at least the largest limit. XLA
                needs it, because its shapes cannot depend on values. Defaults to the largest limit.
            first_ids: int32 `(batch,)`, the token that each row begins with. Defaults to START.
            **rows: further tensors `(batch, ...)` that the search needs.
        """
        if room is None:
            room = tf.reduce_max(tf.concat([limits, [1]], axis=0))
        return decode(model, source_ids, {"limits": limits, **rows}, self, room, first_ids)

    @abc.abstractmethod
    def start(self, rows: dict[str, tf.Tensor], room: tf.Tensor | int) -> Any:
        """Return the state of rows before their first token.

        Args:
            rows: inputs of the rows: their `"limits"`, `(running,)`, and the search's own.
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
            positions: int32 `(running,)`, the positions of the tokens to choose.
            logits: float32 `(running, width, vocab)`.
            rows: as in `start`.
            state: the state after the step before.
        """

    def allowed(
        self,
        positions: tf.Tensor,
        scores: tf.Tensor,
        rows: dict[str, tf.Tensor],
        ids: tf.Tensor,
    ) -> tf.Tensor:
        """Forbid END before `min_length`, and what the `control` forbids.

        Args:
            positions: int32 `(running,)`.
            scores: of all tokens, `(running, ..., vocab)`.
            rows: as in `start`.
            ids: int32 `(running, ..., room)`, the tokens so far, then PAD.

        Returns:
            The scores, with those of forbidden tokens so low that none is chosen.
        """
        if self.min_length:
            is_early = tf.cast(positions < self.min_length, scores.dtype)
            scores += like(is_early, scores) * tf.one_hot(END, scores.shape[-1], 2 * NEVER)
        return self.control.allowed(positions, scores, rows, ids) if self.control else scores

    @abc.abstractmethod
    def finish(self, rows: dict[str, tf.Tensor], state: Any) -> Hypotheses:
        """Return what was found for rows that are done."""
