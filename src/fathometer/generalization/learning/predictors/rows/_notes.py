"""What a ledger says about rows that it does not have."""

from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.rows._classes import absent_classes
from fathometer.generalization.learning.predictors.rows._groups import absent_groups


def row_notes(deployed: Deployed) -> tuple[str, ...]:
    """Classes and groups without a row of the ledger although one was asked for, and what the others rest on.

    Args:
        deployed: with its answers.
    """
    asked, notes = deployed.plan.rows, []
    for name in ("recall", "precision"):
        if name in asked and (absent := absent_classes(deployed, name)):
            notes.append(f"no {name} of class {', '.join(map(repr, absent))}: no row to certify or to measure it")
    if "groups" in asked and deployed.sensitive is not None and (absent := absent_groups(deployed)):
        notes.append(f"no risk of group {', '.join(map(repr, absent))}: no row to certify or to measure it")
    if not deployed.plan.loss.of_classes:
        notes.append("losses are bet on in the order of the held-out rows, which the seed shuffled")
    return tuple(notes)
