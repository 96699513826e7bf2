"""The loads of the serving benchmark, against a server that answers at once."""

import asyncio
import itertools

import pytest

from benchmarks import load


async def start(answer, asked):
    """Start a server that notes the bodies of its requests; return its port."""

    async def handle(reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.decode().partition("Content-Length: ")[2].partition("\r")[0])
            asked.append(await reader.readexactly(length))
            writer.write(answer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    return server.sockets[0].getsockname()[1]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
FULL = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"


def test_both_loops_ask_with_the_bodies_in_turn_and_time_each_answer():
    async def main():
        asked = []
        client = load.Client(await start(OK, asked), itertools.cycle([b"a", b"bc"]))
        closed = await load.closed_loop(client, 3, 0.1)
        opened = await load.open_loop(client, 200, 0.2)
        assert len(closed) + len(opened) == len(asked) > 10
        assert {*asked} == {b"a", b"bc"}
        assert all(0 < latency < 5 for latency in closed + opened)

    asyncio.run(main())


def test_a_refused_request_ends_the_measurement():
    async def main():
        client = load.Client(await start(FULL, []), itertools.repeat(b"a"))
        with pytest.raises(RuntimeError, match="answered 503"):
            await load.closed_loop(client, 1, 1)

    asyncio.run(main())


def test_a_percentile_is_a_latency_that_was_measured():
    latencies = [3.0, 1.0, 2.0, 4.0]
    assert load.percentile(latencies, 0.5) == 3.0
    assert load.percentile(latencies, 0.99) == 4.0
    assert load.percentile([7.0], 0.5) == 7.0


def test_each_figure_has_the_columns_that_know_it():
    full, alone, p99 = ("full load", "sentences/s"), ("one client", "ms"), ("50% load, p99", "ms")
    columns = {
        "the server": {full: 2.0, alone: 5.0, p99: 25.0},
        "SavedModel, at once": {full: 4.0},
    }
    found = {comparison.title: comparison for comparison in load.comparisons_of(columns)}
    ours, direct = found["full load"].results
    assert (ours.name, direct.name, direct.at_least) == ("the server", "SavedModel, at once", 0.8)
    assert found["full load"].verdict(direct) == "missed"
    assert [result.name for result in found["one client"].results] == ["the server"]
    limit = found["p99 at half load"].results[-1]
    assert (limit.median, found["p99 at half load"].verdict(limit)) == (20.0, "missed")
    table = load.table_of(columns, [*found.values()]).splitlines()
    figures, aim = (line for line in table if line.startswith("full load, sentences/s"))
    assert figures.split()[-2:] == ["2", "4"]
    assert aim.endswith("2, SavedModel, at once: 4; ours is 0.50 ×, at least 0.80 ×: missed")
    assert table[-1].endswith("at most: 20; ours is 0.80 ×, at least 1.00 ×: missed")
