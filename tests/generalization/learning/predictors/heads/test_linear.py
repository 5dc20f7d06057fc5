"""What theorems about linear classifiers say of a deployed one."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, LinearSVC

from fathometer.evidence import InputError, Status
from fathometer.generalization import recheck
from fathometer.generalization.learning.linear import given_linear
from fathometer.generalization.learning.linear._model import Sample, fit_weights
from fathometer.generalization.learning.linear._training import joined
from fathometer.generalization.learning.predictors import (
    LINEAR_BOUNDS,
    Plan,
    Source,
    certify_predictor,
    certify_rows,
    read_rows,
)
from fathometer.generalization.learning.predictors._rows import certifies_deployed
from fathometer.generalization.learning.predictors.heads._linear_head import LinearHead
from fathometer.generalization.learning.predictors.heads._linear_rows import LinearDraft

X, Y = map(np.asarray, load_breast_cancer(return_X_y=True))
LABELS = np.array(["benign", "malignant"])


def scaled(model):
    return lambda: make_pipeline(StandardScaler(), model)


def certified(model: Any = "linear", seed=0, x=X, y=Y, **plan):
    factory = None if isinstance(model, str) else model
    name = model if factory is None else "mine"
    chosen = Plan(name, seed=seed, **plan)
    return certify_rows(read_rows(x, y, chosen), Source(name, factory), chosen)


@pytest.fixture(scope="module")
def made():
    return certified()


def shown(certificate):
    return {row.bound for row in certificate.ledger.rows} & set(LINEAR_BOUNDS)


def test_every_theorem_has_its_row_and_its_share(made):
    ledger = made.certificate.ledger
    assert shown(made.certificate) == set(LINEAR_BOUNDS)
    rows = [row for row in ledger.rows if row.bound in LINEAR_BOUNDS]
    np.testing.assert_allclose([row.delta_spent for row in rows], 0.05 * 0.1 / 6 / len(LINEAR_BOUNDS), rtol=1e-12)
    np.testing.assert_allclose(sum(row.delta_spent for row in ledger.rows), 0.05 * (0.9 + 0.1 * 4 / 6), rtol=1e-12)
    assert {row.bound for row in rows if not certifies_deployed(row)} == {"maurer_seeger"}
    assert ledger.winner == "test_binomial"
    assert any("one half of the training part" in note for note in ledger.notes)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_no_row_is_below_its_measured_risk(seed):
    assert Status.VIOLATED not in {row.status for row in certified(seed=seed).certificate.ledger.rows}


@pytest.mark.parametrize(
    "factory",
    [
        lambda: LogisticRegression(max_iter=5),
        scaled(LinearSVC()),
        scaled(SVC(kernel="linear")),
        scaled(RidgeClassifier(alpha=3)),
        lambda: make_pipeline(
            make_pipeline("passthrough", StandardScaler(with_mean=False)), LinearDiscriminantAnalysis()
        ),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_the_rows_speak_about_the_predictions_that_are_deployed(factory):
    made = certified(factory, y=LABELS[Y])
    head = made.certificate.linear
    assert head is not None
    scores = head.scaling.apply(X) @ head.weights
    np.testing.assert_array_equal(LABELS[(scores > 0).astype(int)], made.predictor.predict(X))
    np.testing.assert_allclose(np.linalg.norm(head.weights), 1, rtol=1e-14)
    assert recheck(made.certificate, X, LABELS[Y], predictor=made.predictor).verdict.status is Status.HOLDS


@pytest.mark.parametrize(
    "factory",
    [
        scaled(SVC()),
        lambda: make_pipeline(PolynomialFeatures(2, include_bias=False), StandardScaler(), LogisticRegression()),
        lambda: lambda x: (x[:, 0] < 15).astype(int),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_other_predictors_have_none_and_leave_their_share(factory):
    certificate = certified(factory).certificate
    assert certificate.linear is None
    assert not shown(certificate)
    spent = sum(row.delta_spent for row in certificate.ledger.rows)
    kinds = {"test_betting", "test_kl"} & {row.bound for row in certificate.ledger.rows}
    others = len(kinds) + ("test_kl" in kinds)  # with scores there are margin and ramp
    np.testing.assert_allclose(spent, 0.05 * (0.9 + 0.1 * others / 6), rtol=1e-12)


def test_rows_that_somebody_chose_are_no_random_ones():
    plan = Plan("mine", seed=0)
    fitted = scaled(LogisticRegression())().fit(X[:300], Y[:300])
    for saw, there in ((np.arange(300), False), (np.empty(0, np.int64), True)):
        found = certify_rows(read_rows(X, Y, plan), Source("mine", lambda: fitted, saw), plan)
        assert (found.certificate.linear is not None) is there
        again = recheck(found.certificate, X, Y, predictor=found.predictor)
        assert again.verdict.status is Status.HOLDS


def test_rows_are_made_where_they_are_asked_for():
    asked = certified(rows=("held_out", "linear"), shares=(0.5, 0.5)).certificate
    assert len(asked.ledger.rows) == 1 + len(LINEAR_BOUNDS)
    np.testing.assert_allclose(asked.ledger.rows[-1].delta_spent, 0.05 / 2 / len(LINEAR_BOUNDS), rtol=1e-12)
    with pytest.raises(InputError, match="row 'linear' does not apply"):
        certified(scaled(SVC()), rows=("linear",))


@pytest.mark.slow
def test_groups_are_whole_in_the_prior_half_and_count_once_in_the_other():
    x, y = np.repeat(X, 2, axis=0), np.repeat(Y, 2)
    certificate = certified(x=x, y=y).certificate
    rows = {row.bound: row for row in certificate.ledger.rows}
    assert rows["w1_route_a"].inputs["m"] <= 0.3 * len(X) + 1
    assert recheck(certificate, x, y).differences == ()


def test_a_recheck_evaluates_the_rows_again(made):
    found = recheck(made.certificate, X, Y, predictor=made.predictor)
    assert found.verdict.status is Status.HOLDS
    assert recheck(made.certificate, X, Y).verdict.status is Status.UNDECIDED
    another = scaled(LogisticRegression(C=1e-3))().fit(X, Y)
    assert recheck(made.certificate, X, Y, predictor=another).verdict.status is Status.VIOLATED


def _moved(array, by=1e-7):
    moved = np.array(array)
    moved.flat[3] += by
    return moved


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda head: {"weights": _moved(head.weights)}, "linear.weights have length|recomputed"),
        (lambda head: {"weights": -head.weights}, "linear.weights decide otherwise"),
        (lambda head: {"weights": head.weights[1:]}, "have shapes"),
        (lambda head: {"candidates": _moved(head.candidates)}, "linear.candidates[0] do not solve"),
        (lambda head: {"candidates": head.candidates[1:]}, "have shapes"),
        (lambda head: {"strength": 10 * head.strength}, "linear.strength is"),
        (lambda head: {"gamma": 2 * head.gamma}, "linear.gamma is"),
        (lambda head: {"halves": {"prior": "0", "learning": "0"}}, "linear.halves.prior is"),
        (lambda head: {"scaling": dataclasses.replace(head.scaling, reach=1.0)}, "linear.scaling.reach is"),
    ],
)
def test_what_was_tampered_with_is_named(made, change, message):
    head = made.certificate.linear
    assert isinstance(head, LinearHead)
    forged = dataclasses.replace(made.certificate, linear=dataclasses.replace(head, **change(head)))
    found = recheck(forged, X, Y, predictor=made.predictor).verdict
    assert found.status is Status.VIOLATED
    assert any(part in found.explanation for part in message.split("|")), found.explanation


def test_rows_without_their_classifier_are_no_rows(made):
    forged = dataclasses.replace(made.certificate, linear=None)
    assert recheck(forged, X, Y).verdict.status is Status.VIOLATED
    x, y = map(np.asarray, load_iris(return_X_y=True))
    other = certify_predictor(x, y, scaled(SVC()))
    foreign = dataclasses.replace(other, linear=made.certificate.linear)
    assert "no classifier of these data and this plan has it" in recheck(foreign, x, y).verdict.explanation


DRAWS, EACH, POPULATION = 300, 0.2, 1000


def drawn(rng, columns, noise, rows=120):
    """A classifier that has seen both halves, its halves, and a part that stands for the population."""
    x = rng.normal(size=(rows + POPULATION, columns))
    y = np.where(x[:, 0] + noise * rng.normal(size=len(x)) > 0, 1.0, -1.0)
    fitted = LogisticRegression().fit(x[:rows], y[:rows])
    outside = np.arange(rows, len(x))
    parts = {"prior": np.arange(rows // 2), "certificate": np.arange(rows // 2, rows)}
    parts |= {"held_out": outside[:10], "test": outside}
    return given_linear(x, y, parts, fitted.coef_[0], fitted.intercept_[0])


def failures(models):
    """How often each row at its share is below the risk in the population."""
    below = dict.fromkeys(LINEAR_BOUNDS, 0)
    for model in models:
        for bound in LINEAR_BOUNDS:
            row = LinearDraft(bound, model).at(EACH)
            below[bound] += int(row.value is not None and row.value < row.measured.value)
    return below


@pytest.mark.slow
def test_the_rows_hold_as_often_as_they_say():
    rng = np.random.default_rng(0)
    base = drawn(rng, 3, 0.7)
    population = base.test

    def again():
        """Other rows of the population as the learning half, and a classifier that has seen them."""
        for _ in range(DRAWS):
            rows = rng.integers(0, POPULATION, 60)
            parts = {**base.samples, "certificate": Sample(population.x[rows], population.y[rows])}
            yield dataclasses.replace(base, samples=parts, weights=fit_weights(joined(parts), 10.0))

    below = failures(again())
    assert max(below.values()) <= EACH * DRAWS


@pytest.mark.slow
def test_a_prior_that_saw_the_rows_is_noticed():
    rng = np.random.default_rng(1)

    def leaky():
        for _ in range(20):
            model = drawn(rng, 60, 50.0)
            seen = {**model.samples, "certificate": model.samples["prior"]}
            yield dataclasses.replace(model, samples=seen, strength=1e4, weights=model.candidates[-1])

    assert failures(leaky())["maurer_seeger"] > EACH * 20
