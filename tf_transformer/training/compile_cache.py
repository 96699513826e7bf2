"""What XLA has compiled, kept on disk for the next start."""

from __future__ import annotations

import os

import keras


def keep_compiled(directory: str | os.PathLike) -> None:
    """Let JAX keep what it compiles for a GPU, so that a resumed run need not wait for it again.

    A directory that the user has chosen stays: `JAX_COMPILATION_CACHE_DIR`, or JAX's configuration.
    What is compiled for a CPU is not kept, as it may not run on another one.

    Args:
        directory: where it is kept.

    Example:
        ```python
        from tf_transformer.training.compile_cache import keep_compiled

        keep_compiled("runs/ted_gpu/compiled")  # does nothing unless Keras's backend is JAX
        ```
    """
    if keras.backend.backend() != "jax":
        return
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    if jax.config.jax_compilation_cache_dir or jax.default_backend() == "cpu":
        return
    jax.config.update("jax_compilation_cache_dir", os.fspath(directory))
    compilation_cache.reset_cache()  # JAX has noticed before that there was none
