"""From text to ids and back, inside the TensorFlow graph."""

from tf_transformer.text.characters import Characters
from tf_transformer.text.cleaning import clean_text
from tf_transformer.text.forms import TextForm, find_form
from tf_transformer.text.pair import load_tokenizers, save_tokenizers, train_tokenizers
from tf_transformer.text.sentencepiece import SentencePiece
from tf_transformer.text.sentences import join_sentences, split_sentences
from tf_transformer.text.tokenizer import END, PAD, START, UNKNOWN, Tokenizer
from tf_transformer.text.treebank import TedHrlr, Treebank
from tf_transformer.text.vocabulary import Vocabulary, words_of
from tf_transformer.text.wordpiece import WordPiece

__all__ = [
    "END",
    "PAD",
    "START",
    "UNKNOWN",
    "Characters",
    "SentencePiece",
    "TedHrlr",
    "TextForm",
    "Tokenizer",
    "Treebank",
    "Vocabulary",
    "WordPiece",
    "clean_text",
    "find_form",
    "join_sentences",
    "load_tokenizers",
    "save_tokenizers",
    "split_sentences",
    "train_tokenizers",
    "words_of",
]
