"""Conversion through the output: one row about a linear classifier of several classes, or about a last layer."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._ledger import OUTPUT_SIGMAS, THRESHOLDS
from fathometer.generalization.learning.linear._several import ClassSample, smoothed_class_errors
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, measured
from fathometer.generalization.learning.predictors.rows._last_layer import last_layer
from fathometer.generalization.learning.predictors.rows._several_head import STRENGTHS
from fathometer.generalization.learning.predictors.rows._stated import stated

OUTPUT = "output_conversion"
OF_LINEAR = f"0/1 risk {DEPLOYED}, as of every linear classifier"
OF_LAST_LAYER = f"0/1 risk {DEPLOYED}, as of every last layer on its features"


def several_row(deployed: Deployed) -> list[Draft]:
    """A linear classifier of several classes, from the half of the training part that the prior has not seen."""
    model = deployed.several
    if model is None:
        return []
    choice = {"strength": model.strength}
    return [output_row(deployed, OF_LINEAR, model.learning, model.weights, model.distance, choice, len(STRENGTHS))]


def last_layer_row(deployed: Deployed) -> list[Draft]:
    """The last layer of a network, from the held-out rows."""
    if deployed.predictor is None:
        return stated(deployed, (), OF_LAST_LAYER)
    layer = last_layer(deployed)
    return [] if layer is None else [output_row(deployed, OF_LAST_LAYER, layer.sample, layer.weights, 0.0, {}, 1)]


def output_row(
    deployed: Deployed,
    certifies: str,
    sample: ClassSample,
    weights: NDArray[np.float64],
    distance: float,
    choice: Mapping[str, float],
    centres: int,
) -> Draft:
    """The row, with width and threshold of a grid chosen on the rows that certify, which the bound counts.

    Args:
        deployed: with its plan and its answers on the test part.
        certifies: whose risk.
        sample: the rows that certify.
        weights: shape (d, k), those that are certified.
        distance: of the weights from the prior weights, rounded up.
        choice: of the prior weights.
        centres: number of prior weights that were fixed in advance.
    """
    tried = [(sigma, threshold) for sigma in OUTPUT_SIGMAS for threshold in THRESHOLDS]

    def numbers(sigma: float, threshold: float) -> dict[str, float]:
        risk = min(1.0, upward(float(smoothed_class_errors(sample.x, sample.codes, weights, sigma, threshold).mean())))
        kl = upward(distance**2 / (2 * sigma**2))
        return {"risk": risk, "kl": kl, "threshold": threshold, "hypotheses": len(tried) * centres, "m": len(sample.x)}

    def size(pair: tuple[float, float]) -> float:
        value = evaluate_bound(OUTPUT, **numbers(*pair), delta=deployed.plan.delta).value
        return np.inf if value is None else value

    sigma, threshold = min(tried, key=size)
    known = numbers(sigma, threshold)
    chosen = {**choice, "sigma": sigma, "threshold": threshold}
    test = measured(deployed.losses("test"), True)
    return Draft(OUTPUT, certifies, lambda share: known | {"delta": share}, test, chosen)
