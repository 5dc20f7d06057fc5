"""A deep linear classifier on the logistic loss and the weights that gradient flow starts from, as a problem."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from fathometer.deep_linear.model._network import as_single_weights
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.evidence import InputError, Problem, finite_array


@dataclass(frozen=True, eq=False)
class LogisticStart(Problem):
    """Gradient flow of mean_i log(1 + exp(-y_i w . x_i)), w = W_1^T ... W_L^T, from given weights.

    Attributes:
        X: inputs, shape (n, d).
        y: labels -1 or 1, shape (n,).
        weights: W_1 to W_L at time 0, W_k of shape (d_k, d_{k-1}), d_L = 1.

    Raises:
        InputError: if a value is not finite, a label is neither -1 nor 1, or shapes do not fit.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    weights: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        X, y = finite_array("X", self.X, ndim=2), finite_array("y", self.y, ndim=1)
        if len(X) != len(y) or not X.size:
            raise InputError(f"X must be (n, d) and y (n,) with n, d >= 1, got {X.shape} and {y.shape}")
        if not np.all(np.abs(y) == 1):
            raise InputError("labels must be -1 or 1")
        shape = DeepLinear(Regression(np.eye(X.shape[1]), np.zeros(X.shape[1])), len(self.weights))
        for name, value in (("X", X), ("y", y), ("weights", as_single_weights(shape, self.weights))):
            object.__setattr__(self, name, value)

    @cached_property
    def separation(self) -> float:
        """Largest min_i y_i w . x_i over w with entries in [-1, 1]: positive if the data are separable."""
        signed = self.y[:, None] * self.X
        system = np.column_stack([-signed, np.ones(len(signed))])
        limits = [(-1, 1)] * self.X.shape[1] + [(None, None)]
        solved = linprog(np.eye(self.X.shape[1] + 1)[-1] * -1, A_ub=system, b_ub=np.zeros(len(signed)), bounds=limits)
        return float(solved.x[-1])
