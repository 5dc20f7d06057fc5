"""Smoothing with a width of its own for each parameter: the anisotropic form of Theorem B."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from fathometer.evidence import InputError, Record, finite_array
from fathometer.generalization.bounds._catalogue import bound, evaluate_bound


@dataclass(frozen=True, eq=False)
class AnisotropicSmoothing(Record):
    """The law N(h, diag sigmas^2) that makes the explicit bound on the risk of h smallest.

    Attributes:
        sigmas: standard deviation of each parameter, shape (d,).
        distance: sqrt(sum sigmas^2), an upper bound on W1(h, law).
        kl: KL(law || prior) in nats.
        value: of `kl_w1_interp` there.
    """

    sigmas: NDArray[np.float64]
    distance: float
    kl: float
    value: float


def best_anisotropic(
    *, risk: float, lipschitz: float, shift: ArrayLike, prior_sigmas: ArrayLike, m: int, delta: float
) -> AnisotropicSmoothing:
    """Choose one width for each parameter; the bound holds for all laws at once, so that the choice is free.

    With T = sqrt(sum sigma_i^2) the best widths have 1/sigma_i^2 = 1/s_i^2 + kappa for one number kappa, because the
    derivatives of 2 L T and of sqrt(KL/(2m)) in sigma_i balance (derived); kappa is found by bounded minimisation.

    Args:
        risk: empirical risk of h, in [0, 1].
        lipschitz: of the loss in the parameters.
        shift: h - h_0, shape (d,).
        prior_sigmas: s_i > 0, fixed in advance, shape (d,): the prior is N(h_0, diag s^2).
        m: sample size.
        delta: probability with which the bound may fail.

    Raises:
        InputError: if a number is not in its range or the shapes differ.
    """
    away, s = finite_array("shift", shift, ndim=1), finite_array("prior_sigmas", prior_sigmas, ndim=1)
    if away.shape != s.shape or away.size == 0:
        raise InputError(f"shift and prior_sigmas must have one shape (d,) with d >= 1, got {away.shape} and {s.shape}")
    if np.any(s <= 0):
        raise InputError(f"prior_sigmas must be positive, got {s.min():g}")
    fixed = {"risk": risk, "lipschitz": lipschitz, "m": m, "delta": delta}
    bound("kl_w1_interp").read(fixed | {"distance": 0, "kl": 0})

    def law(log_kappa: float) -> tuple[NDArray[np.float64], float, float]:
        shrink = np.exp(log_kappa) * s**2
        kl = np.sum((away / s) ** 2 - shrink / (1 + shrink) + np.log1p(shrink)) / 2
        sigmas = s / np.sqrt(1 + shrink)
        return sigmas, float(np.linalg.norm(sigmas)), float(kl)

    def gap(log_kappa: float) -> float:
        _, distance, kl = law(log_kappa)
        return 2 * lipschitz * distance + np.sqrt((kl + np.log(2 * np.sqrt(m) / delta)) / (2 * m))

    centre = -2 * float(np.mean(np.log(s)))
    grid = centre + np.linspace(-40, 60, 101)
    start = grid[np.argmin([gap(point) for point in grid])]
    best = optimize.minimize_scalar(gap, bounds=(start - 1, start + 1), method="bounded", options={"xatol": 1e-10})
    sigmas, distance, kl = law(float(best.x))  # type: ignore[union-attr]
    value = evaluate_bound("kl_w1_interp", **fixed, distance=distance, kl=max(kl, 0.0)).value
    return AnisotropicSmoothing(sigmas, distance, max(kl, 0.0), float(np.inf if value is None else value))
