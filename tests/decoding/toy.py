"""Models whose distributions are known, with the methods that the searches call."""

import itertools

import numpy as np
import tensorflow as tf

from tf_transformer.layers import Cache
from tf_transformer.models import Memory
from tf_transformer.text import END, START


class ToyModel:
    """The logits of the next token are a row of a table; all tokens so far say which row.

    The row's number is kept in the cache, in a slot for each token of each hypothesis: a search
    that mixes up its slots goes astray.
    """

    def __init__(self, vocab_size=6, rows=101, seed=0, table=None):
        rng = np.random.default_rng(seed)
        self.table = rng.normal(size=(rows, vocab_size)) if table is None else np.array(table)
        self.table = self.table.astype("float32")
        self.steps = 0

    def read(self, source_ids):
        return Memory((source_ids[:, 0],), (source_ids != 0)[:, None, None, :])

    def empty_cache(self, batch, slots):
        return Cache(tf.fill([batch, slots], -1), 0, tf.range(slots)[None])

    def decode(self, token_ids, memory, cache, attention_mask):
        self.steps += 1
        (first_row,), (kept, slot, positions) = memory.keys_values, cache
        before = self._row_before(kept, first_row, positions[:, 0], slot, attention_mask)
        row = self._next_row(before, token_ids)
        own = slot + tf.range(tf.shape(row)[1])
        here = tf.range(tf.shape(kept)[1]) == own[:, None]  # (hypotheses, slots)
        new = tf.einsum("bh,hs->bs", row, tf.cast(here, tf.int32))
        kept = tf.where(tf.reduce_any(here, axis=0), new, kept)
        return self._logits(row), cache._replace(kept=kept)

    def _row_before(self, cache, first_row, positions, slot, attention_mask):
        """Return the row behind the last token but one of each hypothesis."""
        slots = tf.shape(cache)[1]
        age = (slot - tf.range(slots)) % slots  # from the slot that is written now
        was_last = (age >= 1) & (age <= tf.shape(attention_mask)[2])
        last = attention_mask[:, 0] & was_last  # (batch, hypotheses, slots)
        before = tf.reduce_max(tf.where(last, cache[:, None], -1), axis=-1)
        return tf.where(positions[:, None] == 0, first_row[:, None], before)

    def _logits(self, row):
        return tf.gather(self.table, row)

    def _next_row(self, row, token_id):
        return (31 * row + 7 * token_id + 1) % len(self.table)

    def log_prob(self, source_id, ids):
        """Return the log-probability of target tokens, END included where there is one."""
        row, total, before = source_id, 0.0, START
        for token_id in ids:
            row = self._next_row(row, before)
            logits = self.table[row].astype("float64")
            total += logits[token_id] - np.log(np.exp(logits).sum())
            before = token_id
        return total

    def hypotheses(self, source_id, limit):
        """Return all hypotheses that end by `limit` and all that it cuts, with their
        log-probabilities: `{ids: log_prob}`."""
        others = [token_id for token_id in range(self.table.shape[1]) if token_id != END]
        ended = [
            (*start, END)
            for length in range(limit)
            for start in itertools.product(others, repeat=length)
        ]
        cut = itertools.product(others, repeat=limit)
        return [{ids: self.log_prob(source_id, ids) for ids in found} for found in (ended, cut)]


class Countdown(ToyModel):
    """Ends a translation after as many tokens as the source's first id says, END included."""

    def __init__(self):
        super().__init__(table=10 * np.eye(5))

    def _next_row(self, left, token_id):
        return left - 1

    def _logits(self, left):
        return tf.gather(self.table, tf.where(left > 0, 4, END))


def source(*first_ids):
    """Return source ids `(batch, 1)`."""
    return tf.constant(first_ids, tf.int32)[:, None]


def strip(ids):
    """Return rows of ids as tuples, without what stands after END."""
    rows = np.array(ids).tolist()
    return [tuple(row[: row.index(END) + 1] if END in row else row) for row in rows]
