"""Tests run in float64, with silent promotions of rank and dtype refused."""

import jax
import pytest

import fathometer.numerics  # noqa: F401  (switches JAX to float64)


@pytest.fixture(autouse=True, scope="session")
def _strict_arrays() -> None:
    jax.config.update("jax_numpy_rank_promotion", "raise")
    jax.config.update("jax_numpy_dtype_promotion", "strict")
