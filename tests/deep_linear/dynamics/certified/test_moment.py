"""From which moment on a run is certified: the oracles of the theory, and that the search finds the first moment."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from fathometer.cli.deep_linear._certified import certified_part
from fathometer.deep_linear import (
    CertifiedRun,
    DeepLinear,
    Regression,
    certified_descent,
    certified_flow,
    descend,
    descent_certificates,
    flow,
    flow_certificates,
    judge_descent,
    look_steps,
    watched_descent,
)
from fathometer.deep_linear.dynamics.certified._moment import first_certified, rest_of_flow, state_error
from fathometer.deep_linear.predictions.certificate._certificate import Certificates, Way
from fathometer.deep_linear.theorems import _examples
from fathometer.evidence import Status

STEP, STEPS = 0.02, 1500
RESIDUAL = [  # scale, seed, limit's sharpness to six digits, times of (a) and (b) to a percent or so of the grid
    (0.0, 0, 29.2916, 0.674, 0.904),
    (0.5, 0, 34.3077, 1.128, 1.356),
    (1.0, 0, 74.0186, 1.459, 1.407),
    (1.7, 0, 207.161, 1.356, 1.048),
    (0.0, 1, None, None, None),
    (0.5, 1, None, None, None),
    (1.0, 1, None, None, None),
    (1.7, 1, None, None, 6.84),
    (0.0, 2, None, None, None),
    (0.5, 2, None, None, None),
    (1.0, 2, None, None, None),
    (1.7, 2, None, None, None),
]
PLAIN = [
    (0.25, 0, 23.096495, None, 13.0),
    (0.35, 0, 28.58147, None, 4.59),
    (0.45, 0, 53.7536, None, 5.44),
    (0.6, 0, 1337.2035, None, 4.34),
    (0.25, 1, None, None, None),
    (0.35, 1, None, None, None),
    (0.45, 1, None, None, None),
    (0.6, 1, None, None, None),
]


def oracle(scale, seed, *, plain):
    """Ten layers of the paper's size, drawn in the order of the theory."""
    r = np.random.default_rng(seed)
    X = r.normal(size=(50, 5))
    y = X @ r.normal(size=5) + r.normal(size=50)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]
    data = Regression(X.T @ X / 50, w_star / np.linalg.norm(w_star))
    if plain:
        shapes = [(5, 5)] * 9 + [(1, 5)]
        return DeepLinear(data, 10), [scale * r.normal(size=shape) for shape in shapes]
    p = r.normal(size=5)
    problem = DeepLinear(data, 10, p / np.linalg.norm(p))
    return problem, [np.eye(5) + scale / np.sqrt(50) * r.normal(size=(5, 5)) for _ in range(10)]


def assert_oracle(scale, seed, sharpness, by_products, by_kernel, *, plain):
    problem, start = oracle(scale, seed, plain=plain)
    run = flow(problem, start, points=300, convergence=1e-18, store=True)
    layers, times = tuple(run.states[f"W{k}"] for k in range(1, 11)), run.axis.points
    for way, expected in ((Way.PRODUCTS, by_products), (Way.KERNEL, by_kernel)):
        holds = flow_certificates(problem, layers, ways=[way]).holds
        if expected is not None:
            assert_allclose(times[np.argmax(holds)], expected, rtol=0.05)
    found = certified_flow(run)
    assert found.at is not None
    last = flow_certificates(problem, tuple(layer[-1:] for layer in layers))
    limit = (last.lowest[0] + last.highest[0]) / 2
    assert (last.highest[0] - last.lowest[0]) / limit < 2e-5  # half of it: the value in the middle has six digits
    assert found.latest.lower <= limit <= found.latest.upper
    assert found.sharpness.lower <= limit <= found.sharpness.upper
    if sharpness is not None:
        assert_allclose(limit, sharpness, rtol=2e-6)


@pytest.mark.slow
def test_a_residual_run_of_the_theory_is_certified():
    assert_oracle(*RESIDUAL[3], plain=False)


@pytest.mark.slow
@pytest.mark.parametrize("case", RESIDUAL, ids=str)
def test_every_residual_run_of_the_theory_is_certified(case):
    assert_oracle(*case, plain=False)


@pytest.mark.slow
@pytest.mark.parametrize("case", PLAIN, ids=str)
def test_every_plain_run_of_the_theory_is_certified(case):
    assert_oracle(*case, plain=True)


@pytest.fixture(scope="module")
def run():
    start = [matrix[0] for matrix in _examples.generic_flow().states.values()]
    looks = look_steps(STEPS, [matrix.shape for matrix in start])
    return watched_descent(_examples.network(), start, STEP, STEPS, looks=looks)


def test_a_watched_run_is_the_same_at_its_marks(run):
    start = [matrix[0] for matrix in run.states.values()]
    whole = descend(_examples.network(), start, STEP, STEPS, store=True)
    at = run.axis.points.astype(int)
    assert set(at) >= {0, 1, STEPS}
    for name, state in run.states.items():
        assert_array_equal(state, whole.states[name][at])


@pytest.mark.slow
def test_descent_is_certified_from_its_first_certified_step(run):
    found = certified_descent(run, STEP)
    start = [matrix[0] for matrix in run.states.values()]
    whole = descend(_examples.network(), start, STEP, STEPS, store=True)
    every = descent_certificates(_examples.network(), tuple(whole.states.values()), STEP)
    assert isinstance(found, CertifiedRun)
    assert found.at == np.argmax(every.holds) > 0
    assert_allclose(found.rate, every.rate[int(found.at)], rtol=1e-9)
    assert found.sharpness.lower <= found.latest.lower <= found.latest.upper <= found.sharpness.upper
    verdicts = [verdict for _, verdict in judge_descent(run, STEP) if verdict.theorem == "certified_descent"]
    assert [verdict.status for verdict in verdicts] == [Status.HOLDS]


def test_the_command_says_what_is_proved_or_why_not(run):
    proved, said = certified_part(run, STEP, plain=True)
    assert set(proved["certified_from"]) == {"step", "rate", "sharpness_at_most"}
    assert said.startswith("certified from step ")
    early, said = certified_part(run.until(2.0), STEP, plain=True)
    assert early["certified_from"] is None
    assert "times the largest that can be certified" in said
    assert certified_part(run, STEP, plain=False)[0]["certified_from"] is None
    assert "singular" in certified_part(run, 2.0, plain=True)[1]
    assert set(certified_part(_examples.generic_flow(), None, plain=True)[0]["certified_from"]) == {
        "time",
        "rate",
        "sharpness_at_most",
    }


def test_a_flow_is_certified_with_the_error_of_its_integrator():
    run = _examples.generic_flow()
    found, layers = certified_flow(run), tuple(run.states.values())
    every = flow_certificates(_examples.network(), layers, moved=state_error(run))
    assert found.at == run.axis.points[np.argmax(every.holds)]
    assert np.all(state_error(run)[1:] > 0)
    rest = rest_of_flow(run)
    assert_allclose(rest.axis.points, run.axis.points[np.argmax(every.holds) + 1 :] - found.at)
    assert len(rest.twins) == len(run.twins)


@pytest.mark.parametrize("first", [0, 1, 17, 99, None])
def test_the_first_certified_state_is_found_whatever_its_number(first):
    def certify(chosen):
        nothing = np.full(len(chosen), np.nan)
        return Certificates(chosen >= (1000 if first is None else first), *[nothing] * 6)

    assert first_certified(100, certify) == first
