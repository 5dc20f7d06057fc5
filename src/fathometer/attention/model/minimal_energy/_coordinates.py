"""Coordinates of the configurations, from closed forms."""

from itertools import product

import numpy as np
from jaxtyping import Float

from fathometer.attention.model.minimal_energy._configurations import Configuration
from fathometer.evidence import InputError

_GOLDEN = (1 + np.sqrt(5)) / 2


def configuration_points(one: Configuration) -> Float[np.ndarray, "n d"]:
    """Return unit vectors with the inner products of a configuration.

    Args:
        one: a regular polygon, simplex or cross-polytope, the icosahedron, the 600-cell, or one of those that come from
            the roots of E8: these 240, 56 that have inner product 1/2 with one of them, 27 neighbours of one of
            those, and 16 of one of these.

    Raises:
        InputError: if no closed form of its coordinates is here.
    """
    family = {"regular simplex": _simplex, "cross-polytope": _cross_polytope}.get(one.name)
    if family is None and one.d == 2:
        family = _polygon
    if family is not None:
        return family(one.n, one.d)
    if (one.n, one.d) not in _SINGLE:
        raise InputError(f"coordinates are here for small configurations only, not for {one.name} ({one.n} points)")
    return _unit(_SINGLE[one.n, one.d]())


def neighbours(points: Float[np.ndarray, "n d"], cosine: float) -> Float[np.ndarray, "k e"]:
    """Points at one inner product from the first, moved along it to the hyperplane through 0 and made unit.

    Args:
        points: unit rows.
        cosine: in (-1, 1); points within 1e-9 of it are taken.

    Returns:
        Shape (k, d - 1), in an orthonormal basis of the hyperplane.
    """
    near = points[np.abs(points @ points[0] - cosine) < 1e-9]
    basis = np.linalg.svd(points[:1])[2][1:]
    return _unit(near @ basis.T)


def _unit(rows: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _polygon(n: int, d: int) -> Float[np.ndarray, "n d"]:
    angles = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _simplex(n: int, d: int) -> Float[np.ndarray, "n d"]:
    """Unit vectors of R^n about their mean, in an orthonormal basis of the hyperplane that they span."""
    centred = np.eye(n) - 1 / n
    basis = np.linalg.svd(np.ones((1, n)))[2][1:]
    return np.pad(_unit(centred @ basis.T), ((0, 0), (0, d - n + 1)))


def _cross_polytope(n: int, d: int) -> Float[np.ndarray, "n d"]:
    return np.vstack([np.eye(d), -np.eye(d)])


def _icosahedron() -> Float[np.ndarray, "12 3"]:
    corners = np.array([(0, a, b * _GOLDEN) for a, b in product((-1, 1), repeat=2)])
    return np.vstack([np.roll(corners, turn, axis=1) for turn in range(3)])


def _cell600() -> Float[np.ndarray, "120 4"]:
    """8 units, 16 of halves, and the even permutations of (0, +-1, +-golden, +-1/golden) / 2."""
    halves = np.array(list(product((-0.5, 0.5), repeat=4)))
    signs = product((-1, 1), repeat=3)
    base = np.array([(0, a / 2, b * _GOLDEN / 2, c / (2 * _GOLDEN)) for a, b, c in signs])
    even = [p for p in _permutations() if _is_even(p)]
    return np.vstack([np.eye(4), -np.eye(4), halves, *(base[:, p] for p in even)])


def _permutations() -> list[list[int]]:
    return [list(p) for p in product(range(4), repeat=4) if len(set(p)) == 4]


def _is_even(order: list[int]) -> bool:
    return bool(np.linalg.det(np.eye(4)[order]) > 0)


def _roots_of_e8() -> Float[np.ndarray, "240 8"]:
    """112 with two entries +-1, and 128 with entries +-1/2 of which an even number is negative."""
    entries = np.array(list(product((-1, 0, 1), repeat=8)))
    integers = entries[np.sum(entries != 0, axis=1) == 2]
    halves = np.array(list(product((-0.5, 0.5), repeat=8)))
    return np.vstack([integers, halves[np.sum(halves < 0, axis=1) % 2 == 0]])


def _kissing56() -> Float[np.ndarray, "56 7"]:
    return neighbours(_unit(_roots_of_e8()), 0.5)


def _schlaefli() -> Float[np.ndarray, "27 6"]:
    return neighbours(_kissing56(), 1 / 3)


def _hemicube() -> Float[np.ndarray, "16 5"]:
    """Corners of the cube with an even number of negative entries."""
    corners = np.array(list(product((-1.0, 1.0), repeat=5)))
    return corners[np.sum(corners < 0, axis=1) % 2 == 0]


_SINGLE = {
    (12, 3): _icosahedron,
    (120, 4): _cell600,
    (16, 5): _hemicube,
    (27, 6): _schlaefli,
    (56, 7): _kissing56,
    (240, 8): _roots_of_e8,
}
