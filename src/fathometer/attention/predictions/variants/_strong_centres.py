"""How many strong Renyi centres random sequences have, and how long they stay."""

import numpy as np
from jaxtyping import Float
from scipy.special import betainc

from fathometer.attention.model.variants._strong_centres import CausalCentres
from fathometer.evidence import Estimate, finite_number, whole_number


def cap_mass(d: int, angle: float) -> float:
    """Share of the sphere of R^d within an angle in (0, pi) of a point."""
    d, angle = whole_number("d", d, at_least=2), finite_number("angle", angle, above=0, below=np.pi)
    half = float(betainc((d - 1) / 2, 0.5, np.sin(angle) ** 2)) / 2
    return half if angle <= np.pi / 2 else 1 - half


def expected_centres(d: int, angle: float, n: int | None = None) -> Estimate:
    """Mean number of strong centres of n independent uniform points, or of infinitely many.

    (1 - (1 - p)^n)/p with p the `cap_mass`: on the circle pi/delta, on the sphere of R^3 2/(1 - cos delta) for n to
    infinity; at the angle c / sqrt(beta) of the order of beta^{(d-1)/2} (Karagodin et al. 2024).

    Args:
        d: dimension, >= 2.
        angle: delta in (0, pi).
        n: number of points, >= 1; infinitely many when not given.

    Raises:
        InputError: if a value is not as above.
    """
    mass = cap_mass(d, angle)
    share = 1.0 if n is None else -np.expm1(whole_number("n", n, at_least=1) * np.log1p(-mass))
    return Estimate.exact(share / mass)


def staying_times(problem: CausalCentres) -> Float[np.ndarray, " m"]:
    """Times T up to which the centres stay: T s h(c/sqrt(beta)) = eps c/sqrt(beta), s their place from 1 on.

    h(x) = exp(beta (cos x - 1)) sin x is the pull at an angle (Karagodin et al. 2024).
    """
    beta, scale = problem.variant.system.beta, problem.scale
    pull = np.exp(-2 * beta * np.sin(scale / 2) ** 2) * np.sin(scale)
    return problem.epsilon * scale / ((problem.centres + 1) * pull)
