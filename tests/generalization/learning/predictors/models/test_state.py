"""Models that come fitted: refused with the remedy, never silently fitted again."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from fathometer.evidence import InputError, Status
from fathometer.generalization import recheck
from fathometer.generalization.learning.predictors import certify_predictor

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(200, 6)), RNG.integers(0, 2, 200)


def fit(model):
    return model.fit(X, Y)


FITTED = {
    "warm start": lambda: fit(MLPClassifier((40,), max_iter=30, warm_start=True)),
    "loaded": lambda: fit(DecisionTreeClassifier()),
    "partial fit": lambda: SGDClassifier().partial_fit(X, Y, classes=[0, 1]),
    "pipeline": lambda: fit(make_pipeline(StandardScaler(), LogisticRegression())),
    "fitted step": lambda: make_pipeline(StandardScaler().fit(X), LogisticRegression()),
    "selection outside": lambda: make_pipeline(SelectKBest(k=2).fit(X, Y), LogisticRegression()),
    "frozen": lambda: FrozenEstimator(fit(DecisionTreeClassifier())),
    "frozen step": lambda: make_pipeline(FrozenEstimator(StandardScaler().fit(X)), LogisticRegression()),
    "prefit": lambda: CalibratedClassifierCV(FrozenEstimator(fit(GaussianNB()))),
    "inside a vote": lambda: VotingClassifier([("a", fit(GaussianNB())), ("b", LogisticRegression())]),
    "inside a search": lambda: GridSearchCV(fit(DecisionTreeClassifier()), {"max_depth": [1, 2]}),
    "inside columns": lambda: make_pipeline(
        ColumnTransformer([("a", StandardScaler().fit(X[:, :2]), [0, 1])]), LogisticRegression()
    ),
    "columns": lambda: make_pipeline(ColumnTransformer([("a", StandardScaler(), [0])]).fit(X), LogisticRegression()),
    "union": lambda: make_pipeline(FeatureUnion([("a", StandardScaler().fit(X))]), LogisticRegression()),
    "search": lambda: fit(GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2)),
    "search as a step": lambda: make_pipeline(fit(GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, cv=2))),
    "calibrated": lambda: fit(CalibratedClassifierCV(GaussianNB(), cv=2)),
    "vote": lambda: fit(VotingClassifier([("a", GaussianNB())])),
    "stack": lambda: fit(StackingClassifier([("a", GaussianNB())], cv=2)),
    "inside a stack": lambda: StackingClassifier([("a", GaussianNB())], final_estimator=fit(LogisticRegression())),
}


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("case", FITTED)
def test_a_fitted_model_is_refused_with_the_remedy(case):
    with pytest.raises(
        InputError, match=r"the model is fitted already: .*unfitted one .*return model\.predict"
    ) as refusal:
        certify_predictor(X, Y, FITTED[case])
    assert "\n" not in str(refusal.value)


def test_the_remedies_work():
    """As it is, a tree that memorised all rows passes for a good one, and the result says what nobody can see."""
    model = fit(DecisionTreeClassifier())
    ready = certify_predictor(X, Y, lambda: model.predict)
    assert ready.ledger.rows[0].value < 0.1
    assert "which nothing here can see" in ready.ledger.notes[-1]
    assert any("had seen before" in phrase for phrase in recheck(ready, X, Y, factory=lambda: model.predict).unseen)
    again = certify_predictor(X, Y, DecisionTreeClassifier)
    assert min(row.value for row in again.ledger.rows if "0/1" in row.certifies) > 0.4
    assert again.ledger.notes[-1].startswith("fitted here on the training part alone;")


def test_estimators_without_state_or_with_a_fit_inside_pass():
    for make in (
        lambda: make_pipeline(FunctionTransformer(np.tanh), StandardScaler(), LogisticRegression()),
        lambda: GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=3),
        lambda: make_pipeline(SelectKBest(k=2), LogisticRegression()),
        lambda: LogisticRegression(warm_start=True),
    ):
        notes = certify_predictor(X, Y, make).ledger.notes
        assert any(note.startswith("fitted here on the training part alone;") for note in notes)


def test_the_callers_estimator_is_left_alone():
    model = LogisticRegression()
    found = certify_predictor(X, Y, lambda: model)
    assert not hasattr(model, "coef_")
    assert recheck(found, X, Y, factory=lambda: model).verdict.status is Status.HOLDS


class Remembers:
    """A model of no framework: it answers from the start, and keeps what it was given."""

    def __init__(self):
        self.centre = np.zeros((2, 6))

    def fit(self, x, y):
        self.centre = np.stack([x[y == k].mean(axis=0) for k in (0, 1)])

    def predict(self, x):
        return np.linalg.norm(x[:, None] - self.centre, axis=2).argmin(axis=1)


class Home(ClassifierMixin, BaseEstimator):
    """One that says itself whether it is fitted."""

    def __init__(self, loaded=False):
        self.loaded = loaded

    def fit(self, x, y):
        self.loaded = True
        return self

    def __sklearn_is_fitted__(self):
        return self.loaded

    def predict(self, x):
        if not self.loaded:
            raise RuntimeError("not fitted")
        return (x[:, 0] > 0).astype(int)


def test_models_of_other_kinds():
    found = certify_predictor(X, Y, Remembers)
    assert "but it answered before that" in found.ledger.notes[-1]
    assert any("had seen before" in phrase for phrase in recheck(found, X, Y, factory=Remembers).unseen)
    with pytest.raises(InputError, match="the model is fitted already: Home"):
        certify_predictor(X, Y, lambda: Home(True))
    assert certify_predictor(X, Y, Home).ledger.notes[-1].startswith("fitted here on the training part alone;")
