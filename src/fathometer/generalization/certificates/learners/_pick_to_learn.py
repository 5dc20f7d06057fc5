"""Learners that pick the rows that they learn from, and are certified by the others."""

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from fathometer.evidence import InputError, finite_array
from fathometer.generalization.certificates.learners._classifier import CertifiedClassifier
from fathometer.generalization.learning.predictors._picking import pick_to_learn
from fathometer.generalization.learning.predictors._plan import Loss
from fathometer.generalization.ledger._copies import grouped_rows


class _Picking(BaseEstimator):
    """Abstract: fits on rows that are picked among the first rows of all groups."""

    estimator: Any
    delta: Any
    start: Any
    batch: Any
    patience: Any
    allow_copies: Any

    def _pick(self, x: NDArray, y: NDArray, groups: Any, loss: Loss, default: Any) -> None:
        estimator = make_pipeline(StandardScaler(), default) if self.estimator is None else self.estimator
        heads = _heads(x, y, groups, bool(self.allow_copies))
        options = {"loss": loss, "start": self.start, "batch": self.batch, "patience": self.patience}
        self.estimator_, self.certificate_ = pick_to_learn(estimator, x[heads], y[heads], self.delta, **options)
        self.picked_ = heads[self.certificate_.rows]


class PickToLearnClassifier(CertifiedClassifier, _Picking):
    """A classifier that learns from few rows, picked one by one, and is certified by all others.

    All rows serve twice: they teach, and those that were not picked certify, by sample compression with the exact
    binomial tail (`compression_binomial`). Of rows with equal features, or of one group, the first stands for all. The
    certificate holds for the rows as `fit` received them, if they are independent: nothing else may have seen them.

    Attributes:
        classes_: the labels, sorted.
        estimator_: fitted on the rows that were picked.
        picked_: their numbers, sorted.
        certificate_: the rows among the first ones of all groups, the bound, its inputs and its value.
    """

    def __init__(
        self,
        estimator: Any = None,
        delta: Any = 0.05,
        start: Any = 1,
        batch: Any = 1,
        patience: Any = 20,
        allow_copies: Any = False,
    ) -> None:
        """Keep the parameters; `fit` checks them.

        Args:
            estimator: a classifier of scikit-learn, such as a whole pipeline; None for a logistic regression on scaled
                features.
            delta: failure probability of the certificate, in (0, 1).
            start: rows of the first fit; at least one of each class is added.
            batch: rows that are added before the next fit.
            patience: fits without a better certificate before the end.
            allow_copies: count rows with equal features one by one.
        """
        self.estimator = estimator
        self.delta = delta
        self.start = start
        self.batch = batch
        self.patience = patience
        self.allow_copies = allow_copies

    def fit(self, X: Any, y: Any, groups: Any = None) -> "PickToLearnClassifier":
        """Train and certify.

        Args:
            X: shape (n, d), finite.
            y: shape (n,), of at least two kinds.
            groups: shape (n,), group of each row; None if only copies belong together.

        Raises:
            ValueError: if the data are no classification problem.
            InputError: if a parameter is not in its range, or no row would be left to certify.
        """
        x, labels, _ = self._read_problem(X, y)
        self._pick(x, labels, groups, Loss(), LogisticRegression())
        return self

    def predict(self, X: Any) -> Shaped[np.ndarray, " n"]:
        """Labels.

        Args:
            X: shape (n, d), finite.
        """
        x = self._read_rows(X)
        return np.asarray(self.estimator_.predict(x))


class PickToLearnRegressor(RegressorMixin, _Picking):
    """A regressor that learns from few rows, picked one by one, and is certified by all others.

    As `PickToLearnClassifier`, for a loss that is cut off at `clip` and divided by it (`compression_kl`).

    Attributes:
        estimator_: fitted on the rows that were picked.
        picked_: their numbers, sorted.
        certificate_: the rows among the first ones of all groups, the bound, its inputs and its value, which is in
            units of `clip`.
    """

    def __init__(
        self,
        estimator: Any = None,
        loss: Any = "absolute",
        clip: Any = 1.0,
        delta: Any = 0.05,
        start: Any = 2,
        batch: Any = 1,
        patience: Any = 20,
        allow_copies: Any = False,
    ) -> None:
        """Keep the parameters; `fit` checks them.

        Args:
            estimator: a regressor of scikit-learn; None for a ridge regression on scaled features.
            loss: absolute or squared.
            clip: positive, fixed before the rows were seen: the largest loss that counts.
            delta: failure probability of the certificate, in (0, 1).
            start: rows of the first fit.
            batch: rows that are added before the next fit.
            patience: fits without a better certificate before the end.
            allow_copies: count rows with equal features one by one.
        """
        self.estimator = estimator
        self.loss = loss
        self.clip = clip
        self.delta = delta
        self.start = start
        self.batch = batch
        self.patience = patience
        self.allow_copies = allow_copies

    def fit(self, X: Any, y: Any, groups: Any = None) -> "PickToLearnRegressor":
        """Train and certify.

        Args:
            X: shape (n, d), finite.
            y: shape (n,), finite.
            groups: shape (n,), group of each row; None if only copies belong together.

        Raises:
            ValueError: if the data are no regression problem.
            InputError: if a parameter is not in its range, or no row would be left to certify.
        """
        x, target = map(np.asarray, validate_data(self, X, y, dtype=np.float64, y_numeric=True))
        finite_array("X", X, ndim=2)
        loss = Loss(self.loss, self.clip)
        if loss.of_classes:
            raise InputError("loss must be absolute or squared, got '0/1'")
        self._pick(x, target.astype(np.float64), groups, loss, Ridge())
        return self

    def predict(self, X: Any) -> Float[np.ndarray, " n"]:
        """Numbers.

        Args:
            X: shape (n, d), finite.
        """
        check_is_fitted(self)
        x = np.asarray(validate_data(self, X, dtype=np.float64, reset=False))
        return np.asarray(self.estimator_.predict(x), np.float64)


def _heads(x: NDArray, y: NDArray, groups: Any, allow_copies: bool) -> NDArray[np.int64]:
    """The first row of each group."""
    codes = np.unique(y, return_inverse=True)[1].reshape(-1)
    return np.sort(np.unique(grouped_rows(x, codes, 0, groups, allow_copies).numbers, return_index=True)[1])
