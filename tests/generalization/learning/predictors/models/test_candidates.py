"""Built-in candidates: settings are chosen on the rows given, groups stay together, everything is repeatable."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors.models._candidates import STRENGTHS, Candidate, built_in
from fathometer.generalization.learning.predictors.models._selection import _chosen_rows, _folds, _kept, select
from fathometer.generalization.learning.predictors.models._task import Task, value_losses

X, Y = load_breast_cancer(return_X_y=True)
TRAIN, TEST = np.split(np.random.default_rng(0).permutation(len(Y)), [341])
NUMBERS = ("number",) * X.shape[1]
RNG = np.random.default_rng(1)


def mixed(n=100):
    """Two categories, of many kinds and of few, numbers with missing values, one column without any value."""
    x = RNG.normal(size=(n, 6))
    x[:, 0], x[:, 1], x[:, 5] = RNG.integers(0, 300, n), RNG.integers(0, 3, n), np.nan
    x[RNG.random((n, 6)) < 0.1] = np.nan
    return x, ("category", "category", *("number",) * 4)


def chosen(model, x, y, kinds, task=Task.CLASSIFICATION, groups=None, said=None, **options):
    groups = np.arange(len(y)) if groups is None else groups
    announce = (lambda _: None) if said is None else said.append
    loss = {k: v for k, v in options.items() if k == "loss"}
    return select(built_in(model, kinds, task, 0, **loss), x, y, groups, task, 0, announce, **options)


@pytest.mark.slow
def test_linear_chooses_the_c_of_a_cross_validated_logistic_regression():
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    x, y = X[TRAIN], Y[TRAIN]
    said = []
    picked = chosen("linear", x, y, NUMBERS, said=said)
    peer = [
        1
        - cross_val_score(
            make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=5000)), x, y, cv=StratifiedKFold(5)
        ).mean()
        for c in STRENGTHS
    ]
    assert picked.chosen == ({"model__C": STRENGTHS[np.argmin(peer)]},)
    assert picked.cv_risks[0] == pytest.approx(min(peer), abs=1e-3)
    assert np.mean(picked.candidates[0].estimator.predict(X[TEST]) != Y[TEST]) < 0.04
    assert said == ["linear: C = 0.3594; cross-validated risk 0.02933 on 341 rows", "linear: fitted on 341 rows"]


def test_logistic_is_chosen_by_the_logarithmic_loss():
    picked = chosen("logistic", X[TRAIN], Y[TRAIN], NUMBERS)
    chances = picked.candidates[0].estimator.predict_proba(X[TEST])[np.arange(len(TEST)), Y[TEST]]
    assert -np.log(chances).mean() < 0.12
    assert picked.cv_risks[0] < 0.05, "the certified risk is told, not the logarithmic loss"


@pytest.mark.slow
def test_auto_takes_every_kind_of_column_and_keeps_one_of_each_family():
    x, kinds = mixed()
    y = np.where(np.nan_to_num(x[:, 1]) + np.nan_to_num(x[:, 2]) > 1, "yes", "no")
    picked = chosen("auto", x, y, kinds, folds=2)
    assert {c.name for c in picked.candidates} == {"boosting", "linear", "mlp", "forest"}
    assert min(picked.cv_risks) >= 0
    new = np.full((2, 6), np.nan)
    new[1, :2] = 9999
    for candidate in picked.candidates:
        assert set(candidate.estimator.predict(new)) <= {"yes", "no"}
    risk = [np.mean(c.estimator.predict(x) != y) for c in picked.candidates]
    assert min(risk) < 0.1


@pytest.mark.parametrize("loss", ["absolute", "squared", "quantile:0.9"])
@pytest.mark.parametrize("model", ["linear", "boosting"])
def test_numbers(model, loss):
    x, kinds = mixed(80)
    y = 3 * np.nan_to_num(x[:, 3]) + RNG.exponential(size=80)
    picked = chosen(model, x, y, kinds, Task.REGRESSION, folds=2, loss=loss)
    predicted = picked.candidates[0].estimator.predict(x)
    constant = {"absolute": np.median(y), "squared": y.mean(), "quantile:0.9": np.quantile(y, 0.9)}[loss]
    assert value_losses(loss, y, predicted).mean() < 0.8 * value_losses(loss, y, np.full(len(y), constant)).mean()
    if loss == "quantile:0.9":
        assert np.mean(y <= predicted) > 0.7


@pytest.mark.slow
def test_the_same_seed_gives_the_same_predictor():
    x, kinds = mixed()
    y = RNG.integers(0, 2, len(x))
    for model in ("boosting", "forest", "mlp"):
        first, again = (chosen(model, x, y, kinds, folds=2).candidates[0].estimator.predict_proba(x) for _ in "ab")
        assert np.array_equal(first, again), model


def test_nothing_to_choose_is_fitted_at_once():
    own = Candidate("own", LogisticRegression(max_iter=1000))
    picked = select([own], X[TRAIN][:, :2], Y[TRAIN], np.arange(341), Task.CLASSIFICATION, 0, lambda _: None)
    assert picked.cv_risks == (None,)
    assert hasattr(picked.candidates[0].estimator, "coef_")
    assert not hasattr(own.estimator, "coef_"), "the caller's is left alone"


def test_folds_keep_groups_together_and_classes_in_shares():
    groups = RNG.integers(0, 60, 300)
    y = groups % 3
    tested = []
    for train, test in _folds(y, groups, Task.CLASSIFICATION, 5, 0):
        assert not set(groups[train]) & set(groups[test])
        assert set(y[test]) == {0, 1, 2}
        tested.append(test)
    assert np.array_equal(np.sort(groups[np.concatenate(tested)]), np.unique(groups)), "one row of each counts"


def test_folds_of_rare_classes_and_of_many_rows():
    y = np.array([0] * 20 + [1])
    assert len(list(_folds(y, np.arange(21), Task.CLASSIFICATION, 5, 0))) == 5
    assert len(list(_folds(np.arange(8), np.arange(8), Task.CLASSIFICATION, 5, 0))) == 5
    train, test = next(iter(_folds(np.zeros(6000), np.arange(6000), Task.REGRESSION, 5, 0)))
    assert (len(train), len(test)) == (4800, 1200)


def test_large_data_are_thinned_by_whole_groups():
    x, groups = np.zeros((9000, 1)), np.repeat(np.arange(3000), 3)
    wide = np.lib.stride_tricks.as_strided(x, (9000, 10_000), (8, 0))
    rows = _chosen_rows(wide, np.zeros(9000), groups, Task.REGRESSION, 0)
    assert len(rows) + 3 >= 5000
    assert len(rows) <= 5000
    counts = np.bincount(groups[rows])
    assert (np.isin(counts, [0, 3]) | (counts == counts[counts > 0].min())).all()
    assert np.array_equal(_chosen_rows(x, np.zeros(9000), groups, Task.REGRESSION, 0), np.arange(9000))


def test_a_near_tie_keeps_the_preferred_setting():
    losses = np.zeros((2, 100))
    losses[0, :1] = 1
    assert _kept(losses, 0) == 0
    assert _kept(losses, None) == 1
    losses[0, :30] = 1
    assert _kept(losses, 0) == 1


@pytest.mark.parametrize(
    ("model", "task", "loss", "text"),
    [
        ("svm", Task.CLASSIFICATION, "absolute", "one of auto, linear, .* got 'svm'"),
        ("logistic", Task.REGRESSION, "absolute", "predicts classes"),
        ("linear", Task.REGRESSION, "quantile:2", r"q in \(0, 1\), got 'quantile:2'"),
        ("linear", Task.REGRESSION, "hinge", "got 'hinge'"),
    ],
)
def test_refusals(model, task, loss, text):
    with pytest.raises(InputError, match=text):
        built_in(model, NUMBERS, task, 0, loss=loss)
