"""Batches across requests: what waits together and is of similar length is answered together.

Threads answer, one batch each. A request does not wait for others to come: it starts at once if a
thread is free, and shares a batch with those that have come in the meantime if none is. Batches
thus grow with the load, and a lone request loses no time. But a thread that has answered several
requests at once waits a moment while others come: their clients may ask again, and the first of
them should not go alone.
"""

from __future__ import annotations

import asyncio
import bisect
import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.signature import Tensors

Function = Callable[[Tensors], Tensors]

_LENGTHS = (256, 1024)  # bytes: a sentence, a paragraph, a page
_FULL_ROWS = 32  # the graphs of this package pad what is above to a multiple of it
_QUIET = 0.001  # seconds: so long has no request come
_REST, _SHARE = 0.02, 0.1  # a rest takes so many seconds at most, and this share of a batch's time
_FULL = "The batch scheduling queue to which this task was submitted is full"


class Answered(NamedTuple):
    """The answer to a request.

    Args:
        outputs: tensors by name, with the rows of the request.
        batch_rows: rows of the batch in which it was answered.
        waited: seconds in the queue.
        ran: seconds that the function took.
    """

    outputs: Tensors
    batch_rows: int
    waited: float
    ran: float


@dataclasses.dataclass(eq=False)
class _Waiting:
    function: Function
    inputs: Tensors
    rows: int
    length: int
    shares: bool
    answer: asyncio.Future[Answered]
    came: float = dataclasses.field(default_factory=time.monotonic)

    def can_join(self, first: _Waiting) -> bool:
        return (
            self.shares
            and first.shares
            and self.function == first.function
            and _length_class(self) == _length_class(first)
        )

    @property
    def size(self) -> int:
        return self.rows * self.length


class Batcher:
    """Answers requests in batches, by threads of its own, first come, first served.

    A batch begins with the request that has waited longest. Others join it if they ask the same
    function and if their texts are of similar length, so that a short text never waits for the long
    ones of its own batch: what one long request delays is one batch. The more wait, the more alike
    are the lengths of a batch, because the nearest join first: a row costs as many steps as the
    longest of its batch.

    Args:
        threads: batches that run at the same time.
        max_rows: most rows of a batch of several requests. Defaults to 64.
        max_bytes: most bytes of such a batch, with each row as long as the longest of its request.
            Defaults to 32,768.
        max_waiting: most rows in the queue. Defaults to 1,000.

    Example:
        ```python
        import asyncio

        import numpy as np

        from tf_transformer.serving.batcher import Batcher

        def double(inputs):
            return {"y": 2 * inputs["x"]}

        async def ask():
            batcher = Batcher(threads=1)
            asked = (batcher.ask(double, {"x": np.array([x])}, 1, 0) for x in (1, 2, 3))
            answers = await asyncio.gather(*asked)
            return [answer.outputs["y"][0] for answer in answers], answers[0].batch_rows

        asyncio.run(ask())  # ([2, 4, 6], 3)
        ```
    """

    def __init__(
        self,
        threads: int,
        max_rows: int = 64,
        max_bytes: int = 32_768,
        max_waiting: int = 1_000,
    ) -> None:
        self.max_rows, self.max_bytes, self.max_waiting = max_rows, max_bytes, max_waiting
        self.waiting_rows = 0
        self._queue: dict[_Waiting, None] = {}  # in the order in which they came
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="batch")
        self._free = threads
        self._running: set[asyncio.Task] = set()

    async def ask(
        self, function: Function, inputs: Tensors, rows: int, length: int, shares: bool = True
    ) -> Answered:
        """Return a function's answer to a request.

        If the caller is cancelled, its place in the queue is free at once.

        Args:
            function: from tensors to tensors, all with rows; called in a thread, with the rows of
                one or several requests.
            inputs: its tensors by name.
            rows: number of their rows.
            length: bytes of the longest row.
            shares: whether the request may share a batch with others. Defaults to `True`.

        Raises:
            Failure: if the queue is full.
        """
        if self.waiting_rows + rows > self.max_waiting:
            raise Failure("UNAVAILABLE", _FULL)
        loop = asyncio.get_running_loop()
        request = _Waiting(function, inputs, rows, length, shares, loop.create_future())
        self._queue[request] = None
        self.waiting_rows += rows
        loop.call_soon(self._start)  # after what else has just come
        try:
            return await request.answer
        finally:
            self._leave(request)

    async def drain(self) -> None:
        """Wait until all requests are answered, and stop the threads."""
        self._start()
        while self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown(wait=False)

    def _leave(self, request: _Waiting) -> None:
        """Take a request from the queue, if it is still there."""
        if request in self._queue:
            del self._queue[request]
            self.waiting_rows -= request.rows

    def _start(self) -> None:
        """Start batches while there are free threads."""
        while self._free and self._queue:
            self._free -= 1
            batch = asyncio.create_task(self._run(self._next_batch()))
            self._running.add(batch)
            batch.add_done_callback(self._running.discard)

    def _next_batch(self) -> list[_Waiting]:
        """Take the oldest request from the queue, and those that are nearest to it in length."""
        first = next(iter(self._queue))
        others = [x for x in self._queue if x is not first and x.can_join(first)]
        most = min(self.max_rows, _full(first.rows + sum(x.rows for x in others)))
        batch, rows, size = [first], first.rows, first.size
        for request in sorted(others, key=lambda other: abs(other.length - first.length)):
            if rows >= most or size >= self.max_bytes:
                break
            if rows + request.rows <= most and size + request.size <= self.max_bytes:
                batch.append(request)
                rows, size = rows + request.rows, size + request.size
        for request in batch:
            self._leave(request)
        return batch

    async def _run(self, batch: list[_Waiting]) -> None:
        began = time.monotonic()
        try:
            await self._answer(batch)
            if len(batch) > 1:
                await self._rest(min(_REST, _SHARE * (time.monotonic() - began)))
        finally:
            self._free += 1
            self._start()

    async def _rest(self, longest: float) -> None:
        """Wait some seconds at most, while requests come that may share the next batch."""
        end, before = time.monotonic() + longest, -1
        while before != self.waiting_rows < self.max_rows and time.monotonic() < end:
            before = self.waiting_rows
            await asyncio.sleep(_QUIET)

    async def _answer(self, batch: list[_Waiting]) -> None:
        """Answer a batch; if it fails, each of its requests alone, because one may be at fault."""
        batch = [request for request in batch if not request.answer.done()]  # some may have left
        if not batch:
            return
        loop, started = asyncio.get_running_loop(), time.monotonic()
        joined = _joined([request.inputs for request in batch])
        try:
            outputs = await loop.run_in_executor(self._threads, batch[0].function, joined)
        except Exception as error:
            if len(batch) > 1:
                for request in batch:
                    await self._answer([request])
            elif not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return
        ran, rows = time.monotonic() - started, sum(request.rows for request in batch)
        place = 0
        for request in batch:
            own = outputs
            if len(batch) > 1:
                own = {name: x[place : place + request.rows] for name, x in outputs.items()}
            place += request.rows
            if not request.answer.done():
                request.answer.set_result(Answered(own, rows, started - request.came, ran))


def _joined(inputs: list[Tensors]) -> Tensors:
    if len(inputs) == 1:
        return inputs[0]
    return {name: np.concatenate([each[name] for each in inputs]) for name in inputs[0]}


def _full(rows: int) -> int:
    """Return how many of some rows make a batch with little padding."""
    return rows if rows <= _FULL_ROWS else _FULL_ROWS * round(rows / _FULL_ROWS)


def _length_class(request: _Waiting) -> int:
    return bisect.bisect_left(_LENGTHS, request.length)
