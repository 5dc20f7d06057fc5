"""Settings of JAX for commands and benchmarks."""

import jax
import pytest

from fathometer.numerics import prepare_jax


@pytest.fixture
def settings():
    names = (
        "jax_compilation_cache_dir",
        "jax_persistent_cache_min_compile_time_secs",
        "jax_cpu_enable_async_dispatch",
    )
    before = {name: jax.config.values[name] for name in names}
    yield before
    for name, value in before.items():
        jax.config.update(name, value)


def test_compiled_code_is_kept_in_the_cache_folder_of_the_user(settings, monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    prepare_jax()
    assert jax.config.jax_compilation_cache_dir.endswith("fathometer")


def test_a_folder_that_the_user_names_is_left(settings, monkeypatch):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    prepare_jax()
    assert jax.config.jax_compilation_cache_dir == settings["jax_compilation_cache_dir"]
    assert jax.config.jax_persistent_cache_min_compile_time_secs == 0.2
    assert not jax.config.values["jax_cpu_enable_async_dispatch"]
