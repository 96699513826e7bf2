"""Plain text: documents to train on, and others to validate on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tf_transformer.data import tfds_corpus
from tf_transformer.data.text_files import read_lines
from tf_transformer.errors import UserError

PYTHON_HELP = "python_help"
_VALIDATION = 10  # one part in so many, the last
_TEXT_FILES = (".txt", ".txt.gz", ".md", ".rst")


@dataclasses.dataclass(frozen=True)
class TextCorpus:
    """Text to learn a language from, wherever it comes from.

    Args:
        name: What the user asked for: a data set's or a file's name.
        train: Documents to train on.
        validation: Documents to validate on.
        license: Licence of the text, for the model card. Defaults to "unknown".
    """

    name: str
    train: Sequence[str] = dataclasses.field(repr=False)
    validation: Sequence[str] = dataclasses.field(repr=False)
    license: str = "unknown"


def load_text(dataset: str, data_dir: str | None = None) -> TextCorpus:
    """Finds a text to learn from, by name or by file.

    Where a text has no `validation` split, nor a `test` split in its place, that is the last tenth
    of its documents, or of its characters if it is one document.

    Args:
        dataset: One of
            `python_help`, what `help()` says of Python's language, which comes with Python;
            `phrasebook`, the English side of the corpus built into this package, a document;
            a set of TensorFlow Datasets whose examples have a text;
            a file `NAME.txt` (also `.txt.gz`, `.md`, `.rst`), one document.
        data_dir: Folder of prepared TensorFlow Datasets; what is not there yet is prepared, and
            if need be downloaded, into it. Defaults to TensorFlow Datasets' own folder.

    Raises:
        UserError: There is no such data set or file, or it cannot be read or downloaded.
    """
    if dataset == PYTHON_HELP:
        return TextCorpus(dataset, *_last_tenth(_python_help()), "PSF-2.0 (Python)")
    if dataset.endswith(_TEXT_FILES):
        text = "\n".join(read_lines(dataset)) + "\n"
        return TextCorpus(dataset, *_last_tenth([text]))
    if dataset == tfds_corpus.PHRASEBOOK:
        corpus = tfds_corpus.tfds_corpus(dataset, data_dir)
        splits = (corpus.pairs(split).targets for split in ("train", "validation"))
        return TextCorpus(dataset, *(["\n".join(lines) + "\n"] for lines in splits), corpus.license)
    return _tfds_text(dataset, data_dir)


def _python_help() -> list[str]:
    from pydoc_data.topics import topics

    return [text for _, text in sorted(topics.items())]


def _tfds_text(name: str, data_dir: str | None) -> TextCorpus:
    with tfds_corpus.quiet():
        builder = tfds_corpus.find_builder(name, data_dir)
        feature = text_feature(builder, name)
        tfds_corpus.prepare(builder, name)
    license = tfds_corpus.license_of(builder)
    splits = builder.info.splits
    other = next((split for split in ("validation", "test") if split in splits), None)
    train = _read(builder, feature, "train")
    if other is None:
        return TextCorpus(name, *_last_tenth(train), license)
    return TextCorpus(name, train, _read(builder, feature, other), license)


def _read(builder, feature: str, split: str) -> list[str]:
    (texts,) = tfds_corpus.read_columns(builder, [feature], split)
    return [text.decode("utf-8", "replace") for text in texts]


def text_feature(builder, name: str) -> str:
    """Finds which feature of a TFDS set is its text: the first.

    Raises:
        UserError: None is.
    """
    import tensorflow_datasets as tfds

    features = builder.info.features
    names = features.keys() if isinstance(features, tfds.features.FeaturesDict) else ()
    for key in names:
        if isinstance(features[key], tfds.features.Text):
            return key
    raise UserError(f'"{name}" holds no text; sets that do are imdb_reviews and lm1b, for example')


def _last_tenth(documents: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Splits documents, or the characters of a single one."""
    if len(documents) == 1:
        (text,) = documents
        cut = len(text) - len(text) // _VALIDATION
        return [text[:cut]], [text[cut:]]
    cut = len(documents) - max(1, len(documents) // _VALIDATION)
    return documents[:cut], documents[cut:]
