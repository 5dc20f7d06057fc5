"""What is studied: a linear regression, learnt by a product of matrices."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError, Problem, finite_array, finite_number, whole_number

_ASYMMETRY = 1e-10


@dataclass(frozen=True, eq=False)
class Regression(Problem):
    """Least squares through its sufficient statistics: R1(w) = risk_min + (w - w_star)^T sigma (w - w_star).

    There is no factor 1/2: the gradient is 2 sigma (w - w_star) and the Hessian 2 sigma.

    Attributes:
        sigma: X^T X / n, shape (d, d), symmetric and positive semidefinite.
        w_star: a minimizer of the risk, shape (d,); of least norm if sigma is singular. Zero is allowed.
        risk_min: mean squared error of `w_star`, at least 0.

    Raises:
        InputError: if a value is not finite, shapes do not fit, or sigma is not symmetric and positive semidefinite.
    """

    sigma: NDArray[np.float64]
    w_star: NDArray[np.float64]
    risk_min: float = 0.0

    def __post_init__(self) -> None:
        sigma, w_star = finite_array("sigma", self.sigma, ndim=2), finite_array("w_star", self.w_star, ndim=1)
        if w_star.size == 0 or sigma.shape != (w_star.size, w_star.size):
            raise InputError(f"sigma must be (d, d) and w_star (d,) with d >= 1, got {sigma.shape} and {w_star.shape}")
        if np.abs(sigma - sigma.T).max() > _ASYMMETRY * np.abs(sigma).max():
            raise InputError("sigma must be symmetric")
        symmetric = (sigma + sigma.T) / 2
        symmetric.setflags(write=False)
        object.__setattr__(self, "sigma", symmetric)
        object.__setattr__(self, "w_star", w_star)
        object.__setattr__(self, "risk_min", finite_number("risk_min", self.risk_min, at_least=0))
        lowest, highest = np.linalg.eigvalsh(symmetric)[[0, -1]]
        if lowest < -_ASYMMETRY * abs(highest):
            raise InputError(f"sigma must be positive semidefinite, got the eigenvalue {lowest:.6g}")

    @classmethod
    def from_data(cls, X: ArrayLike, y: ArrayLike) -> "Regression":
        """Reduce data, used as given, to sufficient statistics; `w_star` is the least-norm minimizer pinv(X) y.

        Where X w_star is rounding next to y, as for a target orthogonal to the features, `w_star` is zero.

        Args:
            X: shape (n, d), finite, n and d at least 1.
            y: shape (n,), finite.

        Raises:
            InputError: if the data are empty, not finite or of other shapes.
        """
        features, target = finite_array("X", X, ndim=2), finite_array("y", y, ndim=1)
        if features.size == 0:
            raise InputError(f"X must have at least one row and one column, got shape {features.shape}")
        if len(features) != len(target):
            raise InputError(f"X and y must have as many rows, got {len(features)} and {len(target)}")
        w_star = np.linalg.lstsq(features, target, rcond=None)[0].astype(np.float64)
        fitted, rounding = features @ w_star, max(features.shape) * np.finfo(float).eps
        if np.abs(fitted).max() <= rounding * np.abs(target).max():
            w_star, fitted = np.zeros_like(w_star), np.zeros_like(fitted)
        residual = target - fitted
        return cls(features.T @ features / len(target), w_star, float(residual @ residual) / len(target))

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
    def _spectrum(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        eigenvalues, eigenvectors = np.linalg.eigh(self.sigma)
        rounding = self.dimension * np.finfo(float).eps * eigenvalues[-1]
        return np.where(eigenvalues > rounding, eigenvalues, 0.0), eigenvectors

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Eigenvalues of sigma in increasing order, shape (d,); those at most d eps lambda_max are returned as 0."""
        return self._spectrum[0]

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
        eigenvalues, eigenvectors = self._spectrum
        return (eigenvectors * np.sqrt(eigenvalues)) @ eigenvectors.T

    @cached_property
    def q_modes(self) -> NDArray[np.float64]:
        """Coordinates of `q` on the eigenvectors of sigma, in the order of `eigenvalues`, shape (d,)."""
        eigenvalues, eigenvectors = self._spectrum
        return np.sqrt(eigenvalues) * (eigenvectors.T @ self.w_star)

    @property
    def q(self) -> NDArray[np.float64]:
        """sigma^{1/2} w_star, shape (d,): the same for every minimizer of the risk."""
        return self._spectrum[1] @ self.q_modes

    @cached_property
    def q_norm(self) -> float:
        """The norm of `q`; zero if `w_star` explains nothing."""
        return math.hypot(*self.q_modes)

    @property
    def explained(self) -> float:
        """What `w_star` explains: R1(0) - risk_min = |q|^2 = m^2 a."""
        return self.q_norm * self.q_norm

    @property
    def rayleigh(self) -> float:
        """Curvature a of the data along `w_star`, in [lambda_min, lambda_max]; NaN if `w_star` is zero."""
        return (self.q_norm / self.norm) ** 2 if self.norm else math.nan


@dataclass(frozen=True, eq=False)
class DeepLinear(Problem):
    """A regression learnt by w = W_1^T ... W_L^T p, with risk R(W) = R1(w).

    Attributes:
        regression: the data.
        depth: number L >= 1 of trained matrices.
        readout: fixed vector p of a residual network, shape (d,), not zero; None for a plain network, where p = 1.

    Raises:
        InputError: if the depth is below 1 or the readout has another shape or is zero.
    """

    regression: Regression
    depth: int
    readout: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", whole_number("depth", self.depth, at_least=1))
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
        return 2 * math.log(np.linalg.norm(self.output))


def expect_deep_linear(problem: Problem) -> DeepLinear:
    """Return the problem if it is a deep linear network.

    Raises:
        InputError: if it is something else.
    """
    if not isinstance(problem, DeepLinear):
        raise InputError(f"the problem must be a DeepLinear, got a {type(problem).__name__}")
    return problem
