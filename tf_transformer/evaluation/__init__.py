"""Scores and figures."""

from tf_transformer.evaluation.attention_figure import attention_figure, save_attention_figure
from tf_transformer.evaluation.attention_page import save_attention_page
from tf_transformer.evaluation.bleu import Scores, score

__all__ = ["Scores", "attention_figure", "save_attention_figure", "save_attention_page", "score"]
