"""TensorFlow Serving's gRPC interface: PredictionService and ModelService.

Reference:
    https://github.com/tensorflow/serving/tree/master/tensorflow_serving/apis
"""

from __future__ import annotations

import hmac
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import any_pb2, message
from tensorflow.core.framework import tensor_pb2

from tf_transformer.export.messages import message_class
from tf_transformer.serving.failures import Failure, code_number, invalid
from tf_transformer.serving.grpc_names import add_services
from tf_transformer.serving.metadata import find_statuses
from tf_transformer.serving.metrics import Call
from tf_transformer.serving.rest import unauthenticated
from tf_transformer.serving.service import Service
from tf_transformer.serving.signature import missing_signature

_STATES = {"LOADING": 20, "AVAILABLE": 30, "END": 50}
_TYPE_URL = "type.googleapis.com/tensorflow.serving.SignatureDefMap"

Context = grpc.ServicerContext  # or Ray's, which has the same methods
_Answer = Callable[[Call, message.Message], Awaitable[message.Message]]


async def start_grpc(service: Service, address: str) -> tuple[grpc.aio.Server, int]:
    """Start to serve, and return the server and its port.

    Args:
        service: answers the requests.
        address: host and port; port 0 takes a free one.

    Raises:
        RuntimeError: if the address is taken.
    """
    size = service.limits.max_body_bytes
    server = grpc.aio.server(
        options=[("grpc.max_receive_message_length", size), ("grpc.so_reuseport", 0)]
    )
    add_services(GrpcServicer(service), server)
    port = server.add_insecure_port(address)
    await server.start()
    return server, port


class GrpcServicer:
    """The methods of both services, from serialized message to serialized message.

    Args:
        service: answers the requests.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def Predict(self, request: bytes, context: Context) -> bytes:
        """Answer `PredictionService.Predict`."""
        return await self._answer("Predict", self._predict, request, context)

    async def GetModelMetadata(self, request: bytes, context: Context) -> bytes:
        """Answer `PredictionService.GetModelMetadata`."""
        return await self._answer("GetModelMetadata", self._metadata, request, context)

    async def GetModelStatus(self, request: bytes, context: Context) -> bytes:
        """Answer `ModelService.GetModelStatus`."""
        return await self._answer("GetModelStatus", self._status, request, context)

    async def _answer(self, api: str, answer: _Answer, request: bytes, context: Context) -> bytes:
        """Record a call and answer it; failures become status codes."""
        try:
            with self._service.record("GRPC", api) as call:
                _check_token(self._service.limits.token, context)
                return (await answer(call, _read(api, request))).SerializeToString()
        except Failure as failure:
            refusal = failure
        except Exception:
            logging.getLogger(__name__).exception("A request failed.")
            refusal = Failure("INTERNAL", "The server made a mistake; its log tells which.")
        context.set_code(grpc.StatusCode[refusal.code])
        context.set_details(refusal.message)
        return b""  # is not sent

    async def _predict(self, call: Call, request: Any) -> message.Message:
        model = self._find(call, request.model_spec)
        name = request.model_spec.signature_name or "serving_default"
        if name not in model.signatures or not model.signatures[name].inputs:
            raise missing_signature(name)
        signature = model.signatures[name]
        most = self._service.limits.max_rows
        inputs = {entry.key: _to_array(entry.key, entry.value, most) for entry in request.inputs}
        outputs = await self._service.predict(call, model, signature, inputs)
        chosen = signature.chosen(outputs, list(request.output_filter))
        answer = message_class("PredictResponse")()
        self._tell_version(answer.model_spec, call).signature_name = name
        for key, array in chosen.items():
            tensor = tf.make_tensor_proto(array, tf.string if array.dtype == object else None)
            answer.outputs.add(key=key, value=tensor.SerializeToString())
        return answer

    async def _metadata(self, call: Call, request: Any) -> message.Message:
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field} is not supported")
        model = self._find(call, request.model_spec)
        signatures = message_class("SignatureDefMap")()
        for name, signature_def in model.signature_defs.items():
            signatures.signature_def.add(key=name, value=signature_def.SerializeToString())
        packed = any_pb2.Any(type_url=_TYPE_URL, value=signatures.SerializeToString())
        answer = message_class("GetModelMetadataResponse")()
        self._tell_version(answer.model_spec, call)
        answer.metadata.add(key="signature_def", value=packed.SerializeToString())
        return answer

    async def _status(self, call: Call, request: Any) -> message.Message:
        found = find_statuses(self._service, call, *_asked(request.model_spec))
        answer = message_class("GetModelStatusResponse")()
        for status in found:
            told = answer.model_version_status.add(
                version=status.version, state=_STATES[status.state]
            )
            told.status.error_code = code_number(status.code)
            told.status.error_message = status.message
        return answer

    def _find(self, call: Call, model_spec: Any) -> Any:
        return self._service.find(call, *_asked(model_spec))

    @staticmethod
    def _tell_version(model_spec: Any, call: Call) -> Any:
        model_spec.name = call.model
        model_spec.version.value = call.version
        return model_spec


def _asked(model_spec: Any) -> tuple[str, int | None, str | None]:
    """Return the model, version and label that a request names."""
    version = model_spec.version.value if model_spec.HasField("version") else None
    return model_spec.name, version, model_spec.version_label or None


def _read(api: str, request: bytes) -> message.Message:
    try:
        return message_class(f"{api}Request").FromString(request)
    except message.DecodeError:
        raise invalid(f"The request is no {api}Request.") from None


def _check_token(token: str | None, context: Context) -> None:
    if not token:
        return
    given = dict(context.invocation_metadata() or ()).get("authorization", "")
    if not hmac.compare_digest(str(given).encode(), f"Bearer {token}".encode()):
        raise unauthenticated()


def _to_array(name: str, serialized: bytes, most: int) -> np.ndarray:
    """Return a serialized tensor as an array.

    Raises:
        Failure: if it is no tensor, or has too many elements: a few bytes can claim any number.
    """
    try:
        tensor = tensor_pb2.TensorProto.FromString(serialized)
        sizes = [dim.size for dim in tensor.tensor_shape.dim]
        if any(size < 0 for size in sizes) or math.prod(sizes) > most:
            raise invalid(f"Input {name} has shape {sizes}: this server takes at most {most} rows.")
        return tf.make_ndarray(tensor)
    except (message.DecodeError, ValueError, TypeError) as error:
        raise invalid(f"Input {name} is no valid tensor: {' '.join(str(error).split())}") from None
