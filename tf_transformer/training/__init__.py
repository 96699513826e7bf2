"""Training: how a model learns, and what is kept of it."""

from tf_transformer.training.checkpoints import Checkpoints, load_model
from tf_transformer.training.compile_model import compile_model
from tf_transformer.training.divergence import DivergedError
from tf_transformer.training.estimate import training_plan
from tf_transformer.training.fit import fit
from tf_transformer.training.plan import USUAL, Usual, fit_plan, fit_text_plan, fit_vocabulary
from tf_transformer.training.run import Run
from tf_transformer.training.train_classifier import train_classifier
from tf_transformer.training.train_translator import train_translator

__all__ = [
    "USUAL",
    "Checkpoints",
    "DivergedError",
    "Run",
    "Usual",
    "compile_model",
    "fit",
    "fit_plan",
    "fit_text_plan",
    "fit_vocabulary",
    "load_model",
    "train_classifier",
    "train_translator",
    "training_plan",
]
