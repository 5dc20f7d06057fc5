"""Linear stability of descent with momentum at one minimizer."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._step_scan import total_norm
from fathometer.deep_linear.model._curvature import top_direction
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._network import as_states, as_weights, from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_number,
)

_DISPLACEMENT = 2e-8
_CLEAR = 16e3  # roundings of the weights above which a displacement is known to 1e-3
_FEWEST = 6
_SAME = 1e-4  # where one factor has outgrown the other, the fit of least norm keeps it


@dataclass(frozen=True, eq=False)
class MomentumTest(Problem):
    """Descent with momentum next to given weights.

    Attributes:
        network: the network and its data.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}); a theorem asks that they are a global minimizer.
        step: step size, positive.
        momentum: heavy ball or Nesterov.

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    step: float
    momentum: Momentum

    def __post_init__(self) -> None:
        weights = as_weights(self.network, self.weights)
        if weights[0].ndim != 2:
            raise InputError(f"weights must have no batch axis, got W_1 of shape {weights[0].shape}")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))


def displaced_momentum(test: MomentumTest, iterations: int = 12) -> Trajectory:
    """Train from the weights of a test, displaced along the top eigenvector by 2e-8 of their norm and at rest.

    Raises:
        InputError: if the number of iterations is out of range.
    """
    length = _DISPLACEMENT * total_norm(test.weights)
    pairs = zip(test.weights, top_direction(test.network, test.weights), strict=True)
    start = [matrix + length * direction for matrix, direction in pairs]
    run = descend_batch(test.network, start, [test.step], iterations, store=True, momentum=test.momentum)
    return Trajectory(
        test,
        Axis(AxisKind.STEP, np.arange(iterations + 1.0)),
        {name: state[:, 0] for name, state in as_states(run.stored or ()).items()},
        Origin.TRAINED,
        provenance=Provenance.here(packages=("fathometer", "jax", "jaxlib", "numpy", "scipy")),
    )


def log_spectral_radius(trajectory: Trajectory) -> Estimate:
    """Log growth per step of the displacement along the top eigenvector, in the long run.

    The displacement is fitted by a(t+1) = c_1 a(t) + c_2 a(t-1); the roots of z^2 - c_1 z - c_2 are the two factors per
    step. The error bars, heuristic, come from the fit on either half of the run, up to where the displacement is lost
    in rounding; if that is at once, they are open below.
    """
    test = MomentumTest.expect(trajectory.problem)
    states = from_states(test.network, trajectory.states)
    families = zip(states, test.weights, top_direction(test.network, test.weights), strict=True)
    shares = sum(np.einsum("tij,ij->t", state - matrix, unit) for state, matrix, unit in families)
    displacement, size = np.asarray(shares), total_norm(test.weights)
    lost = _CLEAR * float(np.finfo(float).eps) * size
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
