"""TensorFlow Serving's messages, declared anew with the names and numbers of its `.proto` files.

Its Python package would be a heavy dependency for a dozen small messages. Where one of them holds a
message of TensorFlow's, such as a tensor, the field here is `bytes`: serialized, both are the same.

Reference:
    https://github.com/tensorflow/serving/tree/master/tensorflow_serving/apis
"""

from __future__ import annotations

import functools

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

_FIELDS = {  # of each message, by number: name and type; * is for several
    "PredictionLog": {6: "predict_log PredictLog"},
    "PredictLog": {1: "request PredictRequest"},
    "PredictRequest": {1: "model_spec ModelSpec", 2: "inputs Entry*", 3: "output_filter string*"},
    "PredictResponse": {1: "outputs Entry*", 2: "model_spec ModelSpec"},
    "ModelSpec": {
        1: "name string",
        2: "version Int64Value",
        3: "signature_name string",
        4: "version_label string",
    },
    "Int64Value": {1: "value int64"},
    "Entry": {1: "key string", 2: "value bytes"},  # of a map from strings to messages
    "GetModelMetadataRequest": {1: "model_spec ModelSpec", 2: "metadata_field string*"},
    "GetModelMetadataResponse": {1: "model_spec ModelSpec", 2: "metadata Entry*"},
    "SignatureDefMap": {1: "signature_def Entry*"},
    "GetModelStatusRequest": {1: "model_spec ModelSpec"},
    "GetModelStatusResponse": {1: "model_version_status ModelVersionStatus*"},
    "ModelVersionStatus": {1: "version int64", 2: "state int32", 3: "status StatusProto"},
    "StatusProto": {1: "error_code int32", 2: "error_message string"},
}
_SCALARS = ("string", "bytes", "int32", "int64")


def message_class(name: str) -> type[message.Message]:
    """Return the class of a message.

    Args:
        name: its name, such as `"PredictRequest"`.

    Example:
        ```python
        from tf_transformer.export.messages import message_class

        request = message_class("PredictRequest")(output_filter=["score"])
        request.model_spec.name = "pt_en"
        request.SerializeToString()
        ```
    """
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(name))


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="tensorflow_serving.proto", syntax="proto3")
    for name, fields in _FIELDS.items():
        declared = file.message_type.add(name=name)
        for number, field in fields.items():
            declared.field.append(_field(number, *field.split()))
    pool = descriptor_pool.DescriptorPool()  # a separate one: the original messages may exist too
    pool.Add(file)
    return pool


def _field(number: int, name: str, kind: str) -> descriptor_pb2.FieldDescriptorProto:
    field = descriptor_pb2.FieldDescriptorProto(name=name, number=number)
    field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
    kind = kind.removesuffix("*")
    if kind in _SCALARS:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
    else:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{kind}"
    return field
