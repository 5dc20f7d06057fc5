"""Strong Renyi centres: tokens that start far from all tokens before them, and keep their place under a causal mask."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial.distance import cdist

from fathometer.attention.model._variant import Variant
from fathometer.evidence import Problem, finite_number, whole_number


@dataclass(frozen=True, eq=False)
class UniformSequence(Problem):
    """A sequence of n independent uniform points of the sphere of R^d, in which centres are farther than an angle.

    Attributes:
        n: >= 1.
        d: >= 2.
        angle: delta in radians, in (0, pi).

    Raises:
        InputError: if a value is not as above.
    """

    n: int
    d: int
    angle: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=1))
        object.__setattr__(self, "d", whole_number("d", self.d, at_least=2))
        object.__setattr__(self, "angle", finite_number("angle", self.angle, above=0, below=np.pi))


@dataclass(frozen=True, eq=False)
class CausalCentres(Problem):
    """Causal tokens, and at which scale their centres are meant to stay.

    Attributes:
        variant: the tokens and their attention.
        c: centres are the strong ones at the angle c (1 + 2 eps) / sqrt(beta); above 0.
        epsilon: share of c / sqrt(beta) that a centre may move, in (0, 1/2).

    Raises:
        InputError: if a value is not as above, or beta is not above 0.
    """

    variant: Variant
    c: float
    epsilon: float

    def __post_init__(self) -> None:
        finite_number("beta", self.variant.system.beta, above=0)
        object.__setattr__(self, "c", finite_number("c", self.c, above=0))
        object.__setattr__(self, "epsilon", finite_number("epsilon", self.epsilon, above=0, below=0.5))

    @property
    def scale(self) -> float:
        """The angle c / sqrt(beta)."""
        return self.c / float(np.sqrt(self.variant.system.beta))

    @property
    def centres(self) -> Int[np.ndarray, " m"]:
        """Indices of the strong centres of the tokens at time 0."""
        return strong_centres(self.variant.system.points, self.scale * (1 + 2 * self.epsilon))


def strong_centres(points: Float[np.ndarray, "n d"], angle: float) -> Int[np.ndarray, " m"]:
    """Indices s with an angle above the given one between x_s and every x_i, i < s; the first token always is one.

    Args:
        points: unit vectors, in their order.
        angle: delta in radians, >= 0.
    """
    far = cdist(points, points) > 2 * np.sin(min(finite_number("angle", angle, at_least=0), np.pi) / 2)
    later = np.triu(np.ones_like(far), 0)
    return np.flatnonzero(np.all(far | later, axis=1))
