"""Corpora from TensorFlow Datasets (TFDS), the built-in phrasebook among them."""

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

from tf_transformer.data.corpus import Corpus, Pairs
from tf_transformer.data.text_files import split_corpus
from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN

# TFDS is imported where it is used: that takes seconds, and own files do without it.

PHRASEBOOK = "phrasebook"

TEXT_FORMS = {"ted_hrlr_translate": "ted_hrlr"}  # of the sets whose text is not plain

# For the sets that do not tell TFDS their licence.
LICENSES = {
    "ted_hrlr_translate": "CC BY-NC-ND 4.0 (TED talks)",
    "ted_multi_translate": "CC BY-NC-ND 4.0 (TED talks)",
}

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def tfds_corpus(name: str, data_dir: str | None = None) -> Corpus:
    """Loads a translation set of TFDS, preparing it first where that has not been done.

    Args:
        name: `phrasebook`, or a set and its configuration, such as `ted_hrlr_translate/pt_to_en`.
        data_dir: TFDS's folder of prepared sets. Defaults to TFDS's own: the environment variable
            `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.

    Returns:
        The corpus with the set's own splits, read when they are asked for. A set that has nothing
        but `train` gets the splits of `text_files.hold_out`.

    Raises:
        UserError: TFDS has no such set, it has no translations, or it cannot be prepared.
    """
    with quiet():
        builder = find_builder(name, data_dir)
        source_language, target_language = _languages(builder, name)
        prepare(builder, name)
    read = functools.partial(_read, builder, source_language, target_language)
    license = license_of(builder)
    splits = {split: info.num_examples for split, info in builder.info.splits.items()}
    if list(splits) == ["train"]:
        return split_corpus(name, source_language, target_language, read("train"), license)
    form = TEXT_FORMS.get(builder.name, PLAIN)
    return Corpus(name, source_language, target_language, splits, read, license, form)


def find_builder(name: str, data_dir: str | None):
    """Returns the TFDS builder of that name.

    Raises:
        UserError: There is none, or it has several configurations and none is named.
    """
    import tensorflow_datasets as tfds

    if name == PHRASEBOOK:
        from tf_transformer.phrasebook import Phrasebook  # noqa: F401  registers itself

    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except Exception as error:  # of many kinds: a name not there, or not to be parsed as one
        raise UserError(_unknown(name)) from error
    configs = _configs(name)
    if "/" not in name and len(configs) > 1:  # TFDS would take the first without a word
        raise UserError(
            f'"{name}" has {len(configs)} configurations: name one, such as {name}/{configs[0]}'
        )
    return builder


def _unknown(name: str) -> str:
    """Says that there is no such data set, and which ones have a name like it."""
    import tensorflow_datasets as tfds

    own_text = "for your own text give FILE.tsv or SOURCE_FILE,TARGET_FILE"
    if os.path.exists(name):
        kind = "a directory" if os.path.isdir(name) else "not a .tsv file"
        return f"{name} is {kind}: {own_text}"
    dataset = name.partition("/")[0]
    near = difflib.get_close_matches(name, [f"{dataset}/{config}" for config in _configs(name)])
    if not near:
        datasets = {PHRASEBOOK, *tfds.list_builders(with_community_datasets=False)}
        near = difflib.get_close_matches(dataset, sorted(datasets))
    hint = f"did you mean {' or '.join(near)}?" if near else "see tensorflow.org/datasets/catalog"
    return f'TensorFlow Datasets has no "{name}" ({hint}); {own_text}'


def _configs(name: str) -> list[str]:
    """Names of a set's configurations: its language pairs. Empty where it has none."""
    import tensorflow_datasets as tfds

    try:
        return list(tfds.builder_cls(name.partition("/")[0]).builder_configs)
    except Exception:  # no such set, or one that is known by its files only
        return []


def _languages(builder, name: str) -> tuple[str, str]:
    """Source and target language: the set's supervised keys, else its order of languages."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    if not isinstance(features, tfds.features.Translation):
        raise UserError(
            f'"{name}" does not hold translations; sets that do are phrasebook and '
            "ted_hrlr_translate/pt_to_en, for example"
        )
    source_language, target_language = builder.info.supervised_keys or list(features)[:2]
    return source_language, target_language


def prepare(builder, name: str) -> None:
    """Downloads and prepares a set unless that has been done.

    Raises:
        UserError: That fails.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    if builder.is_prepared():
        return
    # TFDS tries ten times, which without a network takes more than three silent minutes.
    downloader.MAX_RETRIES = 3
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    try:
        builder.download_and_prepare(download_config=config)
    except Exception as error:  # networks, archives and disks fail in many ways
        raise UserError(_preparation_failure(error, builder.data_dir, name)) from error


def _preparation_failure(error: Exception, folder: str, name: str) -> str:
    """Says why a set could not be prepared, and what to do now."""
    reason = _one_line(f"{type(error).__name__}: {error}")
    error_number = getattr(error, "errno", None)
    if error_number in _DISK_FULL or "Not enough disk space" in reason:
        return f"the disk is full: {name} does not fit in {folder}; free space or set --data_dir"
    if name == PHRASEBOOK or error_number in _NOT_WRITABLE:
        return f"{name} cannot be prepared in {folder} ({reason}); set another --data_dir"
    return (
        f"{name} is not prepared in {folder} and could not be downloaded ({reason}). Three ways "
        "on: --data_dir=FOLDER where it is prepared, your own text by --dataset=FILE.tsv, or the "
        "built-in corpus by --dataset=phrasebook"
    )


def license_of(builder) -> str:
    """Returns the licence of a set, as far as it is known."""
    return builder.info.redistribution_info.license or LICENSES.get(builder.name, "unknown")


def _read(builder, source_language: str, target_language: str, split: str) -> Pairs:
    columns = read_columns(builder, [source_language, target_language], split)
    return Pairs(*([text.decode("utf-8", "replace") for text in column] for column in columns))


def read_columns(builder, features: Sequence[str], split: str) -> list[list]:
    """Reads some features of all examples of a split, each as a list.

    Raises:
        UserError: The prepared files cannot be read.
    """
    columns = [[] for _ in features]
    try:
        with quiet():
            for batch in builder.as_dataset(split=split, batch_size=1024).as_numpy_iterator():
                for column, feature in zip(columns, features, strict=True):
                    column += batch[feature].tolist()
    except Exception as error:  # TFDS's and TensorFlow's have no narrower type in common
        raise UserError(
            f"the prepared files in {builder.data_dir} cannot be read ({_one_line(str(error))}); "
            "delete that folder to prepare them anew"
        ) from error
    return columns


def _one_line(text: str) -> str:
    return textwrap.shorten(text, 200, placeholder=" …")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps TFDS's log lines, progress bars and prints away from the user."""
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
