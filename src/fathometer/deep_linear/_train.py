"""One run of gradient descent, as a trajectory."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear._descent import Descent, descend_batch, divergence_threshold
from fathometer.deep_linear._momentum import Momentum
from fathometer.deep_linear._network import as_states
from fathometer.deep_linear._problem import DeepLinear
from fathometer.deep_linear._stochastic import MiniBatches
from fathometer.evidence import Axis, AxisKind, Estimate, Event, Origin, Provenance, Trajectory, finite_number

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy", "scipy")


def descend(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    step: float,
    iterations: int,
    *,
    every: int = 1,
    store: bool = False,
    momentum: Momentum | None = None,
    batches: MiniBatches | None = None,
) -> Trajectory:
    """Train with a constant step size.

    Args:
        problem: the network.
        weights: initial W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.
        iterations: number of steps, a multiple of `every`.
        every: steps between two observations.
        store: whether to keep the weights, as states W1 to WL, wherever the run is observed.
        momentum: heavy ball or Nesterov; None for plain descent.
        batches: gradients from mini-batches; None for the full risk. What is observed is always the full risk.

    Returns:
        Along the steps, observed `excess_risk` (risk - risk_min) and `distance` (|w - w_star|). The event `diverged` is
        the first step at which the risk is above 1e10 (relative to the risk of w = 0 if that is above 1) or NaN; the
        run is frozen there, and known from then on only to be beyond.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    steps = [finite_number("step", step, above=0)]
    how = {"every": every, "store": store, "momentum": momentum, "batches": batches}
    run = descend_batch(problem, weights, steps, iterations, **how)
    axis = Axis(AxisKind.STEP, float(every) * np.arange(len(run.excess_risk), dtype=np.float64))
    limit = divergence_threshold(problem) - problem.regression.risk_min
    excess = run.excess_risk[:, 0]
    return Trajectory(
        problem=problem,
        axis=axis,
        states={name: state[:, 0] for name, state in as_states(run.stored or ()).items()},
        origin=Origin.TRAINED,
        observed={
            "excess_risk": Estimate.enclosed(excess, np.minimum(excess, limit), excess, along=axis),
            "distance": Estimate.exact(run.distance[:, 0], along=axis),
        },
        events=_divergence(run, divergence_threshold(problem)),
        provenance=Provenance.here(packages=_PACKAGES),
    )


def _divergence(run: Descent, threshold: float) -> tuple[Event, ...]:
    at = float(run.diverged_at[0])
    return (Event("diverged", Estimate.exact(at), f"risk above {threshold:.3g} or NaN"),) if np.isfinite(at) else ()
