"""The card of a finished run's model."""

from __future__ import annotations

import keras

from tf_transformer.export import ModelCard
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.training.run import Run


def card_of(run: Run, model: keras.Model, confidence: Confidence | None = None) -> ModelCard:
    """Return the card of a finished run's model.

    Args:
        run: the run.
        model: its best model.
        confidence: the confidence in translations, if there is one. Defaults to none.
    """
    _, _, config = run.load_config()
    metrics = run.metrics()
    scores = metrics.scores
    if isinstance(scores, dict):  # of the split, not those that chose the model
        scores = {name: x for name, x in scores.items() if not name.startswith("validation_")}
    return ModelCard.of(
        model,
        corpus=run.corpus,
        split=metrics.split,
        scores=scores,
        baselines=metrics.baselines,
        confidence=str(confidence or ""),
        longest_source=confidence.longest if confidence else 0,
        usual_longest_source=confidence.usual_longest if confidence else 0,
        search=metrics.search or {},
        training_config=config,
        **({"steps": metrics.steps} if metrics.steps else {}),
    )
