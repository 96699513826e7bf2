"""The facts about the corpus of an old run, which did not keep them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tf_transformer.config import CorpusFacts, dataset_parts
from tf_transformer.data import load_corpus, load_labelled, load_text
from tf_transformer.data.tfds_corpus import find_builder, quiet
from tf_transformer.errors import UserError
from tf_transformer.training.run_config import RunConfig

_FILES = (".tsv", ".txt", ".md", ".rst", ".gz")
_LOADERS = {"completer": load_text, "classifier": load_labelled}


def find_facts(config: RunConfig) -> CorpusFacts:
    """Return the facts about a run's corpus, from the corpus itself if it is on this machine.

    Nothing is downloaded or prepared.

    Args:
        config: the run's configuration.
    """
    form = getattr(config.training, "text_form", "")
    try:
        parts = dataset_parts(config.dataset)
        if all(_is_here(part.name) for part in parts):
            load = _LOADERS.get(config.model.task, load_corpus)
            facts = load(config.dataset).facts
            return dataclasses.replace(facts, text_form=form or facts.text_form)
    except UserError:
        pass
    return CorpusFacts(config.dataset, text_form=form or "plain")


def _is_here(dataset: str) -> bool:
    paths = [path.strip() for path in dataset.split(",")]
    if len(paths) > 1 or dataset.endswith(_FILES):
        return all(Path(path).is_file() for path in paths)
    if dataset == "python_help":
        return True
    with quiet():
        return find_builder(dataset, None).is_prepared()
