"""Text, parallel or plain, from a corpus to batches of token ids."""

from tf_transformer.data.block_batches import BlockBatches, tokenize_documents
from tf_transformer.data.bucketed_batches import BucketedBatches
from tf_transformer.data.corpus import Corpus, Pairs
from tf_transformer.data.labelled_batches import LabelledBatches
from tf_transformer.data.labelled_texts import LabelledCorpus, LabelledTexts, load_labelled
from tf_transformer.data.load_corpus import load_corpus
from tf_transformer.data.load_sentences import load_sentences
from tf_transformer.data.skip_grams import SkipGrams
from tf_transformer.data.text_corpus import TextCorpus, load_text
from tf_transformer.data.tokenize_pairs import tokenize_pairs
from tf_transformer.data.tokenized_pairs import TokenizedPairs

__all__ = [
    "BlockBatches",
    "BucketedBatches",
    "Corpus",
    "LabelledBatches",
    "LabelledCorpus",
    "LabelledTexts",
    "Pairs",
    "SkipGrams",
    "TextCorpus",
    "TokenizedPairs",
    "load_corpus",
    "load_labelled",
    "load_sentences",
    "load_text",
    "tokenize_documents",
    "tokenize_pairs",
]
