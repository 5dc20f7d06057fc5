"""In the clock log(t)/beta clusters merge at the times of isolated pairs."""

import math

import numpy as np

from fathometer.attention.dynamics.collapse import Collapse
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import default_resolution
from fathometer.attention.predictions._staircase import predicted_log_times, predicted_staircase
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory, Within


def log_merge_times(trajectory: Trajectory) -> Estimate:
    """Logs of the first times with n - 1, ..., 1 clusters at the default resolution."""
    left = range(len(ParticleSystem.expect(trajectory.problem).points) - 1, 0, -1)
    times = [trajectory.event(f"{k} clusters") for k in left]
    ends = np.array([(time.value, time.lower, time.upper) for time in times])
    with np.errstate(divide="ignore"):
        return Estimate.heuristic(*np.log(ends).T)


def collapse_log_times(collapse: Collapse) -> Estimate:
    """Logs of the times of the events of a collapse, with their errors; without a check, ten tolerances."""
    found = np.array([-np.inf if event.log_time is None else event.log_time for event in collapse.events])
    error = np.array([10 * collapse.tolerance if event.error is None else event.error for event in collapse.events])
    return Estimate.heuristic(found, found - error, found + error)


def predicted(problem: Problem) -> Estimate:
    """Logs of the times at which isolated pairs come within the default resolution."""
    system = ParticleSystem.expect(problem)
    return predicted_log_times(system, 2 * math.asin(default_resolution(system.beta) / 2))


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Within the bars of the prediction."""
    times = predicted(problem)
    return Within(times.lower, times.upper)


def _reach(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(np.min(predicted_staircase(system).gaps, initial=np.pi) * np.sqrt(system.beta))


def _separation(problem: Problem) -> Estimate:
    return Estimate.exact(np.min(np.diff(np.asarray(predicted(problem).value)), initial=np.inf))


APART = (
    Hypothesis("gaps of at least 4 interaction ranges 1/sqrt(beta)", AtLeast(4.0, domain=(0, None)), _reach),
    Hypothesis("no cascade: every log time at least 1 after the one before", AtLeast(1.0), _separation),
)

THEOREM = Theorem(
    id="staircase_times",
    theory="attention",
    title="The staircase in log time",
    statement="Clusters that are many interaction ranges apart merge pair by pair, the closest first; log T of a merger"
    " at the gap w is beta (1 - cos w) - log(beta) + O(1), and is here, between -1/beta and log 2, the log of the time"
    " in which an isolated pair of its masses closes that gap.",
    source=Source(
        METASTABILITY,
        "open problem on saddle-to-saddle dynamics, in the clock log(t)/beta",
        "Derived. Neglects earlier mergers' times and other clusters; both are exponentially small in beta.",
    ),
    hypotheses=APART,
    quantity=log_merge_times,
    predict=predict,
)
