"""The best law between prior and posterior: its parts fit together, and no law beside it is better."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization import best_interpolation, evaluate_bound

COMMON = {"risk": 0.1, "distance": 0.4, "prior_sigma": 0.25, "dim": 3}


def parts(t: float, sigma: float) -> dict[str, float]:
    ratio = (sigma / 0.25) ** 2
    away = np.hypot((1 - t) * 0.4, np.sqrt(3) * sigma)
    return {"distance": away, "kl": max((t * 0.4 / 0.25) ** 2 / 2 + 1.5 * (ratio - 1 - np.log(ratio)), 0)}


@pytest.mark.parametrize(
    ("lipschitz", "m", "delta"), [(1, 5, 0.9), (0.3, 2, 0.9), (1, 5, 1e-6), (0.1, 100, 0.3), (0.05, 100, 0.3)]
)
def test_no_law_beside_it_is_better(lipschitz, m, delta):
    keys = {"risk": 0.1, "lipschitz": lipschitz, "m": m, "delta": delta}
    found = best_interpolation(**COMMON | keys)
    expected = parts(found.t, found.sigma)
    assert found.distance == pytest.approx(expected["distance"], rel=1e-12)
    assert found.kl == pytest.approx(expected["kl"], rel=1e-9, abs=1e-12)
    assert found.value == evaluate_bound("kl_w1_interp", **keys, distance=found.distance, kl=found.kl).value
    for t in np.clip((found.t - 0.02, found.t, found.t + 0.02), 0, 1):
        for sigma in (0.97 * found.sigma, found.sigma, 1.03 * found.sigma):
            other = evaluate_bound("kl_w1_interp", **keys, **parts(t, sigma))
            assert other.value >= found.value * (1 - 1e-9)


def test_a_flat_loss_keeps_the_prior_and_a_steep_one_the_posterior():
    flat = best_interpolation(**COMMON, lipschitz=0, m=100, delta=0.3)
    assert flat.value == pytest.approx(
        evaluate_bound("kl_w1_interp", risk=0.1, lipschitz=0, distance=0, kl=0, m=100, delta=0.3).value, rel=1e-9
    )
    steep = best_interpolation(**COMMON, lipschitz=1e3, m=100, delta=0.3)
    assert steep.t == pytest.approx(1, abs=1e-3)
    assert steep.sigma < 1e-3


def test_a_bound_that_overflows_is_infinite():
    with np.errstate(all="ignore"):
        assert best_interpolation(**COMMON | {"distance": 1e200}, lipschitz=1e200, m=100, delta=0.3).value == np.inf


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"distance": -1}, r"^distance must be >= 0, got -1$"),
        ({"m": 0}, r"^m must be >= 1, got 0$"),
        ({"delta": 1}, r"^delta must be > 0 and < 1, got 1$"),
    ],
)
def test_impossible_laws_are_refused(changed, message):
    with pytest.raises(InputError, match=message):
        best_interpolation(**COMMON | {"lipschitz": 1, "m": 100, "delta": 0.3} | changed)
