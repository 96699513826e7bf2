"""Requests that a model answers before it serves, so that no user waits while XLA compiles.

They are in the SavedModel where TensorFlow Serving looks for them, in its format: a TFRecord file
of `PredictionLog`s. Its Python package would be a heavy dependency for five messages of two fields,
which are thus declared here, with the numbers of its `.proto` files.

Reference:
    https://www.tensorflow.org/tfx/serving/saved_model_warmup
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from tensorflow.core.framework import tensor_pb2

_FILE = Path("assets.extra", "tf_serving_warmup_requests")

_FIELDS = {  # of each message, by number
    "PredictionLog": {6: ("predict_log", "PredictLog")},
    "PredictLog": {1: ("request", "PredictRequest")},
    "PredictRequest": {1: ("model_spec", "ModelSpec"), 2: ("inputs", "Input")},
    "ModelSpec": {1: ("name", "string"), 3: ("signature_name", "string")},
    "Input": {1: ("key", "string"), 2: ("value", "bytes")},  # of a map; a serialized TensorProto
}


def _prediction_log() -> type[message.Message]:
    """Return the class of the message."""
    field = descriptor_pb2.FieldDescriptorProto
    scalars = {"string": field.TYPE_STRING, "bytes": field.TYPE_BYTES}
    file = descriptor_pb2.FileDescriptorProto(name="warm_up.proto", syntax="proto3")
    for name_of_message, fields in _FIELDS.items():
        declared = file.message_type.add(name=name_of_message)
        for number, (name, kind) in fields.items():
            declared.field.add(
                name=name,
                number=number,
                type=scalars.get(kind, field.TYPE_MESSAGE),
                type_name=None if kind in scalars else f".{kind}",
                label=field.LABEL_REPEATED if kind == "Input" else field.LABEL_OPTIONAL,
            )
    pool = descriptor_pool.DescriptorPool()  # a separate one: the original messages may exist too
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("PredictionLog"))


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
    new_log = _prediction_log()
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
    new_log = _prediction_log()
    requests = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        request = new_log.FromString(record).predict_log.request
        (text,) = request.inputs
        tensor = tf.make_ndarray(tensor_pb2.TensorProto.FromString(text.value))
        texts = [text.decode() for text in tensor]
        requests.append((request.model_spec.signature_name, texts))
    return requests
