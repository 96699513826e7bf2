"""From text to text: tokenizers, a model and a search in one graph."""

from tf_transformer.tasks.completer import Completer
from tf_transformer.tasks.loaded import load_task
from tf_transformer.tasks.map_texts import map_texts
from tf_transformer.tasks.task import Task
from tf_transformer.tasks.text_classifier import TextClassifier
from tf_transformer.tasks.translator import Translator

__all__ = [
    "Completer",
    "Task",
    "TextClassifier",
    "Translator",
    "load_task",
    "map_texts",
]
