"""Fine-tuning: a training that starts from the model and the vocabularies of another run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tf_transformer.config import CorpusFacts, TransformerConfig, TranslatorTraining
from tf_transformer.config.presets import FINE_TUNING, make_configs
from tf_transformer.data import Corpus
from tf_transformer.data.mixture import UNKNOWN_LANGUAGES
from tf_transformer.errors import require
from tf_transformer.training.run import Run

# Fields that may change in a model that has weights; max_length is also a field of training.
_FREE = {"dropout", "attention_dropout", "feed_forward_dropout", "max_length"}
_OF_VOCABULARY = ("tokenizer", "vocab_size", "joint_vocabulary")


def fine_tuning_configs(
    base: Run, fields: Mapping[str, Any]
) -> tuple[TransformerConfig, TranslatorTraining]:
    """Return the configurations of a training that starts from a run's model.

    Args:
        base: the run.
        fields: the fields that the user has set.

    Raises:
        UserError: if the run's model is not a translating Transformer, or if a field would change
            its shape or its vocabulary.
    """
    _, model, training = base.load_config()
    require(
        isinstance(model, TransformerConfig),
        f"init_from={base.directory} is a {model.title}: start from a Transformer that translates.",
    )
    fixed = ({*model.field_names()} - _FREE).union(_OF_VOCABULARY)
    for field in fields:
        require(
            field not in fixed,
            f"{field} cannot be changed: the model of init_from={base.directory} has its own shape "
            f"and vocabulary; leave {field} out.",
        )
    kept = (*_OF_VOCABULARY, "max_length")
    plan = FINE_TUNING | {field: getattr(training, field) for field in kept}
    changed, plan = make_configs(
        {TransformerConfig: model.to_dict(), TranslatorTraining: plan}, fields
    )
    require(
        plan.max_length <= model.max_length,
        f"max_length={plan.max_length} is over {model.max_length}, the most that the model of "
        f"init_from={base.directory} takes.",
    )
    return changed.replace(max_length=model.max_length), plan


def facts_after(base: Run, corpus: Corpus) -> CorpusFacts:
    """Return the facts about the corpus of a training that starts from a run's model.

    If a file does not name its languages, they are those of the run. Licences add up.

    Args:
        base: the run.
        corpus: the new corpus, perhaps a `Mixture`.

    Raises:
        UserError: if the run's model does not read or write text of this form or language.
    """
    old, new = base.corpus, corpus.facts
    if (new.source_language, new.target_language) == UNKNOWN_LANGUAGES:
        new = dataclasses.replace(
            new, source_language=old.source_language, target_language=old.target_language
        )
    known = {_kind(part): part.tag for part in old.parts or (old,)}
    for part in new.parts or (new,):
        require(
            known.get(_kind(part)) == part.tag,
            f"{part.name} is {_kind(part)}, but the model of init_from={base.directory} knows "
            f"{' and '.join(known)}: choose another dataset, or set text_form.",
        )
    licenses = f"{new.license}; of the model that it started from: {old.license}"
    return dataclasses.replace(new, license=licenses)


def _kind(facts: CorpusFacts) -> str:
    """Describe what a model reads and writes in a corpus."""
    form = "" if facts.text_form == "plain" else f", in the form {facts.text_form}"
    return f"{facts.source_language} → {facts.target_language}{form}"
