import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    equiangular_deficit,
    equiangular_log_time,
    layer_cosine,
    layer_cosine_limit,
    record,
    simulate,
)
from fathometer.attention.predictions._equiangular import curve_deviation_bound, printed_deviation_bound
from fathometer.attention.theorems.clustering.equiangular_bound import THEOREM as BOUND
from fathometer.attention.theorems.clustering.equiangular_motion import THEOREM as MOTION
from fathometer.attention.theorems.clustering.high_dimension_curve import THEOREM as CURVE
from fathometer.attention.theorems.clustering.long_context import THEOREM as CONTEXT
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, InputError, Status, Within
from tests.oracles.attention_variants import LONG_CONTEXT, average, orthogonal_to

MODELS = pytest.mark.parametrize("model", list(Model))


def tokens(n, cosine, beta, model=Model.SA):
    return ParticleSystem.project(orthogonal_to(n, cosine), beta, model)


def fails(verdict):
    return [check.hypothesis for check in verdict.checks if check.answer == "fails"]


@MODELS
@pytest.mark.parametrize(("n", "beta", "start"), [(2, 0.0, 0.0), (32, 4.0, 0.0), (8, 25.0, 0.3), (5, 1.0, -0.2)])
def test_the_deficit_inverts_the_closed_form(model, n, beta, start):
    goals = np.array([start + 0.1, 0.6, 0.99, 1 - 1e-8])
    times = np.exp([equiangular_log_time(start, goal, n, beta, model).value for goal in goals])
    error = equiangular_deficit(times, start, n, beta, model) / (1 - goals) - 1
    assert np.all(np.abs(error) < 1e-14 * (1 + times))


def test_two_tokens_at_beta_zero_are_a_hyperbolic_tangent():
    times = np.array([0.0, 0.5, 2.0])
    assert_allclose(1 - equiangular_deficit(times, 0.0, 2, 0.0, "sa"), np.tanh(times), atol=1e-10)


def test_one_time_is_enough():
    assert equiangular_deficit([0.0], 0.25, 3, 1.0, "sa") == pytest.approx(0.75)


def test_impossible_cosines_are_refused():
    with pytest.raises(InputError, match=r"cosine_start must be > -0\.5"):
        equiangular_deficit([0.0], -0.5, 3, 1.0, "sa")
    with pytest.raises(InputError, match="times must be >= 0, got -1"):
        equiangular_deficit([0.0, -1.0], 0.5, 3, 1.0, "sa")


def test_the_deficit_has_its_limits_at_any_time():
    assert np.all(equiangular_deficit([0.0, 1e-300, 1.0, 1e300], 0.0, 5, 800.0, "sa") == 1.0)
    assert_allclose(equiangular_deficit([1e-300, 1e10, 1e300], 0.5, 5, 0.0, "usa"), [0.5, 0.0, 0.0], rtol=1e-14)


# equiangular_motion


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize(("n", "cosine", "beta"), [(6, 0.0, 1.0), (6, 0.4, 6.0), (6, -0.15, 2.0)])
def test_simulated_tokens_follow_the_scalar_motion(model, n, cosine, beta):
    verdict = MOTION.test(simulate(tokens(n, cosine, beta, model), [0.0, 1.0, 5.0, 25.0]))
    assert verdict.status is Status.HOLDS
    assert verdict.margin > 0.9e-5


@pytest.mark.slow
def test_the_motion_sees_sabotage_and_the_wrong_model():
    run = simulate(tokens(6, 0.0, 1.0), [0.0, 1.0, 5.0, 6.0])
    late = dataclasses.replace(
        MOTION, predict=lambda p, a: MOTION.predict(p, dataclasses.replace(a, points=0.9 * a.points))
    )
    assert late.test(run).status is Status.VIOLATED
    other = dataclasses.replace(run, problem=tokens(6, 0.0, 1.0, Model.USA))
    assert MOTION.test(other).status is Status.VIOLATED


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (ParticleSystem.uniform(5, 4, 1.0, "sa", seed=0), "one common cosine"),
        (ParticleSystem(np.eye(3), 1.0, Model.SA, np.array([0.5, 0.3, 0.2])), "equal masses"),
        (ParticleSystem(np.eye(3)[[0, 0]], 1.0, Model.SA), "2 to d + 1 tokens, apart"),
        (ParticleSystem(np.eye(3)[[0]], 1.0, Model.SA), "2 to d + 1 tokens, apart"),
        (ParticleSystem.uniform(6, 4, 1.0, "sa", seed=0), "2 to d + 1 tokens, apart"),
        (
            ParticleSystem(np.array([[1.0, 0.0], [-1.0, 0.0]]), 1.0, Model.SA),
            "tokens do not add up to 0: 1 + (n - 1) rho",
        ),
    ],
)
def test_other_tokens_are_not_equiangular(system, reason):
    axis = Axis(AxisKind.TIME, np.array([0.0, 1.0]))
    verdict = MOTION.judge(system, Estimate.exact(np.zeros((2, 2)), along=axis))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in fails(verdict)


def test_the_motion_is_a_statement_along_time():
    with pytest.raises(InputError, match="no axis"):
        MOTION.judge(tokens(3, 0.0, 1.0), Estimate.exact(0.0))


# equiangular_bound


@pytest.mark.parametrize(("n", "beta"), [(6, 0.0), (6, 1.0), (6, 2.0)])
def test_the_bound_holds_late_and_is_vacuous_early(n, beta):
    onset = n * np.exp(beta) / 2
    system = tokens(n, 0.0, beta)
    assert BOUND.test(simulate(system, np.append(0.0, onset * np.array([0.5, 1.0, 1.5])))).status is Status.HOLDS
    assert BOUND.test(simulate(system, onset * np.array([0.0, 0.1, 0.2, 0.5]))).status is Status.VACUOUS


@pytest.mark.slow
def test_as_printed_it_fails_at_the_start():
    run = simulate(tokens(2, 0.0, 0.0), [0.0, 2.0])
    printed = BOUND.printed(BOUND.as_printed[0])
    assert printed.test(run).status is Status.VIOLATED
    assert_allclose(printed.predict(run.problem, run.axis).bound.value[0], np.exp(2 / 3) / 2, atol=2e-6)
    assert BOUND.test(run).status is Status.HOLDS


@pytest.mark.slow
def test_the_bound_is_for_orthogonal_tokens_under_sa():
    times = [0.0, 1.0, 2.0, 20.0]
    assert fails(BOUND.test(simulate(tokens(6, 0.2, 1.0), times))) == ["orthogonal tokens"]
    assert fails(BOUND.test(simulate(tokens(6, 0.0, 1.0, Model.USA), times))) == ["the model is SA"]


def test_the_bound_sees_sabotage():
    run = simulate(tokens(6, 0.0, 1.0), [0.0, 1.0, 2.0, 6.0])
    faster = dataclasses.replace(BOUND, predict=lambda p, a: AtMost(np.exp(-3 * a.points) + 1e-9))
    assert faster.test(run).status is Status.VIOLATED
    with pytest.raises(InputError, match="no axis"):
        BOUND.judge(run.problem, Estimate.exact(0.0))


# long_context


@pytest.mark.parametrize(("gamma", "n", "cosine", "digits"), LONG_CONTEXT)
def test_layer_cosines_agree_with_the_table_for_long_contexts(gamma, n, cosine, digits):
    assert_allclose(layer_cosine(0.3, n, gamma), cosine, atol=0.51 * 10.0**-digits + 1e-13)


def test_layer_cosines_tend_to_their_three_limits():
    assert_allclose(layer_cosine_limit(0.3, 1 / 0.7), 12 / 19, rtol=1e-14)
    assert layer_cosine_limit(0.3, 1.0) == 1.0
    assert layer_cosine_limit(0.3, 2.0) == 0.3
    for gamma in (1.0, 1 / 0.7, 2.0):
        assert_allclose(layer_cosine(0.3, 1e30, gamma), layer_cosine_limit(0.3, gamma), atol=1e-6)


@pytest.mark.parametrize("beta", [0.5, 3.0, 9.0])
def test_one_layer_has_the_cosine_of_the_formula(beta):
    system = tokens(20, 0.3, beta)
    first, second = (average(x, system.points, system.masses, beta, "sa") for x in system.points[:2])
    expected = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert_allclose(layer_cosine(0.3, 20, beta / np.log(20)), expected, rtol=1e-12)
    run = record(system.points[None], beta)
    assert CONTEXT.test(run).status is Status.HOLDS
    shifted = dataclasses.replace(CONTEXT, predict=lambda p, a: Within(expected + 1e-6, 1.0))
    assert shifted.test(run).status is Status.VIOLATED


def test_the_long_context_needs_a_common_cosine():
    assert fails(CONTEXT.test(record(ParticleSystem.uniform(5, 4, 1.0, "sa", seed=0).points[None], 1.0)))
    assert fails(CONTEXT.test(record(tokens(5, -0.2, 1.0).points[None], 1.0))) == [
        "a common cosine that is not negative"
    ]


# high_dimension_curve


@pytest.mark.slow
def test_one_curve_in_high_dimension():
    system = ParticleSystem.uniform(4, 2000, 1.0, Model.SA, seed=2)
    run = simulate(system, [0.0, 1e-3, 3.0])
    assert CURVE.test(run).status is Status.HOLDS
    assert np.max(CURVE.test(run).measured.value) < 0.1
    closer = dataclasses.replace(CURVE, predict=lambda p, a: AtMost(1e-3))
    assert closer.test(run).status is Status.VIOLATED
    late = dataclasses.replace(run.axis, points=np.array([1.0]))
    assert CURVE.judge(system, Estimate.exact([0.3], along=late)).status is Status.VACUOUS
    assert "d >= n" in CURVE.judge(ParticleSystem.uniform(4, 2, 1.0, "sa", 0), Estimate.exact(0.0)).explanation
    assert "two or more" in CURVE.judge(ParticleSystem.uniform(1, 2, 1.0, "sa", 0), Estimate.exact(0.0)).explanation
    with pytest.raises(InputError, match="no axis"):
        CURVE.judge(system, Estimate.exact(0.0))


@pytest.mark.parametrize("beta", [0.0, 1.0, 6.0])
def test_the_lipschitz_constant_of_the_cosines_is_not_above_the_one_of_the_bound(beta):
    generator = np.random.default_rng(3)

    def speeds(gram):
        weights = np.exp(beta * gram)
        one_side = (weights @ gram - np.sum(weights * gram, axis=1)[:, None] * gram) / weights.sum(axis=1)[:, None]
        return one_side + one_side.T

    for spread in (0.01, 0.3, 3.0):
        first, second = (np.eye(7)[:4] + spread * generator.standard_normal((400, 4, 7)) for _ in range(2))
        grams = [x @ x.swapaxes(1, 2) for x in (y / np.linalg.norm(y, axis=-1, keepdims=True) for y in (first, second))]
        for one, other in zip(*grams, strict=True):
            assert np.max(np.abs(speeds(one) - speeds(other))) <= 2 * (beta + 3) * np.max(np.abs(one - other))


def test_the_derived_bound_on_the_deviation_is_below_the_printed_one():
    times = np.array([0.0, 0.01, 1.0, 1e6])
    for beta in (0.0, 1.0, 30.0):
        assert np.all(curve_deviation_bound(times, 100, beta) <= printed_deviation_bound(times, 2, 100, beta))
    assert_allclose(curve_deviation_bound(times[:1], 100, 1.0), 2 * np.sqrt(np.log(100) / 100))
