"""Runs on which the staircase theorems hold, and problems to which they do not apply.

Two tokens under USA are saved at as many times in every run, so that they compile once.
"""

from functools import cache

import numpy as np

from fathometer.attention.dynamics._glued_circle import GluedCircle, simulate_glued
from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._scalar_closing import ScalarClosing
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._two_tokens import contact_gap
from fathometer.attention.predictions._closed_forms import two_cluster_log_time
from fathometer.evidence import Axis, AxisKind, Origin, Trajectory

ALONG = (AxisKind.TIME, AxisKind.LOG_TIME)

_PREPARED = np.array([0.0, 0.3, 0.95, 2.4])


def on_circle(
    angles: list[float], beta: float, model: Model = Model.USA, masses: tuple[float, ...] | None = None
) -> ParticleSystem:
    """Build tokens on the circle.

    Args:
        angles: one for each token, in radians.
        beta: inverse temperature, >= 0.
        model: SA or USA.
        masses: positive, one for each token; equal when not given.
    """
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return ParticleSystem(points, beta, model, *(() if masses is None else (np.array(masses),)))


@cache
def merging_pair() -> Trajectory:
    """Two far tokens, from long before they merge, after an exponentially long time, until they are a point.

    Saved just before and just after the closed form of that time.
    """
    met = np.exp(two_cluster_log_time(1.2, contact_gap(16.0), 16.0, (0.5, 0.5), Model.USA).value)
    around = np.append(np.geomspace(1 / met, 0.999, 50), np.geomspace(1.001, 10, 9))
    return simulate(on_circle([0.0, 1.2], 16.0), met * np.append(0.0, around))


@cache
def stopped_pair() -> Trajectory:
    """The same two tokens when they have hardly begun to move."""
    return merging_pair().until(2.0)


@cache
def meeting_pair() -> Trajectory:
    """Two tokens, saved just before and just after the time at which they meet by the closed form."""
    system = on_circle([0.0, 1.0], 4.0)
    met = np.exp(two_cluster_log_time(1.0, contact_gap(4.0), 4.0, (0.5, 0.5), Model.USA).value)
    return simulate(system, met * np.append(np.linspace(0.0, 0.9, 57), [1 - 4e-7, 1 + 4e-7, 2.0]))


@cache
def uneven_pair() -> Trajectory:
    """Two clusters of which one has three times the mass of the other, until they are a point."""
    return simulate(on_circle([0.0, 1.0], 4.0, masses=(0.75, 0.25)), np.linspace(0.0, 80.0, 60))


@cache
def antipodal_pair() -> Trajectory:
    """Two nearly antipodal tokens while they leave their rest."""
    return simulate(on_circle([0.0, np.pi - 1e-3], 1.5), np.linspace(0.0, 80.0, 60))


@cache
def glued() -> Trajectory:
    """Four well-prepared particles, glued one after the other, in the clock of the closest pair."""
    return simulate_glued(GluedCircle(_PREPARED, 60.0))


@cache
def glued_by_the_farthest() -> Trajectory:
    """The same particles in the clock of the farthest pair."""
    return simulate_glued(GluedCircle(_PREPARED, 60.0), farthest=True)


def scalar_closing() -> Trajectory:
    """The scalar equation from one radian; its time is a closed form, so that there are no states."""
    closing = ScalarClosing(1.0, 0.4, 1e4)
    return Trajectory(closing, Axis(AxisKind.PARAMETER, np.array([closing.beta]), "beta"), {}, Origin.SIMULATED)


def three_tokens() -> ParticleSystem:
    """One token too many for what is said about two."""
    return on_circle([0.0, 1.0, 2.0], 4.0)


def warm_pair() -> ParticleSystem:
    """Two tokens that merge in no long time."""
    return on_circle([0.0, 1.2], 2.0)


def softmax_pair() -> ParticleSystem:
    """Two far tokens under SA."""
    return on_circle([0.0, 1.2], 16.0, Model.SA)


def ill_prepared() -> GluedCircle:
    """Particles whose first one is not the one next to merge."""
    return GluedCircle(np.array([0.0, 1.0, 1.5]), 1e4)


def at_the_antipode() -> ScalarClosing:
    """An angle next to pi, from which the closing takes longer."""
    return ScalarClosing(np.pi - 1e-8, 0.4, 1e4)
