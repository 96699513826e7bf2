"""From the name of a data set or a file to texts and their classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tf_transformer.data import duplicates, tfds_corpus
from tf_transformer.data.labelled_corpus import LabelledCorpus
from tf_transformer.data.labelled_texts import LabelledTexts
from tf_transformer.data.text_files import license_of, read_columns, stable_hash
from tf_transformer.errors import UserError, counted, warn
from tf_transformer.text.rules import clean, duplicate_key

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_HELD_OUT = {"validation": 0.05, "test": 0.05}  # shares of the texts, where a split is missing
_MOODS = ("affirmative", "negative", "question")
_JUDGED = 10  # fewest lines of a file that show whether its columns are swapped
_ENOUGH = 10_000  # sentences of the phrasebook, which are easy


def load_labelled(dataset: str, data_dir: str | None = None) -> LabelledCorpus:
    r"""Load texts and their classes, to train a classifier on.

    A twentieth of `train` becomes `validation`, and another twentieth becomes `test` if that split
    is missing. Where a text goes depends only on the text itself.

    Args:
        dataset: one of
            `phrasebook`, English sentences of the corpus built into this package, without their
            final marks, to be classified as affirmative, negative or question;
            a set of TensorFlow Datasets with a text and a label, such as `imdb_reviews` or
            `glue/sst2`;
            a file of two columns, label TAB text: `texts.tsv` or `texts.tsv.gz`;
            two such files, `train.tsv,test.tsv`.
        data_dir: folder of prepared TensorFlow Datasets. A set that is missing there is downloaded
            and prepared. Defaults to TensorFlow Datasets' own folder.

    Returns:
        The texts, in three splits.

    Raises:
        UserError: if the data set or file is unknown, if it cannot be read or downloaded, or if it
            has too few texts.

    Example:
        ```python
        import pathlib, tempfile

        import tf_transformer as tft

        file = pathlib.Path(tempfile.mkdtemp(), "texts.tsv")
        rows = [f"{('even', 'odd')[n % 2]}\tnumber {n}" for n in range(200)]
        file.write_text("\n".join(rows))
        corpus = tft.data.load_labelled(str(file))
        corpus.classes  # ['even', 'odd']
        ```
    """
    files = [path.strip() for path in dataset.split(",")]
    if all(path.lower().endswith((".tsv", ".tsv.gz")) for path in files):
        return _file_corpus(dataset, files)
    if dataset == tfds_corpus.PHRASEBOOK:
        return _moods(data_dir)
    return _tfds_labelled(dataset, data_dir)


def _file_corpus(name: str, files: Sequence[str]) -> LabelledCorpus:
    if len(files) > 2:
        raise UserError(f"{name}: {len(files)} files where one or two are needed, TRAIN,TEST")
    tables = [_read_tsv(path) for path in files]
    texts = [texts for _, texts in tables]
    found = (
        duplicates.report_texts(*texts) if len(texts) == 1 else duplicates.report_overlap(*texts)
    )
    if found:
        warn(f"{name}: {found}")
    classes = sorted({label for labels, _ in tables for label in labels})
    numbers = {label: number for number, label in enumerate(classes)}
    splits = [LabelledTexts(texts, [numbers[x] for x in labels]) for labels, texts in tables]
    return _corpus(name, classes, *splits, license=license_of(files))


def _read_tsv(path: str) -> tuple[list[str], list[str]]:
    """Read labels and texts; skip blank texts with a warning."""
    rows = [(label, clean(text)) for label, text in read_columns(path, "label", "text")]
    labels, texts = (len(set(column)) for column in zip(*rows, strict=True))
    if len(rows) >= _JUDGED and 2 * labels > len(rows) >= 5 * texts:
        found = f"{counted(labels, 'label')} but {counted(texts, 'text')}"
        raise UserError(
            f"{path}: {found} in {len(rows):,} lines: the columns seem to be swapped; "
            "label TAB text is needed"
        )
    whole = [row for row in rows if row[1]]
    if len(whole) < len(rows):
        warn(f"{path}: {counted(len(rows) - len(whole), 'blank text')} left out.")
    return [label for label, _ in whole], [text for _, text in whole]


def _moods(data_dir: str | None) -> LabelledCorpus:
    corpus = tfds_corpus.tfds_corpus(tfds_corpus.PHRASEBOOK, data_dir)
    train = _moods_of(corpus.pairs("train").targets[:_ENOUGH])
    test = _moods_of(corpus.pairs("test").targets)
    return _corpus(corpus.name, _MOODS, train, test, corpus.license)


def _moods_of(sentences: Iterable[str]) -> LabelledTexts:
    """Label sentences according to a rule, and leave out texts of several sentences.

    A sentence that ends with a question mark is a question, even if it is negative. Any other
    sentence with "not" or "n't" is negative.
    """
    texts, labels = [], []
    for sentence in sentences:
        text, mark = sentence[:-1], sentence[-1]
        if mark not in ".?" or any(other in text for other in ".?!"):
            continue
        is_negative = "n't" in text or " not " in text
        mood = "question" if mark == "?" else "negative" if is_negative else "affirmative"
        texts.append(text)
        labels.append(_MOODS.index(mood))
    return LabelledTexts(texts, labels)


def _tfds_labelled(name: str, data_dir: str | None) -> LabelledCorpus:
    with tfds_corpus.quiet():
        builder = tfds_corpus.find_builder(name, data_dir, own_files="FILE.tsv (label TAB text)")
        features = (tfds_corpus.text_feature(builder, name), _label_feature(builder, name))
        tfds_corpus.prepare(builder, name)
    classes = builder.info.features[features[1]].names
    splits = [_read(builder, features, "train")]
    for split in ("test", "validation"):  # some test splits hide their labels
        if split in builder.info.splits and len(splits) == 1:
            texts = _read(builder, features, split)
            splits += [texts] if min(texts.labels) >= 0 else []
    return _corpus(name, classes, *splits, license=tfds_corpus.license_of(builder))


def _label_feature(builder: tfds.core.DatasetBuilder, name: str) -> str:
    import tensorflow_datasets as tfds

    for key, feature in builder.info.features.items():
        if isinstance(feature, tfds.features.ClassLabel):
            return key
    raise UserError(
        f'"{name}" holds no labels; sets that do are imdb_reviews and glue/sst2, for example'
    )


def _read(builder: tfds.core.DatasetBuilder, features: Sequence[str], split: str) -> LabelledTexts:
    texts, labels = tfds_corpus.read_columns(builder, features, split)
    return LabelledTexts([clean(text.decode("utf-8", "replace")) for text in texts], labels)


def _corpus(
    name: str,
    classes: Sequence[str],
    train: LabelledTexts,
    test: LabelledTexts | None = None,
    license: str = "unknown",
) -> LabelledCorpus:
    """Make a corpus, and take missing splits from `train`."""
    splits = {"train": train, "test": test}
    for split, share in _HELD_OUT.items():
        if not splits.get(split):
            splits["train"], splits[split] = _divide(splits["train"], split, share)
    for split, texts in splits.items():
        if not texts:
            found = f"{counted(len(train), 'text')} {'is' if len(train) == 1 else 'are'} too few"
            raise UserError(f"{name}: {found}: none is left for {split}")
    return LabelledCorpus(name, list(classes), license=license, **splits)


def _divide(texts: LabelledTexts, split: str, share: float) -> tuple[LabelledTexts, LabelledTexts]:
    """Split off a share of the texts; those that are equal apart from case stay together."""
    rest, taken = LabelledTexts([], []), LabelledTexts([], [])
    first: dict[str, str] = {}  # one of several equal texts, the same in any order
    for text in sorted(set(texts.texts)):
        first.setdefault(duplicate_key(text), text)
    for text, label in zip(texts.texts, texts.labels, strict=True):
        chosen = first[duplicate_key(text)]
        place = int.from_bytes(stable_hash(f"{split}\t{chosen}"), "big") / 2**64
        part = taken if place < share else rest
        part.texts.append(text)
        part.labels.append(label)
    return rest, taken
