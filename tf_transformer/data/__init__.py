"""Parallel text, from a corpus to batches of token ids."""

from tf_transformer.data.batching import BucketedBatches
from tf_transformer.data.corpus import Corpus, Pairs
from tf_transformer.data.load_corpus import load_corpus
from tf_transformer.data.load_sentences import load_sentences
from tf_transformer.data.skip_grams import SkipGrams
from tf_transformer.data.tokenize_pairs import tokenize_pairs
from tf_transformer.data.tokenized_pairs import TokenizedPairs

__all__ = [
    "BucketedBatches",
    "Corpus",
    "Pairs",
    "SkipGrams",
    "TokenizedPairs",
    "load_corpus",
    "load_sentences",
    "tokenize_pairs",
]
