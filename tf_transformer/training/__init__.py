"""Training: what is minimised, how fast, and what is kept."""

from tf_transformer.training.checkpoints import Checkpoints, load_model
from tf_transformer.training.estimate import training_plan
from tf_transformer.training.loss import SmoothedCrossEntropy
from tf_transformer.training.metrics import Perplexity, TokenAccuracy, TokenLoss
from tf_transformer.training.run import Run
from tf_transformer.training.schedules import Cosine, Noam
from tf_transformer.training.train import fit, train
from tf_transformer.training.train_classifier import train_classifier

__all__ = [
    "Checkpoints",
    "Cosine",
    "Noam",
    "Perplexity",
    "Run",
    "SmoothedCrossEntropy",
    "TokenAccuracy",
    "TokenLoss",
    "fit",
    "load_model",
    "train",
    "train_classifier",
    "training_plan",
]
