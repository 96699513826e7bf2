"""Text, from a corpus to batches of token ids.

load_corpus     sentence pairs in two languages  →  Corpus
load_text       documents in one language        →  TextCorpus
load_labelled   texts and their classes          →  LabelledCorpus
load_sentences  sentences in one language        →  two lists
"""

from tf_transformer.data.block_batches import BlockBatches
from tf_transformer.data.bucketed_batches import BucketedBatches
from tf_transformer.data.corpus import Corpus
from tf_transformer.data.labelled_batches import LabelledBatches
from tf_transformer.data.labelled_corpus import LabelledCorpus
from tf_transformer.data.labelled_texts import LabelledTexts
from tf_transformer.data.load_corpus import load_corpus
from tf_transformer.data.load_labelled import load_labelled
from tf_transformer.data.load_sentences import load_sentences
from tf_transformer.data.load_text import load_text
from tf_transformer.data.mixed_pairs import MixedPairs, tokenize_parts
from tf_transformer.data.mixture import Mixture
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.part import Part
from tf_transformer.data.prepared_corpus import PreparedCorpus
from tf_transformer.data.share import Share
from tf_transformer.data.skip_grams import SkipGrams
from tf_transformer.data.streamed_batches import StreamedBatches
from tf_transformer.data.text_corpus import TextCorpus
from tf_transformer.data.tokenize_documents import tokenize_documents
from tf_transformer.data.tokenize_pairs import tokenize_pairs
from tf_transformer.data.tokenized_pairs import TokenizedPairs

__all__ = [
    "BlockBatches",
    "BucketedBatches",
    "Corpus",
    "LabelledBatches",
    "LabelledCorpus",
    "LabelledTexts",
    "MixedPairs",
    "Mixture",
    "Pairs",
    "Part",
    "PreparedCorpus",
    "Share",
    "SkipGrams",
    "StreamedBatches",
    "TextCorpus",
    "TokenizedPairs",
    "load_corpus",
    "load_labelled",
    "load_sentences",
    "load_text",
    "tokenize_documents",
    "tokenize_pairs",
    "tokenize_parts",
]
