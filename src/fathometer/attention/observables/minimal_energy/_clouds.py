"""The energy of clouds with its rounding, and the inner products that occur in them."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._system import read_beta
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.evidence import Estimate, Observable, Problem, finite_array
from fathometer.numerics import SLACK, round_down, round_up, wide


def enclosed_energy(points: Float[np.ndarray, "n d"], beta: float) -> Estimate:
    """Return the unit energy of the cloud x_i / |x_i| of equal masses, enclosed with all rounding.

    Args:
        points: nonzero rows, near the sphere; they are made unit in the wide format.
        beta: inverse temperature, between 0 and 1e10.

    Raises:
        InputError: if a value is not as above.
    """
    return Estimate.enclosed(*_energy(finite_array("points", points, ndim=2), read_beta(beta)))


def inner_products(
    points: Float[np.ndarray, "n d"], apart: float = 1e-6
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
    """Return the inner products of pairs that occur in a cloud, ascending, and how many partners a point has at each.

    Args:
        points: unit rows.
        apart: inner products with no gap above this between them count as one, their mean.
    """
    cosines = np.sort((points @ points.T)[~np.eye(len(points), dtype=bool)])
    group = np.cumsum(np.append(0, np.diff(cosines) > apart))
    counts = np.bincount(group)
    return np.bincount(group, cosines) / counts, counts / len(points)


def _energy(points: Float[np.ndarray, "n d"], beta: float) -> tuple[float, float, float]:
    n, d = points.shape
    rows = np.asarray(points, np.longdouble)
    rows = rows / np.sqrt(np.sum(rows**2, axis=1, keepdims=True))
    gaps = np.maximum(0, 1 - rows @ rows.T)
    pairs = np.sum(np.exp(-wide(beta) * gaps), where=~np.eye(n, dtype=bool)) / n**2
    slack = SLACK + (4 * beta * (d + 8) + 2 * n) * np.finfo(np.longdouble).eps
    # the pairs i = j are 1/n exactly: only the others carry the error of an exponent
    low, energy, high = (wide(1) / n + pairs * (1 + share) for share in (-slack, 0, slack))
    return float(energy), float(round_down(low)), min(1.0, float(round_up(high)))


def _of_clouds(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    beta = MinimalEnergy.expect(problem).beta
    return Estimate.enclosed(*np.array([_energy(cloud, beta) for cloud in states["points"]]).T)


CLOUD_ENERGY = Observable(
    "cloud_energy",
    "1",
    "unit energy sum_ij exp(beta (<x_i, x_j> - 1)) / n^2 of a cloud of unit rows, enclosed with its rounding",
    _of_clouds,
)
