"""Models for serving."""

from tf_transformer.export.classifier import export_classifier, load_classifier
from tf_transformer.export.ctranslate2 import export_ctranslate2
from tf_transformer.export.language_model import export_language_model, load_language_model
from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.saved_model import export_saved_model, load_saved_model
from tf_transformer.export.text_model_card import TextModelCard

__all__ = [
    "ModelCard",
    "TextModelCard",
    "export_classifier",
    "export_ctranslate2",
    "export_language_model",
    "export_saved_model",
    "load_classifier",
    "load_language_model",
    "load_saved_model",
]
