"""What a person should know about an exported language model or classifier."""

import dataclasses

from tf_transformer.export.card_text import card_text

_ADVICE = """\
It knows texts like those it was trained on, and no others: do not rely on it where a mistake does
harm.
"""


@dataclasses.dataclass(frozen=True)
class TextModelCard:
    """Says what a model of texts was trained on, how it scores and what may be done with it.

    Args:
        kind: of model, such as `"Language model"`.
        output: name of what it answers, such as `"completion"`.
        dataset: what it was trained on.
        license: licence of that.
        scores: what was measured, by its name.
        model_config: a `StackConfig`.
        training_config: a `TrainingConfig`.
        parameters: number of weights.
        steps: optimizer steps behind the weights.
    """

    kind: str
    output: str
    dataset: str
    license: str
    scores: dict
    model_config: object
    training_config: object
    parameters: int
    steps: int

    def __str__(self):
        facts = [
            ("training data", f"`{self.dataset}`"),
            ("licence of the data", self.license),
            ("training", f"{self.steps:,} steps"),
            *self.scores.items(),
        ]
        configs = (self.model_config, self.training_config)
        return card_text(self.kind, self.parameters, facts, self.output, _ADVICE, configs)
