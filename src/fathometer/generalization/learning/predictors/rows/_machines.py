"""Support vector machines, which their support vectors give back but for the tolerance of the solver.

Let f be the deployed function, f' that of a fit on its support vectors alone, w and w' their vectors in the space of
the kernel K and b, b' their offsets. Then |f(x) - f'(x)| <= |w - w'| sqrt(K(x, x)) + |b - b'|. If both norms are at
most `ROOM`, which was fixed in advance, f errs only where y f'(x) <= ROOM (1 + sqrt(K(x, x))) (derived). That is a loss
of f', which is a function of the support vectors, so that sample compression certifies it; rows that are no support
vectors have y f' of about 1 or more.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.generalization.learning.predictors.models._state import cloned

ROOM = 0.02
KERNELS = ("linear", "rbf", "poly")


@dataclass(frozen=True)
class Machine:
    """A support vector machine for two classes.

    Attributes:
        rows: numbers of its support vectors in what it was fitted on.
        again: fitted on these alone.
    """

    rows: Int[np.ndarray, " k"]
    again: Any


def machine(model: Any, x: Float[np.ndarray, "m p"], codes: NDArray[np.int64]) -> Machine | None:
    """The machine with its fit on the support vectors; None if it is none, or these do not give it back.

    Args:
        model: fitted.
        x: what it was fitted on.
        codes: 0 or 1 for each row, in the order of its classes.
    """
    from sklearn.svm import SVC

    if not isinstance(model, SVC) or len(model.classes_) != 2 or not _is_inner_product(model):
        return None
    rows = np.asarray(model.support_, np.int64)
    if rows.max(initial=0) >= len(x) or not np.array_equal(model.support_vectors_, x[rows]):
        return None
    again = cloned(model).fit(x[rows], codes[rows])
    return Machine(rows, again) if again._gamma == model._gamma and _is_near(model, again, x[rows]) else None


def _is_inner_product(model: Any) -> bool:
    if model.kernel == "poly":
        return model.coef0 >= 0 and float(model.degree).is_integer()
    return model.kernel in KERNELS


def _is_near(model: Any, again: Any, x: Float[np.ndarray, "k p"]) -> bool:
    """Whether vector and offset differ by less than `ROOM`."""
    change = np.asarray(model.dual_coef_)[0].copy()
    change[again.support_] -= again.dual_coef_[0]
    square = change @ _kernel(model, x) @ change
    limit = (0.99 * ROOM) ** 2
    return bool(square <= limit and (model.intercept_[0] - again.intercept_[0]) ** 2 <= limit)


def _kernel(model: Any, x: Float[np.ndarray, "k p"]) -> Float[np.ndarray, "k k"]:
    from sklearn.metrics.pairwise import pairwise_kernels

    known = {"gamma": model._gamma, "degree": model.degree, "coef0": model.coef0}
    return pairwise_kernels(x, metric=model.kernel, filter_params=True, **known)


def too_near(found: Machine, x: Float[np.ndarray, "r p"], codes: NDArray[np.int64]) -> Float[np.ndarray, " r"]:
    """1 where the function of the support vectors is not above zero by enough, on the side of the class.

    Args:
        found: the machine.
        x: rows, as it is given them.
        codes: 0 or 1 for each row.
    """
    scores = found.again.decision_function(x) * (2 * codes - 1)
    return (scores <= ROOM * (1 + np.sqrt(_self_product(found.again, x)))).astype(np.float64)


def _self_product(model: Any, x: Float[np.ndarray, "r p"]) -> Float[np.ndarray, " r"]:
    """K(x, x)."""
    squares = (x**2).sum(axis=1)
    if model.kernel == "linear":
        return squares
    return np.ones(len(x)) if model.kernel == "rbf" else (model._gamma * squares + model.coef0) ** model.degree
