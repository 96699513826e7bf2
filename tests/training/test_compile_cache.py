"""What JAX compiles for a GPU is kept in the run, unless the user has another place for it."""

import importlib.util

import keras
import pytest

from tf_transformer.training.compile_cache import keep_compiled

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs jax")


@pytest.fixture
def jax(monkeypatch):
    """JAX with a GPU, as far as `keep_compiled` can see, and everything worth keeping."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    names = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
    before = {name: getattr(jax.config, name) for name in names}
    for name, value in zip(names, (None, 0), strict=True):
        jax.config.update(name, value)
    compilation_cache.reset_cache()
    yield jax
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


def compile_something(jax):
    jax.jit(lambda x: 2 * x + 1)(1.0).block_until_ready()


def test_what_is_compiled_from_then_on_is_kept(jax, tmp_path):
    compile_something(jax)
    keep_compiled(tmp_path)
    assert not list(tmp_path.iterdir())
    compile_something(jax)
    assert list(tmp_path.iterdir())


def test_a_place_that_the_user_has_chosen_stays(jax, tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "chosen"))
    keep_compiled(tmp_path / "ours")
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "chosen")


def test_for_a_cpu_nothing_is_kept(jax, tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")
    keep_compiled(tmp_path)
    assert jax.config.jax_compilation_cache_dir is None
