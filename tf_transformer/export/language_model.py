"""A language model as a SavedModel, from prompt to completion."""

import tensorflow as tf

from tf_transformer.export.versions import load_version, write_version

_PROMPT = tf.TensorSpec([None], tf.string, name="prompt")


class _Served(tf.Module):
    """What the SavedModel holds: a `Completer`'s method, traced with and without options."""

    def __init__(self, completer, options):
        super().__init__()
        self.completer = completer  # tracked: weights and vocabulary are saved with it
        self.default = tf.function(
            lambda prompt: completer.complete(prompt, **options),
            input_signature=[_PROMPT],
            autograph=False,
        )
        self.complete = tf.function(
            completer.complete,
            input_signature=[
                _PROMPT,
                tf.TensorSpec([], tf.int32, name="max_tokens"),
                tf.TensorSpec([], tf.int32, name="seed"),
                tf.TensorSpec([], tf.float32, name="temperature"),
                tf.TensorSpec([], tf.int32, name="top_k"),
                tf.TensorSpec([], tf.float32, name="top_p"),
            ],
            autograph=False,
        )


def export_language_model(completer, directory, card, **options):
    """Export a completer as the next version of a SavedModel, in TF Serving's layout.

    The versions that are there are left alone. Signatures:

    - `serving_default`: from strings `(batch,)`, `prompt`, to `completion`, `score`
      (log-probability) and `ended`, with these options
    - `complete`: the same, with all options as inputs, scalars

    Loaded in Python it also has the function
    `complete(prompt, max_tokens, seed, temperature, top_k, top_p)`.

    Args:
        completer: a `Completer`.
        directory: of the model, such as `saved_models/shakespeare`: this becomes its `1/` or next.
        card: a `TextModelCard`, written beside the model as `README.md`.
        **options: of `Completer.complete`, for `serving_default`.

    Returns:
        The path of the version.
    """
    served = _Served(completer, options)
    signatures = {"serving_default": served.default, "complete": served.complete}
    return write_version(served, signatures, directory, card)


def load_language_model(directory):
    """Load a language model that `export_language_model` wrote.

    Args:
        directory: of the model (its newest version is taken) or of a version.

    Returns:
        The loaded object: see its `signatures`, and `complete`.

    Raises:
        UserError: if there is no such model.
    """
    model, _ = load_version(directory, "complete", "complete", "language model")
    return model
