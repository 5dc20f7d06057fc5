import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    Ending,
    MultiOutput,
    MultiOutputRegression,
    Recording,
    SpectralStart,
    Training,
    balanced_escape_time,
    balanced_flow,
    balanced_path_sharpness,
    balanced_scalar_time,
    balanced_sharpness,
    balanced_spectrum,
    balanced_velocity,
    descend_batch,
    early_cosine,
    early_log_time,
    escape_bracket,
    flow_limit,
    paper_lower_bound,
    product,
    reduced_sharpness,
    riccati_flow,
    scalar_limit,
    spectral_start_flow,
    tangent_kernel,
)
from fathometer.evidence import InputError
from tests.oracles.deep_linear import READOUT, SIGMA, W_STAR, dense_hessian, network
from tests.oracles.deep_linear_flow import (
    DIRECTION,
    balanced_start,
    linearised_escape,
    scalar_network,
    scalars,
    scipy_flow,
)

WHITE = network(2, sigma=np.eye(3))
FIRST, LAST = np.outer([0.3, -0.4], DIRECTION), np.array([[0.3, -0.4]])


def aligned(w, widths, seed=0):
    """A balanced network with that product."""
    generator, depth = np.random.default_rng(seed), len(widths) + 1
    drawn = [generator.normal(size=width) for width in widths]
    units = [w / np.linalg.norm(w), *(v / np.linalg.norm(v) for v in drawn), np.ones(1)]
    return [np.linalg.norm(w) ** (1 / depth) * np.outer(after, before) for before, after in pairwise(units)]


@pytest.mark.parametrize("widths", [(), (3,), (1,), (2, 3), (1, 1), (3, 2, 4), (2, 1, 3, 2)])
@pytest.mark.parametrize("size", [1e-3, 0.3, 3.0])
def test_the_balanced_spectrum_is_that_of_the_dense_hessian(widths, size):
    w = size * np.random.default_rng(len(widths)).normal(size=3)
    problem = network(len(widths) + 1)
    dense = np.linalg.eigvalsh(dense_hessian(problem, aligned(w, widths)))
    assert_allclose(balanced_spectrum(problem, w, widths), dense, atol=1e-12 * np.abs(dense).max())
    assert balanced_path_sharpness(problem, w).value == pytest.approx(dense[-1], rel=1e-11)


def test_the_sharpness_of_many_products_at_once():
    many = np.random.default_rng(0).normal(size=(4, 5, 3))
    tops = balanced_path_sharpness(network(5), many).value
    assert tops.shape == (4, 5)
    direct = reduced_sharpness(network(5), aligned(many[2, 3], (2, 2, 2, 2))).value
    assert tops[2, 3] == pytest.approx(direct, rel=1e-10)
    assert balanced_path_sharpness(network(5), W_STAR).value == pytest.approx(balanced_sharpness(network(5)).value)


@pytest.mark.slow
def test_the_plateau_has_a_larger_negative_eigenvalue():
    """4.4, t = 2: -3.96669823 against 1.702."""
    w = balanced_flow(network(4), 0.0081 * DIRECTION, [2.0], convergence=0).states["w"][0]
    assert balanced_spectrum(network(4), w, 3)[0] == pytest.approx(-3.96669823, rel=1e-8)


def test_the_equation_of_the_product_is_the_chain_rule():
    """2.6: the velocity is -K g of a balanced network."""
    for depth in (1, 2, 3, 6):
        w = np.random.default_rng(depth).normal(size=3)
        problem, weights = network(depth), aligned(w, (2,) * (depth - 1))
        g = 2 * SIGMA @ (w - W_STAR)
        assert_allclose(balanced_velocity(problem, w), -tangent_kernel(problem, weights) @ g, rtol=1e-12)


@pytest.mark.parametrize(
    ("product", "message"),
    [(np.ones(2), "product must have 3 entries"), (np.zeros(3), "product must not be zero"), (1.0, "3 entries")],
)
def test_bad_products_are_refused(product, message):
    with pytest.raises(InputError, match=message):
        balanced_path_sharpness(network(3), product)
    with pytest.raises(InputError, match="plain"):
        balanced_spectrum(network(3, READOUT), np.ones(3), 2)


@pytest.mark.slow
def test_a_balanced_run_from_a_product_of_1e_60():
    run = balanced_flow(network(10), 1e-60 * DIRECTION)
    assert run.events[0].name == Ending.CONVERGED
    assert run.observed["sharpness"].value[-1] == pytest.approx(balanced_sharpness(network(10)).value, rel=1e-5)
    assert 1e46 < run.axis.points[-1] < 1e48


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "time"),
    [
        (2, 1.070656377537711),
        (3, 3.620092681000784),
        (4, 8.400816226477343),
        (5, 14.02492305748505),
        (10, 33.07292626040917),
    ],
)
def test_balanced_scalar_times(depth, time):
    """4.6, and the same by integration, for either sign."""
    assert balanced_scalar_time(scalar_network(depth), 1e-4, 1.9).value == pytest.approx(time, rel=1e-13)
    mirrored = scalar_network(depth, target=-2.0)
    assert balanced_scalar_time(mirrored, -1e-4, -1.9).value == pytest.approx(time, rel=1e-13)
    end = balanced_flow(scalar_network(depth), [1e-4], [time]).states["w"][0, 0]
    assert end == pytest.approx(1.9, rel=1e-8)


def test_the_logistic_curve_of_two_layers():
    u = 2 / (1 + (2 / 1e-3 - 1) * math.exp(-4 * 1.5 * 2 * 0.5))
    assert balanced_scalar_time(scalar_network(2), 1e-3, u).value == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "sharpness", "bound"),
    [
        ((1, 0.5), 12.20911544707478, 12),
        ((1, 0.5, 0.25), 23.29078594420941, 22.67857889810772),
        ((2, 1, 0.5, 0.25), 42.83838120419454, 33.94112549695428),
        ((0.1, 0.2, 0.3, 0.4, 0.5), 45.56556633131891, 45.47149699531194),
    ],
)
def test_the_limit_of_a_scalar_network_agrees_with_the_table_and_the_flow(values, sharpness, bound):
    """4.6, and the same by following the flow."""
    problem, start = scalar_network(len(values)), scalars(values)
    found = scalar_limit(problem, start)
    assert found.sharpness.value == pytest.approx(sharpness, rel=1e-13)
    assert np.prod(found.weights) == pytest.approx(2, rel=1e-14)
    assert paper_lower_bound(problem).value == pytest.approx(bound, rel=1e-13)


@pytest.mark.slow
def test_scalar_limits_are_those_of_the_flow():
    batch = tuple(np.array(values)[:, None, None] for values in ((1, 2, 0.01), (0.5, 0.1, 0.02), (0.25, 1, 0.03)))
    found, followed = scalar_limit(scalar_network(3), batch), flow_limit(scalar_network(3), batch)
    assert_allclose(followed.sharpness.value, found.sharpness.value, rtol=1e-11)
    assert_allclose(np.stack(followed.weights, axis=-1)[:, 0, 0], found.weights, rtol=1e-10)


def test_two_scalar_layers_in_closed_form():
    """2.7 (b): 2 a sqrt(c^2 + 4 m^2)."""
    found = scalar_limit(scalar_network(2), scalars((-3.0, -0.1)))
    assert found.sharpness.value == pytest.approx(3 * math.sqrt((9 - 0.01) ** 2 + 16), rel=1e-13)
    assert np.all(found.weights < 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(1e-3, 30), min_size=1, max_size=12), st.floats(1e-3, 1e3))
def test_scalar_limits_conserve(values, target):
    found = scalar_limit(scalar_network(len(values), target), scalars(values))
    assert np.prod(found.weights) == pytest.approx(target, rel=1e-10)
    squares = np.array(values) ** 2  # of one kind: NumPy squares a scalar and an array differently in the last digit
    differences = squares - np.min(squares)
    assert_allclose(found.weights**2 - np.min(found.weights**2), differences, atol=1e-10 * np.max(found.weights**2))


def test_scalar_limits_from_the_other_side_are_unknown():
    batch = scalar_limit(scalar_network(2), (np.array([[[1.0]], [[-1.0]], [[0.0]]]), np.ones((3, 1, 1))))
    assert np.isfinite(batch.sharpness.value[0])
    assert np.all(np.isnan(batch.sharpness.value[1:]))
    assert np.all(np.isnan(batch.weights[1:]))


def test_scalar_networks_are_scalar():
    with pytest.raises(InputError, match=r"weights must be scalar, .* got \[\(2, 1\), \(1, 2\)\]"):
        scalar_limit(scalar_network(2), (np.ones((2, 1)), np.ones((1, 2))))
    with pytest.raises(InputError, match="w_star must not be zero"):
        scalar_limit(scalar_network(2, target=0.0), scalars((1, 1)))
    with pytest.raises(InputError, match="one input"):
        balanced_scalar_time(network(2), 0.1, 0.2)
    with pytest.raises(InputError, match=r"start / w_star must be > 0 and < 1, got -0\.05"):
        balanced_scalar_time(scalar_network(2), -0.1, 0.2)
    with pytest.raises(InputError, match="end / w_star must be"):
        balanced_scalar_time(scalar_network(2), 0.2, 0.1)


@pytest.mark.slow
def test_the_riccati_solution_agrees_with_the_table():
    """4.7."""
    run = riccati_flow(WHITE, (FIRST, LAST), [0.0, 0.7, 1.5, 400.0])
    assert_allclose(run.states["w"][0], product((FIRST, LAST)), atol=1e-15)
    assert_allclose(run.states["w"][1], [1.03495826, -1.81534871, 0.5683927], atol=5e-9)
    assert_allclose(run.states["w"][2], [1.00244473, -1.99799233, 0.50260179], atol=5e-9)
    assert_allclose(run.states["w"][3], W_STAR, atol=1e-14)
    integrated = balanced_flow(WHITE, product((FIRST, LAST)), [0.7, 1.5], tolerance=1e-13)
    assert_allclose(run.states["w"][1:3], integrated.states["w"], atol=2e-12)
    assert run.observed["excess_risk"].value[1] == pytest.approx(np.sum((run.states["w"][1] - W_STAR) ** 2))


def test_riccati_on_scaled_data_with_idle_neurons():
    problem = network(2, sigma=0.7 * np.eye(3))
    wide = (np.pad(FIRST, ((0, 3), (0, 0))), np.pad(LAST, ((0, 0), (0, 3))))
    times = np.array([0.0, 0.3, 1.0, 2.5])
    theirs = scipy_flow(problem, wide, times)
    assert_allclose(riccati_flow(problem, wide, times).states["w"], product(theirs), atol=1e-11)


@pytest.mark.parametrize(
    ("problem", "weights", "message"),
    [
        (network(4), balanced_start(), "depth 2"),
        (network(2), (FIRST, LAST), "multiple of the identity"),
        (WHITE, (2 * FIRST, LAST), "weights must be balanced, got a relative imbalance of"),
        (network(2, w_star=np.zeros(3), sigma=np.eye(3)), (FIRST, LAST), "w_star that is not zero"),
    ],
)
def test_riccati_is_refused_elsewhere(problem, weights, message):
    with pytest.raises(InputError, match=message):
        riccati_flow(problem, weights, [0.0, 1.0])


@pytest.mark.parametrize(
    ("depth", "time"), [(2, 0.541015375351789), (3, 2.86936594210884), (4, 20.8777254834259), (6, 1568.31627125226)]
)
def test_the_early_phase_agrees_with_the_table_and_the_integration(depth, time):
    """4.8: x = |w|^{1/L} from 0.1 to 1 on the linearised risk, and the same by integration."""
    problem, slope = network(depth), 2 * SIGMA @ W_STAR
    found = early_log_time(problem, DIRECTION, depth * math.log(0.1), 0.0).value
    assert math.exp(found) == pytest.approx(time, rel=1e-13)
    assert early_cosine(problem, DIRECTION).value == pytest.approx(-0.196502114915521, rel=1e-12)
    end = early_cosine(problem, DIRECTION, depth * math.log(10)).value
    assert end == pytest.approx(0.995181456224, rel=1e-11)
    assert_allclose(linearised_escape(0.1**depth * DIRECTION, 1.0, slope, depth), (time, end), rtol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "start", "time", "whole"),
    [
        (3, 1e-9, 303.715, 303.807),
        (4, 1e-9, 6628.7976, 6628.8120),
        (6, 1e-9, 156835.87, 156835.85),
        (2, 1e-3, 0.8221, math.inf),
        (2, 1e-6, 1.40591, math.inf),
        (2, 1e-9, 1.98772, math.inf),
    ],
)
def test_escapes_on_the_risk(depth, start, time, whole):
    """4.8: time to |w| = m / 2, next to the whole escape on the linearised risk."""
    radius = np.linalg.norm(W_STAR) / 2
    found = balanced_escape_time(network(depth), start * DIRECTION, radius)
    assert found.value == pytest.approx(time, rel=4e-6)
    escape = early_log_time(network(depth), DIRECTION, math.log(start)).value
    assert math.exp(escape) == pytest.approx(whole, rel=2e-6)
    bracket = escape_bracket(network(depth), start * DIRECTION, radius / 10)
    early = balanced_escape_time(network(depth), start * DIRECTION, radius / 10)
    assert bracket.lower < early.lower < early.upper < bracket.upper
    assert bracket.upper - bracket.lower < 0.2


def test_two_layers_escape_in_logarithmic_time():
    times = [balanced_escape_time(network(2), 10.0**-k * DIRECTION, 1.0).value for k in (6, 9)]
    slope = np.linalg.norm(2 * SIGMA @ W_STAR)
    assert slope == pytest.approx(5.93717104351896, rel=1e-13)
    assert times[1] - times[0] == pytest.approx(math.log(1000) / (2 * slope), rel=2e-4)
    assert math.log(1000) / (2 * slope) == pytest.approx(0.58174, rel=1e-5)


def test_starts_along_the_slope():
    """2.6: r^{-(1-2/L)} / ((L-2) |G|), and log(r / r_0) / (2 |G|) for two layers."""
    G = 2 * SIGMA @ W_STAR
    slope = np.linalg.norm(G)
    for depth in (3, 5, 40):
        expected = math.log(1 / ((depth - 2) * slope)) + 200 * (1 - 2 / depth)
        for tilt in (0.0, 1e-9):
            found = early_log_time(network(depth), G + tilt * DIRECTION, -200.0).value
            assert found == pytest.approx(expected, rel=1e-12)
    assert math.exp(early_log_time(network(2), G, -7.0, -1.0).value) == pytest.approx(6 / (2 * slope), rel=1e-12)
    assert early_log_time(network(2), G, -7.0).value == math.inf
    part = math.exp(early_log_time(network(3), G, math.log(1e-3), math.log(8e-3)).value)
    assert part == pytest.approx((10 - 5) / slope, rel=1e-12)


@pytest.mark.slow
def test_opposite_starts_never_escape():
    assert early_log_time(network(3), -SIGMA @ W_STAR, -5.0, 0.0).value == math.inf
    opposite = balanced_escape_time(scalar_network(3), [-0.1], 1.0)
    assert opposite.value == math.inf
    assert opposite.lower > 1
    assert balanced_escape_time(network(3), 0.1 * DIRECTION, 10.0).value == math.inf


def test_times_beyond_floats_are_given_in_logarithms():
    found = early_log_time(network(64), DIRECTION, -1e4).value
    assert found == pytest.approx(1e4 * (1 - 2 / 64), rel=0.01)
    assert math.isfinite(early_log_time(network(64), -SIGMA @ W_STAR + 1e-3 * DIRECTION, -500.0, 1.0).value)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 8), st.floats(-3.0, 3.0), st.floats(1e-8, 1e-2))
def test_the_bracket_of_the_escape_holds(depth, angle, start):
    goal, aside = SIGMA @ W_STAR, np.array([2.0, 1.0, 0.0])
    aside = aside - (aside @ goal) / (goal @ goal) * goal
    product = start * (np.cos(angle) * goal / np.linalg.norm(goal) + np.sin(angle) * aside / np.linalg.norm(aside))
    found = balanced_escape_time(network(depth), product, 0.1)
    bracket = escape_bracket(network(depth), product, 0.1)
    assert bracket.lower <= found.lower
    assert found.upper <= bracket.upper
    assert bracket.lower <= bracket.value <= bracket.upper


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: early_log_time(network(1), DIRECTION, -1.0), "depth 2 or more"),
        (lambda: early_log_time(network(3, w_star=np.zeros(3)), DIRECTION, -1.0), "sigma w_star that is not zero"),
        (lambda: early_log_time(network(3), np.zeros(3), -1.0), "direction must be 3 numbers, not all zero"),
        (lambda: early_log_time(network(3), DIRECTION, -1.0, -2.0), "log_radius must be > log_norm = -1, got -2.0"),
        (lambda: early_log_time(network(3, READOUT), DIRECTION, -1.0), "plain"),
        (lambda: early_cosine(network(3), DIRECTION, -1.0), "log_growth must be >= 0"),
        (lambda: balanced_escape_time(network(3), DIRECTION, 0.5), "radius must be > 1"),
        (lambda: escape_bracket(network(3), DIRECTION, 0.5), "radius must be > 1"),
    ],
)
def test_bad_escapes_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.slow
def test_descent_flattens_the_gradient_flow_solution():
    """4.10: 60 random scalar networks, none of which sharpens while its product keeps its sign."""
    generator, kept = np.random.default_rng(0), 0
    for _ in range(60):
        depth = int(generator.integers(2, 6))
        problem, start = scalar_network(depth, 1.0, 1.0), scalars(generator.uniform(0.3, 2, depth))
        step = generator.uniform(0.2, 1.9) * 2 / float(scalar_limit(problem, start).sharpness.value)
        stored = descend_batch(problem, start, [step], Training(300), Recording(store=True)).stored
        weights = tuple(matrix[:, 0] for matrix in stored)
        if all(np.all(matrix > 0) for matrix in weights):
            sharpness = scalar_limit(problem, weights).sharpness.value
            assert np.all(np.diff(sharpness) <= 4e-15 * sharpness[:-1])
            kept += 1
    assert kept > 25


@pytest.mark.slow
def test_a_spectral_start_follows_its_modes():
    target = np.array([[2.0, 1, 0], [0, 1, -1]])
    start = SpectralStart(MultiOutput(MultiOutputRegression(np.eye(3), target), 3), 1e-3)
    run = spectral_start_flow(start, [0.0, 1.0, 50.0])
    assert run.problem == start
    assert_allclose(np.linalg.svd(run.states["M"][0], compute_uv=False), [1e-3, 1e-3])
    assert_allclose(run.states["M"][2], target, atol=1e-6)
    with pytest.raises(InputError, match="size must be > 0 and <"):
        SpectralStart(start.network, 1.5)
    with pytest.raises(InputError, match="M_star must not be zero"):
        SpectralStart(MultiOutput(MultiOutputRegression(np.eye(3), 0 * target), 3), 0.1)
