"""Tokenizers: text to ids and back, inside the TensorFlow graph."""

from tf_transformer.text.pair import load_tokenizers, save_tokenizers, train_tokenizers
from tf_transformer.text.sentencepiece import SentencePiece
from tf_transformer.text.tokenizer import END, PAD, START, UNKNOWN, Tokenizer
from tf_transformer.text.wordpiece import WordPiece

__all__ = [
    "END",
    "PAD",
    "START",
    "UNKNOWN",
    "SentencePiece",
    "Tokenizer",
    "WordPiece",
    "load_tokenizers",
    "save_tokenizers",
    "train_tokenizers",
]
