"""Pick-to-learn, and rows of the ledger about predictors that a few training rows give back."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, make_moons
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound
from fathometer.generalization.certificates.learners import PickToLearnClassifier, PickToLearnRegressor
from fathometer.generalization.learning.predictors import (
    Loss,
    Plan,
    Source,
    certify_rows,
    pick_to_learn,
    read_rows,
)
from fathometer.generalization.learning.predictors._picking import _fits, _Task
from fathometer.generalization.learning.predictors._recheck import recheck_predictor

X, Y = load_breast_cancer(return_X_y=True)
X, Y = X[:300], Y[:300]
MOONS = make_moons(400, noise=0.1, random_state=0)
DIABETES = load_diabetes(return_X_y=True)


def svc(**options):
    return SVC(**{"C": 10, "gamma": 1.0} | options)


def certified(factory, x, y, **plan):
    chosen = Plan("m:f", seed=1, **plan)
    return certify_rows(read_rows(x, y, chosen), Source("m:f", factory), chosen)


def compression(found):
    return [row for row in found.certificate.ledger.rows if row.bound.startswith("compression_")]


def test_the_rows_that_were_picked_give_the_model_back_and_the_others_certify():
    model, picked = pick_to_learn(make_pipeline(StandardScaler(), GaussianNB()), X, Y, 0.05)
    again = make_pipeline(StandardScaler(), GaussianNB()).fit(X[picked.rows], Y[picked.rows])
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    others = np.setdiff1d(np.arange(len(Y)), picked.rows)
    assert picked.inputs["errors"] == np.sum(model.predict(X[others]) != Y[others])
    assert (picked.inputs["size"], picked.inputs["m"]) == (len(picked.rows), len(Y))
    assert evaluate_bound(picked.bound, **picked.inputs).value == picked.value < 0.35
    assert np.all(np.diff(picked.rows) > 0)


def test_numbers_with_a_loss_that_is_cut_off():
    loss = Loss("squared", 2e4)
    model, picked = pick_to_learn(Ridge(1e-3), *DIABETES, 0.05, loss=loss, start=12, batch=3, patience=4)
    others = np.setdiff1d(np.arange(len(DIABETES[1])), picked.rows)
    mean = loss.of(model.predict(DIABETES[0][others]), DIABETES[1][others]).mean()
    assert picked.bound == "compression_kl"
    assert picked.inputs["risk"] == pytest.approx(mean, rel=1e-12)
    assert mean < picked.value < 1


def test_it_ends_when_nothing_is_wrong_and_rows_do_not_matter_in_their_order():
    x = np.r_[np.linspace(-2, -1, 50), np.linspace(1, 2, 50)][:, None]
    _, picked = pick_to_learn(LogisticRegression(), x, x[:, 0] > 0, 0.05)
    assert len(picked.rows) == 2
    assert picked.inputs["errors"] == 0
    with pytest.raises(InputError, match=r"too few rows \(n_samples = 2\): 2 begin"):
        pick_to_learn(LogisticRegression(), x[[0, -1]], np.array([0, 1]), 0.05)
    with pytest.raises(InputError, match="batch must be >= 1, got 0"):
        pick_to_learn(LogisticRegression(), x, x[:, 0] > 0, 0.05, batch=0)


def test_chance_inside_an_estimator_is_fixed_or_refused():
    rng = np.random.default_rng(0)

    class Chance(DecisionTreeClassifier):
        def fit(self, X, y):
            return super().fit(X, np.where(rng.random(len(y)) < 0.5, y, 1 - y))

    with pytest.raises(InputError, match="learns something else when it is fitted on the same rows again"):
        pick_to_learn(Chance(), X, Y, 0.05, start=50)
    model, _ = pick_to_learn(DecisionTreeClassifier(), X, Y, 0.05, start=50)
    assert model.random_state == 0


def test_the_learners_are_those_of_scikit_learn():
    learner = PickToLearnClassifier(GaussianNB(), delta=0.1, start=20).fit(X, np.where(Y, "b", "m"))
    assert list(learner.classes_) == ["b", "m"]
    assert learner.certificate_.inputs["delta"] == 0.1
    assert np.mean(learner.predict(X) != np.where(Y, "b", "m")) < learner.certificate_.value
    regressor = PickToLearnRegressor(clip=300, start=10).fit(*DIABETES)
    assert regressor.certificate_.bound == "compression_kl"
    assert regressor.predict(DIABETES[0]).shape == DIABETES[1].shape
    with pytest.raises(InputError, match="loss must be absolute or squared"):
        PickToLearnRegressor(loss="0/1").fit(*DIABETES)


def test_copies_and_groups_are_one_row_each():
    estimator = GaussianNB(var_smoothing=0.01)
    twice = PickToLearnClassifier(estimator).fit(np.repeat(X, 2, axis=0), np.repeat(Y, 2))
    once = PickToLearnClassifier(estimator).fit(X, Y)
    assert twice.certificate_ == once.certificate_
    np.testing.assert_array_equal(twice.picked_, 2 * once.picked_)
    grouped = PickToLearnClassifier(estimator).fit(X, Y, groups=np.arange(len(Y)) // 2)
    assert grouped.certificate_.inputs["m"] == 150
    assert np.all(grouped.picked_ % 2 == 0)


@pytest.mark.parametrize(
    ("factory", "x", "y", "options"),
    [
        (lambda: PickToLearnClassifier(GaussianNB(), patience=5), X, Y, {}),
        (svc, *MOONS, {}),
        pytest.param(lambda: svc(kernel="poly", degree=3, coef0=1.0), *MOONS, {}, marks=pytest.mark.slow),
        pytest.param(lambda: svc(kernel="linear"), *MOONS, {}, marks=pytest.mark.slow),
        (lambda: PickToLearnRegressor(Ridge(1e-3), clip=300, patience=5), *DIABETES, {"loss": Loss("absolute", 300.0)}),
    ],
)
def test_the_row_is_counted_rechecked_and_not_forged(factory, x, y, options):
    found = certified(factory, x, y, **options)
    (row,) = compression(found)
    assert row.certifies.startswith(found.certificate.plan.loss.risk + " of the deployed predictor, by the rows that")
    assert row.inputs["size"] < row.inputs["m"] == found.certificate.ledger.sizes["training"]
    assert row.inputs["delta"] == row.delta_spent
    assert recheck_predictor(found.certificate, x, y, predictor=found.predictor).verdict.status is Status.HOLDS
    blind = recheck_predictor(found.certificate, x, y)
    assert blind.verdict.status is Status.UNDECIDED
    assert "compression_" in blind.unseen[-1]
    forged = _with(found.certificate, {"size": row.inputs["size"] - 1})
    assert recheck_predictor(forged, x, y, predictor=found.predictor).verdict.status is Status.VIOLATED
    assert recheck_predictor(forged, x, y, factory=factory).verdict.status is Status.VIOLATED
    assert recheck_predictor(_with(found.certificate, {"delta": 0.04}), x, y).verdict.status is Status.VIOLATED


def _with(certificate, change):
    rows = list(certificate.ledger.rows)
    place = next(k for k, row in enumerate(rows) if row.bound.startswith("compression_"))
    inputs = dict(rows[place].inputs) | change
    value = evaluate_bound(rows[place].bound, **inputs)
    rows[place] = dataclasses.replace(
        rows[place], inputs=inputs, value=value.value, vacuous=value.vacuous, terms=value.terms
    )
    return dataclasses.replace(certificate, ledger=dataclasses.replace(certificate.ledger, rows=tuple(rows)))


@pytest.mark.parametrize(
    "factory",
    [
        lambda: svc(gamma="scale"),
        lambda: make_pipeline(StandardScaler(), svc()),
        lambda: svc(class_weight="balanced"),
    ],
)
def test_what_its_support_vectors_do_not_give_back_has_no_row(factory):
    assert compression(certified(factory, *MOONS)) == []


def test_a_machine_errs_only_where_its_support_vectors_are_near_zero():
    from fathometer.generalization.learning.predictors.rows._machines import machine, too_near

    rng = np.random.default_rng(0)
    x, y = make_moons(2000, noise=0.4, random_state=1)
    for options in ({}, {"kernel": "linear"}, {"kernel": "poly", "coef0": 1.0}):
        model = svc(C=1, **options).fit(*MOONS)
        found = machine(model, *MOONS)
        new = x + rng.normal(size=x.shape)
        assert np.all((model.predict(new) == y) | (too_near(found, new, y) == 1))
        assert np.mean(too_near(found, new, y)) < np.mean(model.predict(new) != y) + 0.1


@pytest.mark.slow
def test_the_certificate_holds_in_300_draws_and_not_if_its_rows_are_said_to_be_fewer():
    rng, delta, failures, leaks = np.random.default_rng(2), 0.1, 0, 0
    for _ in range(300):
        x = rng.normal(size=(80, 2))
        y = (x[:, 0] > 0) ^ (rng.random(80) < 0.1)
        model, picked = pick_to_learn(DecisionTreeClassifier(max_depth=3), x, y, delta, patience=5)
        new = rng.normal(size=(2000, 2))
        right = model.predict(new) == (new[:, 0] > 0)
        failures += picked.value < np.mean(np.where(right, 0.1, 0.9))
        toss = rng.random(80) < 0.5
        errors = int(np.sum(DecisionTreeClassifier().fit(x, toss).predict(x) != toss))
        leaks += evaluate_bound("compression_binomial", errors=errors, size=0, m=80, delta=delta).value < 0.5
    assert failures <= 300 * delta
    assert leaks > 200


@pytest.mark.slow
def test_numbers_are_certified_in_300_draws():
    rng, delta, failures = np.random.default_rng(3), 0.1, 0
    loss = Loss("absolute", 2.0)
    for _ in range(300):
        x = rng.random((80, 1))
        y = np.sin(6 * x[:, 0]) + rng.uniform(-0.5, 0.5, 80)
        model, picked = pick_to_learn(DecisionTreeRegressor(max_depth=3), x, y, delta, loss=loss, start=4, patience=5)
        new = rng.random((2000, 1))
        risk = loss.of(model.predict(new), np.sin(6 * new[:, 0]) + rng.uniform(-0.5, 0.5, 2000)).mean()
        failures += picked.value < risk
    assert failures <= 300 * delta


def test_the_worst_row_is_added_first():
    x = np.linspace(-1, 1, 41)[:, None]
    y = 3 * x[:, 0]
    y[17] = 9
    _, picked = pick_to_learn(Ridge(1e-9), x, y, 0.05, loss=Loss("absolute", 20.0), start=40, patience=1)
    assert picked.inputs["size"] == 40
    fits = list(_fits(_Task(Ridge(1e-9), x, y, 0.05, Loss("absolute", 20.0)), np.array([0, 40]), 1))
    assert 17 in fits[1][1].rows
