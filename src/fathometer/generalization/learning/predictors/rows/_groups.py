"""Rows about the groups of a sensitive column: the risk of each, and how far they lie apart."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, counted
from fathometer.generalization.ledger._per_class import group_gap

MOST = 30
"""A column with more groups is no sensitive one: each group has its share of delta."""


def group_rows(deployed: Deployed) -> list[Draft]:
    """The risk of each group, half of delta for all of them, and the largest difference, for the other half.

    Raises:
        InputError: if there is no sensitive column, or it names too many groups.
    """
    if not deployed.plan.loss.of_classes or deployed.plan.stratified:
        return []
    if deployed.sensitive is None:
        raise InputError("row 'groups' needs the column that says the group of each row (--sensitive COL)")
    names, held, tested = in_both(deployed)
    if len(names) > MOST:
        raise InputError(f"a sensitive column must have at most {MOST} groups, got {len(names)}")
    part = Fraction(1, 2 * max(1, len(names)))
    rows = [
        counted("test_binomial", f"group {name!r}: 0/1 risk {DEPLOYED}", wrong, deployed, other, part, ("groups", k))
        for k, (name, wrong, other) in enumerate(zip(names, held, tested, strict=True))
    ]
    return [*rows, _gap(deployed, held, tested)] if len(names) > 1 else rows


def in_both(deployed: Deployed) -> tuple[list[str], list[NDArray], list[NDArray]]:
    """Names of the groups that have rows in both parts, and their errors there."""
    of = np.asarray(deployed.sensitive).astype(str)
    held, tested = (of[deployed.split.part(part)] for part in ("held_out", "test"))
    names = np.intersect1d(held, tested)
    here, there = deployed.losses("held_out"), deployed.losses("test")
    return names.tolist(), [here[held == name] for name in names], [there[tested == name] for name in names]


def absent_groups(deployed: Deployed) -> list[str]:
    """Names of the groups that have no row to certify or none to measure with."""
    return sorted(set(np.asarray(deployed.sensitive).astype(str).tolist()) - set(in_both(deployed)[0]))


def _gap(deployed: Deployed, held: list[NDArray], tested: list[NDArray]) -> Draft:
    inputs = {"hits": [int(wrong.sum()) for wrong in held], "counts": [wrong.size for wrong in held]}
    measured = group_gap(np.concatenate(tested), np.repeat(np.arange(len(tested)), [part.size for part in tested])).gap
    return Draft(
        "group_gap",
        f"largest difference of the 0/1 risks of two groups {DEPLOYED}",
        lambda share: inputs | {"delta": lessened(share, deployed.weight)},
        measured,
        part=Fraction(1, 2),
        about=("group gap", 0),
    )
