import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_digits

from fathometer.data import split_indices
from fathometer.evidence import InputError, Kind
from fathometer.generalization import Ledger, certify_linear, evaluate_bound, linear_certificate
from fathometer.generalization.learning.linear._ledger import (
    HELD_OUT_SHARE,
    OUTPUT_SIGMAS,
    POSTERIOR_SIGMAS,
    RADII,
    THRESHOLDS,
    linear_rows,
)
from fathometer.generalization.learning.linear._model import BIAS, read_binary
from fathometer.generalization.learning.linear._training import FRACTIONS, STRENGTHS, given_linear, linear_split
from fathometer.generalization.ledger._ledger import measured_errors, measured_mean, ranked, winner

CANCER = load_breast_cancer(return_X_y=True)
BOUNDS = {
    "test_binomial",
    "occam",
    "maurer_seeger",
    "w1_route_a",
    "risk_transport",
    "w1_glm_local",
    "smooth_gauss",
    "smooth_mean",
    "rademacher_linear",
    "covering",
    "chain_gauss",
    "output_conversion",
}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return certify_linear(*CANCER)


def row(ledger: Ledger, name: str):
    return next(row for row in ledger.rows if row.bound == name)


def test_every_certificate_is_there_and_ranked(ledger):
    assert {row.bound for row in ledger.rows} == BOUNDS
    values = [row.value for row in ledger.rows]
    assert values == sorted(values)
    assert ledger.winner == ledger.rows[0].bound
    assert not ledger.rows[0].vacuous


def test_the_delta_adds_up(ledger):
    spent = sum(Fraction(row.delta_spent) for row in ledger.rows)
    assert Fraction(ledger.delta_total) * Fraction(1 - 1e-12) <= spent <= Fraction(ledger.delta_total)
    assert ledger.delta_spent == pytest.approx(0.05)
    assert row(ledger, "test_binomial").delta_spent == pytest.approx(0.05 * HELD_OUT_SHARE)


def test_a_choice_from_a_grid_is_paid_for(ledger):
    balls = ("smooth_gauss", "smooth_mean", "rademacher_linear", "covering", "chain_gauss")
    for name, grid in (("maurer_seeger", POSTERIOR_SIGMAS), *((ball, RADII) for ball in balls)):
        used = row(ledger, name)
        assert Fraction(used.inputs["delta"]) * len(grid) <= Fraction(used.delta_spent)
    assert row(ledger, "occam").inputs["hypotheses"] == len(STRENGTHS)
    assert row(ledger, "output_conversion").inputs["hypotheses"] == len(OUTPUT_SIGMAS) * len(THRESHOLDS)


def test_every_row_can_be_evaluated_again(ledger):
    for certified in ledger.rows:
        found = evaluate_bound(certified.bound, **certified.inputs)
        assert (found.value, found.vacuous) == (certified.value, certified.vacuous)
        assert found.terms == certified.terms


def test_no_measured_risk_contradicts_a_certificate(ledger):
    for certified in ledger.rows:
        assert certified.measured.kind is Kind.SAMPLED
        assert certified.measured.lower <= certified.value
    assert ledger.test_risk == row(ledger, "test_binomial").measured


def test_transport_never_exceeds_the_conversion():
    for seed in range(1, 3):
        found = certify_linear(*CANCER, seed=seed)
        assert row(found, "risk_transport").value <= row(found, "w1_route_a").value


def test_the_sizes_are_those_of_the_split(ledger):
    assert list(ledger.sizes) == list(FRACTIONS)
    assert sum(ledger.sizes.values()) == len(CANCER[1])
    assert row(ledger, "maurer_seeger").inputs["m"] == ledger.sizes["certificate"]
    assert row(ledger, "test_binomial").inputs["n"] == ledger.sizes["held_out"]


def test_a_ledger_is_reproducible_and_travels_as_json(ledger):
    assert certify_linear(*CANCER) == ledger
    assert Ledger.from_json(ledger.to_json()) == ledger
    assert certify_linear(*CANCER, seed=1) != ledger


def corrupted(part: str) -> Ledger:
    """The same call, with the labels of one part turned around."""
    x, y = CANCER
    y = y.copy()
    rows = split_indices(len(y), FRACTIONS, 0).part(part)
    y[rows] = 1 - y[rows]
    return certify_linear(x, y)


def test_the_test_part_reaches_no_certificate(ledger):
    other = corrupted("test")
    assert [r.value for r in other.rows] == [r.value for r in ledger.rows]
    assert other.test_risk.value == pytest.approx(1 - ledger.test_risk.value)


def test_the_held_out_part_reaches_its_own_certificate_alone(ledger):
    other = corrupted("held_out")
    changed = {r.bound for r in other.rows if r.value != row(ledger, r.bound).value}
    assert changed == {"test_binomial"}


def test_the_certificate_part_does_not_reach_what_was_fixed_in_advance(ledger):
    other = corrupted("certificate")
    assert row(other, "w1_route_a").inputs["lipschitz"] == row(ledger, "w1_route_a").inputs["lipschitz"]
    before, after = (1 - row(x, "risk_transport").inputs["risk"] for x in (ledger, other))
    assert before > 0.7
    assert after < 0.3


def test_digits_as_two_classes():
    x, y = load_digits(return_X_y=True)
    found = certify_linear(x, np.where(y > 4, "high", "low"), delta=0.1, seed=2)
    assert found.delta_total == 0.1
    assert row(found, "test_binomial").value < 0.25
    assert row(found, "w1_route_a").vacuous


@pytest.mark.slow
def test_random_labels_are_never_certified_below_chance():
    """Each of these ledgers is false with probability at most 0.05: more than 2 of 6 would be a refutation."""
    rng = np.random.default_rng(0)
    false = 0
    for seed in range(6):
        x, y = rng.normal(size=(150, 5)), rng.integers(0, 2, 150)
        false += any(r.value < 0.5 for r in certify_linear(x, y, seed=seed).rows)
    assert false <= 2


def test_the_conversion_through_the_output_beats_the_other_bounds_for_every_predictor(ledger):
    values = {r.bound: r.value for r in ledger.rows}
    others = ("rademacher_linear", "covering", "smooth_gauss", "chain_gauss", "w1_glm_local", "w1_route_a")
    assert values["output_conversion"] < 0.6 * min(values[name] for name in others)


def test_a_classifier_that_was_trained_elsewhere_gets_the_same_rows(ledger):
    """The model of the ledger, written down as coefficients of raw features, of any length."""
    x, y = read_binary(*CANCER, 60)
    certificate = linear_certificate(*CANCER)
    scaling, weights = certificate.scaling, 7 * certificate.weights
    coefficients = weights[:-1] / scaling.spread / scaling.reach
    intercept = weights[-1] * BIAS - coefficients @ scaling.centre
    model = given_linear(x, y, linear_split(np.arange(len(y)), 0).parts, coefficients, intercept)
    shares = {r.bound: r.delta_spent for r in ledger.rows}
    for again in linear_rows(model, shares):
        assert again.value == pytest.approx(row(ledger, again.bound).value, rel=1e-9)
    assert [r.bound for r in linear_rows(model, {"output_conversion": 0.01})] == ["output_conversion"]


def test_the_rows_that_certify_are_not_those_of_the_prior_mean():
    x, y = read_binary(*CANCER, 60)
    parts = dict(linear_split(np.arange(len(y)), 0).parts)
    parts["held_out"] = parts["certificate"]
    assert given_linear(x, y, parts, np.ones(30), 0.0).m == len(parts["certificate"])
    parts["certificate"] = parts["prior"][:7]
    with pytest.raises(InputError, match=r"is in the prior and in the certificate part \(7 such rows\)"):
        given_linear(x, y, parts, np.ones(30), 0.0)


def test_vacuous_rows_never_win(ledger):
    assert winner(tuple(r for r in ledger.rows if r.vacuous)) is None
    assert winner(ledger.rows[::-1]) == [r for r in ledger.rows if not r.vacuous][-1].bound
    diverging = dataclasses.replace(ledger.rows[0], value=None, vacuous=True)
    assert ranked([diverging, *ledger.rows[1:]])[-1] is diverging


def test_measured_risks_have_the_two_sided_limits():
    found = measured_errors(12, 1000)
    assert (found.value, found.confidence) == (0.012, 0.95)
    assert found.upper == pytest.approx(stats.beta.ppf(0.975, 13, 988), rel=1e-12)
    assert found.lower == pytest.approx(stats.beta.ppf(0.025, 12, 989), rel=1e-12)
    assert measured_errors(0, 10).lower == 0
    assert measured_errors(10, 10).upper == 1
    mean = measured_mean(np.full(200, 0.3))
    assert mean.lower < 0.3 < mean.upper


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: (x, np.zeros(len(y))), "labels must be of exactly two kinds, got 1: 0.0"),
        (lambda x, y: (x, np.arange(len(y)) % 3), "labels must be of exactly two kinds, got 3: 0, 1, 2"),
        (lambda x, y: (x, np.arange(len(y))), r"exactly two kinds, got 569: 0, 1, 2, 3, \.\.\."),
        (lambda x, y: (np.where(x == x[3, 2], np.nan, x), y), "features must be finite, got nan at index"),
        (lambda x, y: (x, np.where(y == 1, np.nan, 0.0)), "labels has a missing or infinite value in row 20"),
        (lambda x, y: (x[:59], y[:59]), "data must have at least 60 rows and 1 feature, got shape"),
        (lambda x, y: (x[:, :0], y), "data must have at least 60 rows and 1 feature, got shape"),
        (lambda x, y: (x * 1e150, y), "features must be at most 1e\\+150 in size"),
        (lambda x, y: (x[:, 0], y), "features must have 2 dimension"),
        (lambda x, y: (x, y[:-1]), r"labels must have shape \(569,\), got \(568,\)"),
        (lambda x, y: (x, (np.arange(len(y)) == 0).astype(int)), "holds one class only; give more rows"),
    ],
)
def test_bad_data_is_refused_in_one_line(change, message):
    with pytest.raises(InputError, match=message) as refusal:
        certify_linear(*change(*CANCER))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("delta", [0.0, 1.0, -0.1, float("nan")])
def test_an_impossible_delta_is_refused(delta):
    asked = "> 0 and < 1" if np.isfinite(delta) else "finite and > 0 and < 1"
    with pytest.raises(InputError, match=f"delta must be {asked}, got {delta}"):
        certify_linear(*CANCER, delta=delta)
