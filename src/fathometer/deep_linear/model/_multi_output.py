"""Several outputs: least squares for a matrix, learnt by a product of matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import Regression
from fathometer.deep_linear.model.data._factor import Factor, reduce_samples
from fathometer.evidence import InputError, Problem, finite_array, finite_number, whole_number


@dataclass(frozen=True, eq=False)
class MultiOutputRegression(Problem):
    """Least squares R1(M) = risk_min + tr((M - M_star) sigma (M - M_star)^T), without a factor 1/2.

    Attributes:
        sigma: X^T X / n, shape (d, d), symmetric and positive semidefinite.
        M_star: a minimizer of the risk, shape (o, d); of least norm if sigma is singular. Zero is allowed.
        risk_min: squared error of `M_star`, summed over outputs and averaged over samples, at least 0.
        factor: F with F^T F = sigma, from the samples; None where only sigma is known.

    Raises:
        InputError: if a value is not finite, shapes do not fit, or sigma is not symmetric and positive semidefinite.
    """

    sigma: NDArray[np.float64]
    M_star: NDArray[np.float64]
    risk_min: float = 0.0
    factor: Factor | None = None

    def __post_init__(self) -> None:
        sigma, M_star = finite_array("sigma", self.sigma, ndim=2), finite_array("M_star", self.M_star, ndim=2)
        if M_star.size == 0 or sigma.shape != (M_star.shape[1],) * 2:
            raise InputError(f"sigma must be (d, d) and M_star (o, d), d, o >= 1, got {sigma.shape} and {M_star.shape}")
        object.__setattr__(self, "M_star", M_star)
        object.__setattr__(self, "risk_min", finite_number("risk_min", self.risk_min, at_least=0))
        object.__setattr__(self, "sigma", Regression(sigma, M_star[0], 0.0, self.factor).sigma)

    @classmethod
    def from_data(cls, X: ArrayLike, Y: ArrayLike) -> "MultiOutputRegression":
        """Reduce data, used as given, to sufficient statistics; M_star^T = pinv(X) Y.

        Args:
            X: shape (n, d), finite, n and d at least 1; every column zero or with its largest entry in [1e-152, 1e152].
            Y: shape (n, o), finite, o at least 1; columns in the same range.

        Raises:
            InputError: if the data are empty, not finite, too large or small, or of other shapes.
        """
        features, targets = finite_array("X", X, ndim=2), finite_array("Y", Y, ndim=2)
        if features.size == 0 or targets.size == 0:
            raise InputError(f"X and Y must not be empty, got shapes {features.shape} and {targets.shape}")
        if len(features) != len(targets):
            raise InputError(f"X and Y must have as many rows, got {len(features)} and {len(targets)}")
        reduced = reduce_samples(features, targets)
        risk = float(np.sum(reduced.left**2)) / len(targets)
        return cls(reduced.sigma(features), reduced.solution.T, risk, reduced.factor)

    @cached_property
    def inputs(self) -> Regression:
        """The same inputs with the first output alone: it has the spectrum and the root of sigma."""
        return self.output(0)

    def output(self, index: int) -> Regression:
        """One output alone, at the risk of all."""
        return Regression(self.sigma, self.M_star[index], self.risk_min, self.factor)

    @cached_property
    def q(self) -> NDArray[np.float64]:
        """M_star sigma^{1/2}, shape (o, d): the same for every minimizer of the risk."""
        return self.M_star @ self.inputs.root

    @property
    def explained(self) -> float:
        """What `M_star` explains: R1(0) - risk_min = |q|_F^2."""
        return float(np.sum(self.q**2))


@dataclass(frozen=True, eq=False)
class MultiOutput(Problem):
    """A regression with o outputs, learnt by M = W_L ... W_1, with risk R(W) = R1(M).

    Attributes:
        regression: the data.
        depth: number L >= 1 of trained matrices.

    Raises:
        InputError: if the depth is below 1.
    """

    regression: MultiOutputRegression
    depth: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", whole_number("depth", self.depth, at_least=1))

    @property
    def shape(self) -> tuple[int, int]:
        """(o, d): outputs and inputs."""
        outputs, inputs = self.regression.M_star.shape
        return outputs, inputs


def as_multi_output_weights(problem: MultiOutput, weights: Sequence[ArrayLike]) -> Weights:
    """Read W_1 to W_L, W_k of shape (..., d_k, d_{k-1}) with d_0 = d and d_L = o, as float64 arrays.

    Raises:
        InputError: if their number or shapes do not fit the problem, or a weight is not finite.
    """
    if len(weights) != problem.depth:
        raise InputError(f"weights must be {problem.depth} matrices, got {len(weights)}")
    read = tuple(finite_array(f"W_{k}", matrix) for k, matrix in enumerate(weights, start=1))
    outputs, rows = problem.shape
    for k, matrix in enumerate(read, start=1):
        if matrix.ndim < 2 or matrix.shape[-1] != rows or matrix.shape[:-2] != read[0].shape[:-2]:
            raise InputError(f"W_{k} must have {rows} columns and the batch axes of W_1, got shape {matrix.shape}")
        rows = matrix.shape[-2]
    if rows != outputs:
        raise InputError(f"W_{problem.depth} must have {outputs} row(s), got {rows}")
    return read


def matrix_product(weights: Weights) -> NDArray[np.float64]:
    """M = W_L ... W_1, shape (..., o, d)."""
    matrix = weights[0]
    for following in weights[1:]:
        matrix = following @ matrix
    return matrix


def multi_output_excess(problem: MultiOutput, M: Float[np.ndarray, "*batch o d"]) -> Float[np.ndarray, "*batch"]:
    """Risk of a matrix above its minimum, |(M - M_star) sigma^{1/2}|_F^2."""
    data = problem.regression
    return np.asarray(np.sum(((M - data.M_star) @ data.inputs.half.T) ** 2, axis=(-2, -1)))


def heads(weights: Weights) -> list[NDArray[np.float64]]:
    """B_1 to B_L, B_k = W_L ... W_{k+1} of shape (..., o, d_k); B_L is the identity."""
    outputs = weights[-1].shape[-2]
    matrices = [np.broadcast_to(np.eye(outputs), (*weights[0].shape[:-2], outputs, outputs))]
    for matrix in reversed(weights[1:]):
        matrices.insert(0, matrices[0] @ matrix)
    return matrices


def tails(weights: Weights) -> list[NDArray[np.float64]]:
    """A_1 to A_L, A_k = W_{k-1} ... W_1 of shape (..., d_{k-1}, d); A_1 is the identity."""
    inputs = weights[0].shape[-1]
    matrices = [np.broadcast_to(np.eye(inputs), (*weights[0].shape[:-2], inputs, inputs))]
    for matrix in weights[:-1]:
        matrices.append(matrix @ matrices[-1])
    return matrices


def multi_output_gradient(problem: MultiOutput, weights: Sequence[ArrayLike]) -> Weights:
    """Gradient of the risk: B_k^T G A_k^T for each layer with G = 2 (M - M_star) sigma, of the shapes of the weights.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read, data = as_multi_output_weights(problem, weights), problem.regression
    slope = 2 * (matrix_product(read) - data.M_star) @ data.sigma
    pairs = zip(heads(read), tails(read), strict=True)
    return tuple(np.swapaxes(B, -1, -2) @ slope @ np.swapaxes(A, -1, -2) for B, A in pairs)
