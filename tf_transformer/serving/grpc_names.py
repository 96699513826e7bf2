"""The names of TensorFlow Serving's gRPC services and methods.

This imports no TensorFlow: Ray's proxies, which only pass requests on, read it, too.
"""

from __future__ import annotations

from typing import Any

import grpc

_SERVICES = {
    "PredictionService": ("Predict", "GetModelMetadata"),
    "ModelService": ("GetModelStatus",),
}


def add_services(servicer: Any, server: grpc.Server) -> None:
    """Add the services to a server, as functions do that gRPC's compiler writes.

    Args:
        servicer: has a coroutine for each method, from a serialized message to another.
        server: the server.
    """
    for service, methods in _SERVICES.items():
        handlers = {
            method: grpc.unary_unary_rpc_method_handler(getattr(servicer, method))
            for method in methods
        }
        name = f"tensorflow.serving.{service}"
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(name, handlers)])
