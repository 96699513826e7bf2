"""Figures for Prometheus: TensorFlow Serving's, by their names, and those of the batches."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_PREFIX = ":tensorflow:serving:"
_MICROSECONDS = tuple(10 * 1.8**k for k in range(33))
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclasses.dataclass
class Call:
    """What is known of a request once it is answered.

    Args:
        entrypoint: `"REST"` or `"GRPC"`.
        api: what was asked, such as `"Predict"`.
        model: name of the model, if there is such a one.
        version: number of the version, if known.
        signature: name of the signature, if known.
        code: name of the gRPC status code. Defaults to `"OK"`.
        rows: rows of the request.
        text_bytes: bytes of its texts.
        source_tokens: tokens of its texts, if the answer has them.
        target_tokens: tokens of the answer, if it has them.
        batch_rows: rows of the batch in which it was answered.
        waited: seconds in the queue.
        ran: seconds that the model took.
        texts: the texts themselves.
    """

    entrypoint: str
    api: str = ""
    model: str = ""
    version: int | None = None
    signature: str = ""
    code: str = "OK"
    rows: int = 0
    text_bytes: int = 0
    source_tokens: int = 0
    target_tokens: int = 0
    batch_rows: int = 0
    waited: float = 0.0
    ran: float = 0.0
    texts: list[str] = dataclasses.field(default_factory=list)
    began: float = dataclasses.field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the request came."""
        return time.monotonic() - self.began


class Metrics:
    """Counts requests, and measures how long they take and how they are batched.

    Args:
        waiting_rows: returns the number of rows in the queue.

    Example:
        ```python
        from tf_transformer.serving.metrics import Call, Metrics

        metrics = Metrics(waiting_rows=lambda: 0)
        metrics.add(Call("REST", "Predict", "pt_en", rows=2, batch_rows=8))
        ':request_count{model_name="pt_en",status="OK"} 1.0' in metrics.text().decode()  # True
        ```
    """

    def __init__(self, waiting_rows: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}request_count", "Requests.", ["model_name", "status"], **self._here
        )
        self._latency = Histogram(
            f"{_PREFIX}request_latency",
            "Microseconds from a request to its answer.",
            ["model_name", "API", "entrypoint"],
            buckets=_MICROSECONDS,
            **self._here,
        )
        self._runtime = Histogram(
            f"{_PREFIX}runtime_latency",
            "Microseconds that the model takes for a batch.",
            ["model_name", "API", "runtime"],
            buckets=_MICROSECONDS,
            **self._here,
        )
        self._batches = Histogram(
            "tft_batch_rows", "Rows of the batch of each request.", buckets=_ROWS, **self._here
        )
        self._waits = Histogram(
            "tft_queue_latency",
            "Microseconds that a request waits for its batch.",
            buckets=_MICROSECONDS,
            **self._here,
        )
        self._rows = Counter("tft_rows", "Rows that were answered.", **self._here)
        self._bytes = Counter("tft_text_bytes", "Bytes of the texts of these rows.", **self._here)
        self._source_tokens = Counter(
            "tft_source_tokens", "Tokens of texts, where the answer has them.", **self._here
        )
        self._target_tokens = Counter(
            "tft_target_tokens", "Tokens of answers that have them.", **self._here
        )
        queue = Gauge("tft_queue_rows", "Rows that wait for a batch.", **self._here)
        queue.set_function(waiting_rows)

    @property
    def _here(self) -> dict[str, CollectorRegistry]:
        return {"registry": self._registry}

    def add(self, call: Call) -> None:
        """Count a request that has been answered."""
        self._requests.labels(call.model, call.code).inc()
        if call.code != "OK":
            return
        self._latency.labels(call.model, call.api, call.entrypoint).observe(1e6 * call.seconds)
        if call.batch_rows:
            self._runtime.labels(call.model, call.api, "TF2").observe(1e6 * call.ran)
            self._batches.observe(call.batch_rows)
            self._waits.observe(1e6 * call.waited)
        self._rows.inc(call.rows)
        self._bytes.inc(call.text_bytes)
        self._source_tokens.inc(call.source_tokens)
        self._target_tokens.inc(call.target_tokens)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        text = generate_latest(self._registry)
        return text.replace(
            b"request_count_total", b"request_count"
        )  # as TensorFlow Serving has it
