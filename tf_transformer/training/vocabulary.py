"""The vocabulary of a translator, learned from its corpus."""

from __future__ import annotations

from tf_transformer.config import TranslatorTraining
from tf_transformer.data import Corpus
from tf_transformer.data.copied_words import number_of_copies
from tf_transformer.errors import counted, require
from tf_transformer.text import train_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS
from tf_transformer.text.tokenizer import Tokenizer
from tf_transformer.training.corpus_batches import vocabulary_pairs


def learn_vocabulary(corpus: Corpus, config: TranslatorTraining) -> tuple[Tokenizer, Tokenizer]:
    """Learn the tokenizers of both sides of a corpus, and print a line about it.

    Args:
        corpus: a corpus or a `Mixture`.
        config: configuration of the training.
    """
    pairs = vocabulary_pairs(corpus)
    count = counted(len(pairs), "sentence pair")
    print(f"Learning a vocabulary from {count} of {corpus.name} …")
    return train_tokenizers(
        pairs.sources,
        pairs.targets,
        config.tokenizer,
        config.vocab_size,
        config.joint_vocabulary,
        corpus.text_form,
        symbols=_symbols(config, corpus),
    )


def _symbols(config: TranslatorTraining, corpus: Corpus) -> str:
    """Return the placeholders and tags that the vocabulary of this training needs, in order.

    Raises:
        UserError: if tags are needed, but the vocabulary cannot have them.
    """
    tags = "".join(sorted({part.tag for part in corpus.parts}))
    is_sentencepiece = config.tokenizer == "sentencepiece"
    require(
        is_sentencepiece or not tags,
        f"dataset={corpus.name}: these corpora differ in form and need tags, which need "
        "tokenizer=sentencepiece.",
    )
    sizes = (part.shown.splits["train"] for part in corpus.parts)
    copies = sum(number_of_copies(size, config.unseen_share) for size in sizes)
    return (PLACEHOLDERS if is_sentencepiece and copies else "") + tags
