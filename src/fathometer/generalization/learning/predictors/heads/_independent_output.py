"""The conversion through the output a second time: margins class by class, the network layer by layer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from fathometer.evidence import Estimate
from fathometer.generalization.learning.linear._several import SeveralClasses
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.ledger import _independent_bounds as independent

WIDTHS, THRESHOLDS, CENTRES = 16, 5, 4
SOLVED = 1 / 100_000
BIAS = 1 / 3
"""What the method says, written down a second time."""

_Counted = tuple[Mapping[str, Any], Estimate]


def output_again(deployed: Deployed, choice: Mapping[str, float], share: float) -> _Counted:
    """The numbers of the row, and the same risk on the test part.

    Args:
        deployed: with its linear classifier, or with the predictor itself.
        choice: as the first evaluation made it.
        share: of delta.
    """
    model = deployed.several
    risk, kl, m = _of_linear(model, choice) if model is not None else _of_last_layer(deployed, choice)
    settings = WIDTHS * THRESHOLDS * (1 if model is None else CENTRES)
    known = {"risk": risk, "kl": kl, "threshold": choice["threshold"], "hypotheses": settings, "m": m}
    wrong = np.where(deployed.predicted["test"] == deployed.truth[deployed.split.part("test")], 0.0, 1.0)
    return known | {"delta": share}, independent.error_rate(wrong)


def _of_linear(model: SeveralClasses, choice: Mapping[str, float]) -> tuple[float, float, int]:
    centred = model.centre - model.centre.mean(axis=1, keepdims=True)
    apart = np.sqrt(np.sum((model.weights - centred / np.sqrt(np.sum(centred**2))) ** 2)) + 2 * SOLVED
    risk = _risk(model.learning.x, model.learning.codes, model.weights, choice)
    return risk, float(apart**2 / (2 * choice["sigma"] ** 2)), len(model.learning.x)


def _of_last_layer(deployed: Deployed, choice: Mapping[str, float]) -> tuple[float, float, int]:
    network = getattr(deployed.predictor, "steps", [("", deployed.predictor)])[-1][1]
    z = deployed.x if network is deployed.predictor else np.asarray(deployed.predictor[:-1].transform(deployed.x))
    bend = {"identity": np.array, "tanh": np.tanh, "logistic": lambda v: 1 / (1 + np.exp(-v))}
    for k in range(len(network.coefs_) - 1):
        z = bend.get(network.activation, lambda v: np.where(v > 0, v, 0))(
            z @ network.coefs_[k] + network.intercepts_[k]
        )
    out, offset = network.coefs_[-1], network.intercepts_[-1]
    if offset.size == 1:
        out, offset = np.column_stack([0 * out, out]), np.array([0.0, offset[0]])
    reference = z[deployed.split.part("training")]
    centre, spread = reference.mean(axis=0), reference.std(axis=0)
    spread[spread == 0] = 1
    reach = np.sqrt(np.mean(np.sum(((reference - centre) / spread) ** 2, axis=1)))
    held_out = deployed.split.part("held_out")
    rows = np.column_stack([(z[held_out] - centre) / (spread * reach), np.full(held_out.size, BIAS)])
    weights = np.vstack([out * (spread * reach)[:, None], (offset + centre @ out) / BIAS])
    weights = weights - weights.mean(axis=1, keepdims=True)
    weights /= np.sqrt(np.sum(weights**2))
    return _risk(rows, deployed.truth[held_out], weights, choice), 0.0, held_out.size


def _risk(x: NDArray, codes: NDArray, weights: NDArray, choice: Mapping[str, float]) -> float:
    """Each wrong class in turn: its margin, divided by the length of the row, has noise of sqrt(2) sigma."""
    scores = x @ weights / np.sqrt(np.sum(x**2, axis=1))[:, None]
    own = scores[np.arange(len(codes)), codes]
    total = np.zeros(len(codes))
    for k in range(scores.shape[1]):
        z = (own - scores[:, k]) / (np.sqrt(2) * choice["sigma"]) - choice["threshold"]
        total += np.where(codes == k, 0.0, erfc(z / np.sqrt(2)) / 2)
    return float(np.mean(np.minimum(total, 1)))
