"""Rows to certify on, checked: features as numbers, labels as numbers of classes or real targets."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Encoding
from fathometer.evidence import InputError, finite_array
from fathometer.generalization.learning.linear._certificate import data_digest
from fathometer.generalization.learning.linear._model import (
    LARGEST,
    read_classes,
    read_features,
    require_labels,
    require_size,
)
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS
from fathometer.generalization.learning.predictors._plan import Plan


@dataclass(frozen=True)
class Rows:
    """What a predictor is certified on.

    Attributes:
        x: shape (n, p), features as numbers; NaN where a value is missing, which only encoded tables may have.
        truth: shape (n,), number of each row's class, or the target.
        labels: shape (n,), as they were given.
        kinds: shape (k,), the classes in order; None for regression.
        encoding: of the features; None if they were given as numbers.
        frame: makes a data frame of the features as they were given, for predictors that name columns; None if they had
            no names.
        sensitive: shape (n,), group of each row of a sensitive column; None if there is none.
    """

    x: Float[np.ndarray, "n p"]
    truth: NDArray[Any]
    labels: NDArray[Any]
    kinds: NDArray[Any] | None
    encoding: Encoding | None = None
    frame: Callable[[], Any] | None = None
    sensitive: NDArray[Any] | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of features and labels."""
        return data_digest(self.x, self.labels)

    @cached_property
    def _named(self) -> Any:
        assert self.frame is not None
        return self.frame()

    def handed(self, framed: bool) -> Any:
        """What a predictor is given: numbers, or the data frame if it names columns.

        Raises:
            InputError: if it names columns and they have no names here.
        """
        if not framed:
            return self.x
        if self.frame is None:
            raise InputError("the model selects columns by name: give a table with named columns, such as a CSV file")
        return self._named


def read_rows(
    features: ArrayLike,
    labels: ArrayLike,
    plan: Plan,
    encoding: Encoding | None = None,
    frame: Callable[[], Any] | None = None,
    sensitive: ArrayLike | None = None,
) -> Rows:
    """Check features and labels.

    Args:
        features: shape (n, p); finite, unless an encoding says where values are missing.
        labels: shape (n,): labels, or for a loss of regression finite numbers.
        plan: whose loss says which.
        encoding: of the features; None if they were given as numbers.
        frame: makes a data frame of the same rows.
        sensitive: shape (n,), group of each row of a sensitive column; None if there is none.

    Raises:
        InputError: if features are no matrix of numbers with enough rows, or labels do not fit them or the loss, or the
            plan names a sensitive column that is not there.
    """
    told = _sensitive(plan, sensitive, len(np.asarray(labels)))
    missing = encoding is not None and not encoding.plain
    if plan.loss.of_classes:
        x, codes, kinds = read_classes(features, labels, MINIMUM_ROWS, missing=missing)
        require_labels(labels, kinds)
        return Rows(x, codes, np.asarray(labels), kinds, encoding, frame, told)
    x, target = read_features(features, missing), finite_array("target", labels, ndim=1)
    require_size(x, target, MINIMUM_ROWS)
    if np.abs(target).max() > LARGEST:
        raise InputError(f"the target must be at most {LARGEST:g} in size, got {np.abs(target).max():g}")
    return Rows(x, target, target, None, encoding, frame, told)


def _sensitive(plan: Plan, given: ArrayLike | None, rows: int) -> NDArray[Any] | None:
    """The sensitive column of a plan that names one.

    Raises:
        InputError: if it is not given, or has another length.
    """
    if not plan.sensitive:
        return None
    if given is None:
        raise InputError(f"the groups of the sensitive column {plan.sensitive!r} are needed (--sensitive, sensitive=)")
    column = np.asarray(given)
    if column.shape != (rows,):
        raise InputError(f"a sensitive column must have shape ({rows},), got {column.shape}")
    return column
