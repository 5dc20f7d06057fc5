"""What is kept of a cloud is what attention's observables say, and its energy at every temperature."""

import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.attention import layer_table, record, unit_energy
from fathometer.evidence import InputError
from fathometer.network.layers.measuring._cloud import NUMBERS, energy, measure_cloud, unit_tokens

from ..tokens import cloud


@pytest.fixture(scope="module")
def tokens():
    """Tokens with a pair that nearly coincides, more than fit in one tile."""
    x = cloud(270, 6, 1, towards=1.0)
    x[1] = x[0]
    return x


def test_the_numbers_are_those_of_the_layer_table(tokens):
    measured = dict(zip(NUMBERS, measure_cloud(tokens).numbers, strict=True))
    table = layer_table(record(tokens[None], 1.0))
    for name in ("mean_cosine", "close_pairs", "centred_mean_cosine", "effective_rank"):
        assert measured[name] == pytest.approx(table[name].value[0], abs=1e-9), name
    for name in ("cosine_q05", "cosine_median", "cosine_q95", "centred_q95"):
        assert measured[name] == pytest.approx(table[name].value[0], abs=2e-3), name


@pytest.mark.parametrize("beta", [0.0, 0.5, 9.0, 64.0, 128.0])
def test_moments_know_the_energy_at_every_beta(tokens, beta):
    expected = float(unit_energy(jnp.asarray(tokens), jnp.full(270, 1 / 270), beta))
    assert energy(measure_cloud(tokens).moments, beta) == pytest.approx(expected, rel=1e-11)


def test_the_histogram_is_of_pairs_of_different_tokens():
    histogram = measure_cloud(np.eye(3)).histogram
    assert histogram[50] == pytest.approx(1.0)


def test_an_energy_beyond_the_moments_is_refused():
    with pytest.raises(InputError, match="beta must be between 0 and 128, got 200"):
        energy(np.ones(97), 200.0)


def test_zero_tokens_are_named():
    with pytest.raises(InputError, match="text 3 must have nonzero rows, token 1 is zero"):
        unit_tokens([[1.0, 0.0], [0.0, 0.0]], "text 3")
