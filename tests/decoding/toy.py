"""Models whose distributions are known, with the methods that the searches call."""

import itertools

import numpy as np
import tensorflow as tf

from tf_transformer.text import END, START


class ToyModel:
    """The logits of the next token are a row of a table; all tokens so far say which row.

    The row's number is kept in the cache: a search that mixes up its caches goes astray.
    """

    def __init__(self, vocab_size=6, rows=101, seed=0, table=None):
        rng = np.random.default_rng(seed)
        self.table = rng.normal(size=(rows, vocab_size)) if table is None else np.array(table)
        self.table = self.table.astype("float32")
        self.steps = 0

    def encode(self, source_ids):
        return source_ids, (source_ids != 0)[:, None, None, :]

    def start_cache(self, memory, max_length):
        return [memory[:, 0]], []

    def decode(self, token_ids, position, caches, memory_keys_values, memory_mask):
        self.steps += 1
        row = self._next_row(caches[0], token_ids)
        return tf.gather(self.table, row), [row]

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

    def decode(self, token_ids, position, caches, memory_keys_values, memory_mask):
        self.steps += 1
        left = caches[0] - 1
        return tf.gather(self.table, tf.where(left > 0, 4, END)), [left]


def source(*first_ids):
    """Return source ids `(batch, 1)`."""
    return tf.constant(first_ids, tf.int32)[:, None]


def strip(ids):
    """Return rows of ids as tuples, without what stands after END."""
    rows = np.array(ids).tolist()
    return [tuple(row[: row.index(END) + 1] if END in row else row) for row in rows]
