"""Where a formula changes its form: both sides of the edge, and what holds on it."""

import mpmath as mp
import numpy as np
import pytest

from fathometer.generalization import bound, evaluate_bound
from fathometer.generalization.bounds.all_radii import shell_of
from fathometer.generalization.bounds.unverified import _ceil
from fathometer.numerics import kl_inverse_upper, wide
from tests.oracles import generalization_betting, generalization_classical

SAMPLE = {"m": 500, "delta": 0.05}


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


def test_a_class_may_shatter_the_whole_sample():
    assert value("vc", risk=0.1, vc_dim=500, **SAMPLE) == pytest.approx(
        0.1 + np.sqrt(2) + np.sqrt(np.log(20) / 1000), rel=1e-15
    )


@pytest.mark.parametrize("log_ratio", [-20, -0.5, 0])
def test_where_the_posterior_is_thinner_than_the_prior_occams_hammer_gives_nothing_back(log_ratio):
    found = value("disint_blanchard", risk=0.1, log_ratio=log_ratio, b=0.5, **SAMPLE)
    assert found == pytest.approx(kl_inverse_upper(0.1, np.log(1.5 / 0.05) / 500), rel=1e-14)
    assert value("disint_blanchard", risk=0.1, log_ratio=0.25, b=0.5, **SAMPLE) > found


def test_a_set_that_is_less_likely_than_the_confidence_costs_no_confidence():
    keys = {"risk": 0.1, "complexity": 0.02, "lam": 3, **SAMPLE}
    assert evaluate_bound("random_set", log_ratio=np.log(0.05) - 1, **keys).terms["confidence"] == 0
    for log_ratio in (np.log(0.05) + 0.5, 4):
        terms = evaluate_bound("random_set", log_ratio=log_ratio, **keys).terms
        assert terms["confidence"] == pytest.approx((log_ratio + np.log(20)) / 3, rel=1e-14)


def test_one_draw_is_certified_at_least_its_empirical_risk():
    for name in ("disint_rivasplata", "disint_catoni"):
        more = {"C": 1} if name == "disint_catoni" else {}
        found = evaluate_bound(name, risk=0.1, log_ratio=-1e4, **SAMPLE, **more)
        assert found.value == (0.1 if name == "disint_rivasplata" else 0)
    assert evaluate_bound("disint_rivasplata", risk=0.1, log_ratio=-1e4, **SAMPLE).terms["c"] == 0


@pytest.mark.parametrize("ratio", [1e-15, 0.1, 0.70710678, 0.7071068, 1, 1.2, 30])
def test_every_width_of_the_smoothing_keeps_its_digits(ratio):
    keys = {"risk": 0.1, "lipschitz": 0.5, "distance": 0.25, "prior_sigma": 0.5, "dim": 10, **SAMPLE}
    found = value("smooth_free", **keys, sigma=0.5 * ratio)
    exact = generalization_classical.smooth_free(*keys.values(), 0.5 * ratio)
    assert 0 <= mp.mpf(found) - exact <= 1e-15 * exact


@pytest.mark.parametrize("m", range(100, 106))
@pytest.mark.parametrize("c2", [1.01, 6.2, 1.5])
def test_the_grid_for_the_variance_is_counted_to_the_last_value(m, c2):
    keys = {"risk": 0.1, "variance": 0, "kl": 0, "m": m, "delta": 0.9, "c1": 1.15, "c2": c2}
    exact = generalization_betting.tolstikhin_seldin(*keys.values())
    assert 0 <= mp.mpf(value("tolstikhin_seldin", **keys)) - exact <= 1e-15


def test_a_count_that_rounding_may_have_taken_below_a_whole_number_is_the_next_one():
    counts = wide([3, 1e6])
    assert _ceil(counts).tolist() == [4, 1e6 + 1]
    assert _ceil(counts * (1 - 1e-9)).tolist() == [3, 1e6]
    assert _ceil(-counts).tolist() == [-2, 1 - 1e6]
    assert _ceil(wide(0)) == 0


@pytest.mark.parametrize("blocks", [1, 2])
def test_only_priors_that_share_no_blocks_have_the_kl_form(blocks):
    keys = {"risk": 0.1, "lipschitz": 0.5, "distance": 0.25, **SAMPLE}
    found = evaluate_bound("risk_transport", **keys, blocks=blocks).terms["prior_certificate"]
    chernoff, deviation = kl_inverse_upper(0.1, np.log(20) / 500), np.sqrt(blocks * np.log(20) / 1000)
    assert found == pytest.approx(chernoff if blocks == 1 else 0.1 + deviation, rel=1e-14)


def test_samples_may_have_different_numbers_of_scales():
    keys = {"risk": 0.1, "lipschitz": 0.5, "radius": 0.25, "dim": 10, "m": 500, "delta": 0.05, "c": 0.3, "q": 0.4}
    counts = [0, 3, 1, 5]
    columns = {key: wide([number] * 4) for key, number in keys.items()}
    together, _ = bound("chain_gauss").evaluate(**columns, scales=wide(counts))
    assert together.tolist() == [value("chain_gauss", **keys, scales=count) for count in counts]


@pytest.mark.parametrize("power", [0, 1, 3, 5, 20])
def test_the_least_shell_that_holds_a_point_just_outside_a_ball(power):
    """From 4 on the logarithm of the ratio is rounded to `power`, which is one too few."""
    base = wide(0.1)
    edge = base * 2**power
    assert shell_of(edge, base) == power
    assert shell_of(np.nextafter(edge, np.longdouble(np.inf)), base) == power + 1
    assert shell_of(np.nextafter(edge, np.longdouble(0)), base) == power
    assert shell_of(wide(0), base) == 0


@pytest.mark.parametrize("delta", [0.9, 1e-9])
@pytest.mark.parametrize("dim", [1, 30])
@pytest.mark.parametrize(
    ("name", "width"),
    [("smooth_gauss", "sigma"), ("smooth_increment", "sigma"), ("smooth_ball", "eps"), ("covering", "eps"),
     ("smooth_free", "sigma")],
)  # fmt: skip
def test_the_best_width_is_best_for_every_confidence_and_dimension(name, width, dim, delta):
    keys = {"risk": 0, "lipschitz": 0.4, "dim": dim, "m": 20, "delta": delta}
    keys |= {"distance": 0.5, "prior_sigma": 0.3} if name == "smooth_free" else {"radius": 3}
    best = evaluate_bound(name, **keys)
    for factor in (1 - 1e-4, 1 + 1e-4):
        assert value(name, **keys, **{width: best.terms[width] * factor}) > best.value
