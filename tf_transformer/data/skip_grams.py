"""Words and the words around them, in batches for learning word vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.text.vocabulary import Vocabulary

_BLOCK_WORDS = 2**18  # words whose pairs are made, shuffled and held in memory together
_DISTORTION = 0.75  # exponent of the frequencies with which noise is drawn


class SkipGrams:
    """Pairs of a word and a word near it, and words drawn at random as noise.

    As in word2vec, very frequent words are first left out at random. Then each word of each
    sentence is paired with the words up to some distance to either side. The distance, from 1 to
    `window`, is drawn for each word, so that near words count more. The noise is drawn for a whole
    batch at once, with probabilities in proportion to

        frequency ** (3 / 4)

    A batch is `((words, contexts, noise),)`, int32, of shapes `(batch_pairs,)`, `(batch_pairs,)`
    and `(noise,)`. The n-th batch is a function of only the text and the seed.

    Args:
        sentences: rows of tokens; those outside the vocabulary are left out.
        vocabulary: the words of the same text.
        batch_pairs: pairs in a batch. Defaults to 2048.
        noise: noise words in a batch. Defaults to 32.
        window: greatest distance of a pair, in words. Defaults to 5.
        subsample: share of the text above which a word is left out at random; 0 keeps every word.
            Defaults to 0.001.
        seed: seed of all draws. Defaults to 0.

    Raises:
        UserError: if no sentence has two words.

    Example:
        ```python
        import tf_transformer as tft

        sentences = [["the", "old", "house"], ["the", "blue", "house"]]
        batches = tft.data.SkipGrams(
            sentences, tft.text.Vocabulary(sentences), batch_pairs=4, noise=2, subsample=0
        )
        ((words, contexts, noise),) = next(iter(batches.dataset()))  # (4,), (4,), (2,)
        ```

    Reference:
        Mikolov et al. 2013, *Distributed Representations of Words and Phrases and their
        Compositionality*, sections 2.2 and 2.3.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[str]],
        vocabulary: Vocabulary,
        batch_pairs: int = 2048,
        noise: int = 32,
        window: int = 5,
        subsample: float = 1e-3,
        seed: int = 0,
    ) -> None:
        rows = [ids for ids in map(vocabulary.ids, sentences) if len(ids) > 1]
        if not rows:
            raise UserError("no sentence has two words to learn from: give more text.")
        self.words = sum(map(len, rows))
        self.batch_pairs = batch_pairs
        self.noise = noise
        self.window = window
        self.seed = seed
        self._keep = keep_probabilities(vocabulary.counts, subsample)
        shares = vocabulary.counts**_DISTORTION
        self._cumulative = np.cumsum(shares / shares.sum()).astype("float32")
        self._blocks = _blocks(rows)

    @property
    def steps_per_epoch(self) -> int:
        """Batches of one pass over the text, approximately: chance decides on their number."""
        words, _ = self._blocks[0]
        pairs = len(self._pairs_of(0, 0)) * self.words / len(words)
        return max(1, round(pairs / self.batch_pairs))

    def pairs(self, epoch: int) -> np.ndarray:
        """Make the pairs of one pass over the text, int32 `(pairs, 2)`: words and contexts."""
        order = range(epoch * len(self._blocks), (epoch + 1) * len(self._blocks))
        return np.concatenate([self._block(np.int64(index)) for index in order])

    def dataset(self) -> tf.data.Dataset:
        """Return the endless stream of batches, pass after pass."""
        blocks = tf.data.Dataset.counter().map(
            lambda index: tf.ensure_shape(
                tf.numpy_function(self._block, [index], tf.int32), (None, 2)
            )
        )
        options = tf.data.Options()
        options.autotune.enabled = False  # see `prefetched`
        batches = blocks.prefetch(1).rebatch(self.batch_pairs).enumerate().map(self._batch)
        return batches.prefetch(8).with_options(options)

    def _block(self, index: np.ndarray) -> np.ndarray:
        epoch, place = divmod(int(index), len(self._blocks))
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self._blocks))
        return self._pairs_of(epoch, order[place])

    def _pairs_of(self, epoch: int, block: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, epoch, block])
        words, sentences = self._blocks[block]
        kept = rng.random(len(words), dtype="float32") < self._keep[words]
        words, sentences = words[kept], sentences[kept]
        reach = rng.integers(1, self.window, len(words), dtype="int32", endpoint=True)
        return rng.permutation(near_pairs(words, sentences, reach))

    def _batch(
        self, step: tf.Tensor, pairs: tf.Tensor
    ) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
        drawn = tf.random.stateless_uniform([self.noise], tf.stack([self.seed, step]))
        noise = tf.searchsorted(self._cumulative[:-1], drawn, side="right")
        return ((pairs[:, 0], pairs[:, 1], noise),)


def keep_probabilities(counts: np.ndarray, subsample: float) -> np.ndarray:
    """Return the probability of keeping each word, so that frequent words do not drown out others.

    For a word's share f of the text and the threshold t, it is

        min(1, (sqrt(f / t) + 1) * t / f)

    as in the program of the paper's authors, which keeps more words than the paper's formula.

    Args:
        counts: how often each word occurs, `(words,)`.
        subsample: the threshold t: a word with a greater share is frequent; 0 keeps every word.

    Returns:
        float32 `(words,)`, from 0 to 1.
    """
    if not subsample:
        return np.ones(len(counts), "float32")
    ratio = subsample / (counts / counts.sum())
    return np.minimum(1, np.sqrt(ratio) + ratio).astype("float32")


def near_pairs(words: np.ndarray, sentences: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Pair each word with the words of its sentence within its reach, on either side.

    Args:
        words: int32 `(words,)`, sentence after sentence.
        sentences: number of each word's sentence, of the same shape.
        reach: how many words each one sees on either side, of the same shape.

    Returns:
        int32 `(pairs, 2)`: a word, and a word that it sees.
    """
    found = [np.empty((0, 2), "int32")]
    for distance in range(1, min(reach.max(initial=0), len(words) - 1) + 1):
        before, after = slice(None, -distance), slice(distance, None)
        together = sentences[before] == sentences[after]
        for looks, seen in ((before, after), (after, before)):
            sees = together & (reach[looks] >= distance)
            found.append(np.stack([words[looks][sees], words[seen][sees]], axis=1))
    return np.concatenate(found)


def _blocks(rows: list[list[int]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Join sentences into blocks: return each block's words, and each word's sentence number."""
    blocks, block, size = [], [], 0
    for row in rows:
        block.append(row)
        size += len(row)
        if size >= _BLOCK_WORDS:
            blocks.append(block)
            block, size = [], 0
    blocks += [block] if block else []
    return [
        (
            np.fromiter((word for row in block for word in row), "int32"),
            np.repeat(np.arange(len(block), dtype="int32"), list(map(len, block))),
        )
        for block in blocks
    ]
