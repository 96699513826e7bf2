"""The server under load: how long requests take, and how many are answered.

    python -m benchmarks.serving

Each server is a separate process on loopback, asked for one sentence at a time over REST. In the
closed loop, clients ask again as soon as they are answered: the best that any number of clients get
is the full load. In the open loop, requests come at random at a share of it, whether or not the
server keeps up; their latency counts from the moment at which they were due. Beside the throughput
stands the SavedModel, called in Python with all sentences at once, and CTranslate2 behind the same
REST interface. There are fifteen measurements of `--seconds`, besides two starts and the exports.
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

import tf_transformer as tft
from benchmarks.comparison import save
from benchmarks.corpus import choose_corpus
from benchmarks.decoding_data import spread
from benchmarks.load import (
    ALONE,
    DIRECT,
    FULL,
    OURS,
    PEER,
    Client,
    closed_loop,
    comparisons_of,
    open_loop,
    percentile,
    table_of,
)
from tf_transformer import api
from tf_transformer.begin import open_run
from tf_transformer.errors import counted

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "pt_en", "the model: a run, or a translator in the box")
flags.DEFINE_integer("sentences", 512, "how many different ones are asked for")
flags.DEFINE_float("seconds", 12.0, "length of each measurement")
flags.DEFINE_list("clients", "16,64,256", "numbers of clients of the closed loop")
flags.DEFINE_list("shares", "0.25,0.5,0.75", "shares of the full load at which the open loop asks")
flags.DEFINE_string("json", "runs/benchmarks/serving.json", "where the figures go")

_PACKAGES = {OURS: "tensorflow", PEER: "ctranslate2"}
_SLOWEST_START = 600  # seconds
_BEGAN = time.perf_counter()


def say(line):
    """Print a line, with the seconds since the start."""
    print(f"{time.perf_counter() - _BEGAN:5.0f} s  {line}", flush=True)


# What is measured


def prepare(directory):
    """Export the model for all, and return the sentences."""
    run = open_run(FLAGS.run_dir)
    api.task_of(run).export(directory / OURS / "model", export_anyway=True)
    if importlib.util.find_spec(_PACKAGES[PEER]):
        engine = directory / PEER / "engine"
        tft.export.export_ctranslate2(run.model(), *run.tokenizers(), engine)
        stand_in = directory / PEER / "model" / "1"
        stand_in.mkdir(parents=True)
        (stand_in / "saved_model.pb").touch()
    dataset, data_dir = choose_corpus()
    pairs = tft.load_corpus(dataset, data_dir).pairs("validation")
    by_length = sorted((source for source, _ in pairs), key=len)
    sentences = spread(by_length, FLAGS.sentences)
    random.Random(1).shuffle(sentences)
    asked = counted(len(sentences), "sentence")
    say(f"{asked} of {dataset}, validation, translated by {FLAGS.run_dir}")
    return sentences


def command_of(column, directory, port):
    """Return the command that serves a column: ours is the program that users run."""
    if column == OURS:
        flag_of = {"model_dir": directory / OURS / "model", "rest_port": port, "grpc_port": 0}
        arguments = [f"--{name}={value}" for name, value in flag_of.items()]
        return [sys.executable, "-m", "tf_transformer.cli", "serve", *arguments]
    call = f"serving.serve_peer({str(directory / PEER)!r}, {port})"
    return [sys.executable, "-c", f"from benchmarks import serving; {call}"]


def serve_peer(directory, port):
    """Serve CTranslate2 until SIGTERM."""
    from tf_transformer.serving import Address, Server

    def load(path):
        return _CTranslate2(Path(directory))

    server = Server(Path(directory, "model"), Address(rest_port=port, grpc_port=0), load=load)
    asyncio.run(server.serve())


class _CTranslate2:
    """CTranslate2's greedy search, as a model of the server."""

    def __init__(self, directory):
        from tf_transformer.serving.signature import Signature, Spec

        text = Spec("string", (None,))
        name = "serving_default"
        self.signature_defs = {}
        self.signatures = {name: Signature(name, {"text": text}, {"translation": text})}
        path = directory / "engine" / "translate.py"
        spec = importlib.util.spec_from_file_location("translate", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._translator = module.load(threads=len(os.sched_getaffinity(0)))

    def function(self, signature):
        """Return the only function."""
        return self._translate

    def _translate(self, inputs):
        import numpy as np

        found = self._translator([text.decode() for text in inputs["text"].tolist()])
        return {"translation": np.array([text.encode() for text in found], object)}


def start(column, directory):
    """Start a server; return its process, its port, and the seconds until it was ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.perf_counter()
    command = command_of(column, directory, port)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # its log of requests
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
    say(f"{column} is ready after {seconds:.1f} s")
    try:
        figures = {("start to ready", "s"): seconds}
        client = Client(port, itertools.cycle(bodies))
        figures |= asyncio.run(_under_load(column, client))
        figures["peak memory", "MB"] = memory_mb(process)
        return figures
    finally:
        process.terminate()
        process.wait()


async def _under_load(column, client):
    alone = await closed_loop(client, 1, FLAGS.seconds)
    figures, rates = {ALONE: 1e3 * statistics.median(alone)}, []
    figures |= _latencies("one client", alone)
    say(f"{column}, one client: {figures[ALONE]:.1f} ms")
    for clients in map(int, FLAGS.clients):
        began = time.perf_counter()
        latencies = await closed_loop(client, clients, FLAGS.seconds)
        rates.append(len(latencies) / (time.perf_counter() - began))  # until the last is answered
        figures[f"{clients} clients", "sentences/s"] = rates[-1]
        figures |= _latencies(f"{clients} clients", latencies)
        say(f"{column}, {clients} clients: {rates[-1]:.1f} sentences a second")
    figures[FULL] = max(rates)
    for share in map(float, FLAGS.shares):
        latencies = await open_loop(client, share * max(rates), FLAGS.seconds)
        figures |= _latencies(f"{share:.0%} load", latencies)
        p99 = 1e3 * percentile(latencies, 0.99)
        say(f"{column}, {share:.0%} of the full load: p99 {p99:.1f} ms")
    return figures


def _latencies(title, latencies):
    return {
        (f"{title}, p{percent}", "ms"): 1e3 * percentile(latencies, percent / 100)
        for percent in (50, 95, 99)
    }


def direct(directory, sentences):
    """Return the throughput of the SavedModel in Python, which is given all sentences at once."""
    from benchmarks.peers.saved_model_translator import SavedModelTranslator

    translator = SavedModelTranslator(str(directory / OURS / "model" / "1"))
    translator.translate(sentences)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < FLAGS.seconds:
        translator.translate(sentences)
        count += len(sentences)
    rate = count / (time.perf_counter() - began)
    say(f"{DIRECT}: {rate:.1f} sentences a second")
    return rate


def main():
    with tempfile.TemporaryDirectory() as path:
        directory = Path(path)
        sentences = prepare(directory)
        columns = {
            column: measure(column, directory, sentences)
            for column, package in _PACKAGES.items()
            if importlib.util.find_spec(package)
        }
        columns[DIRECT] = {FULL: direct(directory, sentences)}
    comparisons = comparisons_of(columns)
    print(table_of(columns, comparisons))
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
