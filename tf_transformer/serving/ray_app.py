"""The server's application as a deployment of Ray Serve, for more than one machine.

    serve run deploy/ray/serve.yaml

Each replica is a process with one thread that computes, and has a queue of its own. Ray starts as
many replicas as the requests need, sends each request to one of those that have the fewest, and
starts a replica anew that has failed. What a request is answered is the same as from `tft serve`.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from ray import serve
from starlette.types import ASGIApp

from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.model import SavedModel
from tf_transformer.serving.ray_options import RayOptions
from tf_transformer.serving.threads import share_cores
from tf_transformer.serving.versions import Versions, model_directory


def build(args: dict[str, Any]) -> serve.Application:
    """Return the application: `import_path: tf_transformer.serving.ray_app:build`.

    Args:
        args: see `RayOptions`.

    Raises:
        UserError: if there is no such option, or no `model_dir`.
    """
    return Replica.bind(RayOptions.of(args))


class Serialized(NamedTuple):
    """A message that is serialized already; Ray takes messages that it can serialize.

    Args:
        content: the serialized message.
    """

    content: bytes

    def SerializeToString(self) -> bytes:
        """Return the serialized message."""
        return self.content


@serve.deployment
@serve.ingress()
class Replica:
    """One of the processes that answer.

    Args:
        options: what the YAML file says.
    """

    async def __init__(self, options: RayOptions) -> None:
        from tf_transformer.serving.grpc_service import GrpcServicer
        from tf_transformer.serving.server import page_directory
        from tf_transformer.serving.service import Service

        share_cores(batches=1, alone=False)  # there are as many replicas as are needed
        versions = Versions(model_directory(options.model_dir), SavedModel, _say)
        batcher = Batcher(1, options.max_batch_rows, max_waiting=options.max_waiting_rows)
        self._service = Service(versions, batcher, options.limits, _say, options.log_texts)
        self._page_dir = page_directory(options.page_dir, options.model_dir)
        self._grpc = GrpcServicer(self._service)
        await versions.load()  # before this ends, no request comes
        self._watching = asyncio.create_task(versions.watch(options.poll_seconds))

    def __serve_build_asgi_app__(self) -> ASGIApp:
        from tf_transformer.serving.rest import rest_app

        return rest_app(self._service, self._page_dir)

    async def Predict(self, request: bytes, grpc_context: Any) -> Serialized:
        """Answer `PredictionService.Predict`."""
        return Serialized(await self._grpc.Predict(request, grpc_context))

    async def GetModelMetadata(self, request: bytes, grpc_context: Any) -> Serialized:
        """Answer `PredictionService.GetModelMetadata`."""
        return Serialized(await self._grpc.GetModelMetadata(request, grpc_context))

    async def GetModelStatus(self, request: bytes, grpc_context: Any) -> Serialized:
        """Answer `ModelService.GetModelStatus`."""
        return Serialized(await self._grpc.GetModelStatus(request, grpc_context))


def _say(line: str) -> None:
    print(line, flush=True)  # into the replica's log
