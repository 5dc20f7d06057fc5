"""What goes into the bounds between KL and W1: the best law in between, and the complexity of a finite set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from fathometer.evidence import InputError, Record, finite_array
from fathometer.generalization.bounds._catalogue import bound, evaluate_bound


@dataclass(frozen=True, eq=False)
class Interpolation(Record):
    """The law N(h_0 + t (h - h_0), sigma^2 I) between a prior N(h_0, s^2 I) and a Dirac posterior at h.

    Attributes:
        t: 0 at the prior's centre, 1 at the posterior.
        sigma: its standard deviation.
        distance: upper bound on W1(posterior, law): sqrt((1-t)^2 |h-h_0|^2 + d sigma^2).
        kl: KL(law || prior) in nats.
        value: of `kl_w1_interp` there.
    """

    t: float
    sigma: float
    distance: float
    kl: float
    value: float


def best_interpolation(
    *, risk: float, lipschitz: float, distance: float, prior_sigma: float, dim: int, m: int, delta: float
) -> Interpolation:
    """Choose t and sigma that make `kl_w1_interp` smallest; it holds for all laws at once, so that the choice is free.

    Args:
        risk: empirical risk of the posterior, in [0, 1].
        lipschitz: of the loss in the parameters.
        distance: |h - h_0|.
        prior_sigma: s, fixed in advance.
        dim: number of parameters.
        m: sample size.
        delta: probability with which the bound may fail.

    Raises:
        InputError: if a number is not in its range.
    """
    fixed = {"risk": risk, "lipschitz": lipschitz, "m": m, "delta": delta}
    bound("kl_w1_interp").read(fixed | {"distance": distance, "kl": 0})

    def pieces(t: float, log_ratio: float) -> dict[str, float]:
        sigma = prior_sigma * np.exp(log_ratio)
        spread = dim / 2 * (np.expm1(2 * log_ratio) - 2 * log_ratio)
        away = float(np.hypot((1 - t) * distance, np.sqrt(dim) * sigma))
        return {"distance": away, "kl": float((t * distance / prior_sigma) ** 2 / 2 + spread)}

    def gap(point: np.ndarray) -> float:
        parts = pieces(*point)
        return 2 * lipschitz * parts["distance"] + np.sqrt((parts["kl"] + np.log(2 * np.sqrt(m) / delta)) / (2 * m))

    starts = [(t, log_ratio) for t in (0.01, 0.5, 0.99) for log_ratio in (-6.0, -2.0, -0.1)]
    runs = [optimize.minimize(gap, start, bounds=((0, 1), (-40, 0)), method="L-BFGS-B") for start in starts]
    t, log_ratio = min(runs, key=lambda run: run.fun).x
    parts = pieces(t, log_ratio)
    value = evaluate_bound("kl_w1_interp", **fixed, **parts).value
    return Interpolation(float(t), float(prior_sigma * np.exp(log_ratio)), **parts, value=float(value or np.inf))


def massart_complexity(losses: ArrayLike) -> float:
    """Upper bound on the empirical Rademacher complexity of finitely many predictors: max |l_w| sqrt(2 ln k)/m.

    Args:
        losses: shape (k, m): the loss of each predictor on each data point.

    Raises:
        InputError: if the losses are no finite matrix with a row and a column.
    """
    table = finite_array("losses", losses, ndim=2)
    if table.size == 0:
        raise InputError(f"losses must have shape (k, m) with k, m >= 1, got {table.shape}")
    largest = np.linalg.norm(table, axis=1).max()
    return float(largest * np.sqrt(2 * np.log(len(table))) / table.shape[1] * (1 + 1e-13))
