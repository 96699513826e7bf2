"""Figures and pages: where a model looks, how it learns, how reliable it is."""

from tf_transformer.plots.alignment_figure import alignment_figure
from tf_transformer.plots.attention_figure import attention_figure, save_attention_figure
from tf_transformer.plots.attention_page import save_attention_page
from tf_transformer.plots.attribution_figure import attribution_figure, save_attribution_figure
from tf_transformer.plots.attribution_page import save_attribution_page
from tf_transformer.plots.bar_figure import bar_figure
from tf_transformer.plots.clocks_figure import clocks_figure
from tf_transformer.plots.gallery import Gallery
from tf_transformer.plots.learning_curve import learning_curve_figure, save_learning_curve
from tf_transformer.plots.line_figure import line_figure
from tf_transformer.plots.matrix_figure import matrix_figure
from tf_transformer.plots.panels_figure import panels_figure
from tf_transformer.plots.reliability_figure import reliability_figure, save_reliability_figure
from tf_transformer.plots.tokens_figure import tokens_figure
from tf_transformer.plots.word_map_figure import word_map_figure

__all__ = [
    "Gallery",
    "alignment_figure",
    "attention_figure",
    "attribution_figure",
    "bar_figure",
    "clocks_figure",
    "learning_curve_figure",
    "line_figure",
    "matrix_figure",
    "panels_figure",
    "reliability_figure",
    "save_attention_figure",
    "save_attention_page",
    "save_attribution_figure",
    "save_attribution_page",
    "save_learning_curve",
    "save_reliability_figure",
    "tokens_figure",
    "word_map_figure",
]
