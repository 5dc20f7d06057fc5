"""How well places of tokens are known along a run: by its twins, and by what the solver takes as one point."""

import numpy as np
from jaxtyping import Float

from fathometer.evidence import TWIN_SAFETY, Trajectory

MERGE_ROOM = 60.0
"""Twice the chord of clusters that the collapse solver takes as one, over tolerance/max(1, beta)."""
SIMULATED_ROOM = 1e-8
"""Tolerance of the steps of a simulated run, over 1/max(1, beta)."""


def place_errors(run: Trajectory, room: float = 0.0) -> Float[np.ndarray, " t"]:
    """Distance within which tokens are known at every moment: four times the largest difference from a twin, and room.

    At least 8, more than any distance, where a twin has no state.

    Args:
        run: with states "points" and twins.
        room: that is added, >= 0.
    """
    points = run.states["points"]
    return np.max([TWIN_SAFETY * _largest_move(points, twin.states["points"]) for twin in run.twins], axis=0) + room


def angle_error(distance: float) -> float:
    """Angle, in radians, of unit vectors that are at most that far apart; pi beyond 2."""
    return 2 * float(np.arcsin(min(1.0, distance / 2)))


def merge_room(tolerance: float, beta: float) -> float:
    """Error of the place of a token that the collapse solver has taken as one with others.

    Args:
        tolerance: of the solver.
        beta: inverse temperature.
    """
    return max(MERGE_ROOM * tolerance / max(1.0, beta), 2e-14)


def simulated_room(beta: float) -> float:
    """Error of a place that is added to that of a run in plain time."""
    return SIMULATED_ROOM / max(1.0, beta)


def _largest_move(states: Float[np.ndarray, "t n d"], others: Float[np.ndarray, "u n d"]) -> Float[np.ndarray, " t"]:
    """Largest distance of a token from where a twin has it, for each state; 2 where the twin has none."""
    moves = np.full(len(states), 2.0)
    both = min(len(states), len(others))
    moves[:both] = np.max(np.linalg.norm(states[:both] - others[:both], axis=-1), axis=-1)
    return moves
