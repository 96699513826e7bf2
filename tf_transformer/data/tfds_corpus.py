"""Corpora from TensorFlow Datasets (TFDS), including the built-in phrasebook."""

from __future__ import annotations

import contextlib
import difflib
import errno
import functools
import io
import logging
import os
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tf_transformer.data.corpus import Corpus
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.text_files import split_corpus
from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

# TFDS is imported where it is used: importing takes seconds, and the user's own files need no TFDS.

PHRASEBOOK = "phrasebook"

TEXT_FORMS = {"ted_hrlr_translate": "ted_hrlr"}  # of sets whose text is not plain

# Licences of sets that do not give them to TFDS.
LICENSES = {
    "ted_hrlr_translate": "CC BY-NC-ND 4.0 (TED talks)",
    "ted_multi_translate": "CC BY-NC-ND 4.0 (TED talks)",
}

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def tfds_corpus(name: str, data_dir: str | None = None) -> Corpus:
    """Load a translation set of TFDS, preparing it first if necessary.

    Args:
        name: `phrasebook`, or a set and its configuration, such as `ted_hrlr_translate/pt_to_en`.
        data_dir: TFDS's folder of prepared sets. Defaults to TFDS's own: the environment variable
            `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.

    Returns:
        The corpus with the set's own splits, which are read when needed. A set that has only
        `train` gets the splits of `text_files.hold_out`.

    Raises:
        UserError: if TFDS has no such set, if it has no translations, or if it cannot be prepared.
    """
    _, corpus = open_corpus(name, data_dir)
    if list(corpus.splits) == ["train"]:
        languages = corpus.source_language, corpus.target_language
        return split_corpus(name, *languages, corpus.pairs("train"), corpus.license)
    return corpus


def open_corpus(name: str, data_dir: str | None = None) -> tuple[tfds.core.DatasetBuilder, Corpus]:
    """Return the builder of a translation set, and the set's own splits as a corpus.

    Args:
        name: as of `tfds_corpus`.
        data_dir: as of `tfds_corpus`.

    Raises:
        UserError: as `tfds_corpus` does.
    """
    with quiet():
        builder = find_builder(name, data_dir)
        source_language, target_language = _languages(builder, name)
        prepare(builder, name)
    read = functools.partial(_read, builder, source_language, target_language)
    splits = {split: info.num_examples for split, info in builder.info.splits.items()}
    form = PLAIN if list(splits) == ["train"] else TEXT_FORMS.get(builder.name, PLAIN)
    return builder, Corpus(
        name, source_language, target_language, splits, read, license_of(builder), form
    )


def find_builder(
    name: str, data_dir: str | None, own_files: str = "FILE.tsv or SOURCE_FILE,TARGET_FILE"
) -> tfds.core.DatasetBuilder:
    """Return the TFDS builder of a set.

    Args:
        name: name of the set.
        data_dir: folder of prepared sets, or `None` for TFDS's own.
        own_files: the user's files that messages suggest. Defaults to those of sentence pairs.

    Raises:
        UserError: if there is no such set, or if it has several configurations and none is named.
    """
    import tensorflow_datasets as tfds

    if name == PHRASEBOOK:
        from tf_transformer.phrasebook import Phrasebook  # noqa: F401  registers itself

    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except Exception as error:  # of many kinds: an unknown name, or one that cannot be parsed
        if _is_known(name):  # the prepared files cannot be read
            folder = os.path.join(data_dir or "TensorFlow Datasets' folder", name)
            raise UserError(_unreadable(folder, error)) from error
        raise UserError(_unknown(name, own_files)) from error
    configs = _configs(name)
    if "/" not in name and len(configs) > 1:  # TFDS would silently take the first
        raise UserError(
            f'"{name}" has {len(configs)} configurations: name one, such as {name}/{configs[0]}'
        )
    return builder


def _unknown(name: str, own_files: str) -> str:
    """Return a message: there is no such data set, but some have similar names."""
    import tensorflow_datasets as tfds

    own_text = f"for your own text give {own_files}"
    if os.path.exists(name):
        suffix = own_files.partition(" ")[0].removeprefix("FILE")
        kind = "a directory" if os.path.isdir(name) else f"not a {suffix} file"
        return f"{name} is {kind}: {own_text}"
    dataset = name.partition("/")[0]
    near = difflib.get_close_matches(name, [f"{dataset}/{config}" for config in _configs(name)])
    if not near:
        datasets = {PHRASEBOOK, *tfds.list_builders(with_community_datasets=False)}
        near = difflib.get_close_matches(dataset, sorted(datasets))
    hint = f"did you mean {' or '.join(near)}?" if near else "see tensorflow.org/datasets/catalog"
    return f'TensorFlow Datasets has no "{name}" ({hint}); {own_text}'


def _is_known(name: str) -> bool:
    """Return whether TFDS has the set, and the configuration if one is named."""
    import tensorflow_datasets as tfds

    dataset, _, config = name.partition("/")
    try:
        tfds.builder_cls(dataset)
    except Exception:  # of many kinds, as above
        return False
    return not config or config in (each.partition("/")[2] or each for each in _configs(name))


def _unreadable(folder: object, error: Exception) -> str:
    """Return a message: the prepared files cannot be read, and what to do now."""
    reason = _one_line(str(error))
    return (
        f"the prepared files in {folder} cannot be read ({reason}); delete that folder to prepare "
        "them again"
    )


def _configs(name: str) -> list[str]:
    """List a set's configurations: its language pairs."""
    import tensorflow_datasets as tfds

    try:
        return list(tfds.builder_cls(name.partition("/")[0]).builder_configs)
    except Exception:  # no such set, or one known only from its files
        return []


def _languages(builder: tfds.core.DatasetBuilder, name: str) -> tuple[str, str]:
    """Find source and target language: the set's supervised keys, else its first two languages."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    if not isinstance(features, tfds.features.Translation):
        raise UserError(
            f'"{name}" does not hold translations; sets that do are phrasebook and '
            "ted_hrlr_translate/pt_to_en, for example"
        )
    source_language, target_language = builder.info.supervised_keys or list(features)[:2]
    return source_language, target_language


def prepare(builder: tfds.core.DatasetBuilder, name: str) -> None:
    """Download and prepare a set unless that has been done.

    Raises:
        UserError: if that fails.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    if builder.is_prepared():
        return
    # TFDS tries ten times: without a network, that is over three minutes of silence.
    downloader.MAX_RETRIES = 3
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    try:
        builder.download_and_prepare(download_config=config)
    except Exception as error:  # networks, archives and disks fail in many ways
        raise UserError(_preparation_failure(error, builder.data_dir, name)) from error


def _preparation_failure(error: Exception, folder: str, name: str) -> str:
    """Return a message: why a set could not be prepared, and what to do now."""
    reason = _one_line(f"{type(error).__name__}: {error}")
    error_number = getattr(error, "errno", None)
    if error_number in _DISK_FULL or "Not enough disk space" in reason:
        return (
            f"the disk is full: {name} does not fit in {folder}; free space or set data_dir=FOLDER"
        )
    if name == PHRASEBOOK or error_number in _NOT_WRITABLE:
        return f"{name} cannot be prepared in {folder} ({reason}); set another data_dir=FOLDER"
    return (
        f"{name} is not prepared in {folder} and could not be downloaded ({reason}). Try again "
        "with data_dir=FOLDER where it is prepared, with dataset=FILE.tsv for your own text, or "
        "with dataset=phrasebook for the built-in corpus"
    )


def license_of(builder: tfds.core.DatasetBuilder) -> str:
    """Return the licence of a set, or `"unknown"`."""
    return builder.info.redistribution_info.license or LICENSES.get(builder.name, "unknown")


def _read(
    builder: tfds.core.DatasetBuilder, source_language: str, target_language: str, split: str
) -> Pairs:
    columns = read_columns(builder, [source_language, target_language], split)
    return Pairs(*map(decoded, columns)).cleaned()


def decoded(texts: Sequence[bytes]) -> list[str]:
    """Return texts of TFDS as `str`; what is not UTF-8 is replaced."""
    return [text.decode("utf-8", "replace") for text in texts]


def text_feature(builder: tfds.core.DatasetBuilder, name: str) -> str:
    """Find the feature of a set that is its text: the first one of that type.

    Raises:
        UserError: if there is none.
    """
    import tensorflow_datasets as tfds

    features = builder.info.features
    names = features.keys() if isinstance(features, tfds.features.FeaturesDict) else ()
    for key in names:
        if isinstance(features[key], tfds.features.Text):
            return key
    raise UserError(f'"{name}" holds no text; sets that do are imdb_reviews and lm1b, for example')


def read_columns(
    builder: tfds.core.DatasetBuilder, features: Sequence[str], split: str
) -> list[list]:
    """Read some features of all examples of a split, one list for each feature.

    Raises:
        UserError: if the prepared files cannot be read.
    """
    columns = [[] for _ in features]
    for batch in stream_columns(builder, features, split):
        for column, values in zip(columns, batch, strict=True):
            column += values
    return columns


def stream_columns(
    builder: tfds.core.DatasetBuilder, features: Sequence[str], split: str
) -> Iterator[list[list]]:
    """Read some features of the examples of a split, a thousand at a time: see `read_columns`.

    Raises:
        UserError: if the prepared files cannot be read.
    """
    try:
        with quiet():
            batches = builder.as_dataset(split=split, batch_size=1024).as_numpy_iterator()
        for batch in batches:
            yield [batch[feature].tolist() for feature in features]
    except Exception as error:  # errors of TFDS and TensorFlow share no narrower type
        raise UserError(_unreadable(builder.data_dir, error)) from error


def _one_line(text: str) -> str:
    return textwrap.shorten(text, 200, placeholder=" …")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep TFDS's log lines, progress bars and prints away from the user."""
    import tensorflow_datasets as tfds

    loggers = [logging.getLogger(name) for name in ("absl", "urllib3")]
    levels = [logger.level for logger in loggers]
    tfds.disable_progress_bar()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        tfds.enable_progress_bar()
