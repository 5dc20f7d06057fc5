import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import PLAIN, READOUT, cosines, dense_hessian, network, paper_data
from tests.oracles.deep_linear_flow import SQUARE, scalar_network, scalars, scipy_flow, sines

from fathometer.deep_linear import (
    DeepLinear,
    Ending,
    Recording,
    Regression,
    Training,
    balanced_limit_bracket,
    balanced_minimizer,
    balanced_sharpness,
    certified_sharpness,
    descend_batch,
    excess_risk,
    flow_limit,
    gradient,
    imbalances,
    layer_structure,
    linear_limit,
    local_rates,
    lojasiewicz_constant,
    minimal_sharpness,
    nearest_minimizer,
    product,
    random_minimizers,
    sharpness_at_minimizer,
    structure_bounds,
    tangent_kernel,
)
from fathometer.deep_linear.model._network import backward
from fathometer.evidence import InputError

DEVIATIONS = {  # 4.5 (a): scale: S_final / S_bal - 1
    0.6: 8.37e-2,
    0.4: 2.589e-2,
    0.3: 1.025e-2,
    0.2: 2.687e-3,
    0.1: 2.819e-4,
    0.05: 3.333e-5,
    0.03: 7.616e-6,
}


def stacked(many):
    return tuple(np.stack(layers) for layers in zip(*many, strict=True))


@pytest.fixture(scope="module")
def limits():
    return flow_limit(network(4), stacked([sines(SQUARE, scale) for scale in DEVIATIONS]))


def test_sharpness_tends_to_the_balanced_one(limits):
    """4.5 (a), to the digits stated."""
    found = limits.sharpness.value / balanced_sharpness(network(4)).value - 1
    assert_allclose(found, list(DEVIATIONS.values()), rtol=5e-4)
    assert limits.sharpness.value[4] == pytest.approx(35.3584359007, rel=3e-12)
    assert set(limits.ending) == {"converged"}
    assert np.all(np.diff(limits.time) > 0)


def test_limits_are_minimizers_with_the_imbalance_of_their_start(limits):
    assert_allclose(excess_risk(network(4), limits.weights), 0, atol=1e-28)
    starts = stacked([sines(SQUARE, scale) for scale in DEVIATIONS])
    for now, before in zip(imbalances(limits.weights), imbalances(starts), strict=True):
        assert_allclose(now, before, atol=1e-9)


def test_one_start_is_a_batch_without_axes(limits):
    one = flow_limit(network(4), sines(SQUARE, 0.2))
    assert one.weights[0].shape == (3, 3)
    assert one.ending.shape == one.time.shape == ()
    assert one.sharpness.value == pytest.approx(limits.sharpness.value[3], rel=1e-12)
    square = flow_limit(network(4), tuple(matrix[:4].reshape(2, 2, *matrix.shape[1:]) for matrix in limits.weights))
    assert square.sharpness.shape == (2, 2)


@pytest.mark.parametrize("tolerance", [1e-6, 1e-8])
def test_the_error_bars_cover_the_exact_limit(tolerance):
    starts = stacked([sines(SQUARE, scale) for scale in (0.6, 0.4, 0.2)])
    exact = flow_limit(network(4), starts, tolerance=1e-13)
    rough = flow_limit(network(4), starts, tolerance=tolerance)
    assert set(rough.ending) == {Ending.CONVERGED}
    assert np.all((rough.sharpness.lower < exact.sharpness.value) & (exact.sharpness.value < rough.sharpness.upper))
    assert np.all(rough.sharpness.upper / rough.sharpness.value - 1 < 500 * tolerance)


@pytest.mark.slow
def test_agrees_with_scipy_and_the_dense_hessian():
    problem, start = network(3, READOUT), sines(((2, 3), (4, 2), (3, 4)), 0.5)
    end = tuple(matrix[-1] for matrix in scipy_flow(problem, start, np.array([0.0, 25.0])))
    found = flow_limit(problem, start)
    top = np.linalg.eigvalsh(dense_hessian(problem, nearest_minimizer(problem, end)))[-1]
    assert found.sharpness.value == pytest.approx(top, rel=1e-9)


def test_the_linear_limit_is_that_of_the_flow_up_to_a_square():
    problem, minimizer = network(4), flow_limit(network(4), sines(SQUARE, 0.3)).weights
    noise = sines(SQUARE, 1.0)
    gaps = []
    for size in (1e-3, 1e-4):
        near = tuple(matrix + size * step for matrix, step in zip(minimizer, noise, strict=True))
        direct, followed = linear_limit(problem, near), flow_limit(problem, near, tolerance=1e-12).weights
        assert_allclose(excess_risk(problem, direct), 0, atol=1e-27)
        gaps.append(max(np.abs(x - y).max() for x, y in zip(direct, followed, strict=True)))
    assert gaps[0] < 2e-5
    assert gaps[1] < 0.02 * gaps[0]


def test_runs_that_do_not_converge_have_no_sharpness():
    starts = stacked([scalars((1, 0.5, 0.25)), scalars((-0.5, 0.5, 0.5)), scalars((0, 0, 0.0))])
    found = flow_limit(scalar_network(3), starts)
    assert list(found.ending) == ["converged", "at rest", "at rest"]
    assert found.sharpness.value[0] == pytest.approx(23.29078594420941, rel=1e-12)
    assert np.all(np.isnan(found.sharpness.value[1:]))
    assert np.all(found.sharpness.upper[1:] == np.inf)


@pytest.mark.slow
def test_singular_data_have_limits_too():
    problem = network(3, w_star=np.array([0.0, 1.0, 1.0]), sigma=np.diag([0.0, 1.0, 2.0]))
    found = flow_limit(problem, sines(((3, 3), (3, 3), (1, 3)), 0.3))
    assert found.ending == Ending.CONVERGED
    assert found.sharpness.value >= minimal_sharpness(problem).lower
    direct = np.linalg.eigvalsh(dense_hessian(problem, found.weights))[-1]
    assert found.sharpness.value == pytest.approx(direct, rel=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"convergence": 1e-6}, "convergence must be > 0 and <= 1e-08"), ({"tolerance": 1.0}, "tolerance must be")],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        flow_limit(network(4), sines(SQUARE, 0.3), **change)


def paper_runs(scale, count=6):
    generator = np.random.default_rng(0)
    shapes = [(5, 5)] * 9 + [(1, 5)]
    return tuple(scale * generator.standard_normal((count, *shape)) for shape in shapes)


@pytest.mark.slow
def test_the_paper_data_from_small_scales():
    """4.5 (b): statistics of other draws than the reference's, so to the order of its digits."""
    X, y = paper_data()
    problem = DeepLinear(Regression.from_data(X, y), 10)
    balanced, m = balanced_sharpness(problem).value, problem.regression.norm
    means, certificates, inside = [], [], []
    for scale in (0.25, 0.2, 0.15, 0.1, 0.05):
        starts = paper_runs(scale)
        found = flow_limit(problem, starts)
        assert set(found.ending) == {Ending.CONVERGED}
        assert np.all(found.sharpness.value >= minimal_sharpness(problem).lower)
        means.append(np.mean(found.sharpness.value) / balanced - 1)
        sigma = layer_structure(found.weights).sigma ** 10 / m
        inside.append(bool(np.all((sigma >= 0.5) & (sigma <= 2))))
        bounds = [certified_sharpness(problem, [w[i] for w in starts], [w[i] for w in found.weights]) for i in range(6)]
        assert np.all(found.sharpness.value <= bounds)
        certificates.append(np.mean(bounds))
    assert_allclose(means, [0.106, 0.0453, 0.0158, 0.00356, 0.000277], rtol=0.6)
    assert_allclose(certificates[1:], [246, 104, 45.2, 24.6], rtol=0.3)
    assert certificates[0] > 700
    assert (inside[0], inside[-1]) == (False, True)


def test_the_bracket_closes_around_the_balanced_sharpness():
    problem, widths, found = network(4), [], []
    for scale in (0.6, 0.1, 0.03, 1e-2, 1e-4):
        start = sines(SQUARE, scale)
        bracket, limit = balanced_limit_bracket(problem, start), flow_limit(problem, start).sharpness.value
        assert bracket.lower <= limit * (1 + 1e-12)
        assert limit * (1 - 1e-12) <= bracket.upper
        assert bracket.value == balanced_sharpness(problem).value
        widths.append((bracket.upper - bracket.lower) / bracket.value)
        found.append(bracket.lower > 0)
    assert found == [False, True, True, True, True]
    assert widths[0] == np.inf
    assert np.all(np.diff(widths[1:]) < 0)
    assert widths[-1] < 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_bracket_and_certificate_hold_from_gaussian_starts(seed):
    generator = np.random.default_rng(seed)
    A = generator.normal(size=(6, 3))
    problem = DeepLinear(Regression(A.T @ A / 6, generator.normal(size=3)), 4)
    start = tuple(10 ** generator.uniform(-4, -1) * generator.normal(size=shape) for shape in SQUARE)
    found, bracket = flow_limit(problem, start), balanced_limit_bracket(problem, start)
    assert found.ending == Ending.CONVERGED
    assert bracket.lower <= found.sharpness.upper
    assert found.sharpness.lower <= bracket.upper
    assert found.sharpness.lower <= certified_sharpness(problem, start, found.weights)


def test_bounds_of_small_starts_are_for_plain_networks_with_a_target():
    with pytest.raises(InputError, match="plain"):
        certified_sharpness(network(2, READOUT), cosines(((3, 3), (3, 3))), cosines(((3, 3), (3, 3))))
    with pytest.raises(InputError, match="depth 2 or more"):
        balanced_limit_bracket(network(1), cosines(((1, 3),)))
    with pytest.raises(InputError, match="positive definite sigma"):
        balanced_limit_bracket(network(4, sigma=np.diag([0.0, 1, 2])), sines(SQUARE, 0.1))
    with pytest.raises(InputError, match="a w_star that is not zero"):
        balanced_limit_bracket(network(4, w_star=np.zeros(3)), sines(SQUARE, 0.1))


def test_structure_bounds_are_those_of_the_definition():
    start = sines(SQUARE, 0.4)
    bounds = structure_bounds(start)
    delta = [np.linalg.norm(D, 2) for D in imbalances(start)]
    assert_allclose(bounds.delta, delta)
    squares = [np.sum(matrix**2) for matrix in start]
    assert_allclose(bounds.epsilon, [squares[k] - squares[3] + sum(delta[k:]) for k in range(4)], atol=1e-14)
    batch = structure_bounds(stacked([start, start]))
    assert_allclose(batch.epsilon, np.stack([bounds.epsilon] * 2))


def test_rates_are_the_eigenvalues_of_the_hessian():
    problem = network(4)
    weights = nearest_minimizer(problem, cosines(PLAIN))
    eigenvalues = np.linalg.eigvalsh(dense_hessian(problem, weights))
    rates = local_rates(problem, weights)
    assert_allclose([rates.fastest, rates.slowest], [eigenvalues[-1], eigenvalues[-3]], rtol=1e-10)
    assert rates.fastest == pytest.approx(sharpness_at_minimizer(problem, weights).value)
    assert rates.condition == pytest.approx(rates.fastest / rates.slowest)


def test_descent_with_the_best_step_contracts_as_said():
    problem = network(3)
    minimizer = random_minimizers(problem, 3, 1, seed=2)
    rates = local_rates(problem, tuple(matrix[0] for matrix in minimizer))
    near = tuple(matrix[0] + 1e-5 * step for matrix, step in zip(minimizer, cosines(PLAIN[1:]), strict=True))
    steps = rates.best_step * np.array([1, 1.03])
    run = descend_batch(problem, near, steps, Training(60), Recording(every=30))
    factors = (run.excess_risk[2] / run.excess_risk[1]) ** (1 / 60)
    assert factors[0] == pytest.approx(rates.contraction, rel=1e-3)
    assert factors[1] > 1.02 * factors[0]


@pytest.mark.parametrize("depth", [2, 3, 10])
def test_conditioning_of_the_balanced_minimizer_worsens_with_depth(depth):
    """2.3: L a / lambda_max <= kappa <= (lambda_max + (L-1) a) / lambda_min."""
    problem = network(depth)
    data = problem.regression
    condition = local_rates(problem, balanced_minimizer(problem, 3)).condition
    assert depth * data.rayleigh / data.lambda_max <= condition
    assert condition <= (data.lambda_max + (depth - 1) * data.rayleigh) / data.lambda_min


def test_the_gradient_is_as_large_as_the_excess_risk_demands():
    weights = tuple(
        np.random.default_rng(0).normal(size=(500, *shape)) * 10 ** np.random.default_rng(1).uniform(-2, 1, (500, 1, 1))
        for shape in PLAIN
    )
    problem = network(4)
    squares = sum(np.sum(slope**2, axis=(1, 2)) for slope in gradient(problem, weights))
    constant, b = lojasiewicz_constant(problem, weights), backward(weights, problem.output)[0]
    assert np.all(squares >= (1 - 1e-10) * constant * excess_risk(problem, weights))
    assert np.all(constant >= 4 * problem.regression.lambda_min * np.sum(b**2, axis=1) * (1 - 1e-6))


def test_the_constant_is_the_largest_one():
    """With the error along the weakest mode, the inequality is an equality."""
    weights, root = cosines(PLAIN), network(4).regression.root
    mode = np.linalg.eigh(root @ tangent_kernel(network(4), weights) @ root)[1][:, 0]
    problem = network(4, w_star=product(weights) - np.linalg.solve(root, mode))
    squares = sum(np.sum(slope**2) for slope in gradient(problem, weights))
    assert squares == pytest.approx(lojasiewicz_constant(problem, weights) * excess_risk(problem, weights), rel=1e-9)
