"""The best widths, one for each parameter: what is handed out fits together, and no other widths are better."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization import best_anisotropic, evaluate_bound

SHIFT, PRIOR = np.array([0.3, 0.0, -0.2]), np.array([0.1, 0.4, 0.2])
COMMON = {"risk": 0.1, "m": 50, "delta": 0.5}


def divergence(sigmas: np.ndarray, shift: np.ndarray = SHIFT, prior: np.ndarray = PRIOR) -> float:
    ratio = (sigmas / prior) ** 2
    return float(np.sum((shift / prior) ** 2 + ratio - 1 - np.log(ratio)) / 2)


@pytest.mark.parametrize("lipschitz", [1e-6, 1e-3, 0.1, 1, 30, 1e3])
def test_no_other_precision_is_better(lipschitz):
    keys = COMMON | {"lipschitz": lipschitz}
    found = best_anisotropic(shift=SHIFT, prior_sigmas=PRIOR, **keys)
    assert found.distance == pytest.approx(np.linalg.norm(found.sigmas), rel=1e-14)
    assert found.kl == pytest.approx(divergence(found.sigmas), rel=1e-9)
    assert found.value == evaluate_bound("kl_w1_interp", **keys, distance=found.distance, kl=found.kl).value
    kappa = np.mean(1 / found.sigmas**2 - 1 / PRIOR**2)
    for factor in (0.97, 1.03):
        sigmas = 1 / np.sqrt(1 / PRIOR**2 + factor * kappa)
        other = evaluate_bound("kl_w1_interp", **keys, distance=np.linalg.norm(sigmas), kl=divergence(sigmas))
        assert other.value >= found.value


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e3, 1e9])
def test_the_bound_does_not_depend_on_the_unit_of_the_parameters(unit):
    found = best_anisotropic(shift=SHIFT, prior_sigmas=PRIOR, lipschitz=2, **COMMON)
    scaled = best_anisotropic(shift=unit * SHIFT, prior_sigmas=unit * PRIOR, lipschitz=2 / unit, **COMMON)
    assert scaled.value == pytest.approx(found.value, rel=1e-12)
    np.testing.assert_allclose(scaled.sigmas, unit * found.sigmas, rtol=1e-5)


def test_where_the_loss_is_flat_the_prior_is_kept():
    found = best_anisotropic(shift=0 * SHIFT, prior_sigmas=PRIOR, lipschitz=0, **COMMON)
    np.testing.assert_allclose(found.sigmas, PRIOR, rtol=1e-15)
    assert 0 <= found.kl < 1e-15
    assert found.value == evaluate_bound("kl_w1_interp", **COMMON, lipschitz=0, distance=1, kl=found.kl).value


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_bound_that_overflows_is_infinite():
    found = best_anisotropic(shift=[0.0], prior_sigmas=[1e100], lipschitz=1e300, **COMMON)
    assert found.value == np.inf


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"shift": [[1.0]]}, r"^shift must have 1 dimension\(s\), got shape \(1, 1\)$"),
        ({"prior_sigmas": [[1.0]]}, r"^prior_sigmas must have 1 dimension\(s\), got shape \(1, 1\)$"),
        ({"shift": [], "prior_sigmas": []}, r"one shape \(d,\) with d >= 1, got \(0,\) and \(0,\)$"),
        ({"prior_sigmas": [1.0, -0.5, 2.0]}, r"^prior_sigmas must be positive, got -0.5$"),
        ({"lipschitz": -1}, r"^lipschitz must be >= 0, got -1$"),
        ({"risk": 2}, r"^risk must be >= 0 and <= 1, got 2$"),
    ],
)
def test_impossible_laws_are_refused(changed, message):
    keys = COMMON | {"lipschitz": 1, "shift": SHIFT, "prior_sigmas": PRIOR} | changed
    with pytest.raises(InputError, match=message):
        best_anisotropic(**keys)
