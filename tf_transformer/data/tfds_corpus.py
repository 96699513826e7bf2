"""Corpora from TensorFlow Datasets (TFDS), the built-in phrasebook among them."""

from __future__ import annotations

import contextlib
import difflib
import errno
import functools
import io
import logging
from collections.abc import Iterator

from tf_transformer.data.corpus import Corpus, Pairs
from tf_transformer.data.text_files import split_corpus
from tf_transformer.errors import UserError

PHRASEBOOK = "phrasebook"

# TFDS does not record these sets' licences.
LICENSES = {
    "ted_hrlr_translate": "CC BY-NC-ND 4.0 (TED talks)",
    "ted_multi_translate": "CC BY-NC-ND 4.0 (TED talks)",
}


def tfds_corpus(name: str, data_dir: str | None = None) -> Corpus:
    """Loads a translation set of TFDS, preparing it first where that has not been done.

    Args:
        name: `phrasebook`, or a set and its configuration, such as `ted_hrlr_translate/pt_to_en`.
        data_dir: TFDS's folder of prepared sets. Defaults to TFDS's own (`~/tensorflow_datasets`,
            or the environment variable `TFDS_DATA_DIR`).

    Returns:
        The corpus with the set's own splits, read when they are asked for. A set that has nothing
        but `train` gets the splits of `text_files.hold_out`.

    Raises:
        UserError: TFDS has no such set, it has no translations, or it cannot be prepared.
    """
    with _quiet():
        builder = _find(name, data_dir)
        source_language, target_language = _languages(builder, name)
        _prepare(builder, name)
    read = functools.partial(_read, builder, source_language, target_language)
    license = builder.info.redistribution_info.license or LICENSES.get(builder.name, "unknown")
    splits = {split: info.num_examples for split, info in builder.info.splits.items()}
    if list(splits) == ["train"]:
        return split_corpus(name, source_language, target_language, read("train"), license)
    return Corpus(name, source_language, target_language, splits, read, license)


def _find(name: str, data_dir: str | None):
    """Returns the TFDS builder of that name."""
    import tensorflow_datasets as tfds

    if name == PHRASEBOOK:
        import tf_transformer.data.phrasebook  # noqa: F401  registers its builder

    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except Exception as error:  # of many kinds, for a name it cannot parse as for one not there
        raise UserError(_unknown(name)) from error
    configs = _configs(name)
    if "/" not in name and len(configs) > 1:  # TFDS would silently take the first
        raise UserError(
            f'"{name}" has {len(configs)} language pairs: name one, such as {name}/{configs[0]}'
        )
    return builder


def _unknown(name: str) -> str:
    """Says that there is no such data set, and which ones have a name like it."""
    import tensorflow_datasets as tfds

    dataset, _, config = name.partition("/")
    candidates = [f"{dataset}/{config}" for config in _configs(name)] if config else []
    candidates = candidates or [
        PHRASEBOOK,
        *tfds.list_builders(with_community_datasets=False),
    ]
    near = difflib.get_close_matches(name, candidates) or difflib.get_close_matches(
        dataset, candidates
    )
    hint = f"did you mean {' or '.join(near)}?" if near else "see tensorflow.org/datasets/catalog"
    return (
        f'no TensorFlow Datasets set is named "{name}" ({hint}); '
        "for your own text give FILE.tsv or SOURCE_FILE,TARGET_FILE"
    )


def _configs(name: str) -> list[str]:
    """Names of a set's configurations: its language pairs. Empty where it has none."""
    import tensorflow_datasets as tfds

    try:
        return list(tfds.builder_cls(name.partition("/")[0]).builder_configs)
    except Exception:  # no such set, or one known by its files only
        return []


def _languages(builder, name: str) -> tuple[str, str]:
    """Source and target language: the set's supervised keys, else its order of languages."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    if not isinstance(features, tfds.features.Translation):
        raise UserError(f'"{name}" is no translation set')
    source_language, target_language = builder.info.supervised_keys or list(features)[:2]
    return source_language, target_language


def _prepare(builder, name: str) -> None:
    """Downloads and prepares a set unless that has been done."""
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    if builder.is_prepared():
        return
    # TFDS tries ten times, which without a network takes more than three silent minutes.
    downloader.MAX_RETRIES = 3
    try:
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(try_download_gcs=False)
        )
    except Exception as error:  # networks, archives and disks fail with exceptions of many kinds
        raise UserError(_preparation_failure(error, builder, name)) from error


def _preparation_failure(error: Exception, builder, name: str) -> str:
    folder = builder.data_dir
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    if _disk_is_full(error):
        return f"the disk is full: {name} does not fit in {folder}; free space or set --data_dir"
    if name == PHRASEBOOK or isinstance(error, PermissionError):
        return (
            f"{name} cannot be prepared in {folder} ({reason}); set --data_dir to a folder of yours"
        )
    return (
        f"{name} is not prepared in {folder} and could not be downloaded ({reason}). "
        "Three ways on: --data_dir=FOLDER that holds it prepared, your own text by "
        "--dataset=FILE.tsv, or the built-in corpus by --dataset=phrasebook"
    )


def _disk_is_full(error: BaseException | None) -> bool:
    while error is not None:
        text = str(error).lower()
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "no space left" in text or "not enough disk space" in text:
            return True
        error = error.__cause__ or error.__context__
    return False


def _read(builder, source_language: str, target_language: str, split: str) -> Pairs:
    sources, targets = [], []
    try:
        with _quiet():
            for batch in builder.as_dataset(split=split, batch_size=1024).as_numpy_iterator():
                sources += [text.decode("utf-8", "replace") for text in batch[source_language]]
                targets += [text.decode("utf-8", "replace") for text in batch[target_language]]
    except Exception as error:  # TensorFlow's reading errors have no common type but this
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"the prepared files in {builder.data_dir} cannot be read ({reason}); delete that "
            "folder to prepare them again"
        ) from error
    return Pairs(sources, targets)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
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
