"""Two nearly antipodal tokens leave their unstable rest at an exponentially small rate."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import (
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

LINEAR_UP_TO = 0.05
_SLACK = 0.02


def escape_rate(system: ParticleSystem) -> float:
    """Growth rate of the deviation from antipodal, linearised."""
    (first, second), q = system.masses, float(np.exp(-2 * system.beta))
    return q if system.model is Model.USA else q * (first / (second + first * q) + second / (first + second * q))


def _deviation(points: np.ndarray) -> np.ndarray:
    return np.asarray(2 * np.arcsin(np.linalg.norm(points[..., 0, :] + points[..., 1, :], axis=-1) / 2))


def log_growth(trajectory: Trajectory) -> Estimate:
    """Log of pi - w relative to the start."""
    deviations = _deviation(trajectory.states["points"])
    return Estimate.exact(np.log(deviations / deviations[0]), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Rate times time, to 2 %, while the deviation is below 0.05.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the growth is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    growth = escape_rate(system) * axis.points
    linear = growth <= np.log(LINEAR_UP_TO / _deviation(system.points))
    room = np.where(linear, _SLACK * (growth + 1e-3), np.inf)
    return Within(np.where(linear, growth, 0.0) - room, np.where(linear, growth, 0.0) + room)


def _from_antipode(problem: Problem) -> Estimate:
    points = ParticleSystem.expect(problem).points
    return Estimate.exact(_deviation(points) if len(points) > 1 else np.nan)


THEOREM = Theorem(
    id="antipodal_escape",
    theory="attention",
    title="Escape from the antipodal rest",
    statement="With w = pi - eta between two tokens, eta grows at the rate q = exp(-2 beta) under USA and"
    " q (m_1/(m_2 + m_1 q) + m_2/(m_1 + m_2 q)) under SA, 2 q/(1 + q) for equal masses; here to 2 % below 0.05.",
    source=Source(METASTABILITY, "model, reduced to two clusters", "Derived."),
    hypotheses=(
        TWO_TOKENS,
        Hypothesis("nearly antipodal", Within(1e-5, 1e-2, domain=(0, np.pi)), _from_antipode),
    ),
    quantity=log_growth,
    predict=predict,
)
