"""The deployed predictor as a linear classifier of the unit ball, where it is one of two classes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fathometer.data import Split, split_groups
from fathometer.evidence import Record
from fathometer.generalization.learning.linear._certificate import split_digests
from fathometer.generalization.learning.linear._model import Scaling, direction
from fathometer.generalization.learning.linear._recheck import unsolved_candidates
from fathometer.generalization.learning.linear._training import (
    STRENGTHS,
    TrainedLinear,
    chosen_strength,
    prepare_linear,
    prior_margin,
    prior_mean,
    scaled_samples,
)
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.models._affine import Affine, affine_scores
from fathometer.generalization.learning.predictors.models._fitting import few_threads

HALVES = {"prior": 0.5, "learning": 0.5}
"""Of the groups of the training part. All rows of a group are in the first, one of each group is in the second."""

FEWEST = 10
"""Rows of a half."""

COST = 5e8
"""Most rows of the prior half times squared columns: its direction needs no more, and solving takes that long."""

ROUNDING = 1e-9
"""Scores of normalised weights that are nearer to 0 may have either sign."""

LENGTH = 1e-12
"""By which the length of normalised weights may differ from 1."""

TOGETHER = 200_000
"""Rows that are scaled at once."""

NO_ROOM = "{} is there, and no classifier of these data and this plan has it"


@dataclass(frozen=True, eq=False)
class LinearHead(Record):
    """A deployed linear classifier in the coordinates in which its certificates are made.

    Attributes:
        halves: SHA-256 digest of the row numbers of each half of the training part.
        scaling: into the unit ball, fixed by the prior half.
        candidates: shape (k, d), solutions of the logistic regression on the prior half, one for each penalty.
        strength: of the one whose direction is the prior mean, chosen on the prior half.
        gamma: margin of the ramp loss, fixed by the prior half.
        weights: shape (d,), of length 1: the deployed classifier.
    """

    halves: Mapping[str, str]
    scaling: Scaling
    candidates: NDArray[np.float64]
    strength: float
    gamma: float
    weights: NDArray[np.float64]


def _of_two_classes(deployed: Deployed) -> bool:
    """Whether the plan and the data leave room for these rows."""
    plan = deployed.plan
    return plan.loss.of_classes and not plan.stratified and bool(deployed.truth.max() == 1)


def linear_parts(deployed: Deployed) -> dict[str, NDArray[np.int64]]:
    """Row numbers of the parts of a linear certificate: the two halves of the training part, and the other two.

    Args:
        deployed: with split, groups and seed.
    """
    split = deployed.split
    prior, learning = (halves(deployed).part(name) for name in HALVES)
    most = max(FEWEST, int(COST / (deployed.x.shape[1] + 1) ** 2))
    held_out, test = split.part("held_out"), split.part("test")
    return {"prior": prior[:most], "certificate": learning, "held_out": held_out, "test": test}


def halves(deployed: Deployed) -> Split:
    """The halves of the training part, by the seed of the plan."""
    training = deployed.split.part("training")
    _, numbers = np.unique(deployed.groups[training], return_inverse=True)
    drawn = split_groups(numbers.reshape(-1), HALVES, deployed.plan.seed or 0, ("prior",))
    return Split(len(deployed.truth), {name: training[rows] for name, rows in drawn.parts.items()}, drawn.seed)


def as_linear(deployed: Deployed) -> TrainedLinear | None:
    """The deployed predictor with what the prior half fixes; None if it is no linear classifier of two classes.

    Args:
        deployed: with the predictor itself; its training part is a random one, and no feature is missing.
    """
    if not _of_two_classes(deployed):
        return None
    if len(np.unique(deployed.groups[deployed.split.part("training")])) < 2 * FEWEST:
        return None
    parts, y = linear_parts(deployed), signs(deployed)
    if _scores(deployed) is None or len(parts["certificate"]) < FEWEST or len(np.unique(y[parts["prior"]])) < 2:
        return None
    with few_threads(deployed.x.size):
        return own_weights(deployed, prepare_linear(deployed.x, y, parts))


def own_weights(deployed: Deployed, model: TrainedLinear) -> TrainedLinear | None:
    """The same with the weights of the deployed predictor; None if it does not decide by any.

    Args:
        deployed: with the predictor itself and its answers.
        model: with its scaling.
    """
    scores = _scores(deployed)
    if scores is None:
        return None
    weights = model.scaling.weights_of(scores.coefficients[:, 0], scores.intercept[0])
    own = replace(model, weights=direction(weights))
    return own if decides_alike(own, deployed) else None


def _scores(deployed: Deployed) -> Affine | None:
    scores = affine_scores(deployed.predictor, deployed.x.shape[1], 2)
    return None if scores is None or not np.any(scores.coefficients) else scores


def signs(deployed: Deployed) -> NDArray[np.float64]:
    """The second class is the positive one."""
    return np.where(deployed.truth == 1, 1.0, -1.0)


def decides_alike(model: TrainedLinear, deployed: Deployed) -> bool:
    """Whether these weights predict the stored answers, wherever the score is not 0 to rounding.

    Args:
        model: with scaling and weights.
        deployed: with its answers.
    """
    return all(_alike(model.scaling.apply(deployed.x[rows]) @ model.w, answers) for rows, answers in answered(deployed))


def answered(deployed: Deployed) -> Iterator[tuple[NDArray[np.int64], NDArray]]:
    """Rows with the stored answers, a block at a time, so that no second copy of a large table is made.

    Args:
        deployed: with its answers.

    Yields:
        Row numbers and answers.
    """
    for part, answers in deployed.predicted.items():
        blocks = len(answers) // TOGETHER + 1
        yield from zip(np.array_split(deployed.split.part(part), blocks), np.array_split(answers, blocks), strict=True)


def _alike(scores: NDArray[np.float64], predicted: NDArray) -> bool:
    return bool(np.all(((scores > 0) == (predicted == 1)) | (np.abs(scores) <= ROUNDING)))


def head_of(deployed: Deployed) -> LinearHead | None:
    """What is kept of it."""
    model = deployed.linear
    if model is None:
        return None
    digests = split_digests(halves(deployed), HALVES)
    return LinearHead(digests, model.scaling, model.candidates, model.strength, model.gamma, model.weights)


def rebuilt(deployed: Deployed, head: LinearHead | None) -> TrainedLinear | None:
    """The classifier with the stored weights and candidates, and all else from the data.

    Args:
        deployed: with split, groups and seed.
        head: whose arrays fit the data, see `unproved`.
    """
    if head is None:
        return None
    x, parts = deployed.x, linear_parts(deployed)
    scaling = Scaling.of(x[parts["prior"]])
    samples = scaled_samples(x, signs(deployed), parts, scaling)
    with few_threads(x.size):
        strength = chosen_strength(samples["prior"])
    gamma = prior_margin(samples["prior"], prior_mean(head.candidates, strength))
    return TrainedLinear(scaling, samples, head.candidates, strength, head.weights, gamma)


def unproved(head: LinearHead, deployed: Deployed) -> list[str]:
    """Arrays that cannot belong to the data, a prior that does not solve its problem, weights that decide otherwise.

    Args:
        head: as it was read.
        deployed: with split, groups, seed and stored answers.
    """
    if wrong := _misshapen(head, deployed):
        return wrong
    model = rebuilt(deployed, head)
    assert model is not None
    if wrong := unsolved_candidates(model):
        return [f"linear.{each}" for each in wrong]
    return [] if decides_alike(model, deployed) else ["linear.weights decide otherwise than the stored answers"]


def _misshapen(head: LinearHead, deployed: Deployed) -> list[str]:
    if not _of_two_classes(deployed):
        return [NO_ROOM.format("linear")]
    d = deployed.x.shape[1] + 1
    shapes = (np.shape(head.candidates), np.shape(head.weights))
    if shapes != ((len(STRENGTHS), d), (d,)):
        return [f"linear.candidates and linear.weights have shapes {shapes}, not {((len(STRENGTHS), d), (d,))}"]
    length = float(np.linalg.norm(head.weights))
    return [] if abs(length - 1) <= LENGTH else [f"linear.weights have length {length:g}, not 1"]
