"""What the theorems say about a run of tokens."""

import numpy as np

from fathometer.attention._weights_verdicts import plain_verdicts
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems import theorems
from fathometer.evidence import Problem, Status, Trajectory, Verdict, judge_all


def run_verdicts(run: Trajectory, *, costly: bool = False) -> list[Verdict]:
    """Hold every theorem of this theory that speaks about a run against it.

    None is held against a single state, or against tokens that are one point from the start: nothing happens. Tokens
    with weights are told by how much theorems on plain ones do not apply (see `plain_verdicts`).

    Args:
        run: of any problem of this theory, simulated, collapsed or recorded.
        costly: also those that compute much beyond the run.
    """
    if len(run.axis) == 1 or _one_point(run.problem):
        return []
    return judge_all(run, theorems(), costly=costly) + plain_verdicts(run)


def applicable_verdicts(run: Trajectory) -> list[Verdict]:
    """Those of `run_verdicts` whose hypotheses hold: figures leave theorems on other clouds out."""
    return [verdict for verdict in run_verdicts(run) if verdict.status is not Status.INAPPLICABLE]


def _one_point(problem: Problem) -> bool:
    """Whether tokens of the plain model are in one place."""
    return isinstance(problem, ParticleSystem) and bool(np.all(problem.points == problem.points[0]))
