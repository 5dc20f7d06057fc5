"""Between mergers the energy rests at the sum of the squared masses of the clusters."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import UNIT_ENERGY
from fathometer.attention.observables.caps._widths import axis_times
from fathometer.attention.predictions._staircase import plateau_numbers, plateau_room, predicted_staircase
from fathometer.attention.theorems.staircase._examples import ALONG, merging_pair, stopped_pair, warm_pair
from fathometer.attention.theorems.staircase.staircase_times import APART
from fathometer.evidence import (
    AtMost,
    Axis,
    Estimate,
    PrintedForm,
    Problem,
    Source,
    Status,
    Theorem,
    Trajectory,
    Within,
)


def largest_deviations(trajectory: Trajectory) -> Estimate:
    """Largest |EE - sum m_a^2| on each plateau, the last one included; unknown where the run saw nothing of it."""
    system = ParticleSystem.expect(trajectory.problem)
    levels, energy = predicted_staircase(system).levels, np.asarray(trajectory.observe(UNIT_ENERGY).value)
    where = plateau_numbers(system, axis_times(trajectory.axis))
    value = np.array([np.max(np.abs(energy[where == k] - level), initial=-np.inf) for k, level in enumerate(levels)])
    value = np.where(np.isfinite(value), value, np.nan)
    return Estimate.heuristic(value, value - 1e-9, value + 1e-9)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 25 times the attraction between the clusters at its start, and 1e-6."""
    return AtMost(plateau_room(ParticleSystem.expect(problem)), domain=(0, 1))


def _dm_energies(trajectory: Trajectory) -> Estimate:
    beta = ParticleSystem.expect(trajectory.problem).beta
    return Estimate.exact(np.asarray(largest_deviations(trajectory).value) / (2 * beta))


def _dm_levels(problem: Problem, axis: Axis | None) -> Within:
    top = 1 / (2 * ParticleSystem.expect(problem).beta)
    return Within(0.0, top, domain=(0.0, top))


def _later_deviations(trajectory: Trajectory) -> Estimate:
    return Estimate.exact(np.nan_to_num(largest_deviations(trajectory).value)[1:])


def _later_rooms(problem: Problem, axis: Axis | None) -> AtMost:
    system = ParticleSystem.expect(problem)
    room = plateau_room(system)
    reached = np.isin(np.arange(len(room)), plateau_numbers(system, axis_times(axis)))
    return AtMost(np.where(reached, room, 1.0)[1:], domain=(0, 1))


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
    about=ParticleSystem,
    hypotheses=APART,
    quantity=largest_deviations,
    predict=predict,
    example=merging_pair,
    counterexample=warm_pair,
    along=ALONG,
    reads=("points",),
    uses=("staircase_times",),
    as_printed=(
        PrintedForm(
            "the energy EE/(2 beta) tends to a piecewise constant function: it does, to 0",
            predict=_dm_levels,
            quantity=_dm_energies,
            ends=Status.VACUOUS,
        ),
        PrintedForm(
            "there is a clock in which the energy tends to its levels, one that stands still included",
            predict=_later_rooms,
            quantity=_later_deviations,
            example=stopped_pair,
            ends=Status.VACUOUS,
        ),
    ),
)
