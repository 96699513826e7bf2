"""Search for a translation or a completion, token by token, over a key/value cache, inside the
graph."""

from tf_transformer.decoding.beam import beam_search, length_penalty
from tf_transformer.decoding.completer import Completer
from tf_transformer.decoding.greedy import greedy_search
from tf_transformer.decoding.loop import Hypotheses
from tf_transformer.decoding.sampling import sample
from tf_transformer.decoding.text_classifier import TextClassifier
from tf_transformer.decoding.translate_all import translate_all
from tf_transformer.decoding.translator import Translator

__all__ = [
    "Completer",
    "Hypotheses",
    "TextClassifier",
    "Translator",
    "beam_search",
    "greedy_search",
    "length_penalty",
    "sample",
    "translate_all",
]
