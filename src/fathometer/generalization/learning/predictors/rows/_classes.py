"""Rows about single classes, and about what confusing them costs."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, counted
from fathometer.generalization.ledger._ledger import measured_mean
from fathometer.generalization.ledger._per_class import ASKED, Answered
from fathometer.numerics import round_up, wide

FEW = 4
"""So many different costs above 0 are certified one by one, by exact tails; more of them by the kl form."""


def recall_rows(deployed: Deployed) -> list[Draft]:
    """1 - recall of every class."""
    return _class_rows(deployed, "recall")


def precision_rows(deployed: Deployed) -> list[Draft]:
    """1 - precision of every class."""
    return [] if deployed.plan.stratified else _class_rows(deployed, "precision")


def absent_classes(deployed: Deployed, name: str) -> list[str]:
    """Names of the classes that have no row to certify or none to measure with.

    Args:
        deployed: with its answers.
        name: `recall` or `precision`.
    """
    errors, _ = ASKED[name]
    parts = answered(deployed, "held_out"), answered(deployed, "test")
    return [kind for k, kind in enumerate(deployed.kinds) if any(not errors(part, k).size for part in parts)]


def cost_rows(deployed: Deployed) -> list[Draft]:
    """The mean cost of an answer, in units of the largest.

    Where there are few different costs, each is bounded by an exact binomial tail.

    Raises:
        InputError: if there are no costs, or not one for each two classes.
    """
    plan = deployed.plan
    if not plan.loss.of_classes or plan.stratified:
        return []
    if not plan.costs:
        raise InputError("row 'cost' needs the cost of each confusion of two classes (--costs FILE.csv)")
    if len(plan.costs) != len(deployed.kinds):
        raise InputError(f"costs must be of the {len(deployed.kinds)} classes, got {len(plan.costs)}")
    matrix = np.array(plan.costs)
    top, kinds = float(matrix.max()), np.unique(matrix[matrix > 0])
    held, tested = (matrix[deployed.truth[deployed.split.part(part)], deployed.predicted[part]] for part in MEASURED)
    price = {"n": held.size}
    if kinds.size <= FEW:
        bound = "test_split_binomial"
        price |= {"values": (kinds / top).tolist(), "counts": [int(np.sum(held >= cost)) for cost in kinds]}
    else:
        bound = "test_kl"
        price |= {"risk": min(1.0, float(round_up(wide(held).mean() / top)))}
    return [
        Draft(
            bound,
            f"cost divided by {top:g} {DEPLOYED}",
            lambda share: price | {"delta": lessened(share, deployed.weight)},
            measured_mean(tested / top),
            unit=(top, "the unit of the costs"),
            about=("cost", 0),
        )
    ]


MEASURED = ("held_out", "test")


def answered(deployed: Deployed, part: str) -> Answered:
    """Classes and predictions of one part."""
    return Answered(deployed.truth[deployed.split.part(part)], deployed.predicted[part])


def _class_rows(deployed: Deployed, name: str) -> list[Draft]:
    """Each class at an equal share, those without rows included, which have no row of the ledger."""
    if not deployed.plan.loss.of_classes:
        return []
    errors, text = ASKED[name]
    held, tested = (answered(deployed, part) for part in MEASURED)

    def draft(k: int, kind: str, wrong: NDArray, other: NDArray) -> Draft:
        part = Fraction(1, len(deployed.kinds))
        return counted("test_binomial", text.format(kind), wrong, deployed, other, part, (name, k))

    found = [(k, kind, errors(held, k), errors(tested, k)) for k, kind in enumerate(deployed.kinds)]
    return [draft(*each) for each in found if each[2].size and each[3].size]
