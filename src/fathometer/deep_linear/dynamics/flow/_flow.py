"""Gradient flow of the whole network, of any widths and with any readout, as a trajectory along time."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._flow_law import flow_from
from fathometer.deep_linear.dynamics.flow._flow_record import (
    PACKAGES,
    ending_events,
    excess_estimate,
    follow,
    follow_again,
    read_schedule,
    relative_estimate,
    time_axis,
)
from fathometer.deep_linear.model._curvature import reduced_sharpness
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import Weights, as_states, as_weights, excess_risk
from fathometer.deep_linear.model._padded_weights import Layers, unpack
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._imbalance import imbalance_drift
from fathometer.evidence import Estimate, Origin, Provenance, Trajectory


def flow(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    times: ArrayLike | None = None,
    *,
    until: float = math.inf,
    points: int = 200,
    convergence: float = 1e-12,
    tolerance: float = 1e-10,
    stiff: bool = False,
    store: bool = False,
    sharpness: bool = False,
) -> Trajectory:
    """Integrate dW/dt = -grad R(W) with an adaptive method of order 8 on a rescaled clock.

    The cost hardly depends on the initial scale: the time to leave the saddle at zero is part of the state. Around an
    escape, times are known only to about 100 tolerances of that time, however accurate the path is.

    Args:
        problem: the network.
        weights: W_1 to W_L at time 0, W_k of shape (d_k, d_{k-1}).
        times: where to observe, at least 0, strictly increasing; those after the end of the run are left out, but see
            `convergence`. If None, it is observed at equal distances on the clock, start and end included.
        until: end of the run, positive, if `times` is None; the last of `times` otherwise.
        points: number of observations, at least 2, if `times` is None; fewer where several fall on one time.
        convergence: the run ends when the excess risk is this small, relative to what w_star explains (to the excess
            risk at the start if that is nothing); in [0, 1). With 0 it runs down to rounding, and stays at its limit
            at later `times`.
        tolerance: relative error of a step, in [1e-13, 1e-6].
        stiff: whether to take an implicit method of order 5, for data so ill-conditioned that explicit steps, some
            2 lambda_max / lambda_min times the depth of them, are too many. A step costs more, at most d^3 L^3.
        store: whether to keep the weights, as states W1 to WL, wherever the run is observed.
        sharpness: whether to observe the sharpness too, at 1 to 100 milliseconds for each observation.

    Returns:
        Along time, observed `excess_risk`, `imbalance_drift` (which would be 0 without integration errors) and perhaps
        `sharpness`. One event says how the run ended, see `Ending`; at rest, the event `converged` is at inf.

    Raises:
        InputError: if a value is out of range, shapes do not fit, or the run ends before the first of `times`.
    """
    start = GradientFlow(problem, as_weights(problem, weights))
    schedule = read_schedule(times, until, points, convergence, tolerance, stiff)
    course, scale = flow_from(problem, start.weights), float(risk_scale(problem, start.weights))
    run, at, layers = follow(course, schedule, scale)
    axis, again = time_axis(at), follow_again(course, schedule, scale, at)
    provenance = Provenance.here(packages=PACKAGES, device=jax.default_backend())

    def seen(layers: Layers) -> Trajectory:
        states = jax.tree.map(lambda leaf: jnp.moveaxis(leaf[..., 0], 0, -1), layers)
        kept = unpack(states, start.weights)
        excess = excess_risk(problem, kept)
        observed = {
            "excess_risk": excess_estimate(excess, problem.regression.explained, schedule.tolerance, axis),
            "imbalance_drift": Estimate.exact(imbalance_drift(kept, start.weights), along=axis),
        }
        if sharpness:
            tops = [reduced_sharpness(problem, layer).value for layer in zip(*kept, strict=True)]
            observed["sharpness"] = relative_estimate(np.array(tops), problem.depth * schedule.tolerance, axis)
        stored = as_states(kept) if store else {}
        return Trajectory(start, axis, stored, Origin.SIMULATED, observed, ending_events(run), provenance)

    return seen(layers).checked([] if again is None else [seen(again)])


def risk_scale(problem: DeepLinear, weights: Weights) -> Float[np.ndarray, "*batch"]:
    """What small excess risks are compared with: what w_star explains, or the risk at the start if that is nothing."""
    before = excess_risk(problem, weights)
    return np.where(problem.regression.explained > 0, problem.regression.explained, before)
