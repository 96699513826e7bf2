"""Training: what is minimised, how fast, what is watched and what is kept."""

from tf_transformer.training.checkpoints import Checkpoints, load_model
from tf_transformer.training.embedding_projector import write_projector
from tf_transformer.training.estimate import training_plan
from tf_transformer.training.loss import SmoothedCrossEntropy
from tf_transformer.training.metrics import Perplexity, TokenAccuracy, TokenLoss
from tf_transformer.training.run import Run
from tf_transformer.training.schedules import Cosine, Noam
from tf_transformer.training.train import train

__all__ = [
    "Checkpoints",
    "Cosine",
    "Noam",
    "Perplexity",
    "Run",
    "SmoothedCrossEntropy",
    "TokenAccuracy",
    "TokenLoss",
    "load_model",
    "train",
    "training_plan",
    "write_projector",
]
