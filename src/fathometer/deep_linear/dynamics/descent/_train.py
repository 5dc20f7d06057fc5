"""One run of gradient descent, as a trajectory."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.descent._descent import (
    Descent,
    descend_batch,
    descend_in_parts,
    divergence_threshold,
)
from fathometer.deep_linear.dynamics.descent._stochastic import MiniBatches
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._network import as_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Event,
    Origin,
    Provenance,
    Trajectory,
    finite_number,
)
from fathometer.study import Progress, Say, interruptions, say_progress

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy", "scipy")
_ENOUGH_TO_TELL, _TELLING = 0.1, 4  # seconds of a part, and which of those tells the speed: the first ones compile


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
    eta, training = finite_number("step", step, above=0), _training(iterations, momentum, batches)
    run = descend_batch(problem, weights, [eta], training, Recording(every, store))
    return _trajectory(problem, run, float(every) * np.arange(len(run.excess_risk), dtype=np.float64))


def watched_descent(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    step: float,
    iterations: int,
    *,
    momentum: Momentum | None = None,
    batches: MiniBatches | None = None,
    looks: Sequence[int] = (),
    say: Say = say_progress,
) -> Trajectory:
    """`descend` with its first and last state and few others: it says how far it is, and stops if the user interrupts.

    Args:
        problem: the network.
        weights: as for `descend`.
        step: step size, positive.
        iterations: number of steps.
        momentum: as for `descend`.
        batches: as for `descend`.
        looks: steps at which its states are kept, besides the first and the last.
        say: takes lines of progress: an estimate above a minute, then one every ten seconds.

    Returns:
        As `descend(..., every=iterations, store=True)` to the last bit, with the looks between; up to the step that it
        had reached if the user interrupted it, which shows in its axis.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    eta, training = finite_number("step", step, above=0), _training(iterations, momentum, batches)
    count = training.iterations
    progress, before, parts = Progress("descent", say), (0, time.monotonic()), 0
    with interruptions() as interrupted:

        def watch(done: int) -> bool:
            nonlocal parts, before
            (steps, then), before = before, (done, time.monotonic())
            seconds = before[1] - then
            if seconds > _ENOUGH_TO_TELL:
                parts += 1
            if parts == _TELLING:
                progress.expect(seconds * (count - done) / (done - steps))
            progress.at(done / count, f"step {done} of {count}")
            return not interrupted

        run, at = descend_in_parts(problem, weights, eta, training, watch, looks)
    return _trajectory(problem, run, at)


def _training(iterations: int, momentum: Momentum | None, batches: MiniBatches | None) -> Training:
    return Training(iterations, Momentum(0.0) if momentum is None else momentum, batches)


def _trajectory(problem: DeepLinear, run: Descent, points: NDArray[np.float64]) -> Trajectory:
    axis = Axis(AxisKind.STEP, points)
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
