"""The steps that the weights of layers predict beside the steps of recorded hidden states."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.model.weights._layer import LayerWeights
from fathometer.attention.observables._standard import mean_cosine
from fathometer.attention.observables.weights._step import (
    FACTORS,
    StepFit,
    fit_layer_step,
    judged_step,
    predict_layer_step,
    shuffled,
)
from fathometer.evidence import InputError, Record, finite_array, finite_number

BETAS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Inverse temperatures that are tried for the plain model."""


@dataclass(frozen=True, eq=False)
class LayerSteps(Record):
    """Recorded steps beside predicted ones, one entry for each step.

    Attributes:
        weights: the layer of the weights as they are: nothing is fitted.
        fitted: the same with beta and the length of the step fitted.
        plain: the plain model, both fitted.
        shuffled: the weights with their entries in random order, both fitted: a control.
        mean_cosine: of the recorded tokens, one entry for each state.
    """

    weights: tuple[StepFit, ...]
    fitted: tuple[StepFit, ...]
    plain: tuple[StepFit, ...]
    shuffled: tuple[StepFit, ...]
    mean_cosine: NDArray[np.float64]

    def cosines(self, name: str) -> NDArray[np.float64]:
        """Mean cosine that a prediction gives behind each step.

        Args:
            name: weights, fitted, plain or shuffled.
        """
        return np.array([_mean_cosine(fit.predicted) for fit in getattr(self, name)])


def compare_steps(
    hidden: ArrayLike, layers: Sequence[LayerWeights], beta: float, *, causal: bool = False, seed: int = 0
) -> LayerSteps:
    """Predict every step of recorded hidden states from the state before it.

    Args:
        hidden: shape (states, n, d), nonzero rows, with the norms that the network gives them.
        layers: one for all steps, or one for each of the states - 1 steps.
        beta: inverse temperature that goes with the weights; plain ones try a grid of their own.
        causal: whether a token sees those up to itself only.
        seed: of the control.

    Raises:
        InputError: if there are fewer than two states, the number of layers does not fit, or weights do not.
    """
    states, beta = finite_array("hidden", hidden, ndim=3), finite_number("beta", beta, at_least=0)
    count = len(states) - 1
    if count < 1 or len(layers) not in (1, count):
        raise InputError(f"weights must be one layer or one for each of {count} steps, got {len(layers)}")
    each = list(layers) * (count if len(layers) == 1 else 1)
    units = states / np.linalg.norm(states, axis=2, keepdims=True)
    betas = [factor * beta for factor in FACTORS]
    made: dict[str, list[StepFit]] = {"weights": [], "fitted": [], "plain": [], "shuffled": []}
    for before, after, unit, layer in zip(states[:-1], states[1:], units[:-1], each, strict=True):
        as_is = predict_layer_step(before, layer, beta, causal=causal)
        made["weights"].append(judged_step(before, after, as_is, beta, 1.0))
        made["fitted"].append(fit_layer_step(before, after, layer, betas, causal=causal))
        made["plain"].append(fit_layer_step(unit, after, LayerWeights(), BETAS, causal=causal, tangent=True))
        made["shuffled"].append(fit_layer_step(before, after, shuffled(layer, seed), betas, causal=causal))
    return LayerSteps(**{name: tuple(fits) for name, fits in made.items()}, mean_cosine=_mean_cosine(units))


def _mean_cosine(points: Float[np.ndarray, "*t n d"]) -> NDArray[np.float64]:
    """Of every state; NaN of one token, which has no pair."""
    n = points.shape[-2]
    return mean_cosine(points, np.full(n, 1 / n)) if n > 1 else np.full(points.shape[:-2], np.nan)
