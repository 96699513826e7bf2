"""Word vectors: neighbours, analogies and similarity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tf_transformer.errors import UserError

Best = list[list[tuple[str, float]]]  # for each question, words and cosines, best first


class WordVectors:
    """Words as points on a sphere: the cosine of an angle tells how similar two are.

    Args:
        words: the words.
        vectors: their vectors, float `(words, width)`.

    Attributes:
        words: the words, in the order of their vectors.
        unit: their vectors, each of length 1, float32 `(words, width)`.

    Example:
        ```python
        import numpy as np
        from tf_transformer.evaluation import WordVectors

        vectors = WordVectors(["one", "two", "three"], np.array([[1, 0], [1, 1], [0, 1]]))
        vectors.nearest(["one"], count=1)  # two, at a cosine of 0.707
        ```
    """

    def __init__(self, words: Sequence[str], vectors: np.ndarray) -> None:
        self.words = list(words)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.maximum(lengths, 1e-12)).astype("float32")
        self._rows = {word: row for row, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def rows(self, words: Iterable[str]) -> list[int]:
        """Return the rows of words.

        Raises:
            UserError: if a word has no vector.
        """
        words = list(words)
        for word in words:
            if word not in self._rows:
                raise UserError(f"{word!r} has no vector: it is rare in this text, or absent.")
        return [self._rows[word] for word in words]

    def similarity(self, first: Sequence[str], second: Sequence[str]) -> np.ndarray:
        """Return the cosines of pairs of words, float32 `(pairs,)`."""
        return np.sum(self.unit[self.rows(first)] * self.unit[self.rows(second)], axis=1)

    def nearest(self, words: Sequence[str], count: int = 10) -> Best:
        """Return the words with the largest cosine to each word, with their cosines."""
        rows = self.rows(words)
        return self._best(self.unit[rows], [[row] for row in rows], count)

    def analogies(self, questions: Sequence[Sequence[str]], count: int = 1) -> Best:
        """Answer questions "a is to b as c is to …" with the words closest to b - a + c.

        Args:
            questions: rows of three words a, b, c, which cannot be answers themselves.
            count: number of answers to each. Defaults to 1.

        Returns:
            A list of `(word, cosine)` for each question, best first.
        """
        a, b, c = np.reshape([self.rows(question) for question in questions], (-1, 3)).T
        wanted = self.unit[b] - self.unit[a] + self.unit[c]
        wanted /= np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-12)
        return self._best(wanted, np.stack([a, b, c], axis=1), count)

    def _best(self, wanted: np.ndarray, excluded: Sequence[Sequence[int]], count: int) -> Best:
        cosines = wanted @ self.unit.T  # (questions, words)
        for row, out in zip(cosines, excluded, strict=True):
            row[out] = -np.inf
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
        return [
            [(self.words[i], float(row[i])) for i in found if np.isfinite(row[i])]
            for row, found in zip(cosines, best, strict=True)
        ]


def overlap(a: WordVectors, b: WordVectors, words: Sequence[str], count: int = 10) -> float:
    """Return the share of the words' nearest neighbours that two sets of vectors share."""
    found = zip(a.nearest(words, count), b.nearest(words, count), strict=True)
    return float(np.mean([len(dict(x).keys() & dict(y).keys()) / len(x) for x, y in found]))


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's ρ: the correlation of the ranks; equal values share their mean rank.

    Example:
        ```python
        from tf_transformer.evaluation import rank_correlation

        rank_correlation([1, 2, 3], [10, 20, 90])  # 1.0
        ```
    """
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: Sequence[float]) -> np.ndarray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
