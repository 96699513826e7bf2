"""The server: REST and gRPC side by side in one process, until it is told to stop.

One process has a thread for each core. TensorFlow lets go of Python's lock while it computes, so
that threads use all cores; and one process holds a model once, puts all requests into one queue,
whose batches are thus fuller, and changes the version for all at the same moment. A process for
each core would load the model as many times.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.util
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tf_transformer.errors import UserError, require
from tf_transformer.serving.address import Address
from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.limits import Limits
from tf_transformer.serving.model import SavedModel
from tf_transformer.serving.versions import Model, Versions, model_directory

_NEEDED = ("starlette", "uvicorn", "grpc", "prometheus_client")


class Server:
    """Serves the versions of a SavedModel as TensorFlow Serving does.

    `serve` runs until `stop` is called or the process gets SIGTERM or SIGINT. Then it takes no new
    requests, and ends when those that have begun are answered.

    Args:
        model_dir: directory of the model, whose versions are `1/`, `2/` and so on.
        address: where to listen. Defaults to this machine, with TensorFlow Serving's ports.
        limits: what a request may ask for. Defaults to the usual ones.
        threads: batches that run at the same time; 0 for one a core. Defaults to 0.
        max_batch_rows: most rows of a batch of several requests. Defaults to 64.
        max_waiting_rows: most rows that may wait for a batch. Defaults to 1,000.
        poll_seconds: seconds between two looks at `model_dir`. Defaults to 2.
        drain_seconds: most seconds for the last requests. Defaults to 30.
        log: called with a line of JSON for each request. Defaults to nobody.
        log_texts: whether these lines have the texts. Defaults to `False`.
        tell: called with a line for people whenever something changes. Defaults to nobody.
        load: loads a version from its path. Defaults to `SavedModel`.
        page_dir: folder of a page, from `page.export_page`, that `/` shows. Defaults to the folder
            `page` in `model_dir`.

    Raises:
        UserError: if `model_dir` is no model's directory, if `page_dir` has no page, or if a
            package is missing.

    Example:
        ```python
        from pathlib import Path

        import tf_transformer as tft

        version = Path("saved_models/pt_en/1")
        version.mkdir(parents=True)
        (version / "saved_model.pb").touch()  # instead of an export
        server = tft.serving.Server("saved_models/pt_en", tft.serving.Address(rest_port=8080))
        server.versions.name  # 'pt_en'
        server.address.rest  # '127.0.0.1:8080'
        ```
    """

    def __init__(
        self,
        model_dir: str | os.PathLike,
        address: Address | None = None,
        limits: Limits | None = None,
        *,
        threads: int = 0,
        max_batch_rows: int = 64,
        max_waiting_rows: int = 1_000,
        poll_seconds: float = 2.0,
        drain_seconds: float = 30.0,
        log: Callable[[str], None] = lambda line: None,
        log_texts: bool = False,
        tell: Callable[[str], None] = lambda line: None,
        load: Callable[[Path], Model] = SavedModel,
        page_dir: str | os.PathLike | None = None,
    ) -> None:
        require_packages()
        from tf_transformer.serving.service import Service

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        self.address = address or Address()
        self.versions = Versions(model_directory(model_dir), load, tell)
        self.service = Service(
            self.versions,
            Batcher(threads or cores, max_batch_rows, max_waiting=max_waiting_rows),
            limits,
            log,
            log_texts,
        )
        self._page_dir = page_directory(page_dir, model_dir)
        self._poll_seconds, self._drain_seconds = poll_seconds, drain_seconds
        self._tell = tell
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    async def serve(self) -> None:
        """Listen, load the model, and answer until the end.

        Raises:
            UserError: if a port is taken, or if no version can be loaded.
        """
        from tf_transformer.serving.grpc_service import start_grpc
        from tf_transformer.serving.rest import rest_app
        from tf_transformer.serving.uvicorn_server import uvicorn_server

        self._loop = asyncio.get_running_loop()
        with listening(self.address.host, self.address.rest_port) as listener:
            rest_port = listener.getsockname()[1]
            try:
                grpc_server, grpc_port = await start_grpc(self.service, self.address.grpc)
            except RuntimeError:
                raise _taken("grpc_port", self.address.grpc_port) from None
            self.address = Address(self.address.host, rest_port, grpc_port)
            rest_server = uvicorn_server(
                rest_app(self.service, self._page_dir), self._drain_seconds
            )
            answering = asyncio.create_task(rest_server.serve(sockets=[listener]))
            answering.add_done_callback(lambda _: self._stopped.set())
            try:
                with self._signals():
                    await self._work()
            finally:
                self.service.is_stopping = rest_server.should_exit = True
                await asyncio.gather(answering, grpc_server.stop(self._drain_seconds))
                await self.service.batcher.drain()

    def stop(self) -> None:
        """Let the server end; may be called from any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def _work(self) -> None:
        """Load the newest version, while health is already answered; then look for others."""
        stopped = asyncio.create_task(self._stopped.wait())
        loading = asyncio.create_task(self.versions.load())
        await asyncio.wait((loading, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            return
        loading.result()
        name = self.versions.name
        self._tell(
            f"{name} is served: REST at http://{self.address.rest}/v1/models/{name}, "
            f"gRPC at {self.address.grpc}"
        )
        watching = asyncio.create_task(self.versions.watch(self._poll_seconds))
        await stopped
        watching.cancel()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT, if this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.remove_signal_handler(number)


def require_packages() -> None:
    """Check that what a server needs is installed.

    Raises:
        UserError: if a package is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    require(
        not missing,
        f"to serve a model needs {', '.join(missing)}: pip install 'tf-transformer[serving]'.",
    )


def page_directory(page_dir: str | os.PathLike | None, model_dir: str | os.PathLike) -> Path:
    """Return the folder of the page that `/` shows, which need not exist yet.

    Args:
        page_dir: the folder that was asked for; if none was, it is `page` in `model_dir`.
        model_dir: directory of the model.

    Raises:
        UserError: if a folder was asked for that has no page.
    """
    directory = Path(page_dir or Path(model_dir) / "page")
    require(
        not page_dir or (directory / "index.html").is_file(),
        f"page_dir={page_dir} has no index.html: make a page with tft page --export={page_dir}.",
    )
    return directory


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen at a port while in this block; 0 takes a free one.

    Raises:
        UserError: if there is no such host, or if the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY: the end of an answer is sent at once. It
    # would wait until the client confirms the beginning, which takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((host, port))
        except socket.gaierror:
            raise UserError(f"host={host} is no name or address of this machine.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _taken("rest_port", port) from None
            raise UserError(f"host={host}, rest_port={port}: {error.strerror}.") from None
        listener.listen(2048)
        yield listener


def _taken(name: str, port: int) -> UserError:
    return UserError(f"{name}={port} is taken: choose another, or 0 for a free one.")
