"""Predictors of any kind: what is certified, what is refused, what a recheck sees."""

import dataclasses
import re
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from fathometer.data import data_seed, equal_rows
from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound, read_certificate, recheck, save_certificate
from fathometer.generalization.learning.predictors import (
    Certified,
    Loss,
    Plan,
    PredictorCertificate,
    Source,
    certify_predictor,
    certify_rows,
    load_factory,
    read_rows,
)
from fathometer.generalization.learning.predictors._plan import FITTED, drawn_parts
from fathometer.generalization.learning.predictors.models._adapter import Origin

X, Y = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)


def logistic():
    return LogisticRegression(max_iter=1000)


def ready():
    """Labels by a rule that has seen nothing."""
    return lambda x: np.where(x[:, 2] < 2.5, 0, np.where(x[:, 3] < 1.7, 1, 2))


def scorer():
    return lambda x: np.column_stack([2.5 - x[:, 2], 1 - np.abs(x[:, 2] - 4.3), x[:, 2] - 4.9])


def certified(source: Source, plan: Plan, x=X, y=Y, **more) -> Certified:
    return certify_rows(read_rows(x, y, plan), source, plan, **more)


@pytest.fixture(scope="module")
def certificate() -> PredictorCertificate:
    return certify_predictor(X, Y, logistic, name="m:logistic")


def test_the_rows_and_their_account(certificate):
    ledger = certificate.ledger
    assert [r.bound for r in ledger.rows].count("test_binomial") == 2
    assert {r.bound for r in ledger.rows} == {"test_binomial", "test_betting", "test_kl", "output_conversion"}
    spent = sum(Fraction(r.delta_spent) for r in ledger.rows)
    most = Fraction(0.05) * (Fraction(9, 10) + Fraction(1, 10) * 4 / 6)  # four of six others apply
    assert most * Fraction(1 - 1e-12) <= spent <= most
    for r in ledger.rows:
        assert evaluate_bound(r.bound, **r.inputs).value == r.value
        assert r.measured.lower <= r.value
    assert ledger.sizes == {"training": 90, "held_out": 30, "test": 30}
    assert certificate.plan.parts == FITTED
    assert certificate.fitted_here
    assert ledger.winner == "test_binomial"
    assert ledger.rows[0].delta_spent == pytest.approx(0.9 * 0.05, rel=1e-12)


def test_the_seed_follows_from_the_data(certificate):
    assert not certificate.seed_given
    assert certificate.seed == data_seed(certificate.data.sha256)
    given = certify_predictor(X, Y, ready, seed=3)
    assert (given.seed, given.seed_given) == (3, True)


def test_a_fit_sees_the_training_part_alone(certificate):
    seen = []

    class Spy(KNeighborsClassifier):
        def fit(self, X, y):
            seen.append((X, y))
            return super().fit(X, y)

    certify_predictor(X, Y, Spy)
    (x, y) = seen[0]
    assert len(seen) == 1
    assert x.shape == (90, 4)
    assert set(map(tuple, x)) <= set(map(tuple, X))
    honest = logistic().fit(x, y)
    assert len(certificate.predicted) == 60
    assert np.mean(honest.predict(X) == Y) > 0.9


@pytest.mark.parametrize(
    ("factory", "fitted", "scored"),
    [
        (ready, False, False),
        (scorer, False, True),
        (SVC, True, True),
        (lambda: KNeighborsClassifier(3), True, True),
    ],
)
def test_objects_and_functions_of_any_kind(factory, fitted, scored):
    result = certify_predictor(X, Y, factory)
    assert result.fitted_here is fitted
    assert (result.margins is not None) is scored
    assert len(result.ledger.rows) == (4 if scored else 2)
    assert recheck(result, X, Y).verdict.status is Status.UNDECIDED
    assert recheck(result, X, Y, True, factory).verdict.status is Status.HOLDS
    claim = "which nothing here can see" in result.ledger.notes[-1]
    assert claim is not fitted


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        ("linear", np.where(CANCER[1] == 1, "benign", "malignant")),
        pytest.param("logistic", CANCER[1] == 1, marks=pytest.mark.slow),
        pytest.param("linear", CANCER[1] * 2.0 - 1, marks=pytest.mark.slow),
    ],
)
def test_models_of_ours_and_labels_of_every_type(model, labels):
    plan = Plan(model)
    result = certified(Source(model), plan, CANCER[0][:, :5], labels)
    found = result.certificate
    assert found.origin is Origin.FITTED
    assert [c.name for c in found.competitors] == [model]
    assert found.competitors[0].weight == 1.0
    assert 0 < found.competitors[0].training < 0.2
    assert set(result.predictor.predict(CANCER[0][:, :5]).tolist()) <= set(labels.tolist())
    assert recheck(found, CANCER[0][:, :5], labels, predictor=result.predictor).differences == ()
    assert certify_predictor(CANCER[0][:, :5], labels, model) == found


def test_two_classes_with_one_score_and_text_labels():
    names = np.where(Y[:100] == 1, "versicolor", "setosa")
    result = certify_predictor(X[:100], names, SVC)
    assert result.margins is not None
    assert result.ledger.test_risk.value == 0
    assert recheck(result, X[:100], names, factory=SVC).verdict.status is Status.HOLDS


def test_the_question_of_overfitting_is_answered():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 5)), rng.integers(0, 2, 300)
    question = certify_predictor(x, y, lambda: KNeighborsClassifier(1)).overfitting
    assert question.training_risk.value == 0
    assert question.status is Status.VIOLATED
    assert question.gap.lower > 0.2
    assert question.sentence.startswith("overfits by at least")
    assert not question.useful
    unknown = certify_predictor(x, y, lambda: lambda x: (x[:, 0] > 0).astype(int)).overfitting
    assert np.isnan(unknown.training_risk.value)


def test_saved_rechecked_and_asked_again(certificate, tmp_path):
    save_certificate(tmp_path / "c.json", certificate)
    read, untouched = read_certificate(tmp_path / "c.json")
    assert read == certificate
    assert untouched
    assert recheck(read, X, Y, untouched, logistic).differences == ()
    other = recheck(read, X, Y, untouched, lambda: LogisticRegression(C=1e-4))
    assert other.verdict.status is Status.VIOLATED
    assert other.verdict.explanation.startswith("answers.")


def changed_plan(**changes):
    return lambda c: {"plan": dataclasses.replace(c.plan, **changes)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: {"predicted": np.roll(c.predicted, 1)}, "positive margin and a wrong prediction|decide otherwise"),
        (lambda c: {"predicted": c.predicted[1:]}, r"answers have shapes .* not \(60,\)"),
        (lambda c: {"predicted": c.predicted + 5}, "a class that the data do not have|decide otherwise"),
        (lambda c: {"margins": c.margins + 1}, "recomputed|positive margin"),
        (lambda c: {"margins": None}, "margins and gamma must be there both or not at all"),
        (lambda c: {"gamma": 0.5}, "ledger.rows"),
        (lambda c: {"gamma": -1.0}, "gamma is -1, not positive"),
        (lambda c: {"chosen": 1}, "chosen is 1, of 1 competitors"),
        (lambda c: {"chosen": -1}, "chosen is -1, of 1 competitors"),
        (lambda c: {"competitors": ()}, "chosen is 0, of 0 competitors"),
        (lambda c: {"competitors": (dataclasses.replace(c.competitors[0], total=9.0),)}, "total is 9.0, recomputed"),
        (lambda c: {"competitors": (dataclasses.replace(c.competitors[0], weight=0.5),)}, "weight is 0.5, recomputed"),
        (lambda c: {"saw": np.array([0, 1])}, "parts.training|answers have shapes|saw"),
        (lambda c: {"saw": np.empty(0, np.int64)}, "saw must be there for a predictor that came fitted"),
        (lambda c: {"overfitting": dataclasses.replace(c.overfitting, certificate=0.01)}, "overfitting.certificate is"),
        (changed_plan(seed=1), "parts.training is|several.centre does not solve"),
        (changed_plan(parts=(0.1, 0.8, 0.1)), "answers have shapes"),
        (changed_plan(delta=0.04), "recomputed"),
        (changed_plan(rows=("held_out",)), "recomputed"),
        (changed_plan(stratified=True), "recomputed|answers have shapes|no classifier of these data and this plan"),
        (changed_plan(test_rows=30), "plan.test_rows is 30, recomputed 0"),
        (lambda c: {"origin": Origin.READY}, "recomputed"),
        (lambda c: {"ledger": dataclasses.replace(c.ledger, delta_total=0.04)}, "spend more than"),
        (lambda c: {"ledger": dataclasses.replace(c.ledger, winner=None)}, "winner is None"),
    ],
)
def test_what_was_tampered_with_is_named(certificate, change, message):
    found = recheck(dataclasses.replace(certificate, **change(certificate)), X, Y).verdict
    assert found.status is Status.VIOLATED
    assert re.search(message, found.explanation), found.explanation


def test_reordered_labels_are_recognised(certificate):
    assert recheck(certificate, X, np.roll(Y, 1)).verdict.explanation.startswith("data.sha256 is ")


def unsteady():
    rng = np.random.default_rng(0)
    return lambda x: rng.integers(0, 3, len(x))


def broken():
    raise RuntimeError("no weights here")


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (unsteady, r"the predictor is no fixed function of a row: its answer for row \d+ changed"),
        (lambda: lambda x: np.argsort(np.argsort(x[:, 2])) % 3, "no fixed function of a row"),
        (broken, "the factory failed: RuntimeError: no weights here"),
        (lambda: 7, "the factory must return an object with predict or a function, got int"),
        (lambda: lambda x: x[:, 0], "predictions must be labels of the data, got 5.1"),
        (lambda: lambda x: np.zeros((len(x), 2)), r"scores must have shape \(150, 3\), got \(150, 2\)"),
        (lambda: lambda x: np.full((len(x), 3), np.nan), "scores must be finite, got NaN or infinity"),
        (lambda: lambda x: x[0, 0], r"predictions must have shape \(150,\), got \(\)"),
        (lambda: lambda x: 1 / 0, "the predictor failed: ZeroDivisionError"),
    ],
)
def test_predictors_that_cannot_be_certified(factory, message):
    with pytest.raises(InputError, match=message) as refusal:
        certify_predictor(X, Y, factory)
    assert "\n" not in str(refusal.value)


def test_bad_data_and_numbers():
    with pytest.raises(InputError, match="delta must be > 0 and < 1"):
        certify_predictor(X, Y, ready, delta=1.0)
    with pytest.raises(InputError, match="labels must be of at least two kinds"):
        certify_predictor(X, np.zeros(150), ready)
    with pytest.raises(InputError, match="class '9' has no row among the 89 of the training part"):
        certify_predictor(X, np.where(np.arange(150) == held_out_row(), 9, Y), logistic, seed=0)
    with pytest.raises(InputError, match=r"classes must be text or whole numbers for a model of ours, got 0\.5"):
        certify_predictor(X, Y / 2, "linear")
    with pytest.raises(InputError, match=r"model must be .*auto.*, module:factory or a file, got 'nothing'"):
        certify_predictor(X, Y, "nothing")
    with pytest.raises(InputError, match="the model logistic predicts classes, and the target is a number"):
        certified(Source("logistic"), Plan("logistic", loss=Loss("absolute", 1.0)), X, X[:, 0])


def held_out_row() -> int:
    return int(drawn_parts(Plan(parts=FITTED, seed=0), equal_rows(X), Y).part("held_out")[0])


def test_factories_are_found_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_factory_module.py").write_text("def make():\n    return lambda x: x\nnumber = 3\n")
    (tmp_path / "my_torn_module.py").write_text("import nothing_of_this_name\n")
    assert callable(load_factory("my_factory_module:make"))
    for reference, message in (
        ("my_factory_module", "must be module:factory, got 'my_factory_module'"),
        ("my_factory_module:absent", "has no callable 'absent'"),
        ("my_factory_module:number", "has no callable 'number'"),
        ("my_torn_module:make", "cannot be imported: ModuleNotFoundError"),
    ):
        with pytest.raises(InputError, match=message):
            load_factory(reference)
