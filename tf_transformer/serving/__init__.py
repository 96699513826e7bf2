"""A server for SavedModels, with TensorFlow Serving's REST and gRPC interfaces."""

from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.server import Address, RunningServer, Server, start_server
from tf_transformer.serving.versions import Versions

__all__ = ["Address", "Batcher", "RunningServer", "Server", "Versions", "start_server"]
