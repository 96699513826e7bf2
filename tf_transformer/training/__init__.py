"""Training: how a model learns, and what a run keeps."""

from tf_transformer.training.checkpoints import Checkpoints, load_model
from tf_transformer.training.compile_model import compile_model
from tf_transformer.training.divergence import DivergedError
from tf_transformer.training.estimate import training_plan
from tf_transformer.training.fit import fit
from tf_transformer.training.free_directory import free_directory
from tf_transformer.training.newest_run import finished_runs, newest_run
from tf_transformer.training.pack_run import check_sums, pack_run
from tf_transformer.training.plan import USUAL, Usual, fit_plan, fit_text_plan, fit_vocabulary
from tf_transformer.training.run import Run
from tf_transformer.training.run_card import card_of
from tf_transformer.training.score_run import score_run
from tf_transformer.training.together import LostProcessError, together
from tf_transformer.training.train_classifier import train_classifier
from tf_transformer.training.train_translator import train_translator

__all__ = [
    "USUAL",
    "Checkpoints",
    "DivergedError",
    "LostProcessError",
    "Run",
    "Usual",
    "card_of",
    "check_sums",
    "compile_model",
    "finished_runs",
    "fit",
    "fit_plan",
    "fit_text_plan",
    "fit_vocabulary",
    "free_directory",
    "load_model",
    "newest_run",
    "pack_run",
    "score_run",
    "together",
    "train_classifier",
    "train_translator",
    "training_plan",
]
