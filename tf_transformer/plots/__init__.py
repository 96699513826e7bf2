"""Figures and pages of where a model looks, and of how far it can be relied on."""

from tf_transformer.plots.attention_figure import attention_figure, save_attention_figure
from tf_transformer.plots.attention_page import save_attention_page
from tf_transformer.plots.attribution_figure import save_attribution_figure
from tf_transformer.plots.attribution_page import save_attribution_page
from tf_transformer.plots.learning_curve import save_learning_curve
from tf_transformer.plots.reliability_figure import save_reliability_figure

__all__ = [
    "attention_figure",
    "save_attention_figure",
    "save_attention_page",
    "save_attribution_figure",
    "save_attribution_page",
    "save_learning_curve",
    "save_reliability_figure",
]
