"""The search for the smallest step that raises a function."""

import math

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network.steps._crossing import first_crossing

EPS = float(np.finfo(float).eps)
FUNCTIONS = {
    "parabola": (lambda s: 2 * s * s - 3 * s, 3.0, 1.5),
    "cosh": (lambda s: math.cosh(s - 1) - math.cosh(1), math.sinh(1), 2.0),
    "quartic": (lambda s: (s - 1) ** 4 - 1, 4.0, 2.0),
    "exponential": (lambda s: math.exp(2 * s) - 1 - 5 * s, 3.0, 0.809394),
    "logarithm": (lambda s: 0.3 * s - math.log1p(s), 0.7, 6.881893),
    "sine": (lambda s: -math.sin(s), 1.0, math.pi),
    "cliff": (lambda s: -s if s < 0.7 else math.nan, 1.0, 0.7),
}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("start", [1e-3, 0.1, 0.9, 2.5])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_bracket_holds_the_root_and_is_narrow(name, start, known):
    function, slope, root = FUNCTIONS[name]
    step, tried = first_crossing(function, start, slope=slope if known else None, rounding=EPS)
    assert step.lower <= root * (1 + 1e-6)
    assert root * (1 - 1e-6) <= step.upper
    assert step.upper - step.lower <= 0.0101 * step.lower
    assert len(tried) <= 20


@pytest.mark.parametrize("name", ["parabola", "cosh", "exponential"])
@pytest.mark.parametrize("off", [0.2, 0.5, 1, 2, 4])
def test_a_start_of_the_right_size_needs_few_evaluations(name, off):
    function, slope, root = FUNCTIONS[name]
    assert len(first_crossing(function, off * root, slope=slope, rounding=EPS).tried) <= 9


def test_a_known_slope_makes_a_parabola_known_after_one_evaluation():
    function, slope, _ = FUNCTIONS["parabola"]
    assert len(first_crossing(function, 1.0, slope=slope, rounding=EPS).tried) == 3


def test_the_ends_of_the_bracket_are_steps_that_were_tried():
    function, slope, _ = FUNCTIONS["cosh"]
    step, tried = first_crossing(function, 0.3, slope=slope, rounding=EPS)
    values = dict(tried.tolist())
    assert values[step.lower] < 0 < values[step.upper]


@pytest.mark.parametrize("noise", [1e-3, 1e-5, 1e-7])
def test_noise_widens_the_bracket_and_the_root_stays_inside(noise):
    function, slope, root = FUNCTIONS["cosh"]
    widths = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        offset = noise * rng.standard_normal()

        def noisy(s, rng=rng, offset=offset):
            return function(s) + noise * rng.standard_normal() - offset

        step = first_crossing(noisy, 0.8, slope=slope, rounding=noise).step
        assert step.lower <= root <= step.upper
        widths.append(step.upper / step.lower - 1)
    assert np.median(widths) < max(0.011, 100 * noise)


def test_evaluations_end_in_a_wide_bracket():
    function, slope, root = FUNCTIONS["quartic"]
    step, tried = first_crossing(function, 1e-3, slope=slope, evaluations=8, rounding=EPS)
    assert len(tried) <= 8
    assert step.lower <= root <= step.upper


def test_a_function_that_only_falls_has_no_crossing():
    step, _ = first_crossing(lambda s: -s, 1.0, slope=1.0)
    assert step.value == math.inf
    assert step.lower > 1e15


def test_a_direction_uphill_is_refused():
    with pytest.raises(InputError, match=r"downhill: the loss rises along it, at a rate of 1\.5"):
        first_crossing(lambda s: s, 1.0, slope=-1.5)
    with pytest.raises(InputError, match="downhill: the loss rises along it already at a step of"):
        first_crossing(lambda s: s, 1.0, least=1e-8)


def test_a_dip_between_two_steps_is_not_seen_and_the_bracket_still_holds_a_crossing():
    def dips(s):
        return -s + 10 * math.exp(-(((s - 1.5) / 0.05) ** 2)) + 0.01 * s**3

    step, tried = first_crossing(dips, 1.0, slope=1.0, rounding=EPS)
    assert step.lower <= 10.0 <= step.upper
    assert np.all((tried[:, 0] < 1.3) | (tried[:, 0] > 1.7))
