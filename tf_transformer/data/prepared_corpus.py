"""Corpora that `prepare` has turned into token ids in files."""

from __future__ import annotations

import dataclasses
import functools
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tf_transformer.config import CorpusFacts, dataset_parts
from tf_transformer.data.blocks import Blocks, id_type
from tf_transformer.data.corpus import Corpus
from tf_transformer.data.mixture import mix
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.part import Part
from tf_transformer.errors import UserError, require
from tf_transformer.files import replacing
from tf_transformer.text import Tokenizer, load_tokenizers

INDEX, TABLE, TOKENIZER = "index.json", "blocks.npy", "tokenizer"

_VERSION = 1


@dataclasses.dataclass(frozen=True)
class Index:
    """What a prepared corpus consists of: the contents of its `index.json`.

    Args:
        dataset: the corpora, as the user named them: see `load_corpus`.
        corpora: the facts about each.
        fields: the fields of the configuration that were used, by name.
        files: names of the files of token ids.
        checksum: SHA-256 of the table of blocks.
        report: how many pairs were kept and left out, in words.
        version: version of the format.
    """

    dataset: str
    corpora: Sequence[Mapping[str, Any]]
    fields: Mapping[str, Any]
    files: Sequence[str]
    checksum: str
    report: str
    version: int = _VERSION

    def save(self, directory: Path) -> None:
        """Write it."""
        text = json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False)
        with replacing(directory / INDEX) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Index:
        """Read it.

        Raises:
            UserError: if it is damaged, or of a newer version.
        """
        path = directory / INDEX
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            version = fields["version"]
            require(
                version == _VERSION,
                f"{path} is of format {version}, but this version of tf_transformer reads "
                f"{_VERSION}: prepare the corpus again.",
            )
            return cls(**fields)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path} cannot be read ({error}): prepare it again.") from error


@dataclasses.dataclass(frozen=True)
class PreparedCorpus(Corpus):
    """A corpus whose training pairs are token ids in files: see `prepare`.

    Its split `train` reads as a sample of the training pairs. The other splits are whole.

    Args:
        text: the sample and the other splits, as a corpus of usual size.
        index: what the files are.
        blocks: the token ids.
        directory: where all of it is.
        **fields: fields of `Corpus`.
    """

    text: Corpus | None = None
    index: Index | None = None
    blocks: Blocks | None = None
    directory: Path | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The corpora that make it up: see `Mixture`."""
        return self.text.parts

    @property
    def facts(self) -> CorpusFacts:
        """The facts about the corpus that a run keeps."""
        facts = dataclasses.replace(self.text.facts, size=self.splits["train"])
        sizes = [corpus["pairs"] for corpus in self.index.corpora]
        parts = tuple(
            dataclasses.replace(part, size=sizes[number % len(sizes)])
            for number, part in enumerate(facts.parts)
        )
        return dataclasses.replace(facts, parts=parts)

    @property
    def weights(self) -> np.ndarray:
        """How often an epoch shows the pairs of each part, `(parts,)`."""
        return np.array([part.weight for part in self.parts])

    @property
    def name_of_ids(self) -> str:
        """A short name of the token ids, which differs if they do."""
        return self.index.checksum[:8]

    def tokenizers(self) -> tuple[Tokenizer, Tokenizer]:
        """Load the vocabularies."""
        return load_tokenizers(self.directory / TOKENIZER)


def is_prepared(name: str) -> bool:
    """Return whether a name is that of a directory that `prepare` made."""
    return bool(name) and Path(name, INDEX).is_file()


def open_prepared(name: str) -> PreparedCorpus:
    """Open a corpus that `prepare` made.

    Args:
        name: its directory.

    Raises:
        UserError: if it cannot be read.
    """
    directory = Path(name)
    index = Index.load(directory)
    text = text_corpus(directory, index)
    splits = {**text.splits, "train": sum(corpus["pairs"] for corpus in index.corpora)}
    return PreparedCorpus(
        name,
        text.source_language,
        text.target_language,
        splits,
        text.read,
        text.license,
        text.text_form,
        text.tokenize,
        text=text,
        index=index,
        blocks=_open_blocks(directory, index),
        directory=directory,
    )


def with_prepared_fields(
    dataset: str, fields: Mapping[str, Any], init_from: str | None = None
) -> dict[str, Any]:
    """Return the fields of a training, with those that are settled in a prepared corpus.

    Args:
        dataset: the dataset of the training.
        fields: the fields that the user has set.
        init_from: the model that training starts from, if there is one.

    Raises:
        UserError: if the user has set another value than the corpus was prepared with, or asks for
            what needs the text.
    """
    if not is_prepared(dataset):
        return {**fields}
    require(
        not init_from,
        f"dataset={dataset} has a vocabulary of its own, and the model of init_from={init_from} "
        "another: start with a new model, or from the text.",
    )
    for field in ("subword_sampling", "max_pairs"):
        require(
            not fields.get(field),
            f"{field} needs the text, but dataset={dataset} holds token ids: leave {field} out.",
        )
    settled = Index.load(Path(dataset)).fields
    require_settled(dataset, settled, fields)
    return {**fields, **settled}


def require_settled(dataset: str, settled: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Check that nothing else is asked for than what a corpus was prepared with.

    Args:
        dataset: its name.
        settled: the fields that it was prepared with.
        asked: fields to check; others than those do not matter.

    Raises:
        UserError: if a value differs.
    """
    for field, value in settled.items():
        require(
            asked.get(field, value) == value,
            f"dataset={dataset} was prepared with {field}={value}, not {asked.get(field)}: leave "
            f"{field} out, or prepare the corpus again.",
        )


def text_corpus(directory: Path, index: Index, warns: bool = False) -> Corpus:
    """Return the text of a prepared corpus: a sample of its training pairs, and its other splits.

    Args:
        directory: where it is.
        index: what it consists of; only the corpora and the fields are used.
        warns: as of `mix`. Defaults to `False`: preparing it has warned.
    """
    corpora = [
        Corpus(
            facts["name"],
            facts["source_language"],
            facts["target_language"],
            facts["splits"],
            functools.partial(_read_text, directory / "text" / str(number)),
            facts["license"],
            facts["text_form"],
            facts["tokenize"],
        )
        for number, facts in enumerate(index.corpora)
    ]
    weights = [part.weight for part in dataset_parts(index.dataset)]
    if index.fields["directions"] == "one" and weights == [1]:
        return corpora[0]
    return mix(index.dataset, corpora, weights, index.fields["directions"], warns)


def write_text(directory: Path, number: int, split: str, pairs: Pairs) -> None:
    """Write a split of a corpus's text."""
    folder = directory / "text" / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / f"{split}.json.gz", "wt", encoding="utf-8") as file:
        json.dump([pairs.sources, pairs.targets], file, ensure_ascii=False)


def _read_text(folder: Path, split: str) -> Pairs:
    path = folder / f"{split}.json.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return Pairs(*json.load(file))
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise UserError(f"{path} cannot be read ({error}): prepare it again.") from error


def write_table(directory: Path, table: np.ndarray) -> str:
    """Write the table of blocks; return its SHA-256."""
    np.save(directory / TABLE, table)
    return _checksum(directory / TABLE)


def _open_blocks(directory: Path, index: Index) -> Blocks:
    path = directory / TABLE
    try:
        require(_checksum(path) == index.checksum, f"{path} is damaged: prepare it again.")
        table = np.load(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): prepare it again.") from error
    sizes = (tokenizer.vocab_size for tokenizer in load_tokenizers(directory / TOKENIZER))
    return Blocks(directory, index.files, table, id_type(max(sizes)))


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
