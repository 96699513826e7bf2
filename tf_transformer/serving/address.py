"""Where a server listens."""

from __future__ import annotations

import dataclasses

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a server listens.

    Args:
        host: name or address. Defaults to this machine alone.
        rest_port: port for REST; 0 takes a free one. Defaults to 8501.
        grpc_port: port for gRPC; 0 takes a free one. Defaults to 8500.

    Example:
        ```python
        import tf_transformer as tft

        address = tft.serving.Address("0.0.0.0")
        address.grpc  # '0.0.0.0:8500'
        address.is_public  # True
        ```
    """

    host: str = "127.0.0.1"
    rest_port: int = 8501
    grpc_port: int = 8500

    @property
    def rest(self) -> str:
        """Host and port of REST."""
        return f"{self._host}:{self.rest_port}"

    @property
    def grpc(self) -> str:
        """Host and port of gRPC."""
        return f"{self._host}:{self.grpc_port}"

    @property
    def is_public(self) -> bool:
        """Whether other machines may reach it."""
        return self.host not in _LOOPBACK

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host
