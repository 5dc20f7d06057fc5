"""Conversion through the output: one row about a linear classifier of several classes, or about a last layer."""

from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._ledger import THRESHOLDS
from fathometer.generalization.learning.linear._several import ClassSample, smoothed_class_errors
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.heads._last_layer import last_layer
from fathometer.generalization.learning.predictors.heads._several_head import STRENGTHS
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, measured
from fathometer.generalization.learning.predictors.rows._stated import stated

SIGMAS = (
    0.0005,
    0.0007,
    0.001,
    0.0014,
    0.002,
    0.003,
    0.004,
    0.0055,
    0.008,
    0.011,
    0.016,
    0.022,
    0.03,
    0.045,
    0.07,
    0.1,
)
"""Fixed in advance. The more classes share weights of length 1, the smaller are the differences of two of them."""

OUTPUT = "output_conversion"
OF_LINEAR = f"0/1 risk {DEPLOYED}, as of every linear classifier"
OF_LAST_LAYER = f"0/1 risk {DEPLOYED}, as of every last layer on its features"


def several_row(deployed: Deployed) -> list[Draft]:
    """A linear classifier of several classes, from the half of the training part that the prior has not seen."""
    model = deployed.several
    if model is None:
        return []
    choice, known = output_numbers(
        model.learning, model.weights, deployed.plan.delta, distance=model.distance, centres=len(STRENGTHS)
    )
    return [_draft(deployed, OF_LINEAR, {"strength": model.strength, **choice}, known)]


def last_layer_row(deployed: Deployed) -> list[Draft]:
    """The last layer of a network, from the held-out rows."""
    if deployed.predictor is None:
        return stated(deployed, (), OF_LAST_LAYER)
    layer = last_layer(deployed)
    if layer is None:
        return []
    return [_draft(deployed, OF_LAST_LAYER, *output_numbers(layer.sample, layer.weights, deployed.plan.delta))]


def _draft(deployed: Deployed, certifies: str, choice: Mapping[str, float], known: Mapping[str, float]) -> Draft:
    test = measured(deployed.losses("test"), True)
    return Draft(OUTPUT, certifies, lambda share: {**known, "delta": share}, test, choice)


def output_numbers(
    sample: ClassSample, weights: NDArray[np.float64], delta: float, *, distance: float = 0.0, centres: int = 1
) -> tuple[dict[str, float], dict[str, float]]:
    """Width and threshold of the grid with the smallest bound, and its numbers, which count all that were tried.

    Args:
        sample: the rows that certify.
        weights: shape (d, k), those that are certified.
        delta: at which settings are compared, in (0, 1).
        distance: of the weights from the prior weights, rounded up.
        centres: number of prior weights that were fixed in advance.
    """

    def numbers(sigma: float, threshold: float) -> dict[str, float]:
        risk = min(1.0, upward(float(smoothed_class_errors(sample.x, sample.codes, weights, sigma, threshold).mean())))
        fixed = {"threshold": threshold, "hypotheses": centres * len(SIGMAS) * len(THRESHOLDS), "m": len(sample.x)}
        return {"risk": risk, "kl": upward(distance**2 / (2 * sigma**2)), **fixed}

    def size(pair: tuple[float, float]) -> float:
        value = evaluate_bound(OUTPUT, **numbers(*pair), delta=delta).value
        return np.inf if value is None else value

    sigma, threshold = min(product(SIGMAS, THRESHOLDS), key=size)
    return {"sigma": sigma, "threshold": threshold}, numbers(sigma, threshold)
