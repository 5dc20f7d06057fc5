"""The rows of the ledger of a predictor a second time: from the answers, by formulas of this file's own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._independent_rows import IndependentRows
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors._independent_members import counted_inside, is_inside, own_loss
from fathometer.generalization.learning.predictors._rows import drafts
from fathometer.generalization.learning.predictors.heads._independent_output import output_again
from fathometer.generalization.learning.predictors.heads._linear_rows import LinearDraft, of_deployed
from fathometer.generalization.learning.predictors.heads._output_rows import OUTPUT
from fathometer.generalization.learning.predictors.rows._draft import Draft
from fathometer.generalization.learning.predictors.rows._independent import counted_again
from fathometer.generalization.learning.predictors.rows._regression import BLOCKS
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._ledger import LedgerRow

_Counted = tuple[Mapping[str, Any], Estimate]


def independent_rows(deployed: Deployed) -> list[LedgerRow]:
    """Every row again: which there are, and their shares, are the method's; what they count and give is recomputed.

    Args:
        deployed: with the answers that are counted.
    """
    return [
        _linear(draft, share) if isinstance(draft, LinearDraft) else _row(deployed, draft, share)
        for draft, share in drafts(deployed)
    ]


def _linear(draft: LinearDraft, share: float) -> LedgerRow:
    choice = dict(draft.at(share).choice)
    return of_deployed(IndependentRows(draft.model, share).row_at(draft.bound, choice, share), draft.model)


def _row(deployed: Deployed, draft: Draft, share: float) -> LedgerRow:
    inputs, measured = _again(deployed, draft, share)
    value = float(independent.evaluate(draft.bound, dict(inputs)))
    terms = {**evaluate_bound(draft.bound, **inputs).terms, **draft.in_units(value)}
    return LedgerRow(draft.bound, draft.certifies, value, value >= 1, share, terms, inputs, measured, draft.choice)


def _again(deployed: Deployed, draft: Draft, share: float) -> _Counted:
    """The numbers of a row of any kind."""
    inside = is_inside(draft.bound, draft.certifies)
    if inside and deployed.predictor is None:
        return draft.inputs(share), draft.measured
    if draft.bound == OUTPUT:
        return output_again(deployed, draft.choice, share)
    if inside:
        return counted_inside(deployed, draft.bound, share)
    if not draft.about[0]:
        return _counted(deployed, draft.bound, draft.certifies, share)
    delta = share * deployed.competitors[deployed.chosen].weight
    inputs, measured = counted_again(deployed, draft.bound, draft.about, draft.measured)
    lam = {"lam": (2 * np.log(1 / delta) / inputs["m"]) ** 0.5} if draft.bound == "supermart_nonneg" else {}
    return {**inputs, "delta": delta, **lam}, measured


def _counted(deployed: Deployed, bound: str, certifies: str, share: float) -> _Counted:
    """The numbers of a row, and the same risk on the test part."""
    losses = _losses(deployed, certifies)
    held_out, test = (losses(part) for part in ("held_out", "test"))
    measured = (independent.error_rate if _counts(deployed, certifies) else independent.mean_loss)(test)
    n, total, weight = held_out.size, float(held_out.sum()), deployed.competitors[deployed.chosen].weight
    match bound:
        case "occam_binomial":
            return {"errors": int(total), "n": n, "weight": weight, "delta": share}, measured
        case "stratified_kl":
            return {"total": total, "delta": share * weight} | _strata(deployed), measured
        case "test_betting_losses":
            return {"losses": _blocks(held_out), "delta": share * weight}, measured
        case "test_kl":
            return {"risk": total / n, "n": n, "delta": share * weight}, measured
    return {"errors": int(total), "n": n, "delta": share * weight}, measured


def _strata(deployed: Deployed) -> dict[str, Any]:
    """From how many rows the stratified part was drawn, and at which share of each class."""
    training, held_out, test = deployed.plan.parts
    given = deployed.plan.test_rows
    return {
        "rows": len(set(deployed.groups[: len(deployed.groups) - given].tolist())),
        "share": held_out / (training + held_out if given else training + held_out + test),
        "classes": len(set(deployed.truth.tolist())),
    }


def _blocks(losses: NDArray[np.float64]) -> list[float]:
    """Means of blocks of rows whose sizes differ by at most 1, larger ones first."""
    size, longer = divmod(losses.size, min(losses.size, BLOCKS))
    starts = np.arange(min(losses.size, BLOCKS)) * size
    starts += np.minimum(np.arange(starts.size), longer)
    return (np.add.reduceat(losses, starts) / np.diff(starts, append=losses.size)).tolist()


def _counts(deployed: Deployed, certifies: str) -> bool:
    return deployed.plan.loss.of_classes and not certifies.startswith("ramp")


def _losses(deployed: Deployed, certifies: str) -> Callable[[str], NDArray[np.float64]]:
    """What a row counts, from the text that says whose risk it is."""
    if certifies.startswith(("P(margin", "ramp")):
        margins, gamma = deployed.margins, deployed.gamma
        assert margins is not None
        assert gamma is not None
        if certifies.startswith("ramp"):
            return lambda part: np.maximum(0, np.minimum(1, (gamma - margins[part]) / gamma))
        return lambda part: np.where(margins[part] > gamma, 0.0, 1.0)
    return lambda part: own_loss(deployed, deployed.predicted[part], deployed.split.part(part))
