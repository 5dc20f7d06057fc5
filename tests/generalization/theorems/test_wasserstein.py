"""The published theorems with what improves on them: second evaluators, the four cases of each, domination."""

import dataclasses

import mpmath as mp
import numpy as np
import pytest

from fathometer.catalogue import theorem, theorems
from fathometer.evidence import AtMost, Axis, AxisKind, Origin, Status, Trajectory, WithProbability
from fathometer.generalization import CertifiedRisk, evaluate_bound
from fathometer.generalization.coverage import moments, scalar

DRAWS, DELTA = 2000, 0.05
BATCH = ("w1_nips_t1", "w1_nips_t2", "w1_nips_t2_improved", "w1_nips_t3", "w1_route_a_improved")
ONLINE = ("w1_nips_t4", "w1_nips_t5", "w1_nips_t5_bounded", "progressive_validation")
NAMES = BATCH + ONLINE
MOMENTS = ("w1_nips_t1", "w1_nips_t2", "w1_nips_t2_improved", "w1_nips_t4", "w1_nips_t5")
HONEST = {"shuffled": True, "independent": True, "true_lipschitz": 1.0}
each = pytest.mark.parametrize("name", NAMES)

LAST_TERMS = {
    "w1_nips_t2": lambda m, d, K, C: mp.sqrt(2 * K * C * mp.log(K / d) / m),
    "w1_nips_t2_improved": lambda m, d, K, C: mp.sqrt(2 * K * C * mp.log(1 / d) / m),
    "w1_nips_t3": lambda m, d, K, C: mp.sqrt(K * mp.log(K / d) / (2 * m)),
    "w1_route_a_improved": lambda m, d, K, C: mp.sqrt(K * mp.log(1 / d) / (2 * m)),
    "w1_nips_t5": lambda m, d, K, C: mp.sqrt(2 * mp.log(1 / d) / m),
    "w1_nips_t5_bounded": lambda m, d, K, C: mp.sqrt(mp.log(1 / d) / (2 * m)),
    "progressive_validation": lambda m, d, K, C: mp.sqrt(mp.log(1 / d) / (2 * m)),
}


@pytest.mark.parametrize("name", LAST_TERMS)
def test_no_bound_is_rounded_down(name):
    rng = np.random.default_rng(11)
    with mp.workdps(40):
        for _ in range(60):
            m, delta, K, C = rng.integers(2, 10_000), 10 ** rng.uniform(-9, -0.1), rng.integers(1, 60), rng.random() + 1
            risk, lipschitz, away = rng.random(), 10 ** rng.uniform(-4, 2), 10 ** rng.uniform(-4, 2)
            keys = {"risk": risk, "lipschitz": lipschitz, "distance": away, "m": m, "delta": delta}
            keys |= {"blocks": K} if name in BATCH else {}
            keys |= {"second_moment": C} if "t2" in name else {}
            last = LAST_TERMS[name](int(m), mp.mpf(delta), int(K), mp.mpf(C))
            factor = 1 if name == "progressive_validation" else 2
            exact = mp.mpf(risk) + factor * mp.mpf(lipschitz) * mp.mpf(away) + last
            found = evaluate_bound(name, **keys).value
            assert 0 <= mp.mpf(found) - exact <= 3 * mp.mpf(float(np.spacing(found)))


def test_the_published_numbers_of_the_confidence_terms():
    """K = 10, m = 1000, delta = 0.05: with the union over the blocks and without, bounded and second-moment."""
    keys = {"risk": 0, "lipschitz": 1, "distance": 0, "m": 1000, "delta": 0.05, "blocks": 10}
    expected = {
        "w1_nips_t3": 0.1627623630718729,
        "w1_route_a_improved": 0.1223873415340408,
        "w1_nips_t2": 0.3255247261437459,
        "w1_nips_t2_improved": 0.2447746830680817,
    }
    for name, number in expected.items():
        assert evaluate_bound(name, **keys).value == pytest.approx(number, rel=1e-14)
    online = {"risk": 0, "lipschitz": 1, "distance": 0, "m": 500, "delta": 0.05}
    assert evaluate_bound("w1_nips_t5", **online).value == pytest.approx(0.1094665661022395, rel=1e-14)


def simulated(name: str) -> Trajectory:
    """K priors learnt on all blocks but one (medians of the rest), or subgradient steps on dependent data."""
    rng = np.random.default_rng(17)
    if name in ONLINE:
        play = moments.online(moments=name == "w1_nips_t4", predictive=name == "progressive_validation")
        inputs, risk = play(rng, DRAWS)
    else:
        inputs, risk = scalar.cross_fitted(rng, DRAWS)
        inputs |= {"variance": 0.25, "squares": 0.25, "lam": 0.3} if name == "w1_nips_t1" else {}
        inputs |= {"second_moment": 1.0} if "t2" in name else {}
    known = {"w1_nips_t1": 0.09, "w1_nips_t4": 0.0}.get(name, 0.5)
    return draws(CertifiedRisk(name, inputs, DELTA, **HONEST, true_moment=known if name in MOMENTS else None), risk)


def draws(certificate: CertifiedRisk, risk: np.ndarray | float) -> Trajectory:
    risk = np.broadcast_to(risk, max(map(len, certificate.inputs.values())))
    return Trajectory(certificate, Axis(AxisKind.DRAW, np.arange(len(risk))), {"risk": risk}, Origin.SIMULATED)


def altered(trajectory: Trajectory, **changes) -> Trajectory:
    return dataclasses.replace(trajectory, problem=dataclasses.replace(trajectory.problem, **changes))


@each
def test_holds_on_thousands_of_samples(name):
    verdict = theorem(name).test(simulated(name))
    assert verdict.status is Status.HOLDS, verdict.explanation


@each
def test_a_sabotaged_bound_is_violated(name):
    def too_small(problem, axis):
        return WithProbability(AtMost(CertifiedRisk.values(problem) / 10, domain=(0, 1)), problem.delta)

    sabotaged = dataclasses.replace(theorem(name), predict=too_small)
    assert sabotaged.test(simulated(name)).status is Status.VIOLATED


@each
def test_broken_conditions_make_it_inapplicable_by_the_right_margin(name):
    statement, trajectory = theorem(name), simulated(name)
    asked = {hypothesis.name for hypothesis in statement.hypotheses}
    broken = [({"independent": False}, -1.0), ({"true_lipschitz": 3.0}, -2.0)]
    broken += [({"shuffled": False}, -1.0)] if name in BATCH else []
    broken += [({"loss_range": (0.0, 3.0)}, -2.0)] if "loss in [0, 1]" in asked else []
    broken += [({"loss_range": (-0.5, 1.0)}, -0.5)] if "loss >= 0" in asked else []
    broken += [({"true_moment": 5.0}, given(trajectory) - 5.0)] if name in MOMENTS else []
    for changes, margin in broken:
        verdict = statement.test(altered(trajectory, **changes))
        assert verdict.status is Status.INAPPLICABLE
        assert verdict.margin == pytest.approx(margin)


def given(trajectory: Trajectory) -> float:
    inputs = trajectory.problem.inputs
    return float(inputs.get("variance", inputs.get("second_moment", np.ones(1)))[0])


@each
def test_an_unknown_condition_leaves_it_undecided(name):
    verdict = theorem(name).test(altered(simulated(name), independent=None))
    assert verdict.status is Status.UNDECIDED


@pytest.mark.parametrize("name", MOMENTS)
def test_an_unknown_moment_leaves_it_undecided(name):
    verdict = theorem(name).test(altered(simulated(name), true_moment=None))
    assert verdict.status is Status.UNDECIDED
    assert "the moment is not understated" in verdict.explanation


@each
def test_a_bound_above_the_largest_loss_is_vacuous(name):
    trajectory = simulated(name)
    far = dict(trajectory.problem.inputs) | {"distance": np.full(1, 5.0)}
    assert theorem(name).test(altered(trajectory, inputs=far)).status is Status.VACUOUS


@pytest.mark.parametrize("name", ["w1_nips_t1", "w1_nips_t2"])
def test_heavy_tails_have_no_largest_loss(name):
    """Student t(3): the bound holds and no value of it is called vacuous."""
    laws = {"w1_nips_t1": moments.student_known_variance, "w1_nips_t2": moments.student_second_moment}
    inputs, risk = laws[name](np.random.default_rng(3), DRAWS)
    known = moments.VARIANCE if name == "w1_nips_t1" else 1.0
    tails = CertifiedRisk(name, inputs | {"distance": 5.0}, DELTA, **HONEST, loss_range=(0.0, None), true_moment=known)
    assert theorem(name).test(draws(tails, risk)).status is Status.HOLDS
    assert CertifiedRisk.from_json(tails.to_json()) == tails


def test_unbounded_losses_are_outside_the_bounded_theorems():
    for name in ("w1_nips_t3", "w1_nips_t5_bounded"):
        verdict = theorem(name).test(altered(simulated(name), loss_range=(0.0, None)))
        assert verdict.status is Status.INAPPLICABLE
        assert "loss in [0, 1]" in verdict.explanation


def test_every_theorem_is_in_the_catalogue():
    assert set(NAMES) <= {statement.id for statement in theorems()}


def test_progressive_validation_is_below_the_online_bound_on_every_sample():
    """l(h_i, z_i) >= l(h_{i-1}, z_i) - L d(h_i, h_{i-1}) on each point."""
    certificates = [simulated(name).problem.values() for name in ("progressive_validation", "w1_nips_t5_bounded")]
    assert np.all(certificates[0] <= certificates[1] * (1 + 1e-15))
    assert np.all(certificates[1] < simulated("w1_nips_t5").problem.values())


def test_transport_of_k_priors_is_below_the_improved_conversion_on_every_sample():
    rng = [np.random.default_rng(17) for _ in range(2)]
    transported = CertifiedRisk("risk_transport", scalar.transported(rng[0], 500)[0], DELTA).values()
    converted = CertifiedRisk("w1_route_a_improved", scalar.cross_fitted(rng[1], 500)[0], DELTA).values()
    assert np.all(transported <= converted * (1 + 1e-15))
