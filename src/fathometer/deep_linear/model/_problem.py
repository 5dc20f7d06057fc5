"""What is studied: a linear regression, learnt by a product of matrices."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model.data._factor import Factor, factor_of_sigma, jacobi, reduce_samples
from fathometer.evidence import InputError, Problem, finite_array, finite_number, whole_number

_ASYMMETRY = 1e-10
DEEPEST = 10**15
"""Largest depth: beyond, L - 1 and L are no longer different numbers."""


@dataclass(frozen=True, eq=False)
class Regression(Problem):
    """Least squares through its sufficient statistics: R1(w) = risk_min + (w - w_star)^T sigma (w - w_star).

    There is no factor 1/2: the gradient is 2 sigma (w - w_star) and the Hessian 2 sigma.

    Attributes:
        sigma: X^T X / n, shape (d, d), symmetric and positive semidefinite.
        w_star: a minimizer of the risk, shape (d,); of least norm if sigma is singular. Zero is allowed.
        risk_min: mean squared error of `w_star`, at least 0.
        factor: F with F^T F = sigma, from the samples; None where only sigma is known.

    Raises:
        InputError: if a value is not finite, shapes do not fit, sigma is not symmetric and positive semidefinite, or
            the factor is one of another matrix.
    """

    sigma: NDArray[np.float64]
    w_star: NDArray[np.float64]
    risk_min: float = 0.0
    factor: Factor | None = None

    def __post_init__(self) -> None:
        sigma, w_star = finite_array("sigma", self.sigma, ndim=2), finite_array("w_star", self.w_star, ndim=1)
        if w_star.size == 0 or sigma.shape != (w_star.size, w_star.size):
            raise InputError(f"sigma must be (d, d) and w_star (d,) with d >= 1, got {sigma.shape} and {w_star.shape}")
        if np.abs(sigma - sigma.T).max() > _ASYMMETRY * np.abs(sigma).max():
            raise InputError("sigma must be symmetric")
        symmetric = sigma / 2 + sigma.T / 2
        symmetric.setflags(write=False)
        object.__setattr__(self, "sigma", symmetric)
        object.__setattr__(self, "w_star", w_star)
        object.__setattr__(self, "risk_min", finite_number("risk_min", self.risk_min, at_least=0))
        _require_factor(symmetric, self.factor)

    @classmethod
    def from_data(cls, X: ArrayLike, y: ArrayLike) -> "Regression":
        """Reduce data, used as given, to sufficient statistics; `w_star` is the least-norm minimizer pinv(X) y.

        Where X w_star is rounding next to y, as for a target orthogonal to the features, `w_star` is zero. Columns of
        any units keep their digits: see `reduce_samples`.

        Args:
            X: shape (n, d), finite, n and d at least 1; every column zero or with its largest entry in [1e-152, 1e152].
            y: shape (n,), finite, zero or with its largest entry in the same range.

        Raises:
            InputError: if the data are empty, not finite, too large or small, or of other shapes.
        """
        features, target = finite_array("X", X, ndim=2), finite_array("y", y, ndim=1)
        if features.size == 0:
            raise InputError(f"X must have at least one row and one column, got shape {features.shape}")
        if len(features) != len(target):
            raise InputError(f"X and y must have as many rows, got {len(features)} and {len(target)}")
        reduced = reduce_samples(features, target[:, None])
        residual = reduced.left[:, 0]
        return cls(
            reduced.sigma(features), reduced.solution[:, 0], float(residual @ residual) / len(target), reduced.factor
        )

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return self.w_star.size

    @cached_property
    def norm(self) -> float:
        """The norm m of `w_star`."""
        return math.hypot(*self.w_star)

    @cached_property
    def direction(self) -> NDArray[np.float64]:
        """`w_star` / m, shape (d,); zero where `w_star` is."""
        return self.w_star / self.norm if self.norm else self.w_star

    @cached_property
    def read_factor(self) -> Factor:
        """The factor F of the data, or else one of sigma, which keeps half as many digits of ill-conditioned data."""
        return factor_of_sigma(self.sigma) if self.factor is None else self.factor

    @property
    def half(self) -> NDArray[np.float64]:
        """A matrix F with F^T F = sigma, shape (d, d): so |F v| is |sigma^{1/2} v| with more digits."""
        return self.read_factor.matrix

    @cached_property
    def _decomposition(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Of the factor: left singular vectors, singular values and right singular vectors, values increasing."""
        left, values, right = jacobi(self.half)
        return (
            left[:, ::-1],
            np.where(np.arange(self.dimension) < self.read_factor.rank, values, 0.0)[::-1],
            right[::-1].T,
        )

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Eigenvalues of sigma in increasing order, shape (d,); those within rounding of 0 are returned as 0."""
        return self._decomposition[1] ** 2

    @property
    def lambda_min(self) -> float:
        """Smallest eigenvalue of sigma."""
        return float(self.eigenvalues[0])

    @property
    def lambda_max(self) -> float:
        """Largest eigenvalue of sigma."""
        return float(self.eigenvalues[-1])

    @cached_property
    def root(self) -> NDArray[np.float64]:
        """Symmetric square root of sigma, shape (d, d)."""
        _, values, vectors = self._decomposition
        return (vectors * values) @ vectors.T

    @cached_property
    def q_modes(self) -> NDArray[np.float64]:
        """Coordinates of `q` on the eigenvectors of sigma, in the order of `eigenvalues`, shape (d,)."""
        return self._decomposition[0].T @ (self.half @ self.w_star)

    @property
    def q(self) -> NDArray[np.float64]:
        """sigma^{1/2} w_star, shape (d,): the same for every minimizer of the risk."""
        return self._decomposition[2] @ self.q_modes

    @cached_property
    def q_norm(self) -> float:
        """The norm of `q`; zero if `w_star` explains nothing."""
        return math.hypot(*self.q_modes)

    @property
    def explained(self) -> float:
        """What `w_star` explains: R1(0) - risk_min = |q|^2 = m^2 a."""
        with np.errstate(over="ignore"):
            form = float(self.w_star @ self.sigma @ self.w_star)
        given = self.factor is None and self.q_norm > 0 and form > 0
        return form if given else self.q_norm * self.q_norm

    @property
    def rayleigh(self) -> float:
        """Curvature a of the data along `w_star`, in [lambda_min, lambda_max]; NaN if `w_star` is zero."""
        return (self.q_norm / self.norm) ** 2 if self.norm else math.nan


def _require_factor(sigma: NDArray[np.float64], factor: Factor | None) -> None:
    """Refuse a matrix that has no factor, and a factor of another one, as after a change of sigma alone.

    Raises:
        InputError: if sigma is not positive semidefinite, or F^T F is not sigma.
    """
    if factor is None:
        lowest, highest = np.linalg.eigvalsh(sigma)[[0, -1]]
        if lowest < -_ASYMMETRY * abs(highest):
            raise InputError(f"sigma must be positive semidefinite, got the eigenvalue {lowest:.6g}")
        return
    sizes = np.sqrt(np.diag(sigma))
    if factor.matrix.shape != sigma.shape or np.any(
        np.abs(factor.matrix.T @ factor.matrix - sigma) > _ASYMMETRY * np.outer(sizes, sizes)
    ):
        raise InputError("factor must be a matrix F with F^T F = sigma; leave it out where sigma is given")


@dataclass(frozen=True, eq=False)
class DeepLinear(Problem):
    """A regression learnt by w = W_1^T ... W_L^T p, with risk R(W) = R1(w).

    Attributes:
        regression: the data.
        depth: number L of trained matrices, from 1 to 1e15.
        readout: fixed vector p of a residual network, shape (d,), not zero; None for a plain network, where p = 1.

    Raises:
        InputError: if the depth is out of range or the readout has another shape or is zero.
    """

    regression: Regression
    depth: int
    readout: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", whole_number("depth", self.depth, at_least=1))
        if self.depth > DEEPEST:
            raise InputError(f"depth must be at most {DEEPEST:g}, got {self.depth}")
        if self.readout is None:
            return
        readout = finite_array("readout", self.readout, ndim=1)
        if readout.shape != self.regression.w_star.shape:
            raise InputError(f"readout must have shape {self.regression.w_star.shape}, got {readout.shape}")
        if not np.any(readout):
            raise InputError("readout must not be zero")
        object.__setattr__(self, "readout", readout)

    @property
    def output(self) -> NDArray[np.float64]:
        """The readout p, shape (d,); [1.0] for a plain network."""
        return np.ones(1) if self.readout is None else self.readout

    @cached_property
    def log_gain(self) -> float:
        """Logarithm of |p|^2; 0 for a plain network."""
        return 2 * math.log(math.hypot(*self.output))
