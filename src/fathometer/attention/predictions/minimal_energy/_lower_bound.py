"""The lower bound of the energy by linear programming, proved between grid points."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import read_beta
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.predictions.minimal_energy._cosine_polynomials import Reals, gegenbauer_cosines
from fathometer.attention.predictions.minimal_energy._linear_program import candidates
from fathometer.attention.predictions.minimal_energy._supremum import largest_excess
from fathometer.evidence import Estimate, Record, whole_number
from fathometer.numerics import SLACK, round_down, wide

DEGREE = 30
LARGEST_DEGREE = 60


@dataclass(frozen=True, eq=False)
class EnergyBound(Record):
    """A lower bound of the unit energy of every cloud of n tokens of equal mass, with the polynomial that proves it.

    Attributes:
        problem: n, d and beta.
        bound: the bound, rounded down; exact as a number, because what it states is proved.
        coefficients: h_k of the polynomial sum_k h_k C_k below the kernel, C_k of value 1 at 1, shape (degree + 1,);
            the repair was taken off h_0. They are what is proved, exactly as they are.
        repair: how far the polynomial of the program was above the kernel at most.
    """

    problem: MinimalEnergy
    bound: float
    coefficients: NDArray[np.float64]
    repair: float

    @property
    def estimate(self) -> Estimate:
        """The bound as an estimate of itself."""
        return Estimate.exact(self.bound)


@functools.lru_cache(maxsize=256)
def minimal_energy_bound(n: int, d: int, beta: float, degree: int = DEGREE) -> EnergyBound:
    """Return a proved lower bound of the unit energy of all clouds of n tokens of equal mass on the sphere of R^d.

    If h = sum_k h_k C_k with Gegenbauer polynomials of value 1 at 1, h_k >= 0 for k >= 1, and h(t) <= exp(beta (t - 1))
    on [-1, 1], then n^2 EE >= n^2 h_0 - n h(1) + n (Yudin 1992). The best h of the degree comes from a linear program;
    the largest excess over the kernel between grid points is bounded and taken off h_0, so that the result is a bound
    whatever the solver did.

    Args:
        n: number of tokens, >= 2.
        d: dimension, >= 2.
        beta: inverse temperature, between 0 and 1e10.
        degree: of the polynomial, between 1 and 60.

    Raises:
        InputError: if a value is not as above.
    """
    problem = MinimalEnergy(n, d, read_beta(beta))
    degree = whole_number("degree", degree, at_least=1, at_most=LARGEST_DEGREE)
    basis = gegenbauer_cosines(degree, problem.d)
    nothing = np.zeros(degree + 1, np.longdouble)
    proved = [_proved(h, problem, basis) for h in (nothing, *candidates(problem.n, problem.d, problem.beta, degree))]
    return max(proved, key=lambda one: one.bound)


def _proved(h: Reals, problem: MinimalEnergy, basis: Reals) -> EnergyBound:
    """The bound that the polynomial proves once it is in float64 and lowered."""
    lowered = np.asarray(h, np.float64)
    repair = largest_excess(basis @ np.asarray(lowered, np.longdouble), problem.beta)
    lowered[0] = round_down(wide(lowered[0]) - wide(repair), 2 * SLACK)
    exact = np.asarray(lowered, np.longdouble)
    value = exact[0] - np.sum(exact) / problem.n + wide(1) / problem.n
    room = SLACK * (float(np.sum(np.abs(exact))) + 1)
    return EnergyBound(problem, float(round_down(value - room)), lowered, repair)
