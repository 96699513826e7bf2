"""Words are shown in the colour of what they add, in a figure and on a page."""

import numpy as np
import pytest
from matplotlib.image import imread

from tf_transformer.evaluation import Attribution
from tf_transformer.plots import (
    attribution_figure,
    save_attribution_figure,
    save_attribution_page,
)
from tf_transformer.plots.drawing import MOST_PIXELS

FOUND = [
    Attribution(["<b>", " not", " $x_1$"], np.array([0.5, -2.0, 0.0]), np.full(3, 0.3), 1, 0.75),
    Attribution([], np.zeros(0), np.zeros(0), 0, 0.5),
    Attribution([" long"] * 60, np.linspace(-1, 1, 60), np.linspace(0, 0.1, 60), 0, 0.9),
]


def test_a_page_shows_words_with_their_shares_and_needs_nothing_else(tmp_path):
    save_attribution_page(tmp_path / "words.html", FOUND, ["bad", "good"], "A & B")
    page = (tmp_path / "words.html").read_text(encoding="utf-8")
    assert "<title>A &amp; B</title>" in page
    assert 'rgba(214, 96, 20, 0.75)" title="-2.00">not</span>' in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "good, 75.0%" in page
    assert 'title="30.0%">not</span>' in page
    assert "http" not in page
    assert "<script" not in page


def test_a_picture_is_written(tmp_path):
    save_attribution_figure(tmp_path / "words.png", FOUND, ["bad", "good"], "What words add")
    assert (tmp_path / "words.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.filterwarnings("error")  # such as that glyphs are missing
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_picture_of_many_long_texts_in_any_script_is_not_too_large(tmp_path):
    words = [" not"] * 400 + ["猫が好きです。" * 40, " مرحبا", "\x00"]
    text = Attribution(words, np.linspace(-1, 1, 403), np.full(403, 0.1), 1, 0.5)
    save_attribution_figure(
        tmp_path / "words.png", [*FOUND, *[text] * 9], ["bad", "good"], "猫 $x$"
    )
    height, width = imread(tmp_path / "words.png").shape[:2]
    assert height <= MOST_PIXELS
    assert width <= MOST_PIXELS


def test_texts_that_do_not_fit_are_counted_and_colours_explained():
    figure = attribution_figure(FOUND * 9, ["bad", "good"], "title")
    seen = [text.get_text() for text in figure.axes[0].texts]
    assert seen[:4] == ["title", "for the answer", "against it", "attention leads there"]
    shown = sum(text.startswith("attention") for text in seen) - 1
    assert seen[-1] == f"… and {27 - shown} more texts"
