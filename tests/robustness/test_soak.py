"""A model that serves for long takes no more memory than one that has just been warmed up."""

import os
import random
from pathlib import Path

import pytest
import tensorflow as tf

from tests.first_run import PAIRS
from tf_transformer.export import load_saved_model

SENTENCES = 100_000
SIZES = (1, 1, 4, 32, 64, 128)
OTHERS = ("translate_beam", "attend", "embed")
GROWTH = 1.05  # at most, after the first fifth


def megabytes():
    """Return how much memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells")
@pytest.mark.long
def test_memory_is_flat_after_warm_up(first_run):
    signatures = load_saved_model(first_run.model_dir).signatures
    rng, sources = random.Random(0), [source for source, _ in PAIRS]
    served, memory = 0, []
    while served < SENTENCES:
        count = rng.choice(SIZES)
        texts = [rng.choice(sources)[: rng.randrange(40)] for _ in range(count)]
        is_small = count <= 4 and rng.random() < 0.3
        name = rng.choice(OTHERS) if is_small else "serving_default"
        answer = signatures[name](text=tf.constant(texts))
        assert {len(value) for value in answer.values()} == {count}
        served += count
        memory.append((served, megabytes()))
    warm = max(used for count, used in memory if count < SENTENCES / 5)
    assert max(used for _, used in memory) < GROWTH * warm
