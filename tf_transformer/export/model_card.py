"""What a person should know about an exported model."""

import dataclasses
import datetime

from tf_transformer.config import TrainingConfig, TransformerConfig
from tf_transformer.text.text_form import PLAIN

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
        search: how its translations were found, such as `"greedy"`.
        model_config: a `TransformerConfig`, or an `RNNConfig`.
        training_config: a `TrainingConfig`.
        parameters: number of weights.
        steps: optimizer steps behind the weights.
    """

    corpus: object
    split: str
    scores: object
    search: str
    model_config: TransformerConfig
    training_config: TrainingConfig
    parameters: int
    steps: int

    def __str__(self):
        source, target = self.corpus.source_language, self.corpus.target_language
        on_case = "" if self.corpus.text_form == PLAIN else _ON_CASE.format(self.corpus.text_form)
        return f"""# Translation model {source} → {target}

A {self.model_config.title} with {self.parameters:,} weights, exported by tf_transformer on \
{datetime.date.today():%Y-%m-%d}.

| | |
|---|---|
| training data | `{self.corpus.name}`, split `train`, {self.corpus.splits["train"]:,} pairs |
| licence of the data | {self.corpus.license} |
| training | {self.steps:,} steps |
{self._score_rows()}

## Use

```python
import tensorflow as tf
import tensorflow_text  # registers the tokenizer's operations

model = tf.saved_model.load("PATH_OF_THIS_DIRECTORY")
model.signatures["serving_default"](tf.constant(["…"]))["translation"]
```

It translates sentences like those it was trained on, and knows no others: do not rely on it where
a wrong translation does harm.
{on_case}
## Configuration

```json
{self.model_config.to_json()}
```

```json
{self.training_config.to_json()}
```
"""

    def _score_rows(self):
        scored = f"on `{self.split}` ({self.search})"
        rows = _rows(self.scores, scored)
        if self.scores.detokenized:
            rows += _rows(self.scores.detokenized, f"{scored}, detokenized")
        return "\n".join(rows)


def _rows(scores, scored):
    return [
        f"| BLEU {scored} | {scores.bleu:.2f} (`{_cell(scores.bleu_signature)}`) |",
        f"| chrF {scored} | {scores.chrf:.2f} (`{_cell(scores.chrf_signature)}`) |",
    ]


def _cell(text):
    """Keep the bars of a text from dividing a table's cell, even in code."""
    return text.replace("|", "\\|")
