"""A particle system with the parts of a Transformer layer that the plain model leaves out."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.attention._system import ParticleSystem
from fathometer.evidence import InputError, Problem, finite_array


class Normalization(StrEnum):
    """Where a layer normalises; A_i is the attention average of the directions, P removes the part along x_i.

    POST: the direction moves as dx_i/dt = P A_i. PRE: a vector y_i = r_i x_i moves as dy_i/dt = A_i, hence
    dx_i/dt = P A_i / r_i with dr_i/dt = <A_i, x_i> (Karagodin et al. 2025).
    """

    POST = "post"
    PRE = "pre"


@dataclass(frozen=True, eq=False)
class Variant(Problem):
    """Tokens whose attention has weights and perhaps a causal mask.

    The score of token j for token i is beta <Q x_i, K x_j>, and the average is over V x_j. As in the plain model, SA
    divides by the sum of the weights and USA uses exp(score - beta).

    Attributes:
        system: tokens at time 0, beta, model and masses.
        query: Q, shape (d, d); identity when not given.
        key: K, shape (d, d); identity when not given.
        value: V, shape (d, d); identity when not given.
        causal: token i sees the tokens j <= i only.
        normalization: POST or PRE; the radii of PRE are 1 at time 0.

    Raises:
        InputError: if a matrix has another shape or is not finite.
    """

    system: ParticleSystem
    query: NDArray[np.float64] = None  # type: ignore[assignment]
    key: NDArray[np.float64] = None  # type: ignore[assignment]
    value: NDArray[np.float64] = None  # type: ignore[assignment]
    causal: bool = False
    normalization: Normalization = Normalization.POST

    def __post_init__(self) -> None:
        dim = self.system.points.shape[1]
        for name in ("query", "key", "value"):
            object.__setattr__(self, name, _square(name, getattr(self, name), dim))
        object.__setattr__(self, "normalization", Normalization(self.normalization))


def _square(name: str, matrix: ArrayLike | None, dim: int) -> NDArray[np.float64]:
    array = finite_array(name, np.eye(dim) if matrix is None else matrix, ndim=2)
    if array.shape != (dim, dim):
        raise InputError(f"{name} must have shape {(dim, dim)}, got {array.shape}")
    return array


def variant_of(problem: Problem) -> Variant:
    """Return the problem as what it is, a variant.

    Raises:
        InputError: if it is another problem.
    """
    if not isinstance(problem, Variant):
        raise InputError(f"the problem must be a Variant, got {type(problem).__name__}")
    return problem
