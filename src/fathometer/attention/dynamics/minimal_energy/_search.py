"""The cloud of least energy that many descents reach."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics._assembly import JAX
from fathometer.attention.dynamics.minimal_energy._descents import descend, random_starts
from fathometer.attention.dynamics.minimal_energy._polish import polished
from fathometer.attention.model._system import read_beta
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.observables.minimal_energy._clouds import CLOUD_ENERGY
from fathometer.evidence import Axis, AxisKind, Estimate, Origin, Provenance, Record, Trajectory, whole_number

LARGEST_CLOUD = 1000
LARGEST_DIMENSION = 128
_PAIRS = 1e6
_WORK = 4e9
_FORCE = 1e-10


@dataclass(frozen=True, eq=False)
class LeastEnergy(Record):
    """The best of many descents.

    Attributes:
        run: the clouds in which the descents ended, by ascending energy, along draws: states "points", shape
            (starts, n, d), the best one polished.
        energies: of these clouds, each enclosed with its rounding.
        reached: share of the descents whose energy is within 1e-9 of the least, relative.
        steps: that were taken side by side.
    """

    run: Trajectory
    energies: Estimate
    reached: float
    steps: int

    @property
    def points(self) -> NDArray[np.float64]:
        """The best cloud, shape (n, d)."""
        return self.run.states["points"][0]

    @property
    def best(self) -> Estimate:
        """Its unit energy: an upper bound of the least energy."""
        value, lower, upper = (
            np.asarray(end)[0] for end in (self.energies.value, self.energies.lower, self.energies.upper)
        )
        return Estimate.enclosed(value, lower, upper)


def minimize_energy(n: int, d: int, beta: float, *, starts: int | None = None, seed: int = 0) -> LeastEnergy:
    """Descend the energy of n tokens of equal mass from many uniform starts, side by side, and polish the best end.

    Nothing says that the best of the ends is the least of all clouds; `minimal_energy_bound` says how far it can be.

    Args:
        n: number of tokens, between 2 and 1000.
        d: dimension, between 2 and 128.
        beta: inverse temperature, between 0 and 1e10.
        starts: number of descents, between 1 and 1000; 64 for up to 125 tokens and fewer for more if None.
        seed: of the starts, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    n = whole_number("n", n, at_least=2, at_most=LARGEST_CLOUD)
    d = whole_number("dim", d, at_least=2, at_most=LARGEST_DIMENSION)
    problem = MinimalEnergy(n, d, read_beta(beta))
    count = _default_starts(n) if starts is None else whole_number("starts", starts, at_least=1, at_most=1000)
    most = int(np.clip(_WORK / (count * n * n), 300, 4000))
    start = random_starts(count, n, d, whole_number("seed", seed, at_least=0))
    ends = descend(*map(jnp.asarray, (start, problem.beta, _FORCE, most)))
    return _ranked(problem, np.asarray(ends.points).transpose(0, 2, 1), int(ends.steps), seed)


def clouds(problem: MinimalEnergy, points: NDArray[np.float64], axis: Axis, seed: int | None = None) -> Trajectory:
    """Return any clouds as a trajectory of the problem of least energy.

    Args:
        problem: n, d and beta.
        points: unit rows, shape (clouds, n, d).
        axis: what the clouds are indexed by.
        seed: of their draws, if there were any.
    """
    return Trajectory(problem, axis, {"points": points}, Origin.SIMULATED, provenance=Provenance.here(seed, JAX))


def _default_starts(n: int) -> int:
    return int(np.clip(_PAIRS / n**2, 4, 64))


def _ranked(problem: MinimalEnergy, points: NDArray[np.float64], steps: int, seed: int) -> LeastEnergy:
    """The ends by their energies, of which the best is polished."""
    energy = np.asarray(CLOUD_ENERGY.measure(problem, {"points": points}).value)
    points = points[np.argsort(energy, kind="stable")]
    refined = polished(points[0], problem.beta)
    both = CLOUD_ENERGY.measure(problem, {"points": np.stack([refined, points[0]])})
    points[0] = refined if np.argmin(np.asarray(both.value)) == 0 else points[0]
    run = clouds(problem, points, Axis(AxisKind.DRAW, np.arange(float(len(points))), "descent"), seed)
    energies = run.observe(CLOUD_ENERGY)
    reached = float(np.mean(np.asarray(energies.value) <= np.min(energies.value) * (1 + 1e-9)))
    return LeastEnergy(run, energies, reached, steps)
