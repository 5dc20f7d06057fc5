"""Functions of <x, w> on the sphere: Gegenbauer polynomials, their quadrature, and the kernel exp(beta <x, y>)."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import eigvalsh_tridiagonal
from scipy.special import logsumexp

from fathometer.evidence import finite_number, whole_number

_NEGLIGIBLE = 1e-19
"""Share of the kernel at which its expansion ends."""


def gegenbauer(count: int, cosines: Float[np.ndarray, " n"], dim: int) -> Float[np.ndarray, "count n"]:
    """Gegenbauer polynomials G_0, ..., G_{count-1} of the sphere of R^d, scaled to G_k(1) = 1: at most 1 in size.

    They are the zonal harmonics: G_k(<x, w>) has degree k, and mean square 1/N_k over the sphere, where N_k is the
    number of independent harmonics of that degree. On the circle G_k(cos a) = cos(k a).

    Args:
        count: how many, >= 1.
        cosines: in [-1, 1].
        dim: dimension d, >= 2.
    """
    values = [np.ones_like(cosines), cosines]
    for k in range(1, count - 1):
        values.append(((2 * k + dim - 2) * cosines * values[-1] - k * values[-2]) / (k + dim - 2))
    return np.array(values[:count])


def zonal_nodes(count: int, dim: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes t and logarithms of the weights of the Gauss quadrature over the sphere of R^d, for functions of <x, w>.

    It is exact for polynomials of degree below 2 count: their mean with the weight (1 - t^2)^{(d-3)/2}, which is
    infinite at the ends of the circle. The weights sum to 1; in high dimension the outer ones are tiny, hence
    logarithms.

    Args:
        count: number of nodes, >= 2.
        dim: dimension d, >= 2.

    Raises:
        InputError: if a value is not as above.
    """
    count, dim = whole_number("count", count, at_least=2), whole_number("dim", dim, at_least=2)
    if dim == 2:
        return np.cos(np.pi * (np.arange(count)[::-1] + 0.5) / count), np.full(count, -np.log(count))
    k = np.arange(1.0, count)
    beside = np.sqrt(k * (k + dim - 3) / ((2 * k + dim - 2) * (2 * k + dim - 4)))
    nodes = np.asarray(eigvalsh_tridiagonal(np.zeros(count), beside))
    nodes = (nodes - nodes[::-1]) / 2
    before, last = gegenbauer(count + 1, nodes, dim)[-2:]
    nodes = nodes + last * (1 - nodes**2) / (count * (nodes * last - before))  # a step of Newton's method
    log_weights = np.log1p(-(nodes**2)) - 2 * np.log(np.abs(gegenbauer(count, nodes, dim)[-1]))
    return nodes, log_weights - logsumexp(log_weights)


def exponential_degrees(dim: int, beta: float) -> NDArray[np.float64]:
    """Shares L_k of the degrees in exp(beta (t - 1)) = sum_k L_k G_k(t): not negative, with sum 1 (Funk-Hecke).

    L_k is proportional to N_k I_{d/2-1+k}(beta) with the modified Bessel functions I; it ends where shares are
    negligible.

    Args:
        dim: dimension d, >= 2.
        beta: inverse temperature, > 0.

    Raises:
        InputError: if a value is not as above.
    """
    dim, beta = whole_number("dim", dim, at_least=2), finite_number("beta", beta, above=0)
    count, shares = 16, np.ones(1)
    while shares[-1] > _NEGLIGIBLE:
        count *= 2
        logs = np.log(beta * bessel_ratios(dim / 2 - 1, count, beta)) + _log_more_harmonics(count, dim)
        logs = np.concatenate([[0.0], np.cumsum(logs)])
        shares = np.exp(logs - np.asarray(logsumexp(logs)))
    return shares[: max(3, 1 + int(np.flatnonzero(shares > _NEGLIGIBLE)[-1]))]


def bessel_ratios(order: float, count: int, x: float) -> NDArray[np.float64]:
    """I_{order+j+1}(x) / (x I_{order+j}(x)) for j = 0, ..., count - 1, by the backward recursion, which is stable.

    From the order N down to 0 it damps the error of its start by (I_N / I_0)^2, about exp(-N^2 / x).

    Args:
        order: of the first function, >= 0.
        count: how many ratios, >= 1.
        x: argument, >= 0.
    """
    last = order + count + min(int(x), int(7 * np.sqrt(x))) + 60
    ratio = 1 / (last + 1 + np.hypot(last + 1, x))
    ratios = []
    for upper in np.arange(last, order, -1.0):
        ratio = 1 / (2 * upper + x**2 * ratio)
        ratios.append(ratio)
    return np.array(ratios[::-1][:count])


def _log_more_harmonics(count: int, dim: int) -> NDArray[np.float64]:
    """Logarithms of N_k / N_{k-1} for k = 1, ..., count, where N_k = dim of the harmonics of degree k."""
    k = np.arange(2.0, count + 1)
    later = np.log((2 * k + dim - 2) / (2 * k + dim - 4)) + np.log((k + dim - 3) / k)
    return np.concatenate([[np.log(dim)], later])
