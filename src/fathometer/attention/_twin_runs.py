"""How a simulated run is checked: what is run again, what the difference says, and when it is a warning."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from fathometer.evidence import Trajectory

LOOSER = 8.7
"""Tolerance of twins in units of that of the run: no power of ten, so that steps do not coincide."""
ROUNDING = 32 * np.finfo(float).eps
"""Size of the perturbation of a twin's start: that of the roundings of a run, and of the points."""
_ILL = 1e6
"""Condition from which on a run is doubtful: six of the sixteen digits of the points are lost."""
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
    condition = None if state is None else condition_of(looser.states[state], moved.states[state], size)
    return run.checked((looser, moved), condition=condition, warning=warning_of(condition), apart=apart)


def condition_of(states: Float[np.ndarray, "t *shape"], moved: Float[np.ndarray, "t *shape"], size: float) -> float:
    """Largest change of any state per change of the start."""
    return float(max(np.max(np.abs(a - b), initial=0.0) for a, b in zip(states, moved, strict=True)) / size)


def warning_of(condition: float | None) -> str:
    """One sentence if the condition is bad, else nothing."""
    if condition is None or condition < _ILL:
        return ""
    return (
        f"the tokens pass next to a saddle: a change of the start by 1e-16, its last digit, changes the states up to"
        f" {condition:.2g} times as much, so that they may not be known (see the intervals); start farther from it"
    )


def in_three_ways(
    solve: Callable[[float, bool], Trajectory], tolerance: float, state: str | None = "points", *, apart: bool = False
) -> Trajectory:
    """Run as asked for, and twice for the errors.

    Args:
        solve: from a tolerance, and whether the start is nudged, to a run.
        tolerance: of the run.
        state: as for `with_twins`.
        apart: as for `Trajectory.checked`.
    """
    loose = LOOSER * tolerance
    return with_twins(solve(tolerance, False), solve(loose, False), solve(loose, True), state, apart=apart)
