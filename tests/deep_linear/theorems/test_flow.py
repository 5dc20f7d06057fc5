import dataclasses
import json
import math

import numpy as np
import pytest

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    BalancedFlow,
    DeepLinear,
    DescentPath,
    GradientFlow,
    Momentum,
    MultiOutput,
    MultiOutputRegression,
    Recording,
    Regression,
    SpectralStart,
    Training,
    as_states,
    balanced_escape_time,
    balanced_flow,
    descend,
    descend_batch,
    flow,
    scalar_limit,
    spectral_start_flow,
)
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Direction,
    Estimate,
    InputError,
    Monotone,
    NotBefore,
    Origin,
    Status,
    Theorem,
    Trajectory,
    Within,
)
from tests.oracles.deep_linear import READOUT, W_STAR, cosines, network
from tests.oracles.deep_linear_flow import DIRECTION, SQUARE, balanced_start, scalar_network, scalars, sines

pytestmark = pytest.mark.slow  # the quick tests have the table of cases

ON_LAYERS = ("layer_rank_one", "layer_norm_balance", "layer_alignment", "layer_product")
ON_LIMITS = ("small_init_sharpness", "small_init_certificate", "small_init_balanced_limit")
NAMES = (
    *ON_LAYERS,
    *ON_LIMITS,
    "imbalance_conserved",
    "imbalance_increment",
    "small_init_convergence",
    "convergence_rate",
    "local_lojasiewicz",
    "balanced_product",
    "early_escape",
    "scalar_limit",
    "riccati_solution",
    "spectral_modes",
    "gfs_sharpness_monotone",
)
WHITE = network(2, sigma=np.eye(3))
PAIR = (np.outer([0.3, -0.4], DIRECTION), np.array([[0.3, -0.4]]))
RESIDUAL = cosines(((3, 3), (3, 3)))
SMALL = 0.03


def rising(scale):
    """The start of oracle 4.5 with the last layer turned, so that its product leaves zero in the right direction."""
    *layers, last = sines(SQUARE, scale)
    return (*layers, -last)


def sabotaged(identifier, predict):
    """The theorem with another prediction, made from the right one."""
    original = theorem(identifier)
    return dataclasses.replace(original, predict=lambda problem, axis: predict(original.predict(problem, axis)))


def moved(prediction, by):
    return Within(prediction.lower.value + by, prediction.upper.value + by)


def as_network(run):
    """A flow as the run of its network."""
    return dataclasses.replace(run, problem=run.problem.network)


def stated(identifier, problem, measured=1.0):
    """The verdict on a measurement made elsewhere."""
    return theorem(identifier).judge(problem, Estimate.of(measured))


@pytest.fixture(scope="module")
def small():
    return flow(network(4), rising(SMALL), points=30, store=True)


@pytest.fixture(scope="module")
def large():
    return flow(network(4), sines(SQUARE, 0.6), points=30, store=True)


@pytest.fixture(scope="module")
def residual():
    return flow(network(2, READOUT), RESIDUAL, points=30, store=True)


@pytest.fixture(scope="module")
def descent():
    return descend(network(4), sines(SQUARE, 0.6), 0.02, 40, store=True)


@pytest.mark.parametrize("name", NAMES)
def test_theorems_are_data(name):
    statement = theorem(name)
    assert statement.theory == "deep_linear"
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ON_LAYERS, "imbalance_conserved", "local_lojasiewicz"])
def test_statements_on_whole_flows_hold(name, small, large):
    for run in (small, large):
        verdict = theorem(name).test(as_network(run) if name == "local_lojasiewicz" else run)
        assert verdict.status is Status.HOLDS
        assert verdict.margin > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ON_LIMITS, "small_init_convergence", "convergence_rate"])
def test_statements_on_limits_hold_from_small_weights(name, small):
    assert theorem(name).test(small).status is Status.HOLDS


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_LAYERS)
def test_layers_that_have_drifted_violate(name, large):
    """The weights of another flow are no states of this one: the bounds are not empty."""
    other = dataclasses.replace(large, problem=GradientFlow(network(4), sines(SQUARE, 1e-3)))
    assert theorem(name).test(other).status is Status.VIOLATED


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_LAYERS)
def test_statements_on_layers_are_about_plain_deep_networks(name, residual):
    verdict = theorem(name).test(residual)
    if name == "layer_norm_balance":
        assert verdict.status is Status.HOLDS
        verdict = stated(name, GradientFlow(network(1), (np.ones((1, 3)),)))
        assert "the depth is at least 2" in verdict.explanation
    else:
        assert "the network has no readout" in verdict.explanation
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0


@pytest.mark.parametrize("name", ON_LAYERS)
def test_wide_error_bars_on_layers_decide_nothing(name, small):
    shape = {"layer_rank_one": (2, 4), "layer_product": (2, 3)}.get(name, (2, 3))
    measured = Estimate.heuristic(np.zeros(shape), np.full(shape, -1e9), np.full(shape, 1e9))
    assert theorem(name).judge(small.problem, measured).status is Status.UNDECIDED


@pytest.mark.parametrize("name", [*ON_LAYERS, *ON_LIMITS, "imbalance_conserved", "local_lojasiewicz"])
def test_without_weights_there_is_nothing_to_measure(name, small):
    bare = dataclasses.replace(small, states={}, observed={})
    with pytest.raises(InputError, match="not stored"):
        theorem(name).test(as_network(bare) if name == "local_lojasiewicz" else bare)


@pytest.mark.slow
def test_descent_does_not_conserve_the_imbalance(descent, residual):
    run = dataclasses.replace(descent, problem=GradientFlow(network(4), sines(SQUARE, 0.6)))
    assert theorem("imbalance_conserved").test(run).status is Status.VIOLATED
    assert theorem("imbalance_conserved").test(residual).status is Status.HOLDS
    one = GradientFlow(network(1), (np.ones((1, 3)),))
    assert stated("imbalance_conserved", one, 0.0).status is Status.INAPPLICABLE
    wide = Estimate.heuristic(0.0, 0.0, 1.0)
    assert theorem("imbalance_conserved").judge(descent_start(), wide).status is Status.UNDECIDED
    wrong = sabotaged("imbalance_conserved", lambda prediction: AtLeast(0.01))
    assert wrong.test(residual).status is Status.VIOLATED


def descent_start():
    return GradientFlow(network(4), sines(SQUARE, 0.6))


def test_the_increment_of_the_imbalance(descent):
    """4.9: to rounding; and over the first steps from the minimizer's neighbourhood it is not small itself."""
    verdict = theorem("imbalance_increment").test(descent)
    assert verdict.status is Status.HOLDS
    assert np.max(verdict.measured.value) < 1e-15
    flat = descend(network(2, READOUT), RESIDUAL, 0.01, 5, store=True)
    assert theorem("imbalance_increment").test(flat).status is Status.HOLDS
    wrong = sabotaged("imbalance_increment", lambda prediction: AtLeast(1e-3))
    assert wrong.test(descent).status is Status.VIOLATED
    broken = {name: state.copy() for name, state in descent.states.items()}
    broken["W1"][-1] += 1e-9
    lost = theorem("imbalance_increment").test(dataclasses.replace(descent, states=broken))
    assert lost.status is Status.UNDECIDED
    assert np.isnan(lost.measured.value).tolist() == [False] * 39 + [True]
    one = descend(network(1), (np.ones((1, 3)),), 0.01, 3, store=True)
    assert theorem("imbalance_increment").test(one).status is Status.INAPPLICABLE
    wide = Estimate.heuristic(0.0, 0.0, 1.0)
    assert theorem("imbalance_increment").judge(network(4), wide).status is Status.UNDECIDED


def test_the_increment_is_the_square_of_the_step(descent):
    """With a step read off wrongly the identity fails: here every second state of the run."""
    axis = Axis(AxisKind.STEP, np.arange(21.0))
    halved = {name: state[::2] for name, state in descent.states.items()}
    statement = theorem("imbalance_increment")
    assert statement.test(Trajectory(network(4), axis, halved, Origin.TRAINED)).status is Status.UNDECIDED
    sparse = dataclasses.replace(descent, axis=Axis(AxisKind.STEP, 2 * descent.axis.points))
    assert statement.test(sparse).status is Status.UNDECIDED
    bare = dataclasses.replace(descent, states={})
    with pytest.raises(InputError, match="'W1' was not stored"):
        statement.test(bare)
    heavy = descend_batch(
        network(4), sines(SQUARE, 0.6), [0.01], Training(10, momentum=Momentum(0.5)), Recording(store=True)
    )
    states = as_states(tuple(matrix[:, 0] for matrix in heavy.stored))
    pushed = Trajectory(network(4), Axis(AxisKind.STEP, np.arange(11.0)), states, Origin.TRAINED)
    assert statement.test(pushed).status is Status.UNDECIDED


def test_convergence_from_below_the_risk_of_zero(small):
    statement = theorem("small_init_convergence")
    assert statement.test(small).status is Status.HOLDS
    short = flow(network(4), rising(SMALL), points=30, until=1.0)
    assert statement.test(short).status is Status.UNDECIDED
    wrong = sabotaged("small_init_convergence", lambda prediction: NotBefore(1e9))
    assert wrong.test(small).status is Status.VIOLATED


@pytest.mark.slow
def test_a_start_at_rest_that_is_called_convergent_is_violated():
    """The hypothesis is what keeps the saddle out: without it, the same run violates the statement."""
    saddle = flow(scalar_network(3), scalars((-0.5, 0.5, 0.5)), points=5)
    verdict = theorem("small_init_convergence").test(saddle)
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0
    assert "the risk starts below that of w = 0" in verdict.explanation
    careless = dataclasses.replace(theorem("small_init_convergence"), hypotheses=())
    assert careless.test(saddle).status is Status.VIOLATED


def test_the_advantage_at_the_start_is_seen_from_tiny_weights():
    for sign, status in ((1, Status.HOLDS), (-1, Status.INAPPLICABLE)):
        problem = GradientFlow(scalar_network(2), scalars((sign * 1e-80, 1e-80)))
        assert stated("small_init_convergence", problem, 5.0).status is status
    level = GradientFlow(scalar_network(2), scalars((0.0, 1.0)))
    assert stated("small_init_convergence", level, 5.0).status is Status.HOLDS
    still = GradientFlow(scalar_network(2), scalars((0.0, 0.0)))
    assert stated("small_init_convergence", still, 5.0).status is Status.INAPPLICABLE


def test_the_sharpness_interval(small, large):
    statement = theorem("small_init_sharpness")
    verdict = statement.test(small)
    assert verdict.prediction.lower.value == pytest.approx(34.9202102558482, rel=1e-11)
    assert verdict.prediction.upper.value == pytest.approx(404.54209283442, rel=1e-11)
    far = dataclasses.replace(large, problem=GradientFlow(network(4), sines(SQUARE, 2.0)))
    assert statement.test(far).status is Status.INAPPLICABLE
    assert "sigma_k^L / m" in statement.test(far).explanation
    wrong = sabotaged("small_init_sharpness", lambda prediction: AtMost(prediction.lower))
    assert wrong.test(small).status is Status.VIOLATED
    unfinished = flow(network(4), rising(SMALL), points=30, until=1.0, store=True)
    assert statement.test(unfinished).status is Status.UNDECIDED


@pytest.mark.slow
def test_the_small_start_certificate_holds_and_a_tenth_of_it_does_not(large, residual):
    statement = theorem("small_init_certificate")
    assert statement.test(large).status is Status.HOLDS
    assert statement.test(residual).status is Status.INAPPLICABLE
    wrong = sabotaged("small_init_certificate", lambda prediction: AtMost(0.1 * prediction.bound.value))
    assert wrong.test(large).status is Status.VIOLATED
    saddle = GradientFlow(scalar_network(3), scalars((-0.5, 0.5, 0.5)))
    assert stated("small_init_certificate", saddle).status is Status.INAPPLICABLE
    wide = Estimate.heuristic(40.0, 1.0, 1e9)
    assert statement.judge(large.problem, wide).status is Status.UNDECIDED


def test_the_balanced_limit():
    statement = theorem("small_init_balanced_limit")
    run = flow(network(4), sines(SQUARE, 1e-3), points=30, store=True)
    verdict = statement.test(run)
    assert verdict.status is Status.HOLDS
    assert verdict.prediction.upper.value < 35.3484720821115 * (1 + 5e-5)
    assert verdict.prediction.lower.value > 35.3484720821115 * (1 - 5e-5)
    wrong = sabotaged("small_init_balanced_limit", lambda prediction: moved(prediction, 1.0))
    assert wrong.test(run).status is Status.VIOLATED
    unfinished = flow(network(4), rising(SMALL), points=30, until=1.0, store=True)
    assert statement.test(unfinished).status is Status.UNDECIDED
    singular = GradientFlow(network(4, sigma=np.diag([0.0, 1, 2])), sines(SQUARE, 1e-3))
    assert statement.judge(singular, Estimate.exact(1.0)).status is Status.INAPPLICABLE
    saddle = GradientFlow(scalar_network(3), scalars((-0.5, 0.5, 0.5)))
    assert stated("small_init_balanced_limit", saddle).status is Status.INAPPLICABLE


def test_a_start_that_is_too_large_says_nothing_about_the_limit():
    problem = GradientFlow(DeepLinear(Regression(np.eye(1), np.ones(1)), 3), scalars((3.0, 0.1, 0.1)))
    assert stated("small_init_balanced_limit", problem, 80.0).status is Status.VACUOUS


def test_the_rate_of_convergence(small, large):
    statement = theorem("convergence_rate")
    assert statement.test(large).status is Status.HOLDS
    wrong = sabotaged("convergence_rate", lambda prediction: moved(prediction, 0.5))
    assert wrong.test(small).status is Status.VIOLATED
    early = flow(network(4), rising(SMALL), points=30, until=1.0)
    assert statement.test(early).status is Status.UNDECIDED
    singular = GradientFlow(network(4, sigma=np.diag([0.0, 1, 2])), sines(SQUARE, 0.3))
    assert statement.judge(singular, Estimate.exact(1.0)).status is Status.INAPPLICABLE


def test_the_local_inequality(small, descent):
    statement = theorem("local_lojasiewicz")
    assert statement.test(descent).status is Status.HOLDS
    wrong = sabotaged("local_lojasiewicz", lambda prediction: AtMost(-0.1))
    assert wrong.test(as_network(small)).status is Status.VIOLATED
    singular = network(4, sigma=np.diag([0.0, 1, 2]))
    assert stated("local_lojasiewicz", singular).status is Status.INAPPLICABLE
    wide = Estimate.heuristic(0.5, -1.0, 1.0)
    assert statement.judge(network(4), wide).status is Status.UNDECIDED


@pytest.mark.slow
def test_the_balanced_product(small):
    """2.6 and 4.4."""
    statement = theorem("balanced_product")
    run = flow(network(4), balanced_start(), points=30, store=True)
    assert statement.test(run).status is Status.HOLDS
    verdict = statement.test(small)
    assert verdict.status is Status.INAPPLICABLE
    assert "balanced" in verdict.explanation
    careless = dataclasses.replace(statement, hypotheses=())
    assert careless.test(small).status is Status.VIOLATED
    wrong = sabotaged("balanced_product", lambda prediction: moved(prediction, 1e-3))
    assert wrong.test(run).status is Status.VIOLATED
    w = np.asarray(statement.quantity(run).value)
    wide = Estimate.heuristic(w, w - 1, w + 1, along=run.axis)
    assert statement.judge(run.problem, wide).status is Status.UNDECIDED
    with pytest.raises(InputError, match="along time"):
        statement.judge(run.problem, Estimate.exact(w))


def test_the_escape_time_holds_on_the_product_and_on_the_network():
    """2.6 and 4.8, on the product alone and on the network."""
    statement = theorem("early_escape")
    problem = BalancedFlow(network(4), 1e-9 * DIRECTION)
    escape = balanced_escape_time(network(4), problem.product, 0.05 * np.linalg.norm(W_STAR))
    assert statement.judge(problem, escape).status is Status.HOLDS
    shorter = Estimate.exact(escape.value * (1 - 1e-4))
    assert statement.judge(problem, shorter).status is Status.VIOLATED
    times = np.append(0.0, escape.value * np.array([0.5, 1 - 1e-7, 1 + 1e-7]))
    assert statement.test(balanced_flow(network(4), problem.product, times)).status is Status.HOLDS
    coarse = balanced_flow(network(4), problem.product, points=5)
    assert statement.test(coarse).status is Status.UNDECIDED
    still = balanced_flow(network(4), problem.product, until=100.0, points=30)
    assert statement.test(still).status is Status.UNDECIDED
    network_start = tuple(matrix / 30 for matrix in balanced_start())
    w = 0.0081 / 30**4 * DIRECTION
    escape = balanced_escape_time(network(4), w, 0.05 * np.linalg.norm(W_STAR)).value
    run = flow(network(4), network_start, escape * np.array([0.5, 1 - 1e-5, 1 + 1e-5]), store=True)
    assert statement.test(dataclasses.replace(run, problem=BalancedFlow(network(4), w))).status is Status.HOLDS


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (BalancedFlow(network(4), DIRECTION), "starts small"),
        (BalancedFlow(network(3, w_star=np.zeros(3)), DIRECTION), "sigma w_star is not zero"),
        (BalancedFlow(network(1), 1e-3 * DIRECTION), "the depth is at least 2"),
    ],
)
def test_the_escape_needs_a_saddle(problem, reason):
    verdict = stated("early_escape", problem)
    assert verdict.status is Status.INAPPLICABLE
    assert any(check.answer == "fails" and reason in check.hypothesis for check in verdict.checks)


@pytest.mark.slow
def test_the_limit_of_scalar_networks():
    """2.7 (b) and 4.6."""
    statement = theorem("scalar_limit")
    run = flow(scalar_network(3), scalars((1, 0.5, 0.25)), points=5, store=True)
    assert statement.test(run).status is Status.HOLDS
    wrong = sabotaged("scalar_limit", lambda prediction: moved(prediction, 0.1))
    assert wrong.test(run).status is Status.VIOLATED
    other = GradientFlow(scalar_network(3), scalars((-1, 0.5, 0.25)))
    assert "the sign of w_star" in statement.judge(other, Estimate.exact(1.0)).explanation
    wide = GradientFlow(scalar_network(2), (np.ones((2, 1)), np.ones((1, 2))))
    assert statement.judge(wide, Estimate.exact(1.0)).status is Status.INAPPLICABLE
    early = flow(scalar_network(3), scalars((1, 0.5, 0.25)), [0.0, 0.01], store=True)
    assert statement.test(early).status is Status.UNDECIDED


@pytest.mark.slow
def test_the_riccati_solution():
    """2.7 (c) and 4.7."""
    statement = theorem("riccati_solution")
    run = flow(WHITE, PAIR, points=20, store=True)
    assert statement.test(run).status is Status.HOLDS
    wrong = sabotaged("riccati_solution", lambda prediction: moved(prediction, 1e-3))
    assert wrong.test(run).status is Status.VIOLATED
    for problem, reason in (
        (GradientFlow(network(2), PAIR), "multiple of the identity"),
        (GradientFlow(WHITE, (2 * PAIR[0], PAIR[1])), "balanced"),
        (GradientFlow(network(4), balanced_start()), "the depth is 2"),
        (GradientFlow(network(2, w_star=np.zeros(3), sigma=np.eye(3)), PAIR), "w_star is not zero"),
    ):
        verdict = statement.judge(problem, Estimate.exact(1.0))
        assert verdict.status is Status.INAPPLICABLE
        assert any(reason in check.hypothesis and check.answer == "fails" for check in verdict.checks)
    w = np.asarray(statement.quantity(run).value)
    wide = Estimate.heuristic(w, w - 1, w + 1, along=run.axis)
    assert statement.judge(run.problem, wide).status is Status.UNDECIDED


@pytest.mark.slow
def test_modes_reach_half_their_target_when_predicted():
    """2.7 (d) and 4.13: the times to half the target are on the path."""
    target = np.diag([3.0, 1.0])
    start = SpectralStart(MultiOutput(MultiOutputRegression(np.eye(2), target), 2), 1e-6)
    run = spectral_start_flow(start, [0.0, 1.24284354277492, 3.45387738949094])
    statement = theorem("spectral_modes")
    verdict = statement.test(run)
    assert verdict.status is Status.HOLDS
    assert verdict.measured.value[1, 0] == pytest.approx(1.5, rel=1e-8)
    assert verdict.measured.value[2, 1] == pytest.approx(0.5, rel=1e-8)
    wrong = sabotaged("spectral_modes", lambda prediction: moved(prediction, 1e-3))
    assert wrong.test(run).status is Status.VIOLATED
    data = MultiOutputRegression(np.diag([1.0, 2.0]), np.array([[2.0, 1], [0, 1]]))
    coloured = SpectralStart(MultiOutput(data, 2), 1e-2)
    careless = dataclasses.replace(statement, hypotheses=())
    assert statement.test(spectral_start_flow(coloured, [0.0, 1.0])).status is Status.INAPPLICABLE
    with pytest.raises(InputError, match="multiple of the identity"):
        careless.test(spectral_start_flow(coloured, [0.0, 1.0]))
    values = verdict.measured.value
    wide = Estimate.heuristic(values, values - 1, values + 1, along=run.axis)
    assert statement.judge(start, wide).status is Status.UNDECIDED
    with pytest.raises(InputError, match="must be of type SpectralStart"):
        statement.judge(network(2), Estimate.exact(1.0))


def scalar_path(values, share, iterations=200, depth=3):
    """Descent of a scalar network with a share of 2 / S of the solution from its start."""
    problem, start = scalar_network(depth), scalars(values)
    sharpness = float(scalar_limit(problem, start).sharpness.value)
    return DescentPath(problem, start, share * 2 / sharpness, iterations)


def test_descent_flattens_scalar_solutions():
    """2.8 and 4.10."""
    statement = theorem("gfs_sharpness_monotone")
    path = scalar_path((1.5, 0.6, 0.4), 1.4)
    assert statement.test(path.run).status is Status.HOLDS
    wrong = sabotaged("gfs_sharpness_monotone", lambda prediction: Monotone(Direction.INCREASING, 1e-12))
    assert wrong.test(path.run).status is Status.VIOLATED


@pytest.mark.parametrize(
    ("values", "share", "reason"),
    [((0.5, 0.2), 1.7, "step S is at most 2 sqrt(2)"), ((14.2, 14.3), 1.2, "no weight changes its sign")],
)
def test_the_flattening_needs_a_small_step_and_signs(values, share, reason):
    """Without either, one step sharpens the solution although the product keeps the sign of w_star."""
    statement, run = theorem("gfs_sharpness_monotone"), scalar_path(values, share, 1, 2).run
    verdict = statement.test(run)
    assert verdict.status is Status.INAPPLICABLE
    assert reason in verdict.explanation
    assert dataclasses.replace(statement, hypotheses=()).test(run).status is Status.VIOLATED


def test_the_flattening_is_of_scalar_networks():
    zero = DescentPath(scalar_network(3, target=0.0), scalars((1.0, 1.0, 1.0)), 0.01, 2)
    wide = DescentPath(scalar_network(2), (np.ones((2, 1)), np.ones((1, 2))), 0.01, 5)
    inputs = DescentPath(network(1), (np.ones((1, 3)),), 0.01, 5)
    for path, reason in ((zero, "w_star is not zero"), (wide, "layers are scalar"), (inputs, "layers are scalar")):
        verdict = stated("gfs_sharpness_monotone", path)
        assert verdict.status is Status.INAPPLICABLE
        assert any(reason in check.hypothesis and check.answer == "fails" for check in verdict.checks)
    away = DescentPath(scalar_network(3), scalars((1.5, -0.6, 0.4)), 0.01, 5)
    assert theorem("gfs_sharpness_monotone").test(away.run).status is Status.UNDECIDED


@pytest.mark.parametrize("name", ["layer_rank_one", "small_init_certificate", "scalar_limit", "riccati_solution"])
def test_theorems_refuse_problems_of_another_kind(name):
    with pytest.raises(InputError, match="must be of type GradientFlow, got DeepLinear"):
        theorem(name).predict(network(3), Axis(AxisKind.TIME, np.zeros(1)))


def test_a_window_without_observations_is_no_number():
    assert math.isnan(theorem("convergence_rate").quantity(flow(network(4), sines(SQUARE, 0.3), [0.0, 1.0])).value)
