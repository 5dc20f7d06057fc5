import dataclasses
import math

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    CapTokens,
    GaussianMixture,
    Model,
    ParticleSystem,
    TemperedTokens,
    UniformTokens,
    draw_density,
    draw_energies,
    draw_frames,
    draw_in_caps,
    mixture_density,
    simulate,
    velocity,
)
from fathometer.attention.dynamics.variants import (
    ClusteringLaw,
    FrozenCircle,
    HardmaxTokens,
    MeanFieldCircle,
    NoisyEnsemble,
    Normalization,
    RescaledTokens,
    UniformSequence,
    Variant,
    critical_kappa,
    draw_centres,
    evolve_clustering,
    evolve_density,
    hardmax_motion,
    simulate_ensemble,
    simulate_frozen,
    simulate_hardmax,
    simulate_rescaled,
    simulate_variant,
    stationary_density,
)
from fathometer.attention.theorems.energy.circle_motion import THEOREM as MOTION
from fathometer.attention.theorems.hemisphere.hemisphere_limit import THEOREM as LIMIT
from fathometer.attention.theorems.hemisphere.hemisphere_weights import THEOREM as WEIGHTS
from fathometer.attention.theorems.random.circle_caps_rare import THEOREM as RARE
from fathometer.attention.theorems.random.mixture_density import THEOREM as DENSITY
from fathometer.attention.theorems.random.uniform_energy import THEOREM as ENERGY
from fathometer.attention.theorems.random.uniform_frame import THEOREM as FRAME
from fathometer.attention.theorems.variants.hardmax_leaders import THEOREM as LEADERS
from fathometer.attention.theorems.variants.mean_field_rate import THEOREM as RATE
from fathometer.attention.theorems.variants.noisy_growth import THEOREM as GROWTH
from fathometer.attention.theorems.variants.noisy_jump import THEOREM as JUMP
from fathometer.attention.theorems.variants.noisy_onset import THEOREM as ONSET
from fathometer.attention.theorems.variants.post_ln_rate import THEOREM as POST
from fathometer.catalogue import theorems
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Monotone,
    Origin,
    Problem,
    Status,
    Trajectory,
    Within,
    judge_all,
)
from tests.oracles.attention import circle
from tests.oracles.attention_variants import orthogonal_to

VARIANTS = {theorem.id: theorem for theorem in theorems() if ".variants." in theorem.predict.__module__}
MODELS = pytest.mark.parametrize("model", list(Model))
ANGLES = 2 * np.pi * np.arange(64) / 64
IN_A_HEMISPHERE = ParticleSystem.project(
    np.random.default_rng(0).standard_normal((5, 3)) + 1.5 * np.eye(3)[2], 1.0, "sa", np.array([1, 2, 3, 2, 2])
)


def shifted(theorem, by):
    def predict(problem, axis):
        right = theorem.predict(problem, axis)
        return Within(np.asarray(right.lower.value) + by, np.asarray(right.upper.value) + by)

    return dataclasses.replace(theorem, predict=predict)


def one_state(problem, **states):
    return Trajectory(problem, Axis(AxisKind.TIME, np.zeros(1)), states, Origin.RECORDED)


def failing(verdict):
    assert verdict.status is Status.INAPPLICABLE
    return " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


# the models on the circle


@MODELS
def test_angles_move_as_the_points_do(model):
    system = ParticleSystem(circle(0.1, 1.0, 4.0, 2.5), 3.0, model, np.array([0.1, 0.2, 0.3, 0.4]))
    run = one_state(system, points=system.points[None])
    assert MOTION.test(run).status is Status.HOLDS
    assert shifted(MOTION, 1e-6).test(run).status is Status.VIOLATED
    printed = MOTION.printed(MOTION.as_printed[0])
    assert printed.test(run).status is (Status.VIOLATED if model is Model.USA else Status.INAPPLICABLE)
    solid = ParticleSystem(np.eye(3), 3.0, model)
    assert "d = 2" in failing(MOTION.test(one_state(solid, points=solid.points[None])))


# hemispheres


@pytest.mark.slow
def test_the_limit_is_approached_at_the_rate_of_the_proof():
    run = simulate(IN_A_HEMISPHERE, np.linspace(0, 12, 30))
    verdict = LIMIT.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    faster = dataclasses.replace(LIMIT, predict=lambda p, a: AtMost(-30.0))
    assert faster.test(run).status is Status.VIOLATED
    assert LIMIT.test(run.until(0.0)).status is Status.UNDECIDED
    around = ParticleSystem(np.vstack([np.eye(3), -np.eye(3)]), 1.0, Model.SA)
    assert "hemisphere" in failing(LIMIT.judge(around, Estimate.exact(0.0)))


@pytest.mark.slow
def test_a_hemisphere_is_not_left_with_any_weights():
    matrices = np.random.default_rng(4).standard_normal((2, 3, 3))
    variant = Variant(IN_A_HEMISPHERE, query=matrices[0], key=matrices[1], causal=True)
    run = simulate_variant(variant, np.array([0.0, 0.5, 1.0, 5.0]))
    assert WEIGHTS.test(run).status is Status.HOLDS
    back = dataclasses.replace(WEIGHTS, predict=lambda p, a: Monotone("decreasing"))
    assert back.test(run).status is Status.VIOLATED
    assert "V_h = s_h I" in failing(WEIGHTS.judge(Variant(IN_A_HEMISPHERE, value=-np.eye(3)), Estimate.exact(0.0)))


# normalization


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.0, 2.0])
def test_post_ln_collapses_at_the_rate_two(beta):
    system = ParticleSystem(orthogonal_to(4, 0.2), beta, Model.SA)
    run = simulate(system, np.linspace(0, 12, 40))
    verdict = POST.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert shifted(POST, -1.0).test(run).status is Status.VIOLATED
    assert POST.test(run.until(1.0)).status is Status.UNDECIDED
    assert "SA" in failing(POST.judge(ParticleSystem(orthogonal_to(4, 0.2), beta, Model.USA), Estimate.exact(2.0)))


# hardmax


def polygon_and_inside():
    corners = circle(*(2 * np.pi / 5 * np.arange(5)))
    return HardmaxTokens(np.vstack([corners, 0.3 * circle(0.1, 2.0, 4.4)]), np.array([[2.0, 0.3], [0.3, 1.0]]))


def test_hardmax_tokens_run_to_their_leaders():
    tokens = polygon_and_inside()
    run = simulate_hardmax(tokens, [0.0, 0.7, 3.0])
    assert_allclose(run.states["points"], hardmax_motion(tokens.points, tokens.matrix, [0.0, 0.7, 3.0]), atol=1e-12)
    assert LEADERS.test(run).status is Status.HOLDS
    assert shifted(LEADERS, 1e-3).test(run).status is Status.VIOLATED
    assert "B > 0" in failing(LEADERS.judge(HardmaxTokens(tokens.points, -np.eye(2)), Estimate.exact(0.0)))
    restless = HardmaxTokens(tokens.points, np.array([[1.0, -5.0], [5.0, 1.0]]))
    assert "own target" in failing(LEADERS.judge(restless, Estimate.exact(0.0)))


# noise


def settled(beta, share):
    kappa = share * critical_kappa(2, beta, "usa").value
    density, _ = stationary_density(beta, kappa, "usa", cells=64)
    law = MeanFieldCircle(density, beta, kappa, Model.USA)
    return one_state(law, density=density[None])


def test_the_order_parameter_starts_like_a_root():
    run = settled(1.5, 1.0018)
    assert ONSET.test(run).status is Status.HOLDS
    assert shifted(ONSET, 0.05).test(run).status is Status.VIOLATED
    assert "kappa" in failing(ONSET.test(settled(1.5, 1.1)))
    assert "tricritical" in failing(ONSET.test(settled(3.0, 1.001)))


def test_nothing_is_said_of_laws_that_have_not_settled_or_never_leave_the_uniform_one():
    kappa = 1.001 * critical_kappa(2, 1.5, "usa").value
    moving = ripple(1.5, kappa, 0.01)
    assert ONSET.test(one_state(moving, density=moving.density[None])).status is Status.UNDECIDED
    uniform = ripple(1.5, kappa, 0.0)
    assert "above rounding" in failing(ONSET.test(one_state(uniform, density=uniform.density[None])))
    stable = ripple(3.0, 0.999 * critical_kappa(2, 3.0, "usa").value, 1e-3)
    assert "a cluster" in failing(JUMP.test(one_state(stable, density=stable.density[None])))


@pytest.mark.slow
def test_clusters_survive_below_the_critical_noise():
    for beta in (2.7, 3.0, 5.0):
        run = settled(beta, 0.999)
        assert JUMP.test(run).status is Status.HOLDS
        larger = dataclasses.replace(JUMP, predict=lambda p, a: AtLeast(0.95))
        assert larger.test(run).status is Status.VIOLATED
    assert "tricritical" in failing(JUMP.test(settled(2.0, 0.999)))
    assert "kappa" in failing(JUMP.test(settled(3.0, 1.1)))
    with pytest.raises(InputError, match="must be of type NoisyLaw"):
        JUMP.judge(Problem(), Estimate.exact(0.0))


def ripple(beta, kappa, size):
    return MeanFieldCircle(1 + size * np.cos(ANGLES), beta, kappa, Model.USA)


@pytest.mark.slow
def test_the_laplacian_is_on_the_other_side_than_printed():
    run = evolve_density(ripple(2.0, 8.0, 1e-4), [0.0, 10.0])
    assert GROWTH.test(run).status is Status.HOLDS
    assert GROWTH.printed(GROWTH.as_printed[0]).test(run).status is Status.VIOLATED


# the rate of the mean field


@pytest.mark.slow
def test_a_law_with_a_density_becomes_a_point():
    law = ripple(0.1, 1e300, 0.5)
    run = evolve_clustering(ClusteringLaw(law, 0.5, 2.0, 0.0), [0.0, 0.25, 0.5, 0.75, 1.0])

    def judged(run, *constants):
        return RATE.test(dataclasses.replace(run, problem=ClusteringLaw(run.problem.law, *constants)))

    assert RATE.test(run).status is Status.HOLDS
    assert judged(run, 0.5, 0.5, 0.0).status is Status.VIOLATED
    assert judged(run, 0.5, 0.5, 100.0).status is Status.VACUOUS
    assert judged(run.until(0.0), 0.5, 4.0, 0.0).status is Status.VACUOUS
    assert "beta_0" in failing(judged(run, 0.05, 2.0, 0.0))
    uniform = ClusteringLaw(ripple(0.1, 1e300, 0.0), 0.5, 2.0, 0.0)
    assert "R_0" in failing(RATE.test(one_state(uniform, density=np.ones((1, 64)))))
    with pytest.raises(InputError, match="no axis"):
        RATE.judge(run.problem, Estimate.exact(0.0))


def test_without_a_density_the_mean_field_may_rest():
    rest = velocity(jnp.array([[1.0, 0], [-1.0, 0]]), jnp.array([2 / 3, 1 / 3]), 0.1, Model.USA)
    assert np.all(np.asarray(rest) == 0)


# whatever speaks about a run


def runs():
    usual, alone = ParticleSystem.uniform(4, 4, 2.0, Model.SA, 1), ParticleSystem(np.eye(4)[:1], 2.0, Model.SA)
    for variant in (
        Variant(usual, causal=True, value=-np.eye(4)),
        Variant(usual, normalization=Normalization.PRE, hard=True),
        Variant(ParticleSystem.uniform(4, 4, 2.0, Model.USA, 1), normalization=Normalization.PRE),
        Variant(alone, causal=True),
        Variant(alone, normalization=Normalization.PRE),
    ):
        points = np.stack([variant.system.points] * 2)
        axis = Axis(AxisKind.TIME, np.array([0.0, 200.0]))
        yield Trajectory(variant, axis, {"points": points}, Origin.RECORDED)
        yield one_state(variant, points=points[:1])
        yield one_state(variant.system, points=points[:1])
    yield simulate_hardmax(HardmaxTokens(np.ones((1, 2)), np.eye(2)), [0.0, 1.0])
    yield draw_centres(UniformSequence(1, 2, 1.0), 1, 0)
    yield simulate_ensemble(NoisyEnsemble(2, 3, 0.0, np.ones(2), Model.SA, np.zeros(2)), [0.0, 0.1], seed=0)
    yield one_state(ripple(3.0, 2.0, 0.5), density=ripple(3.0, 2.0, 0.5).density[None])
    for tokens in (RescaledTokens(np.ones((1, 1))), RescaledTokens(np.eye(2), value=np.array([[0.0, 1], [-1, 0]]))):
        yield simulate_rescaled(tokens, [0.0, 0.5])
        yield simulate_rescaled(tokens, [0.0])
    yield simulate_frozen(FrozenCircle(np.ones(1), np.zeros(1), np.ones(1), 4.0, 3.0, 0.3), [0.0, 1.0])


@pytest.mark.slow
def test_whatever_speaks_about_a_run_judges_it_without_an_exception_and_is_not_violated():
    spoken = dict.fromkeys(VARIANTS, 0)
    for run in runs():
        for verdict in judge_all(run, VARIANTS.values()):
            spoken[verdict.theorem] += 1
            assert verdict.status is not Status.VIOLATED, (run.problem, verdict)
    assert all(spoken[name] for name in VARIANTS.keys() - {"mean_field_rate", "strong_centres_stay"})


# random initial tokens


def test_the_density_of_the_mixture_has_mass_one():
    mixture = GaussianMixture(np.eye(3), 0.05, 5, 10.0, 0.1)
    run = draw_density(mixture, 20_000, 1)
    assert DENSITY.test(run).status is Status.HOLDS
    printed = draw_density(mixture, 20_000, 1, normalizer=1)
    assert DENSITY.test(printed).status is Status.VIOLATED
    assert_allclose(np.mean(printed.states["weights"]), 2 * np.pi * 0.05**2, rtol=0.05)
    assert DENSITY.test(run.until(0)).status is Status.UNDECIDED
    peak = mixture_density(np.sqrt(3) * np.eye(3), mixture)
    assert_allclose(peak, (2 * np.pi * 0.05**2) ** -1.5 / 3, rtol=1e-12)


def test_the_mean_energy_of_uniform_draws():
    run = draw_energies(TemperedTokens(8, 3, 2.0), 20_000, 1)
    assert ENERGY.test(run).status is Status.HOLDS
    assert shifted(ENERGY, 0.1).test(run).status is Status.VIOLATED
    assert ENERGY.test(run.until(0)).status is Status.UNDECIDED


def test_the_printed_probability_of_a_frame_is_vacuous_below_astronomical_dimensions():
    printed = FRAME.printed(FRAME.as_printed[0])
    assert printed.test(draw_frames(UniformTokens(3, 400), 100, 1)).status is Status.VACUOUS
    vast = UniformTokens(2, 2**220)
    assert printed.judge(vast, Estimate.exact(1.0)).status is Status.UNDECIDED
    known = dataclasses.replace(printed, hypotheses=printed.hypotheses[:1])
    assert known.judge(vast, Estimate.exact(1.0)).status is Status.HOLDS
    assert known.judge(vast, Estimate.exact(0.0)).status is Status.VIOLATED


def test_few_uniform_tokens_are_near_a_frame():
    run = draw_frames(UniformTokens(3, 400), 1000, 1)
    assert FRAME.test(run).status is Status.HOLDS
    assert FRAME.test(run.until(9.0)).status is Status.UNDECIDED
    assert FRAME.test(draw_frames(UniformTokens(20, 25), 10, 1)).status is Status.VACUOUS
    assert FRAME.judge(run.problem, Estimate.exact(0.5)).status is Status.VIOLATED
    assert "n <= d" in failing(FRAME.judge(UniformTokens(9, 3), Estimate.exact(1.0)))
    assert FRAME.judge(UniformTokens(1, 3), Estimate.exact(1.0)).status is Status.HOLDS


def test_uniform_tokens_of_the_circle_are_rarely_in_caps():
    problem = CapTokens(3, 3, 40.0, 0.05)
    run = draw_in_caps(problem, 20_000, 1)
    verdict = RARE.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert_allclose(verdict.measured.value, problem.covered**3, atol=0.01)
    rarer = dataclasses.replace(RARE, predict=lambda p, a: AtMost(0.003))
    assert rarer.test(run).status is Status.VIOLATED
    assert RARE.test(run.until(0)).status is Status.UNDECIDED
    assert "separated" in failing(RARE.judge(CapTokens(3, 3, 1.0, 0.05), Estimate.exact(0.0)))
    assert math.isclose(problem.covered, 3 / np.pi * np.arccos(0.95))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HardmaxTokens(np.eye(2), np.eye(3)), "matrix must have shape"),
        (lambda: simulate_hardmax(polygon_and_inside(), [1.0]), "times must start at 0"),
        (lambda: LEADERS.judge(polygon_and_inside(), Estimate.exact(0.0)), "no axis"),
        (lambda: LEADERS.judge(Problem(), Estimate.exact(0.0)), "must be of type HardmaxTokens"),
        (lambda: draw_frames(UniformTokens(4, 3), 1, 0), "needs d >= n"),
        (lambda: TemperedTokens(2, 2, -1.0), "beta must be >= 0"),
        (lambda: CapTokens(2, 1, 1.0, 0.1), "k must be"),
        (lambda: RARE.judge(Problem(), Estimate.exact(0.0)), "must be of type CapTokens"),
        (lambda: FRAME.judge(Problem(), Estimate.exact(0.0)), "must be of type UniformTokens"),
        (lambda: ENERGY.judge(Problem(), Estimate.exact(0.0)), "must be of type TemperedTokens"),
    ],
)
def test_runs_of_other_variants_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
