"""The deployed predictor as a linear classifier of several classes, in the coordinates of its certificate.

The prior weights solve a regression on one half of the training part, and the other half counts: of that one the prior
knows nothing, and the bound holds for all weights at once, so that the deployed ones may have seen it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Record
from fathometer.generalization.learning.linear._certificate import split_digests
from fathometer.generalization.learning.linear._model import Scaling
from fathometer.generalization.learning.linear._several import (
    ClassSample,
    SeveralClasses,
    class_direction,
    fit_class_weights,
)
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.heads._linear_head import (
    FEWEST,
    HALVES,
    LENGTH,
    NO_ROOM,
    ROUNDING,
    answered,
    halves,
)
from fathometer.generalization.learning.predictors.models._affine import affine_scores
from fathometer.generalization.learning.predictors.models._fitting import few_threads, quiet

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
"""Inverse penalties of the prior weights that may serve; which does is chosen on the learning half, and paid for."""

ENTRIES = 2e7
"""Most rows of the prior half times unknowns: its direction needs no more, and solving takes that long."""


@dataclass(frozen=True, eq=False)
class SeveralHead(Record):
    """A deployed linear classifier of several classes in the coordinates in which it is certified.

    Attributes:
        halves: SHA-256 digest of the row numbers of each half of the training part.
        scaling: into the unit ball, fixed by the prior half.
        centre: shape (d, k), solution of the multinomial logistic regression on the prior half.
        strength: its inverse penalty, of a fixed grid.
        weights: shape (d, k), of Frobenius norm 1, columns adding up to 0: the deployed classifier.
    """

    halves: Mapping[str, str]
    scaling: Scaling
    centre: NDArray[np.float64]
    strength: float
    weights: NDArray[np.float64]


def as_several(deployed: Deployed) -> SeveralClasses | None:
    """The deployed predictor with the prior half's weights; None if it is no linear classifier of several classes.

    Args:
        deployed: with the predictor itself; its training part is a random one, and no feature is missing.
    """
    if not _of_several(deployed) or (scores := _scores(deployed)) is None:
        return None
    if len(np.unique(deployed.groups[deployed.split.part("training")])) < 2 * FEWEST:
        return None
    scaling, prior, learning = _samples(deployed)
    if len(np.unique(prior.codes)) < _classes(deployed) or len(learning.codes) < FEWEST:
        return None
    weights = _weights(scaling, *scores)
    if not decides_alike(scaling, weights, deployed):
        return None
    with few_threads(deployed.x.size), quiet():
        centres = [fit_class_weights(prior, strength) for strength in STRENGTHS]
    made = [SeveralClasses(scaling, prior, learning, *each, weights) for each in zip(centres, STRENGTHS, strict=True)]
    return min(filter(attrgetter("solved"), made), key=lambda each: each.distance, default=None)


def own_classes(deployed: Deployed, model: SeveralClasses) -> SeveralClasses | None:
    """The same with the weights of the deployed predictor; None if it does not decide by any.

    Args:
        deployed: with the predictor itself and its answers.
        model: with its scaling.
    """
    scores = _scores(deployed)
    if scores is None:
        return None
    weights = _weights(model.scaling, *scores)
    return replace(model, weights=weights) if decides_alike(model.scaling, weights, deployed) else None


def several_of(deployed: Deployed) -> SeveralHead | None:
    """What is kept of it."""
    model = deployed.several
    if model is None:
        return None
    digests = split_digests(halves(deployed), HALVES)
    return SeveralHead(digests, model.scaling, model.centre, model.strength, model.weights)


def rebuilt_several(deployed: Deployed, head: SeveralHead | None) -> SeveralClasses | None:
    """The classifier with the stored weights, prior and deployed, and all else from the data.

    Args:
        deployed: with split, groups and seed.
        head: whose arrays fit the data, see `unproved_several`.
    """
    return None if head is None else SeveralClasses(*_samples(deployed), head.centre, head.strength, head.weights)


def unproved_several(head: SeveralHead, deployed: Deployed) -> list[str]:
    """Arrays that cannot belong to the data, a prior that does not solve its problem, weights that decide otherwise.

    Args:
        head: as it was read.
        deployed: with split, groups, seed and stored answers.
    """
    if wrong := _misshapen(head, deployed):
        return wrong
    model = rebuilt_several(deployed, head)
    assert model is not None
    if not model.solved:
        return ["several.centre does not solve the logistic regression on its part of the data"]
    alike = decides_alike(model.scaling, model.weights, deployed)
    return [] if alike else ["several.weights decide otherwise than the stored answers"]


def decides_alike(scaling: Scaling, weights: NDArray, deployed: Deployed, features: NDArray | None = None) -> bool:
    """Whether the class with the largest score is the stored answer, wherever no other is as large to rounding.

    Args:
        scaling: of the features.
        weights: shape (d, k).
        deployed: with its answers.
        features: shape (n, p), on which the weights decide; None for those of the table.
    """
    x = deployed.x if features is None else features
    return all(
        _alike(scaling.apply(x[rows]) @ weights, answers.astype(np.int64)) for rows, answers in answered(deployed)
    )


def _alike(scores: NDArray[np.float64], predicted: NDArray[np.int64]) -> bool:
    if np.any((predicted < 0) | (predicted >= scores.shape[1])):
        return False
    return bool(np.all(scores.max(axis=1) - scores[np.arange(len(scores)), predicted] <= ROUNDING))


def weights_in(scaling: Scaling, coefficients: NDArray, intercept: NDArray) -> NDArray[np.float64]:
    """Weights, before they get their length, that decide on mapped rows as scores do on rows as they were given.

    Args:
        scaling: of the rows.
        coefficients: shape (p, k).
        intercept: shape (k,).
    """
    pairs = zip(coefficients.T, intercept, strict=True)
    return np.column_stack([scaling.weights_of(each, float(bias)) for each, bias in pairs])


def _weights(scaling: Scaling, coefficients: NDArray, intercept: NDArray) -> NDArray[np.float64]:
    return class_direction(weights_in(scaling, coefficients, intercept))


def _of_several(deployed: Deployed) -> bool:
    """Whether the plan and the data leave room for this row."""
    plan = deployed.plan
    return plan.loss.of_classes and not plan.stratified and bool(deployed.truth.max() > 1)


def _classes(deployed: Deployed) -> int:
    return int(deployed.truth.max()) + 1


def _scores(deployed: Deployed) -> tuple[NDArray, NDArray] | None:
    """Coefficients and intercept, unless all classes have the same."""
    scores = affine_scores(deployed.predictor, deployed.x.shape[1], _classes(deployed))
    if scores is None or not np.any(np.ptp(scores.coefficients, axis=1)):
        return None
    return scores.coefficients, scores.intercept


def _samples(deployed: Deployed) -> tuple[Scaling, ClassSample, ClassSample]:
    """The scaling, and the rows of both halves."""
    prior, learning = (halves(deployed).part(name) for name in HALVES)
    most = ENTRIES / ((deployed.x.shape[1] + 1) * _classes(deployed))
    prior = prior[:: max(1, int(np.ceil(len(prior) / max(most, FEWEST))))]
    scaling = Scaling.of(deployed.x[prior])
    first, second = (ClassSample(scaling.apply(deployed.x[rows]), deployed.truth[rows]) for rows in (prior, learning))
    return scaling, first, second


def _misshapen(head: SeveralHead, deployed: Deployed) -> list[str]:
    if not _of_several(deployed):
        return [NO_ROOM.format("several")]
    expected = (deployed.x.shape[1] + 1, _classes(deployed))
    for name in ("centre", "weights"):
        if np.shape(getattr(head, name)) != expected:
            return [f"several.{name} has shape {np.shape(getattr(head, name))}, not {expected}"]
    if head.strength not in STRENGTHS:
        return [f"several.strength is {head.strength:g}, not one of {', '.join(f'{each:g}' for each in STRENGTHS)}"]
    if not np.any(np.ptp(head.centre, axis=1)):
        return ["several.centre is the same for every class"]
    length = float(np.linalg.norm(head.weights))
    return [] if abs(length - 1) <= LENGTH else [f"several.weights have length {length:g}, not 1"]
