"""Requests that a model answers before it serves, so that no user waits while XLA compiles.

They are in the SavedModel where TensorFlow Serving looks for them, in its format: a TFRecord file
of `PredictionLog`s.

Reference:
    https://www.tensorflow.org/tfx/serving/saved_model_warmup
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from tf_transformer.export.messages import message_class

_FILE = Path("assets.extra", "tf_serving_warmup_requests")


def write_warm_up(
    version: str | os.PathLike, name: str, requests: Iterable[tuple[str, list[str]]]
) -> None:
    """Write the warm-up file of a SavedModel.

    Args:
        version: directory of a version of the model.
        name: name of the model.
        requests: requests, each `(signature, texts)`. The server takes at most 1,000.
    """
    path = Path(version) / _FILE
    path.parent.mkdir()
    new_log = message_class("PredictionLog")
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, texts in requests:
            log = new_log()
            request = log.predict_log.request
            request.model_spec.name = name
            request.model_spec.signature_name = signature
            tensor = tf.make_tensor_proto(texts, tf.string)
            request.inputs.add(key="text", value=tensor.SerializeToString())
            writer.write(log.SerializeToString())


def read_warm_up(version: str | os.PathLike) -> list[tuple[str, list[str]]]:
    """Return the requests, `(signature, texts)`, of a version's warm-up file, if it has one."""
    path = Path(version) / _FILE
    if not path.is_file():
        return []
    new_log = message_class("PredictionLog")
    requests = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        request = new_log.FromString(record).predict_log.request
        (text,) = request.inputs
        tensor = tf.make_ndarray(tensor_pb2.TensorProto.FromString(text.value))
        texts = [text.decode() for text in tensor]
        requests.append((request.model_spec.signature_name, texts))
    return requests
