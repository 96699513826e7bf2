"""The batcher: what shares a batch, what waits, what is refused, and who is forgotten."""

import asyncio
import threading
import time

import numpy as np
import pytest

from tf_transformer.serving.batcher import Batcher
from tf_transformer.serving.failures import Failure


class Shouting:
    """A model that answers in capitals, and takes note of its batches.

    It waits where it is told to, and fails for the texts that it is told.
    """

    def __init__(self, fails=(), gate=None):
        self.batches = []
        self.fails, self.gate = fails, gate

    def __call__(self, inputs):
        texts = inputs["text"].tolist()
        self.batches.append(texts)
        if self.gate:
            assert self.gate.wait(10)
        if set(self.fails) & {*texts}:
            raise Failure("INVALID_ARGUMENT", "no such word")
        return {"text": np.array([text.upper() for text in texts], object)}


def ask(batcher, model, *texts, shares=True):
    texts = [text.encode() for text in texts]
    longest = max(map(len, texts), default=0)
    inputs = {"text": np.array(texts, object)}
    return asyncio.ensure_future(batcher.ask(model, inputs, len(texts), longest, shares))


def text_of(answered):
    return b" ".join(answered.outputs["text"].tolist()).decode()


async def while_busy(model, *requests, **options):
    """Ask while the only thread is busy; return the batcher and the requests, as tasks."""
    batcher = Batcher(threads=1, **options)
    first = ask(batcher, model, "first")
    while not model.batches:
        await asyncio.sleep(0.001)
    tasks = [ask(batcher, model, *texts) for texts in requests]
    await asyncio.sleep(0)
    return batcher, [first, *tasks]


def test_each_request_gets_its_own_rows():
    async def main():
        model, batcher = Shouting(), Batcher(threads=1)
        tasks = [ask(batcher, model, *(f"a{i}b{j}" for j in range(i))) for i in range(5)]
        answers = await asyncio.gather(*tasks)
        assert [text_of(x) for x in answers] == [
            " ".join(f"A{i}B{j}" for j in range(i)) for i in range(5)
        ]
        assert len(model.batches) == 1
        assert {x.batch_rows for x in answers} == {10}

    asyncio.run(main())


def test_what_comes_while_a_batch_runs_is_answered_together_afterwards():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        _, tasks = await while_busy(model, ["a"], ["b", "c"], ["d"])
        gate.set()
        assert [text_of(x) for x in await asyncio.gather(*tasks)] == ["FIRST", "A", "B C", "D"]
        assert model.batches == [[b"first"], [b"a", b"b", b"c", b"d"]]

    asyncio.run(main())


def test_a_short_text_does_not_wait_in_the_batch_of_a_long_one():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        long = "x" * 5_000
        _, tasks = await while_busy(model, ["a"], [long], ["b"], ["c"])
        gate.set()
        await asyncio.gather(*tasks)
        assert model.batches[1:] == [[b"a", b"b", b"c"], [long.encode()]]

    asyncio.run(main())


def test_the_one_that_has_waited_longest_is_next_whatever_its_length():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        long = "x" * 5_000
        _, tasks = await while_busy(model, [long], *(["a"] for _ in range(40)), max_rows=8)
        gate.set()
        await asyncio.gather(*tasks)
        assert [len(batch) for batch in model.batches] == [1, 1, 8, 8, 8, 8, 8]

    asyncio.run(main())


def test_the_nearest_in_length_share_a_batch_first_and_the_oldest_still_goes_first():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        lengths = [20, 90, 21, 80, 19, 85, 22]
        _, tasks = await while_busy(model, *(["x" * length] for length in lengths), max_rows=4)
        gate.set()
        await asyncio.gather(*tasks)
        found = [[len(text) for text in batch] for batch in model.batches[1:]]
        assert found == [[20, 21, 19, 22], [90, 85, 80]]

    asyncio.run(main())


@pytest.mark.parametrize(("waiting", "sizes"), [(31, [31]), (40, [32, 8]), (50, [50])])
def test_a_batch_is_not_a_little_larger_than_what_graphs_pad_to(waiting, sizes):
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        _, tasks = await while_busy(model, *(["a"] for _ in range(waiting)))
        gate.set()
        await asyncio.gather(*tasks)
        assert [len(batch) for batch in model.batches[1:]] == sizes

    asyncio.run(main())


def test_who_asks_again_at_once_shares_a_batch_again():
    async def main():
        def slow(inputs):
            model(inputs)
            time.sleep(0.2)  # a tenth of it is a rest
            return inputs

        async def ask_twice(text):
            await ask(batcher, slow, text)
            for _ in range(int(text)):  # one after the other
                await asyncio.sleep(0)
            await ask(batcher, slow, text)

        model, batcher = Shouting(), Batcher(threads=1)
        await asyncio.gather(*(ask_twice(str(number)) for number in range(6)))
        assert [len(batch) for batch in model.batches] == [6, 6]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("options", "sizes"), [({"max_rows": 4}, [4, 2]), ({"max_bytes": 60}, [3, 3]), ({}, [6])]
)
def test_a_batch_has_limits(options, sizes):
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        _, tasks = await while_busy(model, *(["x" * 20, "y"][:1] for _ in range(6)), **options)
        gate.set()
        await asyncio.gather(*tasks)
        assert [len(batch) for batch in model.batches[1:]] == sizes

    asyncio.run(main())


def test_a_request_larger_than_a_batch_goes_alone():
    async def main():
        model = Shouting()
        batcher = Batcher(threads=1, max_rows=2)
        answers = await asyncio.gather(ask(batcher, model, *"abc"), ask(batcher, model, "d"))
        assert [text_of(x) for x in answers] == ["A B C", "D"]
        assert model.batches == [[b"a", b"b", b"c"], [b"d"]]

    asyncio.run(main())


def test_functions_and_requests_that_do_not_share_are_kept_apart():
    async def main():
        one, two, batcher = Shouting(), Shouting(), Batcher(threads=1)
        tasks = [ask(batcher, one, "a"), ask(batcher, two, "b"), ask(batcher, one, "c")]
        tasks.append(ask(batcher, one, "d", shares=False))
        assert [text_of(x) for x in await asyncio.gather(*tasks)] == list("ABCD")
        assert (one.batches, two.batches) == ([[b"a", b"c"], [b"d"]], [[b"b"]])

    asyncio.run(main())


def test_threads_run_batches_at_the_same_time():
    async def main():
        meet = threading.Barrier(2)

        def wait(inputs):
            meet.wait(10)
            return inputs

        batcher = Batcher(threads=2)
        await asyncio.gather(*(ask(batcher, wait, text, shares=False) for text in "ab"))

    asyncio.run(main())


def test_a_full_queue_refuses_at_once_and_takes_again_when_there_is_room():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        batcher, tasks = await while_busy(model, ["a", "b"], max_waiting=3)
        with pytest.raises(Failure, match="queue to which this task was submitted is full") as full:
            await ask(batcher, model, "c", "d")
        assert full.value.http_status == 503
        tasks.append(ask(batcher, model, "c"))
        gate.set()
        await asyncio.gather(*tasks)
        assert text_of(await ask(batcher, model, "e", "f", "g")) == "E F G"
        assert batcher.waiting_rows == 0

    asyncio.run(main())


def test_who_hangs_up_frees_the_place_and_is_not_answered():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        batcher, tasks = await while_busy(model, ["a", "b"], ["c"], max_waiting=3)
        tasks[1].cancel()
        await asyncio.sleep(0)
        assert batcher.waiting_rows == 1
        tasks.append(ask(batcher, model, "d", "e"))
        gate.set()
        await asyncio.wait(tasks)
        assert model.batches == [[b"first"], [b"c", b"d", b"e"]]

    asyncio.run(main())


def test_who_hangs_up_during_the_batch_harms_nobody():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        batcher, (first,) = await while_busy(model)
        first.cancel()
        await asyncio.sleep(0)
        after = ask(batcher, model, "a")
        gate.set()
        assert text_of(await after) == "A"

    asyncio.run(main())


def test_one_bad_request_does_not_spoil_the_others_of_its_batch():
    async def main():
        model, batcher = Shouting(fails=[b"bad"]), Batcher(threads=1)
        tasks = [ask(batcher, model, text) for text in ("a", "bad", "b")]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert (text_of(found[0]), text_of(found[2])) == ("A", "B")
        assert isinstance(found[1], Failure)
        assert text_of(await ask(batcher, model, "c")) == "C"

    asyncio.run(main())


def test_draining_answers_all_that_has_come():
    async def main():
        gate = threading.Event()
        model = Shouting(gate=gate)
        batcher, tasks = await while_busy(model, ["a"], ["b"])
        gate.set()
        await batcher.drain()
        assert all(task.done() for task in tasks) or await asyncio.gather(*tasks)

    asyncio.run(main())
