"""Stationary laws of infinitely many noisy tokens on the circle."""

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import Model, read_model
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle, first_harmonic
from fathometer.evidence import Estimate, InputError, whole_number


def stationary_density(
    beta: float, kappa: float, model: Model | str, *, clustered: bool = True, cells: int = 256
) -> tuple[NDArray[np.float64], Estimate]:
    """Stationary law by self-consistency: f = exp((kappa/beta) k * f)/norm for USA, (k * f)^(kappa/beta)/norm for SA.

    The iteration starts from a sharp cluster or near the uniform law, so that where both ends differ, both laws are
    stationary and stable: hysteresis.

    Args:
        beta: inverse temperature, above 0.
        kappa: inverse noise, above 0, in the time unit of the model.
        model: SA or USA.
        clustered: start sharp instead of nearly uniform.
        cells: size of the grid, even, >= 8.

    Returns:
        The density on the angles 2 pi j/cells, and its order parameter |integral of exp(i theta) f|; its error bars
        are what the last step of the iteration, extrapolated, leaves open.

    Raises:
        InputError: if a value is not as above, or the iteration does not settle within 200 000 steps.
    """
    cells = whole_number("cells", cells, at_least=8)
    angles = 2 * np.pi * np.arange(cells) / cells
    start = np.exp(20 * (np.cos(angles) - 1)) if clustered else 1 + 1e-3 * np.cos(angles)
    law = MeanFieldCircle(start, beta, kappa, read_model(model))
    density, change = law.density, np.inf
    order = float(first_harmonic(density))
    for _ in range(200_000):
        density = law.balanced(density)
        before, last, order = order, change, float(first_harmonic(density))
        change = order - before
        if abs(change) <= 1e-13:
            left = abs(change) / max(1 - abs(change / last), 1e-6) if last else 0.0
            return density, Estimate.heuristic(order, order - left - 1e-12, order + left + 1e-12)
    raise InputError(f"kappa = {kappa:g} is too close to its critical value: the law does not settle")
