"""Training: what is minimised, how fast, what is watched and what is kept."""

from tf_transformer.training.attention_pictures import (
    AttentionPictures,
    pictures_of_pairs,
    pictures_of_texts,
)
from tf_transformer.training.checkpoints import Checkpoints, load_model
from tf_transformer.training.classified_samples import ClassifiedSamples
from tf_transformer.training.completion_samples import CompletionSamples
from tf_transformer.training.embedding_projector import write_projector
from tf_transformer.training.embeddings import write_embeddings
from tf_transformer.training.estimate import training_plan
from tf_transformer.training.loss import SmoothedCrossEntropy
from tf_transformer.training.metrics import Perplexity, TokenAccuracy, TokenLoss
from tf_transformer.training.pictures import write_pictures
from tf_transformer.training.run import Run
from tf_transformer.training.schedules import Cosine, Noam
from tf_transformer.training.train import fit, train
from tf_transformer.training.train_classifier import train_classifier

__all__ = [
    "AttentionPictures",
    "Checkpoints",
    "ClassifiedSamples",
    "CompletionSamples",
    "Cosine",
    "Noam",
    "Perplexity",
    "Run",
    "SmoothedCrossEntropy",
    "TokenAccuracy",
    "TokenLoss",
    "fit",
    "load_model",
    "pictures_of_pairs",
    "pictures_of_texts",
    "train",
    "train_classifier",
    "training_plan",
    "write_embeddings",
    "write_pictures",
    "write_projector",
]
