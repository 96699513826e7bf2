"""Clients of a server: REST by `requests`, gRPC by our own messages."""

import grpc
import requests
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from tf_transformer.export.messages import message_class


class Rest:
    """Asks a running server over REST."""

    def __init__(self, server, headers=None):
        self.url, self.headers = server.url, headers

    def send(self, method, path, **options):
        return requests.request(
            method, self.url + path, headers=self.headers, timeout=60, **options
        )

    def get(self, path):
        return self.send("GET", path)

    def predict(self, body, path="/v1/models/capitals"):
        return self.send("POST", f"{path}:predict", json=body)


class Grpc:
    """Asks a running server over gRPC."""

    def __init__(self, server, token=None):
        self.channel = grpc.insecure_channel(server.grpc_address)
        self.metadata = [("authorization", f"Bearer {token}")] if token else None

    def call(self, service, method, request):
        call = self.channel.unary_unary(
            f"/tensorflow.serving.{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_class(f"{method}Response").FromString,
        )
        return call(request, timeout=60, metadata=self.metadata)

    def predict(self, name, inputs, **spec):
        request = predict_request(name, inputs, **spec)
        found = self.call("PredictionService", "Predict", request)
        tensors = {x.key: tensor_pb2.TensorProto.FromString(x.value) for x in found.outputs}
        return {name: tf.make_ndarray(x) for name, x in tensors.items()}, found.model_spec

    def about(self, service, method, name, **fields):
        request = message_class(f"{method}Request")(**fields)
        request.model_spec.name = name
        return self.call(service, method, request)


def predict_request(name, inputs, version=None, label="", signature_name="", output_filter=()):
    request = message_class("PredictRequest")(output_filter=output_filter)
    request.model_spec.name = name
    request.model_spec.signature_name = signature_name
    request.model_spec.version_label = label
    if version is not None:
        request.model_spec.version.value = version
    for key, values in inputs.items():
        tensor = values if isinstance(values, bytes) else tf.make_tensor_proto(values)
        data = tensor if isinstance(tensor, bytes) else tensor.SerializeToString()
        request.inputs.add(key=key, value=data)
    return request
