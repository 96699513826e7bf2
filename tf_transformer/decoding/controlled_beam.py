"""Beam search for translations that hold given phrases, or that differ from others."""

from __future__ import annotations

import dataclasses
from typing import Any

import tensorflow as tf

from tf_transformer.decoding.beam import BeamSearch
from tf_transformer.decoding.phrases import beside
from tf_transformer.decoding.search import NEVER
from tf_transformer.decoding.vocabulary import top_tokens
from tf_transformer.text.tokenizer import PAD


@dataclasses.dataclass(frozen=True, eq=False)
class ControlledBeamSearch(BeamSearch):
    """Beam search under a `Control`: each translation holds the row's `must` phrases.

    It looks not only at the best continuations of each hypothesis, but also at the next piece of
    each phrase that is missing. The hypotheses with equally many pieces of phrases compete with one
    another, as a bank. The beam takes the best of each bank, the one with the most pieces first,
    then the second best of each, and so on until it is full. Dropping hypotheses without phrases
    early, because phrases seem improbable at first, is thus impossible. A hypothesis that lacks a
    phrase does not end: a row that cannot hold all its phrases is cut off by its limit.

    Without phrases, it is the search of Wu et al.: greedy search's hypothesis has no place of its
    own.

    Args:
        strength: with the input `taken`, float32 `(batch, vocab)`, how many others have taken each
            token at this step: the log-probability that each of them costs. Defaults to 0.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft
        from tf_transformer.decoding import Control, ControlledBeamSearch, Phrases, no_control

        tokenizer = tft.text.Characters.train(["a bad cab"], vocab_size=100)
        sizes = dict.fromkeys(["source_vocab_size", "target_vocab_size"], tokenizer.vocab_size)
        model = tft.Transformer({"num_layers": 1, "d_model": 16, "num_heads": 2, **sizes})
        vocabulary = tf.range(tokenizer.vocab_size)
        control = Control(Phrases.of(["cab"], tokenizer), tokenizer.starts_word(vocabulary))
        search = ControlledBeamSearch(2, control=control)
        rows = no_control(1) | {"must": tf.constant([[1]])}  # the first phrase
        found = search(model, tf.constant([[5, 3]]), limits=tf.constant([6]), **rows)
        tokenizer.detokenize(found.ids[0])  # those that end hold "cab"
        ```

    Reference:
        Post & Vilar 2018, *Fast Lexically Constrained Decoding with Dynamic Beam Allocation for
        Neural Machine Translation*.
    """

    strength: tf.Tensor | float = 0.0

    def start(self, rows: dict[str, tf.Tensor], room: tf.Tensor | int) -> Any:
        state = super().start(rows, room)
        is_free = ~tf.reduce_any(rows["must"] > 0, axis=1, keepdims=True)
        return state._replace(is_greedy=state.is_greedy & is_free)

    def _candidates(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: Any,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        size, _, vocab = tf.unstack(tf.shape(logits))
        each = tf.minimum(2 * self.beam_size, vocab)
        scores = self.allowed(positions, logits, rows, state.ids)
        preferred = scores - self.strength * rows["taken"][:, None] if "taken" in rows else scores
        _, best = top_tokens(tf.reshape(preferred, [size * self.beam_size, vocab]), each)
        best = tf.reshape(best, [size, self.beam_size, each])
        token_ids = tf.concat([best, self._next_pieces(rows, state)], axis=2)
        chosen = tf.gather(scores, token_ids, batch_dims=2)
        log_probs = chosen - tf.reduce_logsumexp(logits, axis=-1, keepdims=True)
        return tf.where(_is_repeated(token_ids), 2 * NEVER, log_probs), token_ids

    def _ranking(
        self, totals: tf.Tensor, token_ids: tf.Tensor, rows: dict[str, tf.Tensor], state: Any
    ) -> tf.Tensor:
        shape, flat = tf.shape(totals), [tf.shape(totals)[0], -1]
        bank = tf.reshape(self._pieces_done(token_ids, rows, state), flat)
        totals, token_ids = tf.reshape(totals, flat), tf.reshape(token_ids, flat)
        preferred = totals
        if "taken" in rows:
            preferred -= self.strength * tf.gather(rows["taken"], token_ids, batch_dims=1)
        order = tf.argsort(preferred, axis=1, direction="DESCENDING", stable=True)
        by_bank = tf.argsort(tf.gather(bank, order, batch_dims=1), axis=1, stable=True)
        order = tf.gather(order, by_bank, batch_dims=1)  # bank by bank, the best of each first
        banks = tf.gather(bank, order, batch_dims=1)
        rank = tf.range(tf.shape(banks)[1]) - tf.searchsorted(banks, banks)  # in its bank
        banks_above = tf.reduce_max(banks, axis=1, keepdims=True) - banks
        turn = rank * (tf.reduce_max(banks) + 1) + banks_above  # when it enters the beam
        turn = tf.gather(turn, tf.argsort(order, axis=1), batch_dims=1)
        ranking = tf.where(totals > NEVER / 2, -tf.cast(turn, tf.float32), NEVER)
        return tf.reshape(ranking, shape)

    def _next_pieces(self, rows: dict[str, tf.Tensor], state: Any) -> tf.Tensor:
        """Return the next piece of each phrase, `(running, beam, phrases)`; PAD: none."""
        must, phrases = rows["must"], self.control.phrases
        place = phrases.place(must, state.ids)
        return tf.gather_nd(phrases.pieces, _pairs(beside(must, place), place))

    def _pieces_done(
        self, token_ids: tf.Tensor, rows: dict[str, tf.Tensor], state: Any
    ) -> tf.Tensor:
        """Return how many pieces of phrases continuations hold, `(running, beam, each)`."""
        must, phrases = rows["must"], self.control.phrases
        place = phrases.place(must, state.ids)[:, :, None]  # (running, beam, 1, phrases)
        numbers = beside(must, place)
        place = phrases.next_place(numbers, place, token_ids[..., None])
        return tf.reduce_sum(tf.gather_nd(phrases.done, _pairs(numbers, place)), axis=-1)


def _pairs(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Return pairs of ints, which are broadcast to one shape."""
    return tf.stack([x + tf.zeros_like(y), y], axis=-1)


def _is_repeated(token_ids: tf.Tensor) -> tf.Tensor:
    """Return which tokens, `(..., tokens)`, are PAD or occur further left."""
    numbers = tf.range(tf.shape(token_ids)[-1])
    is_equal = token_ids[..., :, None] == token_ids[..., None, :]
    return (token_ids == PAD) | tf.reduce_any(is_equal & (numbers < numbers[:, None]), axis=-1)
