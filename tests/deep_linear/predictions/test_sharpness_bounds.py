import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DeepLinear,
    GradientFlow,
    Regression,
    balanced_sharpness,
    depth_law,
    minimal_sharpness,
    paper_lower_bound,
    paper_upper_bound,
    sharper_lower_bound,
)
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import flattest_point
from fathometer.evidence import Kind
from tests.oracles.deep_linear import READOUT, SIGMA, W_STAR, network, paper_data

# depth, 2 L a m^(2-2/L), sharper closed form, exact S_min, argmin t, S_bal, upper bound with the root
TABLE = [
    (2, 10.9108945117996, 11.8743420870379, 13.1151431708144, 1.53473, 16.943210061801, 29.440938655718),
    (3, 21.5763593499296, 22.8285134953638, 23.4939375139973, 2.29031, 24.5847925825715, 51.2977105312285),
    (4, 33.0316431801381, 34.4591672665459, 34.9202102558482, 2.76234, 35.3484720821115, 71.334845729212),
    (10, 105.899542198952, 107.706998272247, 107.885176242544, 3.70008, 108.109805926788, 170.467043388245),
    (100, 1229.44306055967, 1231.52548633131, 1231.54376239203, 4.3542, 1231.73584179812, 1327.94199652263),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"L={row[0]}")
def test_the_table_of_the_fixed_instance(row):
    depth, lower, sharper, exact, t, balanced, upper = row
    problem = network(depth)
    assert_allclose(paper_lower_bound(problem).value, lower, rtol=2e-14)
    assert_allclose(sharper_lower_bound(problem).value, sharper, rtol=2e-14)
    assert_allclose(minimal_sharpness(problem).value, exact, rtol=2e-14)
    assert_allclose(balanced_sharpness(problem).value, balanced, rtol=2e-14)
    assert_allclose(paper_upper_bound(problem).value, upper, rtol=2e-14)
    assert_allclose(math.exp(flattest_point(problem).log_t), t, rtol=1e-5)


# depth, 2 m^(2-2/L) (lambda_max + (L-1) a), 8 L lambda_max m^(2-2/L)
COARSE = [
    (2, 22.1588098332159, 133.626900618529),
    (3, 36.4049060317192, 264.247997581195),
    (4, 50.0576131872548, 404.54209283442),
    (10, 127.733665550478, 1296.96310285682),
    (100, 1254.7914340092, 15057.1216220519),
]


@pytest.mark.parametrize(("depth", "above_balanced", "of_small_weights"), COARSE)
def test_the_coarser_bounds_of_the_fixed_instance(depth, above_balanced, of_small_weights):
    """S_balanced <= 2 m^{2-2/L} (lambda_max + (L-1) a) <= the paper's root, and 8 L lambda_max m^{2-2/L} for 2.4.3."""
    problem = network(depth)
    data = problem.regression
    power = data.norm ** (2 - 2 / depth)
    assert_allclose(2 * power * (data.lambda_max + (depth - 1) * data.rayleigh), above_balanced, rtol=2e-14)
    assert balanced_sharpness(problem).value <= above_balanced <= paper_upper_bound(problem).value
    assert_allclose(8 * depth * data.lambda_max * power, of_small_weights, rtol=2e-14)
    shapes = [(2, 3), *[(2, 2)] * (depth - 2), (1, 2)]
    start = GradientFlow(problem, tuple(np.full(shape, 0.1) for shape in shapes))
    assert_allclose(theorem("small_init_sharpness").predict(start, None).upper.value, of_small_weights, rtol=1e-11)


@pytest.mark.parametrize("depth", [2, 3, 4, 10, 100])
def test_the_dual_meets_the_primal(depth):
    estimate = minimal_sharpness(network(depth))
    assert estimate.kind is Kind.ENCLOSED
    assert (estimate.upper - estimate.lower) / estimate.value < 3e-14
    assert estimate.lower < estimate.value * (1 - 2e-15)
    assert estimate.value * (1 + 2e-15) < estimate.upper
    point = flattest_point(network(depth))
    assert abs(point.log_primal - point.log_dual) < 2e-15


def direct_search(problem):
    """The one-dimensional problem as it is stated, by brute force over log t."""
    q, gain, others = problem.regression.q, math.exp(problem.log_gain), problem.depth - 1

    def value(log_t):
        low_rank = others * (gain * math.exp(-log_t)) ** (1 / others) * np.outer(q, q)
        return 2 * np.linalg.eigvalsh(math.exp(log_t) * problem.regression.sigma + low_rank)[-1]

    grid = np.linspace(-25, 25, 501)
    best = grid[np.argmin([value(log_t) for log_t in grid])]
    return minimize_scalar(value, bounds=(best - 0.1, best + 0.1), method="bounded", options={"xatol": 1e-12}).fun


def random_problem(seed):
    """Ill-conditioned, sometimes singular, and with targets off the top eigenvector, where the optimum is a kink."""
    generator = np.random.default_rng(seed)
    size, depth = int(generator.integers(2, 6)), int(generator.integers(2, 9))
    axes = np.linalg.qr(generator.normal(size=(size, size)))[0]
    eigenvalues = np.sort(10 ** generator.uniform(-3, 1, size))
    modes = generator.normal(size=size)
    if seed % 4 == 1:
        eigenvalues[0] = 0
    if seed % 4 == 2:
        modes[-1], axes = 0, np.eye(size)
    readout = generator.normal(size=size) if seed % 3 == 0 else None
    return network(depth, readout, axes @ modes, (axes * eigenvalues) @ axes.T)


@pytest.mark.parametrize("seed", range(24))
def test_agrees_with_a_direct_search(seed):
    problem = random_problem(seed)
    found, estimate = direct_search(problem), minimal_sharpness(problem)
    assert estimate.lower <= found
    assert_allclose(found, estimate.value, rtol=1e-8)
    assert (estimate.upper - estimate.lower) / estimate.value < 1e-9


def test_the_kink_is_exact():
    problem = network(2, w_star=np.array([1.0, 0.0]), sigma=np.diag([1.0, 100.0]))
    assert flattest_point(problem).log_dual == pytest.approx(flattest_point(problem).log_primal, abs=1e-15)
    # lambda_max(t sigma + q q^T / t) is 100 t or t + 1/t, whichever is more: they cross at t = 1/sqrt(99)
    assert_allclose(minimal_sharpness(problem).value, 200 / math.sqrt(99), rtol=1e-14)


@pytest.mark.parametrize("depth", [1, 2, 5, 64])
@pytest.mark.parametrize("readout", [None, READOUT])
def test_a_target_along_the_top_eigenvector(depth, readout):
    problem = network(depth, readout, np.array([0.0, 0.0, -2.0]), np.diag([0.1, 1.0, 3.0]))
    gain = 1.0 if readout is None else float(READOUT @ READOUT) ** (1 / depth)
    expected = 2 * depth * 2 ** (2 - 2 / depth) * 3 * gain
    for bound in (paper_lower_bound, sharper_lower_bound, minimal_sharpness):
        assert_allclose(bound(problem).value, expected, rtol=1e-13)


@pytest.mark.parametrize("depth", [2, 7])
def test_the_least_sharpness_for_one_input_is_the_closed_form(depth):
    problem = network(depth, w_star=np.array([2.0]), sigma=np.array([[1.5]]))
    assert_allclose(minimal_sharpness(problem).value, 2 * depth * 2 ** (2 - 2 / depth) * 1.5, rtol=1e-14)


def test_depth_one_is_the_linear_model():
    top = np.linalg.eigvalsh(SIGMA)[-1]
    law = depth_law(network(1))
    assert_allclose([law.s_min.value, law.s_balanced.value, law.s_upper_paper.value], 2 * top, rtol=1e-14)
    assert_allclose(law.s_lower_paper.value, 2 * 25 / 21, rtol=1e-14)
    assert_allclose(depth_law(network(1, READOUT)).s_min.value, 2 * top * (READOUT @ READOUT), rtol=1e-14)


@pytest.mark.parametrize("depth", [2, 5, 40])
@pytest.mark.parametrize("readout", [None, READOUT])
def test_singular_data_do_not_depend_on_the_interpolator(depth, readout):
    sigma = np.diag([0.0, 1.0, 2.0])
    one, other = (network(depth, readout, np.array([null, 1.0, 1.0]), sigma) for null in (0.0, 5.0))
    assert_allclose(minimal_sharpness(one).value, minimal_sharpness(other).value, rtol=1e-14)
    assert_allclose(sharper_lower_bound(one).value, sharper_lower_bound(other).value, rtol=1e-14)
    assert paper_lower_bound(other).value < paper_lower_bound(one).value < minimal_sharpness(one).value


def test_the_papers_numbers():
    X, y = paper_data()
    data = Regression.from_data(X, y)
    law = depth_law(DeepLinear(data, 10))
    assert_allclose(law.norm_w_star.value, 1, rtol=1e-14)
    assert_allclose(law.s_lower_paper.value, 18.6561061, atol=6e-8)
    assert_allclose(law.s_lower_sharper.value, 18.6948562, atol=6e-8)
    assert_allclose(law.s_min.value, 18.6995534, atol=6e-8)
    assert_allclose(law.s_balanced.value, 18.7001338, atol=6e-8)
    paper = [depth_law(DeepLinear(data, depth)).paper_step.value for depth in (5, 10, 20, 40)]
    exact = [depth_law(DeepLinear(data, depth)).largest_stable_step.value for depth in (5, 10, 20, 40)]
    assert_allclose(paper, [0.214407, 0.107204, 0.0536018, 0.0268009], rtol=5e-6)
    assert_allclose(exact, [0.213273, 0.106954, 0.0535430, 0.0267866], rtol=5e-6)


def test_steps_are_the_mapped_enclosures():
    law = depth_law(network(4, READOUT))
    assert law.largest_stable_step.kind is Kind.ENCLOSED
    assert law.largest_stable_step.lower == 2 / law.s_min.upper
    assert law.largest_stable_step.upper == 2 / law.s_min.lower
    gain = float(READOUT @ READOUT) ** 0.25
    assert_allclose(law.paper_step.value, 1 / (2.29128784747792**1.5 * gain * 4 * 25 / 21), rtol=1e-13)


@pytest.mark.parametrize("depth", [2, 64])
def test_a_zero_target_has_flat_minimizers_and_no_critical_step(depth):
    law = json.loads(json.dumps(depth_law(network(depth, w_star=np.zeros(3))).to_json(), allow_nan=False))
    for name in ("norm_w_star", "s_min", "s_balanced", "s_lower_paper", "s_lower_sharper", "s_upper_paper"):
        assert law[name] == {"value": 0.0, "lower": 0.0, "upper": 0.0, "kind": "exact"}
    for name in ("rayleigh_a", "largest_stable_step", "paper_step"):
        assert law[name]["value"] is None


def test_a_zero_target_at_depth_one_still_has_a_critical_step():
    law = depth_law(network(1, w_star=np.zeros(3)))
    assert_allclose(law.largest_stable_step.value, 1 / np.linalg.eigvalsh(SIGMA)[-1], rtol=1e-14)
    assert math.isnan(law.s_lower_paper.value)
    assert math.isnan(law.s_lower_sharper.value)


def test_a_target_that_explains_nothing():
    problem = network(3, w_star=np.array([1.0, 0.0]), sigma=np.diag([0.0, 1.0]))
    law = depth_law(problem)
    assert law.s_min.value == law.s_lower_sharper.value == 0
    assert math.isnan(law.largest_stable_step.value)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_extreme_scales_stay_finite(scale):
    law, unit = depth_law(network(64, w_star=W_STAR * scale)), depth_law(network(64))
    for name in ("s_min", "s_balanced", "s_lower_paper", "s_lower_sharper", "s_upper_paper"):
        expected = math.log(getattr(unit, name).value) + (2 - 2 / 64) * math.log(scale)
        assert math.log(getattr(law, name).value) == pytest.approx(expected, rel=1e-13)


def test_the_bounds_keep_their_order_at_depth_one_million():
    problem = network(10**6)
    law = depth_law(problem)
    assert law.s_lower_paper.value < law.s_lower_sharper.value < law.s_min.value < law.s_balanced.value
    assert_allclose(law.s_min.value, law.s_lower_paper.value, rtol=1e-5)
