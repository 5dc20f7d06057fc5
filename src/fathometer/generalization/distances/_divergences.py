"""How far a posterior is from a prior: Kullback-Leibler, Renyi and total variation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from scipy.special import erf, ndtr, rel_entr

from fathometer.evidence import Estimate, InputError, Record, finite_array, finite_number

Weights = Float[np.ndarray, " h"]


@dataclass(frozen=True, eq=False)
class Gaussian(Record):
    """A Gaussian law on R^d.

    Attributes:
        mean: shape (d,), finite; a number is taken as d = 1.
        covariance: shape (d,) if diagonal, where a positive number stands for d equal ones, or (d, d), symmetric
            positive definite.

    Raises:
        InputError: if the mean is not finite or the covariance does not fit it or is not positive definite.
    """

    mean: NDArray[Any] | float
    covariance: NDArray[Any] | float

    def __post_init__(self) -> None:
        mean = np.atleast_1d(finite_array("mean", self.mean))
        covariance = finite_array("covariance", self.covariance)
        if mean.ndim != 1 or mean.size == 0 or covariance.shape not in ((), mean.shape, mean.shape * 2):
            raise InputError(
                f"mean {mean.shape} and covariance {covariance.shape} must be (d,) with (), (d,) or (d, d)"
            )
        if not _positive(covariance):
            raise InputError("covariance must be symmetric and positive definite")
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "covariance", np.full(mean.shape, covariance) if covariance.ndim == 0 else covariance)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return np.size(self.mean)

    @property
    def full(self) -> bool:
        """Whether the covariance is a matrix."""
        return np.ndim(self.covariance) == 2

    def variances(self) -> Float[np.ndarray, " d"]:
        """Diagonal of the covariance."""
        return np.diagonal(self.covariance) if self.full else np.asarray(self.covariance)

    def matrix(self) -> Float[np.ndarray, "d d"]:
        """The covariance as a matrix."""
        return np.asarray(self.covariance) if self.full else np.diag(self.variances())


def gaussian_kl(posterior: Gaussian, prior: Gaussian) -> Estimate:
    """KL(posterior || prior) in nats: sum over the common axes of (u^2 + v - 1 - ln v) / 2."""
    variances, shifts = _relative(posterior, prior)
    return Estimate.exact(float(np.sum(shifts**2 + (variances - 1) - np.log1p(variances - 1)) / 2))


def gaussian_renyi(posterior: Gaussian, prior: Gaussian, order: float = 2.0) -> Estimate:
    """Renyi divergence of an order above 1 in nats; infinite where order B + (1 - order) A is not positive definite.

    Args:
        posterior: of the same dimension as the prior.
        prior: what it is held against.
        order: above 1.

    Raises:
        InputError: if the order is not above 1, or the laws differ in dimension.
    """
    a = finite_number("order", order, above=1)
    variances, shifts = _relative(posterior, prior)
    mixed = a + (1 - a) * variances
    if np.any(mixed <= 0):
        return Estimate.exact(np.inf)
    spread = np.log(mixed) - (1 - a) * np.log(variances)
    return Estimate.exact(float(np.sum(a * shifts**2 / mixed - spread / (a - 1)) / 2))


def gaussian_tv(posterior: Gaussian, prior: Gaussian) -> Estimate:
    """Total variation: exact for equal covariances and for d = 1, else enclosed by the Hellinger affinity and the KL.

    1 - BC <= TV <= min(sqrt(1 - BC^2), sqrt(KL/2), sqrt(1 - exp(-KL))), BC the affinity (Le Cam; Pinsker;
    Bretagnolle and Huber).
    """
    variances, shifts = _relative(posterior, prior)
    if np.all(variances == 1):
        return Estimate.exact(float(erf(np.linalg.norm(shifts) / np.sqrt(8))))
    if posterior.dim == 1:
        return Estimate.exact(_tv_on_the_line(float(shifts[0]), float(variances[0])))
    log_affinity = np.sum(np.log(4 * variances) / 4 - np.log1p(variances) / 2 - shifts**2 / (1 + variances) / 4)
    kl = float(np.asarray(gaussian_kl(posterior, prior).value))
    lower = -np.expm1(log_affinity)
    upper = min(np.sqrt(-np.expm1(2 * log_affinity)), np.sqrt(kl / 2), np.sqrt(-np.expm1(-kl)))
    return Estimate.enclosed((lower + upper) / 2, lower, upper)


def discrete_kl(posterior: ArrayLike, prior: ArrayLike) -> Estimate:
    """KL(posterior || prior) in nats of weights on finitely many predictors; infinite without absolute continuity.

    Args:
        posterior: shape (h,), non-negative, sum 1.
        prior: shape (h,), non-negative, sum 1.

    Raises:
        InputError: if the weights are not such.
    """
    rho, pi = _weights(posterior, prior)
    return Estimate.exact(max(0.0, float(rel_entr(rho, pi).sum())))


def discrete_renyi(posterior: ArrayLike, prior: ArrayLike, order: float = 2.0) -> Estimate:
    """Renyi divergence of an order above 1 in nats of weights on finitely many predictors; see `discrete_kl`.

    Args:
        posterior: shape (n,), weights of sum 1.
        prior: shape (n,), weights of sum 1.
        order: above 1.
    """
    a = finite_number("order", order, above=1)
    rho, pi = _weights(posterior, prior)
    if np.any((rho > 0) & (pi == 0)):
        return Estimate.exact(np.inf)
    seen = rho > 0
    logs = a * np.log(rho[seen]) + (1 - a) * np.log(pi[seen])
    return Estimate.exact(max(0.0, float(np.logaddexp.reduce(logs) / (a - 1))))


def discrete_tv(posterior: ArrayLike, prior: ArrayLike) -> Estimate:
    """Total variation of weights on finitely many predictors; see `discrete_kl`."""
    rho, pi = _weights(posterior, prior)
    return Estimate.exact(float(np.abs(rho - pi).sum() / 2))


def _relative(posterior: Gaussian, prior: Gaussian) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, " d"]]:
    """Variances and mean of the posterior along axes in which it is diagonal and the prior is standard.

    Raises:
        InputError: if the laws differ in dimension.
    """
    require_one_dimension(posterior, prior)
    shift = np.asarray(posterior.mean - prior.mean)
    if not (posterior.full or prior.full):
        return posterior.variances() / prior.variances(), shift / np.sqrt(prior.variances())
    if np.array_equal(posterior.matrix(), prior.matrix()):
        return np.ones(prior.dim), linalg.solve_triangular(
            linalg.cholesky(prior.matrix(), lower=True), shift, lower=True
        )
    variances, axes = linalg.eigh(posterior.matrix(), prior.matrix())
    return variances, axes.T @ shift


def require_one_dimension(first: Gaussian, second: Gaussian) -> None:
    """Refuse laws on different spaces.

    Raises:
        InputError: if the dimensions differ.
    """
    if first.dim != second.dim:
        raise InputError(f"the two laws must have one dimension, got {first.dim} and {second.dim}")


def _tv_on_the_line(shift: float, variance: float) -> float:
    """Between N(shift, variance) and N(0, 1), from the two points where the densities cross."""
    a, b = 1 - 1 / variance, shift / variance
    c = -(shift**2) / variance - np.log(variance)
    root = np.sqrt(b**2 - a * c)
    low, high = np.sort([(-b - root) / a, (-b + root) / a])
    mass = np.diff(ndtr((np.array([low, high]) - shift) / np.sqrt(variance))) - np.diff(ndtr(np.array([low, high])))
    return float(np.abs(mass[0]))


def _positive(covariance: NDArray[np.float64]) -> bool:
    if covariance.ndim < 2:
        return bool(np.all(covariance > 0))
    return bool(np.array_equal(covariance, covariance.T) and np.all(linalg.eigvalsh(covariance) > 0))


def _weights(posterior: ArrayLike, prior: ArrayLike) -> tuple[Weights, Weights]:
    rho, pi = (finite_array(name, v, ndim=1) for name, v in (("posterior", posterior), ("prior", prior)))
    if rho.shape != pi.shape:
        raise InputError(f"posterior and prior must have one shape, got {rho.shape} and {pi.shape}")
    for name, weights in (("posterior", rho), ("prior", pi)):
        if np.any(weights < 0) or abs(weights.sum() - 1) > 1e-9:
            raise InputError(
                f"{name} must be non-negative with sum 1, got sum {weights.sum():g}, least {weights.min():g}"
            )
    return rho, pi
