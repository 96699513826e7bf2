"""Texts and their classes: to train a classifier on, and to test it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from tf_transformer.data import tfds_corpus
from tf_transformer.data.text_corpus import text_feature
from tf_transformer.data.text_files import read_lines, stable_hash
from tf_transformer.errors import UserError

_HELD_OUT = {"validation": 0.05, "test": 0.05}  # shares of the texts, where they have no split
_MOODS = ("affirmative", "negative", "question")
_ENOUGH = 10_000  # sentences of the phrasebook: they are easy


@dataclasses.dataclass(frozen=True)
class LabelledTexts:
    """Texts, and the class of each.

    Args:
        texts: What is classified.
        labels: Numbers of their classes, from 0.
    """

    texts: Sequence[str]
    labels: Sequence[int]

    def __len__(self) -> int:
        return len(self.texts)


@dataclasses.dataclass(frozen=True)
class LabelledCorpus:
    """Texts to train on, to stop early by, and to test on, wherever they come from.

    Args:
        name: What the user asked for: a data set's or a file's name.
        classes: Their names.
        train: Texts to train on.
        validation: Texts held out of the set's own `train`, whatever else it has: to choose by.
        test: Texts that nothing is chosen by.
        license: Licence of the texts, for the model card. Defaults to "unknown".
    """

    name: str
    classes: Sequence[str]
    train: LabelledTexts = dataclasses.field(repr=False)
    validation: LabelledTexts = dataclasses.field(repr=False)
    test: LabelledTexts = dataclasses.field(repr=False)
    license: str = "unknown"


def load_labelled(dataset: str, data_dir: str | None = None) -> LabelledCorpus:
    """Finds texts to classify, by name or by file.

    A twentieth of `train` becomes `validation`, and another one `test` where there is no such
    split. Which it is depends on each text alone.

    Args:
        dataset: One of
            `phrasebook`, English sentences of the corpus built into this package, without the
            mark at their end: are they affirmative, negative, or a question?;
            a set of TensorFlow Datasets with a text and a label, such as `imdb_reviews` or
            `glue/sst2`;
            a file of two columns, label TAB text: `texts.tsv` or `texts.tsv.gz`;
            two such files, `train.tsv,test.tsv`.
        data_dir: Folder of prepared TensorFlow Datasets; what is not there yet is prepared, and
            if need be downloaded, into it. Defaults to TensorFlow Datasets' own folder.

    Raises:
        UserError: There is no such data set or file, it cannot be read or downloaded, or it has
            too few texts.
    """
    files = [path.strip() for path in dataset.split(",")]
    if all(path.endswith((".tsv", ".tsv.gz")) for path in files):
        return _file_corpus(dataset, files)
    if dataset == tfds_corpus.PHRASEBOOK:
        return _moods(data_dir)
    return _tfds_labelled(dataset, data_dir)


def _file_corpus(name: str, files: Sequence[str]) -> LabelledCorpus:
    if len(files) > 2:
        raise UserError(f"{name}: {len(files)} files where one or two are needed, TRAIN,TEST")
    tables = [_read_tsv(path) for path in files]
    classes = sorted({label for labels, _ in tables for label in labels})
    numbers = {label: number for number, label in enumerate(classes)}
    splits = [LabelledTexts(texts, [numbers[x] for x in labels]) for labels, texts in tables]
    return _corpus(name, classes, *splits)


def _read_tsv(path: str) -> tuple[list[str], list[str]]:
    """Reads labels and texts."""
    rows = [line.split("\t") for line in read_lines(path)]
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            columns = f"{len(row)} column" + "s" * (len(row) != 1)
            raise UserError(
                f"{path}, line {number}: {columns} where two are needed, label TAB text"
            )
    labels, texts = map(list, zip(*rows, strict=True))
    return labels, texts


def _moods(data_dir: str | None) -> LabelledCorpus:
    corpus = tfds_corpus.tfds_corpus(tfds_corpus.PHRASEBOOK, data_dir)
    train = _moods_of(corpus.pairs("train").targets[:_ENOUGH])
    test = _moods_of(corpus.pairs("test").targets)
    return _corpus(corpus.name, _MOODS, train, test, corpus.license)


def _moods_of(sentences: Iterable[str]) -> LabelledTexts:
    """Labels sentences, by a rule: a question ends with its mark, and is a question even if it is
    negative; what else has "not" or "n't" is negative. Texts of several sentences are left out."""
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
        builder = tfds_corpus.find_builder(name, data_dir)
        features = (text_feature(builder, name), _label_feature(builder, name))
        tfds_corpus.prepare(builder, name)
    classes = builder.info.features[features[1]].names
    splits = [_read(builder, features, "train")]
    for split in ("test", "validation"):  # some tests hide their labels
        if split in builder.info.splits and len(splits) == 1:
            texts = _read(builder, features, split)
            splits += [texts] if min(texts.labels) >= 0 else []
    return _corpus(name, classes, *splits, license=tfds_corpus.license_of(builder))


def _label_feature(builder, name: str) -> str:
    import tensorflow_datasets as tfds

    for key, feature in builder.info.features.items():
        if isinstance(feature, tfds.features.ClassLabel):
            return key
    raise UserError(
        f'"{name}" holds no labels; sets that do are imdb_reviews and glue/sst2, for example'
    )


def _read(builder, features: Sequence[str], split: str) -> LabelledTexts:
    texts, labels = tfds_corpus.read_columns(builder, features, split)
    return LabelledTexts([text.decode("utf-8", "replace") for text in texts], labels)


def _corpus(name, classes, train, test=None, license="unknown") -> LabelledCorpus:
    """Holds texts out of `train`."""
    splits = {"train": train, "test": test}
    for split, share in _HELD_OUT.items():
        if not splits.get(split):
            splits["train"], splits[split] = _divide(splits["train"], split, share)
    for split, texts in splits.items():
        if not texts:
            raise UserError(f"{name}: {len(train)} texts are too few: none is left for {split}")
    return LabelledCorpus(name, list(classes), license=license, **splits)


def _divide(texts: LabelledTexts, split: str, share: float) -> tuple[LabelledTexts, LabelledTexts]:
    """Takes a share of texts away, by what they say: equal texts stay together."""
    rest, taken = LabelledTexts([], []), LabelledTexts([], [])
    for text, label in zip(texts.texts, texts.labels, strict=True):
        place = int.from_bytes(stable_hash(f"{split}\t{text}"), "big") / 2**64
        part = taken if place < share else rest
        part.texts.append(text)
        part.labels.append(label)
    return rest, taken
