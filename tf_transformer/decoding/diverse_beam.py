"""Diverse beam search: groups of hypotheses that avoid one another's tokens."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import tensorflow as tf

from tf_transformer.decoding.controlled_beam import ControlledBeamSearch
from tf_transformer.decoding.search import Choice, Hypotheses, Search
from tf_transformer.text.tokenizer import END


class _State(NamedTuple):
    groups: Any  # (running, groups, ...), the states of the groups' beams
    done: tf.Tensor  # (running,)


@dataclasses.dataclass(frozen=True, eq=False)
class DiverseBeamSearch(Search):
    """Divides the beam into groups, each a beam search of its own that avoids the groups before.

    At each step the groups choose one after the other. A token that `n` hypotheses of earlier
    groups have just taken counts as less probable:

        log p(y_t | ...) - strength * n(y_t)

    That decides which hypotheses are kept; scores remain log-probabilities over the length penalty.
    A call returns `Hypotheses` with an axis of `groups * beam.beam_size`, best first: see
    `BeamSearch`. With one group it is its beam search.

    Args:
        beam: the search of each group, with the `strength`.
        groups: how many there are. Defaults to 4.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft
        from tf_transformer.decoding import (
            Control,
            ControlledBeamSearch,
            DiverseBeamSearch,
            Phrases,
            no_control,
        )

        tokenizer = tft.text.Characters.train(["a bad cab"], vocab_size=100)
        sizes = dict.fromkeys(["source_vocab_size", "target_vocab_size"], tokenizer.vocab_size)
        model = tft.Transformer({"num_layers": 1, "d_model": 16, "num_heads": 2, **sizes})
        vocabulary = tf.range(tokenizer.vocab_size)
        control = Control(Phrases.of([], tokenizer), tokenizer.starts_word(vocabulary))
        search = DiverseBeamSearch(ControlledBeamSearch(1, strength=0.5, control=control), groups=2)
        found = search(model, tf.constant([[5, 3]]), limits=tf.constant([4]), **no_control(1))
        found.ids  # (1, 2, 4)
        ```

    Reference:
        Vijayakumar et al. 2016, *Diverse Beam Search: Decoding Diverse Solutions from Neural
        Sequence Models*, with Hamming diversity.
    """

    beam: ControlledBeamSearch
    groups: tf.Tensor | int = 4

    @property
    def width(self) -> tf.Tensor | int:
        """Hypotheses of a row."""
        return self.groups * self.beam.beam_size

    def start(self, rows: dict[str, tf.Tensor], room: tf.Tensor | int) -> _State:
        first = self.beam.start(rows, room)
        groups = tf.nest.map_structure(
            lambda x: tf.repeat(x[:, None], self.groups, axis=1), first
        )  # (running, groups, ...)
        is_first = tf.range(self.groups)[:, None] == 0  # the others need not find the same again
        groups = groups._replace(is_greedy=groups.is_greedy & is_first)
        return _State(groups, first.done)

    def advance(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: _State,
    ) -> Choice:
        size, width, vocab = tf.unstack(tf.shape(logits))
        logits = tf.reshape(logits, [size, self.groups, self.beam.beam_size, vocab])

        def choose(before: tuple, group: tuple) -> tuple[tf.Tensor, Choice]:
            (taken, _), (logits, state) = before, group
            choice = self.beam.advance(positions, logits, rows | {"taken": taken}, state)
            counts = tf.reduce_sum(tf.one_hot(choice.token_ids, vocab), axis=1)
            counts = tf.where(choice.state.done[:, None], 0.0, counts)  # it does not go on
            ended = tf.cast(choice.state.ended - state.ended, tf.float32)[:, None]
            return taken + counts + ended * tf.one_hot(END, vocab), choice

        nobody = tf.zeros([size, self.beam.beam_size], tf.int32)
        start = Choice(nobody, nobody, tf.nest.map_structure(lambda x: x[:, 0], state.groups))
        _, choices = tf.scan(
            choose,
            (_swap(logits), tf.nest.map_structure(_swap, state.groups)),
            (tf.zeros([size, vocab]), start),
        )
        tokens, parents, groups = tf.nest.map_structure(_swap, choices)  # (running, groups, ...)
        parents += tf.range(self.groups)[:, None] * self.beam.beam_size
        return Choice(
            tf.reshape(tokens, [size, width]),
            tf.reshape(parents, [size, width]),
            _State(groups, state.done | tf.reduce_all(groups.done, axis=1)),
        )

    def finish(self, rows: dict[str, tf.Tensor], state: _State) -> Hypotheses:
        size = tf.shape(state.done)[0]
        limits = tf.repeat(rows["limits"], self.groups)
        found = self.beam.finish({"limits": limits}, tf.nest.map_structure(_merge, state.groups))
        ids, scores, truncated = (
            tf.reshape(x, tf.concat([[size, self.width], tf.shape(x)[2:]], axis=0))
            for x in (found.ids, found.scores, found.truncated)
        )
        order = tf.argsort(scores, axis=1, direction="DESCENDING", stable=True)
        is_cut = tf.cast(tf.gather(truncated, order, batch_dims=1), tf.int32)
        order = tf.gather(order, tf.argsort(is_cut, axis=1, stable=True), batch_dims=1)
        ids, scores, truncated = (
            tf.gather(x, order, batch_dims=1) for x in (ids, scores, truncated)
        )
        unfinished = tf.reshape(found.unfinished, [size, self.groups])
        return Hypotheses(ids, scores, truncated, tf.reduce_any(unfinished, axis=1))


def _merge(x: tf.Tensor) -> tf.Tensor:
    """Reshape `(running, groups, ...)` into `(running * groups, ...)`."""
    return tf.reshape(x, tf.concat([[tf.shape(x)[0] * tf.shape(x)[1]], tf.shape(x)[2:]], axis=0))


def _swap(x: tf.Tensor) -> tf.Tensor:
    """Swap the first two axes."""
    return tf.transpose(x, [1, 0, *range(2, x.shape.rank)])
