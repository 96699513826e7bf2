"""What a request may ask for."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tf_transformer.errors import UserError, require


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a request may ask for.

    Args:
        max_rows: most rows of a request. Defaults to 1,000.
        max_text_bytes: most bytes of a row's texts. Defaults to 65,536.
        max_body_bytes: most bytes of the body of a request. Defaults to 4 MiB.
        timeout: most seconds until the answer. Defaults to 30.
        token: what clients must send as bearer token. Defaults to none.

    Raises:
        UserError: if one of them is not above 0, or if the token is empty.

    Example:
        ```python
        import tf_transformer as tft

        tft.serving.Limits(max_rows=10).timeout  # 30.0
        ```
    """

    max_rows: int = 1_000
    max_text_bytes: int = 65_536
    max_body_bytes: int = 4 * 2**20
    timeout: float = 30.0
    token: str | None = None

    def __post_init__(self) -> None:
        for name in ("max_rows", "max_text_bytes", "max_body_bytes", "timeout"):
            require(getattr(self, name) > 0, f"{name}={getattr(self, name)}: it must be above 0.")
        require(self.token != "", "token='': it must not be empty.")


def read_token(path: str | None) -> str | None:
    """Return the token in a file, for `Limits`.

    Args:
        path: path of the file, or `None` for no token.

    Raises:
        UserError: if there is no such file, or if it is not one line of ASCII.
    """
    if path is None:
        return None
    try:
        token = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UserError(f"token_file={path} cannot be read: {error.strerror}.") from None
    if not token.isascii() or not token.isprintable() or not token:
        raise UserError(f"token_file={path}: it needs one line of ASCII.")
    return token
