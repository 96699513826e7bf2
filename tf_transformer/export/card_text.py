"""The text of a model's card."""

import datetime


def card_text(title, parameters, facts, output, advice, configs):
    """Return a model's card, in Markdown.

    Args:
        title: of the card.
        parameters: number of weights.
        facts: rows of a table, each a pair of texts.
        output: name of the first output of `serving_default`.
        advice: what it is good for.
        configs: its configurations.
    """
    rows = "\n".join(f"| {name} | {fact} |" for name, fact in facts)
    shown = "\n\n".join(f"```json\n{config.to_json()}\n```" for config in configs)
    return f"""# {title}

A {configs[0].title} with {parameters:,} weights, exported by tf_transformer on \
{datetime.date.today():%Y-%m-%d}.

| | |
|---|---|
{rows}

## Use

```python
import tensorflow as tf
import tensorflow_text  # registers the tokenizer's operations

model = tf.saved_model.load("PATH_OF_THIS_DIRECTORY")
model.signatures["serving_default"](tf.constant(["…"]))["{output}"]
```

{advice}
## Configuration

{shown}
"""
