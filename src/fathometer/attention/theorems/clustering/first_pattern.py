"""From nearly uniform tokens on the circle, every Fourier mode grows at its own rate."""

import math

import numpy as np

from fathometer.attention.model._references import MULTISCALE
from fathometer.attention.model._rest import ON_THE_CIRCLE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._uniform_pattern import fastest_mode, growth_rates, mode_amplitudes
from fathometer.attention.theorems._examples import octahedron, run_of_rippled_ring
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

LINEAR_UP_TO = 0.01
"""Amplitude up to which the linear law is predicted."""

_SLACK = 0.02


def _start(system: ParticleSystem) -> tuple[int, float]:
    """The fastest mode and its amplitude at time 0; NaN where the tokens cannot show it."""
    mode = fastest_mode(2, system.beta)
    seen = (
        mode_amplitudes(system.points[None], system.masses, mode) if _can_show(system, mode) else np.array([[np.nan]])
    )
    return mode, float(seen[0, -1])


def _can_show(system: ParticleSystem, mode: int) -> bool:
    return system.points.shape[1] == 2 and mode < 2 * len(system.points)


def _log_growth(trajectory: Trajectory) -> Estimate:
    system = ParticleSystem.expect(trajectory.problem)
    mode, start = _start(system)
    amplitudes = mode_amplitudes(trajectory.states["points"], system.masses, mode)[:, -1]
    with np.errstate(divide="ignore"):
        return Estimate.exact(np.log(amplitudes) - np.log(start), along=trajectory.axis)


def _linear_law(problem: Problem, axis: Axis | None) -> Within:
    if axis is None:
        raise InputError("growth is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    mode, start = _start(system)
    growth = growth_rates(mode, 2, system.beta, system.model)[-1] * axis.points
    linear = growth <= np.log(LINEAR_UP_TO / start)
    room = np.where(linear, _SLACK * (1 + growth), np.inf)
    return Within(np.where(linear, growth, 0.0) - room, np.where(linear, growth, 0.0) + room)


def _amplitude(problem: Problem) -> Estimate:
    return Estimate.exact(_start(ParticleSystem.expect(problem))[1])


def _largest_amplitude(problem: Problem) -> Estimate:
    """Over modes up to four times the fastest, and no more than twice the tokens: of so many, one is large anyway."""
    system = ParticleSystem.expect(problem)
    if system.points.shape[1] != 2:
        return Estimate.exact(math.nan)
    modes = min(4 * fastest_mode(2, system.beta), 2 * len(system.points))
    return Estimate.exact(mode_amplitudes(system.points[None], system.masses, modes).max())


THEOREM = Theorem(
    id="first_pattern",
    theory="attention",
    title="The first pattern on the circle",
    statement="About the uniform law on the circle, the Fourier mode k grows at the rate k^2 I_k(beta)/(beta I_0(beta))"
    " (SA; times the mean kernel for USA); the fastest of them, k about sqrt(2 beta), is the number of clusters of the"
    " first pattern. Here the amplitude of the fastest mode, to 2 % while it is below 0.01.",
    source=Source(
        MULTISCALE,
        "first metastable state",
        "Rates derived by linearising the mean field. The smallness of the amplitudes is ours, measured.",
    ),
    about=ParticleSystem,
    hypotheses=(
        ON_THE_CIRCLE,
        Hypothesis(
            "nearly uniform: small amplitudes up to four times the fastest mode",
            AtMost(2e-3, domain=(0, 1)),
            _largest_amplitude,
        ),
        Hypothesis("an amplitude of the fastest mode above rounding", AtLeast(1e-6, domain=(0, 1)), _amplitude),
    ),
    quantity=_log_growth,
    predict=_linear_law,
    example=run_of_rippled_ring,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
)
