"""Inverse temperatures end where float64 does, and everywhere at the same place."""

import numpy as np
import pytest

from fathometer.attention import Model, ParticleSystem, phase_diagram, record, simulate_batch
from fathometer.attention.dynamics.variants import MeanFieldCircle
from fathometer.evidence import InputError

POINTS = np.eye(3)
WAYS = {
    "system": lambda beta: ParticleSystem(POINTS, beta, Model.SA),
    "batch": lambda beta: simulate_batch(POINTS[None], [beta], [0.0, 1.0]),
    "phase": lambda beta: phase_diagram(2, 2, [0.0, beta], [0.0, 1.0], systems=2),
    "layers": lambda beta: record(POINTS[None], beta),
    "law": lambda beta: MeanFieldCircle(np.ones(8), beta, 1.0, Model.SA),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("beta", [1.0000001e10, 1e12, 1e308])
def test_above_the_limit_is_refused_with_the_reason(way, beta):
    with pytest.raises(InputError, match=r"between 0 and 1e\+10, got .*float64"):
        WAYS[way](beta)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("beta", [np.inf, np.nan])
def test_what_is_not_finite_is_refused(way, beta):
    with pytest.raises(InputError, match=r"finite"):
        WAYS[way](beta)


def test_the_limit_itself_is_allowed():
    assert ParticleSystem(POINTS, 1e10, Model.SA).beta == 1e10
