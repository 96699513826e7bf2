"""Scores and figures."""

from tf_transformer.evaluation.attention_figure import attention_figure, save_attention_figure
from tf_transformer.evaluation.bleu import Scores, score
from tf_transformer.evaluation.word_vectors import WordVectors, overlap, rank_correlation

__all__ = [
    "Scores",
    "WordVectors",
    "attention_figure",
    "overlap",
    "rank_correlation",
    "save_attention_figure",
    "score",
]
