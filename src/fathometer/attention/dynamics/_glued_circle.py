"""USA on the circle in the clock of its closest pair, with gluing: the model of the proved staircase theorem."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from fathometer.attention.predictions._staircase import logarithmic_merge_time
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Event,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
)
from fathometer.numerics import in_three_ways, nudged

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


def simulate_glued(problem: GluedCircle, *, farthest: bool = False) -> Trajectory:
    """Follow the particles until one is left.

    Args:
        problem: particles at time 0.
        farthest: run the clock by the farthest pair instead, as it is printed.

    Returns:
        A trajectory along rescaled time, one state at the start and one for every gluing: states "particles", how many
        are left, and "energy", their unit energy, right after; with events "k particles".

    Raises:
        InputError: if the farthest pair makes the clock overflow.
    """
    if farthest and 2 * problem.beta * np.sin(np.ptp(problem.angles) / 2) ** 2 > 600:
        raise InputError(f"beta must be smaller for a clock by the farthest pair, got {problem.beta:g}")

    def run(tolerance: float, nudge: float) -> Trajectory:
        start = np.sort(nudged(problem.angles, nudge))
        return _glue(problem, start, farthest, tolerance)

    return in_three_ways(run, 1e-9, None, apart=True)


def _glue(problem: GluedCircle, angles: Angles, farthest: bool, tolerance: float) -> Trajectory:
    clock, times, energies = 0.0, [0.0], [_energy(angles, problem.beta)]
    while len(angles) > 1:
        angles, elapsed = _until_contact(angles, problem, farthest, tolerance)
        clock += elapsed
        times.append(clock)
        energies.append(_energy(angles, problem.beta))
    left = np.arange(len(problem.angles), 0, -1)
    events = tuple(_event(int(k), time) for k, time in zip(left, times, strict=True))
    states = {"particles": left, "energy": np.array(energies)}
    axis = Axis(AxisKind.TIME, np.array(times), "rescaled time")
    provenance = Provenance.here(packages=("fathometer", "numpy", "scipy"))
    return Trajectory(problem, axis, states, Origin.SIMULATED, events=events, provenance=provenance)


def predicted_gluings(problem: GluedCircle) -> Estimate:
    """Rescaled times of the gluings if only the closest pair moves, left to right: partial sums of N^2/4 in the limit.

    With N particles left a gap falls as dw/ds = -(2/N^2) log(beta) sin w, which has a closed form (derived).
    """
    places, times = list(problem.angles), []
    while len(places) > 1:
        gap, n = places[1] - places[0], len(places)
        times.append(float(logarithmic_merge_time(gap, problem.contact, 2 / n**2, problem.beta).value))
        places = [(places[0] + places[1] + problem.contact) / 2, *places[2:]]
    found = np.cumsum(times)
    return Estimate.heuristic(found, found * (1 - SHARE), found * (1 + SHARE))


def limit_gluings(n: int) -> Float[np.ndarray, " m"]:
    """Limits of the times of the gluings for beta to infinity: partial sums of n^2/4, (n - 1)^2/4, ..., 1."""
    return np.cumsum(np.arange(n, 1, -1) ** 2 / 4)


SHARE = 0.01
"""Room for the motion of other particles, which is exponentially small."""


def _until_contact(angles: Angles, problem: GluedCircle, farthest: bool, tolerance: float) -> tuple[Angles, float]:
    n, pairs = len(angles), np.triu_indices(len(angles), 1)

    def speed(s: float, x: Angles) -> Angles:
        ahead = x - x[:, None]
        cosines = np.cos(ahead)
        paced = cosines[pairs].min() if farthest else cosines[pairs].max()
        np.fill_diagonal(cosines, -1.0)  # no pull, and no overflow, from itself
        return np.log(problem.beta) / n**2 * np.sum(np.exp(problem.beta * (cosines - paced)) * np.sin(ahead), axis=1)

    def excess(s: float, x: Angles) -> float:
        return float(np.min(np.diff(x))) - problem.contact

    excess.terminal = True  # type: ignore[attr-defined]
    limit = 1e3 * n**2
    solution = solve_ivp(speed, (0, limit), angles, "LSODA", events=excess, rtol=tolerance, atol=1e-3 * tolerance)
    x = solution.y[:, -1]
    return np.delete(x, int(np.argmin(np.diff(x)))), float(solution.t[-1])


def _energy(angles: Angles, beta: float) -> float:
    return float(np.mean(np.exp(-2 * beta * np.sin((angles - angles[:, None]) / 2) ** 2)))


def _event(k: int, time: float) -> Event:
    return Event(f"{k} particles", Estimate.heuristic(time, time * (1 - 1e-6), time * (1 + 1e-6)))
