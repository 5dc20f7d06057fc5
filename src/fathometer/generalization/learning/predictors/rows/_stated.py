"""Rows that only the predictor itself can tell, where a recheck knows no more of it than its answers."""

from collections.abc import Callable

from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors.rows._draft import Draft
from fathometer.generalization.ledger._ledger import LedgerRow


def stated(deployed: Deployed, bounds: tuple[str, ...], text: str) -> list[Draft]:
    """The rows of these bounds, and those whose text has a word, as a certificate states them.

    Args:
        deployed: whose object is unknown.
        bounds: ids in the catalogue.
        text: what `certifies` begins with in other rows of the same kind.
    """
    return [
        _draft(row, deployed) for row in deployed.stated_rows if row.bound in bounds or row.certifies.startswith(text)
    ]


def _draft(row: LedgerRow, deployed: Deployed) -> Draft:
    price = _price(row, deployed)
    return Draft(
        row.bound, row.certifies, lambda share: dict(row.inputs) | {"delta": price(share)}, row.measured, row.choice
    )


def _price(row: LedgerRow, deployed: Deployed) -> Callable[[float], float]:
    """What the row may spend of its share: as a choice among candidates on the held-out rows, or by the candidates."""
    weight = deployed.weight if row.bound == "test_binomial" else 1 / len(deployed.competitors)
    return lambda share: lessened(share, weight)
