"""The server under load: how long requests take, and how many are answered.

    python -m benchmarks.serving --run_dir=runs/ted

Each server is a separate process on loopback, asked for one sentence at a time over REST. In the
closed loop, clients ask again as soon as they are answered: that gives the throughput. In the open
loop, requests come at random at a share of it, whether or not the server keeps up; their latency
counts from the moment at which they were due. Beside the throughput stands the SavedModel, called
in Python with all sentences at once, and CTranslate2 behind the same REST interface.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from absl import flags

from benchmarks import decoding_data
from benchmarks.comparison import save
from benchmarks.load import (
    ALONE,
    DIRECT,
    FULL,
    OURS,
    Client,
    closed_loop,
    comparisons_of,
    open_loop,
    percentile,
)
from benchmarks.trained_run import trained_run

FLAGS = flags.FLAGS
flags.DEFINE_float("seconds", 20.0, "length of each measurement")
flags.DEFINE_integer("clients", 64, "clients of the closed loop")
flags.DEFINE_list("shares", "0.25,0.5,0.75", "shares of the throughput at which the open loop asks")
flags.DEFINE_string("json", "runs/benchmarks/serving.json", "where the figures go")

_SERVERS = {OURS: "tensorflow", "CTranslate2, same REST": "ctranslate2"}
_SLOWEST_START = 600  # seconds


# Servers


def serve(column, directory, port):
    """Serve one of the columns until SIGTERM: what the process of a server runs."""
    from tf_transformer.serving import Address, Server

    path, options = Path(directory, "graph"), {}
    if column != OURS:
        path, options = Path(directory, "stand_in"), {"load": lambda _: _CTranslate2(directory)}
    served = Path(directory) / "served" / str(port) / "model"
    served.parent.mkdir(parents=True)
    served.symlink_to(path.resolve(), target_is_directory=True)
    server = Server(served, Address(rest_port=int(port), grpc_port=0), **options)
    asyncio.run(server.serve())


class _CTranslate2:
    """CTranslate2's greedy search, as a model of the server."""

    def __init__(self, directory):
        from benchmarks.peers.ctranslate2_translator import CTranslate2Translator
        from tf_transformer.serving.signature import Signature, Spec

        text = Spec("string", (None,))
        name = "serving_default"
        self.signature_defs = {}
        self.signatures = {name: Signature(name, {"text": text}, {"translation": text})}
        path = Path(directory) / "ctranslate2_float32"
        cores = len(os.sched_getaffinity(0))
        self._translator = CTranslate2Translator(path, "float32", inter_threads=cores)

    def function(self, signature):
        """Return the only function."""
        return self._translate

    def _translate(self, inputs):
        import numpy as np

        found = self._translator.translate([text.decode() for text in inputs["text"].tolist()])
        return {"translation": np.array([text.encode() for text in found], object)}


def start(column, directory):
    """Start a server; return its process, its port, and the seconds until it was ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.perf_counter()
    command = [sys.executable, "-c", f"from benchmarks import serving; serving.serve({column!r}, "]
    command[-1] += f"{str(directory)!r}, {port})"
    process = subprocess.Popen(command)
    while time.perf_counter() - began < _SLOWEST_START and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return process, port, time.perf_counter() - began
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"{column} did not start")


def memory_mb(process):
    """Return the most memory that another process has held, in MB; 0 where it cannot be read."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return 0
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return round(int(peak) * 1024 / 1e6)


# Measurements


def measure(column, directory, sentences):
    """Return the figures of a server: for each, its name, its unit, and the figure."""
    bodies = [json.dumps({"instances": [text]}).encode() for text in sentences]
    process, port, seconds = start(column, directory)
    try:
        figures = {("start to ready", "s"): seconds}
        client = Client(port, itertools.cycle(bodies))
        figures |= asyncio.run(_under_load(client))
        figures["peak memory", "MB"] = memory_mb(process)
        return figures
    finally:
        process.terminate()
        process.wait()


async def _under_load(client):
    alone = await closed_loop(client, 1, FLAGS.seconds)
    full = await closed_loop(client, FLAGS.clients, FLAGS.seconds)
    throughput = len(full) / FLAGS.seconds
    figures = {ALONE: 1e3 * statistics.median(alone), FULL: throughput}
    figures |= _latencies(f"{FLAGS.clients} clients", full)
    for share in map(float, FLAGS.shares):
        latencies = await open_loop(client, share * throughput, FLAGS.seconds)
        figures |= _latencies(f"{share:.0%} load", latencies)
    return figures


def _latencies(title, latencies):
    return {
        (f"{title}, p{percent}", "ms"): 1e3 * percentile(latencies, percent / 100)
        for percent in (50, 95, 99)
    }


def direct(directory, sentences):
    """Return the throughput of the SavedModel in Python, which is given all sentences at once."""
    from benchmarks.peers.saved_model_translator import SavedModelTranslator

    translator = SavedModelTranslator(str(Path(directory) / "graph" / "1"))
    translator.translate(sentences)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < FLAGS.seconds:
        translator.translate(sentences)
        count += len(sentences)
    return count / (time.perf_counter() - began)


def main():
    with tempfile.TemporaryDirectory() as directory:
        print(decoding_data.prepare(directory, *trained_run()), flush=True)
        sentences = [row["source"] for row in decoding_data.load(directory)["sample"]]
        random.Random(1).shuffle(sentences)
        stand_in = Path(directory, "stand_in", "1")
        stand_in.mkdir(parents=True)
        (stand_in / "saved_model.pb").touch()
        columns = {}
        for column, package in _SERVERS.items():
            if importlib.util.find_spec(package):
                print(f"  {column}", flush=True)
                columns[column] = measure(column, directory, sentences)
        columns[DIRECT] = {FULL: direct(directory, sentences)}
    comparisons = comparisons_of(columns)
    print(*(comparison.table() for comparison in comparisons), sep="\n")
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
