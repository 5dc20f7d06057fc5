"""Paths of steepest ascent of the energy on the circle: what the framework of Otto and Reznikoff speaks about.

E is EE/(2 beta) of n tokens of equal mass, as a function of their angles; its steepest ascent is USA with time n times
slower. Papers that descend have -E.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError, Problem, finite_array, finite_number


@dataclass(frozen=True, eq=False)
class AscentPath(Problem):
    """A path of steepest ascent, as it was followed.

    Attributes:
        angles: shape (t, n), t >= 2, in radians, lifted: they do not jump by 2 pi.
        times: shape (t,), increasing, of dtheta/dt = grad E.
        beta: inverse temperature, > 0.
        members: shape (n,), cluster of each token: the slow set is where the tokens of each cluster coincide. One
            cluster when not given.

    Raises:
        InputError: if a value is not as above.
    """

    angles: NDArray[np.float64]
    times: NDArray[np.float64]
    beta: float
    members: NDArray[np.float64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        angles, times = finite_array("angles", self.angles, ndim=2), finite_array("times", self.times, ndim=1)
        if len(angles) < 2 or len(times) != len(angles) or np.any(np.diff(times) <= 0):
            raise InputError(f"times must increase and be as many as the {len(angles)} >= 2 states, got {len(times)}")
        n = angles.shape[1]
        members = finite_array("members", np.zeros(n) if self.members is None else self.members, ndim=1)
        if len(members) != n:
            raise InputError(f"members must have one entry for each of {n} tokens, got {len(members)}")
        object.__setattr__(self, "angles", angles)
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "beta", finite_number("beta", self.beta, above=0))
        object.__setattr__(self, "members", members)


def energy_gradient(angles: Float[np.ndarray, "*t n"], beta: float) -> Float[np.ndarray, "*t n"]:
    """Derivatives of E in the angles: (1/n^2) sum_j k(theta_i - theta_j) sin(theta_j - theta_i)."""
    ahead = angles[..., None, :] - angles[..., :, None]
    pulls = np.exp(-2 * beta * np.sin(ahead / 2) ** 2) * np.sin(ahead)
    return np.sum(pulls, axis=-1) / angles.shape[-1] ** 2
