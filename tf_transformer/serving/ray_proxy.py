"""What Ray's own proxy answers for a replica that has died.

    RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH=tf_transformer.serving.ray_proxy.middlewares

The proxy asks this function for its middlewares when it starts. HAProxy has none.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tf_transformer.serving.json_answer import write_error


def middlewares() -> list[Middleware]:
    """Return the middlewares of the proxy."""
    return [Middleware(AnswerForTheDead)]


class AnswerForTheDead:
    """Answers with 503 where the proxy has no answer: the replica died with the request.

    The proxy then ends without a word, and uvicorn would make it a 500, as if the request should
    not be sent again.

    Args:
        app: the proxy.

    Example:
        ```python
        from tf_transformer.serving.ray_proxy import AnswerForTheDead


        async def proxy(scope, receive, send):
            pass  # no answer


        app = AnswerForTheDead(proxy)
        ```
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, receive, noted)
        if scope["type"] == "http" and not answered:
            said = write_error("The replica that had this request has ended: send it again.")
            answer = Response(said, 503, media_type="application/json")
            await answer(scope, receive, send)
