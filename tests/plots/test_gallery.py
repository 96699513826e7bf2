"""Pictures of recipes: matrices in one scale, curves that are told apart, shown where one looks."""

import sys
import types

import numpy as np

from tf_transformer.plots import (
    Gallery,
    clocks_figure,
    line_figure,
    matrix_figure,
    panels_figure,
)


def test_a_script_is_told_where_its_picture_is(tmp_path, capsys):
    Gallery(tmp_path / "new" / "folder").lines("loss", {"loss": [3, 2, 1]})
    path = tmp_path / "new" / "folder" / "loss.png"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == f"wrote {path}\n"


def test_a_notebook_shows_its_picture_beneath_the_cell(tmp_path, capsys, monkeypatch):
    shown = []
    display = types.SimpleNamespace(Image=lambda filename: filename, display=shown.append)
    ipython = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    Gallery(tmp_path).matrices("mask", {"causal": np.tri(3, dtype=bool)})
    assert shown == [str(tmp_path / "mask.png")]
    assert capsys.readouterr().out == ""


def test_matrices_side_by_side_have_one_scale():
    figure = matrix_figure({"small": np.full((2, 3), 0.5), "large": np.full((2, 3), 4.0)})
    assert {axes.images[0].get_clim() for axes in figure.axes[:2]} == {(0.0, 4.0)}
    figure = matrix_figure({"a": np.array([[-2.0, 1.0]])})
    assert figure.axes[0].images[0].get_clim() == (-2.0, 2.0)  # zero is in the middle


def test_numbers_along_a_matrix_are_round_and_few():
    axes = matrix_figure({"a": np.zeros((50, 7))}, x="feature", y="position").axes[0]
    assert [*axes.get_yticks()] == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]
    assert [*axes.get_xticks()] == [0, 1, 2, 3, 4, 5, 6]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("feature", "position")


def test_curves_begin_where_it_is_said_and_the_first_shows_beneath_others():
    figure = line_figure({"right": [1, 2], "same": [1, 2]}, "Title", "epoch", "loss", first=5)
    first, second = figure.axes[0].lines
    assert [*first.get_xdata()] == [5, 6]
    assert first.get_linewidth() > second.get_linewidth()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["right", "same"]


def test_places_have_their_names():
    axes = line_figure({"found": [0.2, 0.9, 0.4]}, at=[-1, 1, 2]).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["-1", "1", "2"]
    assert [*axes.get_xticks()] == [1, 2, 3] == [*axes.lines[0].get_xdata()]


def test_many_matrices_stand_in_several_lines():
    panels = {f"head {i}": np.full((2, 2), 0.1 * i) for i in range(9)}
    figure = matrix_figure(panels, rows="ab", columns="cd", x="at whom", y="who looks")
    assert [axes.get_title(loc="left") for axes in figure.axes[:9]] == [*panels]
    places = [axes.get_subplotspec().rowspan.start for axes in figure.axes[:9]]
    assert places == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert len(matrix_figure({str(i): np.eye(2) for i in range(5)}).axes) == 5 + 1


def test_quantities_side_by_side_share_a_legend():
    panels = {
        "loss": {"RNN": [3, 2], "Transformer": [4, 1]},
        "BLEU": {"RNN": [1, 9], "Transformer": [0, 20]},
    }
    figure = panels_figure(panels, "The same batches", "epoch", log=["loss"])
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "BLEU"]
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["RNN", "Transformer"]
    assert figure.get_suptitle() == "The same batches"


def test_a_clock_has_a_hand_for_each_position_where_the_rate_puts_it():
    figure = clocks_figure([0.8, np.pi / 2], count=4)
    slow, fast = figure.axes
    assert slow.get_xlabel() == "0.8 rad a position"
    ends = {text.get_text(): text.get_position() for text in fast.texts}
    np.testing.assert_allclose(
        [ends[name] for name in "0123"], [[1, 0], [0, 1], [-1, 0], [0, -1]], atol=1e-9
    )
