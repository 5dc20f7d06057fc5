"""What the theorems say about a run of tokens."""

from fathometer.attention.theorems import theorems
from fathometer.evidence import Trajectory, Verdict, judge_all


def run_verdicts(run: Trajectory, *, costly: bool = False) -> list[Verdict]:
    """Hold every theorem of this theory that speaks about a run against it.

    None is held against a single state, as of tokens at rest: nothing has happened.

    Args:
        run: of any problem of this theory, simulated, collapsed or recorded.
        costly: also those that compute much beyond the run.
    """
    return judge_all(run, theorems(), costly=costly) if len(run.axis) > 1 else []
