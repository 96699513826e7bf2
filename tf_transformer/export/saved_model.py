"""A SavedModel from text to text, which needs TensorFlow and tensorflow-text alone."""

from pathlib import Path

import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the tokenizers' operations for loading

from tf_transformer.errors import UserError
from tf_transformer.export.warm_up import read_warm_up, warm_up_requests, write_warm_up
from tf_transformer.files import replacing

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
    - `attend`: `translation`, `source_tokens`, `target_tokens` and `attention`,
      `(batch, layers, heads, target, source)`
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
    directory = Path(directory)
    if directory.exists() and not directory.is_dir():
        raise UserError(f"export_dir={directory} is a file: choose another export_dir.")
    version = directory / str(max(_versions(directory), default=0) + 1)
    served = _Served(translator, beam_size, alpha)
    signatures = {
        "serving_default": served.translate,
        "translate_beam": served.translate_beam,
        "attend": served.attend,
        "embed": served.embed,
    }
    with replacing(version) as path:
        tf.saved_model.save(served, str(path), signatures=signatures)
        (path / "README.md").write_text(str(card), encoding="utf-8")
        if requests := warm_up_requests(translator):
            write_warm_up(path, directory.name, requests)
    return version


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
    directory = Path(directory)
    if not directory.is_dir():
        raise UserError(f"model_dir={directory} is no directory: train and export a model first.")
    versions = [number for number in _versions(directory) if (directory / str(number)).is_dir()]
    path = directory / str(max(versions)) if versions else directory
    if not (path / "saved_model.pb").is_file():
        raise UserError(
            f"model_dir={directory} holds no SavedModel: no saved_model.pb, no numbered version."
        )
    try:
        model = tf.saved_model.load(str(path))
        model.signatures["translate_beam"], model.search
    except (OSError, tf.errors.OpError, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"model_dir={path} is damaged and cannot be loaded: {reason}") from error
    except (KeyError, AttributeError) as error:
        raise UserError(
            f"model_dir={path} is a SavedModel, but no translation model of this package."
        ) from error
    if warm_up:
        for signature, texts in read_warm_up(path):
            model.signatures[signature](tf.constant(texts))
    return model


def _versions(directory):
    """Return the numbers of the versions in a model's directory."""
    if not directory.is_dir():
        return []
    return [int(path.name) for path in directory.iterdir() if path.name.isdecimal()]
