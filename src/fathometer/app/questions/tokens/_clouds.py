"""Clouds of tokens: drawn, read from a file, or sent by the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fathometer.app.questions._question import Answer
from fathometer.evidence import InputError

if TYPE_CHECKING:
    from fathometer.attention import ParticleSystem

LARGEST_N, LARGEST_D = 1000, 64
MASSES = ("equal", "random")


def cloud(n: int, d: int, seed: int, masses: str) -> Iterator[Answer]:
    """Draw n uniform points of the sphere of R^d, as `ParticleSystem.uniform` does.

    Args:
        n: number of tokens.
        d: dimension.
        seed: of the points, and of masses that are random.
        masses: equal or random.

    Yields:
        points, masses and principal axes.
    """
    yield described(system_of(n, d, seed, masses))


def read_points(file: Path | None = None) -> Iterator[Answer]:
    """Read a cloud from a file; its rows are projected to the sphere.

    Args:
        file: npy or csv, 2 to 1000 rows of 2 to 64 numbers, none of them zero.

    Yields:
        points, masses and principal axes.

    Raises:
        InputError: if it is no such file.
    """
    from fathometer.attention import ParticleSystem
    from fathometer.data import load_array

    if file is None:
        raise InputError("a file of points is needed")
    try:
        rows = load_array(file, ndim=2)
    except InputError as error:  # where it lies is of no interest: the page knows it by another name
        raise InputError(str(error).replace(str(file), "the file")) from None
    n, d = rows.shape
    if not (2 <= n <= LARGEST_N and 2 <= d <= LARGEST_D):
        raise InputError(f"the file must have 2 to {LARGEST_N} rows of 2 to {LARGEST_D} numbers, got {n} of {d}")
    yield described(ParticleSystem.project(rows, 1.0, "sa"))


def system_of(
    n: int,
    d: int,
    seed: int,
    masses: str,
    beta: float = 1.0,
    model: str = "sa",
    points: NDArray[np.float64] | None = None,
) -> "ParticleSystem":
    """Return the tokens that parameters describe.

    Args:
        n: number of tokens that are drawn.
        d: their dimension.
        seed: of what is drawn.
        masses: equal or random, see `random_masses`.
        beta: inverse temperature.
        model: sa or usa.
        points: the tokens, where they are not drawn, shape (n, d).

    Raises:
        InputError: if the points are no such rows.
    """
    from fathometer.attention import ParticleSystem

    weights = None if masses == "equal" else random_masses(n if points is None else len(points), seed)
    if points is None:
        drawn = ParticleSystem.uniform(n, d, beta, model, seed)
        return drawn if weights is None else replace(drawn, masses=weights)
    if len(points) < 2 or points.shape[1] > LARGEST_D:
        raise InputError(f"points must be 2 or more rows of at most {LARGEST_D} numbers, got shape {points.shape}")
    return ParticleSystem.project(points, beta, model, weights)


def random_masses(n: int, seed: int) -> NDArray[np.float64]:
    """Masses before they are divided by their sum, uniform between 1/4 and 1."""
    return np.random.default_rng([seed, 1]).uniform(0.25, 1.0, n)


def described(system: "ParticleSystem") -> Answer:
    """Points, masses, and the three axes along which they are drawn where there are more dimensions."""
    n, d = system.points.shape
    arrays = {"points": system.points, "masses": system.masses, "axes": drawing_axes(system.points)}
    return Answer({"n": n, "d": d}, arrays)


def drawing_axes(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal rows on which points are shown: the coordinates up to three, else the first principal axes.

    Args:
        points: shape (n, d).
    """
    d = points.shape[1]
    if d <= 3:
        return np.eye(d)
    _, _, axes = np.linalg.svd(points, full_matrices=True)
    first = axes[:3]
    return first * np.sign(first[np.arange(3), np.abs(first).argmax(axis=1)])[:, None]
