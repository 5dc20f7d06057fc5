"""Gaussian laws of a network's weights, one width for each array: the posterior around what was trained, and its prior.

KL(N(w, s^2) || N(w_0, t^2)) of an array of d weights is d/2 (s^2/t^2 - 1 - ln(s^2/t^2)) + |w - w_0|^2/(2 t^2). The
prior may choose its width t for each array from a grid, or hold the array fixed at w_0: K choices, that cost ln K each.
The posterior may be chosen by looking at every row that certifies.

How wide? To second order, noise of width s in one array raises the mean loss by s^2 tr(H)/2 with the trace of the
curvature over that array (Gauss-Newton, which is not negative). The width that minimises m times that over a
temperature, plus the KL, is 1/s^2 = 1/t^2 + m tr(H)/(temperature d): Laplace's width for temperature 1. Flat arrays are
wide and cost little; sharp ones must stay near.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Record
from fathometer.generalization.learning.linear._training import upward

WIDTHS = tuple(2.0 ** (-k / 2) for k in range(-4, 37))
"""That a prior may have in an array, fixed in advance: from 4 down to 4e-6."""

CHOICES = len(WIDTHS) + 1
"""For each array: one of the widths, or none at all."""

TEMPERATURES = tuple(4.0**k for k in range(-2, 7))
"""Of the posterior; choosing among them is free."""


@dataclass(frozen=True, eq=False)
class ArrayLaw(Record):
    """The laws of one array.

    Attributes:
        name: of the array.
        size: number of its weights.
        distance: Euclidean, from the prior's centre to the posterior's, not rounded down.
        curvature: trace of the curvature of the loss over it, as it was estimated.
        prior: width of the prior; 0 holds the array fixed.
        posterior: width of the posterior.
    """

    name: str
    size: int
    distance: float
    curvature: float
    prior: float
    posterior: float

    @property
    def kl(self) -> float:
        """Of posterior and prior, in nats, not rounded down."""
        return array_kl(self.size, self.distance, self.prior, self.posterior)


def array_kl(size: int, distance: float, prior: float, posterior: float) -> float:
    """KL of two Gaussians of one width each, never rounded down.

    Args:
        size: number of weights.
        distance: between the centres.
        prior: width of the prior; 0 for both where the array is fixed.
        posterior: width of the posterior.
    """
    if prior == 0:
        return 0.0
    ratio = (np.longdouble(posterior) / prior) ** 2
    shape = size / np.longdouble(2) * (ratio - 1 - np.log(ratio))
    return upward(float(max(shape, 0) * (1 + 1e-12) + np.longdouble(distance) ** 2 / (2 * np.longdouble(prior) ** 2)))


def total_kl(laws: tuple[ArrayLaw, ...]) -> float:
    """KL of the whole posterior and the mixture of priors, the choices paid."""
    return upward(sum(law.kl for law in laws) + len(laws) * log(CHOICES))


def laws_of(
    centre: Mapping[str, NDArray[np.float64]],
    prior: Mapping[str, NDArray[np.float64]],
    curvatures: Mapping[str, float],
    rows: int,
    temperature: float,
) -> tuple[ArrayLaw, ...]:
    """The best widths by the second-order picture, array by array.

    Args:
        centre: the trained arrays.
        prior: the arrays that the prior is centred at.
        curvatures: trace of the curvature over each.
        rows: that certify.
        temperature: weight of the KL against the loss, positive.
    """
    return tuple(_law(name, centre[name], prior[name], curvatures[name], rows / temperature) for name in centre)


def _law(name: str, centre: NDArray, prior: NDArray, curvature: float, weight: float) -> ArrayLaw:
    size = centre.size
    distance = upward(float(np.linalg.norm((centre.astype(np.longdouble) - prior).astype(np.float64).ravel())))
    blank = ArrayLaw(name, size, distance, curvature, 0.0, 0.0)
    if distance == 0:
        return blank
    steep = weight * max(curvature, 0.0) / size
    widths = [(width, (1 / width**2 + steep) ** -0.5) for width in WIDTHS]
    costs = [array_kl(size, distance, t, s) + weight * max(curvature, 0.0) * s**2 / 2 for t, s in widths]
    best = int(np.argmin(costs))
    return ArrayLaw(name, size, distance, curvature, *widths[best])


def drawn(
    centre: Mapping[str, NDArray[np.float64]], laws: tuple[ArrayLaw, ...], rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """One network from the posterior; arrays that are fixed are left out.

    Args:
        centre: the trained arrays.
        laws: widths of the posterior.
        rng: where the noise comes from.
    """
    wide = [law for law in laws if law.posterior > 0]
    return {law.name: centre[law.name] + law.posterior * rng.standard_normal(centre[law.name].shape) for law in wide}
