"""TensorFlow's compilers do less for tests: to optimize a small graph takes longer than to run it.

The graphs are those of users all the same, and compiled by XLA where theirs are. What the
compilers make of them is tested in processes of their own, and where `optimized_graphs` is used.
"""

import contextlib
import os

import tensorflow as tf

_XLA = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


def optimize_less():
    """Leave graphs as they are, and let XLA compile in haste."""
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    os.environ.setdefault("XLA_FLAGS", _XLA)


@contextlib.contextmanager
def optimized_graphs():
    """Optimize graphs meanwhile, as TensorFlow does by default."""
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
