"""A SavedModel from text to text, which needs TensorFlow and tensorflow-text alone."""

import tensorflow as tf

from tf_transformer.export.versions import load_version, write_version
from tf_transformer.export.warm_up import read_warm_up, warm_up_requests

_TEXT = tf.TensorSpec([None], tf.string, name="text")


class _Served(tf.Module):
    """What the SavedModel holds: a `Translator`'s methods, traced.

    Without AutoGraph, which nothing here needs: it reads source files anew when it traces, and so
    would mix old code with new if they were edited since the start.
    """

    def __init__(self, translator, beam_size, alpha):
        super().__init__()
        self.translator = translator  # tracked: weights and vocabularies are saved with it

        def translate_beam(text):
            found = self.search(text, beam_size, tf.constant(alpha, tf.float32))
            return {name: found[name] for name in ("translations", "scores")}

        self.translate = tf.function(translator.translate, input_signature=[_TEXT], autograph=False)
        self.translate_beam = tf.function(translate_beam, input_signature=[_TEXT], autograph=False)
        self.attend = tf.function(translator.attend, input_signature=[_TEXT], autograph=False)
        self.embed = tf.function(translator.embed, input_signature=[_TEXT], autograph=False)
        # With options, for who loads the model in Python: signatures take one batch size for all.
        self.search = tf.function(
            translator.translate_beam,
            input_signature=[
                _TEXT,
                tf.TensorSpec([], tf.int32, name="beam_size"),
                tf.TensorSpec([], tf.float32, name="alpha"),
            ],
            autograph=False,
        )
        self.sample = tf.function(
            translator.sample,
            input_signature=[
                _TEXT,
                tf.TensorSpec([], tf.int32, name="seed"),
                tf.TensorSpec([], tf.float32, name="temperature"),
                tf.TensorSpec([], tf.int32, name="top_k"),
                tf.TensorSpec([], tf.float32, name="top_p"),
            ],
            autograph=False,
        )


def export_saved_model(translator, directory, card, beam_size=4, alpha=0.6):
    """Export a translator as the next version of a SavedModel, in TF Serving's layout.

    The versions that are there are left alone. Signatures, each of a string `(batch,)`, `text`:

    - `serving_default`: `translation`, `score` (log-probability) and `truncated`, by greedy search
    - `translate_beam`: `translations` and `scores`, `(batch, beam)`, best first
    - `attend`: `translation`, `source_tokens`, `target_tokens`, `attention`,
      `(batch, layers, heads, target, source)`, and that of encoder and decoder to themselves,
      `encoder_attention` and `decoder_attention`
    - `embed`: `embedding`, `(batch, d_model)`

    Loaded in Python it also has the functions `search(text, beam_size, alpha)`, as
    `translate_beam` and `truncated`, and `sample(text, seed, temperature, top_k, top_p)`.

    If XLA compiles the searches, there is a warm-up file too: TensorFlow Serving plays its
    requests, one for each shape, before it serves the model.

    Args:
        translator: a `Translator`.
        directory: of the model, such as `saved_models/pt_en`: this becomes its `1/` or next.
        card: a `ModelCard`, written beside the model as `README.md`.
        beam_size: of `translate_beam`. Defaults to 4.
        alpha: its length penalty. Defaults to 0.6.

    Returns:
        The path of the version.
    """
    served = _Served(translator, beam_size, alpha)
    signatures = {
        "serving_default": served.translate,
        "translate_beam": served.translate_beam,
        "attend": served.attend,
        "embed": served.embed,
    }
    return write_version(served, signatures, directory, card, warm_up_requests(translator))


def load_saved_model(directory, warm_up=False):
    """Load a translation model that `export_saved_model` wrote.

    Args:
        directory: of the model (its newest version is taken) or of a version.
        warm_up: whether to play the requests of its warm-up file, if it has one: else the first
            request of each shape waits for seconds while XLA compiles. Defaults to `False`.

    Returns:
        The loaded object: see its `signatures`.

    Raises:
        UserError: if there is no such model.
    """
    model, path = load_version(directory, "translate_beam", "search", "translation model")
    if warm_up:
        for signature, texts in read_warm_up(path):
            model.signatures[signature](tf.constant(texts))
    return model
