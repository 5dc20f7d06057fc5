"""A row of the ledger before its delta is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.ledger._ledger import LedgerRow, measured_errors, measured_mean

DEPLOYED = "of the deployed predictor"


@dataclass(frozen=True)
class Draft:
    """A row before its delta is known.

    Attributes:
        bound: id in the catalogue.
        certifies: which predictor and which risk; about another than the deployed one, its first word says so.
        inputs: from the delta that the row may spend to the numbers of the bound, its own delta among them.
        measured: the same risk of the same object on the test part.
        choice: what was chosen by looking at the certificate part.
    """

    bound: str
    certifies: str
    inputs: Callable[[float], Mapping[str, Any]]
    measured: Estimate
    choice: Mapping[str, float] = field(default_factory=dict)

    def at(self, share: float) -> LedgerRow:
        """The row at its share of delta."""
        inputs = dict(self.inputs(share))
        value = evaluate_bound(self.bound, **inputs)
        return LedgerRow(
            self.bound,
            self.certifies,
            value.value,
            value.vacuous,
            share,
            value.terms,
            inputs,
            self.measured,
            self.choice,
        )


Maker = Callable[[Deployed], list[Draft]]


def measured(losses: NDArray, counted: bool) -> Estimate:
    """Risk on the test part: a share of errors, or a mean of losses in [0, 1]."""
    return measured_errors(int(losses.sum()), losses.size) if counted else measured_mean(losses)
