"""A server beside the code that starts it: for notebooks and tests."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

from tf_transformer.serving.address import Address
from tf_transformer.serving.server import Server


class RunningServer:
    """A server in a thread of its own; also a context manager.

    It is ready when it has been made.

    Args:
        server: the server.

    Raises:
        UserError: if it cannot be started.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._thread.start()
        while self._thread.is_alive() and not server.service.is_ready:
            self._thread.join(0.05)
        if self._error:
            raise self._error

    @property
    def url(self) -> str:
        """The beginning of REST's URLs."""
        return f"http://{self.server.address.rest}"

    @property
    def grpc_address(self) -> str:
        """Host and port of gRPC."""
        return self.server.address.grpc

    def stop(self) -> None:
        """Stop the server, and wait until its last requests are answered."""
        self.server.stop()
        self._thread.join()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self.server.serve())
        except BaseException as error:
            self._error = error


def start_server(
    model_dir: str | os.PathLike, rest_port: int = 0, grpc_port: int = 0, **options: Any
) -> RunningServer:
    """Start a server in a thread, and return it when it is ready.

    Args:
        model_dir: directory of the model, such as `saved_models/pt_en`.
        rest_port: port for REST. Defaults to a free one.
        grpc_port: port for gRPC. Defaults to a free one.
        **options: see `Server`.

    Returns:
        The running server: its `url`, its `grpc_address`, and `stop`.

    Raises:
        UserError: if there is no such model, if a port is taken, or if a package is missing.
    """
    address = Address(rest_port=rest_port, grpc_port=grpc_port)
    return RunningServer(Server(model_dir, address, **options))
