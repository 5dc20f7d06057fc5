"""A row of the ledger before its delta is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.ledger._ledger import LedgerRow, measured_errors, measured_mean
from fathometer.numerics import round_up, wide

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
        part: of the delta of the rows of one name, for this row; None for equal parts.
        unit: what one is, in units that the user gave, and their name; None where a share needs none.
        about: what is counted, by name, and for which class or group; empty for the rows that every predictor has.
    """

    bound: str
    certifies: str
    inputs: Callable[[float], Mapping[str, Any]]
    measured: Estimate
    choice: Mapping[str, float] = field(default_factory=dict)
    part: Fraction | None = None
    unit: tuple[float, str] | None = None
    about: tuple[str, int] = ("", 0)

    def at(self, share: float) -> LedgerRow:
        """The row at its share of delta."""
        inputs = dict(self.inputs(share))
        value = evaluate_bound(self.bound, **inputs)
        terms = {**value.terms, **self.in_units(value.value)}
        return LedgerRow(
            self.bound, self.certifies, value.value, value.vacuous, share, terms, inputs, self.measured, self.choice
        )

    def in_units(self, value: float | None) -> dict[str, float]:
        """The value in the units of the user, never rounded down."""
        if self.unit is None or value is None:
            return {}
        times, name = self.unit
        return {f"in {name}": float(round_up(wide(value) * times))}


Maker = Callable[[Deployed], list[Draft]]


def counted(
    bound: str,
    certifies: str,
    held_out: NDArray,
    deployed: Deployed,
    test: NDArray,
    part: Fraction | None = None,
    about: tuple[str, int] = ("", 0),
) -> Draft:
    """A row of a bound on counts; the deployed predictor was chosen on these rows, at its weight.

    Args:
        bound: with keys errors, n and delta.
        certifies: which risk.
        held_out: errors on the rows that certify.
        deployed: whose errors they are.
        test: errors on the rows that only measure.
        part: of the delta of its name.
        about: what is counted.
    """
    errors, n = int(held_out.sum()), held_out.size

    def inputs(share: float) -> Mapping[str, float]:
        return {"errors": errors, "n": n, "delta": lessened(share, deployed.weight)}

    return Draft(bound, certifies, inputs, measured(test, True), part=part, about=about)


def measured(losses: NDArray, counted: bool) -> Estimate:
    """Risk on the test part: a share of errors, or a mean of losses in [0, 1]."""
    return measured_errors(int(losses.sum()), losses.size) if counted else measured_mean(losses)
