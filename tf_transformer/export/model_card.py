"""What a person should know about an exported model."""

import dataclasses

from tf_transformer.config import TrainingConfig, TransformerConfig
from tf_transformer.export.card_text import card_text
from tf_transformer.text.forms import PLAIN

_ADVICE = """\
It translates sentences like those it was trained on, and knows no others: do not rely on it where
a wrong translation does harm.
"""

_ON_CASE = """
Give it text as people write it, and it answers with such text. In between, the text is in lower
case and split into words, as its training data is (`{}`). The first word of a sentence, "I", days,
months and titles get their capitals back, but names do not.
"""


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """Says what a model was trained on, how it scores and what may be done with it.

    Args:
        corpus: the `Corpus` it was trained on.
        split: name of the split that was scored.
        scores: `Scores` on that split.
        search: how its translations were found: `{"beam_size": …, "alpha": …}`.
        model_config: a `TransformerConfig`, or an `RNNConfig`.
        training_config: a `TrainingConfig`.
        parameters: number of weights.
        steps: optimizer steps behind the weights.
    """

    corpus: object
    split: str
    scores: object
    search: dict
    model_config: TransformerConfig
    training_config: TrainingConfig
    parameters: int
    steps: int

    @classmethod
    def of(cls, model, training_config, corpus, split, scores, search):
        """Return the card of a trained model: see the fields for the rest."""
        return cls(
            corpus=corpus,
            split=split,
            scores=scores,
            search=search,
            model_config=model.config,
            training_config=training_config,
            parameters=model.count_params(),
            steps=int(model.optimizer.iterations),
        )

    @property
    def search_in_words(self):
        """How its translations were found."""
        return f"beam {self.search['beam_size']}, length penalty {self.search['alpha']:g}"

    def __str__(self):
        source, target = self.corpus.source_language, self.corpus.target_language
        on_case = "" if self.corpus.text_form == PLAIN else _ON_CASE.format(self.corpus.text_form)
        facts = [
            (
                "training data",
                f"`{self.corpus.name}`, split `train`, {self.corpus.splits['train']:,} pairs",
            ),
            ("licence of the data", self.corpus.license),
            ("training", f"{self.steps:,} steps"),
            *self._scores(),
        ]
        configs = (self.model_config, self.training_config)
        return card_text(
            f"Translation model {source} → {target}",
            self.parameters,
            facts,
            "translation",
            _ADVICE + on_case,
            configs,
        )

    def _scores(self):
        scored = f"on `{self.split}` ({self.search_in_words})"
        facts = _facts(self.scores, scored)
        if self.scores.detokenized:
            facts += _facts(self.scores.detokenized, f"{scored}, detokenized")
        return facts


def _facts(scores, scored):
    return [
        (f"BLEU {scored}", f"{scores.bleu:.2f} (`{_cell(scores.bleu_signature)}`)"),
        (f"chrF {scored}", f"{scores.chrf:.2f} (`{_cell(scores.chrf_signature)}`)"),
    ]


def _cell(text):
    """Keep the bars of a text from dividing a table's cell, even in code."""
    return text.replace("|", "\\|")
