"""The four cases of every theorem, coverage over thousands of simulated samples, and the controls that must fail."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from fathometer.catalogue import theorems
from fathometer.evidence import AtMost, Axis, AxisKind, InputError, Origin, Status, Theorem, Trajectory, WithProbability
from fathometer.generalization import CertifiedRisk
from fathometer.generalization.theorems import (
    maurer_seeger,
    occam,
    risk_transport,
    smooth_gauss,
    test_binomial as binomial,
    w1_route_a,
)

DRAWS, DELTA = 2000, 0.05
LARGEST = stats.binom.ppf(1 - 1e-6, DRAWS, DELTA)
MODULES = (binomial, occam, maurer_seeger, w1_route_a, risk_transport, smooth_gauss)
HONEST = {"shuffled": True, "independent": True, "true_lipschitz": 1.0}


def draws(certificate: CertifiedRisk, risk: np.ndarray | float) -> Trajectory:
    """One state for each sample: the true risk of what was certified on it."""
    risk = np.broadcast_to(risk, max(map(len, certificate.inputs.values())))
    return Trajectory(certificate, Axis(AxisKind.DRAW, np.arange(len(risk))), {"risk": risk}, Origin.SIMULATED)


def violations(theorem: Theorem, trajectory: Trajectory) -> int:
    return int(np.sum(trajectory.states["risk"] > theorem.predict(trajectory.problem, None).claim.bound.value))


def held_out_errors(p: float = 0.05, n: int = 50) -> Trajectory:
    errors = np.random.default_rng(0).binomial(n, p, DRAWS)
    return draws(CertifiedRisk("test_binomial", {"errors": errors, "n": n}, DELTA, **HONEST), p)


def best_of_coins(arms: int, m: int) -> np.ndarray:
    """Smallest error counts among fair coins, by inversion of the law of a minimum."""
    u = np.random.default_rng(1).random(DRAWS)
    return stats.binom.ppf(-np.expm1(np.log1p(-u) / arms), m, 0.5)


def selected_arm() -> Trajectory:
    inputs = {"risk": best_of_coins(50, 200) / 200, "hypotheses": 50, "m": 200}
    return draws(CertifiedRisk("occam", inputs, DELTA, **HONEST), 0.5)


def gibbs_arms() -> Trajectory:
    """50 arms, 200 points, the Gibbs posterior of inverse temperature 100 and a uniform prior."""
    means = np.linspace(0.1, 0.6, 50)
    risks = np.random.default_rng(2).binomial(200, means, (DRAWS, 50)) / 200
    weights = np.exp(-100 * (risks - risks.min(axis=1, keepdims=True)))
    weights /= weights.sum(axis=1, keepdims=True)
    kl = np.sum(weights * np.log(np.maximum(weights * 50, 1e-300)), axis=1)
    inputs = {"risk": np.sum(weights * risks, axis=1), "kl": np.maximum(kl, 0), "m": 200}
    return draws(CertifiedRisk("maurer_seeger", inputs, DELTA, **HONEST), weights @ means)


def medians(name: str, m: int = 200, **more: float) -> Trajectory:
    """Loss |h - z| for z uniform on [0, 1], h the sample median, centre 1/2; the risk is (h^2 + (1-h)^2)/2."""
    z = np.random.default_rng(3).random((DRAWS, m))
    h = np.median(z, axis=1)
    inputs = {"risk": np.mean(np.abs(z - h[:, None]), axis=1), "lipschitz": 1, "m": m}
    if name == "smooth_gauss":
        inputs |= {"radius": 0.5, "dim": 1}
    else:
        inputs |= {"distance": np.abs(h - 0.5)}
    if name == "risk_transport":
        inputs["risk"] = np.mean(np.abs(z - 0.5), axis=1)
    return draws(CertifiedRisk(name, inputs | more, DELTA, **HONEST), (h**2 + (1 - h) ** 2) / 2)


CASES = {
    binomial: held_out_errors,
    occam: selected_arm,
    maurer_seeger: gibbs_arms,
    w1_route_a: lambda: medians("w1_route_a"),
    risk_transport: lambda: medians("risk_transport"),
    smooth_gauss: lambda: medians("smooth_gauss"),
}
each = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.THEOREM.id)


def altered(trajectory: Trajectory, **changes) -> Trajectory:
    return dataclasses.replace(trajectory, problem=dataclasses.replace(trajectory.problem, **changes))


def too_small(problem, axis):
    return WithProbability(AtMost(CertifiedRisk.values(problem) / 3, domain=(0, 1)), problem.delta)


def test_all_are_in_the_catalogue():
    assert {module.THEOREM.id for module in MODULES} <= {theorem.id for theorem in theorems()}


@each
def test_holds_on_thousands_of_samples(module):
    trajectory = CASES[module]()
    verdict = module.THEOREM.test(trajectory)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert violations(module.THEOREM, trajectory) <= LARGEST


@each
def test_a_sabotaged_bound_is_violated(module):
    sabotaged = dataclasses.replace(module.THEOREM, predict=too_small)
    assert sabotaged.test(CASES[module]()).status is Status.VIOLATED


@each
def test_a_broken_condition_makes_it_inapplicable(module):
    trajectory = CASES[module]()
    for changes in ({"shuffled": False}, {"independent": False}, {"loss_range": (0.0, 3.0)}):
        verdict = module.THEOREM.test(altered(trajectory, **changes))
        assert verdict.status is Status.INAPPLICABLE
        assert verdict.margin == (-2 if "loss_range" in changes else -1)


@each
def test_an_unknown_condition_leaves_it_undecided(module):
    verdict = module.THEOREM.test(altered(CASES[module](), shuffled=None))
    assert verdict.status is Status.UNDECIDED
    assert "undecidable here: i.i.d." in verdict.explanation


VACUOUS = {
    "test_binomial": {"errors": 3, "n": 3},
    "occam": {"risk": 1, "hypotheses": 5, "m": 10},
    "maurer_seeger": {"risk": 1, "kl": 5, "m": 10},
    "w1_route_a": {"risk": 0.1, "lipschitz": 1, "distance": 1, "m": 10},
    "risk_transport": {"risk": 0.1, "lipschitz": 1, "distance": 1, "m": 10},
    "smooth_gauss": {"risk": 0.1, "lipschitz": 1, "radius": 1, "dim": 100, "m": 10},
}


@each
def test_a_bound_above_one_is_vacuous(module):
    name = module.THEOREM.id
    trajectory = draws(CertifiedRisk(name, VACUOUS[name], DELTA, **HONEST), 0.3)
    assert module.THEOREM.test(trajectory).status is Status.VACUOUS


def test_clopper_pearson_is_sharp():
    """At this p the exact probability of failure is 0.0496: never seen to exceed delta, and not absurdly loose."""
    trajectory = held_out_errors(p=float(stats.beta.ppf(0.95, 6, 45)) * (1 + 1e-9))
    assert 50 <= violations(binomial.THEOREM, trajectory) <= LARGEST
    assert binomial.THEOREM.test(trajectory).status is not Status.VIOLATED


def test_the_held_out_bound_on_the_training_data_must_fail():
    errors = best_of_coins(50, 200)
    claimed = CertifiedRisk("test_binomial", {"errors": errors, "n": 200}, DELTA, **HONEST)
    assert binomial.THEOREM.test(draws(claimed, 0.5)).status is Status.VIOLATED
    admitted = dataclasses.replace(claimed, independent=False)
    assert binomial.THEOREM.test(draws(admitted, 0.5)).status is Status.INAPPLICABLE


def test_a_prior_learnt_on_the_certificate_points_must_fail():
    """The posterior is the best of many coins and the prior is the same coin: KL = 0, and the certificate is false."""
    leaked = CertifiedRisk("maurer_seeger", {"risk": best_of_coins(5000, 50) / 50, "kl": 0, "m": 50}, DELTA, **HONEST)
    assert maurer_seeger.THEOREM.test(draws(leaked, 0.5)).status is Status.VIOLATED
    admitted = dataclasses.replace(leaked, independent=False)
    assert maurer_seeger.THEOREM.test(draws(admitted, 0.5)).status is Status.INAPPLICABLE


def test_an_understated_lipschitz_constant_must_fail_for_the_transport():
    """From the centre 1/2 to h = 1 the risk grows from 1/4 to 1/2, which the claimed constant denies."""
    z = np.random.default_rng(4).random((DRAWS, 200))
    inputs = {"risk": np.mean(np.abs(z - 0.5), axis=1), "lipschitz": 0.01, "distance": 0.5, "m": 200}
    claimed = CertifiedRisk("risk_transport", inputs, DELTA, **HONEST | {"true_lipschitz": 0.01})
    assert risk_transport.THEOREM.test(draws(claimed, 0.5)).status is Status.VIOLATED
    verdict = risk_transport.THEOREM.test(draws(dataclasses.replace(claimed, true_lipschitz=1.0), 0.5))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin == pytest.approx(-0.99)
    unknown = dataclasses.replace(claimed, true_lipschitz=None)
    assert risk_transport.THEOREM.test(draws(unknown, 0.5)).status is Status.UNDECIDED


@pytest.mark.slow
def test_an_understated_lipschitz_constant_must_fail_for_the_conversion():
    """Rapid oscillations fit 20 points by chance; the claimed constant says that they cannot."""
    u = np.random.default_rng(5).random((100, 20))
    frequencies = np.arange(1, 8001)
    risks = np.array([np.mean((1 + np.cos(2 * np.pi * frequencies[:, None] * row)) / 2, axis=1).min() for row in u])
    inputs = {"risk": risks, "lipschitz": 0.001, "distance": 1, "m": 20}
    claimed = CertifiedRisk("w1_route_a", inputs, DELTA, **HONEST | {"true_lipschitz": 0.001})
    assert w1_route_a.THEOREM.test(draws(claimed, 0.5)).status is Status.VIOLATED
    honest = dataclasses.replace(claimed, true_lipschitz=8000 * np.pi)
    assert w1_route_a.THEOREM.test(draws(honest, 0.5)).status is Status.INAPPLICABLE


def test_one_sample_can_be_judged_and_never_confirms_a_violation():
    certificate = CertifiedRisk("test_binomial", {"errors": 5, "n": 100}, DELTA, **HONEST)
    below = binomial.THEOREM.test(draws(certificate, 0.05))
    above = binomial.THEOREM.test(draws(certificate, 0.5))
    assert below.status is Status.HOLDS
    assert above.status is Status.UNDECIDED


def test_transport_is_below_the_conversion_on_every_sample():
    transport = medians("risk_transport").problem.values()
    assert np.all(transport <= medians("w1_route_a").problem.values())


def test_certificates_travel_as_json():
    certificate = gibbs_arms().problem
    assert CertifiedRisk.from_json(certificate.to_json()) == certificate


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bound": "none"}, "no bound is called 'none'"),
        ({"delta": 0.0}, "delta must be > 0 and < 1"),
        ({"inputs": {"errors": np.array([1.0])}}, "test_binomial needs n"),
        ({"inputs": {"errors": np.array([1.0, -1.0]), "n": np.array([5.0])}}, "errors must be >= 0, got -1"),
        ({"inputs": {"errors": np.array([1.0, 6.0]), "n": np.array([5.0])}}, "errors must be <= n = 5, got 6"),
        ({"inputs": {"errors": np.array([1.0, np.nan]), "n": np.array([5.0])}}, "errors must be finite"),
        ({"inputs": {"errors": np.ones(2), "n": np.full(3, 5.0)}}, r"inputs must have one length, got \[2, 3\]"),
    ],
)
def test_impossible_certificates_are_refused(changes, message):
    fields = {"bound": "test_binomial", "inputs": {"errors": np.ones(1), "n": np.full(1, 5.0)}, "delta": 0.1}
    with pytest.raises(InputError, match=message):
        CertifiedRisk(**fields | changes)


def test_a_theorem_refuses_the_certificate_of_another_bound():
    with pytest.raises(InputError, match="occam judges certificates of occam, got one of test_binomial"):
        occam.THEOREM.test(held_out_errors())
