"""The step that weights predict for tokens, beside the step that was recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import attention_average
from fathometer.attention.model.weights._layer import LayerWeights
from fathometer.attention.model.weights._mlp import mlp_output
from fathometer.evidence import InputError, Record, finite_array
from fathometer.numerics import in_float64, tangent_projection

FACTORS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Multiples of beta that are tried for weights, whose own scale is known."""
_LONGEST = 10.0
"""Largest step that is tried, in units of the length of a token over that of what is added to it."""
_NODES = 41


@dataclass(frozen=True, eq=False)
class StepFit(Record):
    """A step of tokens beside a recorded one.

    Attributes:
        moved: mean of |y_i - x_i|^2 of the directions.
        beta: inverse temperature of the step.
        tau: its length; 1 is what the weights say.
        explained: 1 - sum |y_i - p_i|^2 / sum |y_i - x_i|^2, p_i the predicted directions; NaN if nothing moves.
        predicted: p_i, shape (n, d).
    """

    moved: float
    beta: float
    tau: float
    explained: float
    predicted: NDArray[np.float64]


@in_float64
def predict_layer_step(
    before: ArrayLike, layer: LayerWeights, beta: float, *, causal: bool = False
) -> NDArray[np.float64]:
    """Directions after one layer of the weights as they are: attention is added, then the MLP, nothing is fitted.

    With the norms of the layer, matrices act on what these make of the stream, as in the network.

    Args:
        before: residual stream, shape (n, d), nonzero rows, with the norms that the network gives it.
        layer: its weights, which act on unit tokens.
        beta: inverse temperature of the scores.
        causal: whether a token sees those up to itself only.

    Raises:
        InputError: if the weights do not fit the tokens.
    """
    rows = finite_array("before", before, ndim=2)
    variant = _as_it_is(layer, rows, beta, causal)
    for part in range(1 if variant.mlp is None else 2):
        moved = rows + _added(variant, part, _read(layer, part, rows))
        rows = moved if layer.norms is None else layer.norms.behind(part, moved)
    return _unit(rows)


@in_float64
def fit_layer_step(
    before: ArrayLike,
    after: ArrayLike,
    layer: LayerWeights,
    betas: Sequence[float],
    *,
    causal: bool = False,
    tangent: bool = False,
) -> StepFit:
    """Fit normalise(y_i + tau (A_i + M(x_i))) to what was recorded, by least squares over beta and tau.

    Args:
        before: residual stream y_i, shape (n, d), nonzero rows, directions x_i.
        after: what was recorded behind the layer, same shape.
        layer: its weights; `LayerWeights()` for the plain model.
        betas: inverse temperatures that are tried.
        causal: whether a token sees those up to itself only.
        tangent: take the part of A_i + M(x_i) that is tangent at x_i, as the flow does.

    Raises:
        InputError: if shapes do not fit.
    """
    x, y = finite_array("before", before, ndim=2), finite_array("after", after, ndim=2)
    if x.shape != y.shape:
        raise InputError(f"after must have the shape of before, {x.shape}, got {y.shape}")
    target = _unit(y)

    def at(beta: float) -> tuple[float, float, float, NDArray[np.float64]]:
        variant = _as_it_is(layer, x, beta, causal)
        parts = range(1 if variant.mlp is None else 2)
        added = np.sum([_added(variant, part, _read(layer, part, x)) for part in parts], axis=0)
        added = np.asarray(tangent_projection(jnp.asarray(_unit(x)), jnp.asarray(added))) if tangent else added
        tau, residual = _best_length(lambda t: float(np.sum((_unit(x + t * added) - target) ** 2)), x, added)
        return residual, float(beta), tau, _unit(x + tau * added)

    _, beta, tau, predicted = min(map(at, betas), key=lambda found: found[0])
    return judged_step(x, y, predicted, beta, tau)


def judged_step(
    before: Float[np.ndarray, "n d"],
    after: Float[np.ndarray, "n d"],
    predicted: Float[np.ndarray, "n d"],
    beta: float,
    tau: float,
) -> StepFit:
    """Put predicted directions beside recorded ones.

    Args:
        before: residual stream before the layer, shape (n, d), nonzero rows.
        after: behind it.
        predicted: unit rows.
        beta: inverse temperature of the prediction.
        tau: length of its step.
    """
    x, y = _unit(before), _unit(after)
    total, left = float(np.sum((y - x) ** 2)), float(np.sum((y - predicted) ** 2))
    return StepFit(total / len(x), beta, tau, 1 - left / total if total > 0 else np.nan, predicted)


def shuffled(layer: LayerWeights, seed: int) -> LayerWeights:
    """The layer with the entries of each matrix in random order, biases as they are: a control of the same size.

    Args:
        layer: any.
        seed: of the order, >= 0.
    """
    generator = np.random.default_rng(seed)

    def mixed(matrix: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        return None if matrix is None else generator.permutation(matrix.ravel()).reshape(matrix.shape)

    attention = {name: mixed(getattr(layer, name)) for name in ("query", "key", "value")}
    mlp = layer.mlp and replace(layer.mlp, **{name: mixed(getattr(layer.mlp, name)) for name in ("up", "down", "gate")})
    return replace(layer, **attention, mlp=mlp)


def _as_it_is(layer: LayerWeights, rows: Float[np.ndarray, "n d"], beta: float, causal: bool) -> Variant:
    """The matrices of a layer, its norms not multiplied in."""
    return replace(layer, norms=None).of(ParticleSystem.project(rows, beta, Model.SA), causal=causal)


def _read(layer: LayerWeights, part: int, rows: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
    """What the attention (0) or the MLP (1) reads of the residual stream: directions if the layer has no norms."""
    return _unit(rows) if layer.norms is None else layer.norms.read(part, rows)


def _added(variant: Variant, part: int, read: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
    """What the attention (0) or the MLP (1) adds to the residual stream."""
    system, points = variant.system, jnp.asarray(read)
    if part == 0 or variant.mlp is None:
        masses = jnp.asarray(system.masses)
        return np.asarray(attention_average(points, masses, system.beta, variant.weights, variant.rules))
    return np.asarray(mlp_output(points, variant.mlp.arrays, variant.rules.activation))


def _best_length(
    residual: Callable[[float], float], x: Float[np.ndarray, "n d"], added: Float[np.ndarray, "n d"]
) -> tuple[float, float]:
    """The step of the smallest residual, and that residual; 0 if nothing is added."""
    size = np.linalg.norm(added)
    if size == 0:
        return 0.0, residual(0.0)
    unit = float(np.linalg.norm(x) / size)
    nodes = unit * _LONGEST * np.linspace(-1, 1, _NODES) ** 3
    values = [residual(float(node)) for node in nodes]
    best = int(np.argmin(values))
    ends = nodes[max(best - 1, 0)], nodes[min(best + 1, _NODES - 1)]
    found: Any = minimize_scalar(residual, bounds=ends, method="bounded", options={"xatol": 1e-8 * unit})
    return (float(found.x), float(found.fun)) if found.fun < values[best] else (float(nodes[best]), values[best])


def _unit(rows: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
