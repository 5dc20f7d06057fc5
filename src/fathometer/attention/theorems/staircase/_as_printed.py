"""Statements about the staircase as they are printed where that is wrong or empty. Tests show that they fail."""

from dataclasses import replace

import numpy as np

from fathometer.attention.dynamics._glued_circle import GluedCircle, predicted_gluings
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import default_resolution
from fathometer.attention.theorems.staircase import (
    coalescence_time,
    scalar_closing_time,
    staircase_circle,
    staircase_levels,
)
from fathometer.attention.theorems.staircase.two_token_time import gap_of
from fathometer.evidence import Axis, Estimate, Problem, Trajectory, Within


def _printed_scalar(problem: Problem, axis: Axis | None) -> Within:
    return scalar_closing_time.around(problem, 2.0)


def _printed_gluings(problem: Problem, axis: Axis | None) -> Within:
    found = predicted_gluings(GluedCircle.expect(problem))
    return Within(4 * np.asarray(found.lower), 4 * np.asarray(found.upper), domain=(0, None))


def _dm_energies(trajectory: Trajectory) -> Estimate:
    system = ParticleSystem.expect(trajectory.problem)
    deviations = staircase_levels.largest_deviations(trajectory)
    return Estimate.exact(np.asarray(deviations.value) / (2 * system.beta))


def _dm_levels(problem: Problem, axis: Axis | None) -> Within:
    top = 1 / (2 * ParticleSystem.expect(problem).beta)
    return Within(0.0, top, domain=(0.0, top))


def _seen_deviations(trajectory: Trajectory) -> Estimate:
    found = np.asarray(staircase_levels.largest_deviations(trajectory).value)
    return Estimate.exact(np.where(np.isnan(found), 0.0, found))


def _pairing_limit(problem: Problem, axis: Axis | None) -> Within:
    system, gap = ParticleSystem.expect(problem), gap_of(problem)
    contact = np.cos(2 * np.arcsin(default_resolution(system.beta) / 2))
    log_time = 2 * system.beta * np.sin(gap / 2) ** 2 + np.log((np.arctanh(contact) - np.arctanh(np.cos(gap))) / 2)
    return Within(log_time - 0.1, log_time + 0.1)


SCALAR_CLOSING_TIME = replace(
    scalar_closing_time.THEOREM,
    id="scalar_closing_time_as_printed",
    statement="du/dt = -c log(beta) sin u takes u from u_0 to sqrt(log(beta)/beta) in about the time 2/c.",
    predict=_printed_scalar,
)

STAIRCASE_CIRCLE = replace(
    staircase_circle.THEOREM,
    id="staircase_circle_as_printed",
    statement="As the corrected statement, with the increments 2/c = N^2 that the printed scalar lemma gives.",
    predict=_printed_gluings,
)
"""For the other misprint, the clock of the farthest pair, see `simulate_glued` with `farthest`."""

STAIRCASE_LEVELS = replace(
    staircase_levels.THEOREM,
    id="staircase_levels_as_printed",
    statement="The energy EE/(2 beta) tends to a piecewise constant function: it does, to 0.",
    quantity=_dm_energies,
    predict=_dm_levels,
)

SADDLE_TO_SADDLE = replace(
    staircase_levels.THEOREM,
    id="saddle_to_saddle_as_printed",
    statement="The energy is close to its levels on the plateaus that the clock reaches, with any clock.",
    quantity=_seen_deviations,
)

PAIRING_LIMIT = replace(
    coalescence_time.THEOREM,
    id="pairing_limit_as_printed",
    statement="In the time s, dt = exp(beta (1 - <x_1, x_2>)) ds, the closest pair follows dx_1/ds = P x_2 and back:"
    " its cosine is tanh(2 s + const).",
    predict=_pairing_limit,
)
