"""From nearly uniform tokens on the circle, every Fourier mode grows at its own rate."""

import math

import numpy as np

from fathometer.attention.model._references import MULTISCALE
from fathometer.attention.model._rest import ON_THE_CIRCLE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._uniform_pattern import (
    driven_share,
    fastest_mode,
    growth_rates,
    linear_amplitudes,
    mode_amplitudes,
)
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
_OTHERS_UP_TO = 0.03
"""Amplitude up to which other modes may have grown by then: the third order is then about 2 * 0.03^2."""


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
    """Rate times time while the amplitude is small; nothing if no growth is to be seen until then.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("growth is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    mode, start = _start(system)
    growth = growth_rates(mode, 2, system.beta, system.model)[-1] * axis.points
    linear = growth <= np.log(LINEAR_UP_TO / start)
    room = _SLACK * (1 + growth)
    room = np.where(linear & np.any(linear & (growth > room)), room, np.inf)
    return Within(np.where(linear, growth, 0.0) - room, np.where(linear, growth, 0.0) + room)


def _amplitude(problem: Problem) -> Estimate:
    return Estimate.exact(_start(ParticleSystem.expect(problem))[1])


def _largest_amplitude(problem: Problem) -> Estimate:
    """Over modes up to four times the fastest, and no more than twice the tokens: of so many, one is large anyway."""
    system = ParticleSystem.expect(problem)
    if system.points.shape[1] != 2:
        return Estimate.exact(math.nan)
    return Estimate.exact(mode_amplitudes(system.points[None], system.masses, _counted(system)).max())


def _counted(system: ParticleSystem) -> int:
    return min(4 * fastest_mode(2, system.beta), 2 * len(system.points))


def _others_in_the_end(problem: Problem) -> Estimate:
    """Largest amplitude of another mode, grown at its own rate, when the fastest one is no longer linear."""
    system = ParticleSystem.expect(problem)
    mode, time = _end(system)
    if np.isnan(time):
        return Estimate.exact(math.nan)
    return Estimate.exact(np.delete(linear_amplitudes(system, time, _counted(system)), mode - 1).max(initial=0.0))


def _driven_in_the_end(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    mode, time = _end(system)
    return Estimate.exact(math.nan if np.isnan(time) else driven_share(system, mode, time, _counted(system)))


def _end(system: ParticleSystem) -> tuple[int, float]:
    """The fastest mode and the time until which it is linear; NaN where it has no amplitude or does not grow."""
    mode, start = _start(system)
    rate = growth_rates(mode, 2, system.beta, system.model)[-1]
    if not (start > 0 and rate > 0):
        return mode, math.nan
    return mode, max(math.log(LINEAR_UP_TO / start), 0.0) / rate


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
        "Rates derived by linearising the mean field. The smallness of the amplitudes is ours, measured;"
        " pairs of modes drive a third one at second order, which may take at most half of the 2 %.",
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
        Hypothesis(
            "other modes are still small when the fastest one is 0.01",
            AtMost(_OTHERS_UP_TO, domain=(0, None)),
            _others_in_the_end,
        ),
        Hypothesis(
            "pairs of other modes do not drive the fastest one (share of it in the end)",
            AtMost(_SLACK / 2, domain=(0, None)),
            _driven_in_the_end,
        ),
    ),
    quantity=_log_growth,
    predict=_linear_law,
    example=run_of_rippled_ring,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
)
