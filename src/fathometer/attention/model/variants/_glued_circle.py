"""USA on the circle in the clock of its closest pair, with gluing: the model of the proved staircase theorem."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Problem, finite_array, finite_number

Angles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GluedCircle(Problem):
    """Particles on the circle that move as USA with 1/N^2 in front and are glued when they are near.

    Two particles within r = 1/sqrt(beta log beta) of each other become one, at the place of the second; the other
    N - 1 go on with 1/(N - 1)^2, all with unit weights. The clock runs log(beta) exp(beta (1 - cos w)) times slower
    than time, w the gap of the closest pair (Geshkovski et al. 2024).

    Attributes:
        angles: shape (n,), n >= 2, increasing, in [0, pi], farther apart than r.
        beta: inverse temperature, > e.

    Raises:
        InputError: if a value is not as above.
    """

    angles: NDArray[np.float64]
    beta: float

    def __post_init__(self) -> None:
        angles = finite_array("angles", self.angles, ndim=1)
        object.__setattr__(self, "angles", angles)
        object.__setattr__(self, "beta", finite_number("beta", self.beta, above=np.e))
        if len(angles) < 2 or angles[0] < 0 or angles[-1] > np.pi or np.any(np.diff(angles) <= self.contact):
            raise InputError(f"angles must be two or more in [0, pi], increasing by more than {self.contact:.3g}")

    @property
    def contact(self) -> float:
        """The gap r at which particles are glued."""
        return float(1 / np.sqrt(self.beta * np.log(self.beta)))

    @property
    def preparation(self) -> float:
        """Largest c with cos(th_i - th_1) > cos(th_k - th_i) + c log(beta)/beta for all 1 < i < k; inf for n = 2."""
        ahead = np.cos(self.angles - self.angles[:, None])[np.triu_indices(len(self.angles), 1)]
        pairs = np.stack(np.triu_indices(len(self.angles), 1))
        inner = pairs[0] > 0
        near = np.cos(self.angles[pairs[0][inner]] - self.angles[0])
        return float(np.min(near - ahead[inner], initial=np.inf)) * self.beta / float(np.log(self.beta))

    def velocities(self, angles: Angles, *, farthest: bool = False) -> Angles:
        """Velocities of the particles that are left, in the clock of the closest or of the farthest pair."""
        n, ahead = len(angles), angles - angles[:, None]
        cosines = np.cos(ahead)
        pairs = cosines[np.triu_indices(n, 1)]
        np.fill_diagonal(cosines, -1.0)  # no pull, and no overflow, from itself
        pulls = np.exp(self.beta * (cosines - (pairs.min() if farthest else pairs.max()))) * np.sin(ahead)
        return np.log(self.beta) / n**2 * np.sum(pulls, axis=1)

    def energy(self, angles: Angles) -> float:
        """Unit energy of the particles that are left."""
        return float(np.mean(np.exp(-2 * self.beta * np.sin((angles - angles[:, None]) / 2) ** 2)))
