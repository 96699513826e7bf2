"""What a run's `metrics.json` says of how good its model is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tf_transformer.evaluation import Baselines, Scores

# What else is in the file: see `Run.save_metrics`.
_OTHERS = (
    "config",
    "split",
    "search",
    "parameters",
    "minutes",
    "cpu_minutes",
    "tokens_per_second",
    "peak_memory_mb",
    "environment",
    "epochs",
    "steps",
    "baselines",
    "unbeaten",
    "confidence",
)


@dataclasses.dataclass(frozen=True)
class RunMetrics:
    """How good the model of a finished run is.

    Args:
        split: name of the split that was scored.
        scores: `Scores` of a translator on that split; of another model a dictionary of scores.
        search: how the translations were found: `{"beam_size": …, "alpha": …}`, or `None`.
        baselines: what it was compared with. Defaults to none, as in runs of old.
        steps: that its model was trained for, where that cannot tell; 0 if it can. Defaults to 0.
    """

    split: str
    scores: Scores | dict[str, float]
    search: dict[str, Any] | None
    baselines: Baselines | None = None
    steps: int = 0

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunMetrics:
        """Make it from what is in the file."""
        split, search = values["split"], values["search"]
        baselines = values.get("baselines")
        baselines = baselines and Baselines(baselines, values["unbeaten"])
        others = {"baselines": baselines, "steps": values.get("steps", 0)}
        if "bleu" in values:
            return cls(split, _scores(values), search, **others)
        scores = {name: value for name, value in values.items() if name not in _OTHERS}
        return cls(split, scores, search, **others)


def _scores(values: Mapping[str, Any]) -> Scores:
    """Return the scores among values, and those within them."""
    names = {field.name for field in dataclasses.fields(Scores)} & set(values)
    values = {name: values[name] for name in names}
    by_corpus = values.pop("by_corpus", None)
    inner = {name: _scores(value) for name, value in values.items() if isinstance(value, dict)}
    parts = by_corpus and {name: _scores(value) for name, value in by_corpus.items()}
    return Scores(**values | inner, by_corpus=parts)
