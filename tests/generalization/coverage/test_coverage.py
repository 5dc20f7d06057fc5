"""The Monte-Carlo protocol: honest bounds hold, the controls are seen, and the simulated laws are what they claim."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError, Status
from fathometer.generalization import CertifiedRisk, catalogue
from fathometer.generalization.coverage import (
    EXPERIMENTS,
    Coverage,
    Experiment,
    arms,
    held_out,
    linear,
    moments,
    output,
    run_coverage,
    scalar,
)
from fathometer.generalization.coverage._experiment import best_of_coins, pick
from fathometer.generalization.coverage._run import cover, seen_from

HONEST = [experiment for experiment in EXPERIMENTS if not experiment.control]
CONTROLS = [experiment for experiment in EXPERIMENTS if experiment.control]


def name(experiment: Experiment) -> str:
    return f"{experiment.bound}, {experiment.setting}"


@pytest.mark.slow
def test_the_whole_protocol():
    """2000 samples of each: no bound of the catalogue fails too often, and every control is seen."""
    found = run_coverage()
    assert {row.bound for row in found} == {candidate.id for candidate in catalogue()}
    for row in found:
        assert row.verdict.status is Status.HOLDS, row
        assert (row.violations >= seen_from(row.draws, 0.05)) == row.control


@pytest.mark.parametrize("experiment", HONEST, ids=name)
def test_no_bound_fails_too_often(experiment):
    found = cover(experiment, 150, 0.05, seed=1)
    assert found.violations < seen_from(found.draws, 0.05)
    assert found.verdict.status in (Status.HOLDS, Status.UNDECIDED)


@pytest.mark.parametrize("experiment", CONTROLS, ids=name)
def test_broken_assumptions_are_seen(experiment):
    found = cover(experiment, 200, 0.05, seed=1)
    assert found.verdict.status is Status.HOLDS
    assert found.violations >= seen_from(found.draws, 0.05)
    hidden = dataclasses.replace(experiment, control=False)
    assert cover(hidden, 200, 0.05, seed=1).verdict.status is Status.VIOLATED


def test_an_unbroken_control_is_not_seen():
    honest = next(experiment for experiment in HONEST if experiment.bound == "test_binomial")
    pretended = dataclasses.replace(honest, control=True)
    assert cover(pretended, 200, 0.05, seed=0).verdict.status is Status.VIOLATED


def test_a_control_is_not_asked_for_more_than_so_few_draws_can_show():
    found = run_coverage(["test_binomial"], draws=100, delta=1e-300)
    assert {str(row.verdict.status) for row in found} <= {"UNDECIDED", "VACUOUS"}


def test_the_controls_of_the_reference_are_there():
    assert {experiment.bound for experiment in CONTROLS} == {
        "test_binomial", "occam_binomial", "stratified_kl", "test_split_binomial", "split_kl", "maurer_seeger",
        "simultaneous_binomial", "group_gap", "calibration_error",
        "compression_binomial", "compression_kl", "maurer_exact", "vote_first_order",
        "vote_tandem", "vote_c_bound",
        "risk_transport", "smooth_gauss", "smooth_mean", "output_conversion",
    }  # fmt: skip


def test_the_threshold_of_the_protocol():
    assert seen_from(2000, 0.05) == 150
    assert stats.binom.sf(149, 2000, 0.05) <= 1e-6 < stats.binom.sf(148, 2000, 0.05)


def test_a_choice_of_bounds_and_the_record():
    found = run_coverage(["occam", "vc"], draws=100, seed=3)
    assert [row.bound for row in found] == ["occam", "vc"]
    assert found == run_coverage(["occam", "vc"], draws=100, seed=3) != run_coverage(["occam", "vc"], draws=100, seed=4)
    assert run_coverage(["vc"], draws=100, seed=3)[0] == found[1]
    assert all(Coverage.from_json(row.to_json()) == row for row in found)
    assert len(str(found[0].to_json())) < 2000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: run_coverage(draws=99), "draws must be >= 100 and <= .*, got 99"),
        (lambda: run_coverage(delta=1.0), "delta must be > 0 and < 1, got 1"),
        (lambda: run_coverage(["nothing"]), "no bound is called 'nothing'"),
    ],
)
def test_impossible_protocols_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_published_quantiles_of_the_supremum():
    """Reference 4.7: sup over h of the gap of |h - z|, m = 200: mean 0.0185, 95 % quantile 0.0404."""
    z, h, empirical = scalar.worst(np.random.default_rng(0), 2000)
    gaps = scalar.risk(h) - empirical
    assert gaps.mean() == pytest.approx(0.0185, abs=0.001)
    assert np.quantile(gaps, 0.95) == pytest.approx(0.0404, abs=0.002)
    np.testing.assert_allclose(empirical, scalar.sample_risk(z, h))


def test_the_supremum_is_exact():
    """No h of a fine grid has a larger gap than the points of the sample and the ends."""
    z, h, empirical = scalar.worst(np.random.default_rng(1), 40)
    grid = np.linspace(0, 1, 2001)
    gaps = scalar.risk(grid) - np.abs(z[:, None, :] - grid[:, None]).mean(axis=2)
    excess = scalar.risk(h) - empirical - gaps.max(axis=1)
    assert np.all((excess >= -1e-12) & (excess < 2e-3))
    _, shifted, _ = scalar.worst(np.random.default_rng(1), 40, lambda points: 2 * np.abs(points - 0.5))
    assert np.all(np.abs(shifted - 0.5) <= np.abs(h - 0.5))


def test_the_worst_posterior_is_worse_than_its_neighbours():
    """Among Dirac posteriors and random couplings none exceeds the finite-class bound by more."""
    inputs, truth = scalar.worst_posterior(np.random.default_rng(2), 20)
    z = np.random.default_rng(2).random((20, scalar.M))
    table = np.abs(z[:, None, :] - scalar.GRID[:, None]).mean(axis=2)
    rate = np.sqrt(2 * np.log(4 * scalar.LATTICE**2 / 0.05) / scalar.M)
    best = truth - inputs["risk"] - rate * inputs["distance"]
    gaps = scalar.risk(scalar.GRID) - table
    diracs = gaps - rate * np.abs(scalar.GRID[:, None] - scalar.GRID).mean(axis=0)
    assert np.all(best >= diracs.max(axis=1) - 1e-12)
    assert np.all(best >= gaps.mean(axis=1) - 1e-12)


def test_the_box_is_the_mean_of_its_sides():
    inputs, truth = scalar.in_a_box(np.random.default_rng(3), 30)
    _, h, empirical = scalar.worst(np.random.default_rng(3), 30 * scalar.BOX)
    np.testing.assert_allclose(inputs["risk"], empirical.reshape(30, -1).mean(axis=1))
    np.testing.assert_allclose(truth, scalar.risk(h).reshape(30, -1).mean(axis=1))
    assert inputs["lipschitz"] * inputs["radius"] == pytest.approx(0.5)


def test_with_the_true_constant_the_control_is_not_violated():
    inputs, truth = scalar.understated(np.random.default_rng(4), 500)
    assert inputs["lipschitz"] == 500
    columns = {name: np.atleast_1d(v) for name, v in inputs.items()} | {"lipschitz": np.array([1000.0])}
    assert np.all(CertifiedRisk("smooth_mean", columns, 0.05).values() >= truth)
    drawn = np.random.default_rng(5).normal(size=10**6) * 1e-4
    drop = inputs["risk"] / (inputs["risk"] / (1 - 1000 * 1e-4 * np.sqrt(2 / np.pi)))
    assert np.mean(np.maximum(1 - 1000 * np.abs(drawn), 0)) == pytest.approx(float(drop[0]), abs=2e-4)


def test_the_law_of_the_best_of_coins():
    drawn = best_of_coins(np.random.default_rng(0), 4000, 50, 200)
    direct = np.random.default_rng(1).binomial(200, 0.5, (4000, 50)).min(axis=1)
    assert stats.ks_2samp(drawn, direct).pvalue > 1e-4


def test_drawn_arms_follow_their_weights():
    weights = np.tile([0.2, 0.0, 0.7, 0.1], (20_000, 1))
    counts = np.bincount(pick(np.random.default_rng(0), weights), minlength=4)
    assert stats.chisquare(counts[[0, 2, 3]], 20_000 * np.array([0.2, 0.7, 0.1])).pvalue > 1e-4
    assert counts[1] == 0


def test_true_risks_are_those_of_fresh_data():
    rng = np.random.default_rng(2)
    h = np.array([0.0, 0.3, 1.0])
    np.testing.assert_allclose(scalar.risk(h), np.abs(h[:, None] - rng.random(200_000)).mean(axis=1), atol=0.003)
    noise = rng.uniform(-moments.NOISE, moments.NOISE, 200_000)
    c = np.array([0.0, 0.1, -0.5])
    np.testing.assert_allclose(moments._mean_distance(c), np.abs(c[:, None] - noise).mean(axis=1), atol=0.002)
    assert np.abs(rng.standard_t(3, 10**6)).mean() == pytest.approx(moments.RISK, abs=0.01)
    assert rng.beta(2, 5, 10**5).mean() == pytest.approx(held_out.MEAN, abs=0.003)


def test_the_best_threshold_is_the_best():
    inputs, _ = linear.best_threshold(np.random.default_rng(3), 5)
    labels = np.where(np.random.default_rng(3).random((5, linear.M)) < 0.5, 1, -1)
    for row, risk in zip(labels, inputs["risk"], strict=True):
        errors = [np.sum(row[:k] == -1) + np.sum(row[k:] == 1) for k in range(linear.M + 1)]
        assert min(errors) / linear.M == risk


def test_smoothed_risks_against_sampling():
    inputs, _ = scalar.smoothed(np.random.default_rng(4), 3)
    z, h, _ = scalar.worst(np.random.default_rng(4), 3)
    drawn = h + scalar.SIGMA * np.random.default_rng(5).normal(size=(20_000, 3))
    losses = np.minimum(1, np.abs(drawn[:, :, None] - z)).mean(axis=(0, 2))
    np.testing.assert_allclose(inputs["risk"], losses, atol=5e-4)
    assert np.all(inputs["risk"] >= losses - 5e-4)


def test_the_posterior_of_the_arms():
    law = arms.posterior(np.random.default_rng(6), 50)
    np.testing.assert_allclose(law.weights.sum(axis=1), 1)
    assert np.all((law.kl >= 0) & (law.kl <= np.log(arms.ARMS)))
    losses = np.random.default_rng(7).random(arms.M) < law.risks[0, 0]
    rate = losses.mean()
    assert np.mean((losses - arms.MEANS[0]) ** 2) == pytest.approx(rate * (1 - 2 * arms.MEANS[0]) + arms.MEANS[0] ** 2)


def test_the_family_of_linear_predictors():
    """True risks are those of fresh points, smoothed losses those of drawn noise, and the worst member is the worst."""
    rng = np.random.default_rng(8)
    members = output.family(output.labelled(rng, 3))
    fresh = output.labelled(rng, 500).reshape(-1, output.DIM)
    h = members[[0, 3, -1], 0]
    scores = fresh @ h.T
    np.testing.assert_allclose(output.error(h), np.mean(scores <= 0, axis=0), atol=0.006)
    assert np.abs(fresh @ output.TRUTH).mean() == pytest.approx(output.MEAN_HEIGHT, abs=0.003)
    margins = np.array([-1.2, -0.9, 0.0, 0.7, 1.1])
    drawn = margins + 0.3 * rng.normal(size=(200_000, 5))
    np.testing.assert_allclose(
        output.smoothed_loss(margins, 0.3), np.clip((1 - drawn) / 2, 0, 1).mean(axis=0), atol=0.002
    )
    inputs, truth = output.worst_classifier(np.random.default_rng(8), 3)
    chosen = CertifiedRisk("output_conversion", inputs, 0.05).values()
    centre = {"risk": inputs["risk"] * 0, "kl": 0.0, "threshold": 1.0, "m": output.M}
    yx = output.labelled(np.random.default_rng(8), 3)
    centre["risk"] = stats.norm.cdf(output.THRESHOLD - yx @ output.CENTRE / output.SIGMA).mean(axis=1)
    gap = output.error(output.CENTRE[None]) - CertifiedRisk("output_conversion", centre, 0.05).values()
    assert np.all(truth - chosen >= gap - 1e-12)
