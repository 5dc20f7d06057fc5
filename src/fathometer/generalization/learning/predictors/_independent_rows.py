"""The rows of the ledger of a predictor a second time: from the answers, by formulas of this file's own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._independent_rows import IndependentRows
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors._rows import drafts
from fathometer.generalization.learning.predictors.rows._linear_rows import LinearDraft, of_deployed
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._ledger import LedgerRow

_Counted = tuple[Mapping[str, Any], Estimate]


def independent_rows(deployed: Deployed) -> list[LedgerRow]:
    """Every row again: which there are, and their shares, are the method's; what they count and give is recomputed.

    Args:
        deployed: with the answers that are counted.
    """
    return [
        _linear(draft, share)
        if isinstance(draft, LinearDraft)
        else _row(deployed, draft.bound, draft.certifies, share, draft.choice)
        for draft, share in drafts(deployed)
    ]


def _linear(draft: LinearDraft, share: float) -> LedgerRow:
    choice = dict(draft.at(share).choice)
    return of_deployed(IndependentRows(draft.model, share).row_at(draft.bound, choice, share), draft.model)


def _row(deployed: Deployed, bound: str, certifies: str, share: float, choice: Mapping[str, float]) -> LedgerRow:
    inputs, measured = _counted(deployed, bound, certifies, share)
    value = float(independent.evaluate(bound, dict(inputs)))
    terms = evaluate_bound(bound, **inputs).terms
    return LedgerRow(bound, certifies, value, value >= 1, share, terms, inputs, measured, choice)


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
            drawn = deployed.held_out
            split = {"rows": drawn.of, "share": drawn.share, "classes": drawn.classes}
            return {"total": total, **split, "delta": share * weight}, measured
        case "test_kl":
            return {"risk": total / n, "n": n, "delta": share * weight}, measured
    return {"errors": int(total), "n": n, "delta": share * weight}, measured


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
    return lambda part: _own_loss(deployed, part)


def _own_loss(deployed: Deployed, part: str) -> NDArray[np.float64]:
    predicted, truth = deployed.predicted[part], deployed.truth[deployed.split.part(part)]
    loss = deployed.plan.loss
    if loss.of_classes:
        return np.where(predicted == truth, 0.0, 1.0)
    away = np.abs(truth - predicted)
    weighted = {"absolute": away, "squared": away * away}.get(
        loss.name, np.where(truth > predicted, loss.level, 1 - loss.level) * away
    )
    return np.minimum(weighted, loss.clip) / loss.clip
