"""Random initial tokens, as problems."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model.caps._geometry import cap_clearance, smallest_angle
from fathometer.attention.model.caps._separated_cloud import separation
from fathometer.evidence import (
    InputError,
    Problem,
    finite_array,
    finite_number,
    whole_number,
)


@dataclass(frozen=True, eq=False)
class UniformTokens(Problem):
    """n independent uniform points of the sphere of R^d.

    Attributes:
        n: >= 1.
        d: >= 2.

    Raises:
        InputError: if a value is not as above.
    """

    n: int
    d: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=1))
        object.__setattr__(self, "d", whole_number("d", self.d, at_least=2))


@dataclass(frozen=True, eq=False)
class GaussianMixture(Problem):
    """n independent points of the density (1/r) sum_q N(sqrt(r) w_q, sigma^2 I_d), projected to the sphere.

    Attributes:
        centres: shape (r, d), d >= 2, unit rows w_q (within 1e-6), r <= n.
        sigma: > 0.
        n: number of tokens, >= 2.
        beta: inverse temperature, > 0.
        epsilon: depth of the caps around the centres that are meant to hold the tokens, in (0, 1).

    Raises:
        InputError: if a value is not as above.
    """

    centres: NDArray[np.float64]
    sigma: float
    n: int
    beta: float
    epsilon: float

    def __post_init__(self) -> None:
        rows = finite_array("centres", self.centres, ndim=2)
        if rows.shape[1] < 2 or np.any(np.abs(np.linalg.norm(rows, axis=1) - 1) > 1e-6):
            raise InputError(f"centres must be unit rows of dimension at least 2, got shape {rows.shape}")
        object.__setattr__(self, "centres", rows)
        object.__setattr__(self, "sigma", finite_number("sigma", self.sigma, above=0))
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=max(2, len(rows))))
        object.__setattr__(self, "beta", finite_number("beta", self.beta, above=0))
        object.__setattr__(self, "epsilon", finite_number("epsilon", self.epsilon, above=0, below=1))

    @property
    def gamma(self) -> float:
        """Separation of the caps, as for `SeparatedCloud`; the mixture is centred if it is positive."""
        clearance = cap_clearance(smallest_angle(self.centres), self.epsilon)
        return float(separation(clearance, self.epsilon, self.n, self.beta))

    @property
    def spread(self) -> float:
        """6 delta sqrt(d) / (1 + delta sqrt(d)) + delta sqrt(2 d log n) with delta = sigma / sqrt(r)."""
        r, d = self.centres.shape
        delta = self.sigma / math.sqrt(r)
        radius = delta * math.sqrt(d)
        return 6 * radius / (1 + radius) + delta * math.sqrt(2 * d * math.log(self.n))


@dataclass(frozen=True, eq=False)
class TemperedTokens(Problem):
    """n independent uniform points of the sphere of R^d, and the beta at which their energy is measured.

    Attributes:
        n: >= 1.
        d: >= 2.
        beta: >= 0.

    Raises:
        InputError: if a value is not as above.
    """

    n: int
    d: int
    beta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=1))
        object.__setattr__(self, "d", whole_number("d", self.d, at_least=2))
        object.__setattr__(self, "beta", finite_number("beta", self.beta, at_least=0))


@dataclass(frozen=True, eq=False)
class CapTokens(Problem):
    """n independent uniform points of the circle, and k equally spaced caps that might hold them.

    Attributes:
        n: >= 2.
        k: number of caps, >= 2.
        beta: > 0.
        epsilon: depth of the caps, in (0, 1).

    Raises:
        InputError: if a value is not as above.
    """

    n: int
    k: int
    beta: float
    epsilon: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=2))
        object.__setattr__(self, "k", whole_number("k", self.k, at_least=2))
        object.__setattr__(self, "beta", finite_number("beta", self.beta, above=0))
        object.__setattr__(self, "epsilon", finite_number("epsilon", self.epsilon, above=0, below=1))

    @property
    def gamma(self) -> float:
        """Separation of the caps, as for `SeparatedCloud`."""
        clearance = cap_clearance(2 * math.pi / self.k, self.epsilon)
        return float(separation(clearance, self.epsilon, self.n, self.beta))

    @property
    def covered(self) -> float:
        """Share of the circle that the caps cover, c = (k/pi) arccos(1 - eps), at most 1."""
        return min(1.0, self.k / math.pi * math.acos(1 - self.epsilon))
