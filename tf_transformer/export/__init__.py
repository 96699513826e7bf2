"""Models for serving."""

from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.saved_model import export_saved_model, load_saved_model

__all__ = ["ModelCard", "export_saved_model", "load_saved_model"]
