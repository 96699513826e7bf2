"""What REST and gRPC have in common: find the version, check the request, answer it, record it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator

import numpy as np

from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.failures import Failure, invalid
from tf_transformer.serving.limits import Limits
from tf_transformer.serving.metrics import Call, Metrics
from tf_transformer.serving.signature import Signature, Tensors
from tf_transformer.serving.versions import Model, Versions

_SOURCE_TOKENS, _TARGET_TOKENS = ("source_tokens",), ("target_tokens", "tokens")  # of signatures


class Service:
    """Answers requests with a model's versions, whatever way they came.

    Args:
        versions: the versions of the model.
        batcher: puts requests together.
        limits: what a request may ask for. Defaults to the usual ones.
        log: called with one line of JSON for each request. Defaults to nobody.
        log_texts: whether that line has the texts. Defaults to `False`.
    """

    def __init__(
        self,
        versions: Versions,
        batcher: Batcher,
        limits: Limits | None = None,
        log: Callable[[str], None] = lambda line: None,
        log_texts: bool = False,
    ) -> None:
        self.versions, self.batcher = versions, batcher
        self.limits = limits or Limits()
        self.metrics = Metrics(lambda: batcher.waiting_rows)
        self.is_stopping = False
        self._log, self._log_texts = log, log_texts

    @property
    def is_ready(self) -> bool:
        """Whether requests should come here: a version is warm, and the server is not stopping."""
        return self.versions.is_ready and not self.is_stopping

    def find(
        self, call: Call, model: str, version: int | None = None, label: str | None = None
    ) -> Model:
        """Return the version that a request names.

        Raises:
            Failure: if there is no such model, version or label.
        """
        if model != self.versions.name:
            asked = f"Latest({model})" if version is None else f"Specific({model}, {version})"
            raise Failure("NOT_FOUND", f"Servable not found for request: {asked}")
        call.model = model
        call.version, found = self.versions.find(version, label)
        return found

    async def predict(
        self, call: Call, model: Model, signature: Signature, inputs: Tensors
    ) -> Tensors:
        """Return the outputs of a signature.

        Raises:
            Failure: if the request does not fit, is too large, or finds no place or no time.
        """
        call.signature = signature.name
        call.rows = signature.rows(inputs)
        length = self._length(call, inputs)
        function = model.function(signature.name)
        try:
            async with asyncio.timeout(self.limits.timeout - call.seconds):
                answered = await self.batcher.ask(
                    function, inputs, call.rows, length, signature.can_share_a_batch
                )
        except TimeoutError:
            seconds = f"{self.limits.timeout:g} s"
            raise Failure("DEADLINE_EXCEEDED", f"There was no answer within {seconds}.") from None
        call.batch_rows, call.waited, call.ran = answered[1:]
        call.source_tokens = _tokens(answered.outputs, _SOURCE_TOKENS)
        call.target_tokens = _tokens(answered.outputs, _TARGET_TOKENS)
        return answered.outputs

    @contextlib.contextmanager
    def record(self, entrypoint: str, api: str = "") -> Iterator[Call]:
        """Measure and log a request, whose details the block sets."""
        call = Call(entrypoint, api)
        try:
            yield call
        except Failure as failure:
            call.code = failure.code
            raise
        except asyncio.CancelledError:
            call.code = "CANCELLED"
            raise
        except Exception:
            call.code = "INTERNAL"
            raise
        finally:
            self.metrics.add(call)
            self._log(self._line(call))

    def _length(self, call: Call, inputs: Tensors) -> int:
        """Return the bytes of the longest row, after checking the request against the limits."""
        if call.rows > self.limits.max_rows:
            raise invalid(
                f"The request has {call.rows} rows, but this server takes at most "
                f"{self.limits.max_rows}: send them in several requests."
            )
        longest = 0
        for name, tensor in inputs.items():
            if tensor.dtype != object:
                continue
            texts = tensor.ravel().tolist()
            lengths = [len(text) for text in texts]
            call.text_bytes += sum(lengths)
            if self._log_texts:
                call.texts += [text.decode(errors="replace") for text in texts]
            most = max(lengths, default=0)
            if most > self.limits.max_text_bytes:
                raise invalid(
                    f"Row {lengths.index(most)} of input {name} has {most} bytes, but this server "
                    f"takes at most {self.limits.max_text_bytes}: send a shorter text."
                )
            longest = max(longest, most)
        return longest

    def _line(self, call: Call) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "entrypoint": call.entrypoint,
            "api": call.api,
            "model": call.model,
            "version": call.version,
            "signature": call.signature,
            "code": call.code,
            "rows": call.rows,
            "text_bytes": call.text_bytes,
            "batch_rows": call.batch_rows,
            "queue_ms": round(1e3 * call.waited, 3),
            "model_ms": round(1e3 * call.ran, 3),
            "total_ms": round(1e3 * call.seconds, 3),
        }
        return json.dumps({**line, "texts": call.texts} if self._log_texts else line)


def _tokens(outputs: Tensors, names: tuple[str, ...]) -> int:
    """Return the number of tokens in some outputs, if they are there; "" fills their rows."""
    return sum(np.count_nonzero(outputs[name] != b"") for name in names if name in outputs)
