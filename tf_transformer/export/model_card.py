"""What a person should know about an exported model."""

import dataclasses
import datetime

from tf_transformer.config import TrainingConfig, TransformerConfig


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """Says what a model was trained on, how it scores and what may be done with it.

    Args:
        corpus: the `Corpus` it was trained on.
        split: name of the split that was scored.
        scores: `Scores` on that split.
        search: how its translations were found, such as `"greedy"`.
        model_config: a `TransformerConfig`.
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
        scores, scored = self.scores, f"on `{self.split}` ({self.search})"
        return f"""# Translation model {source} → {target}

A Transformer with {self.parameters:,} weights, exported by tf_transformer on \
{datetime.date.today():%Y-%m-%d}.

| | |
|---|---|
| training data | `{self.corpus.name}`, split `train`, {self.corpus.splits["train"]:,} pairs |
| licence of the data | {self.corpus.license} |
| training | {self.steps:,} steps |
| BLEU {scored} | {scores.bleu:.2f} (`{_cell(scores.bleu_signature)}`) |
| chrF {scored} | {scores.chrf:.2f} (`{_cell(scores.chrf_signature)}`) |

## Use

```python
import tensorflow as tf
import tensorflow_text  # registers the tokenizer's operations

model = tf.saved_model.load("PATH_OF_THIS_DIRECTORY")
model.signatures["serving_default"](tf.constant(["…"]))["translation"]
```

It translates sentences like those it was trained on, and knows no others: do not rely on it where
a wrong translation does harm.

## Configuration

```json
{self.model_config.to_json()}
```

```json
{self.training_config.to_json()}
```
"""


def _cell(text):
    """Keep the bars of a text from dividing a table's cell, even in code."""
    return text.replace("|", "\\|")
