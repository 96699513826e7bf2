"""Requests that a model answers before it serves, so that no user waits while XLA compiles.

They lie in the SavedModel where TensorFlow Serving looks for them, in its format: a TFRecord file
of `PredictionLog`s. Its Python package would be a heavy dependency for five messages of two fields,
so these are declared here, with the numbers of its `.proto` files.

Reference:
    https://www.tensorflow.org/tfx/serving/saved_model_warmup
"""

from pathlib import Path

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorflow.core.framework import tensor_pb2

_FILE = Path("assets.extra", "tf_serving_warmup_requests")
_SIGNATURES = ("serving_default", "translate_beam")  # those that are compiled
_WORD = "a"  # a token or two in any vocabulary

_FIELDS = {  # of each message, by its number
    "PredictionLog": {6: ("predict_log", "PredictLog")},
    "PredictLog": {1: ("request", "PredictRequest")},
    "PredictRequest": {1: ("model_spec", "ModelSpec"), 2: ("inputs", "Input")},
    "ModelSpec": {1: ("name", "string"), 3: ("signature_name", "string")},
    "Input": {1: ("key", "string"), 2: ("value", "bytes")},  # of a map; a serialized TensorProto
}


def _prediction_log():
    """Return the class of the message."""
    field = descriptor_pb2.FieldDescriptorProto
    scalars = {"string": field.TYPE_STRING, "bytes": field.TYPE_BYTES}
    file = descriptor_pb2.FileDescriptorProto(name="warm_up.proto", syntax="proto3")
    for message, fields in _FIELDS.items():
        declared = file.message_type.add(name=message)
        for number, (name, kind) in fields.items():
            declared.field.add(
                name=name,
                number=number,
                type=scalars.get(kind, field.TYPE_MESSAGE),
                type_name=None if kind in scalars else f".{kind}",
                label=field.LABEL_REPEATED if kind == "Input" else field.LABEL_OPTIONAL,
            )
    pool = descriptor_pool.DescriptorPool()  # of its own: the true messages may be there too
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("PredictionLog"))


def warm_up_requests(translator):
    """Return requests that make XLA compile all that there is to compile.

    Args:
        translator: a `Translator`.

    Returns:
        A list of `(signature, texts)`. There is one for each of the translator's shapes and each
        signature that is compiled; none if XLA is not used.
    """
    words = tf.range(1, translator.max_length + 1)
    texts = tf.map_fn(
        lambda count: tf.strings.reduce_join(tf.fill([count], _WORD), separator=" "),
        words,
        fn_output_signature=tf.string,
    )
    tokens = translator.source_tokenizer.tokenize(texts).row_lengths()
    requests = []
    for rows, length in translator.shapes():
        requests.append([texts[tokens >= length][0].numpy().decode()] * rows)
    return [(signature, texts) for signature in _SIGNATURES for texts in requests]


def write_warm_up(version, name, requests):
    """Write the warm-up file of a SavedModel.

    Args:
        version: directory of a version of the model.
        name: of the model.
        requests: of `warm_up_requests`. The server takes at most 1,000.
    """
    path = Path(version) / _FILE
    path.parent.mkdir()
    message = _prediction_log()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, texts in requests:
            log = message()
            request = log.predict_log.request
            request.model_spec.name = name
            request.model_spec.signature_name = signature
            tensor = tf.make_tensor_proto(texts, tf.string)
            request.inputs.add(key="text", value=tensor.SerializeToString())
            writer.write(log.SerializeToString())


def read_warm_up(version):
    """Return the requests, `(signature, texts)`, of a version's warm-up file; none without one."""
    path = Path(version) / _FILE
    if not path.is_file():
        return []
    message = _prediction_log()
    requests = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        request = message.FromString(record).predict_log.request
        (text,) = request.inputs
        tensor = tf.make_ndarray(tensor_pb2.TensorProto.FromString(text.value))
        texts = [text.decode() for text in tensor]
        requests.append((request.model_spec.signature_name, texts))
    return requests
