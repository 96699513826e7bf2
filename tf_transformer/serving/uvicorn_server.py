"""uvicorn, with the signals left to us."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # REST and gRPC stop together


def uvicorn_server(app: ASGIApp, drain_seconds: float) -> uvicorn.Server:
    """Return a server of an application.

    Args:
        app: the application.
        drain_seconds: most seconds that requests have to end when the server stops.
    """
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=int(drain_seconds) + 1,
    )
    return _Uvicorn(config)
