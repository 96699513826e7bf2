"""Scores of translations, and explanations of what a model relies on."""

from tf_transformer.evaluation.attribution import Attribution, attribute
from tf_transformer.evaluation.baselines import (
    Baselines,
    judge_classes,
    judge_perplexity,
    judge_translations,
)
from tf_transformer.evaluation.bleu import Scores, score
from tf_transformer.evaluation.confidence import (
    area_under_roc,
    chrf_of_each,
    count_pieces,
    learn_confidence,
    longest_of,
    quality_and_evidence,
    reliability,
)
from tf_transformer.evaluation.evaluate import evaluate
from tf_transformer.evaluation.roll_out import roll_out
from tf_transformer.evaluation.word_vectors import WordVectors, overlap, rank_correlation

__all__ = [
    "Attribution",
    "Baselines",
    "Scores",
    "WordVectors",
    "area_under_roc",
    "attribute",
    "chrf_of_each",
    "count_pieces",
    "evaluate",
    "judge_classes",
    "judge_perplexity",
    "judge_translations",
    "learn_confidence",
    "longest_of",
    "overlap",
    "quality_and_evidence",
    "rank_correlation",
    "reliability",
    "roll_out",
    "score",
]
