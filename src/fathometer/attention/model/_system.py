"""Particle systems: tokens on the sphere that attract each other."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError, Problem, finite_array, finite_number, whole_number

_ROUNDING = 16 * np.finfo(float).eps
SMALLEST_SHARE = 1e-15
"""Share of the total mass below which a token is lost in the rounding of sums over all."""

LARGEST_BETA = 1e10
"""Where float64 ends: the exponents beta (1 - <x, y>) of its points are known to about 1e-16 beta. Beyond, attention
weights and log times have fewer than six digits, and steps of the usual tolerance, in units of 1/beta, are rounding."""


class Model(StrEnum):
    """Which attention moves the tokens; k(x, y) = exp(beta (<x, y> - 1)) and P_x removes the component along x.

    SA (softmax): dx_i/dt = P sum_j m_j k(x_i, x_j) x_j / Z_i with Z_i = sum_j m_j k(x_i, x_j).
    USA (unnormalised softmax): dx_i/dt = P sum_j m_j k(x_i, x_j) x_j. Its time unit is that of the normalised kernel k
    and of masses that sum to 1; with the kernel exp(beta <x, y>), time runs exp(beta) times faster.
    """

    SA = "sa"
    USA = "usa"


@dataclass(frozen=True, eq=False)
class ParticleSystem(Problem):
    """n tokens on the unit sphere of R^d, as they are at time 0.

    Attributes:
        points: shape (n, d), d >= 2, unit rows (within 1e-6; they are then made unit to rounding).
        beta: inverse temperature, between 0 and 1e10.
        model: SA or USA.
        masses: shape (n,), positive, each at least 1e-15 of their sum; divided by it. Equal when not given. A token of
            mass k/n stands for k identical ones, exactly.

    Raises:
        InputError: if a value is not as above.
    """

    points: NDArray[np.float64]
    beta: float
    model: Model
    masses: NDArray[np.float64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _unit_rows(self.points))
        object.__setattr__(self, "beta", read_beta(self.beta))
        object.__setattr__(self, "model", read_model(self.model))
        object.__setattr__(self, "masses", _fractions(self.masses, len(self.points)))

    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """Names of the dimensions of the states."""
        return {"points": ("token", "coordinate")}

    @classmethod
    def project(
        cls, points: ArrayLike, beta: float, model: Model | str, masses: ArrayLike | None = None
    ) -> "ParticleSystem":
        """Build a system from any nonzero rows, each divided by its norm.

        Args:
            points: shape (n, d), n >= 1, d >= 2, nonzero rows.
            beta: inverse temperature, >= 0.
            model: SA or USA.
            masses: shape (n,), positive; equal when not given.

        Raises:
            InputError: if a row is zero or another value is not allowed.
        """
        rows = finite_array("points", points, ndim=2)
        largest = np.max(np.abs(rows), axis=1, keepdims=True, initial=0)
        if np.any(zero := largest[:, 0] == 0):
            raise InputError(f"points must have nonzero rows, row {int(np.argmax(zero))} is zero")
        rows = rows / largest  # so that neither tiny nor huge rows lose their norm
        given = () if masses is None else (finite_array("masses", masses, ndim=1),)
        return cls(rows / np.linalg.norm(rows, axis=1, keepdims=True), beta, read_model(model), *given)

    @classmethod
    def uniform(cls, n: int, d: int, beta: float, model: Model | str, seed: int) -> "ParticleSystem":
        """Build a system of n independent uniform points of the sphere of R^d, with equal masses.

        Args:
            n: number of tokens, >= 1.
            d: dimension, >= 2.
            beta: inverse temperature, >= 0.
            model: SA or USA.
            seed: of the generator, >= 0.

        Raises:
            InputError: if n < 1, d < 2, or another value is not allowed.
        """
        shape = whole_number("n", n, at_least=1), whole_number("d", d, at_least=2)
        generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
        return cls.project(generator.standard_normal(shape), beta, model)


def read_beta(beta: float) -> float:
    """Return an inverse temperature of tokens.

    Raises:
        InputError: if it is negative, not finite, or so large that float64 has no digits left.
    """
    if isinstance(beta, float | int) and not np.isfinite(beta):
        raise InputError(f"beta must be finite and >= 0, got {beta}")
    number = finite_number("beta", beta, at_least=0)
    if number > LARGEST_BETA:
        raise InputError(
            f"beta must be finite and between 0 and {LARGEST_BETA:g}, got {number:g}: beyond, exponents"
            " beta (1 - <x, y>) of float64 points have too few digits; closed forms have no such limit"
        )
    return number


def read_model(model: Model | str) -> Model:
    """Return the model of that name.

    Raises:
        InputError: if there is none.
    """
    try:
        return Model(model)
    except ValueError as error:
        raise InputError(f"model must be one of {[str(m) for m in Model]}, got {model!r}") from error


def _unit_rows(points: ArrayLike) -> NDArray[np.float64]:
    rows = finite_array("points", points, ndim=2)
    if rows.shape[0] < 1 or rows.shape[1] < 2:
        raise InputError(f"points must have shape (n, d) with n >= 1 and d >= 2, got {rows.shape}")
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    off = np.abs(norms[:, 0] - 1)
    if np.any(off > 1e-6):
        worst = int(np.argmax(off))
        raise InputError(f"points must have unit rows, row {worst} has norm {norms[worst, 0]:.9g}")
    return _frozen(np.where(off[:, None] <= _ROUNDING, rows, rows / norms))


def _fractions(masses: ArrayLike | None, n: int) -> NDArray[np.float64]:
    given = finite_array("masses", np.ones(n) if masses is None else masses, ndim=1)
    if len(given) != n:
        raise InputError(f"masses must have one entry for each of {n} points, got {len(given)}")
    if np.any(given <= 0):
        worst = int(np.argmin(given))
        raise InputError(f"masses must be positive, got {given[worst]} at index {worst}")
    exponent = int(np.frexp(given.max())[1])  # a power of two takes no digits and keeps the sum in range
    with np.errstate(over="ignore", under="ignore"):
        scaled = np.ldexp(given, -exponent)
        whole, shares = np.ldexp(scaled.sum(), exponent), scaled / scaled.sum()
    if np.any(shares < SMALLEST_SHARE):
        least = int(np.argmin(shares))
        raise InputError(
            f"each of masses must be at least {SMALLEST_SHARE:g} of their sum, got {given[least]:g} of {whole:g} at"
            f" index {least}: leave that token out, the others do not feel it"
        )
    return given if abs(whole - 1) <= _ROUNDING else _frozen(shares)


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.setflags(write=False)
    return array
