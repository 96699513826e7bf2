"""The quality of a run's model, as its `metrics.json` says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tf_transformer.evaluation import Baselines, Scores

# The other contents of the file: see `Run.save_metrics`.
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
    """The quality of a finished run's model.

    Args:
        split: name of the split that was scored.
        scores: `Scores` of a translator on that split; for other models, a dictionary of scores.
        search: the search that found the translations: `{"beam_size": …, "alpha": …}`, or `None`.
        baselines: what it was compared with. Defaults to none, as in old runs.
        steps: number of steps that its model was trained for; 0 if the model itself knows. Defaults
            to 0.
    """

    split: str
    scores: Scores | dict[str, float]
    search: dict[str, Any] | None
    baselines: Baselines | None = None
    steps: int = 0

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunMetrics:
        """Make it from the contents of the file."""
        split, search = values["split"], values["search"]
        baselines = values.get("baselines")
        baselines = baselines and Baselines(baselines, values["unbeaten"])
        others = {"baselines": baselines, "steps": values.get("steps", 0)}
        if "bleu" in values:
            return cls(split, _scores(values), search, **others)
        scores = {name: value for name, value in values.items() if name not in _OTHERS}
        return cls(split, scores, search, **others)


def _scores(values: Mapping[str, Any]) -> Scores:
    """Return the scores among values, including nested ones."""
    names = {field.name for field in dataclasses.fields(Scores)} & set(values)
    values = {name: values[name] for name in names}
    by_corpus = values.pop("by_corpus", None)
    inner = {name: _scores(value) for name, value in values.items() if isinstance(value, dict)}
    parts = by_corpus and {name: _scores(value) for name, value in by_corpus.items()}
    return Scores(**values | inner, by_corpus=parts)
