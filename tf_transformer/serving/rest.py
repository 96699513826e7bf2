"""The ASGI application: TensorFlow Serving's REST interface, health, and figures.

Reference:
    https://www.tensorflow.org/tfx/serving/api_rest
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.json_answer import write_answer, write_error, write_pretty
from tf_transformer.serving.json_request import find_signature, read_body, read_inputs
from tf_transformer.serving.metadata import metadata_of, statuses_of
from tf_transformer.serving.metrics import CONTENT_TYPE, Call
from tf_transformer.serving.rest_path import EmptyFailure, read_path
from tf_transformer.serving.service import Service

_APIS = {"predict": "Predict", "metadata": "GetModelMetadata", "status": "GetModelStatus"}
_JSON = "application/json"
_OPEN_TO_ALL = ("/healthz", "/readyz")


def rest_app(service: Service, page_dir: Path | None = None) -> Starlette:
    """Return the application: `/v1/models/…`, `/healthz`, `/readyz`, the metrics, and the page.

    Args:
        service: answers the requests.
        page_dir: folder of a page, which need not exist yet: its files are what other paths lead
            to, `/` to `index.html`. Defaults to none.
    """

    async def is_alive(request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def is_ready(request: Request) -> Response:
        ready = service.is_ready
        words = "ready\n" if ready else "not ready\n"
        return Response(words, 200 if ready else 503, media_type="text/plain")

    async def metrics(request: Request) -> Response:
        return Response(service.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    routes = [
        Route("/healthz", is_alive),
        Route("/readyz", is_ready),
        Route("/monitoring/prometheus/metrics", metrics),
        Route("/{path:path}", _Rest(service, page_dir)),
    ]
    app = Starlette(routes=routes)
    if service.limits.token:
        app.add_middleware(_BearerToken, token=service.limits.token)
    return app


class _Rest:
    """Answers all of `/v1/`; a path elsewhere is a file of the page, or is not found."""

    def __init__(self, service: Service, page_dir: Path | None) -> None:
        self._service = service
        self._page_dir = page_dir
        self._files = page_dir and StaticFiles(directory=page_dir, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        if not path.lower().startswith("/v1/"):
            response = await self._file(scope)
        elif request.method == "OPTIONS":
            response = _answer_options(request)
        else:
            response = await self._respond(request, path)
        await response(scope, receive, send)

    async def _file(self, scope: Scope) -> Response:
        """Return a file of the page."""
        said = "Not Found"
        if self._page_dir and (self._page_dir / "index.html").is_file():
            with contextlib.suppress(HTTPException, OSError, ValueError):  # such as a NUL in a name
                return await self._files.get_response(self._files.get_path(scope), scope)
        elif self._page_dir and scope["path"] == "/":
            said = (
                "There is no page here: make it with "
                f"tft page --run_dir=RUN --export={self._page_dir}, where RUN is the model's run, "
                "or pt_en for the translator in the box."
            )
        return Response(write_error(said), 404, media_type=_JSON)

    async def _respond(self, request: Request, path: str) -> Response:
        try:
            with self._service.record("REST") as call:
                return Response(await self._answer(call, request, path), media_type=_JSON)
        except EmptyFailure as failure:
            return Response(b"", failure.http_status, media_type=_JSON)
        except Failure as failure:
            return _refusal(failure)
        except Exception:
            logging.getLogger(__name__).exception("A request failed.")
            return _refusal(Failure("INTERNAL", "The server made a mistake; its log tells which."))

    async def _answer(self, call: Call, request: Request, path: str) -> bytes:
        asked = read_path(request.method, path)
        call.api = _APIS.get(asked.method, asked.method.title())
        if asked.method == "predict":
            body = read_body(await self._read(request))
            model = self._service.find(call, *asked[1:])
            signature = find_signature(model.signatures, body.signature_name)
            inputs, is_row = read_inputs(body, signature)
            predict = self._service.predict(call, model, signature, inputs)
            return write_answer(await _unless_gone(request, predict), is_row)
        if asked.method == "status":
            return write_pretty(statuses_of(self._service, call, *asked[1:]))
        if asked.method == "metadata":
            model = self._service.find(call, *asked[1:])
            return write_pretty(metadata_of(call, model))
        raise Failure("UNIMPLEMENTED", f"This server predicts; it does not {asked.method}.")

    async def _read(self, request: Request) -> bytes:
        """Return the body of a request, which may not be too large."""
        limit = self._service.limits.max_body_bytes
        parts, size = [], 0
        try:
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise Failure(
                        "RESOURCE_EXHAUSTED",
                        f"The body of the request has more than {limit} bytes: send less at once.",
                        http_status=413,
                    )
                parts.append(part)
        except ClientDisconnect:
            raise _gone() from None
        return b"".join(parts)


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """Return what some work returns; end it if the client hangs up."""
    working = asyncio.ensure_future(work)
    hanging_up = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((working, hanging_up), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise _gone()
        return working.result()
    finally:
        working.cancel()
        hanging_up.cancel()


def _gone() -> Failure:
    return Failure("CANCELLED", "The client has hung up.")


def _refusal(failure: Failure) -> Response:
    return Response(write_error(failure.message), failure.http_status, media_type=_JSON)


def _answer_options(request: Request) -> Response:
    """Answer a browser that asks whether it may ask."""
    origin = request.headers.get("origin", "")
    is_web = origin.startswith(("http://", "https://"))
    return Response(b"", 200 if is_web else 400, media_type=_JSON)


class _BearerToken:
    """Lets only those in who send the token; health is open to all."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in _OPEN_TO_ALL:
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                refusal = _refusal(unauthenticated())
                refusal.headers["WWW-Authenticate"] = "Bearer"
                return await refusal(scope, receive, send)
        await self._app(scope, receive, send)


def unauthenticated() -> Failure:
    """Return the failure of a request without the token."""
    return Failure("UNAUTHENTICATED", "Send the header Authorization: Bearer TOKEN.")
