import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem
from fathometer.attention.dynamics.variants import (
    CausalCentres,
    FrozenCircle,
    UniformSequence,
    Variant,
    cap_mass,
    draw_centres,
    expected_centres,
    simulate_centres,
    simulate_frozen,
    strong_centres,
)
from fathometer.attention.theorems.variants.frozen_tokens_capture import THEOREM as CAPTURE
from fathometer.attention.theorems.variants.strong_centre_count import THEOREM as COUNT
from fathometer.attention.theorems.variants.strong_centres_stay import THEOREM as STAY
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, InputError, Problem, Status, Within
from tests.oracles.attention import circle


def angle(first, second):
    return np.arccos(np.clip(first @ second, -1, 1))


# counting


def test_strong_centres_one_by_one():
    points = ParticleSystem.uniform(60, 3, 1.0, "sa", 4).points
    found = [s for s in range(60) if all(angle(points[s], points[i]) > 0.7 for i in range(s))]
    assert strong_centres(points, 0.7).tolist() == found
    assert strong_centres(points, 4.0).tolist() == [0]
    assert strong_centres(circle(0.0, 0.0, 0.1), 0.0).tolist() == [0, 2]


@pytest.mark.parametrize("delta", [0.1, 1.0, 2.5])
def test_expected_numbers_in_closed_form(delta):
    assert_allclose(expected_centres(2, delta).value, np.pi / delta, rtol=1e-12)
    assert_allclose(expected_centres(3, delta).value, 2 / (1 - np.cos(delta)), rtol=1e-12)
    assert expected_centres(3, delta, 1).value == pytest.approx(1)
    assert_allclose(expected_centres(3, delta, 10**9).value, 2 / (1 - np.cos(delta)), rtol=1e-12)


def test_the_number_grows_like_a_power_of_beta():
    numbers = [expected_centres(5, 2 / np.sqrt(beta)).value for beta in (1e4, 1e6)]
    assert_allclose(numbers[1] / numbers[0], 100**2, rtol=1e-3)
    assert_allclose(cap_mass(4, np.pi / 2), 0.5)


@pytest.mark.parametrize(("n", "d", "delta"), [(60, 2, 0.8), (40, 3, 0.5)])
def test_draws_have_the_expected_number(n, d, delta):
    drawn = draw_centres(UniformSequence(n, d, delta), 4000, 1)
    assert COUNT.test(drawn).status is Status.HOLDS
    assert COUNT.test(drawn.until(0)).status is Status.UNDECIDED
    other = dataclasses.replace(COUNT, predict=lambda p, a: Within(1.2 * expected_centres(d, delta).value, 1e9))
    assert other.test(drawn).status is Status.VIOLATED


# centres stay


def window(beta=100.0, n=12, c=3.0, epsilon=0.1, seed=0, **more):
    system = ParticleSystem.uniform(n, 2, beta, Model.SA, seed)
    return CausalCentres(Variant(system, causal=True, **more), c, epsilon)


@pytest.mark.slow
def test_centres_stay_while_they_should():
    system = ParticleSystem(circle(0.0, 0.5, 3.0, 0.05), 25.0, Model.SA)
    problem = CausalCentres(Variant(system, causal=True), 2.0, 0.1)
    assert problem.centres.tolist() == [0, 1, 2]
    run = simulate_centres(problem, np.linspace(0, 0.37, 6))
    verdict = STAY.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert np.max(verdict.measured.value) > 0.005  # they do move
    tighter = dataclasses.replace(STAY, predict=lambda p, a: AtMost(0.005))
    assert tighter.test(run).status is Status.VIOLATED


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_centres_stay_from_other_starts(seed):
    assert STAY.test(simulate_centres(window(seed=seed), np.linspace(0, 0.8, 6))).status is Status.HOLDS


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (window(c=0.9), "c above"),
        (dataclasses.replace(window(), variant=Variant(window().variant.system)), "mask"),
        (window(value=2 * np.eye(2)), "V = I"),
        (window(query=2 * np.eye(2)), "plain scores"),
        (CausalCentres(Variant(ParticleSystem(np.eye(3), 9.0, Model.SA), causal=True), 2.0, 0.1), "d = 2"),
        (window(beta=2.0, c=4.0), "below pi"),
    ],
)
def test_where_nothing_is_said_about_centres(problem, reason):
    verdict = STAY.judge(problem, Estimate.exact(0.0))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


def test_long_after_nothing_is_said():
    problem = window(n=3)
    far = Axis(AxisKind.TIME, np.array([0.0, 1.0]))
    assert STAY.predict(problem, far).bound.value.shape == (2, len(problem.centres))
    assert STAY.predict(problem, dataclasses.replace(far, points=np.array([1e6, 1e7]))).bound.value.min() == np.pi


# frozen tokens


def frozen(n=12, beta=16.0, c=5.0, epsilon=0.3, seed=0, weights=None):
    corners = 2 * np.pi / 5 * np.arange(5)
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, n)
    return FrozenCircle(angles, corners, np.ones(5) if weights is None else weights, beta, c, epsilon)


def test_frozen_tokens_capture_the_others():
    problem = frozen()
    run = simulate_frozen(problem, [0.0, 1.0, 1000.0])
    verdict = CAPTURE.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    away = dataclasses.replace(CAPTURE, predict=lambda p, a: AtLeast(0.2))
    assert away.test(run).status is Status.VIOLATED
    assert CAPTURE.test(run.until(1.0)).status is Status.UNDECIDED


def test_the_field_is_that_of_the_energy():
    problem, step = frozen(n=3), 1e-6

    def potential(x):
        pairs = np.exp(16.0 * (np.cos(x[:, None] - x) - 1)).sum() / 2
        return pairs + np.exp(16.0 * (np.cos(x[:, None] - problem.frozen) - 1)).sum()

    slopes = [(potential(problem.angles + step * e) - potential(problem.angles - step * e)) for e in np.eye(3)]
    moves = problem.velocities(problem.angles)
    assert_allclose(moves / np.abs(moves), np.sign(slopes))


def test_the_energy_bends_as_its_gradient_says():
    problem, step = frozen(n=3), 1e-6
    slopes = [
        (problem.forces(problem.angles + step * e) - problem.forces(problem.angles - step * e)) / (2 * step)
        for e in np.eye(3)
    ]
    assert_allclose(problem.hessian(problem.angles), slopes, atol=1e-8)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (frozen(beta=9.0), "apart"),
        (frozen(c=2.5, epsilon=0.3), "c > 2"),
        (frozen(n=60), "N h"),
    ],
)
def test_where_frozen_tokens_need_not_capture(problem, reason):
    verdict = CAPTURE.judge(problem, Estimate.exact(np.zeros(3)))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


def test_as_printed_the_condition_on_the_slope_says_nothing():
    crowded = frozen(n=2000)
    assert CAPTURE.hypotheses[-1].check(crowded).answer == "fails"
    assert crowded.total * crowded.slope(crowded.c - 2 * crowded.epsilon) < crowded.slope(crowded.epsilon)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: UniformSequence(3, 2, 4.0), "angle must be"),
        (lambda: window(c=0.0), "c must be > 0"),
        (lambda: frozen(weights=np.full(5, 0.5)), "weights must be >= 1"),
        (lambda: simulate_frozen(frozen(), [1.0]), "times must start at 0"),
        (lambda: COUNT.predict(Problem(), None), "must be of type UniformSequence"),
        (lambda: STAY.judge(Problem(), Estimate.exact(0.0)), "must be of type CausalCentres"),
        (lambda: STAY.judge(window(), Estimate.exact(0.0)), "no axis"),
        (lambda: CAPTURE.judge(Problem(), Estimate.exact(0.0)), "must be of type FrozenCircle"),
    ],
)
def test_sequences_and_centres_out_of_range_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
