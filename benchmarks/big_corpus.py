"""How a corpus of any size is prepared and read, with how much memory, and from what files.

    python -m benchmarks.big_corpus --pairs=10000000

The corpus is made up: words by Zipf's law, sentences of 3 to 60 words. It is written to a temporary
folder as gzipped text, and prepared. Each part is a process of its own, whose memory is thus known.
Reading is compared with what a GPU trains on, and with ArrayRecord, in which the same blocks are
records. Nothing may run beside it.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from absl import flags

from benchmarks.comparison import Comparison, Result, at_most, save
from tf_transformer.errors import counted

FLAGS = flags.FLAGS
flags.DEFINE_integer("pairs", 10_000_000, "pairs of the corpus")
flags.DEFINE_integer("seconds", 30, "seconds of reading")
flags.DEFINE_string("json", "runs/benchmarks/big_corpus.json", "where the figures go")

_WORDS = 50_000
_CHUNK = 10_000
_BATCH_TOKENS = 25_000
_GPU = 200_000  # target tokens a second: what training eats on one
_MOST_MEMORY = 1_000  # MB


def write_text(folder, pairs):
    """Write made-up aligned text, and return its size in bytes."""
    letters = np.array([*"abcdefghijklmnopqrstuvwxyz"])
    rng = np.random.default_rng(1)
    words = [
        ["".join(rng.choice(letters, length)) for length in rng.integers(2, 10, _WORDS)]
        for _ in range(2)
    ]
    size = 0
    names = [folder / f"made_up.{side}.gz" for side in ("pt", "en")]
    with gzip.open(names[0], "wb", 1) as sources, gzip.open(names[1], "wb", 1) as targets:
        for start in range(0, pairs, _CHUNK):
            lengths = np.clip(rng.geometric(0.08, min(_CHUNK, pairs - start)) + 2, 3, 60)
            ids = np.minimum(rng.zipf(1.2, lengths.sum()), _WORDS) - 1
            ends = np.cumsum(lengths)
            for file, side in ((sources, 0), (targets, 1)):
                found = [words[side][i] for i in ids.tolist()]
                rows = (
                    " ".join(found[end - length : end])
                    for length, end in zip(lengths.tolist(), ends.tolist(), strict=True)
                )
                text = "\n".join(rows) + "\n"
                size += file.write(text.encode())
    return size


def prepare(folder):
    """Prepare the text; return what it took."""
    import tf_transformer as tft

    files = f"{folder}/made_up.pt.gz,{folder}/made_up.en.gz"
    began = _memory()
    started = time.monotonic()
    with _watching_children() as most:
        corpus = tft.prepare(files, f"{folder}/prepared", vocab_size=32_000)
    seconds = time.monotonic() - started
    table = corpus.blocks.table
    return {
        "seconds": seconds,
        "pairs": int(table["pairs"].sum()),
        "tokens": int(table["source_tokens"].sum() + table["target_tokens"].sum()),
        "bytes": int(table["size"].sum()),
        "memory of imports": began,
        "memory": _memory(),
        "memory of a writer": max(most, default=0),
    }


@contextlib.contextmanager
def _watching_children():
    """Collect how much memory the processes that this one starts have had, in MB."""
    most, over = [], threading.Event()

    def watch():
        while not over.wait(0.5):
            for status in Path("/proc").glob("[0-9]*/status"):
                with contextlib.suppress(OSError):
                    text = status.read_text()
                    if f"PPid:\t{os.getpid()}\n" in text:
                        most.append(_most_of(text))

    thread = threading.Thread(target=watch)
    thread.start()
    yield most
    over.set()
    thread.join()


def read(folder, seconds):
    """Read batches for some seconds, from the first one and from the middle of an epoch."""
    import tf_transformer as tft

    started = time.monotonic()
    corpus = tft.load_corpus(f"{folder}/prepared")
    batches = tft.data.StreamedBatches(corpus.blocks, _BATCH_TOKENS)
    stream = batches.dataset().as_numpy_iterator()
    next(stream)
    first = time.monotonic() - started
    memory = []
    rates = []
    for _ in range(3):
        tokens, began = 0, time.monotonic()
        for _, targets in stream:
            tokens += int(np.count_nonzero(targets))
            if time.monotonic() - began > seconds / 3:
                break
        rates.append(tokens / (time.monotonic() - began))
        memory.append(_memory())
    started = time.monotonic()
    next(batches.dataset(batches.steps_per_epoch // 2).as_numpy_iterator())
    return {
        "first": first,
        "resumed": time.monotonic() - started,
        "rates": rates,
        "memory": memory,
        "steps": batches.steps_per_epoch,
    }


def blocks(folder):
    """Read blocks at random, from our files and from ArrayRecord; return blocks a second."""
    import tf_transformer as tft

    found = tft.load_corpus(f"{folder}/prepared").blocks
    numbers = np.random.default_rng(1).permutation(len(found.table))[:20_000]
    rates = {"our files": _rate(lambda part: found.read(part), numbers)}
    if importlib.util.find_spec("array_record"):
        path = _as_array_record(found, f"{folder}/made_up.array_record")
        from array_record.python.array_record_module import ArrayRecordReader

        reader = ArrayRecordReader(path)
        rates["ArrayRecord"] = _rate(lambda part: reader.read(part.tolist()), numbers)
    return rates


def _as_array_record(found, path):
    from array_record.python.array_record_module import ArrayRecordWriter

    writer = ArrayRecordWriter(path, "group_size:1")
    files = [open(found.directory / name, "rb") for name in found.files]  # noqa: SIM115
    for row in found.table:
        files[row["file"]].seek(int(row["offset"]))
        writer.write(files[row["file"]].read(int(row["size"])))
    writer.close()
    return path


def _rate(read_blocks, numbers):
    """Return blocks a second, read 64 at a time: a window."""
    figures = []
    for third in np.array_split(numbers, 3):
        began = time.monotonic()
        for start in range(0, len(third), 64):
            read_blocks(third[start : start + 64])
        figures.append(len(third) / (time.monotonic() - began))
    return figures


def _memory():
    """Return the most memory that this process has had, in MB."""
    return _most_of(Path("/proc/self/status").read_text())


def _most_of(status):
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1e3 if "VmHWM" in status else 0


_PARTS = {"prepare": prepare, "read": read, "blocks": blocks}


def _run(part, *arguments):
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.big_corpus", part, *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise RuntimeError(f"{part} failed:\n{finished.stderr[-2000:]}")
    *lines, last = finished.stdout.splitlines()
    print(*lines, sep="\n", flush=True)
    return json.loads(last)


def comparisons_of(prepared, found, rates):
    """Return the comparisons: rates of preparing and of reading, memory, time to a batch."""
    rate = prepared["tokens"] / prepared["seconds"]
    read = Result("reading", "", found["memory"])
    return [
        Comparison("Preparing", "tokens/s", [Result("this package", "", [rate])]),
        Comparison(
            "Reading",
            "target tokens/s",
            [Result("this package", "", found["rates"]), Result("a GPU", "", [_GPU], at_least=1)],
        ),
        Comparison("Blocks at random", "blocks/s", [Result(k, "", v) for k, v in rates.items()]),
        Comparison("First batch", "s", [Result("of a training", "", [found["first"]])]),
        Comparison("First batch", "s", [Result("resumed", "", [found["resumed"]])]),
        at_most("Memory of reading", "MB", read, _MOST_MEMORY),
        *(
            at_most("Memory of preparing", "MB", Result(name, "", [prepared[key]]), _MOST_MEMORY)
            for name, key in (("the first process", "memory"), ("a writer", "memory of a writer"))
        ),
    ]


def main():
    """Measure everything, and print it."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        size = write_text(folder, FLAGS.pairs)
        print(f"{counted(FLAGS.pairs, 'pair')}, {size / 1e6:,.0f} MB of text.", flush=True)
        prepared = _run("prepare", folder)
        found = _run("read", folder, FLAGS.seconds)
        rates = _run("blocks", folder)
    print(json.dumps({"text": size, **prepared, "steps": found["steps"]}))
    comparisons = comparisons_of(prepared, found, rates)
    print(*(comparison.table() for comparison in comparisons), sep="\n")
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in _PARTS:
        name, folder, *rest = sys.argv[1:]
        print(json.dumps(_PARTS[name](folder, *map(int, rest))))
    else:
        from tf_transformer.cli import command_line

        command_line.run(main)
