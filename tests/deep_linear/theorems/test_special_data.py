"""Special data and starts never yield a wrong VIOLATED, nor a warning: theorems name what they assume."""

from itertools import product as combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    Initial,
    Momentum,
    Regression,
    descend,
    flow,
    judge_descent,
    judge_flow,
    minimal_sharpness,
    outcome,
)
from fathometer.deep_linear.dynamics.flow._flow_limit import limit_of_flow
from fathometer.deep_linear.predictions._rates import mean_rate
from fathometer.evidence import Status


def factorial(factors):
    return np.array(list(combinations((-1.0, 1.0), repeat=factors)) * 3)


PAIR, TRIPLE = factorial(2), factorial(3)
GAUSS = np.random.default_rng(0).standard_normal((12, 3))
DATA = {
    "factorial": (PAIR, PAIR @ [1.0, 2.0] + 0.1 * np.tile([1, -1, 1, -1], 3)),
    "factorial with noise that is orthogonal to its factors": (
        PAIR,
        PAIR @ [1.0, 2.0] + 0.1 * np.tile([1, -1, -1, 1], 3),
    ),
    "equal effects": (PAIR, PAIR @ [1.0, 1.0]),
    "one effect": (PAIR, PAIR @ [1.0, 0.0]),
    "target orthogonal to the data": (PAIR, PAIR[:, 0] * PAIR[:, 1]),
    "three factors": (TRIPLE, TRIPLE @ [1.0, -1.0, 1.0]),
    "w_star along the flat direction": (np.diag([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0])),
    "w_star along the steep direction": (np.diag([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 3.0])),
    "a double eigenvalue": (np.diag([1.0, 1.0, 3.0]), np.array([1.0, 0.0, 3.0])),
    "one feature": (np.arange(1.0, 9)[:, None], -2 * np.arange(1.0, 9)),
    "one row": (np.array([[1.0, 2.0]]), np.array([1.0])),
    "one number": (np.array([[1.0]]), np.array([1.0])),
    "a target of zero": (PAIR, np.zeros(12)),
    "a column twice": (GAUSS[:, [0, 0, 1]], GAUSS[:, 0] + GAUSS[:, 1]),
    "a column of zeros": (np.c_[PAIR, np.zeros(12)], PAIR @ [1.0, 2.0]),
    "more columns than rows": (GAUSS[:2], np.array([1.0, -1.0])),
    "columns of other sizes": (PAIR * [1.0, 1e-3], PAIR @ [1.0, 1.0]),
    "a tiny target": (PAIR, 1e-8 * PAIR @ [1.0, 2.0]),
    "generic": (GAUSS, GAUSS @ [1.0, 2.0, -1.0] + 0.1 * GAUSS[:, 0] ** 2),
}
STARTS = ("gaussian:0.3", "gaussian:0", "balanced:0.3", "spectral:0.3")


def network(name, depth):
    return DeepLinear(Regression.from_data(*DATA[name]), depth)


def start(problem, init, seed=0):
    return tuple(matrix[0] for matrix in Initial.parse(init).draw(problem, 2, 1, seed))


def violated(verdicts):
    return [(verdict.theorem, verdict.explanation) for _, verdict in verdicts if verdict.status is Status.VIOLATED]


def spectral_fits(name):
    return Regression.from_data(*DATA[name]).norm > 0


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("name", DATA)
def test_no_flow_from_a_special_start_on_special_data_is_violated(name, depth):
    problem = network(name, depth)
    for init in STARTS:
        if spectral_fits(name) or not init.startswith("spectral"):
            run = flow(problem, start(problem, init), points=40, store=True)
            assert violated(judge_flow(run)) == [], init
            outcome(run).to_json()


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("name", DATA)
def test_no_descent_from_a_special_start_on_special_data_is_violated(name, depth):
    """At half of 2 / S_min some modes are damped in one step, beyond it a symmetric start may yet converge."""
    problem = network(name, depth)
    least = float(minimal_sharpness(problem).value) or 1.0
    for init in STARTS:
        if spectral_fits(name) or not init.startswith("spectral"):
            for share in (0.5, 1.05):
                run = descend(problem, start(problem, init), share * 2 / least, 600, every=600, store=True)
                assert violated(judge_descent(run, share * 2 / least)) == [], (init, share)
                outcome(run).to_json()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["heavy-ball:0.5", "nesterov:0.9", "nesterov:0"])
@pytest.mark.parametrize("name", ["factorial", "one effect", "w_star along the flat direction", "one number"])
def test_no_descent_with_momentum_is_violated(name, kind):
    problem, momentum = network(name, 2), Momentum.parse(kind)
    for share in (0.25, 0.5, 0.9):
        step = share * momentum.reach / float(minimal_sharpness(problem).value)
        run = descend(problem, start(problem, "spectral:0.3"), step, 400, every=400, store=True, momentum=momentum)
        assert violated(judge_descent(run, step, momentum=momentum)) == [], share


def found(verdicts, theorem):
    return next(verdict for _, verdict in verdicts if verdict.theorem == theorem)


@pytest.mark.slow
def test_a_start_that_excites_the_fastest_mode_alone_has_another_rate():
    """The 2^2 factorial: the flow stays on the line of w_star, so the rate is 2 mu_max, three times 2 mu_min."""
    problem = network("factorial", 3)
    run = flow(problem, start(problem, "spectral:0.3"), points=50, store=True)
    rate = found(judge_flow(run), "convergence_rate")
    assert rate.status is Status.INAPPLICABLE
    assert "the slowest mode is excited" in rate.explanation
    assert_allclose(rate.margin, 0.01 - 2, rtol=1e-3)
    assert found(judge_flow(run), "small_init_sharpness").status is Status.HOLDS  # at equality with S_min


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_generic_start_has_the_rate_of_the_slowest_mode(seed):
    problem = network("generic", 2)
    run = flow(problem, start(problem, "gaussian:0.5", seed), points=60, store=True)
    rate = found(judge_flow(run), "convergence_rate")
    assert rate.status in (Status.HOLDS, Status.UNDECIDED)


@pytest.mark.slow
def test_the_mean_rate_is_that_of_the_decay():
    """dR/dt = -|grad R|^2 next to the limit, whatever modes are left."""
    problem = network("generic", 2)
    run = flow(problem, start(problem, "gaussian:0.5"), points=400, convergence=1e-9, store=True)
    limit = limit_of_flow(run.problem)
    ends = tuple(run.states[f"W{k}"][-1] for k in (1, 2))
    excess, times = np.log(np.asarray(run.observed["excess_risk"].value)[-2:]), run.axis.points[-2:]
    assert_allclose(
        -(excess[1] - excess[0]) / (times[1] - times[0]), 2 * mean_rate(problem, limit.weights, ends), rtol=0.02
    )


@pytest.mark.slow
def test_a_start_in_the_null_set_may_end_at_a_sharp_minimizer():
    """w = 0 stays on the axis of w_star, where a step beyond 2 / lambda_max converges: no mode off it is excited."""
    problem = network("w_star along the flat direction", 1)
    run = descend(problem, [np.zeros((1, 3))], 0.35, 2000, every=2000, store=True)
    limit = found(judge_descent(run, 0.35), "descent_limit")
    assert limit.status is Status.INAPPLICABLE
    assert "the start excites the modes that are unstable at the end" in limit.explanation
    assert limit.margin == -1e-9


def test_a_run_that_only_passes_a_sharp_minimizer_has_not_converged():
    """Displaced by 1e-12 along the unstable mode, it is within 1e-12 of the least risk for now, and leaves again."""
    problem = network("w_star along the flat direction", 1)
    run = descend(problem, [np.array([[0.0, 0.0, 1e-9]])], 0.35, 60, every=60, store=True)
    limit = found(judge_descent(run, 0.35), "descent_limit")
    assert limit.status is Status.INAPPLICABLE


@pytest.mark.slow
@pytest.mark.parametrize("fraction", [1e-3, 1.0, 1 + 1e-9])
def test_a_mode_that_is_gone_in_one_step_is_below_rounding_and_no_violation(fraction):
    problem = network("one number", 3)
    run = descend(problem, start(problem, "spectral:0.5"), fraction / 6, 20_000, every=20_000, store=True)
    verdicts = judge_descent(run, fraction / 6)
    assert violated(verdicts) == []
    assert found(verdicts, "descent_rate").status in (Status.HOLDS, Status.UNDECIDED)
