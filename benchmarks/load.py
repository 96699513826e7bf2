"""Loads on a server, and what of their figures is compared: the parts of the serving benchmark.

In the closed loop, clients ask again as soon as they are answered. In the open loop, requests come
at random, whether or not the server keeps up.
"""

from __future__ import annotations

import asyncio
import random
import time

from benchmarks.comparison import Comparison, Result, at_most, short, times

OURS, PEER, DIRECT = "the server", "CTranslate2, same REST", "SavedModel, at once"
ALONE, FULL, HALF = ("one client", "ms"), ("full load", "sentences/s"), ("50% load, p99", "ms")
_AT_LEAST = {(FULL[0], DIRECT): 0.8}  # of the throughput without a server
_MOST = 4  # times the latency of a client alone


class Client:
    """Asks over connections that stay open.

    Args:
        port: port of the server.
        bodies: bodies of requests, endlessly.
    """

    def __init__(self, port, bodies):
        self._port, self._bodies, self._free = port, bodies, []

    async def ask(self):
        """Send a request, and return the status of its answer."""
        reader, writer = await self._connection()
        body = next(self._bodies)
        head = f"POST /v1/models/model:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
        writer.write(head.encode() + b"\r\n\r\n" + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = answer.partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
        self._free.append((reader, writer))
        return int(answer.split()[1])

    async def _connection(self):
        """Return an open connection: a server closes those that nobody uses for some seconds."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)


async def closed_loop(client, clients, seconds):
    """Return the latencies of clients who ask again as soon as they are answered."""
    latencies, end = [], time.perf_counter() + seconds

    async def ask_again():
        while time.perf_counter() < end:
            latencies.append(await _timed(client, time.perf_counter()))

    await asyncio.gather(*(ask_again() for _ in range(clients)))
    return latencies


async def open_loop(client, rate, seconds, seed=1):
    """Return the latencies of requests that come at random, so many a second on average."""
    draws, due = random.Random(seed), time.perf_counter()
    end, asked = due + seconds, []
    while (due := due + draws.expovariate(rate)) < end:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(_timed(client, due)))
    return await asyncio.gather(*asked)


async def _timed(client, due):
    status = await client.ask()
    if status != 200:
        raise RuntimeError(f"a request was answered {status}")
    return time.perf_counter() - due


def percentile(latencies, share):
    """Return the latency that a share of the requests does not exceed."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def comparisons_of(columns):
    """Return a `Comparison` for each figure of the columns, and one for a latency's limit."""
    titles = dict.fromkeys(title for figures in columns.values() for title in figures)
    comparisons = [
        Comparison(
            title,
            unit,
            [
                Result(column, "", [figures[title, unit]], at_least=_AT_LEAST.get((title, column)))
                for column, figures in columns.items()
                if (title, unit) in figures
            ],
            lower_is_better=unit != "sentences/s",
        )
        for title, unit in titles
    ]
    ours = columns[OURS]
    if HALF in ours:
        p99 = Result(OURS, "", [ours[HALF]])
        comparisons.append(at_most("p99 at half load", "ms", p99, _MOST * ours[ALONE]))
    return comparisons


def table_of(columns, comparisons):
    """Return all figures as one table, and below it what the aims came to."""
    titles = dict.fromkeys(title for figures in columns.values() for title in figures)
    lines = [("", *columns)]
    for title in titles:
        known = (figures.get(title) for figures in columns.values())
        lines.append((", ".join(title), *("" if x is None else short(x) for x in known)))
    text = "\n".join(
        f"{first:<26}" + "".join(f"{each:>24}" for each in rest).rstrip() for first, *rest in lines
    )
    aims = [
        f"{each.title}, {each.unit}: {short(each.results[0].median)}, {peer.name}: "
        f"{short(peer.median)}; ours is {times(each.ratio(peer))}, at least "
        f"{times(peer.at_least)}: {each.verdict(peer)}"
        for each in comparisons
        for peer in each.results
        if peer.at_least is not None
    ]
    return "\n".join(["", text, "", *aims])
