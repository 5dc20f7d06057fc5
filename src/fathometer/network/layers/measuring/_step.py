"""One step of a block, held against the model: from arrays, at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from fathometer.evidence import InputError, Record, finite_number
from fathometer.network.layers.measuring._cloud import unit_tokens
from fathometer.network.layers.measuring._curve import lowest, residual_curve
from fathometer.network.layers.measuring._field import pulls, tiles

BETAS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Inverse temperatures that are tried when none are given."""


def dense_betas() -> tuple[float, ...]:
    """0 and four inverse temperatures to the octave from 1/2 to 64."""
    return (0.0, *(float(2 ** (k / 4)) for k in range(-4, 25)))


@dataclass(frozen=True, eq=False)
class StepFit(Record):
    """The step of the model that is nearest to what a block does to unit tokens.

    Attributes:
        moved: mean of |y_i - x_i|^2.
        beta: inverse temperature; None if no step explains anything.
        tau: length of the step, in [-3, 3]; negative where tokens are repelled.
        explained: 1 - sum |y_i - p_i|^2 / sum |y_i - x_i|^2 with p_i = normalise(x_i + tau V(beta)_i); None if nothing
            moves.
    """

    moved: float
    beta: float | None
    tau: float
    explained: float | None


def read_betas(betas: Sequence[float]) -> tuple[float, ...]:
    """Inverse temperatures of a grid.

    Raises:
        InputError: if there is none, or one is negative or not finite.
    """
    if not len(betas):
        raise InputError("betas must hold at least one inverse temperature")
    return tuple(finite_number("each of betas", float(beta), at_least=0) for beta in betas)


def fit_step(
    before: ArrayLike, after: ArrayLike, betas: Sequence[float] = BETAS, *, causal: bool = False, refine: bool = False
) -> StepFit:
    """Fit one step of the model, normalise(x_i + tau V(beta)_i), to what happens to tokens, by least squares.

    V(beta)_i = P_{x_i} sum_j softmax_j(beta <x_i, x_j>) x_j: all pairs, equal masses. Every row is divided by its norm
    first. Memory is proportional to n d.

    Args:
        before: tokens, shape (n, d), n >= 1, nonzero rows.
        after: where they end, same shape.
        betas: inverse temperatures that are tried, each >= 0.
        causal: whether a token is pulled by those up to itself only.
        refine: search beta between the neighbours of the best one, too.

    Raises:
        InputError: if the shapes differ or a row is zero.
    """
    x, y = unit_tokens(before, "before"), unit_tokens(after, "after")
    if x.shape != y.shape:
        raise InputError(f"after must have the shape of before, {x.shape}, got {y.shape}")
    grid = read_betas(betas)
    best = lowest(step_curves(x, y, grid, causal=causal), len(x))
    beta, tau, value = (None if best.row < 0 else grid[int(best.row)]), float(best.tau), float(best.value)
    if refine and beta is not None and len(grid) > 1:
        beta, tau, value = _refined(x, y, grid, int(best.row), causal)
    moved = float(np.sum((x - y) ** 2))
    return StepFit(moved / len(x), beta, tau, 1 - value / moved if moved > 0 else None)


def take_step(points: ArrayLike, beta: float, tau: float, *, causal: bool = False) -> NDArray[np.float64]:
    """Where the step of the model leads: normalise(x_i + tau V(beta)_i), shape (n, d); see `fit_step`.

    Args:
        points: tokens, shape (n, d), nonzero rows; every row is divided by its norm first.
        beta: inverse temperature, >= 0.
        tau: length of the step; negative where tokens are repelled.
        causal: whether a token is pulled by those up to itself only.

    Raises:
        InputError: if a row is zero, or a number is out of range.
    """
    x = unit_tokens(points, "points")
    inverse, length = finite_number("beta", beta, at_least=0), finite_number("tau", tau)
    parts = (x[rows] + length * pulls(x, (inverse,), rows, causal=causal)[0] for rows in tiles(len(x)))
    return unit_tokens(np.concatenate([*parts]), "points after the step")


def step_curves(
    x: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, "n d"],
    betas: Sequence[float],
    *,
    sources: Float[np.ndarray, "m d"] | None = None,
    causal: bool = False,
) -> Float[np.ndarray, "betas nodes"]:
    """Residual curves (see `residual_curve`) of every inverse temperature.

    Args:
        x: unit tokens.
        y: where they end.
        betas: inverse temperatures.
        sources: tokens that pull; x itself if None.
        causal: whether a token is pulled by those up to itself only.
    """
    parts = (
        field_curves(x[rows], y[rows], pulls(x, betas, rows, sources=sources, causal=causal)) for rows in tiles(len(x))
    )
    return np.asarray(sum(parts))


def field_curves(
    x: Float[np.ndarray, "r d"], y: Float[np.ndarray, "r d"], fields: Float[np.ndarray, "k r d"]
) -> NDArray[np.float64]:
    """Residual curves of given fields, shape (k, nodes).

    Args:
        x: unit tokens.
        y: where they end.
        fields: pulls, tangent at the tokens.
    """
    toward = np.einsum("krd,rd->kr", fields, y)
    return residual_curve(np.sum(x * y, axis=1), toward, np.einsum("krd,krd->kr", fields, fields))


def _refined(
    x: Float[np.ndarray, "n d"], y: Float[np.ndarray, "n d"], grid: tuple[float, ...], row: int, causal: bool
) -> tuple[float, float, float]:
    """Beta, tau and residual at the best beta between the neighbours of one of the grid."""
    around = sorted(grid)
    place = around.index(grid[row])
    ends = around[max(0, place - 1)], around[min(len(around) - 1, place + 1)]

    def at(beta: float) -> float:
        return float(lowest(step_curves(x, y, (beta,), causal=causal), len(x)).value)

    found: Any = minimize_scalar(at, bounds=ends, method="bounded", options={"xatol": 1e-4 * (1 + ends[1])})
    beta = min((float(found.x), grid[row]), key=at)
    best = lowest(step_curves(x, y, (beta,), causal=causal), len(x))
    return beta, float(best.tau), float(best.value)
