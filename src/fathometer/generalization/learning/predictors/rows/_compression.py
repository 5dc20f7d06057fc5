"""Rows about predictors that a few training rows give back, from the training rows that are left."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors._picking import compression_inputs
from fathometer.generalization.learning.predictors.models._state import cloned, needs_no_fit
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, measured
from fathometer.generalization.learning.predictors.rows._machines import machine, too_near
from fathometer.generalization.learning.predictors.rows._stated import stated

BOUNDS = ("compression_binomial", "compression_kl")


def compression_row(deployed: Deployed) -> list[Draft]:
    """A predictor that learnt from rows that it picked, or a support vector machine, from its other training rows.

    Groups are counted, each by its first row, which alone may be among those that give the predictor back. Any
    candidate could have become the deployed one: at delta over their number.
    """
    if deployed.predictor is None:
        return stated(deployed, BOUNDS, "compressed:")
    if deployed.plan.stratified:
        return []
    heads = heads_of(deployed)
    found = _picked(deployed, heads) or _supported(deployed, heads)
    return [] if found is None else [_draft(deployed, *found)]


def heads_of(deployed: Deployed) -> Int[np.ndarray, " m"]:
    """The first row of each group of the training part, in its order."""
    part = deployed.split.part("training")
    return part[np.sort(np.unique(deployed.groups[part], return_index=True)[1])]


def _draft(deployed: Deployed, text: str, size: int, losses: Float[np.ndarray, " r"]) -> Draft:
    loss = deployed.plan.loss
    bound, _ = compression_inputs(losses, size, deployed.plan.delta, loss)

    def inputs(share: float) -> Mapping[str, Any]:
        return compression_inputs(losses, size, lessened(share, 1 / len(deployed.competitors)), loss)[1]

    test = measured(deployed.losses("test"), loss.of_classes)
    return Draft(bound, f"{loss.risk} {DEPLOYED}, {text}", inputs, test)


_Found = tuple[str, int, NDArray[np.float64]]


def _picked(deployed: Deployed, heads: NDArray[np.int64]) -> _Found | None:
    """One that says which rows of the training part it picked, if a fit on these gives its answers again."""
    part, predictor = deployed.split.part("training"), deployed.predictor
    picked = getattr(predictor, "picked_", None)
    if picked is None or not hasattr(predictor, "estimator_") or np.max(picked, initial=0) >= part.size:
        return None
    rows = part[np.asarray(picked)]
    if not np.isin(rows, heads).all() or rows.size >= heads.size:
        return None
    again = cloned(predictor.estimator_).fit(deployed.x[rows], deployed.truth[rows])
    if any(np.any(again.predict(deployed.x[deployed.split.part(p)]) != said) for p, said in deployed.predicted.items()):
        return None
    others = np.setdiff1d(heads, rows)
    losses = deployed.plan.loss.of(np.asarray(again.predict(deployed.x[others])), deployed.truth[others])
    return "by the rows that it did not pick", rows.size, losses


def _supported(deployed: Deployed, heads: NDArray[np.int64]) -> _Found | None:
    """A support vector machine for two classes, if its support vectors are the first rows of their groups."""
    part = deployed.split.part("training")
    steps = getattr(deployed.predictor, "steps", [("", deployed.predictor)])
    if not all(step in (None, "passthrough") or needs_no_fit(step) for _, step in steps[:-1]):
        return None
    x = np.asarray(deployed.predictor[:-1].transform(deployed.x)) if len(steps) > 1 else deployed.x
    found = machine(steps[-1][1], x[part], deployed.truth[part])
    if found is None:
        return None
    rows = part[found.rows]
    others = np.setdiff1d(heads, rows)
    if not np.isin(rows, heads).all() or not others.size:
        return None
    return "by the rows that are no support vectors", rows.size, too_near(found, x[others], deployed.truth[others])
