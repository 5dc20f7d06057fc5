import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from fathometer.data import equal_rows, split_indices
from fathometer.evidence import InputError, Status
from fathometer.generalization import certify_linear, recheck
from fathometer.generalization.certificates.learners import (
    CertifiedLinearClassifier,
    CertifiedMLPClassifier,
    PickToLearnClassifier,
    PickToLearnRegressor,
)
from fathometer.generalization.learning.linear._training import FRACTIONS
from fathometer.generalization.learning.networks import network_split

X, Y = load_breast_cancer(return_X_y=True)


@pytest.mark.slow
@parametrize_with_checks([CertifiedLinearClassifier(), PickToLearnClassifier(), PickToLearnRegressor()])
@pytest.mark.filterwarnings("default")
def test_the_conventions_of_scikit_learn(estimator, check):
    check(estimator)


def test_the_certificate_is_that_of_the_predictor():
    learner = CertifiedLinearClassifier(delta=0.1, seed=3).fit(X, Y)
    certificate = learner.certificate_
    assert certificate.ledger == certify_linear(X, Y, delta=0.1, seed=3)
    assert recheck(certificate, X, Y).differences == ()
    test = split_indices(len(Y), FRACTIONS, 3).part("test")
    assert np.mean(learner.predict(X[test]) != Y[test]) == certificate.ledger.test_risk.value
    np.testing.assert_allclose(learner.coef_, certificate.weights / np.linalg.norm(certificate.weights))


def test_text_labels_come_back():
    names = np.where(Y == 1, "yes", "no")
    learner = CertifiedLinearClassifier().fit(X, names)
    assert list(learner.classes_) == ["no", "yes"]
    assert np.mean(learner.predict(X) == names) > 0.9
    assert learner.certificate_.data.classes == ("no", "yes")


def test_too_few_rows_train_without_a_certificate():
    learner = CertifiedLinearClassifier().fit(X[:59], Y[:59])
    assert learner.certificate_ is None
    assert learner.no_certificate_ == "59 rows are too few: a certificate needs at least 60"
    assert np.mean(learner.predict(X) == Y) > 0.8
    rare = (np.arange(len(Y)) == 0).astype(int)
    assert CertifiedLinearClassifier().fit(X, rare).no_certificate_.endswith("holds one class only")


def test_bad_parameters_are_refused():
    with pytest.raises(InputError, match="delta must be > 0 and < 1, got 2"):
        CertifiedLinearClassifier(delta=2).fit(X[:30], Y[:30])
    with pytest.raises(NotFittedError):
        clone(CertifiedLinearClassifier().fit(X, Y)).predict(X)


class QuickMLP(CertifiedMLPClassifier):
    """The learner with a small network, so that the checks of scikit-learn are quick."""

    def __init__(self, hidden=(12,), objective="quad", steps=400, delta=0.05, seed=0):
        super().__init__(hidden, objective, steps, delta, seed)


@pytest.mark.slow
@parametrize_with_checks([QuickMLP()])
@pytest.mark.filterwarnings("default")
def test_the_network_keeps_the_conventions_too(estimator, check):
    check(estimator)


@pytest.mark.slow
def test_a_network_with_its_certificate():
    x, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    learner = CertifiedMLPClassifier(hidden=(12,), steps=300, objective="kl", delta=0.1).fit(x, names)
    certificate = learner.certificate_
    assert certificate.ledger.delta_total == 0.1
    assert certificate.settings.objective == "kl"
    test = network_split(150, certificate.settings, groups=equal_rows(x)).part("test")
    assert np.mean(learner.predict(x[test]) != names[test]) == certificate.ledger.test_risk.value
    np.testing.assert_allclose(learner.predict_proba(x).sum(axis=1), 1, rtol=1e-12)
    assert recheck(certificate, x, y).verdict.status is Status.HOLDS


@pytest.mark.slow
def test_a_network_on_too_few_rows_predicts_without_a_certificate():
    x, y = load_iris(return_X_y=True)
    few = CertifiedMLPClassifier(hidden=(12,), steps=20).fit(x[::3], y[::3])
    assert few.certificate_ is None
    assert few.no_certificate_ == "50 rows are too few: a certificate needs at least 60"
    shares = few.predict_proba(x)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(few.classes_[shares.argmax(axis=1)], few.predict(x))
    with pytest.raises(InputError, match="objective must be quad, lambda, kl, got 'best'"):
        CertifiedMLPClassifier(objective="best").fit(x, y)


@pytest.mark.slow
def test_a_linear_model_of_three_classes():
    x, y = load_iris(return_X_y=True)
    learner = CertifiedLinearClassifier().fit(x, y)
    assert learner.coef_.shape == (5, 3)
    assert learner.decision_function(x).shape == (150, 3)
    assert {r.bound for r in learner.certificate_.ledger.rows} >= {"smooth_mean", "maurer_seeger", "test_binomial"}
    test = network_split(150, learner.certificate_.settings, groups=equal_rows(x)).part("test")
    assert np.mean(learner.predict(x[test]) != y[test]) == learner.certificate_.ledger.test_risk.value
