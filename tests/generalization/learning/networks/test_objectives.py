"""Bounds as training objectives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.generalization import evaluate_bound
from fathometer.generalization.learning.networks import NetworkSettings, Objective
from fathometer.generalization.learning.networks._objectives import OBJECTIVES, best_lambda, complexity

CASES = [(0.1, 10, 1000, 0.05), (0.02, 500, 30000, 0.025), (0.004, 5, 500, 0.05)]


@pytest.mark.parametrize(("risk", "kl", "m", "delta"), CASES)
@pytest.mark.parametrize(
    ("objective", "bound"),
    [(Objective.QUAD, "pb_quad"), (Objective.LAMBDA, "pb_lambda"), (Objective.KL, "maurer_seeger")],
)
def test_the_objectives_are_the_bounds(objective, bound, risk, kl, m, delta):
    c = complexity(jnp.float64(kl), m, delta)
    value = OBJECTIVES[objective](jnp.float64(risk), c, best_lambda(jnp.float64(risk), c))
    assert float(value) == pytest.approx(evaluate_bound(bound, risk=risk, kl=kl, m=m, delta=delta).value, rel=1e-12)


@pytest.mark.parametrize("objective", list(Objective))
def test_their_gradients_are_difference_quotients(objective):
    def value(point):
        return OBJECTIVES[objective](point[0], point[1], jnp.float64(0.6))

    at, step = np.array([0.03, 0.01]), 1e-6
    gradient = jax.grad(value)(jnp.asarray(at))
    for k in range(2):
        moved = np.eye(2)[k] * step
        slope = (value(jnp.asarray(at + moved)) - value(jnp.asarray(at - moved))) / (2 * step)
        assert float(gradient[k]) == pytest.approx(float(slope), rel=1e-6)


def test_training_in_float32_stays_finite_where_the_risk_vanishes():
    for objective in Objective:
        for risk in (0.0, 1.0):
            gradient = jax.grad(lambda r, o=objective: OBJECTIVES[o](r, jnp.float32(0.01), jnp.float32(1)))(
                jnp.float32(risk)
            )
            assert np.isfinite(float(gradient)), (objective, risk)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objective": "mcallester"}, "objective must be quad, lambda, kl, got 'mcallester'"),
        ({"hidden": (0,)}, "hidden must be >= 1"),
        ({"pmin": 0.6}, "pmin must be > 0 and < 0.5"),
        ({"prior_sigma": 0.0}, "prior_sigma must be > 0"),
        ({"shares": {"prior": 1.0}}, "shares must name prior, certificate, held_out, test"),
        ({"draws": 0}, "draws must be >= 1"),
    ],
)
def test_impossible_settings_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        NetworkSettings(**change)
