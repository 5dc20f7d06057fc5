"""Between mergers the energy rests at the sum of the squared masses of the clusters."""

import numpy as np
from scipy.spatial.distance import pdist

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import UNIT_ENERGY
from fathometer.attention.observables.caps._widths import axis_times
from fathometer.attention.predictions._staircase import predicted_staircase
from fathometer.attention.theorems.staircase.staircase_times import APART, predicted
from fathometer.evidence import AtMost, Axis, Estimate, Problem, Source, Theorem, Trajectory

SETTLED = 15.0
"""Time constants, 1/(smallest mass), after a merger from which on its plateau counts."""

BEFORE = 3.0
"""Log time before a merger until which its plateau counts."""


def largest_deviations(trajectory: Trajectory) -> Estimate:
    """Largest |EE - sum m_a^2| on each plateau, the last one included; unknown where the run saw nothing of it."""
    problem = trajectory.problem
    levels, energy = (
        predicted_staircase(ParticleSystem.expect(problem)).levels,
        np.asarray(trajectory.observe(UNIT_ENERGY).value),
    )
    where = plateau_of(problem, axis_times(trajectory.axis))
    found = [np.max(np.abs(energy[where == k] - level), initial=-np.inf) for k, level in enumerate(levels)]
    seen = np.isfinite(found)
    error = np.where(seen, 1e-9, np.inf)
    value = np.where(seen, found, np.nan)
    return Estimate.heuristic(value, np.where(seen, value - error, -np.inf), np.where(seen, value + error, np.inf))


def plateau_of(problem: Problem, log_times: np.ndarray) -> np.ndarray:
    """Number of the plateau of each time; -1 within a jump."""
    jumps = np.asarray(predicted(problem).value)
    settle = SETTLED / float(np.min(ParticleSystem.expect(problem).masses))
    starts = np.append(-np.inf, np.logaddexp(jumps, np.log(settle)))
    ends = np.append(jumps - BEFORE, np.inf)
    inside = (log_times[:, None] >= starts) & (log_times[:, None] <= ends)
    return np.where(inside.any(axis=1), np.argmax(inside, axis=1), -1)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 25 times the attraction between the clusters at its start, and 1e-6."""
    system, stairs = ParticleSystem.expect(problem), predicted_staircase(ParticleSystem.expect(problem))
    nearest = np.append(stairs.gaps, np.nan)
    nearest[0] = 2 * np.arcsin(np.min(pdist(system.points), initial=2.0) / 2)
    left = np.where(np.isnan(nearest), 0.0, 25 * np.exp(-2 * system.beta * np.sin(np.nan_to_num(nearest) / 2) ** 2))
    return AtMost(left * (1 - stairs.levels) + 1e-6, domain=(0, 1))


THEOREM = Theorem(
    id="staircase_levels",
    theory="attention",
    title="Levels of the staircase",
    statement="From 15 time constants after a merger until its log time is within 3 of the next one, the unit energy is"
    " sum_a m_a^2 over the clusters, up to the attraction between them, 25 exp(-beta (1 - cos w)), w the smallest gap;"
    " a merger raises it by 2 m_a m_b. All plateaus count, the last one too.",
    source=Source(
        METASTABILITY,
        "open problem on saddle-to-saddle dynamics, levels",
        "Derived, in the clock log(t)/beta, which is increasing and onto. Printed for EE/(2 beta), which tends to 0 and"
        " has no stairs, and for clocks that may stand still: both are empty.",
    ),
    hypotheses=APART,
    quantity=largest_deviations,
    predict=predict,
)
