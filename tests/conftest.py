"""Tests run in float64, with silent promotions of rank and dtype refused, and forget compiled code after each file."""

from collections.abc import Iterator

import jax
import pytest

import fathometer.numerics  # noqa: F401  (switches JAX to float64)


@pytest.fixture(autouse=True, scope="session")
def _strict_arrays() -> None:
    jax.config.update("jax_numpy_rank_promotion", "raise")
    jax.config.update("jax_numpy_dtype_promotion", "strict")


@pytest.fixture(autouse=True, scope="module")
def _forget_compiled_code() -> Iterator[None]:
    """Keep a worker below the number of memory maps that Linux allows a process (65 530): compiled code holds them."""
    yield
    jax.clear_caches()
