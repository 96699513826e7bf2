import numpy as np
import pytest
from matplotlib.image import imread

from tf_transformer.plots import drawing

pytestmark = [
    pytest.mark.filterwarnings("error"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def luminance(colour):
    """Relative luminance, as the Web Content Accessibility Guidelines define it."""
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(colour):
    return (luminance(drawing.PAPER) + 0.05) / (luminance(colour) + 0.05)


def test_text_and_colours_stand_out_from_the_paper():
    assert contrast(drawing.INK) > 10
    assert min(map(contrast, drawing.COLOURS)) > 3
    assert len(set(drawing.COLOURS)) == len(drawing.COLOURS)


def test_a_heat_map_writes_each_value_where_it_is_legible(tmp_path):
    figure = drawing.new_figure(3, 3)
    axes = figure.subplots()
    values = np.array([[0.0, 0.5], [0.75, 1.0]])
    drawing.heat_map(axes, values, ["a", "b"], ["longer", "d"], "title", ".2f", vmin=0, vmax=1)
    assert [text.get_text() for text in axes.texts] == ["0.00", "0.50", "0.75", "1.00"]
    assert [text.get_color() for text in axes.texts][::3] == [drawing.INK, drawing.PAPER]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    assert axes.get_xticklabels()[0].get_rotation() == 90
    drawing.save_png(figure, tmp_path / "new" / "figure.png")
    assert (tmp_path / "new" / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_axes_are_dressed():
    axes = drawing.new_figure(3, 3).subplots()
    assert drawing.dress(axes, "what", "x", "y") is axes
    assert axes.get_title(loc="left") == "what"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    assert not axes.spines["top"].get_visible()


def test_what_has_no_glyph_is_a_box():
    assert drawing.drawable("avó ▁😀 猫\x00") == "avó ▁😀 □□"


def test_many_lines_look_different():
    looks = drawing.line_looks(32)
    assert len({tuple(look.values()) for look in looks}) == 32
    assert len(drawing.line_looks(99)) == 99
    assert len({look["color"] for look in looks[:8]}) == 8


def test_no_picture_is_taller_than_can_be_seen_at_once(tmp_path):
    figure = drawing.new_figure(2, 40)
    drawing.dress(figure.subplots(), "what", "x", "y")
    drawing.save_png(figure, tmp_path / "tall.png")
    assert imread(tmp_path / "tall.png").shape[0] <= drawing.MOST_PIXELS
