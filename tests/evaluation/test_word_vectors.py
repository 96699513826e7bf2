import numpy as np
import pytest

from tf_transformer.errors import UserError
from tf_transformer.evaluation.word_vectors import WordVectors, overlap, rank_correlation

# man and woman, king and queen: a parallelogram; and a word of nothing.
WORDS = ["man", "woman", "king", "queen", "stone", "void"]
VECTORS = np.array([[1, 0, 0.1], [1, 1, 0.1], [1, 0, 2], [1, 1, 2], [-3, 0.1, 0], [0, 0, 0]])


@pytest.fixture
def vectors():
    return WordVectors(WORDS, VECTORS)


def test_similarity_is_the_cosine(vectors):
    a, b = VECTORS[0], VECTORS[3]
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    found = vectors.similarity(["man", "stone"], ["queen", "stone"])
    np.testing.assert_allclose(found, [cosine, 1], rtol=1e-6)


def test_lengths_do_not_matter():
    scales = np.array([[1], [9], [0.1], [3], [7], [1]])
    a, b = WordVectors(WORDS, VECTORS), WordVectors(WORDS, scales * VECTORS)
    np.testing.assert_allclose(a.unit, b.unit, rtol=1e-6)


def test_nearest_are_the_others_by_falling_cosine(vectors):
    ((*found,),) = vectors.nearest(["king"], count=9)
    assert [word for word, _ in found] == ["queen", "man", "woman", "void", "stone"]
    cosines = [cosine for _, cosine in found]
    np.testing.assert_allclose(cosines, vectors.similarity(["king"] * 5, [w for w, _ in found]))


def test_analogies_are_answered_by_none_of_the_words_asked(vectors):
    questions = [("man", "woman", "king"), ("man", "king", "woman")]
    answers = vectors.analogies(questions)
    assert [best for ((best, _),) in answers] == ["queen", "queen"]


def test_a_word_without_a_vector_is_named(vectors):
    assert "king" in vectors
    assert "pope" not in vectors
    with pytest.raises(UserError, match="'pope' has no vector"):
        vectors.nearest(["king", "pope"])


def test_overlap_is_the_share_of_common_neighbours():
    words, points = WORDS[:5], VECTORS[:5]
    vectors = WordVectors(words, points)
    turn = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    turned = WordVectors(words[::-1], points[::-1] @ turn)
    other = WordVectors(words, np.roll(points, 2, axis=0))
    assert overlap(vectors, turned, words, count=3) == 1
    assert 0 < overlap(vectors, other, words, count=2) < 1


# By hand: ranks 1, 2.5, 2.5, 4 and 2, 1, 3.5, 3.5.
@pytest.mark.parametrize(
    ("first", "second", "rho"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 31], 1.0),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1.0),
        ([1, 5, 5, 9], [0, -1, 3, 3], 0.5),
    ],
)
def test_rank_correlation(first, second, rho):
    assert rank_correlation(first, second) == pytest.approx(rho)


def test_rank_correlation_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    a, b = np.random.default_rng(0).integers(0, 9, (2, 50))
    assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)
