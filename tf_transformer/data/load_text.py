"""From the name of a data set or a file to documents in one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tf_transformer.data import tfds_corpus
from tf_transformer.data.text_corpus import TextCorpus
from tf_transformer.data.text_files import license_of, read_lines
from tf_transformer.text.rules import clean_characters

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

PYTHON_HELP = "python_help"
_VALIDATION = 10  # the last tenth
_TEXT_FILES = (".txt", ".txt.gz", ".md", ".rst")


def load_text(dataset: str, data_dir: str | None = None) -> TextCorpus:
    """Load documents in one language, to train a language model on.

    If a text has neither a `validation` nor a `test` split, the last tenth of its documents takes
    their place; or the last tenth of the characters, if there is one document only.

    Args:
        dataset: one of
            `python_help`, Python's own help on the language, as `help()` shows it;
            `phrasebook`, the English side of the corpus built into this package, one document;
            a set of TensorFlow Datasets whose examples have a text;
            a file `NAME.txt` (also `.txt.gz`, `.md`, `.rst`), one document.
        data_dir: folder of prepared TensorFlow Datasets. A set that is missing there is downloaded
            and prepared. Defaults to TensorFlow Datasets' own folder.

    Returns:
        The documents, in two splits.

    Raises:
        UserError: if the data set or file is unknown, or cannot be read or downloaded.

    Example:
        ```python
        import tf_transformer as tft

        corpus = tft.data.load_text("python_help")
        corpus.license  # 'PSF-2.0 (Python)'
        ```
    """
    if dataset == PYTHON_HELP:
        return TextCorpus(dataset, *_last_tenth(_python_help()), "PSF-2.0 (Python)")
    if dataset.lower().endswith(_TEXT_FILES):
        text = "\n".join(map(clean_characters, read_lines(dataset))) + "\n"
        return TextCorpus(dataset, *_last_tenth([text]), license_of([dataset]))
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
        builder = tfds_corpus.find_builder(name, data_dir, own_files="FILE.txt")
        feature = tfds_corpus.text_feature(builder, name)
        tfds_corpus.prepare(builder, name)
    license = tfds_corpus.license_of(builder)
    splits = builder.info.splits
    other = next((split for split in ("validation", "test") if split in splits), None)
    train = _read(builder, feature, "train")
    if other is None:
        return TextCorpus(name, *_last_tenth(train), license)
    return TextCorpus(name, train, _read(builder, feature, other), license)


def _read(builder: tfds.core.DatasetBuilder, feature: str, split: str) -> list[str]:
    (texts,) = tfds_corpus.read_columns(builder, [feature], split)
    return [clean_characters(text.decode("utf-8", "replace")) for text in texts]


def _last_tenth(documents: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Split documents, or the characters of a single one."""
    if len(documents) == 1:
        (text,) = documents
        cut = len(text) - len(text) // _VALIDATION
        return [text[:cut]], [text[cut:]]
    cut = len(documents) - max(1, len(documents) // _VALIDATION)
    return documents[:cut], documents[cut:]
