"""Rows about the probabilities that a predictor states: are its answers right as often as it says?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError
from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors.models._adapter import probabilities
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft
from fathometer.generalization.ledger._calibration import Bins, bins_of, calibration_measured

NAME = "calibration"


@dataclass(frozen=True)
class Stated:
    """Probabilities that a predictor gives to its own answers.

    Attributes:
        bins: fixed by the training part.
        by_part: the probabilities on the rows of each part.
    """

    bins: Bins
    by_part: Mapping[str, Float[np.ndarray, " n"]]


def with_probabilities(deployed: Deployed, x: Any, kinds: NDArray | None) -> Deployed:
    """The same with the probabilities that the predictor states, where a row needs them.

    Args:
        deployed: with its predictor and its answers on all parts.
        x: all rows, as the predictor takes them.
        kinds: the classes in order; None for regression.

    Raises:
        InputError: if it states none.
    """
    if NAME not in deployed.plan.rows or kinds is None or deployed.predictor is None:
        return deployed
    parts = deployed.split.parts
    answer = np.zeros(len(deployed.truth), np.int64)
    for part, rows in parts.items():
        answer[rows] = deployed.predicted[part]
    stated = probabilities(deployed.predictor, x, kinds, answer)
    if stated is None:
        raise InputError("row 'calibration' needs probabilities: the model has no predict_proba, and scores are none")
    by_part = {part: stated[rows] for part, rows in parts.items()}
    return replace(deployed, stated=Stated(bins_of(by_part["training"], deployed.split.sizes["held_out"]), by_part))


def calibration_row(deployed: Deployed) -> list[Draft]:
    """How far the stated probabilities are from the frequencies, in the mean, once they are put into bins.

    Raises:
        InputError: if there are none.
    """
    if not deployed.plan.loss.of_classes or deployed.plan.stratified:
        return []
    if deployed.stated is None:
        raise InputError("row 'calibration' needs probabilities, which this certificate does not have")
    bins = deployed.stated.bins
    hits, counts = bins.counted(deployed.stated.by_part["held_out"], deployed.losses("held_out") == 0)
    inputs = {"stated": list(bins.claims), "hits": hits, "counts": counts}
    return [
        Draft(
            "calibration_error",
            f"calibration error of the probabilities of the answers {DEPLOYED}, {len(counts)} bins",
            lambda share: inputs | {"delta": lessened(share, deployed.weight)},
            _measured(deployed),
            about=(NAME, 0),
        )
    ]


def _measured(deployed: Deployed) -> Estimate:
    assert deployed.stated is not None
    return calibration_measured(deployed.stated.bins, deployed.stated.by_part["test"], deployed.losses("test") == 0)
