"""What TensorBoard shows about a run."""

from tf_transformer.tensorboard.attention_images import AttentionImages
from tf_transformer.tensorboard.embeddings import write_embeddings
from tf_transformer.tensorboard.images import write_images
from tf_transformer.tensorboard.log import TensorBoardLog
from tf_transformer.tensorboard.projector import write_projector
from tf_transformer.tensorboard.samples import Samples

__all__ = [
    "AttentionImages",
    "Samples",
    "TensorBoardLog",
    "write_embeddings",
    "write_images",
    "write_projector",
]
