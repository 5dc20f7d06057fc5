"""How a simulated run is checked: what is run again, what the difference says, and when it is a warning."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from fathometer.evidence import Trajectory

LOOSER = 8.7
"""Tolerance of twins in units of that of the run: no power of ten, so that steps do not coincide."""
ROUNDING = 32 * np.finfo(float).eps
"""Size of the perturbation of a twin's start: that of the roundings of a run, and of the points."""
_DOUBTFUL = 1e-3
"""Difference of twins, relative to the largest state, from which on a run has a warning."""
_TWIN_SEED = 0x7717
"""Not a seed that anyone draws points with: the shift must not be parallel to them."""


def nudged(start: Float[np.ndarray, "*shape"], size: float = ROUNDING) -> Float[np.ndarray, "*shape"]:
    """The numbers, each changed by about `size` in a direction that is always the same."""
    return start + size * np.random.default_rng(_TWIN_SEED).standard_normal(start.shape)


def with_twins(
    run: Trajectory,
    looser: Trajectory,
    moved: Trajectory,
    state: str | None = "points",
    size: float = ROUNDING,
    *,
    apart: bool = False,
) -> Trajectory:
    """The run with twins: one with a looser tolerance, and one that was moved at the start as well.

    Args:
        run: as it was asked for.
        looser: with the looser tolerance.
        moved: with the same looser tolerance, from a start that is nudged by `size`.
        state: what the condition is about; None for no condition.
        size: of the nudge.
        apart: as for `Trajectory.checked`.
    """
    if state is None:
        return run.checked((looser, moved), apart=apart)
    ways = (looser.states[state], moved.states[state])
    condition = farthest(*ways) / size
    doubt = max(farthest(run.states[state], way) for way in ways) / max(
        float(np.max(np.abs(run.states[state]))), 1e-300
    )
    return run.checked((looser, moved), condition=condition, warning=warning_of(doubt, condition), apart=apart)


def farthest(states: Float[np.ndarray, "t *shape"], others: Float[np.ndarray, "t *shape"]) -> float:
    """Largest difference of two numbers that should be the same."""
    return float(max(np.max(np.abs(a - b), initial=0.0) for a, b in zip(states, others, strict=True)))


def warning_of(doubt: float, condition: float) -> str:
    """One sentence on what two ways of running disagree by, if that is much; else nothing."""
    if doubt < _DOUBTFUL:
        return ""
    return (
        f"ill conditioned: runs that should be the same differ by up to {doubt:.2g}, because a change of the start"
        f" grows {condition:.2g} times, as next to a saddle or at the end of a long plateau; read the intervals, and"
        " start farther from the saddle or ask for a shorter time"
    )


def nudge_of(tolerance: float) -> float:
    """Size of the nudge of a run: a thousandth of the error of a step, and rounding at least.

    Where two runs take the same steps, as between near times, their difference says nothing; a nudge does.
    """
    return max(ROUNDING, 1e-3 * tolerance)


def in_three_ways(
    solve: Callable[[float, float], Trajectory], tolerance: float, state: str | None = "points", *, apart: bool = False
) -> Trajectory:
    """Run as asked for, and twice for the errors.

    Args:
        solve: from a tolerance, and the size by which the start is nudged, to a run.
        tolerance: of the run.
        state: as for `with_twins`.
        apart: as for `Trajectory.checked`.
    """
    loose, size = LOOSER * tolerance, nudge_of(tolerance)
    return with_twins(solve(tolerance, 0.0), solve(loose, 0.0), solve(loose, size), state, size, apart=apart)
