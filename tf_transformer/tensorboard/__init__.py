"""What TensorBoard shows of a run."""

from tf_transformer.tensorboard.attention_pictures import (
    AttentionPictures,
    pictures_of_pairs,
    pictures_of_texts,
)
from tf_transformer.tensorboard.classified_samples import ClassifiedSamples
from tf_transformer.tensorboard.completion_samples import CompletionSamples
from tf_transformer.tensorboard.embedding_projector import write_projector
from tf_transformer.tensorboard.embeddings import write_embeddings
from tf_transformer.tensorboard.pictures import write_pictures

__all__ = [
    "AttentionPictures",
    "ClassifiedSamples",
    "CompletionSamples",
    "pictures_of_pairs",
    "pictures_of_texts",
    "write_embeddings",
    "write_pictures",
    "write_projector",
]
