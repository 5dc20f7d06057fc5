"""The largest stable step, found by running descent next to a flattest minimizer."""

import math

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.model._curvature import top_direction
from fathometer.deep_linear.model._network import Weights, as_states, total_norm
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._minimizers import flattest_minimizer
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Origin,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
    whole_number,
)

_DECIDED = math.log(100.0)
_RUNS = 64


def measure_largest_stable_step(
    problem: DeepLinear, *, width: int = 2, iterations: int = 10_000, perturbation: float = 1e-6, seed: int = 0
) -> Estimate:
    """Largest step size for which descent that starts next to a flattest minimizer returns to it.

    64 runs with steps from half to twice 2 / S_min, which is used for nothing but this range; then 64 runs between the
    largest step that returns and the smallest that does not.

    Args:
        problem: the network; `w_star` must explain something.
        width: of all hidden layers, at least 1. The theory does not depend on it.
        iterations: steps of each run. A run returns when its excess risk falls by a factor 100, which tells steps apart
            that differ by a fraction 2.3 / iterations.
        perturbation: size of the displacement relative to the weights, in (0, 1e-2].
        seed: of the displacement.

    Returns:
        Enclosed between the largest step that returned and the smallest that did not; open above if all returned, with
        lower end 0 if none did.

    Raises:
        InputError: if `w_star` explains nothing or an argument is out of range.
    """
    start = next_to_flattest(problem, width, perturbation, seed)
    centre = critical_step(minimal_sharpness(problem)).value
    coarse = scan_steps(problem, start, np.geomspace(centre / 2, 2 * centre, _RUNS), iterations)
    bracket = largest_returning_step(coarse)
    if not (bracket.lower > 0 and np.isfinite(bracket.upper)):
        return bracket
    fine = scan_steps(problem, start, np.geomspace(bracket.lower, bracket.upper, _RUNS), iterations)
    return largest_returning_step(fine)


def next_to_flattest(problem: DeepLinear, width: int, perturbation: float, seed: int) -> Weights:
    """A flattest minimizer, displaced at random and along the top eigenvector of its Hessian by the same length.

    Args:
        problem: the network; `w_star` must explain something.
        width: of all hidden layers, at least 1.
        perturbation: size of each displacement relative to the weights, in (0, 1e-2].
        seed: of the random one, at least 0.

    Raises:
        InputError: if `w_star` explains nothing or an argument is out of range.
    """
    size = finite_number("perturbation", perturbation, above=0, at_most=1e-2)
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    weights = flattest_minimizer(problem, width)
    noise = tuple(generator.standard_normal(matrix.shape) for matrix in weights)
    length = size * total_norm(weights)
    parts = zip(weights, noise, top_direction(problem, weights), strict=True)
    return tuple(matrix + length * (random / total_norm(noise) + top) for matrix, random, top in parts)


def scan_steps(problem: DeepLinear, weights: Weights, steps: ArrayLike, iterations: int) -> Trajectory:
    """Run descent from the same weights with each of several step sizes.

    Args:
        problem: the network.
        weights: where all runs start, W_k of shape (d_k, d_{k-1}).
        steps: increasing, positive.
        iterations: steps of each run, at least 1.

    Returns:
        Along the step sizes, observed `log_change`: log of the excess risk at the end over that at the start; inf for
        runs that diverged. States W1 to WL: where they start.

    Raises:
        InputError: if an argument is out of range.
    """
    axis = Axis(AxisKind.PARAMETER, finite_array("steps", steps, ndim=1), "step size")
    run = descend_batch(problem, weights, axis.points, Training(iterations), Recording(iterations))
    with np.errstate(divide="ignore"):
        before, after = np.log(run.excess_risk)
    return Trajectory(
        problem=problem,
        axis=axis,
        states=as_states(tuple(np.broadcast_to(matrix, (len(axis), *np.shape(matrix))) for matrix in weights)),
        origin=Origin.TRAINED,
        observed={"log_change": Estimate.exact(after - before, along=axis)},
        provenance=Provenance.here(packages=("fathometer", "jax", "jaxlib", "numpy", "scipy")),
    )


def largest_returning_step(trajectory: Trajectory) -> Estimate:
    """Read the bracket off a scan: the largest step below which all decided runs return, the smallest that leaves.

    A run returns when its excess risk falls by a factor 100 and leaves when it grows by one; others are undecided.
    """
    steps, change = trajectory.axis.points, np.asarray(trajectory.observed["log_change"].value)
    upper = float(np.min(steps[change > _DECIDED], initial=math.inf))
    lower = float(np.max(steps[(change < -_DECIDED) & (steps < upper)], initial=0.0))
    return Estimate.enclosed(math.sqrt(lower * upper) if np.isfinite(upper) else lower, lower, upper)
