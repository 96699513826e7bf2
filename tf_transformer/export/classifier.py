"""A classifier as a SavedModel, from text to class."""

import tensorflow as tf

from tf_transformer.export.versions import load_version, write_version

_TEXT = tf.TensorSpec([None], tf.string, name="text")


class _Served(tf.Module):
    """What the SavedModel holds: a `TextClassifier`'s method, traced."""

    def __init__(self, classifier):
        super().__init__()
        self.classifier = classifier  # tracked: weights and vocabulary are saved with it
        self.classify = tf.function(classifier.classify, input_signature=[_TEXT], autograph=False)


def export_classifier(classifier, directory, card):
    """Export a classifier as the next version of a SavedModel, in TF Serving's layout.

    The versions that are there are left alone. Its signature, `serving_default`, is from strings
    `(batch,)`, `text`, to `label`, `probability` and `probabilities`.

    Args:
        classifier: a `TextClassifier`.
        directory: of the model, such as `saved_models/reviews`: this becomes its `1/` or next.
        card: a `TextModelCard`, written beside the model as `README.md`.

    Returns:
        The path of the version.
    """
    served = _Served(classifier)
    return write_version(served, {"serving_default": served.classify}, directory, card)


def load_classifier(directory):
    """Load a classifier that `export_classifier` wrote.

    Args:
        directory: of the model (its newest version is taken) or of a version.

    Returns:
        The loaded object: see its `signatures`, and `classify`.

    Raises:
        UserError: if there is no such model.
    """
    model, _ = load_version(directory, "serving_default", "classify", "classifier")
    return model
