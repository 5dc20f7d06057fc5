"""Without projection and with V = I, rescaled tokens shrink towards a polytope."""

import numpy as np

from fathometer.attention.dynamics.variants._rescaled import RescaledTokens
from fathometer.attention.model._references import EMERGENCE
from fathometer.evidence import (
    AtMost,
    Axis,
    Direction,
    Estimate,
    Hypothesis,
    Monotone,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_SEED, _DIRECTIONS = 20231, 64


def support(trajectory: Trajectory) -> Estimate:
    """max_i <z_i, u> for 64 directions u, always the same, shape (t, 64)."""
    points = trajectory.states["points"]
    directions = np.random.default_rng(_SEED).standard_normal((_DIRECTIONS, points.shape[2]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return Estimate.exact(np.max(points @ directions.T, axis=1), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Monotone:
    """Never increases."""
    size = float(np.max(np.abs(RescaledTokens.expect(problem).points)))
    return Monotone(Direction.DECREASING, slack=1e-6 * size)


def _value_excess(problem: Problem) -> Estimate:
    value = RescaledTokens.expect(problem).value
    return Estimate.exact(np.max(np.abs(value - np.eye(len(value)))))


THEOREM = Theorem(
    id="rescaled_hull",
    theory="attention",
    title="Rescaled tokens shrink to a polytope",
    statement="With V = I and z_i = exp(-t) x_i for dx_i/dt = sum_j P_ij x_j, the convex hull of the z_i shrinks, and"
    " the z_i converge to the boundary of a convex polytope.",
    source=Source(
        EMERGENCE,
        "clusters for V = I",
        "Judged on the hull, which shrinks because every z_i moves towards an average (derived); its limit is a"
        " statement from memory.",
    ),
    hypotheses=(Hypothesis("values are the tokens: V = I", AtMost(1e-12), _value_excess),),
    quantity=support,
    predict=predict,
)
