"""What is proved about the rest of a run from one of its states: that it converges, how fast, and how sharp it ends."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.predictions.certificate._ball import Ball, Network, ball_around
from fathometer.evidence import finite_number

_FARTHEST = 4.0
"""The smallest radius is not far above the path in a ball without radius: see docs/deep-linear-certificate.md."""
_RADII, _HALVINGS = 33, 36
_ROUNDINGS = 4.0  # of a state that is rounded at every step, in units of one
_LOW, _HIGH, _SCAN = 1e-7, 2.0, 300


class Way(StrEnum):
    """How the kernel is bounded: by singular values of single layers, or by the kernel itself."""

    PRODUCTS = "products"
    KERNEL = "kernel"


WAYS = tuple(Way)
"""Both of them: the better one counts."""

Radii = Float[np.ndarray, " T"]
Rate = Callable[[Ball, Radii, Way], NDArray[np.float64]]
"""From balls, their radii and a way to mu, such that a run stays in a ball of radius r if 2 sqrt(e / mu) < r."""


class Certificates(NamedTuple):
    """What is proved from each of T states on; NaN where nothing is.

    Attributes:
        holds: whether anything is proved, shape (T,).
        radius: no layer moves farther from the state, shape (T,).
        rate: the excess risk falls at least like exp(-rate t), in time or steps, shape (T,).
        lowest: lower end of the sharpness of the minimizer that the run converges to, shape (T,).
        highest: upper end, shape (T,).
        excess: upper bound on the excess risk of the state, shape (T,).
        unseen: what rounding can add to the root of an excess risk, shape (T,).
    """

    holds: Bool[np.ndarray, " T"]
    radius: Float[np.ndarray, " T"]
    rate: Float[np.ndarray, " T"]
    lowest: Float[np.ndarray, " T"]
    highest: Float[np.ndarray, " T"]
    excess: Float[np.ndarray, " T"]
    unseen: Float[np.ndarray, " T"]

    def excess_after(self, passed: Float[np.ndarray, " n"], index: int = 0) -> NDArray[np.float64]:
        """Upper bound on the excess risk that is computed some time or steps after a state, with room for rounding.

        Args:
            passed: times or numbers of steps since then, at least 0, shape (n,).
            index: of the state.
        """
        root = np.sqrt(self.excess[index]) * np.exp(-self.rate[index] * passed / 2)
        return (root + _ROUNDINGS * self.unseen[index]) ** 2 * (1 + 1e-12)


def flow_certificates(
    network: Network, weights: Sequence[ArrayLike], *, moved: ArrayLike = 0.0, ways: Sequence[Way] = WAYS
) -> Certificates:
    """Certify gradient flow from each of T states.

    Derived: if |grad R|^2 >= mu (R - R_min) where no layer is farther than r from the state, the flow moves by at most
    2 sqrt(e / mu) as long as it stays there. So with 2 sqrt(e / mu) < r it stays there, and converges at the rate mu.

    Args:
        network: plain, residual or of several outputs.
        weights: W_1 to W_L, W_k of shape (T, d_k, d_{k-1}).
        moved: how far the true layers may be from these by the error of an integrator, at least 0, or of shape (T,).
        ways: how the kernel is bounded; the way with the smallest radius counts.

    Raises:
        InputError: if the weights do not fit the network.
    """
    ball = ball_around(network, weights, moved)
    return _certificates(ball, _radius(ball, _flow_rate, ways), lambda part, radius: _best_rate(part, radius))


def descent_certificates(
    network: Network, weights: Sequence[ArrayLike], step: float, *, ways: Sequence[Way] = WAYS
) -> Certificates:
    """Certify gradient descent from each of T states.

    Derived: with H a bound on the curvature in the ball and s = 1 - step H / 2 > 0, a step lowers the risk by at least
    step s |grad R|^2, so it multiplies the excess risk by at most 1 - step s mu, and all steps together are not longer
    than 2 sqrt(e / mu) / s.

    Args:
        network: plain, residual or of several outputs.
        weights: W_1 to W_L, W_k of shape (T, d_k, d_{k-1}).
        step: step size, positive.
        ways: as for a flow.

    Returns:
        As for a flow, with the rate per step: the excess risk falls at least like exp(-rate steps).

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """
    eta = finite_number("step", step, above=0)
    ball = ball_around(network, weights)

    def per_step(part: Ball, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        fallen = eta * _room(part, radius, eta) * _best_rate(part, radius)
        return -np.log1p(-np.minimum(fallen, 1 - 1e-15)) * (1 - 1e-15)

    return _certificates(ball, _radius(ball, _rate_with(eta), ways), per_step)


def excess_over_certifiable(network: Network, weights: Sequence[ArrayLike], step: float | None = None) -> float:
    """Excess risk of one state over the largest from which the rest of its run would be certified, for this ball.

    At most 1 where it is certified; inf where no excess risk would do, as with a singular kernel or too large a step.

    Args:
        network: plain, residual or of several outputs.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        step: of descent, positive; None for the flow.

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """
    ball = ball_around(network, [np.asarray(matrix)[None] for matrix in weights])
    rate = _flow_rate if step is None else _rate_with(finite_number("step", step, above=0))
    holds, allowed = bool(np.isfinite(_radius(ball, rate, WAYS)[0])), _allowed(ball, rate)
    share = float(ball.root[0] ** 2 / allowed) if allowed > 0 else np.inf
    return min(share, 1.0) if holds else max(share, np.nextafter(1.0, 2.0))


def _certificates(
    ball: Ball, radius: NDArray[np.float64], rate: Callable[[Ball, NDArray[np.float64]], NDArray[np.float64]]
) -> Certificates:
    holds, found = np.isfinite(radius), np.full((4, len(radius)), np.nan)
    if np.any(holds):
        part, at = ball.only(holds), radius[holds]
        sharpness, spread = _sharpness(part, at)
        found[:, holds] = at, rate(part, at), np.maximum(0.0, sharpness - spread), sharpness + spread
    radii, rates, lowest, highest = found
    return Certificates(holds, radii, rates, lowest, highest, ball.root**2, ball.unseen)


def _flow_rate(ball: Ball, radius: NDArray[np.float64], way: Way) -> NDArray[np.float64]:
    """The Polyak-Lojasiewicz constant 4 lambda_min(sigma) lambda_min(K), sigma without its kernel, shape (T,)."""
    floor = ball.by_products(radius) if way is Way.PRODUCTS else ball.by_kernel(radius)
    return 4 * ball.curvature[0] * floor * (1 - 1e-15)


def _rate_with(step: float) -> Rate:
    """The same for descent, whose path is longer: times (1 - step H / 2)^2."""
    return lambda ball, radius, way: _flow_rate(ball, radius, way) * _room(ball, radius, step) ** 2


def _best_rate(ball: Ball, radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """The constant in a ball that is known to hold the run: also 4 lambda_min(F (K - change) F^T), shape (T,)."""
    smaller = ball.kernel - ball.change(radius)[:, None, None] * ball.gram
    least = np.linalg.eigvalsh(smaller)[:, 0] - ball.curvature[1] * ball.rounding
    return np.maximum.reduce([4 * least, *(_flow_rate(ball, radius, way) for way in WAYS)])


def _sharpness(ball: Ball, radius: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sharpness of minimizers in the ball: 2 lambda_max(F K F^T), up to 2 lambda_max(sigma) times the change."""
    top = 2 * np.linalg.eigvalsh(ball.kernel)[:, -1] if ball.kernel.shape[-1] else np.zeros_like(radius)
    return top, 2 * ball.curvature[1] * (ball.change(radius) + ball.rounding)


def _room(ball: Ball, radius: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """1 - step H / 2, H a bound on the curvature in the ball where the risk is not above that of the state; 0 below."""
    sharpness, spread = _sharpness(ball, radius)
    curvature = (sharpness + spread + ball.residual_curvature(radius)) * (1 + 1e-15)
    return np.maximum(0.0, np.nan_to_num(1 - step * curvature / 2 - 1e-15, nan=0.0, neginf=0.0))


def _path(ball: Ball, rate: Rate, radius: NDArray[np.float64], way: Way) -> NDArray[np.float64]:
    """Bound on the length of the path of a run that stays in the ball; inf where there is none."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.nan_to_num(2 * ball.root / np.sqrt(rate(ball, radius, way)), nan=np.inf) * (1 + 1e-14)


def _radius(ball: Ball, rate: Rate, ways: Sequence[Way]) -> NDArray[np.float64]:
    """The smallest radius r with path(r) < r by any of the ways, shape (T,); inf where there is none."""
    return np.minimum.reduce([_smallest_radius(ball, rate, way) for way in ways])


def _smallest_radius(ball: Ball, rate: Rate, way: Way) -> NDArray[np.float64]:
    """The same by one way, between neighbours of a grid."""
    low = _path(ball, rate, np.zeros_like(ball.root), way)
    least, radius = np.where(np.isfinite(low), low, 0.0), np.full_like(low, np.inf)
    for factor in np.geomspace(1.0, _FARTHEST, _RADII)[1:]:
        wide = least * factor
        inside = _path(ball, rate, wide, way) < wide
        radius = np.where(inside & np.isinf(radius), wide, radius)
        low = np.where(np.isinf(radius), wide, low)
    for _ in range(_HALVINGS):
        middle = np.where(np.isfinite(radius), (low + radius) / 2, 0.0)
        inside = _path(ball, rate, middle, way) < middle
        radius, low = np.where(inside, middle, radius), np.where(inside, low, middle)
    return radius


def _allowed(ball: Ball, rate: Rate) -> float:
    """The largest r^2 mu(r) / 4 of a grid of radii, of one ball."""
    radii = np.geomspace(_LOW, _HIGH, _SCAN) * ball.largest.max()
    many = ball.only(np.zeros(len(radii), int))
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.max([np.nan_to_num(radii**2 * rate(many, radii, way) / 4) for way in WAYS]))
