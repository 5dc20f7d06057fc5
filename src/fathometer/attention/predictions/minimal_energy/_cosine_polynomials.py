"""Polynomials of the inner product as sums of cosines of the angle, and how far they are above the energy's kernel."""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.floating]
"""Numbers in float64 or in the wide format."""


def gegenbauer_cosines(degree: int, d: int) -> NDArray[np.longdouble]:
    """Coefficients of the Gegenbauer polynomials of the sphere of R^d as sums of cosines.

    With lambda = d/2 - 1, C_k(cos a) = sum_j (lambda)_j (lambda)_{k-j} / (j! (k-j)!) cos((k - 2j) a), divided by its
    value at a = 0 (Szegoe, Orthogonal Polynomials, 4.9.19). No coefficient is negative, those of a polynomial sum to 1.

    Args:
        degree: the largest, D.
        d: dimension, >= 2.

    Returns:
        Shape (D + 1, D + 1): entry [m, k] belongs to cos(m a) in C_k.
    """
    if d == 2:
        return np.eye(degree + 1, dtype=np.longdouble)
    ks, half = np.arange(degree + 1), np.longdouble(d - 2) / 2
    rising = np.append(np.longdouble(1), np.cumprod((half + ks[:-1]) / (ks[:-1] + 1)))
    j, rest = np.meshgrid(ks, ks)
    cosines = np.zeros((degree + 1, degree + 1), np.longdouble)
    inside = j + rest <= degree
    np.add.at(cosines, (np.abs(rest - j)[inside], (rest + j)[inside]), (rising[j] * rising[rest])[inside])
    return cosines / cosines.sum(axis=0)


def excess(cosines: Reals, beta: float, angles: Reals) -> tuple[Reals, Reals, Reals]:
    """Return g(a) = sum_m c_m cos(m a) - exp(beta (cos a - 1)), and its first and second derivative.

    Args:
        cosines: c, shape (D + 1,).
        beta: inverse temperature, >= 0.
        angles: shape (n,).
    """
    orders = np.arange(len(cosines))
    angles = np.asarray(angles, np.longdouble)
    turns = angles[:, None] * orders
    even, odd = np.cos(turns), np.sin(turns)
    kernel = np.exp(-2 * beta * np.sin(angles / 2) ** 2)
    slope = beta * np.sin(angles)
    return (
        even @ cosines - kernel,
        slope * kernel - odd @ (orders * cosines),
        (beta * np.cos(angles) - slope**2) * kernel - even @ (orders**2 * cosines),
    )


def values_and_slopes(cosines: Reals, angles: Reals) -> tuple[Reals, Reals]:
    """Return sums of cosines and their derivatives by the angle, shape (n, sums) each.

    Args:
        cosines: coefficients, shape (D + 1, sums).
        angles: shape (n,).
    """
    orders = np.arange(len(cosines))
    turns = np.asarray(angles, np.longdouble)[:, None] * orders
    return np.cos(turns) @ cosines, -np.sin(turns) @ (orders[:, None] * cosines)
