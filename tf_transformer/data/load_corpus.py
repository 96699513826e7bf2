"""From the name of a data set or a file to sentence pairs."""

from __future__ import annotations

import dataclasses
import os

from tf_transformer.config import dataset_parts
from tf_transformer.data import text_files, tfds_corpus
from tf_transformer.data.corpus import Corpus
from tf_transformer.data.everyday import EVERYDAY, everyday_corpus
from tf_transformer.data.mixture import mix
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.prepared_corpus import is_prepared, open_prepared, require_settled
from tf_transformer.errors import require
from tf_transformer.text.forms import PLAIN, find_form

MOST_BYTES = 2_000_000_000  # of text, which takes several times as much memory
_GZIP_RATIO = 3  # of the sizes of a text and of its gzipped file


def load_corpus(
    dataset: str,
    data_dir: str | None = None,
    text_form: str = "",
    bleu_tokenize: str = "",
    directions: str = "one",
    max_pairs: int = 0,
) -> Corpus:
    r"""Load sentence pairs in two languages, to train a translator on.

    Args:
        dataset: one of
            `phrasebook`, the grammar built into this package;
            `everyday`, the everyday sentences built into this package;
            a translation set of TensorFlow Datasets, such as `ted_hrlr_translate/pt_to_en`;
            a file of two columns, source TAB target: `pairs.tsv` or `pairs.tsv.gz`;
            two aligned files, one sentence per line, source first: `train.pt,train.en` (or `.gz`);
            the directory of a corpus that `prepare` has prepared;
            several of these, with weights that say how often an epoch shows their pairs:
            `ted_hrlr_translate/pt_to_en + own.tsv*3 + phrasebook*0.5`.
        data_dir: folder of prepared TensorFlow Datasets. A set that is missing there is downloaded
            and prepared. Defaults to TensorFlow Datasets' own folder.
        text_form: name of the form that the text is written in: see `Corpus`. Defaults to that of
            the data set; the user's own files are `plain`.
        bleu_tokenize: how BLEU splits words: one of sacreBLEU's tokenizers, such as `"zh"` or
            `"char"`. Defaults to the one that the target's language or script needs.
        directions: `"one"`, or `"both"` to add the pairs in the other direction. Defaults to
            `"one"`.
        max_pairs: number of first `train` pairs to keep of each corpus; 0 means all. Defaults to 0.

    Returns:
        The corpus. The user's own files get the splits of `text_files.hold_out`. Several corpora,
        or one in both directions, form a `Mixture`.

    Raises:
        UserError: if the data set, file or text form is unknown, or if the data cannot be read or
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
        find_form(text_form)  # report a mistake before the work starts
    parts = dataset_parts(dataset)
    require(
        len(parts) == 1 or text_form in ("", PLAIN),
        f"text_form={text_form}: each of several corpora has its own form; leave text_form out",
    )
    if any(is_prepared(part.name) for part in parts):
        return _prepared(dataset, text_form, bleu_tokenize, directions)
    known = "" if len(parts) > 1 else text_form
    corpora = [_cut(_load(part.name, data_dir, known, bleu_tokenize), max_pairs) for part in parts]
    weights = [part.weight for part in parts]
    if directions == "one" and weights == [1]:
        return corpora[0]
    return mix(dataset, corpora, weights, directions)


def _prepared(dataset: str, text_form: str, bleu_tokenize: str, directions: str) -> Corpus:
    """Open a prepared corpus."""
    require(
        is_prepared(dataset),
        f"dataset={dataset}: a prepared corpus cannot be mixed with others; prepare them together",
    )
    corpus = open_prepared(dataset)
    asked = {"text_form": text_form, "directions": directions}
    usual = ("", "one")  # not asked for
    asked = {field: value for field, value in asked.items() if value not in usual}
    require_settled(dataset, corpus.index.fields, asked)
    return dataclasses.replace(corpus, tokenize=bleu_tokenize or corpus.tokenize)


def _load(name: str, data_dir: str | None, text_form: str, bleu_tokenize: str) -> Corpus:
    """Load one corpus: see `load_corpus`."""
    if name == EVERYDAY:
        corpus = everyday_corpus()
    elif "," in name:
        _require_small(name)
        corpus = text_files.aligned_corpus(name)
    elif name.lower().endswith((".tsv", ".tsv.gz")):
        _require_small(name)
        corpus = text_files.tsv_corpus(name)
    else:
        corpus = tfds_corpus.tfds_corpus(name, data_dir)
    return dataclasses.replace(
        corpus,
        text_form=text_form or corpus.text_form,
        tokenize=bleu_tokenize or corpus.tokenize,
    )


def _require_small(name: str) -> None:
    """Check that files of the user's own fit in memory.

    Raises:
        UserError: if they do not; it says what to do.
    """
    sizes = [
        os.path.getsize(path) * (_GZIP_RATIO if path.lower().endswith(".gz") else 1)
        for path in map(str.strip, name.split(","))
        if os.path.isfile(path)
    ]
    require(
        sum(sizes) <= MOST_BYTES,
        f"{name}: about {sum(sizes) / 1e9:.1f} GB of text are too much for memory. Prepare it with "
        f"tft prepare --dataset={name} --output_dir=prepared/mine, and train with "
        "dataset=prepared/mine",
    )


def _cut(corpus: Corpus, most: int) -> Corpus:
    """Return a corpus with at most this many training pairs; 0 means all."""
    if not 0 < most < corpus.splits.get("train", 0):
        return corpus

    def read(split: str) -> Pairs:
        pairs = corpus.pairs(split)
        return pairs[:most] if split == "train" else pairs

    return dataclasses.replace(corpus, splits={**corpus.splits, "train": most}, read=read)
