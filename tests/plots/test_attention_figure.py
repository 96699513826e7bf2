import io
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from matplotlib import font_manager

from tf_transformer.errors import UserError
from tf_transformer.plots import attention_figure, save_attention_figure
from tf_transformer.plots.drawing import MOST_PIXELS, save_png

SOURCE = ["▁Onde", "▁está", "▁o", "▁avô", "?"]
TARGET = ["▁Where", "▁is", "▁grandfather", "?"]

pytestmark = [
    pytest.mark.filterwarnings("error"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def weights(layers=2, heads=3, target=4, source=5):
    rng = np.random.default_rng(0)
    return rng.dirichlet(np.ones(source), (layers, heads, target))


def maps(figure):
    """Return the axes that hold heat maps: all but the colour bar's."""
    return [axis for axis in figure.axes if axis.images]


def labels(ticks):
    return [tick.get_text() for tick in ticks]


def draw(figure):
    figure.savefig(io.BytesIO(), format="png")


def test_each_layer_shows_its_heads_and_their_mean():
    attention = weights()
    axes = maps(attention_figure(attention, SOURCE, TARGET))
    expected = [m for layer in attention for m in (*layer, layer.mean(axis=0))]
    for axis, weight in zip(axes, expected, strict=True):
        np.testing.assert_allclose(axis.images[0].get_array(), weight, atol=1e-6)
    assert [axis.get_title() for axis in axes[:4]] == ["head 1", "head 2", "head 3", "mean"]
    assert [axis.get_ylabel() for axis in axes[::4]] == ["layer 1", "layer 2"]


def test_a_single_head_is_drawn_once():
    attention = weights(1, 1)
    figure = attention_figure(attention, SOURCE, TARGET, title="Where it looks")
    assert figure.get_suptitle() == "Where it looks"
    (axis,) = maps(figure)
    np.testing.assert_allclose(axis.images[0].get_array(), attention[0, 0], atol=1e-6)
    assert (axis.get_title(), axis.get_ylabel()) == ("", "")


def test_all_maps_share_one_scale_and_a_colour_bar():
    figure = attention_figure(weights() / 9, SOURCE, TARGET)
    assert {axis.images[0].get_clim() for axis in maps(figure)} == {(0, 1)}
    (bar,) = set(figure.axes) - set(maps(figure))
    assert bar.get_ylabel() == "attention weight"


def test_tokens_stand_at_the_outer_edges_alone():
    axes = np.reshape(maps(attention_figure(weights(), SOURCE, TARGET)), (2, 4))
    for row in range(2):
        for column in range(4):
            x, y = axes[row, column].get_xticklabels(), axes[row, column].get_yticklabels()
            assert labels(x) == (SOURCE if row == 1 else [])
            assert labels(y) == (TARGET if column == 0 else [])


def test_labels_of_thirty_tokens_do_not_overlap():
    tokens = ["▁antigamente"] * 30
    figure = attention_figure(weights(1, 2, 30, 30), tokens, tokens)
    draw(figure)
    axis = maps(figure)[0]
    for ticks in (axis.get_xticklabels(), axis.get_yticklabels()):
        first, second = (tick.get_window_extent() for tick in ticks[:2])
        assert not first.overlaps(second)
        assert ticks[0].get_fontsize() > 5


def test_strange_tokens_are_drawn_without_a_word(caplog):
    tokens = ["$x$", "$", "▁", "", "猫", "😀", "\x00", "\n", "é", "ܐ", "\U000f0000", "a" * 500]
    figure = attention_figure(weights(1, 1, 4, len(tokens)), tokens, TARGET)
    draw(figure)
    shown = labels(maps(figure)[0].get_xticklabels())
    assert shown[:3] == ["$x$", "$", "▁"]
    assert shown[6:9] == ["□", "□", "é"]
    assert shown[10:] == ["□", "a" * 23 + "…"]
    assert not caplog.records


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (6, 1, 2, 3), (1, 1, 150, 2)])
def test_any_shape_is_drawn(shape):
    tokens = ["▁word"] * 200
    draw(attention_figure(weights(*shape), tokens[: shape[3]], tokens[: shape[2]]))


def test_axes_say_what_they_are():
    figure = attention_figure(weights(), SOURCE, TARGET)
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("source token", "target token")
    figure = attention_figure(weights(1, 1), SOURCE, TARGET, "seen", "seeing")
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("seen", "seeing")


@pytest.mark.parametrize("shape", [(24, 1, 60, 9), (1, 16, 9, 90), (1, 1, 900, 900)])
def test_no_picture_is_too_large_to_look_at_and_its_labels_stay_legible(shape, tmp_path):
    _, _, rows, columns = shape
    tokens = [f"▁word{i}" for i in range(max(shape))]
    figure = attention_figure(np.zeros(shape), tokens[:columns], tokens[:rows])
    save_png(figure, tmp_path / "large.png")
    height, width = tf.io.decode_png((tmp_path / "large.png").read_bytes()).shape[:2]
    assert height <= MOST_PIXELS
    assert width <= 1.6 * MOST_PIXELS
    axis = maps(figure)[0]
    for ticks in (axis.get_yticklabels(), maps(figure)[-1].get_xticklabels()):
        assert all(tick.get_fontsize() >= 5 for tick in ticks)
        extents = [tick.get_window_extent() for tick in ticks]
        assert not any(first.overlaps(second) for first, second in itertools.pairwise(extents))


def test_tokens_that_occur_again_or_are_cut_have_labels_of_their_own():
    tokens = ["▁the", "▁cat", "▁the", "a" * 30 + "b", "a" * 30 + "c", "▁the"]
    (axis,) = maps(attention_figure(weights(1, 1, 6, 6), tokens, tokens))
    cut = "a" * 23 + "…"
    assert labels(axis.get_xticklabels()) == ["▁the", "▁cat", "▁the₂", cut, cut + "₂", "▁the₃"]


def test_letters_that_no_font_has_are_told_apart(monkeypatch):
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    tokens = ["猫", "学校", "नी", "猫", "é"]
    (axis,) = maps(attention_figure(weights(1, 1), tokens, TARGET))
    expected = ["‹732b›", "‹5b66›‹6821›", "‹928›‹940›", "‹732b›₂", "é"]
    assert labels(axis.get_xticklabels()) == expected


@pytest.mark.parametrize(
    "shape", [(3, 4, 5), (2, 3, 5, 4), (2, 3, 4, 6), (1, 2, 3, 4, 5), (0, 3, 4, 5)]
)
def test_weights_that_do_not_fit_are_refused(shape):
    with pytest.raises(UserError, match=r"cannot be drawn as \(layers, heads, 4 target, 5 source"):
        attention_figure(np.zeros(shape), SOURCE, TARGET)


def test_the_picture_is_a_png_file(tmp_path):
    path = tmp_path / "new" / "attention.png"
    save_attention_figure(path, weights(), SOURCE, TARGET)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_picture(tmp_path, monkeypatch):
    def fill_the_disk(figure, path, **options):
        Path(path).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fill_the_disk)
    path = tmp_path / "attention.png"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="No space"):
        save_attention_figure(path, weights(), SOURCE, TARGET)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_only_pictures_load_matplotlib():
    program = "import sys, tf_transformer.evaluation; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stderr
