"""Where plain descent settles next to a minimizer at which it is unstable."""

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.model._curvature import top_direction
from fathometer.deep_linear.model._network import as_states, total_norm
from fathometer.deep_linear.model.starts._beyond_step import BeyondStep, Oscillation
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Origin, Provenance, Trajectory, whole_number

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy", "scipy")
_DISPLACED = 1e-3
_GROWTHS, _MOST_STEPS = 40, 200_000


def settle(problem: BeyondStep, iterations: int | None = None) -> Trajectory:
    """Run descent from next to the minimizer, 1e-3 of its norm along the top eigenvector, and keep the last two steps.

    Args:
        problem: network, minimizer and step.
        iterations: steps before those; if None, 40 / |mu|, at most 200 000.

    Returns:
        Along three steps: states W1 to WL; observed `excess_risk`.

    Raises:
        InputError: if the number of iterations is below 1, or the run diverges.
    """
    count = min(_MOST_STEPS, int(_GROWTHS / max(abs(problem.excess), 1e-9))) if iterations is None else iterations
    length = _DISPLACED * total_norm(problem.weights)
    parts = zip(problem.weights, top_direction(problem.network, problem.weights), strict=True)
    start = [matrix + length * unit for matrix, unit in parts]
    before = whole_number("iterations", count, at_least=1)
    first = descend_batch(problem.network, start, [problem.step], Training(before), Recording(before))
    if np.isfinite(first.diverged_at[0]):
        raise InputError(f"step must be one that does not diverge, got {problem.step:g}")
    last = descend_batch(problem.network, first.weights, [problem.step], Training(2), Recording(1, store=True))
    axis = Axis(AxisKind.STEP, before + np.arange(3.0))
    states = {name: state[:, 0] for name, state in as_states(last.stored or ()).items()}
    observed = {"excess_risk": Estimate.exact(last.excess_risk[:, 0], along=axis)}
    return Trajectory(problem, axis, states, Origin.TRAINED, observed, provenance=Provenance.here(packages=_PACKAGES))


def settled_oscillation(problem: BeyondStep, iterations: int | None = None) -> Trajectory:
    """The same run, as one about its last two points.

    Args:
        problem: network, minimizer and step.
        iterations: as for `settle`.

    Raises:
        InputError: as `settle` does.
    """
    run = settle(problem, iterations)
    first, second = (tuple(state[i] for state in run.states.values()) for i in (-3, -2))
    made = Oscillation(problem.network, first, second, problem.step)
    return Trajectory(made, run.axis, run.states, run.origin, run.observed, provenance=run.provenance)
