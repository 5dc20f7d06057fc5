"""Theorems about linear classifiers as rows: what they say about the deployed one, next to its held-out certificate."""

from dataclasses import dataclass, replace
from fractions import Fraction

from fathometer.generalization.learning.linear import linear_rows
from fathometer.generalization.learning.linear._training import TrainedLinear
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED
from fathometer.generalization.ledger._ledger import LedgerRow

LINEAR_BOUNDS = (
    "output_conversion",
    "maurer_seeger",
    "smooth_gauss",
    "smooth_mean",
    "w1_route_a",
    "risk_transport",
    "w1_glm_local",
    "rademacher_linear",
    "covering",
    "chain_gauss",
)
"""In equal shares. Each holds for every linear classifier at once: the deployed one may have seen the rows."""


@dataclass(frozen=True)
class LinearDraft:
    """A row about a linear classifier before its delta is known.

    Attributes:
        bound: id in the catalogue.
        model: the deployed classifier.
        part: of the delta of these rows; None for equal parts.
    """

    bound: str
    model: TrainedLinear
    part: Fraction | None = None

    def at(self, share: float) -> LedgerRow:
        """The row at its share of delta."""
        (row,) = linear_rows(self.model, {self.bound: share})
        return of_deployed(row, self.model)


def of_deployed(row: LedgerRow, model: TrainedLinear) -> LedgerRow:
    """A row of the linear ledger, in the words of the ledger of a predictor.

    Args:
        row: of the linear ledger.
        model: whose row it is.
    """
    if row.certifies.startswith("ramp"):
        return replace(row, certifies=f"ramp risk at normalised margin {model.gamma:.6g} {DEPLOYED}")
    certifies = row.certifies.replace("of the model", DEPLOYED).replace("N(model,", "N(weights,")
    return replace(row, certifies=certifies)


def linear_drafts(deployed: Deployed) -> list[LinearDraft]:
    """What the theorems say, from the half of the training part that the prior has not seen."""
    model = deployed.linear
    return [] if model is None else [LinearDraft(bound, model) for bound in LINEAR_BOUNDS]
