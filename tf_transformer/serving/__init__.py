"""A server for SavedModels, with TensorFlow Serving's REST and gRPC interfaces."""

from tf_transformer.serving.address import Address
from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.limits import Limits, read_token
from tf_transformer.serving.running_server import RunningServer, start_server
from tf_transformer.serving.server import Server, require_packages

__all__ = [
    "Address",
    "Batcher",
    "Limits",
    "RunningServer",
    "Server",
    "read_token",
    "require_packages",
    "start_server",
]
