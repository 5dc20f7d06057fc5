"""Observables: pure functions of a state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from fathometer.evidence.runs._problem import Problem
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._record import Record


@dataclass(frozen=True, eq=False)
class Observable(Record):
    """A quantity that any trajectory of a kind of problem has.

    Attributes:
        name: short and unique inside its theory.
        unit: "1" for a pure number.
        description: one line, with the formula.
        measure: from the problem and its states (arrays by name, any number of states in front) to an estimate with
            one entry for each state.
    """

    name: str
    unit: str
    description: str
    measure: Callable[[Problem, Mapping[str, NDArray]], Estimate]
