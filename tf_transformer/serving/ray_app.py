"""The server's application as a deployment of Ray Serve, for more than one machine.

    serve run deploy/ray/serve.yaml

Each replica is a process with one thread that computes, and has a queue of its own. Ray starts as
many replicas as the requests need, sends each request to one of those that have the fewest, and
starts a replica anew that has failed. What a request is answered is the same as from `tft serve`.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from ray import serve
from starlette.types import ASGIApp

from tf_transformer.errors import require, suggest
from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.limits import Limits, read_token
from tf_transformer.serving.model import SavedModel
from tf_transformer.serving.versions import Versions, model_directory


@dataclasses.dataclass(frozen=True)
class RayOptions:
    """What a YAML file may say of the application, under `args`.

    Args:
        model_dir: directory of the model, the same on all machines.
        token_file: file with a token that clients must send. Defaults to none.
        max_batch_rows: most rows of a batch of several requests. Defaults to 64.
        max_waiting_rows: most rows that may wait in a replica. Defaults to 1,000.
        poll_seconds: seconds between two looks at `model_dir`. Defaults to 2.
        log_texts: whether the log has the texts. Defaults to `False`.
        max_rows: as of `Limits`, and so are the others. Defaults to 1,000.
        max_text_bytes: defaults to 65,536.
        max_body_bytes: defaults to 4 MiB.
        timeout: defaults to 30.
    """

    model_dir: str
    token_file: str | None = None
    max_batch_rows: int = 64
    max_waiting_rows: int = 1_000
    poll_seconds: float = 2.0
    log_texts: bool = False
    max_rows: int = Limits.max_rows
    max_text_bytes: int = Limits.max_text_bytes
    max_body_bytes: int = Limits.max_body_bytes
    timeout: float = Limits.timeout

    @property
    def limits(self) -> Limits:
        """What a request may ask for.

        Raises:
            UserError: if one of the limits or the token is not possible.
        """
        names = (field.name for field in dataclasses.fields(Limits) if field.name != "token")
        given = {name: getattr(self, name) for name in names}
        return Limits(**given, token=read_token(self.token_file))


def build(args: dict[str, Any]) -> serve.Application:
    """Return the application: `import_path: tf_transformer.serving.ray_app:build`.

    Args:
        args: see `RayOptions`.

    Raises:
        UserError: if there is no such option.
    """
    known = [field.name for field in dataclasses.fields(RayOptions)]
    for name in args:
        require(name in known, f"args: there is no {name!r}: {suggest(name, known)}")
    require("model_dir" in args, "args: name the directory of the model: model_dir.")
    return Replica.bind(RayOptions(**args))


@serve.deployment
@serve.ingress()
class Replica:
    """One of the processes that answer.

    Args:
        options: what the YAML file says.
    """

    async def __init__(self, options: RayOptions) -> None:
        from tf_transformer.serving.grpc_service import GrpcServicer
        from tf_transformer.serving.service import Service

        _compute_in_one_thread()
        versions = Versions(model_directory(options.model_dir), SavedModel, _say)
        batcher = Batcher(1, options.max_batch_rows, max_waiting=options.max_waiting_rows)
        self._service = Service(versions, batcher, options.limits, _say, options.log_texts)
        self._grpc = GrpcServicer(self._service)
        await versions.load()  # before this ends, no request comes
        self._watching = asyncio.create_task(versions.watch(options.poll_seconds))

    def __serve_build_asgi_app__(self) -> ASGIApp:
        from tf_transformer.serving.rest import rest_app

        return rest_app(self._service)

    async def Predict(self, request: bytes, grpc_context: Any) -> bytes:
        """Answer `PredictionService.Predict`."""
        return await self._grpc.Predict(request, grpc_context)

    async def GetModelMetadata(self, request: bytes, grpc_context: Any) -> bytes:
        """Answer `PredictionService.GetModelMetadata`."""
        return await self._grpc.GetModelMetadata(request, grpc_context)

    async def GetModelStatus(self, request: bytes, grpc_context: Any) -> bytes:
        """Answer `ModelService.GetModelStatus`."""
        return await self._grpc.GetModelStatus(request, grpc_context)


def _compute_in_one_thread() -> None:
    """Use one core: there are as many replicas as cores are needed."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _say(line: str) -> None:
    print(line, flush=True)  # into the replica's log
