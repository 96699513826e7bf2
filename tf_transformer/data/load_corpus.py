"""From the value of `--dataset` to a corpus."""

from __future__ import annotations

import dataclasses

from tf_transformer.data import text_files, tfds_corpus
from tf_transformer.data.corpus import Corpus
from tf_transformer.text import find_form


def load_corpus(dataset: str, data_dir: str | None = None, text_form: str = "") -> Corpus:
    """Finds a parallel corpus by name or by file.

    Args:
        dataset: One of
            `phrasebook`, the corpus built into this package;
            a translation set of TensorFlow Datasets, such as `ted_hrlr_translate/pt_to_en`;
            a file of two columns, source TAB target: `pairs.tsv` or `pairs.tsv.gz`;
            two aligned files, a sentence a line, source first: `train.pt,train.en` (or `.gz`).
        data_dir: Folder of prepared TensorFlow Datasets; what is not there yet is prepared, and
            if need be downloaded, into it. Defaults to TensorFlow Datasets' own folder.
        text_form: Name of the form that the text is written in: see `Corpus`. Defaults to that of
            the data set, which for the user's own files is `plain`.

    Returns:
        The corpus. The user's own files come with the splits that `text_files.hold_out` makes.

    Raises:
        UserError: There is no such data set, file or text form, or it cannot be read or
            downloaded.
    """
    if text_form:
        find_form(text_form)  # mistakes show before the work begins
    if "," in dataset:
        corpus = text_files.aligned_corpus(dataset)
    elif dataset.endswith((".tsv", ".tsv.gz")):
        corpus = text_files.tsv_corpus(dataset)
    else:
        corpus = tfds_corpus.tfds_corpus(dataset, data_dir)
    return dataclasses.replace(corpus, text_form=text_form or corpus.text_form)
