"""The deployed predictor: how it is chosen, on which parts, by which loss; its certificate lies above its risk."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound, recheck
from fathometer.generalization.learning.predictors import Certified, Loss, Plan, Source, certify_rows, read_rows
from fathometer.generalization.learning.predictors._deployed import (
    Competitor,
    Deployed,
    HeldOut,
    best_competitor,
    chief_inputs,
    with_answers,
)
from fathometer.generalization.learning.predictors._plan import drawn_parts, prior_weights
from fathometer.generalization.learning.predictors._rows import certifies_deployed, ledger_of
from fathometer.generalization.learning.predictors.models._adapter import Answers, Origin

RNG = np.random.default_rng(4)
X = RNG.normal(size=(400, 3))
SCORE = X @ [1.5, -1.0, 0.2] + 0.5 * RNG.normal(size=400)
Y = np.digitize(SCORE, [-1.0, 1.2])


def certified(source: Source, plan: Plan, x=X, y=Y, **more) -> Certified:
    return certify_rows(read_rows(x, y, plan), source, plan, **more)


def test_prior_weights_add_up_to_at_most_one():
    assert prior_weights(1) == (1.0,)
    for count in range(2, 40):
        weights = prior_weights(count)
        assert len(weights) == count
        assert 1 - 1e-12 < math.fsum(weights) <= 1
        assert weights[0] > 0.9
        assert len(set(weights[1:])) == 1


@pytest.mark.parametrize(
    ("totals", "chosen"),
    [([10, 10], 0), ([10, 9], 0), ([10, 0], 1), ([10, 12, 1], 2), ([0, 0, 0], 0), ([10, 1, 1], 1)],
)
def test_a_second_candidate_wins_only_if_it_is_clearly_better(totals, chosen):
    held_out, plan = HeldOut(200), Plan(parts=(0.6, 0.2, 0.2))
    assert best_competitor(totals, held_out, plan) == chosen
    values = [
        stats.beta.ppf(1 - 0.9 * 0.05 * weight, total + 1, 200 - total)
        for total, weight in zip(totals, prior_weights(len(totals)), strict=True)
    ]
    assert chosen == int(np.argmin(values))


def test_the_choice_is_paid_for():
    """The winner's certificate is the exact limit at delta times its weight, which is above the one at all of delta."""
    plan = Plan(parts=(0.6, 0.2, 0.2))
    for total, weight in ((0, 0.01), (7, 0.97), (7, 0.015)):
        name, inputs = chief_inputs(total, HeldOut(150), weight, plan, 0.045)
        paid, free = (stats.beta.ppf(1 - 0.045 * w, total + 1, 150 - total) for w in (weight, 1))
        assert name == "occam_binomial"
        assert evaluate_bound(name, **inputs).value == pytest.approx(paid, rel=1e-11)
        assert paid > free


@pytest.mark.parametrize("test_rows", [0, 100])
def test_a_stratified_plan_holds_the_share_of_every_class(test_rows):
    plan = Plan("logistic", stratified=True, test_rows=test_rows, seed=1)
    made = certified(Source("logistic"), plan)
    found = made.certificate
    (row,) = found.ledger.rows
    share, drawn = (0.25, 300) if test_rows else (0.2, 400)
    assert row.bound == "stratified_kl"
    assert (row.inputs["rows"], row.inputs["classes"]) == (drawn, 3)
    assert share - 1e-15 < row.inputs["share"] < share
    assert row.delta_spent == 0.05
    split = drawn_parts(found.plan, np.arange(400), Y)
    for part in ("held_out",) if test_rows else ("held_out", "test"):
        counts = np.bincount(Y[split.part(part)])
        assert counts.tolist() == [math.ceil(share * c) for c in np.bincount(Y[:drawn]).tolist()]
    again = recheck(found, X, Y, predictor=made.predictor, test_rows=test_rows)
    assert again.differences == ()
    assert again.verdict.status is Status.HOLDS


def test_a_given_test_part_is_measured_and_shared_with_nothing():
    made = certified(Source("logistic"), Plan("logistic", test_rows=50))
    found = made.certificate
    assert found.ledger.sizes == {"training": 262, "held_out": 88, "test": 50}
    assert found.ledger.test_risk.value == np.mean(made.predictor.predict(X[350:]) != Y[350:])
    assert any("the last 50 rows are the test part" in note for note in found.ledger.notes)
    again = recheck(found, X, Y, predictor=made.predictor, test_rows=50)
    assert again.verdict.status is Status.HOLDS
    assert recheck(found, X, Y, predictor=made.predictor).verdict.explanation.startswith("plan.test_rows is 50")
    copied = np.concatenate([X[:-1], X[:1]])
    with pytest.raises(InputError, match="row 399 of the given test part repeats row 0"):
        certified(Source("logistic"), Plan("logistic", test_rows=50), copied)


def test_a_fitted_model_with_the_rows_that_it_saw():
    saw = np.arange(0, 200, 2)
    model = LogisticRegression().fit(X[saw], Y[saw])
    source = Source("m.joblib", lambda: model, saw)
    made = certified(source, Plan("m.joblib"))
    found = made.certificate
    assert found.origin is Origin.DECLARED
    assert found.saw.tolist() == saw.tolist()
    assert (found.ledger.sizes["training"], found.competitors[0].weight) == (100, 1.0)
    assert found.overfitting.training_risk.value == np.mean(model.predict(X[saw]) != Y[saw])
    split = drawn_parts(found.plan, np.arange(400), Y, saw)
    assert not set(split.union("held_out", "test")) & set(saw.tolist())
    assert recheck(found, X, Y, predictor=model).verdict.status is Status.HOLDS
    less = dataclasses.replace(found, saw=saw[:50])
    assert recheck(less, X, Y, predictor=model).verdict.status is Status.VIOLATED
    unseen = certified(Source("m.joblib", lambda: model, np.empty(0, np.int64)), Plan("m.joblib")).certificate
    assert np.isnan(unseen.overfitting.training_risk.value)
    assert any("came fitted" in note for note in unseen.ledger.notes)
    with pytest.raises(InputError, match="rows cannot be stratified around those that a predictor has seen"):
        certified(source, Plan("m.joblib", stratified=True))


@pytest.mark.parametrize("loss", [Loss("absolute", 2.0), Loss("squared", 4.0), Loss("quantile", 1.5, 0.8)])
def test_regression_by_every_loss(loss):
    made = certified(Source("linear"), Plan("linear", loss=loss), y=SCORE)
    found = made.certificate
    row = found.ledger.rows[0]
    assert row.bound == "test_betting_losses"
    assert f"cut off at {loss.clip:g}" in row.certifies
    held = drawn_parts(found.plan, np.arange(400), SCORE).part("held_out")
    miss = SCORE[held] - made.predictor.predict(X[held])
    raw = {"absolute": np.abs(miss), "squared": miss**2, "quantile": np.maximum(0.8 * miss, -0.2 * miss)}[loss.name]
    cut = np.minimum(raw, loss.clip) / loss.clip
    np.testing.assert_allclose(np.sort(row.inputs["losses"]), np.sort(cut), rtol=1e-12)
    assert row.value > cut.mean()
    assert found.overfitting.baseline == "the best constant"
    assert recheck(found, X, SCORE, predictor=made.predictor).differences == ()
    other = dataclasses.replace(found, plan=dataclasses.replace(found.plan, loss=dataclasses.replace(loss, clip=9.0)))
    assert recheck(other, X, SCORE, predictor=made.predictor).verdict.status is Status.VIOLATED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "cubic"}, "loss must be 0/1, absolute, squared or quantile, got 'cubic'"),
        ({"clip": 0.0}, "clip must be > 0, got 0"),
        ({"clip": math.inf}, "clip must be finite"),
        ({"name": "0/1", "clip": 2.0}, "the 0/1 loss is not cut off, got clip 2"),
        ({"name": "squared", "level": 0.9}, "level belongs to the quantile loss, got 0.9 for squared"),
        ({"level": 1.0}, "level must be > 0 and < 1, got 1"),
    ],
)
def test_losses_that_cannot_be(change, message):
    with pytest.raises(InputError, match=message):
        Loss(**{"name": "quantile"} | change)


def test_rows_and_shares_are_the_user_s():
    plan = Plan("logistic", parts=(0.4, 0.4, 0.2), rows=("test_betting", "held_out"), shares=(0.3, 0.7))
    found = certified(Source("logistic"), plan).certificate
    spent = {row.bound: row.delta_spent for row in found.ledger.rows}
    assert found.ledger.sizes == {"training": 160, "held_out": 160, "test": 80}
    assert spent == pytest.approx({"test_betting": 0.015, "test_binomial": 0.035}, rel=1e-12)
    for rows, message in (
        (("nothing",), "rows must be of held_out, .* got 'nothing'"),
        (("held_out", "held_out"), "row 'held_out' is asked for twice"),
    ):
        with pytest.raises(InputError, match=message):
            certified(Source("logistic"), Plan("logistic", rows=rows))
    with pytest.raises(InputError, match="row 'ramp' does not apply"):
        certified(Source("first", lambda: lambda x: (x[:, 0] > 0).astype(int)), Plan(rows=("ramp",)))


def test_another_predictor_answers_otherwise():
    made = certified(Source("logistic"), Plan("logistic"))
    other = LogisticRegression(C=1e-4).fit(X[:50], Y[:50])
    assert recheck(made.certificate, X, Y, predictor=made.predictor).verdict.status is Status.HOLDS
    assert recheck(made.certificate, X, Y).verdict.status is Status.UNDECIDED
    assert recheck(made.certificate, X, Y, predictor=other).verdict.status is Status.VIOLATED


RISKS = (0.30, 0.28, 0.26, 0.33)
"""Of the candidates of a simulated selection; the answers of each are wrong on chance rows."""


def simulated(seed: int, candidates: int, stratified: bool, cheat: bool = False) -> tuple[float, float]:
    """The smallest certificate of a simulated choice, and the risk of what was chosen.

    The rows are coins: each candidate errs on a row with its own probability, or when stratified with one that depends
    on the class. A cheat chooses among many candidates of equal risk and does not pay.
    """
    rng = np.random.default_rng([seed, candidates, stratified])
    n, plan = 300, Plan(parts=(0.1, 0.4, 0.5), stratified=stratified, seed=seed, delta=0.2)
    truth = (rng.random(n) < 0.3).astype(np.int64)
    split = drawn_parts(plan, np.arange(n), truth)
    risks = np.array(RISKS[:1] * candidates if cheat else RISKS[:candidates])
    by_class = risks[:, None] * (np.array([0.5, 2.0]) if stratified else np.ones(2))
    wrong = rng.random((candidates, n)) < by_class[:, truth]
    totals = wrong[:, split.part("held_out")].sum(axis=1).astype(float).tolist()
    weights = (1.0,) * candidates if cheat else prior_weights(candidates)
    competitors = tuple(Competitor(str(k), weights[k], None, totals[k]) for k in range(candidates))
    held_out = HeldOut(split.sizes["held_out"])
    if stratified:
        held_out = HeldOut(split.sizes["held_out"], n, 0.4, 2)
    best = int(np.argmin(totals)) if cheat else best_competitor(totals, held_out, plan)
    blank = Deployed(plan, split, truth, {}, None, None, competitors, best, np.arange(n), rng.normal(size=(n, 1)))
    deployed = with_answers(blank, Answers(np.where(wrong[best], 1 - truth, truth), None), None)
    ledger = ledger_of(deployed, (), ())
    risk = float(by_class[best] @ [0.7, 0.3])
    return min(row.value for row in ledger.rows if certifies_deployed(row)), risk


@pytest.mark.slow
@pytest.mark.parametrize(("candidates", "stratified"), [(1, False), (4, False), (1, True), (4, True)])
def test_a_certificate_lies_below_the_risk_in_at_most_delta_of_draws(candidates, stratified):
    pairs = [simulated(seed, candidates, stratified) for seed in range(300)]
    false = sum(value < risk for value, risk in pairs)
    assert false <= stats.binom.ppf(0.999, 300, 0.2)
    assert sum(value < 1 for value, _ in pairs) == 300


@pytest.mark.slow
def test_a_choice_that_is_not_paid_for_is_false_more_often():
    false = sum(value < risk for value, risk in (simulated(seed, 40, False, cheat=True) for seed in range(300)))
    assert false > stats.binom.ppf(1 - 1e-6, 300, 0.2)
