"""A linear classifier for two classes that certifies its own risk."""

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from fathometer.data import split_indices
from fathometer.evidence import finite_number
from fathometer.generalization._linear_certificate import LinearCertificate, linear_certificate
from fathometer.generalization._linear_model import Sample, Scaling, direction, fit_weights
from fathometer.generalization._linear_training import FRACTIONS, MINIMUM_ROWS, STRENGTH


class CertifiedLinearClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression in the unit ball, certified on part of the data that it is given.

    `fit` trains and certifies as `fathometer.generalization.certify_linear` does. With fewer than 60 rows, or only one
    class in the part that fixes the prior, it trains on all rows and there is no certificate.

    Attributes:
        classes_: the two labels; the second is the positive one.
        coef_: shape (d + 1,), of norm 1, on the scaled features and the bias.
        scaling_: the map into the unit ball.
        certificate_: the certificate with its ledger; None if there is none.
        no_certificate_: why there is none; empty if there is one.
    """

    def __init__(self, delta: Any = 0.05, seed: Any = 0) -> None:
        """Keep the parameters; `fit` checks them.

        Args:
            delta: total failure probability of the certificates, in (0, 1).
            seed: of the split.
        """
        self.delta = delta
        self.seed = seed

    def fit(self, X: Any, y: Any) -> "CertifiedLinearClassifier":
        """Train and certify.

        Args:
            X: shape (n, d), finite.
            y: shape (n,), of exactly two kinds.

        Raises:
            ValueError: if the data are no binary classification problem.
            InputError: if delta is not in (0, 1) or the seed is no whole number of at least 0.
        """
        finite_number("delta", self.delta, above=0, below=1)
        features, labels = map(np.asarray, validate_data(self, X, y, dtype=np.float64))
        check_classification_targets(labels)
        self.classes_ = _two_classes(labels)
        signs = np.where(labels == self.classes_[1], 1.0, -1.0)
        self.no_certificate_ = self._obstacle(signs)
        if self.no_certificate_:
            self.certificate_: LinearCertificate | None = None
            self.scaling_ = Scaling.of(features)
            self.coef_ = direction(fit_weights(Sample(self.scaling_.apply(features), signs), STRENGTH))
            return self
        certificate = linear_certificate(features, labels, delta=self.delta, seed=self.seed)
        self.certificate_, self.scaling_ = certificate, certificate.scaling
        self.coef_ = direction(certificate.weights)
        return self

    def decision_function(self, X: Any) -> Float[np.ndarray, " n"]:
        """Scores: positive for the second class.

        Args:
            X: shape (n, d), finite.
        """
        check_is_fitted(self)
        features = np.asarray(validate_data(self, X, dtype=np.float64, reset=False))
        return self.scaling_.apply(features) @ self.coef_

    def predict(self, X: Any) -> Shaped[np.ndarray, " n"]:
        """Labels.

        Args:
            X: shape (n, d), finite.
        """
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(int)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        assert tags.classifier_tags is not None
        tags.classifier_tags.multi_class = False
        return tags

    def _obstacle(self, signs: Float[np.ndarray, " n"]) -> str:
        if len(signs) < MINIMUM_ROWS:
            return f"{len(signs)} rows are too few: a certificate needs at least {MINIMUM_ROWS}"
        prior = split_indices(len(signs), FRACTIONS, self.seed).part("prior")
        return "" if len(np.unique(signs[prior])) == 2 else "the part that fixes the prior holds one class only"


def _two_classes(labels: Shaped[np.ndarray, " n"]) -> Shaped[np.ndarray, " 2"]:
    """The labels.

    Raises:
        ValueError: if there are not exactly two.
    """
    classes = np.unique(labels)
    if len(classes) == 1:
        raise ValueError("Classifier can't train when only one class is present")
    if len(classes) > 2:
        kind = type_of_target(labels, input_name="y")
        raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
    return classes
