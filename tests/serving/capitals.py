"""A SavedModel that answers in capitals: small, quick, and of the form of a translator's."""

import tensorflow as tf

from tf_transformer.export.versions import write_version

TEXT = tf.TensorSpec([None], tf.string, name="text")


class Capitals(tf.Module):
    """Its translations are capitals with a mark; it scores by length."""

    def __init__(self, mark=""):
        super().__init__()
        self.mark = tf.Variable(mark)

    def said(self, text):
        return tf.strings.join([tf.strings.upper(text, encoding="utf-8"), self.mark])

    @tf.function(input_signature=[TEXT])
    def translate(self, text):
        length = tf.cast(tf.strings.length(text), tf.float32)
        return {"translation": self.said(text), "score": -length / 3}

    @tf.function(input_signature=[TEXT])
    def translate_beam(self, text):
        found = tf.stack([self.said(text), text], axis=1)
        return {"translations": tf.compat.v1.placeholder_with_default(found, [None, None])}

    @tf.function(input_signature=[TEXT])
    def attend(self, text):
        source, target = (tf.strings.split(x).to_tensor("") for x in (text, self.said(text)))
        return {"source_tokens": source, "target_tokens": target[:, :1]}

    @tf.function(input_signature=[TEXT])
    def fail(self, text):
        with tf.control_dependencies([tf.debugging.Assert(tf.size(text) == 0, ["none, please"])]):
            return {"translation": tf.identity(text)}

    @tf.function(input_signature=[TEXT])
    def slow(self, text):
        """Take some tenths of a second."""
        _, worked = tf.while_loop(
            lambda i, x: i < 300,
            lambda i, x: (i + 1, tf.matmul(x, x) / 256),
            (0, tf.fill([256, 256], tf.cast(tf.size(text) > 0, tf.float32))),
        )
        score = tf.fill(tf.shape(text), worked[0, 0])
        return {"translation": self.said(text), "score": score}

    @tf.function(input_signature=[TEXT])
    def search(self, text):
        return self.translate(text)


def export(directory, mark="", slow=False):
    """Write the next version of such a model, also with a slow signature; return its path."""
    model = Capitals(mark)
    signatures = {
        "serving_default": model.translate,
        "translate_beam": model.translate_beam,
        "attend": model.attend,
        "fail": model.fail,
    }
    if slow:
        signatures["slow"] = model.slow
    return write_version(model, signatures, directory, "It knows capitals.")
