"""From text of any size to blocks of token ids, with a vocabulary and what is held out."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tf_transformer.config import TranslatorTraining, dataset_parts
from tf_transformer.config import preset as make_preset
from tf_transformer.data import Corpus, tokenize_pairs
from tf_transformer.data.buckets import make_buckets
from tf_transformer.data.mixture import held_by_others
from tf_transformer.data.prepared_corpus import (
    TOKENIZER,
    Index,
    PreparedCorpus,
    open_prepared,
    text_corpus,
    write_table,
    write_text,
)
from tf_transformer.data.tokenized_pairs import report_kept
from tf_transformer.errors import counted, require
from tf_transformer.preparation.pair_stream import PairStream, open_stream
from tf_transformer.preparation.pair_writer import Job, PartJob, Written
from tf_transformer.preparation.progress import Progress
from tf_transformer.preparation.survey import Survey, survey
from tf_transformer.preparation.writers import Writers
from tf_transformer.text import save_tokenizers
from tf_transformer.text.forms import find_form
from tf_transformer.text.tags import tag_id
from tf_transformer.text.tokenizer import Tokenizer, new_directory
from tf_transformer.training.vocabulary import learn_vocabulary

FIELDS = (
    *("tokenizer", "vocab_size", "joint_vocabulary", "max_length", "unseen_share"),
    *("text_form", "directions"),
)
"""Fields of a training that are settled when its corpus is prepared."""

_SHAPES = 32  # numbers of shapes that training can choose from
_SHAPES_FROM = 20_000  # pairs of the sample


def prepare(
    dataset: str,
    directory: str | os.PathLike,
    *,
    preset: str = "base",
    data_dir: str | None = None,
    bleu_tokenize: str = "",
    processes: int = 0,
    sample_pairs: int = 50_000,
    **fields: object,
) -> PreparedCorpus:
    """Prepare a corpus that does not fit in memory.

    It is read twice. The first reading takes a sample, of which the vocabulary is learned, and
    holds pairs out, unless the corpus has splits. In the second, several processes turn the pairs
    into token ids, which they write in blocks of pairs of similar lengths. `train` and
    `load_corpus` take the directory as a dataset. They keep a small part of it in memory.

    Args:
        dataset: as of `load_corpus`: files of your own, also gzipped, sets of TensorFlow Datasets,
            or several with weights. Also a folder of files `*.tsv` or `*.tsv.gz`.
        directory: a new directory for what is prepared.
        preset: preset whose fields of training are the defaults. Defaults to `"base"`.
        data_dir: as of `load_corpus`.
        bleu_tokenize: as of `load_corpus`.
        processes: number of processes; 0 means one for each CPU core. Defaults to 0.
        sample_pairs: most pairs that the vocabulary is learned from. Several corpora give equal
            shares. Defaults to 50,000.
        **fields: fields of `TranslatorTraining` that differ from the preset, of those that are
            settled here: `vocab_size`, `max_length`, `tokenizer`, `joint_vocabulary`,
            `unseen_share`, `text_form` and `directions`.

    Returns:
        The corpus.

    Raises:
        UserError: if the directory exists, if the dataset cannot be read, or for a bad field.

    Example:
        ```python
        import tf_transformer as tft

        tft.prepare("huge.pt.gz,huge.en.gz", "prepared/huge", vocab_size=32_000)
        tft.train("prepared/huge", preset="base")
        ```
    """
    directory = Path(directory)
    for field in fields:
        require(
            field in FIELDS,
            f"{field} is no field of a preparation: it is one of {', '.join(FIELDS)}.",
        )
    _, config = make_preset(preset, None, **fields)
    if config.text_form:
        find_form(config.text_form)  # report a mistake before the work starts
    require(
        not directory.exists(),
        f"{directory} exists already; remove it or choose another directory.",
    )
    parts = dataset_parts(dataset)
    streams = [open_stream(part.name, data_dir, config.text_form, bleu_tokenize) for part in parts]
    with new_directory(directory) as partial:
        _prepare(partial, dataset, streams, config, processes or os.cpu_count() or 1, sample_pairs)
    return open_prepared(str(directory))


def _prepare(
    directory: Path,
    dataset: str,
    streams: Sequence[PairStream],
    config: TranslatorTraining,
    processes: int,
    sample_pairs: int,
) -> None:
    """Prepare streams in a directory: see `prepare`."""
    share = -(-sample_pairs // len(streams))  # so that memory does not grow with their number
    surveys = [_survey(stream, share) for stream in streams]
    corpora = [
        _write_text(directory, number, stream.corpus, found)
        for number, (stream, found) in enumerate(zip(streams, surveys, strict=True))
    ]
    fields = {name: getattr(config, name) for name in FIELDS}
    index = Index(dataset, corpora, fields, [], "", "")
    text = text_corpus(directory, index, warns=True)
    tokenizers = learn_vocabulary(text, config)
    save_tokenizers(directory / TOKENIZER, *tokenizers)
    job = Job(
        directory,
        _part_jobs(text, len(streams), config, tokenizers[0]),
        [found.bounds for found in surveys],
        _shapes(text, tokenizers, config.max_length),
        config.max_length,
        config.unseen_share,
        config.seed,
    )
    written = _tokenize(streams, surveys, job, processes)
    files, table = _joined(written)
    report = _report(written)
    require(len(table), f"{dataset}: there is nothing to train on: {report}")
    checksum = write_table(directory, table)
    dataclasses.replace(
        index,
        fields={**fields, "text_form": text.text_form},
        files=files,
        checksum=checksum,
        report=report,
    ).save(directory)
    print(f"{report} {counted(len(table), 'block')}, {table['size'].sum() / 1e6:,.1f} MB.")


def _survey(stream: PairStream, sample_pairs: int) -> Survey:
    with Progress(f"Reading {stream.corpus.name}") as progress:
        return survey(stream, sample_pairs, progress.tell)


def _write_text(directory: Path, number: int, corpus: Corpus, found: Survey) -> dict[str, Any]:
    """Write the text of a corpus that is kept, and return the facts about it for the index."""
    held = found.held_out or {split: corpus.pairs(split) for split in corpus.splits}
    splits = {"train": found.sample, **held}
    for split, pairs in splits.items():
        write_text(directory, number, split, pairs)
    return {
        "name": corpus.name,
        "source_language": corpus.source_language,
        "target_language": corpus.target_language,
        "license": corpus.license,
        "text_form": corpus.text_form,
        "tokenize": corpus.tokenize,
        "splits": {split: len(pairs) for split, pairs in splits.items()},
        "pairs": found.pairs - sum(map(len, found.held_out.values())),
    }


def _part_jobs(
    text: Corpus, corpora: int, config: TranslatorTraining, tokenizer: Tokenizer
) -> list[PartJob]:
    """Return what is done with the corpora for each part of the training."""
    parts = text.parts
    both = config.directions == "both"
    known = held_by_others([part.shown for part in parts[:corpora]], both)
    return [
        PartJob(
            number % corpora,
            part.corpus.text_form if part.shown.text_form != part.corpus.text_form else "",
            known[number % corpora],
            number >= corpora,
            tag_id(tokenizer, part.tag),
        )
        for number, part in enumerate(parts)
    ]


def _shapes(text: Corpus, tokenizers: tuple[Tokenizer, Tokenizer], max_length: int) -> np.ndarray:
    """Choose the shapes of pairs that share blocks, `(2, shapes)`, by a sample of each part."""
    lengths = [np.full((2, 1), max_length)]  # each pair fits in one of the shapes
    for part in text.parts:
        sample = part.shown.pairs("train")[:_SHAPES_FROM]
        found = tokenize_pairs(sample, *tokenizers, max_length=max_length)
        lengths.append(np.stack([found.sources.lengths, found.targets.lengths + 1]))
    lengths = np.concatenate(lengths, axis=1)
    # So few tokens in a batch that there can be all of the shapes.
    batch_tokens = max(max_length, int(lengths.max(axis=0).sum()) // (4 * _SHAPES))
    buckets = make_buckets(lengths, batch_tokens, _SHAPES)
    return np.array([(each.source_length, each.target_length) for each in buckets]).T


def _tokenize(
    streams: Sequence[PairStream], surveys: Sequence[Survey], job: Job, processes: int
) -> list[Written]:
    """Write the token ids of all streams."""
    writers = Writers(job, processes)
    try:
        for corpus, (stream, found) in enumerate(zip(streams, surveys, strict=True)):
            with Progress(f"Tokenising {stream.corpus.name}", found.pairs) as progress:
                done = 0
                for number, chunk in enumerate(stream.chunks()):
                    writers.add(corpus, number, chunk)
                    done += len(chunk)
                    progress.tell(done)
        return writers.close()
    finally:
        writers.stop()


def _joined(written: Sequence[Written]) -> tuple[list[str], np.ndarray]:
    """Join the files and tables of all writers; blocks of a shape are next to each other."""
    files: list[str] = []
    tables = []
    for each in written:
        each.table["file"] += len(files)
        tables.append(each.table)
        files += each.files
    table = np.concatenate(tables)
    return files, table[np.lexsort([table["part"], table["shape"]])]


def _report(written: Sequence[Written]) -> str:
    """Return a line on how many pairs are kept, how many are left out, and why."""
    left_out: Counter[str] = sum((each.left_out for each in written), Counter())
    copies = sum(each.copies for each in written)
    kept = sum(int(each.table["pairs"].sum()) for each in written) - copies
    second = f"; {copies:,} come a second time, with placeholders for words to copy"
    return f"{report_kept(kept, left_out)}{second * bool(copies)}."
