"""What a class costs: the Rademacher complexity of linear predictors, and the constant of Gaussian chaining."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy import optimize

from fathometer.evidence import Estimate, InputError, finite_array, finite_number

_EXACT_UP_TO = 16


def linear_complexity(features: ArrayLike, radius: float = 1.0) -> Estimate:
    """Empirical Rademacher complexity of the linear predictors of norm at most the radius.

    (radius/m) E|sum eps_i x_i| over all sign patterns for m <= 16; above, enclosed: it is at most
    radius sqrt(sum |x_i|^2)/m and at least 1/sqrt(2) of it (Khintchine's inequality with the constant of Latala and
    Oleszkiewicz).

    Args:
        features: shape (m, d), finite.
        radius: positive.

    Raises:
        InputError: if the features are no matrix with a row and a column, or the radius is not positive.
    """
    x = finite_array("features", features, ndim=2)
    if x.size == 0:
        raise InputError(f"features must have shape (m, d) with m, d >= 1, got {x.shape}")
    scale = finite_number("radius", radius, above=0) / len(x)
    if len(x) <= _EXACT_UP_TO:
        return Estimate.exact(scale * np.linalg.norm(_half_the_signs(len(x)) @ x, axis=1).mean())
    upper = float(scale * np.linalg.norm(x) * (1 + 1e-13))
    return Estimate.enclosed(upper, upper / np.sqrt(2) * (1 - 1e-12), upper)


def chaining_constant(c: float, q: float) -> float:
    """The C of the leading term C L B sqrt(d/m) of `chain_gauss` with scales c q^k, as d and their number grow.

    Args:
        c: coarsest scale, above 0.
        q: ratio of the scales, in (0, 1).

    Raises:
        InputError: if a number is not in its range.
    """
    finite_number("c", c, above=0)
    finite_number("q", q, above=0, below=1)
    k = np.arange(1, int(np.ceil(-40 / np.log(q))) + 2)
    chain = np.sum(q ** (k - 1.0) * np.sqrt(np.logaddexp(0, -2 * np.log(c) - 2 * k * np.log(q))))
    return float(np.sqrt((1 + c**2) * np.log1p(1 / c**2)) + c * np.sqrt(1 - q**2) * chain)


def best_chaining() -> tuple[float, float, float]:
    """The scales (c, q) with the smallest `chaining_constant`, and that constant, about 2.468."""
    optimum = optimize.minimize(
        lambda point: chaining_constant(*np.exp(point)), np.log([0.16, 0.1]), bounds=((-5, 1), (-6, -0.01))
    )
    c, q = np.exp(optimum.x)
    return float(c), float(q), float(optimum.fun)


def _half_the_signs(m: int) -> Float[np.ndarray, "patterns m"]:
    """All sign patterns whose first sign is plus; the others are their negatives."""
    bits = np.arange(2 ** (m - 1))[:, None] >> np.arange(m - 1) & 1
    return np.hstack([np.ones((len(bits), 1)), 1.0 - 2 * bits])
