"""How a small displacement from a minimizer grows along a run of descent."""

import math

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import top_direction, whitened_kernel
from fathometer.deep_linear.model._network import from_states, product, total_norm
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.evidence import Estimate, Trajectory

_CAUTION = 16  # on the rounding of a step
_CLEAR = 1e4  # lengths above the resolution are known to the digits that a rate is judged to
_ROUNDINGS = 16e3  # of the weights above which a displacement is known to 1e-3
_FEWEST = 6
_SAME = 1e-4  # where one factor has outgrown the other, the fit of least norm keeps it


def resolution(test: StabilityTest) -> float:
    """Length of r = sigma^{1/2} (w - w_star) below which a displaced run shows rounding and second-order terms.

    Derived: the weights are rounded to eps |W|, which moves r by sqrt(S) eps |W|; the product of L layers adds
    L eps sqrt(lambda_max) |w|, and the square of a displacement of 1e-8 L^2 1e-16 sqrt(lambda_max) |w|.
    """
    network, size = test.network, total_norm(test.weights)
    eps, depth = float(np.finfo(float).eps), network.depth
    scale = math.sqrt(network.regression.lambda_max) * float(np.linalg.norm(product(test.weights, network.output)))
    top = max(float(np.linalg.eigvalsh(whitened_kernel(network, test.weights))[-1]), 0.0)
    return scale * ((depth * test.share) ** 2 + _CAUTION * depth * eps) + math.sqrt(2 * top) * eps * size


def lengths(trajectory: Trajectory) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Lengths of r along a displaced run, and their lower and upper ends by the resolution, each of shape (T,)."""
    measured = np.sqrt(np.asarray(trajectory.observed["excess_risk"].value))
    blur = resolution(StabilityTest.expect(trajectory.problem))
    return measured, np.maximum(measured - blur, 0.0), measured + blur


def log_growth(trajectory: Trajectory) -> Estimate:
    """Log growth per step of the displacement, as long as it is 10 000 times what rounding and squares leave.

    The least and the largest single step are heuristic error bars. A displacement that is lost in the first step has
    grown by at most what is left, and an unknown amount less.
    """
    measured, low, high = lengths(trajectory)
    steps, blur = np.diff(trajectory.axis.points), high[0] - measured[0]
    clear = int(np.argmin(np.append(measured[1:] > _CLEAR * blur, False)))
    with np.errstate(divide="ignore", invalid="ignore"):
        if not clear:
            ratios = (measured[1] / measured[0], 0.0, high[1] / low[0])
            return Estimate.heuristic(*(np.log(ratio) / steps[0] for ratio in ratios))
        rates = np.diff(np.log(measured[: clear + 1])) / steps[:clear]
    return Estimate.heuristic(np.mean(rates), np.min(rates), np.max(rates))


def log_spectral_radius(trajectory: Trajectory) -> Estimate:
    """Log growth per step of the displacement along the top eigenvector, in the long run, with momentum or without.

    The displacement is fitted by a(t+1) = c_1 a(t) + c_2 a(t-1); the roots of z^2 - c_1 z - c_2 are the two factors per
    step. The error bars, heuristic, come from the fit on either half of the run, up to where the displacement is lost
    in rounding; if that is at once, they are open below.
    """
    test = StabilityTest.expect(trajectory.problem)
    states = from_states(test.network, trajectory.states)
    families = zip(states, test.weights, top_direction(test.network, test.weights), strict=True)
    shares = sum(np.einsum("tij,ij->t", state - matrix, unit) for state, matrix, unit in families)
    displacement, size = np.asarray(shares), total_norm(test.weights)
    lost = _ROUNDINGS * float(np.finfo(float).eps) * size
    clear = int(np.flatnonzero(np.abs(displacement) > lost).max(initial=-1)) + 1
    if clear < _FEWEST:
        return _faster_than(displacement, lost, max(clear, 1))
    displacement = displacement[:clear]
    middle = len(displacement) // 2
    rates = [_log_root(part) for part in (displacement, displacement[:middle], displacement[middle:])]
    return Estimate.heuristic(rates[0], min(rates), max(rates))


def _faster_than(displacement: NDArray[np.float64], lost: float, steps: int) -> Estimate:
    """What is known of the rate when only the first few displacements are above `lost`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value, upper = np.log([abs(displacement[steps]), lost] / abs(displacement[0])) / steps
    return Estimate.heuristic(min(value, upper), -np.inf, upper)


def _log_root(displacement: NDArray[np.float64]) -> float:
    """Log of the larger root of the recurrence of second order that fits best; NaN if it is lost."""
    rows = np.stack([displacement[1:-1], displacement[:-2], displacement[2:]], axis=1)
    sizes = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.all(np.isfinite(sizes)) and np.all(sizes > 0)):
        return math.nan
    scaled = rows / sizes
    coefficients = np.linalg.lstsq(scaled[:, :2], scaled[:, 2], rcond=_SAME)[0]
    return float(np.log(np.max(np.abs(np.roots([1.0, *-coefficients])))))
