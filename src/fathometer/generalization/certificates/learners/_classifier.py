"""What the learners share: data in the manner of scikit-learn, and whether they allow a certificate."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from fathometer.evidence import finite_array, finite_number, label_array
from fathometer.generalization.learning.linear._training import MINIMUM_ROWS
from fathometer.generalization.ledger._copies import Grouped, grouped_rows, too_few_groups


class CertifiedClassifier(ClassifierMixin, BaseEstimator):
    """Abstract: a classifier with a parameter `delta` that certifies itself in `fit`."""

    delta: Any

    def _read_problem(
        self, X: Any, y: Any
    ) -> tuple[Float[np.ndarray, "n d"], Shaped[np.ndarray, " n"], Int[np.ndarray, " n"]]:
        """Features, labels and the number of each row's class; sets `classes_`.

        Raises:
            ValueError: if the data are no classification problem.
            InputError: if delta is not in (0, 1).
        """
        finite_number("delta", self.delta, above=0, below=1)
        features, labels = map(np.asarray, validate_data(self, X, y, dtype=np.float64))
        finite_array("X", X, ndim=2)  # scikit-learn takes dates and digits in text for numbers
        label_array("y", y)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError("Classifier can't train when only one class is present")
        return features, labels, codes.reshape(-1)

    def _read_rows(self, X: Any) -> Float[np.ndarray, "n d"]:
        """Features of rows to predict.

        Raises:
            ValueError: if it is not fitted, or the rows are not of the fitted kind.
        """
        check_is_fitted(self)
        features = np.asarray(validate_data(self, X, dtype=np.float64, reset=False))
        finite_array("X", X, ndim=2)
        return features


def too_few_to_certify(x: NDArray, codes: NDArray, groups: Any, allow_copies: bool) -> tuple[str, Grouped | None]:
    """Why rows are too few for a certificate, or else an empty text and their groups.

    Args:
        x: shape (n, p), features.
        codes: shape (n,), numbers of the classes.
        groups: shape (n,), group of each row; None if there is none.
        allow_copies: count rows with equal features one by one.
    """
    if len(codes) < MINIMUM_ROWS:
        return f"{len(codes)} rows are too few: a certificate needs at least {MINIMUM_ROWS}", None
    grouped = grouped_rows(x, codes, 0, groups, allow_copies)
    if grouped.copies.groups < MINIMUM_ROWS:
        return too_few_groups(grouped.copies, MINIMUM_ROWS), None
    return "", grouped
