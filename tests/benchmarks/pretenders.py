"""Contenders that compute nothing, for the tests of the framework."""

import itertools
import os
import time


def counting(threads, first):
    """Return 1, 2, 3, … times `first`, and tell the journal when."""
    figures = itertools.count(first, first)
    return lambda: next(figures)


def timing(threads, journal):
    """Write down when each repetition begins and ends."""

    def repeat():
        started = time.monotonic()
        time.sleep(0.02)
        with open(journal, "a") as file:
            print(started, time.monotonic(), os.getpid(), file=file)
        return 1.0

    return repeat


def threads_seen(threads):
    """Figures that tell which threads it was given."""
    print("Noise that must not reach the parent.")
    assert os.environ["OMP_NUM_THREADS"] == str(threads.intra)
    assert os.environ["TF_NUM_INTEROP_THREADS"] == str(threads.inter)
    return lambda: 10 * threads.intra + threads.inter


def failing(threads):
    raise ValueError("this contender is lame")


def dying(threads):
    return lambda: os._exit(3)
