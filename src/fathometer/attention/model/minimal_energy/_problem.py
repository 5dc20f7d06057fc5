"""The problem of the least energy: how many tokens, in which dimension, at which temperature."""

from dataclasses import dataclass

from fathometer.attention.model._system import LARGEST_BETA
from fathometer.evidence import Problem, finite_number, whole_number


@dataclass(frozen=True, eq=False)
class MinimalEnergy(Problem):
    """All clouds of n tokens of equal mass on the sphere of R^d, and the inverse temperature of their energy.

    A trajectory of this problem has states "points", shape (clouds, n, d): any clouds, of any origin.

    Attributes:
        n: >= 2.
        d: >= 2.
        beta: between -1e10 and 1e10; below 0 the energy is least for a single cluster's opposite, and nothing here
            speaks about it.

    Raises:
        InputError: if a value is not as above.
    """

    n: int
    d: int
    beta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=2))
        object.__setattr__(self, "d", whole_number("d", self.d, at_least=2))
        beta = finite_number("beta", self.beta, at_least=-LARGEST_BETA, at_most=LARGEST_BETA)
        object.__setattr__(self, "beta", beta)
