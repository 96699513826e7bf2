"""Answers to requests that cannot be answered: gRPC's status codes, and HTTP's for them."""

from __future__ import annotations

HTTP_STATUS = {  # in the order of their numbers, from 0
    "OK": 200,
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}


class Failure(Exception):
    """A request that the server answers with an error.

    Args:
        code: name of a gRPC status code, such as `"NOT_FOUND"`.
        message: what the client is told.
        http_status: status of an HTTP answer. Defaults to the one of the code.

    Example:
        ```python
        from tf_transformer.serving.failures import Failure

        str(Failure("NOT_FOUND", "Servable not found"))  # 'NOT_FOUND: Servable not found'
        ```
    """

    def __init__(self, code: str, message: str, http_status: int | None = None) -> None:
        super().__init__(code, message, http_status)
        self.code, self.message = code, message
        self.http_status = http_status or HTTP_STATUS[code]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def code_number(code: str) -> int:
    """Return the number of a gRPC status code."""
    return [*HTTP_STATUS].index(code)


def code_name(number: int) -> str:
    """Return the name of a gRPC status code."""
    return [*HTTP_STATUS][number]


def invalid(message: str) -> Failure:
    """Return the failure of a request that is wrong in itself."""
    return Failure("INVALID_ARGUMENT", message)
