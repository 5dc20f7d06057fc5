"""How far a spectrum can reach beyond what a random start vector has shown of it.

Let b be uniform on the unit sphere of R^n and c = <b, v>^2 for a unit eigenvector v of the largest eigenvalue. Then c
has the law Beta(1/2, (n-1)/2) and is at least its quantile q except with the miss probability. Every ceiling here is an
inequality that holds whenever c >= q, for all numbers of steps, shifts and lower ends at once, so that these may be
chosen after looking; the other end is the same for -A.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

_GRID = 64
_REFINEMENTS = 3
_EPS = float(np.finfo(np.float64).eps)


def least_share(size: int, miss: float) -> float:
    """The share <b, v>^2 of one direction v that a uniform b on the sphere of R^size undercuts with chance `miss`."""
    return 1.0 if size == 1 else float(betaincinv(0.5, (size - 1) / 2, miss)) * (1 - 1e-9)


def krylov_ceiling(diagonal: NDArray[np.float64], beside: NDArray[np.float64], ritz: float, share: float) -> float:
    """Upper end of a spectrum from the tridiagonal matrix of a Krylov space of b.

    With p_0, ..., p_k the orthonormal polynomials of the spectral measure of b, a point lambda has mass at most
    1 / sum_j p_j(lambda)^2 (Christoffel's function), which falls beyond the largest Ritz value: the largest eigenvalue
    is not beyond the point where it equals the share. As a Chebyshev polynomial is one choice among all, the answer is
    at most ritz + sinh^2(arccosh(share^(-1/2)) / (2k - 2)) times the width of the Ritz values; where the spectrum has
    gaps it is far less (derived).

    Args:
        diagonal: <q_j, A q_j> of the orthonormal basis, shape (k,).
        beside: norm of what A q_j leaves after orthogonalisation, shape (k,), positive.
        ritz: largest eigenvalue of the tridiagonal matrix.
        share: lower bound of c, in (0, 1].
    """
    reach = float(diagonal[0]) - ritz + float(beside[0]) / math.sqrt(share)  # p_0 and p_1 alone give it
    low, high = _EPS * max(abs(ritz), reach), reach
    for _ in range(_REFINEMENTS if low < high else 0):
        steps = np.geomspace(low, high, _GRID)
        enough = np.append(_log_sums(diagonal, beside, ritz, steps[:-1]) >= -math.log(share), True)
        first = int(np.argmax(enough))
        low, high = float(steps[max(0, first - 1)]), float(steps[first])
    return ritz + max(0.0, high)


def _log_sums(
    diagonal: NDArray[np.float64], beside: NDArray[np.float64], ritz: float, steps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log of sum_j p_j^2 at ritz + steps, by the pivots of (ritz + step) I - T, which are positive there."""
    log_p, total, pivot = np.zeros_like(steps), np.zeros_like(steps), np.full_like(steps, np.inf)
    beyond, before = np.full(steps.shape, True), 0.0
    with np.errstate(all="ignore"):
        for alpha, beta in zip(diagonal, beside, strict=True):
            pivot = (ritz - alpha) + steps - before**2 / pivot
            beyond &= pivot > 0
            log_p = log_p + np.log(pivot / beta)
            total, before = np.logaddexp(total, 2 * log_p), float(beta)
    return np.where(beyond, total, -np.inf)


def filter_ceiling(excess: float, steps: int, low: float, shift: float, share: float) -> float:
    """Upper end of a spectrum from u = W_{k-1}(Y) b with Y = (2A - (shift + low) I) / (shift - low).

    W is the Chebyshev polynomial of the fourth kind: (1-y)/2 W_{k-1}(y)^2 is at most 1 in [-1, 1], and
    (y-1)/2 W_{k-1}(y)^2 = sinh^2((k - 1/2) arccosh y) beyond (derived).

    Args:
        excess: <u, (A - shift I) u> / (shift - low).
        steps: k, the number of products that this takes, at least 1.
        low: at most the smallest eigenvalue.
        shift: any number above `low`; the answer is sharp when it is close to the largest eigenvalue.
        share: lower bound of c, in (0, 1].
    """
    reach = math.sqrt(max(0.0, excess + 1 - share) / share)
    return shift + (shift - low) * math.sinh(math.asinh(reach) / (2 * steps - 1)) ** 2
