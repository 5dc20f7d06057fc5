"""In the clock log(t)/beta clusters merge at the times of isolated pairs."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import log_merge_times
from fathometer.attention.predictions._competitors import log_time_shifts
from fathometer.attention.predictions._staircase import closest_ranges, cluster_log_times, far_staircase
from fathometer.attention.theorems.staircase._examples import ALONG, merging_pair, warm_pair
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Within


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Within the bars of the prediction, and what other clusters may shift."""
    system = ParticleSystem.expect(problem)
    times, shifts = cluster_log_times(system), log_time_shifts(system)
    return Within(times.lower - shifts, times.upper + shifts)


def _number(problem: Problem) -> Estimate:
    return Estimate.exact(len(ParticleSystem.expect(problem).points))


def _reach(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    stairs = far_staircase(system)
    return Estimate.exact(closest_ranges(system) if stairs is None else np.min(stairs.gaps) * np.sqrt(system.beta))


def _shortest_ways(problem: Problem) -> bool | None:
    system = ParticleSystem.expect(problem)
    return True if far_staircase(system) is not None else False if closest_ranges(system) >= 4 else None


def _separation(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    if far_staircase(system) is None:
        return Estimate.exact(np.nan)
    return Estimate.exact(np.min(np.diff(np.asarray(cluster_log_times(system).value)), initial=np.inf))


def _largest_shift(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    if far_staircase(system) is None:
        return Estimate.exact(np.nan)
    return Estimate.exact(np.max(log_time_shifts(system), initial=0.0))


FAR = (
    Hypothesis("two or more tokens", AtLeast(2, domain=(1, None)), _number),
    Hypothesis("gaps of at least 4 interaction ranges 1/sqrt(beta)", AtLeast(4.0, domain=(0, None)), _reach),
    Hypothesis.that("no two clusters that merge are antipodal", _shortest_ways),
)
APART = (
    *FAR,
    Hypothesis("no cascade: every log time at least 1 after the one before", AtLeast(1.0), _separation),
    Hypothesis(
        "no competitor: pulls of all but the partner shift no log time by more than 0.05",
        AtMost(0.05, domain=(0, None)),
        _largest_shift,
    ),
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
        "Derived. Earlier mergers' times are within the bars; what other clusters do is bounded to first order.",
    ),
    about=ParticleSystem,
    hypotheses=APART,
    quantity=log_merge_times,
    predict=predict,
    example=merging_pair,
    counterexample=warm_pair,
    along=ALONG,
    uses=("two_token_time", "merge_location"),
)
