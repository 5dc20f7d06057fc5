"""Universally optimal configurations: clouds of the least energy of all clouds of their size, at every temperature.

A configuration with m inner products besides 1 is sharp if it is a spherical design of strength at least 2m - 1, and
then universally optimal (Cohn and Kumar 2007, Theorem 1.2 and Table 1, whose rows are all here). The 600-cell is not
sharp; they prove its universal optimality by a polynomial of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Record
from fathometer.numerics import wide

_PI = np.longdouble("3.14159265358979323846264338327950288")
_ROOT5 = np.sqrt(wide(5))
_GOLDEN = (1 + _ROOT5) / 2


@dataclass(frozen=True, eq=False)
class Configuration(Record):
    """A configuration in which every point sees the others at the same inner products, each equally often.

    Attributes:
        name: in words.
        n: number of points.
        d: dimension of the space; simplices of fewer points than that lie in a subspace.
        cosines: inner products of a point with the others, ascending, in the wide format, shape (m,).
        counts: how many of the others have each of them.
        strength: largest degree up to which the means of all polynomials agree with those of the sphere.
        sharp: whether it is sharp; if not, its universal optimality was proved by itself.
    """

    name: str
    n: int
    d: int
    cosines: NDArray[np.longdouble]
    counts: tuple[int, ...]
    strength: int
    sharp: bool = True


def universal_configuration(n: int, d: int) -> Configuration | None:
    """Return the configuration of n points on the sphere of R^d that is known to be universally optimal, if any.

    Args:
        n: number of points, >= 2.
        d: dimension, >= 2.
    """
    return next((one for one in _candidates(n, d) if (one.n, one.d) == (n, d)), None)


def sporadic_configurations() -> tuple[Configuration, ...]:
    """Return the rows of the table that are no family: from the icosahedron to the minimal vectors of Leech's lattice.

    Isotropic subspaces are listed for the prime powers up to 9.
    """
    return (*_table(), *map(_isotropic, (2, 3, 4, 5, 7, 8, 9)))


def _candidates(n: int, d: int) -> Iterator[Configuration]:
    if n <= d + 1:
        yield Configuration("regular simplex", n, d, _rational("-1", n - 1), (n - 1,), 2 if n == d + 1 else 1)
    if d == 2:
        yield _polygon(n)
    if n == 2 * d:
        yield Configuration("cross-polytope", n, d, _rational("-1 0", 1), (1, n - 2), 3)
    yield from sporadic_configurations()


def _polygon(n: int) -> Configuration:
    turns = np.arange(n // 2, 0, -1)
    counts = tuple(1 if 2 * turn == n else 2 for turn in turns)
    return Configuration(f"regular {n}-gon", n, 2, np.cos(2 * _PI * turns / n), counts, n - 1)


def _isotropic(q: int) -> Configuration:
    """Isotropic subspaces of a Hermitian space over F_(q^2), q a prime power; the 27 lines on a cubic for q = 2."""
    name = "Schlaefli configuration" if q == 2 else f"isotropic subspaces, q = {q}"
    cosines, counts = _rational("-1", q), (q * (q * q + 1), q**4)
    return Configuration(
        name,
        (q + 1) * (q**3 + 1),
        q * (q * q - q + 1),
        np.append(cosines, wide(1) / q**2),
        counts,
        4 if q == 2 else 3,
    )


def _rational(numerators: str, denominator: int) -> NDArray[np.longdouble]:
    return np.array(numerators.split(), np.longdouble) / denominator


def _table() -> tuple[Configuration, ...]:
    small, large = (_GOLDEN - 1) / 2, _GOLDEN / 2
    of_600 = np.array([-1, -large, -0.5, -small, 0, small, 0.5, large], np.longdouble)
    counts = (1, 12, 20, 12, 30, 12, 20, 12)
    return (
        Configuration("icosahedron", 12, 3, np.array([-1, -1 / _ROOT5, 1 / _ROOT5]), (1, 5, 5), 5),
        Configuration("600-cell", 120, 4, of_600, counts, 11, sharp=False),
        Configuration("hemicube", 16, 5, _rational("-3 1", 5), (5, 10), 3),
        Configuration(
            "kissing configuration of E8's kissing configuration", 56, 7, _rational("-3 -1 1", 3), (1, 27, 27), 5
        ),
        Configuration("roots of E8", 240, 8, _rational("-2 -1 0 1", 2), (1, 56, 126, 56), 7),
        Configuration("strongly regular graph of 162 vertices", 162, 21, _rational("-2 1", 7), (56, 105), 3),
        Configuration("Higman-Sims graph", 100, 22, _rational("-4 1", 11), (22, 77), 3),
        Configuration("McLaughlin graph", 275, 22, np.array([wide(-1) / 4, wide(1) / 6]), (112, 162), 4),
        Configuration("isotropic subspaces in dimension 22", 891, 22, _rational("-4 -1 2", 8), (42, 512, 336), 5),
        Configuration("276 equiangular lines", 552, 23, _rational("-5 -1 1", 5), (1, 275, 275), 5),
        Configuration(
            "kissing configuration of Leech's lattice's", 4600, 23, _rational("-3 -1 0 1", 3), (1, 891, 2816, 891), 7
        ),
        Configuration(
            "minimal vectors of Leech's lattice",
            196560,
            24,
            _rational("-4 -2 -1 0 1 2", 4),
            (1, 4600, 47104, 93150, 47104, 4600),
            11,
        ),
    )
