"""Alignments of several models are drawn word by word."""

import numpy as np

from tf_transformer.plots import alignment_figure


def words_on(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_pieces_of_a_word_are_one_row_and_one_column():
    weights = np.array([[0.1, 0.2, 0.3, 0.4], [0.3, 0.0, 0.0, 0.7], [0.0, 0.5, 0.5, 0.0]])
    tokens = ["▁", "casa", "▁azul", "."], ["▁hou", "se", "[END]"]
    figure = alignment_figure({"RNN": weights, "Transformer": weights[:, ::-1]}, *tokens, "Who")
    axes, other, _ = figure.axes
    assert figure.get_suptitle() == "Who"
    assert (axes.get_title(loc="left"), other.get_title(loc="left")) == ("RNN", "Transformer")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("reads", "writes")
    assert words_on(axes.xaxis) == ["casa", "azul", "."]
    assert words_on(axes.yaxis) == ["house", "[END]"]
    expected = [[0.3, 0.15, 0.55], [0.5, 0.5, 0.0]]
    np.testing.assert_allclose(axes.images[0].get_array(), expected)


def test_pieces_of_wordpiece_are_joined_too():
    figure = alignment_figure({"RNN": np.eye(2)}, ["hou", "##se"], ["ca", "##sa"])
    assert words_on(figure.axes[0].xaxis) == ["house"]
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[1.0]])
