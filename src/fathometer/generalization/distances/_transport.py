"""Wasserstein distances with the Euclidean cost in closed form: Gaussians, points and balls."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from scipy.special import erf

from fathometer.evidence import Estimate, InputError, finite_array, finite_number, whole_number
from fathometer.generalization.distances._divergences import Gaussian, require_one_dimension
from fathometer.generalization.distances._gaussian_norm import mean_gaussian_norm


def gaussian_w2(posterior: Gaussian, prior: Gaussian) -> Estimate:
    """W2: |m1 - m2|^2 plus the squared Bures distance of the covariances, under the root.

    Raises:
        InputError: if the laws differ in dimension.
    """
    require_one_dimension(posterior, prior)
    shift = float(np.sum((posterior.mean - prior.mean) ** 2))
    return Estimate.exact(np.sqrt(shift + _squared_bures(posterior, prior)))


def gaussian_w1(posterior: Gaussian, prior: Gaussian) -> Estimate:
    """W1: exact for equal covariances and for d = 1, else enclosed by |m1 - m2| and W2.

    Raises:
        InputError: if the laws differ in dimension.
    """
    upper = float(np.asarray(gaussian_w2(posterior, prior).value))
    shift = float(np.linalg.norm(posterior.mean - prior.mean))
    if np.array_equal(posterior.matrix(), prior.matrix()):
        return Estimate.exact(shift)
    if posterior.dim == 1:
        spread = abs(float(np.sqrt(posterior.variances()[0]) - np.sqrt(prior.variances()[0])))
        around = spread * np.sqrt(2 / np.pi) * np.exp(-((shift / spread) ** 2) / 2)
        return Estimate.exact(around + shift * erf(shift / spread / np.sqrt(2)))
    return Estimate.enclosed(upper, min(shift, upper), upper)


def dirac_to_dirac(first: ArrayLike, second: ArrayLike) -> Estimate:
    """W1 = W2 = |first - second|.

    Args:
        first: shape (d,), finite.
        second: shape (d,), finite.

    Raises:
        InputError: if the points are not finite or differ in shape.
    """
    a, b = (finite_array(name, point, ndim=1) for name, point in (("first", first), ("second", second)))
    if a.shape != b.shape:
        raise InputError(f"the two points must have one shape, got {a.shape} and {b.shape}")
    return Estimate.exact(float(np.linalg.norm(a - b)))


def dirac_to_gaussian(point: ArrayLike, gaussian: Gaussian) -> Estimate:
    """W1 from a point: sigma a_d at the centre of an isotropic law, else enclosed.

    With v the distance from the mean and T the trace of the covariance, max(v, sqrt(2T/pi)) <= W1 <= sqrt(v^2 + T);
    for an isotropic law sqrt(2T/pi) is replaced by sigma a_d (derived: Jensen on both sides; the mean norm is concave
    in the eigenvalues of the covariance, so that a single axis gives the least). The upper end is W2.

    Raises:
        InputError: if the point is not finite or does not have the dimension of the law.
    """
    shift = float(dirac_to_dirac(point, np.asarray(gaussian.mean)).value)
    trace = float(gaussian.variances().sum())
    isotropic = not gaussian.full and np.ptp(gaussian.variances()) == 0
    mean_norm = float(mean_gaussian_norm(gaussian.dim)) * np.sqrt(trace / gaussian.dim)
    if isotropic and shift == 0:
        return Estimate.exact(mean_norm)
    upper = np.hypot(shift, np.sqrt(trace))
    lower = max(shift, mean_norm if isotropic else np.sqrt(2 * trace / np.pi))
    return Estimate.enclosed(upper, min(lower, upper), upper)


def dirac_to_ball(radius: float, dim: int) -> Estimate:
    """W1 from the centre to the uniform law on a ball: radius d / (d + 1).

    Raises:
        InputError: if the radius is not positive or the dimension is below 1.
    """
    d = whole_number("dim", dim, at_least=1)
    return Estimate.exact(finite_number("radius", radius, above=0) * d / (d + 1))


def _squared_bures(first: Gaussian, second: Gaussian) -> float:
    """|A^(1/2) - B^(1/2) U|^2 with the rotation U that aligns both roots: nothing cancels where the laws are near."""
    if not (first.full or second.full):
        return float(np.sum((np.sqrt(first.variances()) - np.sqrt(second.variances())) ** 2))
    a, b = (_root(law.matrix()) for law in (first, second))
    left, _, right = linalg.svd(b @ a)
    return float(np.sum((a - b @ (left @ right)) ** 2))


def _root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    values, axes = linalg.eigh(matrix)
    return axes * np.sqrt(np.maximum(values, 0)) @ axes.T
