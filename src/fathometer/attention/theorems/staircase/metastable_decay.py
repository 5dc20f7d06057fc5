"""Tokens in separated caps relax to the slow manifold exponentially, down to its width."""

from dataclasses import replace

import numpy as np

from fathometer.attention.dynamics._ascent_path import AscentPath, rise_to_slow_set
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import Model
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import expect_angles
from fathometer.attention.theorems.slow_motion.extremal_tokens import ON_CIRCLE, SMALL
from fathometer.attention.theorems.slow_motion.slow_manifold_pl import limit_constant
from fathometer.evidence import (
    NO,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ERROR = 1e-8


def root_deficit(trajectory: Trajectory) -> Estimate:
    """Square root of E(v) - E for each state, v with every cap collapsed to its mean angle."""
    found = _root_deficits(SeparatedCloud.expect(trajectory.problem), expect_angles(trajectory))
    return Estimate.heuristic(found, np.maximum(found - _ERROR, 0.0), found + _ERROR, along=trajectory.axis)


def bound(problem: Problem, axis: Axis | None, kappa: float, constant: float) -> AtMost:
    """At most exp(-kappa n t) times the start plus C exp(-lambda beta / 2).

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the decay is a statement along time; the measurement has no axis")
    cloud = SeparatedCloud.expect(problem)
    points = cloud.system.points
    start = _root_deficits(cloud, np.arctan2(points[:, 1], points[:, 0])[None])[0]
    floor = constant * np.exp(-cloud.rate * cloud.system.beta / 2)
    return AtMost(np.exp(-kappa * len(points) * axis.points) * start + floor + 2 * _ERROR, domain=(0, None))


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """With kappa = min_q n_q / n^2 and C = 1, for want of the constants."""
    return bound(problem, axis, float(limit_constant(problem).value), 1.0)


def metastable_decay(kappa: float, constant: float) -> Theorem:
    """Return the statement with values for kappa, in the time of steepest ascent, and for C."""
    return replace(THEOREM, hypotheses=_HYPOTHESES, predict=lambda problem, axis: bound(problem, axis, kappa, constant))


def _root_deficits(cloud: SeparatedCloud, angles: np.ndarray) -> np.ndarray:
    members = cloud.members.astype(float)
    centres = np.arctan2(cloud.centres[:, 1], cloud.centres[:, 0])[cloud.members]
    lifted = centres + np.angle(np.exp(1j * (angles - centres)))  # means of angles need one branch
    path = AscentPath(np.stack([lifted[0], lifted[0]]), np.array([0.0, 1.0]), cloud.system.beta, members)
    return np.sqrt(np.maximum(rise_to_slow_set(path, lifted), 0.0))


def _not_usa(problem: Problem) -> Estimate:
    return Estimate.exact(float(SeparatedCloud.expect(problem).system.model is not Model.USA))


_HYPOTHESES = (
    ON_CIRCLE,
    Hypothesis("the model is USA", NO, _not_usa),
    *SEPARATED,
    *ADMISSIBLE_RATE,
    *SMALL,
)

THEOREM = Theorem(
    id="metastable_decay",
    theory="attention",
    title="Relaxation to the slow manifold of attention",
    statement="With separated caps on the circle under USA, f = sqrt(E(v) - E) obeys f(t) <= exp(-kappa n t) f(0) +"
    " C exp(-lambda beta / 2), v with every cap collapsed.",
    source=Source(
        METASTABILITY,
        "corollary of the relaxation theorem for the attention energy",
        "kappa and C are not given: name them with metastable_decay(kappa, C). The factor n is the time unit of USA.",
    ),
    hypotheses=(*_HYPOTHESES, Hypothesis("kappa and C as in the theorem, which are not known", None, None)),
    quantity=root_deficit,
    predict=predict,
)
