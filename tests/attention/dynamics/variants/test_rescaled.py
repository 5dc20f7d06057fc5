import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from fathometer.attention.dynamics.variants import RescaledTokens, simulate_rescaled
from fathometer.attention.theorems.variants.boolean_attention import THEOREM as BOOLEAN
from fathometer.attention.theorems.variants.rescaled_hull import THEOREM as HULL
from fathometer.attention.theorems.variants.rescaled_hyperplanes import THEOREM as PLANES
from fathometer.evidence import AtLeast, AtMost, Estimate, InputError, Monotone, Problem, Status

TOKENS = np.random.default_rng(2).standard_normal((8, 2))
LEADING = np.array([[1.0, 0.2], [0.0, -0.3]])


def failing(verdict):
    assert verdict.status is Status.INAPPLICABLE
    return " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


def test_rescaled_tokens_are_the_unprojected_ones():
    tokens = RescaledTokens(TOKENS, query=np.array([[1.0, 0.3], [0.0, 0.5]]), value=LEADING)

    def speed(t, flat):
        x = flat.reshape(8, 2)
        scores = (x @ tokens.query.T) @ (x @ tokens.key.T).T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (weights / weights.sum(axis=1, keepdims=True) @ x @ LEADING.T).ravel()

    plain = solve_ivp(speed, (0, 1.2), TOKENS.ravel(), rtol=1e-10, atol=1e-12).y[:, -1].reshape(8, 2)
    run = simulate_rescaled(tokens, [0.0, 1.2])
    assert_allclose(run.states["points"][-1] @ expm(1.2 * LEADING).T, plain, atol=1e-6)
    assert_allclose(run.states["attention"].sum(axis=2), 1.0)


def test_the_hull_shrinks_to_the_tokens_on_its_boundary():
    run = simulate_rescaled(RescaledTokens(TOKENS), np.linspace(0, 6, 13))
    assert HULL.test(run).status is Status.HOLDS
    grows = dataclasses.replace(HULL, predict=lambda p, a: Monotone("increasing"))
    assert grows.test(run).status is Status.VIOLATED
    assert HULL.test(run.until(0.0)).status is Status.UNDECIDED
    assert "V = I" in failing(HULL.judge(RescaledTokens(TOKENS, value=LEADING), Estimate.exact(0.0)))
    last = run.states["points"][-1]
    distinct = np.unique(np.round(last, 3), axis=0)
    assert 2 <= len(distinct) < 8


def test_tokens_end_on_few_hyperplanes():
    tokens = RescaledTokens(np.random.default_rng(7).standard_normal((20, 2)), value=LEADING)
    run = simulate_rescaled(tokens, np.linspace(0, 8, 17))
    verdict = PLANES.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    more = dataclasses.replace(PLANES, predict=lambda p, a: AtLeast(5.0))
    assert more.test(run).status is Status.VIOLATED
    assert PLANES.test(run.until(0.0)).status is Status.UNDECIDED
    few = dataclasses.replace(tokens, points=tokens.points[:3])
    assert PLANES.judge(few, Estimate.exact(2.0)).status is Status.VACUOUS


def test_hyperplanes_need_a_simple_positive_eigenvalue():
    assert "simple" in failing(PLANES.judge(RescaledTokens(TOKENS), Estimate.exact(2.0)))
    assert "positive" in failing(PLANES.judge(RescaledTokens(TOKENS, value=-LEADING.T @ LEADING), Estimate.exact(2.0)))
    turned = RescaledTokens(TOKENS, query=-np.eye(2), value=LEADING)
    assert "<Q v, K v>" in failing(PLANES.judge(turned, Estimate.exact(2.0)))


def test_attention_on_the_line_becomes_boolean():
    tokens = RescaledTokens(np.random.default_rng(1).uniform(-1, 1, (9, 1)))
    run = simulate_rescaled(tokens, [0.0, 1.0, 9.0])
    verdict = BOOLEAN.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert np.linalg.matrix_rank(run.states["attention"][-1], tol=0.01) <= 3
    assert BOOLEAN.test(run.until(0.0)).status is Status.UNDECIDED
    wrong = dataclasses.replace(BOOLEAN, predict=lambda p, a: AtLeast(0.3))
    assert wrong.test(run).status is Status.VIOLATED
    assert "d = 1" in failing(BOOLEAN.judge(RescaledTokens(TOKENS), Estimate.exact(0.0)))
    back = RescaledTokens(tokens.points, value=-np.eye(1))
    assert "V > 0" in failing(BOOLEAN.judge(back, Estimate.exact(0.0)))
    assert "Q K" in failing(BOOLEAN.judge(RescaledTokens(tokens.points, query=-np.eye(1)), Estimate.exact(0.0)))
    larger = dataclasses.replace(BOOLEAN, predict=lambda p, a: AtMost(0.5, domain=(0, 0.5)))
    assert larger.test(run).status is Status.VACUOUS


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RescaledTokens(TOKENS, query=np.eye(3)), r"query must have shape \(2, 2\)"),
        (lambda: simulate_rescaled(RescaledTokens(TOKENS), [1.0]), "times must start at 0"),
        (lambda: simulate_rescaled(RescaledTokens(TOKENS), [0.0, 20.0]), "times must end earlier"),
        (lambda: HULL.judge(Problem(), Estimate.exact(0.0)), "must be of type RescaledTokens"),
    ],
)
def test_rescaled_tokens_out_of_range_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
