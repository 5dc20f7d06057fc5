"""A network classifier that certifies its own risk."""

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from scipy.special import softmax

from fathometer.generalization.certificates.learners._classifier import CertifiedClassifier
from fathometer.generalization.certificates.learners._network import fit_network
from fathometer.generalization.learning.networks import NetworkCertificate, NetworkSettings


class CertifiedMLPClassifier(CertifiedClassifier):
    """A network with ReLU layers, certified on part of the data that it is given.

    `fit` trains and certifies as `fathometer.generalization.learning.networks.certify_network` does; `predict` uses
    the network of the posterior mean. With fewer than 60 rows, or a class that is absent from the part that fixes the
    prior, it trains on all rows and there is no certificate.

    A certificate holds for the rows as `fit` received them. A feature selection, a scaling or a grid search outside
    that saw these rows and their labels voids it, and the best of several learners, chosen by their certificates, has
    the sum of their deltas.

    Attributes:
        classes_: the labels, sorted.
        certificate_: the certificate with its ledger; None if there is none.
        no_certificate_: why there is none; empty if there is one.
    """

    def __init__(
        self,
        hidden: Any = (100, 100),
        objective: Any = "quad",
        steps: Any = 2000,
        delta: Any = 0.05,
        seed: Any = 0,
        allow_copies: Any = False,
    ) -> None:
        """Keep the parameters; `fit` checks them.

        Args:
            hidden: widths of the hidden layers.
            objective: quad, lambda or kl: the bound that the posterior is trained to minimise.
            steps: of the training of the prior; the posterior takes half as many.
            delta: total failure probability of the certificates, in (0, 1).
            seed: of split, training and draws.
            allow_copies: count rows with equal features one by one, as `certify_network` says.
        """
        self.hidden = hidden
        self.objective = objective
        self.steps = steps
        self.delta = delta
        self.seed = seed
        self.allow_copies = allow_copies

    def fit(self, X: Any, y: Any, groups: Any = None) -> "CertifiedMLPClassifier":
        """Train and certify.

        Args:
            X: shape (n, d), finite.
            y: shape (n,), of at least two kinds.
            groups: shape (n,), group of each row, such as a patient; None if only copies belong together.

        Raises:
            ValueError: if the data are no classification problem.
            InputError: if a parameter is out of its range.
        """
        settings = NetworkSettings(
            hidden=tuple(self.hidden),
            objective=self.objective,
            prior_steps=self.steps,
            posterior_steps=max(1, self.steps // 2),
        )
        features, _, codes = self._read_problem(X, y)
        allow = bool(self.allow_copies)
        self.network_ = fit_network(features, codes, settings, self.delta, self.seed, groups, allow)
        self.certificate_: NetworkCertificate | None = self.network_.certificate
        self.no_certificate_ = self.network_.obstacle
        return self

    def predict_proba(self, X: Any) -> Float[np.ndarray, "n k"]:
        """Softmax of the scores of the posterior mean.

        Args:
            X: shape (n, d), finite.
        """
        features = self._read_rows(X)
        return softmax(self.network_.scores(features), axis=1)

    def predict(self, X: Any) -> Shaped[np.ndarray, " n"]:
        """Labels.

        Args:
            X: shape (n, d), finite.
        """
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]
