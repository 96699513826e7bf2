"""From the value of `--dataset` to a corpus."""

from __future__ import annotations

from tf_transformer.data import text_files, tfds_corpus
from tf_transformer.data.corpus import Corpus


def load_corpus(dataset: str, data_dir: str | None = None) -> Corpus:
    """Finds a parallel corpus by name or by file.

    Args:
        dataset: One of
            `phrasebook`, the corpus built into this package;
            a translation set of TensorFlow Datasets, such as `ted_hrlr_translate/pt_to_en`;
            a file of two columns, source TAB target: `pairs.tsv` or `pairs.tsv.gz`;
            two aligned files, a sentence a line, source first: `train.pt,train.en` (or `.gz`).
        data_dir: Folder of prepared TensorFlow Datasets; what is not there yet is prepared, and
            if need be downloaded, into it. Defaults to TensorFlow Datasets' own folder.

    Returns:
        The corpus. The user's own files come with the splits that `text_files.hold_out` makes.

    Raises:
        UserError: There is no such data set or file, or it cannot be read or downloaded.
    """
    if "," in dataset:
        return text_files.aligned_corpus(dataset)
    if dataset.endswith((".tsv", ".tsv.gz")):
        return text_files.tsv_corpus(dataset)
    return tfds_corpus.tfds_corpus(dataset, data_dir)
