"""From the name of a data set or a file to sentence pairs."""

from __future__ import annotations

import dataclasses

from tf_transformer.data import text_files, tfds_corpus
from tf_transformer.data.corpus import Corpus
from tf_transformer.text import find_form


def load_corpus(
    dataset: str, data_dir: str | None = None, text_form: str = "", bleu_tokenize: str = ""
) -> Corpus:
    r"""Load sentence pairs in two languages, to train a translator on.

    Args:
        dataset: one of
            `phrasebook`, the corpus built into this package;
            a translation set of TensorFlow Datasets, such as `ted_hrlr_translate/pt_to_en`;
            a file of two columns, source TAB target: `pairs.tsv` or `pairs.tsv.gz`;
            two aligned files, one sentence a line, source first: `train.pt,train.en` (or `.gz`).
        data_dir: folder of prepared TensorFlow Datasets; a set that is not there yet is downloaded
            if necessary, and prepared. Defaults to TensorFlow Datasets' own folder.
        text_form: name of the form that the text is written in: see `Corpus`. Defaults to that of
            the data set; the user's own files are `plain`.
        bleu_tokenize: how BLEU splits words: one of sacreBLEU's ways, such as `"zh"` or `"char"`.
            Defaults to what the target's language or script needs.

    Returns:
        The corpus. The user's own files come with the splits that `text_files.hold_out` makes.

    Raises:
        UserError: if there is no such data set, file or text form, or it cannot be read or
            downloaded.

    Example:
        ```python
        import pathlib, tempfile

        import tf_transformer as tft

        file = pathlib.Path(tempfile.mkdtemp(), "pairs.tsv")
        file.write_text("um\tone\ndois\ttwo\ntrês\tthree\n")
        corpus = tft.load_corpus(str(file))
        corpus.pairs("all").targets  # ['one', 'two', 'three']
        ```
    """
    if text_form:
        find_form(text_form)  # mistakes show before the work begins
    if "," in dataset:
        corpus = text_files.aligned_corpus(dataset)
    elif dataset.lower().endswith((".tsv", ".tsv.gz")):
        corpus = text_files.tsv_corpus(dataset)
    else:
        corpus = tfds_corpus.tfds_corpus(dataset, data_dir)
    return dataclasses.replace(
        corpus,
        text_form=text_form or corpus.text_form,
        tokenize=bleu_tokenize or corpus.tokenize,
    )
