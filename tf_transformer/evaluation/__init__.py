"""Scores and figures."""

from tf_transformer.evaluation.attention_figure import attention_figure, save_attention_figure
from tf_transformer.evaluation.attention_page import save_attention_page
from tf_transformer.evaluation.attribution import Attribution, attribute
from tf_transformer.evaluation.attribution_figure import (
    save_attribution_figure,
    save_attribution_page,
)
from tf_transformer.evaluation.bleu import Scores, score
from tf_transformer.evaluation.evaluate import evaluate
from tf_transformer.evaluation.roll_out import roll_out
from tf_transformer.evaluation.word_vectors import WordVectors, overlap, rank_correlation

__all__ = [
    "Attribution",
    "Scores",
    "WordVectors",
    "attention_figure",
    "attribute",
    "evaluate",
    "overlap",
    "rank_correlation",
    "roll_out",
    "save_attention_figure",
    "save_attention_page",
    "save_attribution_figure",
    "save_attribution_page",
    "score",
]
