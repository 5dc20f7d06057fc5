import dataclasses
from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from scipy.stats import kstest

from fathometer.attention import CLUSTER_COUNT, Model, ParticleSystem, simulate, two_cluster_log_time
from fathometer.attention.dynamics.variants import (
    NoisySystem,
    Normalization,
    Variant,
    as_tokens,
    hardmax_motion,
    hardmax_targets,
    simulate_noisy,
    simulate_variant,
)
from fathometer.attention.theorems.variants.causal_limit import THEOREM as LIMIT
from fathometer.attention.theorems.variants.causal_pair_time import THEOREM as PAIR
from fathometer.attention.theorems.variants.pre_ln_rate import THEOREM as PRE_LN
from fathometer.evidence import AtLeast, Estimate, GrowthExponent, InputError, Origin, Problem, Status, Within
from tests.oracles.attention import circle
from tests.oracles.attention_variants import hardmax_euler, variant_field

MODELS = pytest.mark.parametrize("model", list(Model))
PLAIN = ParticleSystem.uniform(5, 3, 2.0, "sa", seed=1)


def fails(verdict):
    return [check.hypothesis for check in verdict.checks if check.answer == "fails"]


# weights, mask and normalization


@pytest.mark.slow
def test_without_weights_a_variant_is_the_plain_model():
    system = ParticleSystem(PLAIN.points, 2.0, Model.SA, np.array([0.1, 0.2, 0.3, 0.2, 0.2]))
    times = [0.0, 2.0]
    expected = simulate(system, times)
    run = simulate_variant(Variant(system), times)
    assert_allclose(run.states["points"], expected.states["points"], atol=1e-7)
    assert np.all(run.states["radii"] == 1)
    tokens = as_tokens(run)
    assert tokens.origin is Origin.RECORDED
    assert tokens.observe(CLUSTER_COUNT).value.tolist() == expected.observe(CLUSTER_COUNT).value.tolist()


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("normalization", list(Normalization))
def test_variants_move_as_written(model, causal, normalization):
    matrices = 0.7 * np.random.default_rng(5).standard_normal((3, 3, 3))
    system = ParticleSystem(PLAIN.points, 2.0, model, np.array([0.1, 0.2, 0.3, 0.2, 0.2]))
    variant = Variant(system, *matrices, causal=causal, normalization=normalization)
    run = simulate_variant(variant, [0.0, 1.5])
    solution = solve_ivp(
        lambda t, y: variant_field(variant, y.reshape(5, 3)).ravel(),
        (0, 1.5),
        system.points.ravel(),
        rtol=1e-10,
        atol=1e-11,
    )
    expected = solution.y[:, -1].reshape(5, 3)
    norms = np.linalg.norm(expected, axis=1)
    assert_allclose(run.states["points"][-1], expected / norms[:, None], atol=1e-6)
    if normalization is Normalization.PRE:
        assert_allclose(run.states["radii"][-1], norms, rtol=1e-6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Variant(PLAIN, query=np.eye(2)), r"query must have shape \(3, 3\)"),
        (lambda: Variant(PLAIN, value=np.full((3, 3), np.inf)), "value must be finite"),
        (lambda: simulate_variant(Variant(PLAIN), [1.0]), "times must start at 0"),
        (lambda: simulate_variant(Variant(PLAIN), [0.0], tolerance=1.0), "tolerance must be"),
        (lambda: as_tokens(simulate(PLAIN, [0.0])), "must be of type Variant"),
        (lambda: LIMIT.judge(Problem(), Estimate.exact(0.0)), "must be of type Variant"),
        (lambda: NoisySystem(PLAIN, 0.0), "kappa must be > 0"),
        (lambda: simulate_noisy(NoisySystem(PLAIN, 1.0), [1.0], seed=0), "times must start at 0"),
        (lambda: simulate_noisy(NoisySystem(PLAIN, 1.0), [0.0, 1.0], seed=0, step=1e-8), "step must be larger"),
    ],
)
def test_bad_values_are_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()


# causal_limit


def causal(system, **more):
    return Variant(system, causal=True, **more)


@pytest.mark.slow
@MODELS
def test_causal_tokens_go_to_the_first_one(model):
    generator = np.random.default_rng(2)
    variant = causal(
        ParticleSystem(PLAIN.points, 1.0, model),
        query=generator.standard_normal((3, 3)) / 2,
        key=generator.standard_normal((3, 3)) / 2,
    )
    run = simulate_variant(variant, [0.0, 600.0])
    verdict = LIMIT.test(run)
    assert verdict.status is Status.HOLDS
    assert_allclose(run.states["points"][:, 0], run.states["points"][[0, 0], 0], atol=1e-15)
    away = dataclasses.replace(LIMIT, predict=lambda p, a: AtLeast(0.1))
    assert away.test(run).status is Status.VIOLATED


def test_a_causal_run_that_has_not_arrived_is_undecided():
    assert LIMIT.test(simulate_variant(causal(PLAIN), [0.0, 1.0])).status is Status.UNDECIDED


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        (Variant(PLAIN), "a causal mask and Post-LN"),
        (causal(PLAIN, value=2 * np.eye(3)), "values are the tokens: V = I"),
        (
            causal(ParticleSystem(np.array([[1.0, 0, 0], [-1, 0, 0]]), 1.0, Model.SA)),
            "no token opposite to the first one",
        ),
    ],
)
def test_the_limit_needs_a_mask(variant, reason):
    verdict = LIMIT.judge(variant, Estimate.exact(0.0))
    assert verdict.status is Status.INAPPLICABLE
    assert fails(verdict) == [reason]


# causal_pair_time


def pair_run(beta, **more):
    contact = 2 * np.arcsin(0.05 / np.sqrt(max(1, beta)))
    time = 2 * np.exp(two_cluster_log_time(1.0, contact, beta, (0.5, 0.5), "sa").value)
    system = ParticleSystem(circle(0.0, 1.0), beta, Model.SA)
    return simulate_variant(Variant(system, **more), time * np.array([0.0, 1 - 5e-7, 1 + 5e-7, 2.0]))


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.5, 6.0])
def test_two_causal_tokens_take_twice_the_time(beta):
    assert PAIR.test(pair_run(beta, causal=True)).status is Status.HOLDS


def test_the_pair_sees_sabotage_and_a_missing_mask():
    run = pair_run(2.0, causal=True)
    half = dataclasses.replace(PAIR, predict=lambda p, a: Within(0.0, 0.6 * PAIR.predict(p, a).upper.value))
    assert half.test(run).status is Status.VIOLATED
    assert fails(PAIR.test(pair_run(2.0))) == ["a causal mask and Post-LN"]
    unmasked = simulate_variant(Variant(run.problem.system), run.axis.points * [0.0, 0.6, 0.8, 1.0])
    without = dataclasses.replace(unmasked, problem=run.problem)
    assert PAIR.test(without).status is Status.VIOLATED


@pytest.mark.slow
def test_the_pair_is_undecided_before_it_meets():
    assert PAIR.test(simulate_variant(causal(ParticleSystem(circle(0.0, 1.0), 2.0, Model.SA)), [0.0, 1.0])).status is (
        Status.UNDECIDED
    )


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        (causal(PLAIN), "two tokens for which the plain time is known"),
        (causal(ParticleSystem(circle(0.0, 1.0), 2.0, Model.USA)), "SA with equal masses"),
        (causal(ParticleSystem(circle(0.0, 1.0), 2.0, Model.SA, np.array([1.0, 2.0]))), "SA with equal masses"),
        (causal(ParticleSystem(circle(0.0, 1.0), 2.0, Model.SA), query=2 * np.eye(2)), "plain scores: Q'K = I"),
    ],
)
def test_the_pair_needs_a_plain_pair(variant, reason):
    assert fails(PAIR.judge(variant, Estimate.exact(0.0))) == [reason]


# pre_ln_rate

LATE = np.append(0.0, np.geomspace(100, 1000, 6))


def equal_angles(normalization, times, beta=2.0, n=16, **more):
    system = ParticleSystem(np.eye(n), beta, Model.SA, **more)
    return simulate_variant(Variant(system, normalization=normalization), times)


@cache
def late_run():
    return equal_angles(Normalization.PRE, LATE)


def deficit(run):
    return np.sum((run.states["points"][:, 0] - run.states["points"][:, 1]) ** 2, axis=-1) / 2


@pytest.mark.slow
def test_pre_ln_collapses_polynomially():
    run = late_run()
    assert PRE_LN.test(run).status is Status.HOLDS
    scaled = run.axis.points[-1] ** 2 * deficit(run)[-1]
    assert_allclose(scaled, 2.37, atol=0.01)
    assert_allclose(np.diff(run.states["radii"][1:, 0]) / np.diff(run.axis.points[1:]), 1.0, rtol=1e-2)


@pytest.mark.slow
def test_post_ln_collapses_exponentially():
    run = equal_angles(Normalization.POST, [0.0, 5.0, 8.0])
    assert_allclose(np.log(deficit(run)[1] / deficit(run)[2]) / 3, 2.0, rtol=1e-2)
    assert fails(PRE_LN.test(run)) == ["Pre-LN without a mask"]


def test_the_pre_ln_rate_sees_sabotage_and_needs_late_times():
    run = late_run()
    faster = dataclasses.replace(PRE_LN, predict=lambda p, a: GrowthExponent(-4.0, -3.0))
    assert faster.test(run).status is Status.VIOLATED
    assert PRE_LN.test(equal_angles(Normalization.PRE, [0.0, 1.0])).status is Status.UNDECIDED
    uneven = Variant(PLAIN, normalization=Normalization.PRE)
    assert fails(PRE_LN.judge(uneven, Estimate.exact(0.0))) == ["one common cosine"]


# hardmax


def simplex_with_inner_points():
    generator = np.random.default_rng(3)
    leaders = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
    return np.vstack([leaders, generator.dirichlet(np.ones(3), 6) @ leaders])


def test_hardmax_tokens_run_straight_to_their_leaders():
    points, form = simplex_with_inner_points(), np.array([[1.0, 0.2], [0.2, 0.8]])
    assert set(hardmax_targets(points, form)) == {0, 1, 2}
    motion = hardmax_motion(points, form, [0.0, 0.7, 40.0])
    assert_allclose(motion[0], points)
    assert_allclose(motion[1], hardmax_euler(points, form, 0.7, 4000), atol=3e-4)
    assert_allclose(motion[2], points[hardmax_targets(points, form)], atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (np.array([[1.0, 0.0], [3.0, 0.5], [0.0, 1.0]]), np.array([[0.0, 1.0], [-1.0, 0.0]]), [1.0]),
            "their own targets",
        ),
        ((np.ones((2, 2)), np.eye(3), [1.0]), "matrix must have shape"),
        ((np.ones((2, 2)), np.eye(2), [-1.0]), "times must be >= 0"),
    ],
)
def test_hardmax_refusals(arguments, message):
    with pytest.raises(InputError, match=message):
        hardmax_motion(*arguments)


# noise


@pytest.mark.slow
def test_noise_alone_is_brownian_motion_on_the_sphere():
    tokens = ParticleSystem(np.tile(np.eye(4)[0], (800, 1)), 0.0, Model.USA)
    run = simulate_noisy(NoisySystem(tokens, 0.01), [0.0, 1e-3, 4e-3], seed=0, step=1e-4)
    heights = run.states["points"][:, :, 0]
    assert_allclose(np.linalg.norm(run.states["points"], axis=-1), 1.0, rtol=1e-14)
    expected = np.exp(-3 * run.axis.points / 0.01)  # the first harmonic decays at the rate (d - 1)/kappa
    assert_allclose(heights.mean(axis=1), expected, atol=4 * 0.5 / np.sqrt(800))
    assert abs(heights.mean(axis=1)[1] / expected[1] - 1) < 0.05


def gap_samples(beta, kappa):
    system = ParticleSystem(circle(0.0, 1.0), beta, Model.USA)
    run = simulate_noisy(NoisySystem(system, kappa), np.arange(0.0, 1500.0, 6.0), seed=1, step=0.03)
    first, second = run.states["points"][2:, 0], run.states["points"][2:, 1]
    return np.arctan2(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0], np.sum(first * second, axis=1))


@pytest.mark.slow
def test_two_noisy_tokens_have_the_law_of_gibbs():
    beta, kappa = 3.0, 8.0
    grid = np.linspace(-np.pi, np.pi, 4001)
    density = np.exp(kappa / (2 * beta) * np.exp(beta * (np.cos(grid) - 1)))
    cumulative = np.cumsum(density) / density.sum()
    samples = gap_samples(beta, kappa)
    assert kstest(samples, lambda x: np.interp(x, grid, cumulative)).pvalue > 1e-3
    assert kstest(samples, lambda x: (x + np.pi) / (2 * np.pi)).pvalue < 1e-3


@pytest.mark.slow
def test_almost_no_noise_is_the_plain_model():
    system = ParticleSystem(PLAIN.points, 2.0, Model.SA)
    noisy = simulate_noisy(NoisySystem(system, 1e12), [0.0, 2.0], seed=0, step=0.01)
    assert_allclose(noisy.states["points"], simulate(system, [0.0, 2.0]).states["points"], atol=1e-4)
    same = simulate_noisy(NoisySystem(system, 1.0), [0.0, 0.1], seed=3).states["points"]
    assert_allclose(same, simulate_noisy(NoisySystem(system, 1.0), [0.0, 0.1], seed=3).states["points"], atol=0)
    assert not np.allclose(same, simulate_noisy(NoisySystem(system, 1.0), [0.0, 0.1], seed=4).states["points"])
    assert jnp.isfinite(same).all()
