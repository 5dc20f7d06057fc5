"""A linear classifier that certifies its own risk."""

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from fathometer.generalization.certificates.learners._classifier import CertifiedClassifier, too_few_to_certify
from fathometer.generalization.certificates.learners._network import fit_network
from fathometer.generalization.learning.linear._certificate import LinearCertificate, linear_certificate
from fathometer.generalization.learning.linear._model import Sample, Scaling, direction, fit_weights
from fathometer.generalization.learning.linear._training import chosen_strength, linear_split
from fathometer.generalization.learning.networks import InputScaling, NetworkCertificate, model_settings


class CertifiedLinearClassifier(CertifiedClassifier):
    """A linear classifier, certified on part of the data that it is given.

    With two classes, `fit` trains a logistic regression in the unit ball and certifies it as
    `fathometer.generalization.certify_linear` does; with more, it trains a Gaussian posterior on linear scores as
    `fathometer.generalization.learning.networks.certify_network` does, and predicts with its mean. With fewer than 60
    rows, or a class that is absent from the part that fixes the prior, it trains on all rows and there is no
    certificate.

    A certificate holds for the rows as `fit` received them. A feature selection, a scaling or a grid search outside
    that saw these rows and their labels voids it, and the best of several learners, chosen by their certificates, has
    the sum of their deltas.

    Attributes:
        classes_: the labels, sorted; of two, the second is the positive one.
        coef_: on the scaled features and the bias: shape (d + 1,), of norm 1, for two classes, (d + 1, k) for more.
        scaling_: the map of the features.
        certificate_: the certificate with its ledger; None if there is none.
        no_certificate_: why there is none; empty if there is one.
    """

    def __init__(self, delta: Any = 0.05, seed: Any = 0, allow_copies: Any = False) -> None:
        """Keep the parameters; `fit` checks them.

        Args:
            delta: total failure probability of the certificates, in (0, 1).
            seed: of the split.
            allow_copies: count rows with equal features one by one, as `certify_linear` says.
        """
        self.delta = delta
        self.seed = seed
        self.allow_copies = allow_copies

    def fit(self, X: Any, y: Any, groups: Any = None) -> "CertifiedLinearClassifier":
        """Train and certify.

        Args:
            X: shape (n, d), finite.
            y: shape (n,), of at least two kinds.
            groups: shape (n,), group of each row, such as a patient; None if only copies belong together.

        Raises:
            ValueError: if the data are no classification problem.
            InputError: if delta is not in (0, 1) or the seed is no whole number of at least 0.
        """
        features, labels, codes = self._read_problem(X, y)
        self.certificate_: LinearCertificate | NetworkCertificate | None = None
        if len(self.classes_) == 2:
            self._fit_two(features, labels, np.where(codes == 1, 1.0, -1.0), groups)
        else:
            settings, allow = model_settings("linear"), bool(self.allow_copies)
            network = fit_network(features, codes, settings, self.delta, self.seed, groups, allow)
            self.certificate_, self.no_certificate_ = network.certificate, network.obstacle
            self.coef_, self.scaling_ = network.weights[0].astype(np.float64), network.scaling
        return self

    def _fit_two(self, features: Any, labels: Any, signs: Float[np.ndarray, " n"], groups: Any) -> None:
        self.no_certificate_ = self._obstacle(features, signs, groups)
        if self.no_certificate_:
            self.scaling_: Scaling | InputScaling = Scaling.of(features)
            sample = Sample(self.scaling_.apply(features), signs)
            self.coef_ = direction(fit_weights(sample, chosen_strength(sample)))
            return
        certificate = linear_certificate(
            features, labels, delta=self.delta, seed=self.seed, groups=groups, allow_copies=bool(self.allow_copies)
        )
        self.certificate_, self.scaling_ = certificate, certificate.scaling
        self.coef_ = direction(certificate.weights)

    def decision_function(self, X: Any) -> Float[np.ndarray, " n"] | Float[np.ndarray, "n k"]:
        """Scores: of the second class for two classes, of each class for more.

        Args:
            X: shape (n, d), finite.
        """
        features = self._read_rows(X)
        scaled = self.scaling_.apply(features)
        if len(self.classes_) == 2:
            return scaled @ self.coef_
        return scaled @ self.coef_[:-1] + self.coef_[-1]

    def predict(self, X: Any) -> Shaped[np.ndarray, " n"]:
        """Labels.

        Args:
            X: shape (n, d), finite.
        """
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def _obstacle(self, features: Any, signs: Float[np.ndarray, " n"], groups: Any) -> str:
        obstacle, grouped = too_few_to_certify(features, signs, groups, bool(self.allow_copies))
        if grouped is None:
            return obstacle
        prior = linear_split(grouped.numbers, self.seed).part("prior")
        return "" if len(np.unique(signs[prior])) == 2 else "the part that fixes the prior holds one class only"
