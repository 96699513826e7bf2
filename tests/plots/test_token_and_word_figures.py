"""Texts as blocks, bars, and maps of words whose labels can be matched with their points."""

import itertools

import numpy as np
import pytest

import tf_transformer as tft
from tf_transformer.evaluation import WordVectors
from tf_transformer.plots import bar_figure, tokens_figure, word_map_figure

GROUPS = {"animal": ["cat", "dog", "fox"], "drink": ["tea", "milk", "water"]}
WORDS = [word for members in GROUPS.values() for word in members]


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def test_each_token_is_a_block_and_unknown_ones_are_hatched():
    ways = {"words": ["o", "[UNK]"], "pieces": ["o", "ga", "##to"]}
    figure = tokens_figure({"o gato": ways}, "Two ways")
    (axes,) = figure.axes
    hatched = [patch.get_hatch() is not None for patch in axes.patches]
    assert hatched == [False, True, False, False, False, True]  # the last one is the legend's
    assert texts_of(axes)[:3] == ["Two ways", "o gato", "words"]
    assert [text for text in texts_of(axes) if "token" in text] == ["2 tokens", "3 tokens"]
    assert not any(
        "vocabulary" in text for text in texts_of(tokens_figure({"a": {"b": ["a"]}}).axes[0])
    )


def test_a_long_row_of_tokens_is_cut_and_counted():
    figure = tokens_figure({"$x_1$": {"characters": ["a"] * 500}})
    assert figure.get_figwidth() < 14
    assert texts_of(figure.axes[0])[-2:] == ["…", "500 tokens"]


def test_bars_stand_side_by_side_in_one_scale_or_on_each_other():
    figure = bar_figure(
        {"one": [1, 2], "stacked": {"low": [3, 1], "high": [1, 1]}}, names="ab", y="y"
    )
    left, right = figure.axes
    assert left.get_ylim() == right.get_ylim()
    assert [patch.get_y() for patch in right.patches] == [0, 0, 3, 1]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["low", "high"]
    assert [text.get_text() for text in left.get_xticklabels()] == ["a", "b"]
    assert bar_figure({"one": [1, 2]}).legends == []


@pytest.mark.parametrize("spread", [1.0, 0.05])
def test_the_words_of_a_map_are_beside_their_points_and_hide_no_other(spread):
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.standard_normal((2, 20)), 3, axis=0)
    vectors = WordVectors(WORDS, centres + spread * rng.standard_normal((6, 20)))
    figure = word_map_figure(vectors, GROUPS, "By company")
    (axes,) = figure.axes
    assert texts_of(axes) == WORDS
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    colours = [collection.get_facecolor() for collection in axes.collections]
    assert not np.allclose(*colours)
    assert axes.get_xlabel().startswith("first principal component: ")


def test_a_word_without_a_vector_is_named():
    with pytest.raises(tft.UserError, match="'cat' has no vector"):
        word_map_figure(WordVectors(["tea"], np.eye(1)), GROUPS)
