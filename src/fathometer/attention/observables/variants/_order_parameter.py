"""How far a density on the circle is from uniform, and from a point."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle, first_harmonic
from fathometer.evidence import Estimate, Trajectory

_BALANCED = 1e-7
_QUADRATURE = 1e-4
"""Error of the log of a distance, from a density that is sharp on its grid."""


def order_parameter(run: Trajectory) -> Estimate:
    """|integral of exp(i theta) f| along a run with states "density": 0 if uniform, 1 if a point."""
    return run.measure(lambda way: Estimate.exact(first_harmonic(way.states["density"]), along=way.axis))


def settled_order(run: Trajectory) -> Estimate:
    """Order parameter of the last state; anything if the law that it balances has another one by more than 1e-7."""
    law, density = MeanFieldCircle.expect(run.problem), run.states["density"][-1]
    order, balanced = float(first_harmonic(density)), float(first_harmonic(law.balanced(density)))
    if abs(balanced - order) <= _BALANCED * order:
        return Estimate.exact(order)
    return Estimate.heuristic(order, 0.0, 1.0)


def log_order_growth(run: Trajectory) -> Estimate:
    """Log of the order parameter in units of that at time 0, which must not be zero."""
    start = first_harmonic(MeanFieldCircle.expect(run.problem).density)
    with np.errstate(divide="ignore"):
        logs = np.log(first_harmonic(run.states["density"])) - np.log(start)
    return Estimate.exact(logs, along=run.axis)


def fourier_amplitudes(density: Float[np.ndarray, " cells"]) -> Float[np.ndarray, " modes"]:
    """|integral of exp(i k theta) f| for k = 1 to half the number of cells."""
    return np.abs(np.fft.rfft(density))[1:] * 2 * np.pi / len(density)


def log_distance_to_point(run: Trajectory) -> Estimate:
    """Log of the Wasserstein distance W_2 to the point at the mean direction of the last state, along the circle."""
    densities = run.states["density"]
    cells = densities.shape[1]
    angles = 2 * np.pi * np.arange(cells) / cells
    mean = np.angle(densities[-1] @ np.exp(1j * angles))
    squares = np.angle(np.exp(1j * (angles - mean))) ** 2
    log_distance = np.log(densities @ squares * 2 * np.pi / cells) / 2
    return Estimate.heuristic(log_distance, log_distance - _QUADRATURE, log_distance + _QUADRATURE, along=run.axis)
