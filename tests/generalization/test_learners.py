import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from fathometer.data import split_indices
from fathometer.evidence import InputError
from fathometer.generalization import certify_linear, recheck
from fathometer.generalization._linear_training import FRACTIONS
from fathometer.generalization.learners import CertifiedLinearClassifier

X, Y = load_breast_cancer(return_X_y=True)


@parametrize_with_checks([CertifiedLinearClassifier()])
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
