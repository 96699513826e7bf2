"""Serves an exported model where this package is not: with TensorFlow and tensorflow-text alone.

Run by `test_fresh_process.py` as a script; it must import nothing of the project.

    python -I fresh_process.py TEXTS ANSWERS DIRECTORY

reads a pickled list of byte strings and writes a pickled dictionary of what the model answers.
"""

import pickle
import sys


class _Forbidden:
    """Makes an installed copy of this package invisible."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tf_transformer":
            raise ModuleNotFoundError(f"{name} is forbidden here")


def answers_of(directory, texts):
    import tensorflow as tf

    model = tf.saved_model.load(directory)
    text = tf.constant(texts, tf.string)
    answers = {name: signature(text=text) for name, signature in model.signatures.items()}
    answers["search"] = model.search(text, 2, 0.0)
    answers["sample"] = model.sample(text, 5, 0.8, 7, 0.9)
    answers["no rows"] = model.signatures["serving_default"](tf.constant([], tf.string))
    return {
        name: {key: value.numpy() for key, value in answer.items()}
        for name, answer in answers.items()
    }


def main(texts_path, answers_path, directory):
    sys.meta_path.insert(0, _Forbidden())
    import tensorflow  # noqa: F401
    import tensorflow_text  # noqa: F401

    with open(texts_path, "rb") as file:
        texts = pickle.load(file)
    answers = answers_of(directory, texts)
    assert not any(name.partition(".")[0] == "tf_transformer" for name in sys.modules)
    with open(answers_path, "wb") as file:
        pickle.dump(answers, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
